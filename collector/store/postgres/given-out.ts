/**
 * The greatest row numbers that a projector has given out. They lie beside its watermark, where they cost nothing: the rows
 * themselves may be gone, and whoever was given such a number again would be counted as the one who had it before.
 */
import { GIVEN_OUT } from '../copy.ts'
import type { Changes, StateStore } from '../store.ts'
import { NUMBERS, partOf } from '../visitor-set.ts'

type Last = Awaited<ReturnType<StateStore['lastNumbers']>>

/** What is numbered, by its table. */
const NUMBERED = {
  site: 'sites',
  visitor: 'visitors',
  contact: 'contacts',
  transition: 'transitions',
} as const satisfies Record<keyof Last, string>
const WHAT = Object.keys(NUMBERED) as (keyof Last)[]

/** Columns of `watermarks`, in the order in which `givenOut` gives their values. */
export const LAST_COLUMNS = WHAT.map((what) => `last_${what}`)

/** Greatest numbers of a batch that are this partition's own; null of what it makes none of. */
export function givenOut(
  { sites, visitors, contacts, transitions }: Changes,
  partition: number,
): (number | null)[] {
  const greatest = (rows: readonly { no: number }[]) =>
    rows.reduce<number | null>(
      (most, { no }) => (partOf(no) === partition && no > (most ?? -1) ? no : most),
      null,
    )
  return [sites, visitors, contacts, transitions].map(greatest)
}

/** Asks with the range of a partition as `$1` and `$2`, itself as `$3`, and the name of its setting as `$4`. */
export const LAST_NUMBERS = `SELECT ${WHAT.map(
  (what) => `greatest($1::bigint,
    (SELECT max(no) FROM ${NUMBERED[what]} WHERE no >= $1 AND no < $2),
    (SELECT last_${what} FROM watermarks WHERE part = $3),
    (SELECT (value::json ->> '${what}')::bigint FROM settings WHERE name = $4)) AS ${what}`,
)}`

/** Name of the setting by which another partition's numbers come along where a state is copied. */
export const givenOutBy = (partition: number | string): string => `${GIVEN_OUT}:${partition}`

/**
 * The settings that a copy needs: what every partition has given out, and, for an engine with one projector, the greatest
 * of all. (Transitions of several are numbered anew on the way, by how many they are.)
 */
export const GIVEN_OUT_SETTINGS = `
  SELECT '${givenOutBy('')}' || part AS name, json_build_object(${WHAT.map((what) => `'${what}', coalesce(last_${what}, 0)`)})::text AS value
  FROM watermarks
  UNION ALL
  SELECT '${GIVEN_OUT}', json_build_object('site', max(site), 'visitor', max(visitor), 'contact', max(contact),
    'transition', coalesce(max(transition) FILTER (WHERE transition < ${NUMBERS}), 0))::text
  FROM (
    SELECT ${WHAT.map((what) => `coalesce(last_${what}, 0) AS ${what}`)} FROM watermarks
    UNION ALL
    SELECT ${WHAT.map((what) => `(value::json ->> '${what}')::bigint`)} FROM settings WHERE ${isGivenOut('name')}
  ) AS every HAVING count(*) > 0`

/** Whether a setting says what was given out. */
export function isGivenOut(name: string): string {
  return `(${name} = '${GIVEN_OUT}' OR ${name} LIKE '${givenOutBy('')}%')`
}

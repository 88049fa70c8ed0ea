/**
 * The greatest row numbers that a projector has given out. They lie beside its watermark, where they cost nothing: the rows
 * themselves may be gone, and whoever was given such a number again would be counted as the one who had it before.
 */
import { GIVEN_OUT } from '../copy.ts'
import type { Changes, StateStore } from '../store.ts'
import { NUMBERS, partOf } from '../visitor-set.ts'

type Last = Omit<Awaited<ReturnType<StateStore['lastNumbers']>>, 'visitors'>

const WHAT = ['site', 'visitor', 'contact', 'transition'] as const satisfies (keyof Last)[]

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

/** Asks with a partition's own multiple as `$1`, itself as `$2`, and the name of its setting as `$3`. */
export const LAST_NUMBERS = `SELECT ${WHAT.map(
  (what) => `greatest($1::bigint,
    (SELECT last_${what} FROM watermarks WHERE part = $2),
    (SELECT (value::json ->> '${what}')::bigint FROM settings WHERE name = $3)) AS ${what}`,
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

/** After a copy, of which the first projector has written all: the others' numbers are those of the rows. */
export const COPIED_NUMBERS = `
  UPDATE watermarks SET last_visitor = greatest(last_visitor, copied.visitor), last_contact = greatest(last_contact, copied.contact),
    last_transition = greatest(last_transition, copied.transition)
  FROM (
    SELECT part, max(visitor) AS visitor, max(contact) AS contact, max(transition) AS transition FROM (
      SELECT no / ${NUMBERS} AS part, no AS visitor, NULL::bigint AS contact, NULL::bigint AS transition FROM visitors
      UNION ALL SELECT no / ${NUMBERS}, NULL, no, NULL FROM contacts
      UNION ALL SELECT no / ${NUMBERS}, NULL, NULL, no FROM transitions
    ) AS numbered GROUP BY part
  ) AS copied WHERE watermarks.part = copied.part`

/** Whether a setting says what was given out. */
export function isGivenOut(name: string): string {
  return `(${name} = '${GIVEN_OUT}' OR ${name} LIKE '${givenOutBy('')}%')`
}

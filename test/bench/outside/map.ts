/** What the columns of an outside file mean: read from the map, checked against the file's own columns. */
import * as v from 'valibot'
import { VISIT_GAP_MS } from '../../../collector/lead/sessionise.ts'

const column = v.pipe(v.string(), v.minLength(1))
const values = v.union([v.string(), v.array(v.string())])

/** When it holds, and what then happened. `times` counts it as often as the column says. */
const happening = v.strictObject({
  when: v.optional(v.record(v.string(), values), {}),
  times: v.optional(column),
  /** A signal that a server sends. */
  signal: v.optional(v.string()),
  /** A view of a page with this path. */
  page: v.optional(v.string()),
  download: v.optional(v.string()),
  cart: v.optional(v.string()),
})

const shared = {
  about: v.optional(v.string()),
  /** `space`: any run of blanks. */
  delimiter: v.optional(v.string(), ','),
  /** Other rules to try beside the preset, by name. */
  rules: v.optional(v.record(v.string(), v.record(v.string(), v.unknown())), {}),
}

/** A row is a person as it stood at the hand-over. */
const snapshot = v.strictObject({
  kind: v.literal('snapshot'),
  ...shared,
  id: v.optional(column),
  won: v.strictObject({ column, is: values }),
  visits: column,
  /** Leaves out who never visited: rules about visits say nothing of them. */
  onlyVisitors: v.optional(v.boolean(), false),
  time: v.strictObject({ column, unit: v.picklist(['seconds', 'minutes']) }),
  viewsPerVisit: v.optional(column),
  happenings: v.optional(v.array(happening), []),
  traits: v.optional(v.record(v.string(), column), {}),
  /** Columns that were filled in after the hand-over: nothing may be made of them. */
  after: v.optional(v.array(column), []),
})

/** A row is one thing that somebody did. */
const log = v.strictObject({
  kind: v.literal('events'),
  ...shared,
  id: column,
  /** A second file that says which person an id is. */
  people: v.optional(v.strictObject({ file: v.string(), id: column, person: column })),
  at: v.strictObject({ column, format: v.picklist(['iso', 'yyyymmdd']) }),
  happenings: v.array(happening),
  /** What lies between two of a person's rows, up to so many minutes, was spent on the page that was open. Without it no time is known. */
  timeBetween: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(VISIT_GAP_MS / 60_000))),
  /** The day on which people are scored; whoever does anything behind it came back. Without it nobody is scored. */
  cut: v.optional(v.pipe(v.string(), v.isoDate())),
  /** Counts stage changes with the preset's hysteresis and with one threshold. */
  hysteresis: v.optional(v.boolean(), false),
})

const Map_ = v.variant('kind', [snapshot, log])
export type OutsideMap = v.InferOutput<typeof Map_>
export type SnapshotMap = v.InferOutput<typeof snapshot>
export type LogMap = v.InferOutput<typeof log>
export type Happening = v.InferOutput<typeof happening>

/** Reads a map for a file with these columns. Throws a sentence that names what is wrong. */
export function readMap(posted: unknown, columns: readonly string[]): OutsideMap {
  const parsed = v.safeParse(Map_, posted)
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw new Error(`the map: ${v.getDotPath(issue) ?? 'kind'}: ${issue.message}`)
  }
  const map = parsed.output
  const after = new Set(map.kind === 'snapshot' ? map.after : [])
  const missing = named(map).filter(([, name]) => !columns.includes(name))
  if (missing.length > 0) {
    const said = missing.map(([where, name]) => `${where}: the file has no column "${name}"`)
    throw new Error(`the map: ${said.join('; ')}; it has ${columns.join(', ')}`)
  }
  for (const [where, name] of named(map)) {
    if (after.has(name))
      throw new Error(
        `the map: ${where}: "${name}" was filled in after the hand-over, so it may follow from the outcome; leave it out`,
      )
  }
  return map
}

/** Each column that a map names, with where it names it. */
function named(map: OutsideMap): [where: string, column: string][] {
  const found: [string, string][] = map.happenings.flatMap(({ when, times }, i) => [
    ...Object.keys(when).map((name): [string, string] => [`happenings[${i}].when`, name]),
    ...(times === undefined ? [] : [[`happenings[${i}].times`, times] as [string, string]]),
  ])
  if (map.kind === 'events') return [['id', map.id], ['at.column', map.at.column], ...found]
  const { id, won, visits, time, viewsPerVisit, traits } = map
  return [
    ...(id === undefined ? [] : [['id', id] as [string, string]]),
    ['won.column', won.column],
    ['visits', visits],
    ['time.column', time.column],
    ...(viewsPerVisit === undefined ? [] : [['viewsPerVisit', viewsPerVisit] as [string, string]]),
    ...Object.entries(traits).map(([trait, name]): [string, string] => [`traits.${trait}`, name]),
    ...found,
  ]
}

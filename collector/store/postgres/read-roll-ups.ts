import type { RollUpReader, Span } from '../reader.ts'
import { type Dimension, NOTHING, type Totals } from '../store.ts'
import { sizeOf, VisitorUnion } from '../visitor-set.ts'
import { inWeeks, WEEKLY } from '../weeks.ts'
import type { Asker } from './asker.ts'
import type { Query } from './bridge.ts'
import { keptSets } from './kept-sets.ts'
import { KNOWN, wordsOf } from './known-visitors.ts'

const COLUMNS: Record<keyof Totals, string> = {
  visits: 'visits',
  bounces: 'bounces',
  views: 'views',
  engagedMs: 'engaged_ms',
  downloads: 'downloads',
  cartAdds: 'cart_adds',
  cartValue: 'cart_value',
}
const NAMES = Object.keys(COLUMNS) as (keyof Totals)[]
const SUMS = NAMES.map((name) => `coalesce(sum(${COLUMNS[name]}), 0) AS "${name}"`).join(', ')
type Slice = { dimension: Dimension; value: string }
const ALL: Slice = { dimension: 'all', value: '' }

/**
 * Days of a value are given one by one: each is found by its key, and nothing between them is read (with `OFFSET 0` by any
 * planner). Of all visits there is but one value.
 */
const OF_VALUE = `FROM generate_series($3::bigint, $4::bigint) AS asked (asked) CROSS JOIN LATERAL (SELECT * FROM slices
  WHERE site = $1 AND dimension = $2 AND day = asked AND value_hash = md5($5) OFFSET 0) AS of_day`
const OF_ALL =
  'FROM slices WHERE site = $1 AND dimension = $2 AND day BETWEEN $3 AND $4 AND value_hash = md5($5)'
const sumsOf = (slice: Slice): string => (slice === ALL ? OF_ALL : OF_VALUE)
const OF_SET = `FROM slice_visitors WHERE site = $1 AND dimension = $2 AND value_hash = md5($5) AND day BETWEEN $3 AND $4`

const FEW_BYTES = 16

type Top = { value: string } & Totals
type Days = ({ day: number } & Totals)[]

export function rollUpReader({ all, one, once, round }: Asker): RollUpReader {
  const args = ({ site, from, to }: Span, { dimension, value }: Slice) =>
    [site, dimension, from, to, value] as const

  const setsQuery = (span: Span, slice: Slice) =>
    [`SELECT day, visitors AS bytes ${OF_SET} ORDER BY day, part`, ...args(span, slice)] as const
  // One that everybody went out of again stays, empty. (Longer ones are not counted for that.)
  const filled = (rows: { day: number; bytes: Uint8Array }[]) =>
    rows.filter(({ bytes }) => bytes.length > FEW_BYTES || sizeOf(bytes) > 0)
  const sets = (span: Span, slice: Slice) =>
    filled(slice === ALL ? ofAll(span, rowsOf([days.heads(span)])[0]!) : all(...setsQuery(span, slice)))
  const daysQuery = (span: Span, slice: Slice) =>
    [`SELECT day, ${SUMS} ${sumsOf(slice)} GROUP BY day ORDER BY day`, ...args(span, slice)] as const

  /** What was asked of the state while it stands still: rows of queries, in one journey for all that are not known. */
  const asked = () => once('roll-ups', () => new Map<string, Record<string, unknown>[]>())
  function rowsOf(queries: readonly Query[]): Record<string, unknown>[][] {
    const known = asked()
    const names = queries.map((query) => JSON.stringify(query))
    const unknown = queries.filter((_, i) => !known.has(names[i]!))
    for (const [i, rows] of (unknown.length === 0 ? [] : round(unknown)).entries())
      known.set(JSON.stringify(unknown[i]!), rows)
    return names.map((name) => known.get(name)!)
  }
  const days = keptSets()
  const ofAll = (span: Span, heads: Record<string, unknown>[]) =>
    days.of(span.site, heads as never, (query) => rowsOf([query])[0] as never)
  const peopleQueries = (span: Span): [Query, Query] => [days.heads(span), [KNOWN, span.site]]

  return {
    sums: (span, slice = ALL) =>
      slice === ALL
        ? (rowsOf([daysQuery(span, ALL)])[0] as unknown as Days).reduce(added, { ...NOTHING })
        : { ...NOTHING, ...one<Totals>(`SELECT ${SUMS} ${OF_VALUE}`, ...args(span, slice)) },
    expect(span, lists) {
      rowsOf([
        daysQuery(span, ALL),
        ...peopleQueries(span),
        ...lists.flatMap(([dimension, sums, limit]) => topQuery(span, dimension, sums, limit) ?? []),
      ])
    },
    top(span, dimension, named, limit) {
      const query = topQuery(span, dimension, named, limit)
      return query ? (rowsOf(query)[0] as unknown as Top[]) : []
    },
    visitors(span, slice) {
      const union = new VisitorUnion()
      for (const { bytes } of sets(span, slice)) union.add(bytes)
      return union.count()
    },
    people(span) {
      const union = new VisitorUnion()
      const there = new Map<number, number>()
      const [heads, known] = rowsOf(peopleQueries(span))
      for (const { day, bytes } of filled(ofAll(span, heads!))) {
        there.set(day, (there.get(day) ?? 0) + union.take(bytes))
      }
      const everybody = union.count()
      return {
        all: everybody,
        anonymous: union.withoutWords(wordsOf(known![0]!.words as string | null)),
        days: there,
      }
    },
    days: (span, slice = ALL) =>
      (slice === ALL ? rowsOf([daysQuery(span, ALL)])[0]! : all(...daysQuery(span, slice))) as Days,
    visitorDays: (span, slice = ALL) => sets(span, slice),
    quarters(site, from, to) {
      const IN_RANGE = 'WHERE site = $1 AND quarter BETWEEN $2 AND $3'
      const [sums, there] = round([
        [
          `SELECT quarter, ${SUMS} FROM quarters ${IN_RANGE} GROUP BY quarter ORDER BY quarter`,
          site,
          from,
          to,
        ],
        [`SELECT quarter, visitors FROM quarter_visitors ${IN_RANGE} ORDER BY quarter, part`, site, from, to],
      ]) as unknown as [({ quarter: number } & Totals)[], { quarter: number; visitors: Uint8Array }[]]
      return [
        ...sums.map((row) => ({ ...row, visitors: null })),
        ...there.map((row) => ({ ...NOTHING, ...row })),
      ].sort((a, b) => a.quarter - b.quarter)
    },
    firstDay: (site) =>
      one<{ day: number | null }>(
        `SELECT min(day) AS day FROM slices WHERE site = $1 AND dimension = 'all'`,
        site,
      )?.day ?? undefined,
  }
}

function added(sum: Totals, day: Totals): Totals {
  for (const name of NAMES) sum[name] += day[name]
  return sum
}

/** None of a span without days. */
function topQuery(
  span: Span,
  dimension: Dimension,
  named: readonly (keyof Totals)[],
  limit: number,
): [Query] | undefined {
  const sums = [...new Set(named)]
  const { weeks, before, behind } = WEEKLY.has(dimension)
    ? inWeeks(span.from, span.to)
    : { weeks: undefined, before: span, behind: undefined }
  const columns = sums.map((sum) => COLUMNS[sum]).join(', ')
  const parts: string[] = []
  const values: number[] = []
  for (const [table, unit, part] of [
    ['slices', 'day', before],
    ['slices', 'day', behind],
    ['week_slices', 'week', weeks],
  ] as const) {
    if (!part || part.to < part.from) continue
    const place = 4 + values.length
    values.push(part.from, part.to)
    parts.push(
      `SELECT value, ${columns} FROM ${table}
       WHERE site = $1 AND dimension = $2 AND ${unit} BETWEEN $${place} AND $${place + 1}`,
    )
  }
  if (parts.length === 0) return undefined
  return [
    [
      `SELECT value, ${sums.map((sum) => `sums."${sum}"`).join(', ')} FROM (
         SELECT value, ${sums.map((sum) => `sum(parts.${COLUMNS[sum]}) AS "${sum}"`).join(', ')}
         FROM (${parts.join(' UNION ALL ')}) AS parts GROUP BY value) AS sums
       WHERE sums."${sums[0]}" > 0 ORDER BY sums."${sums[0]}" DESC, value COLLATE "C" LIMIT $3`,
      span.site,
      dimension,
      limit,
      ...values,
    ],
  ]
}

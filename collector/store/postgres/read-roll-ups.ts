import {
  greatest,
  join,
  keptWeeks,
  type LongSpan,
  longSpan,
  nobody,
  type People,
  type Piece,
  type SumRow,
  stampOf,
} from '../kept-weeks.ts'
import type { RollUpReader, Span, TopList } from '../reader.ts'
import { type Dimension, NOTHING, type Totals } from '../store.ts'
import { sizeOf, VisitorUnion } from '../visitor-set.ts'
import { inWeeks, type Part, WEEKLY } from '../weeks.ts'
import type { Asker } from './asker.ts'
import type { Query, Value } from './bridge.ts'
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

/** How often weeks were written. */
const WRITTEN =
  'SELECT week, sum(n) AS n FROM week_changes WHERE site = $1 AND week BETWEEN $2 AND $3 GROUP BY week'

const TABLES = { day: 'slices', week: 'week_slices' } as const
type Sum = keyof Totals

const FEW_BYTES = 16

type Days = ({ day: number } & Totals)[]

export function rollUpReader({ all, one, once, round }: Asker): RollUpReader {
  const args = ({ site, from, to }: Span, { dimension, value }: Slice) =>
    [site, dimension, from, to, value] as const

  const setsQuery = (span: Span, slice: Slice): Query => [
    `SELECT day, visitors AS bytes ${OF_SET} ORDER BY day, part`,
    ...args(span, slice),
  ]
  // One that everybody went out of again stays, empty. (Longer ones are not counted for that.)
  const filled = (rows: Record<string, unknown>[]) =>
    (rows as { day: number; bytes: Uint8Array }[]).filter(
      ({ bytes }) => bytes.length > FEW_BYTES || sizeOf(bytes) > 0,
    )
  const sets = (span: Span, slice: Slice) => filled(rowsOf([setsQuery(span, slice)])[0]!)
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
  const kept = keptWeeks()
  const knownQuery = (span: Span): Query => [KNOWN, span.site]
  const writtenQuery = ({ site, weeks }: LongSpan): Query => [WRITTEN, site, weeks.from, weeks.to]
  const writtenIn = (long: LongSpan) =>
    new Map(
      (rowsOf([writtenQuery(long)])[0] as { week: number; n: number }[]).map(({ week, n }) => [week, n]),
    )
  const pieceQuery = ({ site, days }: Piece): Query => setsQuery({ site, ...days }, ALL)
  const aroundQueries = (span: Span, { before, behind }: LongSpan): Query[] =>
    [before, behind].filter(isSome).map((part) => setsQuery({ ...span, ...part }, ALL))

  function peopleIn(queries: Query[], { union, days }: People): People {
    for (const { day, bytes } of rowsOf(queries).flatMap(filled))
      days.set(day, (days.get(day) ?? 0) + union.take(bytes))
    return { union, days }
  }

  const everybodyQueries = (span: Span, long: LongSpan | undefined): Query[] =>
    long ? [writtenQuery(long), ...aroundQueries(span, long)] : [setsQuery(span, ALL)]

  /** Asks for what is not kept of a long span, in one journey. */
  function askMissing(
    { pieces }: LongSpan,
    written: ReadonlyMap<number, number>,
    { people, lists }: { people: boolean; lists: readonly ReturnType<typeof listOf>[] },
  ): void {
    rowsOf(
      pieces.flatMap((piece) => {
        const stamp = stampOf(piece, written)
        const sets = !people || kept.has(piece, stamp, 'people') ? [] : [pieceQuery(piece)]
        const tops = lists.flatMap(({ list, whole }) =>
          whole && !kept.has(piece, stamp, { top: list }) ? [whole.query(piece)] : [],
        )
        return [...sets, ...tops]
      }),
    )
  }

  function everybody(span: Span): People {
    const long = longSpan(span)
    const there = nobody()
    if (long) {
      const written = writtenIn(long)
      askMissing(long, written, { people: true, lists: [] })
      for (const piece of long.pieces)
        join(
          there,
          kept.people(piece, stampOf(piece, written), () => peopleIn([pieceQuery(piece)], nobody())),
        )
    }
    return peopleIn(long ? aroundQueries(span, long) : [setsQuery(span, ALL)], there)
  }

  /** Of a dimension's list: what is kept, and what has to be asked each time. */
  function listOf(
    span: Span,
    [dimension, named, limit]: TopList,
  ): {
    list: string
    sums: Sum[]
    whole?: { long: LongSpan; query: (piece: Piece) => Query }
    rest: Query | undefined
  } {
    const sums = [...new Set(named)]
    const long = WEEKLY.has(dimension) ? longSpan(span) : undefined
    const list = `${dimension} ${sums.join(' ')}`
    const { weeks, before, behind } = WEEKLY.has(dimension)
      ? inWeeks(span.from, span.to)
      : { weeks: undefined, before: span, behind: undefined }
    const days = [before, behind].flatMap((part) => (part ? [{ ...part, unit: 'day' as const }] : []))
    const week = weeks ? [{ ...weeks, unit: 'week' as const }] : []
    if (!long) return { list, sums, rest: topQuery(span, dimension, sums, [...days, ...week], limit) }
    const query = ({ weeks }: Piece) => topQuery(span, dimension, sums, [{ ...weeks, unit: 'week' }])!
    return { list, sums, whole: { long, query }, rest: topQuery(span, dimension, sums, days) }
  }

  return {
    sums: (span, slice = ALL) =>
      slice === ALL
        ? (rowsOf([daysQuery(span, ALL)])[0] as unknown as Days).reduce(added, { ...NOTHING })
        : { ...NOTHING, ...one<Totals>(`SELECT ${SUMS} ${OF_VALUE}`, ...args(span, slice)) },
    expect(span, lists) {
      const long = longSpan(span)
      const all = lists.map((list) => listOf(span, list))
      rowsOf([
        daysQuery(span, ALL),
        knownQuery(span),
        ...everybodyQueries(span, long),
        ...all.flatMap(({ rest }) => (rest ? [rest] : [])),
      ])
      if (long) askMissing(long, writtenIn(long), { people: true, lists: all })
    },
    top(span, ...asked) {
      const listed = listOf(span, asked)
      const { list, sums, whole, rest } = listed
      const some = rest ? sumRows(rowsOf([rest])[0]!, sums) : []
      if (!whole) return topValues(some, sums)
      const { long, query } = whole
      const written = writtenIn(long)
      askMissing(long, written, { people: false, lists: [listed] })
      const pieces = long.pieces.map((piece) =>
        kept.top(piece, stampOf(piece, written), list, () => sumRows(rowsOf([query(piece)])[0]!, sums)),
      )
      return topValues(greatest([...pieces, some], asked[2]), sums)
    },
    visitors(span, slice) {
      if (!slice) return everybody(span).union.count()
      const union = new VisitorUnion()
      for (const { bytes } of sets(span, slice)) union.add(bytes)
      return union.count()
    },
    people(span) {
      // In one journey.
      rowsOf([knownQuery(span), ...everybodyQueries(span, longSpan(span))])
      const { union, days } = everybody(span)
      const all = union.count()
      const [known] = rowsOf([knownQuery(span)])
      return { all, anonymous: union.withoutWords(wordsOf(known![0]!.words as string | null)), days }
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

const isSome = ({ from, to }: Part): boolean => to >= from

const sumRows = (rows: Record<string, unknown>[], sums: Sum[]): SumRow[] =>
  rows.map((row) => [row.value as string, ...sums.map((sum) => row[sum] as number)])

const topValues = (rows: readonly SumRow[], sums: Sum[]) =>
  rows.map(
    ([value, ...row]) => ({ value, ...Object.fromEntries(sums.map((sum, i) => [sum, row[i]!])) }) as never,
  )

/** All values with their sums over parts, or, up to a limit, the greatest first; none of parts without a day. */
function topQuery(
  { site }: Span,
  dimension: Dimension,
  sums: Sum[],
  parts: (Part & { unit: keyof typeof TABLES })[],
  limit?: number,
): Query | undefined {
  const columns = sums.map((sum) => COLUMNS[sum]).join(', ')
  const values: Value[] = [site, dimension]
  const bind = (value: Value): string => `$${values.push(value)}`
  const selects = parts.filter(isSome).map(
    ({ unit, from, to }) =>
      `SELECT value, ${columns} FROM ${TABLES[unit]}
         WHERE site = $1 AND dimension = $2 AND ${unit} BETWEEN ${bind(from)} AND ${bind(to)}`,
  )
  if (selects.length === 0) return undefined
  const limited = () =>
    `WHERE sums."${sums[0]}" > 0 ORDER BY sums."${sums[0]}" DESC, value COLLATE "C" LIMIT ${bind(limit!)}`
  return [
    `SELECT value, ${sums.map((sum) => `sums."${sum}"`).join(', ')} FROM (
       SELECT value, ${sums.map((sum) => `sum(parts.${COLUMNS[sum]}) AS "${sum}"`).join(', ')}
       FROM (${selects.join(' UNION ALL ')}) AS parts GROUP BY value) AS sums ${limit === undefined ? '' : limited()}`,
    ...values,
  ]
}

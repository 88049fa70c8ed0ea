import type { RollUpReader, Span } from '../reader.ts'
import { type Dimension, NOTHING, type Totals } from '../store.ts'
import { sizeOf, VisitorUnion } from '../visitor-set.ts'
import { inWeeks, WEEKLY } from '../weeks.ts'
import type { Asker } from './asker.ts'

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
const ALL = { dimension: 'all', value: '' } as const

/** Days are given one by one: of each the value is found by its key, and nothing between them is read. */
const OF_VALUE = `FROM generate_series($3::bigint, $4::bigint) AS d (day) JOIN slices USING (day)
  WHERE site = $1 AND dimension = $2 AND value_hash = md5($5)`
const OF_SET = `FROM slice_visitors WHERE site = $1 AND dimension = $2 AND value_hash = md5($5) AND day BETWEEN $3 AND $4`

/** Who belongs to a contact now. */
const KNOWN = 'SELECT no FROM visitors WHERE site = $1 AND contact IS NOT NULL'

type Slice = { dimension: Dimension; value: string }

export function rollUpReader({ all, one, round }: Asker): RollUpReader {
  const args = ({ site, from, to }: Span, { dimension, value }: Slice) =>
    [site, dimension, from, to, value] as const

  const setsQuery = (span: Span, slice: Slice) =>
    [`SELECT day, visitors AS bytes ${OF_SET} ORDER BY day, part`, ...args(span, slice)] as const
  // One that everybody went out of again stays, empty.
  const filled = (rows: { day: number; bytes: Uint8Array }[]) => rows.filter(({ bytes }) => sizeOf(bytes) > 0)
  const sets = (span: Span, slice: Slice) => filled(all(...setsQuery(span, slice)))

  return {
    sums: (span, slice = ALL) => ({
      ...NOTHING,
      ...one<Totals>(`SELECT ${SUMS} ${OF_VALUE}`, ...args(span, slice)),
    }),
    top(span, dimension, named, limit) {
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
      if (parts.length === 0) return []
      return all(
        `SELECT value, ${sums.map((sum) => `sums."${sum}"`).join(', ')} FROM (
           SELECT value, ${sums.map((sum) => `sum(parts.${COLUMNS[sum]}) AS "${sum}"`).join(', ')}
           FROM (${parts.join(' UNION ALL ')}) AS parts GROUP BY value) AS sums
         WHERE sums."${sums[0]}" > 0 ORDER BY sums."${sums[0]}" DESC, value COLLATE "C" LIMIT $3`,
        span.site,
        dimension,
        limit,
        ...values,
      )
    },
    visitors(span, slice) {
      const union = new VisitorUnion()
      for (const { bytes } of sets(span, slice)) union.add(bytes)
      return union.count()
    },
    people(span) {
      const union = new VisitorUnion()
      const days = new Map<number, number>()
      const [there, known] = round([setsQuery(span, ALL), [KNOWN, span.site]])
      for (const { day, bytes } of filled(there as never)) {
        days.set(day, (days.get(day) ?? 0) + union.take(bytes))
      }
      const everybody = union.count()
      return { all: everybody, anonymous: union.without(known!.map(({ no }) => no as number)), days }
    },
    days: (span, slice = ALL) =>
      all<{ day: number } & Totals>(
        `SELECT day, ${SUMS} ${OF_VALUE} GROUP BY day ORDER BY day`,
        ...args(span, slice),
      ),
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

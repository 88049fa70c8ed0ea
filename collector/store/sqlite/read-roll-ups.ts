import type { Database, Statement } from 'better-sqlite3'
import {
  greatest,
  join,
  keptWeeks,
  type LongSpan,
  longSpan,
  nobody,
  type People,
  type SumRow,
  stampOf,
} from '../kept-weeks.ts'
import type { RollUpReader, Span } from '../reader.ts'
import { DIMENSIONS, type Dimension, NOTHING, type Totals } from '../store.ts'
import { VisitorUnion } from '../visitor-set.ts'
import { inWeeks, type Part, WEEKLY } from '../weeks.ts'
import { knownVisitors } from './known-visitors.ts'
import type { Texts } from './texts.ts'

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
const EACH = NAMES.map((name) => `${COLUMNS[name]} AS ${name}`).join(', ')
const TABLES = { day: 'slices', week: 'week_slices' } as const
type Unit = keyof typeof TABLES
const ALL = { dimension: 'all', value: '' } as const

export function rollUpReader(db: Database, texts: Texts): RollUpReader {
  const KEY = 'site = ? AND dimension = ? AND day = ? AND value = ?'
  const RANGE = 'site = ? AND dimension = ? AND day BETWEEN ? AND ?'
  const one = db.prepare(`SELECT ${EACH} FROM slices WHERE ${KEY}`)
  const visitorsOf = db.prepare(`SELECT visitors FROM slice_visitors WHERE ${KEY}`).pluck()
  const tops = new Map<string, Statement>()
  const each = db.prepare(`SELECT day, ${EACH} FROM slices WHERE ${RANGE} ORDER BY day`)
  const quarters = db.prepare(
    `SELECT quarter, visitors, ${EACH} FROM quarters WHERE site = ? AND quarter BETWEEN ? AND ? ORDER BY quarter`,
  )
  const firstDay = db
    .prepare('SELECT day FROM slices WHERE site = ? AND dimension = ? ORDER BY day LIMIT 1')
    .pluck()
  const changes = db.prepare('SELECT week, n FROM week_changes WHERE site = ? AND week BETWEEN ? AND ?').raw()
  const known = knownVisitors(db)
  const kept = keptWeeks()

  /** Keys of a value's rows, a day each; none of a value that nobody used. */
  function keysOf({ site, from, to }: Span, { dimension, value }: { dimension: Dimension; value: string }) {
    const no = texts.find(value)
    const place = DIMENSIONS.indexOf(dimension)
    return no === undefined
      ? []
      : Array.from({ length: to - from + 1 }, (_, i) => [site, place, from + i, no] as const)
  }

  function* setsOf(span: Span, slice: { dimension: Dimension; value: string }) {
    for (const key of keysOf(span, slice)) {
      const bytes = visitorsOf.get(...key) as Buffer | undefined
      if (bytes) yield { day: key[2], bytes }
    }
  }

  /** Values with their sums over parts of days, or of weeks, told once each; at most `limit` of them, the greatest first, where there is one. */
  function topOf(sums: readonly (keyof Totals)[], units: readonly Unit[], isLimited: boolean): Statement {
    const name = `${sums.join(' ')} ${units.join(' ')} ${isLimited}`
    let statement = tops.get(name)
    if (!statement) {
      const columns = sums.map((sum) => COLUMNS[sum]).join(', ')
      const parts = units.map(
        (unit) =>
          `SELECT value, ${columns} FROM ${TABLES[unit]} WHERE site = ? AND dimension = ? AND ${unit} BETWEEN ? AND ?`,
      )
      const limited = `WHERE ${sums[0]} > 0 ORDER BY ${sums[0]} DESC, texts.text LIMIT ?`
      statement = db.prepare(
        `SELECT texts.text AS value, ${sums.map((sum) => `sums.${sum}`).join(', ')} FROM
           (SELECT value, ${sums.map((sum) => `sum(${COLUMNS[sum]}) AS ${sum}`).join(', ')}
            FROM (${parts.join(' UNION ALL ')}) GROUP BY value) AS sums
         JOIN texts ON texts.no = sums.value ${isLimited ? limited : ''}`,
      )
      tops.set(name, statement.raw())
    }
    return statement
  }

  function rowsOf(
    { site }: Pick<Span, 'site'>,
    dimension: Dimension,
    sums: readonly (keyof Totals)[],
    parts: readonly (Part & { unit: Unit })[],
    limit?: number,
  ): SumRow[] {
    const place = DIMENSIONS.indexOf(dimension)
    const ranges = parts.flatMap(({ from, to }) => [site, place, from, to])
    const statement = topOf(
      sums,
      parts.map(({ unit }) => unit),
      limit !== undefined,
    )
    return statement.all(...ranges, ...(limit === undefined ? [] : [limit])) as SumRow[]
  }

  function topRows(
    span: Span,
    dimension: Dimension,
    sums: readonly (keyof Totals)[],
    limit: number,
  ): SumRow[] {
    const day = <P extends Part>(part: P) => ({ ...part, unit: 'day' as const })
    if (!WEEKLY.has(dimension)) return rowsOf(span, dimension, sums, [day(span)], limit)
    const long = longSpan(span)
    const { weeks, before, behind } = long ?? inWeeks(span.from, span.to)
    const week = { ...weeks, unit: 'week' as const }
    const around = [day(before), day(behind)]
    if (!long) return rowsOf(span, dimension, sums, [...around, week], limit)
    const list = `${dimension} ${sums.join(' ')}`
    const written = writtenIn(long)
    const pieces = long.pieces.map((piece) =>
      kept.top(piece, stampOf(piece, written), list, () =>
        rowsOf(span, dimension, sums, [{ ...piece.weeks, unit: 'week' }]),
      ),
    )
    return greatest([...pieces, rowsOf(span, dimension, sums, around)], limit)
  }

  /** How often each of these weeks was written. */
  const writtenIn = ({ site, weeks }: LongSpan) =>
    new Map(changes.all(site, weeks.from, weeks.to) as [week: number, n: number][])

  function peopleOf(span: Span, { union, days }: People): People {
    for (const { day, bytes } of setsOf(span, ALL)) days.set(day, union.take(bytes))
    return { union, days }
  }

  function everybody(span: Span): People {
    const long = longSpan(span)
    const there = nobody()
    if (long) {
      const written = writtenIn(long)
      for (const piece of long.pieces) {
        const some = kept.people(piece, stampOf(piece, written), () =>
          peopleOf({ ...span, ...piece.days }, nobody()),
        )
        join(there, some)
      }
    }
    for (const part of long ? [long.before, long.behind] : [span]) peopleOf({ ...span, ...part }, there)
    return there
  }

  return {
    sums(span, slice = ALL) {
      const sum = { ...NOTHING }
      for (const key of keysOf(span, slice)) {
        const row = one.get(...key) as Totals | undefined
        if (row) for (const name of NAMES) sum[name] += row[name]
      }
      return sum
    },
    top: (span, dimension, sums, limit) =>
      topRows(span, dimension, sums, limit).map(
        ([value, ...row]) =>
          ({ value, ...Object.fromEntries(sums.map((sum, i) => [sum, row[i]!])) }) as never,
      ),
    visitors(span, slice) {
      if (!slice) return everybody(span).union.count()
      const union = new VisitorUnion()
      for (const { bytes } of setsOf(span, slice)) union.add(bytes)
      return union.count()
    },
    people(span) {
      const { union, days } = everybody(span)
      const all = union.count()
      return { all, anonymous: union.withoutWords(known(span.site)), days }
    },
    days(span, slice) {
      const { site, from, to } = span
      if (!slice) return each.all(site, DIMENSIONS.indexOf('all'), from, to) as ({ day: number } & Totals)[]
      return keysOf(span, slice).flatMap((key) => {
        const row = one.get(...key) as Totals | undefined
        return row ? [{ day: key[2], ...row }] : []
      })
    },
    visitorDays: (span, slice = ALL) => setsOf(span, slice),
    quarters: (site, from, to) => quarters.all(site, from, to) as never,
    firstDay: (site) => firstDay.get(site, DIMENSIONS.indexOf('all')) as number | undefined,
  }
}

import type { Database, Statement } from 'better-sqlite3'
import type { RollUpReader, Span } from '../reader.ts'
import { DIMENSIONS, type Dimension, NOTHING, type Totals } from '../store.ts'
import { VisitorUnion } from '../visitor-set.ts'
import { inWeeks, WEEKLY } from '../weeks.ts'
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
  const known = knownVisitors(db)

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

  function topOf(sums: readonly (keyof Totals)[], weekly: boolean): Statement {
    const name = `${sums.join(' ')} ${weekly}`
    let statement = tops.get(name)
    if (!statement) {
      const columns = sums.map((sum) => COLUMNS[sum]).join(', ')
      const part = (table: string, unit: string) =>
        `SELECT value, ${columns} FROM ${table} WHERE site = ? AND dimension = ? AND ${unit} BETWEEN ? AND ?`
      const days = part('slices', 'day')
      const parts = weekly ? [days, days, part('week_slices', 'week')] : [days]
      statement = db.prepare(
        `SELECT texts.text AS value, ${sums.map((sum) => `sums.${sum}`).join(', ')} FROM
           (SELECT value, ${sums.map((sum) => `sum(${COLUMNS[sum]}) AS ${sum}`).join(', ')}
            FROM (${parts.join(' UNION ALL ')}) GROUP BY value) AS sums
         JOIN texts ON texts.no = sums.value WHERE ${sums[0]} > 0 ORDER BY ${sums[0]} DESC, texts.text LIMIT ?`,
      )
      tops.set(name, statement)
    }
    return statement
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
    top(span, dimension, sums, limit) {
      const { weeks, before, behind } = WEEKLY.has(dimension)
        ? inWeeks(span.from, span.to)
        : { weeks: undefined, before: span, behind: undefined }
      const place = [span.site, DIMENSIONS.indexOf(dimension)]
      const ranges = [before, behind, weeks].flatMap((part) => (part ? [...place, part.from, part.to] : []))
      return topOf(sums, weeks !== undefined).all(...ranges, limit) as never
    },
    visitors(span, slice) {
      const union = new VisitorUnion()
      for (const { bytes } of setsOf(span, slice)) union.add(bytes)
      return union.count()
    },
    people(span) {
      const union = new VisitorUnion()
      const days = new Map<number, number>()
      for (const { day, bytes } of setsOf(span, ALL)) {
        days.set(day, union.take(bytes))
      }
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

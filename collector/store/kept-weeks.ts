/**
 * Whole weeks of a site as they were last summed: a year has fifty of them, of which those that are over hardly change. What is
 * kept of a span of weeks holds until one of them is written.
 */
import type { Span } from './reader.ts'
import type { VisitorUnion } from './visitor-set.ts'
import { daysOf, inWeeks, type Part } from './weeks.ts'

/** Bytes that a reader keeps, about: a year of a site with 500 pages and 200,000 visitors takes some 300,000. */
const MOST_BYTES = 16 * 2 ** 20
/** Fewer are summed as soon as they are looked for. */
const FEWEST = 8
const ROW_BYTES = 120

/** A value's sums, in the order in which they were asked for. */
export type SumRow = readonly [value: string, ...sums: number[]]

/** Who was there, and how many on each day (whole days since 1970). */
export interface People {
  union: VisitorUnion
  days: Map<number, number>
}

interface Kept {
  stamp: number
  people?: People
  tops: Map<string, readonly SumRow[]>
  bytes: number
}

/** A long span as its whole weeks, the days that these are, and the days around them. */
export interface LongSpan {
  site: number
  weeks: Part
  days: Part
  before: Part
  behind: Part
}

/** Undefined of a span with few whole weeks. */
export function longSpan({ site, from, to }: Span): LongSpan | undefined {
  const { weeks, before, behind } = inWeeks(from, to)
  return weeks.to - weeks.from + 1 < FEWEST ? undefined : { site, weeks, days: daysOf(weeks), before, behind }
}

/** `stamp`s of weeks are how often any of them was written: they are to be read before what is kept by them. */
export function keptWeeks(mostBytes = MOST_BYTES) {
  const kept = new Map<string, Kept>()
  let bytes = 0

  /** What is kept of these weeks, or what is to be; the one that was asked for longest ago goes first. */
  function at({ site, weeks }: LongSpan, stamp: number): Kept {
    const name = `${site} ${weeks.from} ${weeks.to}`
    let one = kept.get(name)
    if (one) kept.delete(name)
    if (one?.stamp !== stamp) {
      bytes -= one?.bytes ?? 0
      one = { stamp, tops: new Map(), bytes: 0 }
    }
    kept.set(name, one)
    return one
  }

  function weigh(one: Kept, more: number): void {
    one.bytes += more
    bytes += more
    for (const [oldest, { bytes: its }] of kept) {
      if (bytes <= mostBytes) return
      kept.delete(oldest)
      bytes -= its
    }
  }

  return {
    /** Not to be changed: `VisitorUnion.copy` is. */
    people(span: LongSpan, stamp: number, sum: () => People): People {
      const one = at(span, stamp)
      if (!one.people) {
        const { union, days } = sum()
        one.people = { union: union.copy(), days }
        weigh(one, one.people.union.weight + ROW_BYTES * one.people.days.size)
      }
      return one.people
    },
    /** `list` names the dimension and its sums. */
    top(span: LongSpan, stamp: number, list: string, sum: () => readonly SumRow[]): readonly SumRow[] {
      const one = at(span, stamp)
      let rows = one.tops.get(list)
      if (!rows) {
        rows = sum()
        one.tops.set(list, rows)
        weigh(
          one,
          rows.reduce((sum, [value]) => sum + ROW_BYTES + value.length, 0),
        )
      }
      return rows
    },
    has: (span: LongSpan, stamp: number, list: 'people' | { top: string }): boolean => {
      const one = at(span, stamp)
      return list === 'people' ? one.people !== undefined : one.tops.has(list.top)
    },
  }
}

/** The values of several parts with the greatest first sums, those of nothing left out; of equal ones the first by their bytes. */
export function greatest(parts: readonly (readonly SumRow[])[], limit: number): SumRow[] {
  const [whole = [], ...others] = parts
  const more = new Map<string, number[]>()
  for (const [value, ...sums] of others.flat()) {
    const sum = more.get(value)
    if (sum) for (const [i, n] of sums.entries()) sum[i]! += n
    else more.set(value, sums)
  }
  const first: SumRow[] = []
  const consider = (row: SumRow) => {
    if (row[1]! <= 0 || (first.length >= limit && order(row, first.at(-1)!) > 0)) return
    let place = first.length
    while (place > 0 && order(row, first[place - 1]!) < 0) place--
    first.splice(place, 0, row)
    if (first.length > limit) first.pop()
  }
  for (const row of whole) {
    const sum = more.get(row[0])
    more.delete(row[0])
    consider(sum ? [row[0], ...sum.map((n, i) => n + (row[i + 1] as number))] : row)
  }
  for (const [value, sums] of more) consider([value, ...sums])
  return first
}

const order = (a: SumRow, b: SumRow): number =>
  b[1]! - a[1]! || Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0]))

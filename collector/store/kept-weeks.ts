/**
 * Whole weeks of a site as they were last summed: a year has fifty of them, of which those that are over hardly change. What is
 * kept of a span of weeks holds until one of them is written.
 */
import type { Span } from './reader.ts'
import { VisitorUnion } from './visitor-set.ts'
import { daysOf, inWeeks, type Part } from './weeks.ts'

/** Bytes that a reader keeps, about: a year of a site with 500 pages and 200,000 visitors takes 3 MB. */
const MOST_BYTES = 32 * 2 ** 20
/** Fewer are summed as soon as they are looked for. */
const FEWEST = 8
/** Weeks that are kept together: what is written to one of them costs the sums of so many, and a year is put together of a dozen. */
const TOGETHER = 4
const ROW_BYTES = 120

/** A value's sums, in the order in which they were asked for. */
export type SumRow = readonly [value: string, ...sums: number[]]

/** Who was there, and how many on each day (whole days since 1970). */
export interface People {
  union: VisitorUnion
  days: Map<number, number>
}

export const nobody = (): People => ({ union: new VisitorUnion(), days: new Map() })

/** Adds those of other days. */
export function join(all: People, { union, days }: People): void {
  all.union.merge(union)
  for (const [day, n] of days) all.days.set(day, n)
}

interface Kept {
  stamp: number
  people?: People
  tops: Map<string, readonly SumRow[]>
  bytes: number
}

/** Weeks that are kept together, and the days that they are. */
export interface Piece {
  site: number
  weeks: Part
  days: Part
}

/** A long span as its whole weeks, in pieces that other spans have, too; and the days around them. */
export interface LongSpan {
  site: number
  weeks: Part
  pieces: Piece[]
  before: Part
  behind: Part
}

/** Undefined of a span with few whole weeks. */
export function longSpan({ site, from, to }: Span): LongSpan | undefined {
  const { weeks, before, behind } = inWeeks(from, to)
  if (weeks.to - weeks.from + 1 < FEWEST) return undefined
  const pieces: Piece[] = []
  for (let week = weeks.from; week <= weeks.to; ) {
    const last = Math.min(weeks.to, TOGETHER * (Math.floor(week / TOGETHER) + 1) - 1)
    const part = { from: week, to: last }
    pieces.push({ site, weeks: part, days: daysOf(part) })
    week = last + 1
  }
  return { site, weeks, pieces, before, behind }
}

/** How often the weeks of a piece were written, by how often each was. */
export function stampOf({ weeks }: Piece, written: ReadonlyMap<number, number>): number {
  let stamp = 0
  for (let week = weeks.from; week <= weeks.to; week++) stamp += written.get(week) ?? 0
  return stamp
}

/** `stamp`s of weeks are how often any of them was written: they are to be read before what is kept by them. */
export function keptWeeks(mostBytes = MOST_BYTES) {
  const kept = new Map<string, Kept>()
  let bytes = 0

  /** What is kept of these weeks, or what is to be; the one that was asked for longest ago goes first. */
  function at({ site, weeks }: Piece, stamp: number): Kept {
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
    /** Not to be changed. */
    people(piece: Piece, stamp: number, sum: () => People): People {
      const one = at(piece, stamp)
      if (!one.people) {
        const { union, days } = sum()
        one.people = { union: union.copy(), days }
        weigh(one, one.people.union.weight + ROW_BYTES * one.people.days.size)
      }
      return one.people
    },
    /** `list` names the dimension and its sums. */
    top(piece: Piece, stamp: number, list: string, sum: () => readonly SumRow[]): readonly SumRow[] {
      const one = at(piece, stamp)
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
    has: (piece: Piece, stamp: number, list: 'people' | { top: string }): boolean => {
      const one = at(piece, stamp)
      return list === 'people' ? one.people !== undefined : one.tops.has(list.top)
    },
  }
}

/** The values of several parts with the greatest first sums, those of nothing left out; of equal ones the first by their bytes. */
export function greatest(parts: readonly (readonly SumRow[])[], limit: number): SumRow[] {
  const all = new Map<string, number[]>()
  for (const part of parts)
    for (const row of part) {
      const sums = all.get(row[0])
      if (sums) for (let i = 0; i < sums.length; i++) sums[i]! += row[i + 1] as number
      else all.set(row[0], row.slice(1) as number[])
    }
  const first: SumRow[] = []
  for (const [value, sums] of all) {
    const row: SumRow = [value, ...sums]
    if (sums[0]! <= 0 || (first.length >= limit && order(row, first.at(-1)!) > 0)) continue
    let place = first.length
    while (place > 0 && order(row, first[place - 1]!) < 0) place--
    first.splice(place, 0, row)
    if (first.length > limit) first.pop()
  }
  return first
}

const order = (a: SumRow, b: SumRow): number =>
  b[1]! - a[1]! || Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0]))

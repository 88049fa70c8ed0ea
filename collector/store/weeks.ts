import { DIMENSIONS, type Dimension } from './store.ts'

/** Dimensions that are summed by week, too: a year of the days of all pages is half a million rows, and of a few values still seven times those of its weeks. */
export const WEEKLY: ReadonlySet<Dimension> = new Set(DIMENSIONS.filter((dimension) => dimension !== 'all'))

/** 1 January 1970 was a Thursday: weeks begin on Monday. */
const THURSDAY = 3

/** Whole weeks since the one of 1 January 1970 of a day. */
export const weekOf = (day: number): number => Math.floor((day + THURSDAY) / 7)

const firstOf = (week: number): number => week * 7 - THURSDAY

/** Both ends included; empty where `to` is before `from`. */
export interface Part {
  from: number
  to: number
}

/** The weeks of rows of days, each once. */
export function weeksOf(rows: readonly { site: number; day: number }[]): { site: number; week: number }[] {
  const weeks = new Map<string, { site: number; week: number }>()
  let before: { site: number; day: number } | undefined
  for (const { site, day } of rows) {
    // Neighbours are nearly always of the same day.
    if (before?.site === site && before.day === day) continue
    before = { site, day }
    const week = weekOf(day)
    weeks.set(`${site} ${week}`, { site, week })
  }
  return [...weeks.values()]
}

/** The days of weeks. */
export const daysOf = ({ from, to }: Part): Part => ({ from: firstOf(from), to: firstOf(to + 1) - 1 })

/** A span of days as whole weeks and the days before and behind them. */
export function inWeeks(from: number, to: number): { weeks: Part; before: Part; behind: Part } {
  const first = weekOf(from + 6)
  const last = weekOf(to + 1) - 1
  if (last < first) return { weeks: { from: 1, to: 0 }, before: { from, to }, behind: { from: 1, to: 0 } }
  return {
    weeks: { from: first, to: last },
    before: { from, to: firstOf(first) - 1 },
    behind: { from: firstOf(last + 1), to },
  }
}

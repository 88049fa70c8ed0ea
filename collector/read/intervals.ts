/** Spans of days and what they are cut into, by the calendar of a site. */
import type { Zone } from '../zone.ts'

export const PERIODS = ['7d', '28d', '30d', '91d', 'month', '6mo', '12mo', 'all'] as const
export type Period = (typeof PERIODS)[number]
export const INTERVALS = ['hour', 'day', 'week', 'month'] as const
export type Interval = (typeof INTERVALS)[number]
export const COMPARISONS = ['previous', 'year'] as const
export type Comparison = (typeof COMPARISONS)[number]

/** Days, whole ones since 1970, both ends included. */
export interface Days {
  from: number
  to: number
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** 1 January 1970 was a Thursday: weeks begin on Monday. */
const THURSDAY = 3

/** The days of a period that ends today; of `all` those since `first`. */
export function daysOf(period: Period, today: number, first: number): Days {
  switch (period) {
    case 'month':
      return { from: monthOf(today, 0), to: today }
    case '6mo':
      return { from: monthOf(today, -5), to: today }
    case '12mo':
      return { from: monthOf(today, -11), to: today }
    case 'all':
      return { from: Math.min(first, today), to: today }
    default:
      return { from: today - Number.parseInt(period, 10) + 1, to: today }
  }
}

/** The days before these, as many; or those of the year before, of the same dates. */
export function comparedTo({ from, to }: Days, comparison: Comparison): Days {
  if (comparison === 'previous') return { from: from - (to - from + 1), to: from - 1 }
  return { from: yearBefore(from), to: yearBefore(to) }
}

/** The first day of the month of a day, or of one some months away. */
function monthOf(day: number, months: number): number {
  const date = new Date(day * DAY_MS)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) / DAY_MS
}

/** 29 February becomes the 28th. */
function yearBefore(day: number): number {
  const date = new Date(day * DAY_MS)
  const [year, month] = [date.getUTCFullYear() - 1, date.getUTCMonth()]
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(date.getUTCDate(), last)) / DAY_MS
}

/** The first day of the week or month that a day is in; the day itself of what is shorter. */
export function bucketOf(day: number, interval: Interval): number {
  if (interval === 'week') return Math.floor((day + THURSDAY) / 7) * 7 - THURSDAY
  return interval === 'month' ? monthOf(day, 0) : day
}

/** The moments, ms, at which the pieces of a span begin; the first may have begun before it. */
export function startsOf({ from, to }: Days, interval: Interval, zone: Zone): number[] {
  const starts: number[] = []
  for (let day = from; day <= to; day++) {
    const begin = zone.startOf(day)
    if (interval === 'hour') for (let at = begin; at < zone.startOf(day + 1); at += HOUR_MS) starts.push(at)
    else if (day === from || bucketOf(day, interval) === day) starts.push(begin)
  }
  return starts
}

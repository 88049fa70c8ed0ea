import { decay } from './decay.ts'
import type { CompiledRules } from './rules.ts'
import type { Lead } from './state.ts'

/** Half-lives, in days, of the two averages of visit days that the trend compares: the week against the month. */
const SHORT = 7
const LONG = 28

export type TrendSums = Lead['trend']

export const NO_VISITS: TrendSums = { firstDay: 0, lastDay: 0, visits: 0, sum7: 0, sum28: 0 }

/** Adds visits of one day, which is not before the last one. A day counts once in the sums, however many visits it has. */
export function addVisits(trend: TrendSums, day: number, visits: number): TrendSums {
  if (trend.visits === 0) return { firstDay: day, lastDay: day, visits, sum7: 1, sum28: 1 }
  if (day === trend.lastDay) return { ...trend, visits: trend.visits + visits }
  const days = day - trend.lastDay
  return {
    firstDay: trend.firstDay,
    lastDay: day,
    visits: trend.visits + visits,
    sum7: trend.sum7 * decay(days, SHORT) + 1,
    sum28: trend.sum28 * decay(days, LONG) + 1,
  }
}

/**
 * M(7) / M(28) of QUALIFY on a day: how frequent visits are of late against how frequent they were; 1 is steady, also
 * where there was none. Without visits it only falls.
 */
export function trendOn(trend: TrendSums, day: number): number {
  if (trend.visits === 0) return 1
  return mean(trend.sum7, trend, day, SHORT) / mean(trend.sum28, trend, day, LONG)
}

export function trendWord(
  trend: TrendSums,
  day: number,
  rules: CompiledRules,
): 'rising' | 'steady' | 'cooling' {
  const ratio = trendOn(trend, day)
  if (ratio <= rules.trend.cooling && trend.visits >= rules.trend.leastVisits) return 'cooling'
  return ratio >= rules.trend.rising ? 'rising' : 'steady'
}

/** The exponentially weighted share of days with a visit, weighed so that the days before the first do not count. */
function mean(sum: number, trend: TrendSums, day: number, halfLife: number): number {
  const age = day - trend.firstDay + 1
  return (sum * decay(day - trend.lastDay, halfLife) * (1 - decay(1, halfLife))) / (1 - decay(age, halfLife))
}

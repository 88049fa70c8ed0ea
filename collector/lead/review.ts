import { dayOf } from './day.ts'
import { decay } from './decay.ts'
import { isBlocked } from './qualify.ts'
import type { CompiledRules } from './rules.ts'
import { capped, groupAmounts } from './score.ts'
import type { Lead } from './state.ts'
import { trendOn } from './trend.ts'

/** Days that a review may lie ahead. Whoever cannot fall in ten years is looked at again then. */
const HORIZON_DAYS = 3650
/** Hundredths by which a fall is expected too early, so that no rounding can put the review after it. */
const MARGIN = 2
/** The same for the trend. */
const TREND_MARGIN = 1e-9

/**
 * The first day from `from` on whose tick can change the stage or a streak of ticks, if nothing happens before; null
 * where none can. Never later than the true one, so that all ticks before it may be left out. `settled` says that a
 * tick has just looked, and a full streak will stay so.
 */
export function nextReview(lead: Lead, from: number, rules: CompiledRules, settled: boolean): number | null {
  switch (lead.stage) {
    case 'mql':
      return lead.lowTicks > 0 ? from : lowFrom(lead, from, rules.mql.leave, rules)
    case 'sql':
      return lead.accepted ? null : sqlReview(lead, from, rules, settled)
    case 'visitor':
    case 'lead':
    case 'opportunity':
    case 'customer':
    case 'disqualified':
      return null
    default:
      return lead.stage satisfies never
  }
}

function sqlReview(lead: Lead, from: number, rules: CompiledRules, settled: boolean): number {
  if (isBlocked(lead)) return from
  const { ticks, leave, handRaiseDays } = rules.sql
  if (!settled && (lead.lowTicks > 0 || lead.coolingTicks > 0)) return from
  const days = [
    streakReview(lead.lowTicks, ticks, from, () => lowFrom(lead, from, leave, rules)),
    streakReview(lead.coolingTicks, ticks, from, () => coolingFrom(lead, from, rules)),
  ]
  // A full streak of low days can end by itself, when a penalty decays.
  if (lead.lowTicks >= ticks && groupAmounts(lead, from, rules).some((amount) => amount < 0)) return from
  const lapse = lead.handRaise ? dayOf(lead.handRaise.at) + handRaiseDays + 1 : Number.NEGATIVE_INFINITY
  if (lapse >= from) days.push(lapse)
  return Math.min(from + HORIZON_DAYS, ...days)
}

/** When a streak can next change: at the next tick while it grows, when it may begin, or never once full. */
function streakReview(streak: number, full: number, from: number, begin: () => number): number {
  if (streak >= full) return Number.POSITIVE_INFINITY
  return streak > 0 ? from : begin()
}

/**
 * The first day on which engagement may be below `leave` (hundredths). Positive groups only fall and penalties only
 * shrink, so the positive ones of that day less today's penalties are a bound that falls steadily: halve the interval.
 */
function lowFrom(lead: Lead, from: number, leave: number, rules: CompiledRules): number {
  const amounts = groupAmounts(lead, from, rules)
  const bound = (day: number): number => {
    let sum = 0
    for (const [i, group] of rules.groups.entries()) {
      const amount = amounts[i]!
      sum += capped(amount < 0 ? amount : amount * decay(day - from, group.halfLife), group)
    }
    return sum
  }
  return firstDay(from, (day) => bound(day) < leave + MARGIN + rules.groups.length)
}

/** The first day on which the trend may be cooling: without visits it only falls. */
function coolingFrom(lead: Lead, from: number, rules: CompiledRules): number {
  if (lead.trend.visits < rules.trend.leastVisits) return from + HORIZON_DAYS
  return firstDay(from, (day) => trendOn(lead.trend, day) <= rules.trend.cooling + TREND_MARGIN)
}

/** The first day from `from` on, within the horizon, on which something holds that stays so once it does. */
function firstDay(from: number, holds: (day: number) => boolean): number {
  let low = from
  let high = from + HORIZON_DAYS
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

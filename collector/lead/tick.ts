import type { Stage } from '../../shared/lead.ts'
import { dayOf, endOfDay } from './day.ts'
import { isBlocked } from './qualify.ts'
import { nextReview } from './review.ts'
import type { CompiledRules, StageRules } from './rules.ts'
import { engagement } from './score.ts'
import type { ContactFacts, Lead, StageChange } from './state.ts'
import { move, type Stepped } from './transition.ts'
import { trendWord } from './trend.ts'
import { whyDown } from './why.ts'

/**
 * The tick that ends `day`: the only thing that takes a stage away. It touches no accumulator. Before the lead's review
 * day it gives the lead back as it is, so that it does not matter whether such a tick is run.
 */
export function tick(lead: Lead, _facts: ContactFacts, day: number, rules: CompiledRules): Stepped {
  if (lead.reviewDay === null || day < lead.reviewDay) return { lead, change: null }
  const { lead: after, change } = evaluate(lead, day, rules)
  return { lead: { ...after, tickedDay: day, reviewDay: nextReview(after, day + 1, rules, true) }, change }
}

/** Runs, in order, all ticks up to the one that ends `day` that a lead has not had and that can matter. */
export function tickThrough(
  lead: Lead,
  facts: ContactFacts,
  day: number,
  rules: CompiledRules,
): { lead: Lead; changes: StageChange[] } {
  const changes: StageChange[] = []
  let now = lead
  while (now.reviewDay !== null && now.reviewDay <= day) {
    const { lead: after, change } = tick(now, facts, now.reviewDay, rules)
    if (change) changes.push(change)
    now = after
  }
  return { lead: now, changes }
}

/** A tick without regard to the review day. */
export function evaluate(lead: Lead, day: number, rules: CompiledRules): Stepped {
  if (lead.stage === 'mql') return evaluateMql(lead, day, rules)
  if (lead.stage === 'sql' && !lead.accepted) return evaluateSql(lead, day, rules)
  return { lead, change: null }
}

function evaluateMql(lead: Lead, day: number, rules: CompiledRules): Stepped {
  const lowTicks = lowStreak(lead, day, rules.mql, rules)
  const after = { ...lead, lowTicks }
  return lowTicks < rules.mql.ticks ? { lead: after, change: null } : fall(after, 'lead', day, rules)
}

/** An SQL holds while either gate does: the newest hand-raise is young enough, or neither streak is full. */
function evaluateSql(lead: Lead, day: number, rules: CompiledRules): Stepped {
  const { ticks, handRaiseDays } = rules.sql
  const isCooling = trendWord(lead.trend, day, rules) === 'cooling'
  const coolingTicks = isCooling ? Math.min(lead.coolingTicks + 1, ticks) : 0
  const after = { ...lead, lowTicks: lowStreak(lead, day, rules.sql, rules), coolingTicks }
  const raised = lead.handRaise !== null && day - dayOf(lead.handRaise.at) <= handRaiseDays
  const engaged = after.lowTicks < ticks && coolingTicks < ticks
  return !isBlocked(lead) && (raised || engaged)
    ? { lead: after, change: null }
    : fall(after, 'mql', day, rules)
}

/** Ticks in a row with engagement below the leave value, this one included; it grows no further than it counts. */
function lowStreak(lead: Lead, day: number, stage: StageRules, rules: CompiledRules): number {
  return engagement(lead, day, rules).total < stage.leave ? Math.min(lead.lowTicks + 1, stage.ticks) : 0
}

function fall(lead: Lead, to: Stage, day: number, rules: CompiledRules): Stepped {
  const { ticks } = lead.stage === 'sql' ? rules.sql : rules.mql
  const why = whyDown(lead, day, rules, lead.lowTicks >= ticks, lead.coolingTicks >= ticks)
  return move(lead, { from: lead.stage, to, effectiveAt: endOfDay(day), by: 'tick', why })
}

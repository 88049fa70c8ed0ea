import type { Stage } from '../../shared/lead.ts'
import { dayOf } from './day.ts'
import { qualify } from './qualify.ts'
import type { CompiledRules } from './rules.ts'
import type { ContactFacts, Lead, Milestone, StageChange } from './state.ts'
import { hasRaised, whyUp } from './why.ts'

/** A lead after a step, and the change of stage that the step made, if it made one. */
export interface Stepped {
  lead: Lead
  change: StageChange | null
}

/** Lets a lead rise on an event at `at` (ms) as far as the gates open: from lead to mql or sql, from mql to sql. */
export function rise(lead: Lead, facts: ContactFacts, at: number, rules: CompiledRules): Stepped {
  if ((lead.stage !== 'lead' && lead.stage !== 'mql') || lead.coolUntil > 0) return { lead, change: null }
  const day = dayOf(at)
  const found = qualify(lead, facts, day, rules)
  if (!found) return { lead, change: null }
  const why = whyUp(lead, found, facts, day, rules)
  const moved = move(lead, { from: lead.stage, to: found.stage, effectiveAt: at, by: 'rules', why })
  if (found.stage !== 'sql') return moved
  return { ...moved, lead: { ...moved.lead, dueAt: rules.sales.dueAt(at, hasRaised(found)) } }
}

const MILESTONES: Partial<Record<Stage, Milestone>> = {
  mql: 'mql',
  sql: 'sql',
  opportunity: 'opportunity',
  customer: 'won',
}

/** Who is sent back to MQL has not come there by what it did. */
const milestone = ({ from, to }: StageChange): Milestone | undefined =>
  to === 'mql' && from !== 'lead' ? undefined : MILESTONES[to]

/** The first times with one more, where it is the first. */
export function came(firsts: Lead['firsts'], to: Milestone | undefined, at: number): Lead['firsts'] {
  return to === undefined || firsts[to] !== undefined ? firsts : { ...firsts, [to]: at }
}

/** Carries a change out. Whoever leaves a stage starts its streaks anew, and a hand-raise up to now is spent. */
export function move(lead: Lead, change: StageChange): Stepped {
  const spends = change.to === 'sql' || change.from === 'sql'
  return {
    lead: {
      ...lead,
      stage: change.to,
      since: change.effectiveAt,
      lowTicks: 0,
      coolingTicks: 0,
      accepted: false,
      dueAt: null,
      firsts: came(lead.firsts, milestone(change), change.effectiveAt),
      handRaiseSpentAt: spends && lead.handRaise ? lead.handRaise.at : lead.handRaiseSpentAt,
    },
    change,
  }
}

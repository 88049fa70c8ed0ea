import { dayOf } from './day.ts'
import { emptyLedger } from './ledger.ts'
import { nextReview } from './review.ts'
import type { CompiledRules } from './rules.ts'
import type { ContactFacts, Lead, StageChange } from './state.ts'
import { rise } from './transition.ts'
import { whyIdentified } from './why.ts'

/** Somebody of whom nothing has happened yet, and whom nobody knows. */
export function stranger(rules: CompiledRules): Lead {
  return {
    stage: 'visitor',
    since: 0,
    identifiedAt: 0,
    lastAt: 0,
    lastId: { ms: 0, key: 0 },
    ...emptyLedger(rules),
    handRaise: null,
    handRaiseSpentAt: 0,
    lastVisitAt: 0,
    unsubscribedAt: 0,
    suppressed: false,
    lowTicks: 0,
    coolingTicks: 0,
    accepted: false,
    coolUntil: 0,
    firsts: {},
    dueAt: null,
    decidedAt: 0,
    decidedId: { ms: 0, key: 0 },
    tickedDay: 0,
    reviewDay: null,
  }
}

/** Makes a visitor, with all that happened before `facts.identifiedAt` folded, a lead, which then rises at once as far as the gates open. */
export function identify(
  visitor: Lead,
  facts: ContactFacts,
  rules: CompiledRules,
): { lead: Lead; changes: StageChange[] } {
  const at = facts.identifiedAt
  const first: StageChange = {
    from: 'visitor',
    to: 'lead',
    effectiveAt: at,
    by: 'identify',
    why: whyIdentified(facts),
  }
  const known: Lead = { ...visitor, stage: 'lead', since: at, identifiedAt: at, tickedDay: dayOf(at) - 1 }
  const { lead, change } = rise(known, facts, at, rules)
  return {
    lead: { ...lead, reviewDay: nextReview(lead, dayOf(at), rules, false) },
    changes: change ? [first, change] : [first],
  }
}

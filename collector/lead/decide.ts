import type { Stage } from '../../shared/lead.ts'
import { DAY_MS, dayOf } from './day.ts'
import { passes } from './gate.ts'
import { standingOf } from './qualify.ts'
import { nextReview } from './review.ts'
import type { CompiledRules } from './rules.ts'
import { inOrder } from './sessionise.ts'
import type { ContactFacts, Decision, Lead, Milestone, StageChange } from './state.ts'
import { tickThrough } from './tick.ts'
import { came, move } from './transition.ts'

/** Days for which nothing promotes whom sales sent back, and whom it lost (DESIGN, Qualification). */
export const COOL_DOWN_DAYS = { back: 30, lost: 90 } as const

/** Decisions that are no change of stage of their own, and yet steps that reports count. */
const NOTED: Partial<Record<Decision['decision'], Milestone>> = {
  accept: 'accepted',
  reject: 'rejected',
  lost: 'lost',
}

/** From where each decision can be made. `reject` and `accept` answer a hand-over, so there must have been one. */
const FROM: Record<Decision['decision'], readonly Stage[]> = {
  accept: ['sql'],
  reject: ['sql'],
  recycle: ['sql', 'opportunity'],
  opportunity: ['lead', 'mql', 'sql'],
  won: ['lead', 'mql', 'sql', 'opportunity'],
  lost: ['sql', 'opportunity'],
  disqualify: ['lead', 'mql', 'sql', 'opportunity', 'customer'],
  restore: ['disqualified'],
}

/** Why a decision cannot be made of a lead as it stands, in words; null where it can. */
export function refusal(
  lead: { stage: Stage; accepted: boolean },
  { decision }: Pick<Decision, 'decision'>,
): string | null {
  const from = FROM[decision]
  if (decision === 'accept' && lead.accepted) return 'the lead is accepted already'
  if (from.includes(lead.stage)) return null
  const names = from.map(stageWord).join(', ')
  return `'${decision}' is for the stage ${names}, and the lead stands at ${stageWord(lead.stage)}`
}

/**
 * Carries out a decision of a lead whose ticks of all days before it are over. It never refuses: what was decided
 * holds whatever rules are applied later, so one of an SQL who is none under other rules makes an SQL first, and one
 * that would undo a customer or a disqualification changes nothing.
 */
export function decide(
  lead: Lead,
  facts: ContactFacts,
  decision: Decision,
  rules: CompiledRules,
): { lead: Lead; changes: StageChange[] } {
  const { at, id } = decision
  const firsts = came(lead.firsts, NOTED[decision.decision], at)
  const decided: Lead = { ...lead, decidedAt: at, decidedId: id, dueAt: null, firsts }
  const { to, coolUntil, accepted } = verdict(decided, decision, () => byScore(decided, facts, at, rules))
  let after: Lead = { ...decided, coolUntil, accepted }
  const changes: StageChange[] = []
  if (to !== lead.stage) {
    const why = inWords(decision)
    const change: StageChange = { from: lead.stage, to, effectiveAt: at, by: 'person', who: decision.by, why }
    after = { ...move(after, change).lead, accepted }
    changes.push(change)
  }
  return { lead: { ...after, reviewDay: nextReview(after, dayOf(at), rules, false) }, changes }
}

/** The same of a lead to which it comes in order; null where it is late and the lead must be folded again. */
export function decideInOrder(
  lead: Lead,
  facts: ContactFacts,
  decision: Decision,
  rules: CompiledRules,
  now: number,
): { lead: Lead; changes: StageChange[] } | null {
  const isLate =
    inOrder(decision, { at: lead.lastAt, id: lead.lastId }) < 0 ||
    inOrder(decision, { at: lead.decidedAt, id: lead.decidedId }) < 0 ||
    decision.at < lead.identifiedAt ||
    dayOf(decision.at) <= lead.tickedDay
  if (isLate) return null
  const before = tickThrough(lead, facts, dayOf(decision.at) - 1, rules)
  const decided = decide(before.lead, facts, decision, rules)
  const after = tickThrough(decided.lead, facts, dayOf(now) - 1, rules)
  return { lead: after.lead, changes: [...before.changes, ...decided.changes, ...after.changes] }
}

/** What a decision makes of where a lead stands. */
export interface Verdict {
  to: Stage
  coolUntil: number
  accepted: boolean
}

/** `scored` gives the stage in which the score alone puts the lead. */
export function verdict(
  { stage, coolUntil, accepted }: Pick<Lead, 'stage' | 'coolUntil' | 'accepted'>,
  { decision, at, until }: Decision,
  scored: () => Stage,
): Verdict {
  const asItIs: Verdict = { to: stage, coolUntil, accepted }
  const back = (to: Stage, end: number): Verdict => ({ to, coolUntil: end, accepted: false })
  if (decision === 'disqualify') return back('disqualified', 0)
  if (decision === 'restore') return stage === 'disqualified' ? back(scored(), 0) : asItIs
  if (stage === 'customer' || stage === 'disqualified') return asItIs
  switch (decision) {
    case 'accept':
      return { to: stage === 'opportunity' ? stage : 'sql', coolUntil: 0, accepted: true }
    case 'opportunity':
      return { to: 'opportunity', coolUntil: 0, accepted: true }
    case 'won':
      return { to: 'customer', coolUntil: 0, accepted: true }
    case 'reject':
    case 'recycle':
      return back(scored(), until ?? at + COOL_DOWN_DAYS.back * DAY_MS)
    case 'lost':
      return back('lead', at + COOL_DOWN_DAYS.lost * DAY_MS)
    default:
      return decision satisfies never
  }
}

/** Where the score alone puts somebody whom sales sends back. */
function byScore(lead: Lead, facts: ContactFacts, at: number, rules: CompiledRules): Stage {
  return passes(rules.mql.enter, standingOf(lead, facts, dayOf(at), rules)) ? 'mql' : 'lead'
}

const PAST: Record<Decision['decision'], string> = {
  accept: 'accepted by sales',
  reject: 'rejected by sales',
  recycle: 'recycled by sales',
  opportunity: 'made an opportunity',
  won: 'won',
  lost: 'lost',
  disqualify: 'disqualified',
  restore: 'restored',
}

/** 'rejected by sales: no budget', 'won, 1200'. */
export function inWords({ decision, reason, value, until }: Decision): string {
  const worth = value === null ? '' : `, ${value}`
  const why = reason === null ? '' : `: ${reason.replaceAll('_', ' ')}`
  const again = until === null ? '' : `, not before ${new Date(until).toISOString().slice(0, 10)}`
  return `${PAST[decision]}${worth}${why}${again}`
}

const stageWord = (stage: Stage): string => (stage === 'sql' || stage === 'mql' ? stage.toUpperCase() : stage)

import { dayOf } from './day.ts'
import { addCell, type CellDelta, cellDelta, foldCells, type Ledger } from './ledger.ts'
import { own } from './own.ts'
import { nextReview } from './review.ts'
import type { CompiledRules } from './rules.ts'
import type { Cell, ContactFacts, Lead, Occurrence, StageChange } from './state.ts'
import { rise } from './transition.ts'

export interface Occurred {
  lead: Lead
  changes: StageChange[]
  /** What to add to the ledger of cells. */
  cell: CellDelta
}

/** Folds one occurrence of the open day or a later one, in O(1), and lets the lead rise. A stranger only gathers. */
export function occur(
  lead: Lead,
  occurrence: Occurrence,
  facts: ContactFacts,
  rules: CompiledRules,
): Occurred {
  if (occurrence.day < lead.day) throw new RangeError('an occurrence of a closed day needs history')
  const known = occurrence.day === lead.day ? own(lead.open, occurrence.signal)?.keys : undefined
  const cell = cellDelta(occurrence, known ?? [])
  return { ...settle(lead, addCell(lead, cell, rules), occurrence, facts, rules, false), cell }
}

/** The same for an occurrence of a closed day; `cells` are all the lead's cells with this occurrence in them. */
export function occurLate(
  lead: Lead,
  occurrence: Occurrence,
  cells: readonly Cell[],
  facts: ContactFacts,
  rules: CompiledRules,
): { lead: Lead; changes: StageChange[] } {
  return settle(lead, foldCells(cells, rules), occurrence, facts, rules, true)
}

function settle(
  before: Lead,
  ledger: Ledger,
  occurrence: Occurrence,
  facts: ContactFacts,
  rules: CompiledRules,
  refolded: boolean,
): { lead: Lead; changes: StageChange[] } {
  const marked = mark({ ...before, ...ledger }, occurrence, rules)
  if (marked.stage === 'visitor' || changesNothing(before, occurrence, rules))
    return { lead: marked, changes: [] }
  const { lead, change } = rise(marked, facts, occurrence.at, rules)
  const anew =
    refolded || change !== null || occurrence.signal === 'visit' || rules.lowering.has(occurrence.signal)
  return {
    lead: { ...lead, reviewDay: reviewAfter(lead, occurrence, rules, anew) },
    changes: change ? [change] : [],
  }
}

/** No rule reads the signal, and the lead has been judged on this day already: no gate can answer otherwise now. */
function changesNothing(before: Lead, { signal, at }: Occurrence, rules: CompiledRules): boolean {
  const matters =
    signal === 'visit' ||
    signal === 'engaged_minutes' ||
    rules.bySignal.has(signal) ||
    rules.intent.has(signal)
  return !matters && dayOf(before.lastAt) === dayOf(at)
}

/** What happened can only put a fall off, unless it lowers the score or (a visit) brings the trend into play: then `anew`. */
function reviewAfter(lead: Lead, occurrence: Occurrence, rules: CompiledRules, anew: boolean): number | null {
  const today = dayOf(occurrence.at)
  if (anew) return nextReview(lead, today, rules, false)
  const streaks = lead.lowTicks > 0 || lead.coolingTicks > 0
  return streaks && lead.reviewDay !== null ? Math.min(lead.reviewDay, today) : lead.reviewDay
}

/** Notes when things that gates ask for last happened. */
function mark(lead: Lead, { signal, at }: Occurrence, rules: CompiledRules): Lead {
  lead.lastAt = Math.max(lead.lastAt, at)
  if (signal === 'visit') lead.lastVisitAt = Math.max(lead.lastVisitAt, at)
  if (rules.unsubscribe.has(signal)) lead.unsubscribedAt = at
  if (rules.suppress.has(signal)) lead.suppressed = true
  if (rules.optIn.has(signal)) {
    lead.unsubscribedAt = 0
    lead.suppressed = false
  }
  if (rules.handRaise.has(signal)) {
    lead.handRaise = { at, signal }
    lead.suppressed = false
  }
  const wants = rules.intent.has(signal) || rules.handRaise.has(signal)
  if (lead.coolUntil > 0 && at >= lead.coolUntil && wants) lead.coolUntil = 0
  return lead
}

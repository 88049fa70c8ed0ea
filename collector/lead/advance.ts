import { dayOf } from './day.ts'
import type { CellDelta } from './ledger.ts'
import { occur } from './occur.ts'
import type { CompiledRules } from './rules.ts'
import { type Fold, foldVisit, inOrder } from './sessionise.ts'
import { occurrencesOf } from './signals.ts'
import type {
  ContactFacts,
  EventKey,
  Lead,
  Occurrence,
  PageView,
  StageChange,
  TrackedEvent,
  Visit,
} from './state.ts'
import { tickThrough } from './tick.ts'

export interface AdvanceInput {
  /** The visitor's latest event: its time, ms, and its key, which breaks ties. */
  visitor: { lastAt: number; lastId?: EventKey }
  /** The visitor's latest visit. */
  visit: Visit | null
  /** For `page` and `engage`: the stored page view with the event's page key, if there is one. */
  page: PageView | null
  lead: Lead | null
  /** Null exactly where `lead` is. */
  facts: ContactFacts | null
}

export type Advance =
  /** The event is late: the visitor's events, or all of the lead's, must be folded again. */
  | { needs: 'history'; of: 'visitor' | 'lead' }
  | (Fold & {
      lead: Lead | null
      /** Increments of the lead's cells, one per occurrence, in order. */
      cells: CellDelta[]
      changes: StageChange[]
    })

/**
 * What one event, in order, makes of its visitor's visit and of the contact's lead. `now` is the received time of its
 * log entry: the ticks of all days before it are over, and those that can matter to the lead are run here if they have
 * not been. Never the same event twice: that is for the caller to see.
 */
export function advance(
  input: AdvanceInput,
  event: TrackedEvent,
  rules: CompiledRules,
  now: number,
): Advance {
  const { lastAt, lastId = event.id } = input.visitor
  if (event.kind !== 'signal' && inOrder(event, { at: lastAt, id: lastId }) < 0)
    return { needs: 'history', of: 'visitor' }
  const fold = foldVisit(input.visit, event, input.page)
  if (!input.lead || !input.facts) return { ...fold, lead: input.lead, cells: [], changes: [] }
  const occurrences = occurrencesOf(event, fold, rules, input.facts)
  if (occurrences.length === 0) return { ...fold, lead: input.lead, cells: [], changes: [] }
  if (isLate(input.lead, event, occurrences)) return { needs: 'history', of: 'lead' }
  return { ...fold, ...advanceLead(input.lead, input.facts, event, occurrences, rules, now) }
}

/** Late for the lead: before what is folded, of a closed day, behind a tick that counted, or from before it was known. */
function isLate(lead: Lead, event: TrackedEvent, occurrences: Occurrence[]): boolean {
  return (
    inOrder(event, { at: lead.lastAt, id: lead.lastId }) < 0 ||
    inOrder(event, { at: lead.decidedAt, id: lead.decidedId }) < 0 ||
    event.at < lead.identifiedAt ||
    dayOf(event.at) <= lead.tickedDay ||
    occurrences.some(({ day }) => day < lead.day)
  )
}

function advanceLead(
  before: Lead,
  facts: ContactFacts,
  event: TrackedEvent,
  occurrences: Occurrence[],
  rules: CompiledRules,
  now: number,
): { lead: Lead; cells: CellDelta[]; changes: StageChange[] } {
  let { lead, changes } = tickThrough(before, facts, dayOf(event.at) - 1, rules)
  const cells: CellDelta[] = []
  for (const occurrence of occurrences) {
    const step = occur(lead, occurrence, facts, rules)
    lead = step.lead
    cells.push(step.cell)
    changes = [...changes, ...step.changes]
  }
  const caughtUp = tickThrough({ ...lead, lastId: event.id }, facts, dayOf(now) - 1, rules)
  return { lead: caughtUp.lead, cells, changes: [...changes, ...caughtUp.changes] }
}

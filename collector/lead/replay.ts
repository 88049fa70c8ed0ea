import { dayOf } from './day.ts'
import { decide } from './decide.ts'
import { standingRules, takes } from './hand-over.ts'
import { identify, stranger } from './identify.ts'
import { addDelta, cellDelta } from './ledger.ts'
import { occur, occurLate } from './occur.ts'
import type { CompiledRules } from './rules.ts'
import { inOrder, steps } from './sessionise.ts'
import { occurrencesOf } from './signals.ts'
import type {
  Cell,
  ContactFacts,
  Decision,
  EventKey,
  Lead,
  Occurrence,
  StageChange,
  TrackedEvent,
} from './state.ts'
import { tickThrough } from './tick.ts'

export interface Replayed {
  lead: Lead
  /** By day, then signal. */
  cells: Cell[]
  /** In the order of their effect. */
  changes: StageChange[]
  /** Rules whose points stood when sales took the lead in hand; null of one that it did not. */
  standing: string[] | null
}

/**
 * A contact's lead from scratch: the state that `advance` and `tick` reach when all events come in order. `streams`
 * holds one list of events per visitor (each has visits of its own; server-sent signals may be a stream too), in any
 * order, already cut to the time in which the visitor was the contact's. `throughDay` is the last day whose tick is
 * over; a day that `now` (ms) is still in never is. What people decided is carried out again, each at its time. `past` are
 * cells of events that are no longer there: each counts as if all of it had happened at its last time.
 */
export function replayLead(
  streams: readonly (readonly TrackedEvent[])[],
  facts: ContactFacts,
  rules: CompiledRules,
  now: number,
  throughDay: number,
  decisions: readonly Decision[] = [],
  past: readonly Cell[] = [],
): Replayed {
  const changes: StageChange[] = []
  const cells = new Map<string, Cell>()
  let lead = stranger(rules)
  let standing: string[] | null = null
  const take = (step: { lead: Lead; changes: StageChange[] }): void => {
    lead = step.lead
    changes.push(...step.changes)
  }
  for (const { at, id, occurrences, decision } of history(streams, rules, facts, decisions, past)) {
    if (lead.stage === 'visitor' && at >= facts.identifiedAt) take(identify(lead, facts, rules))
    take(tickThrough(lead, facts, dayOf(at) - 1, rules))
    if (decision) {
      if (takes(decision)) standing ??= standingRules([...cells.values()], dayOf(at), rules)
      take(decide(lead, facts, decision, rules))
      continue
    }
    for (const occurrence of occurrences) {
      const key = `${occurrence.day} ${occurrence.signal}`
      const cell = cells.get(key)
      cells.set(key, addDelta(cell, cellDelta(occurrence, cell?.keys ?? [])))
      const late = occurrence.day < lead.day
      take(
        late
          ? occurLate(lead, occurrence, [...cells.values()], facts, rules)
          : occur(lead, occurrence, facts, rules),
      )
    }
    lead = { ...lead, lastId: id }
  }
  if (lead.stage === 'visitor') take(identify(lead, facts, rules))
  take(tickThrough(lead, facts, Math.min(throughDay, dayOf(now) - 1), rules))
  return { lead, cells: [...cells.values()].sort(byDay), changes, standing }
}

interface Happening {
  at: number
  id: EventKey
  occurrences: Occurrence[]
  decision?: Decision
}

/** What happened, of all visitors, in the order of time; events that mean nothing to rules are left out. */
function history(
  streams: readonly (readonly TrackedEvent[])[],
  rules: CompiledRules,
  facts: ContactFacts,
  decisions: readonly Decision[],
  past: readonly Cell[],
): Happening[] {
  const found: Happening[] = decisions.map((one) => {
    // One from before the person was known, as far as is known now, counts from that moment on.
    const decision = { ...one, at: Math.max(one.at, facts.identifiedAt) }
    return { at: decision.at, id: decision.id, occurrences: [], decision }
  })
  for (const cell of past)
    found.push({ at: cell.lastAt, id: { ms: 0, key: 0 }, occurrences: occurrencesIn(cell) })
  for (const stream of streams) {
    for (const { event, fold } of steps(stream)) {
      const occurrences = occurrencesOf(event, fold, rules, facts)
      if (occurrences.length > 0) found.push({ at: event.at, id: event.id, occurrences })
    }
  }
  return found.sort(inOrder)
}

/** A cell as what happened: once for each of its keys, the rest of it at once. */
function occurrencesIn({ signal, day, count, ms, keys, lastAt: at }: Cell): Occurrence[] {
  const keyed = keys.map((key) => ({ signal, at, day, count: 1, ms: 0, key }))
  return [...keyed, { signal, at, day, count: count - keys.length, ms, key: null }]
}

const byDay = (a: Cell, b: Cell): number =>
  a.day - b.day || (a.signal < b.signal ? -1 : a.signal > b.signal ? 1 : 0)

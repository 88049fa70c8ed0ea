import { dayOf } from './day.ts'
import { decide } from './decide.ts'
import { standingRules, takes } from './hand-over.ts'
import { identify, stranger } from './identify.ts'
import { addDelta, cellDelta } from './ledger.ts'
import { isMarked, type Mark, NEWEST_MARK, thinned } from './mark.ts'
import { occur, occurLate } from './occur.ts'
import type { CompiledRules } from './rules.ts'
import { inOrder, type Resumed, steps } from './sessionise.ts'
import { occurrencesOf, pathOf } from './signals.ts'
import type {
  Cell,
  ContactFacts,
  Decision,
  EventKey,
  Lead,
  Occurrence,
  StageChange,
  TrackedEvent,
  Visit,
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
  /** Paths of the files that were downloaded, and when first, ms. */
  files: ReadonlyMap<string, number>
  /** In the order of time; with those that it went on from. */
  marks: LeadMark[]
}

/** A mark of all streams and decisions together, with what was made of them up to it. */
export interface LeadMark extends Mark {
  lead: Lead
  cells: ReadonlyMap<string, Cell>
  changes: readonly StageChange[]
  standing: string[] | null
  files: ReadonlyMap<string, number>
  /** The latest visit of each stream. */
  visits: readonly (Visit | null)[]
}

/** The events of a stream after a mark, and the page views of before that they tell of. */
export interface Rest {
  events: readonly TrackedEvent[]
  pages: Resumed['pages']
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
  const rests = streams.map((events) => ({ events, pages: NO_PAGES }))
  return replayFrom([], rests, facts, rules, now, throughDay, decisions, past)
}

/**
 * The same from the last of some marks on: `rests` are what is left of the same streams, and facts, rules,
 * decisions and past are those under which the marks were set. `newest`: how many events before the end the newest mark is set.
 */
export function replayFrom(
  marks: readonly LeadMark[],
  rests: readonly Rest[],
  facts: ContactFacts,
  rules: CompiledRules,
  now: number,
  throughDay: number,
  decisions: readonly Decision[] = [],
  past: readonly Cell[] = [],
  newest = NEWEST_MARK,
): Replayed {
  const from = marks.at(-1)
  const changes = [...(from?.changes ?? [])]
  const cells = new Map(from?.cells)
  const visits: (Visit | null)[] = rests.map((_, i) => from?.visits[i] ?? null)
  const files = new Map(from?.files)
  const set: LeadMark[] = []
  let standing = from?.standing ?? null
  let lead = from?.lead ?? stranger(rules)
  const take = (step: { lead: Lead; changes: StageChange[] }): void => {
    lead = step.lead
    changes.push(...step.changes)
  }
  const happen = ({ at, id, occurrences, decision }: Happening): void => {
    if (lead.stage === 'visitor' && at >= facts.identifiedAt) take(identify(lead, facts, rules))
    take(tickThrough(lead, facts, dayOf(at) - 1, rules))
    if (decision) {
      if (takes(decision)) standing ??= standingRules([...cells.values()], dayOf(at), rules)
      take(decide(lead, facts, decision, rules))
      return
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
  const left = history(rests, visits, rules, facts, decisions, past, from)
  let isDue = false
  for (const [i, one] of left.entries()) {
    // Events that mean nothing to rules only prolong visits.
    if (one.decision || one.occurrences.length > 0) happen(one)
    if (one.stream !== null) visits[one.stream] = one.visit
    if (one.file !== null && !files.has(one.file)) files.set(one.file, one.at)
    const { at, id } = one
    isDue ||= isMarked(left.length - i - 1, newest)
    // Two streams can have something at one moment under one id: no mark parts them.
    if (!isDue || i + 1 === left.length || inOrder(one, left[i + 1]!) === 0) continue
    isDue = false
    set.push({
      at,
      id,
      folded: (from?.folded ?? 0) + i + 1,
      lead,
      cells: new Map(cells),
      changes: [...changes],
      standing,
      files: new Map(files),
      visits: [...visits],
    })
  }
  if (lead.stage === 'visitor') take(identify(lead, facts, rules))
  take(tickThrough(lead, facts, Math.min(throughDay, dayOf(now) - 1), rules))
  const folded = (from?.folded ?? 0) + left.length
  return {
    lead,
    cells: [...cells.values()].sort(byDay),
    changes,
    standing,
    files,
    marks: thinned([...marks, ...set], folded, newest),
  }
}

interface Happening {
  at: number
  id: EventKey
  occurrences: Occurrence[]
  decision?: Decision
  /** Path of the file that was downloaded. */
  file: string | null
  /** Whose it is; null of a decision and of what is past. */
  stream: number | null
  /** The stream's latest visit after it. */
  visit: Visit | null
}

/** What happened, of all visitors, in the order of time. */
function history(
  rests: readonly Rest[],
  visits: readonly (Visit | null)[],
  rules: CompiledRules,
  facts: ContactFacts,
  decisions: readonly Decision[],
  past: readonly Cell[],
  from: Mark | undefined,
): Happening[] {
  let found: Happening[] = []
  for (const one of decisions) {
    // One from before the person was known, as far as is known now, counts from that moment on.
    const decision = { ...one, at: Math.max(one.at, facts.identifiedAt) }
    const { at, id } = decision
    found.push({ at, id, occurrences: [], decision, ...NO_STREAM })
  }
  for (const cell of past)
    found.push({ at: cell.lastAt, id: { ms: 0, key: 0 }, occurrences: occurrencesIn(cell), ...NO_STREAM })
  if (from) found = found.filter((one) => inOrder(one, from) > 0)
  for (const [stream, { events, pages }] of rests.entries()) {
    for (const { event, fold } of steps(events, { visit: visits[stream]!, pages })) {
      const { at, id } = event
      const occurrences = occurrencesOf(event, fold, rules, facts)
      const file = event.kind === 'download' ? pathOf(event.url) : null
      found.push({ at, id, occurrences, file, stream, visit: fold.visit })
    }
  }
  return found.sort(inOrder)
}

const NO_STREAM = { file: null, stream: null, visit: null } as const

/** A cell as what happened: once for each of its keys, the rest of it at once. */
function occurrencesIn({ signal, day, count, ms, keys, lastAt: at }: Cell): Occurrence[] {
  const keyed = keys.map((key) => ({ signal, at, day, count: 1, ms: 0, key }))
  return [...keyed, { signal, at, day, count: count - keys.length, ms, key: null }]
}

const byDay = (a: Cell, b: Cell): number =>
  a.day - b.day || (a.signal < b.signal ? -1 : a.signal > b.signal ? 1 : 0)

const NO_PAGES: Resumed['pages'] = new Map()

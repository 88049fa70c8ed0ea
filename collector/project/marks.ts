/** Histories folded again from where a late event comes in, instead of from their beginning. */
import type { Mark } from '../lead/mark.ts'
import type { LeadMark, Rest } from '../lead/replay.ts'
import { inOrder, pageKey, pageViews, type VisitMark } from '../lead/sessionise.ts'
import type { EventKey, TrackedEvent } from '../lead/state.ts'
import type { Edge } from '../store/store.ts'
import type { Batch } from './batch.ts'

/** A lead's marks, and all else than its events that they were set under, as text. */
export interface LeadMarks {
  under: string
  marks: readonly LeadMark[]
}

/** Whether there are any of a visitor, or of whose it is. */
export const hasMarks = (batch: Batch, visitor: number, contact: number | undefined): boolean =>
  batch.visitMarks(visitor) !== undefined || (contact !== undefined && batch.leadMarks(contact) !== undefined)

/** Drops the marks that a new event touches: those of its visitor and of the contact whose it is. */
export async function cutMarks(
  batch: Batch,
  visitor: number,
  contact: number | undefined,
  event: TrackedEvent,
): Promise<void> {
  const ofVisitor = batch.visitMarks(visitor)
  const ofLead = contact === undefined ? undefined : batch.leadMarks(contact)
  if (!ofVisitor && !ofLead) return
  const first = await firstTouched(batch, visitor, event)
  const before = <M extends Mark>(marks: readonly M[]) => marks.filter((mark) => inOrder(mark, first) < 0)
  if (ofVisitor) batch.putVisitMarks(visitor, before(ofVisitor))
  if (ofLead) batch.putLeadMarks(contact!, { ...ofLead, marks: before(ofLead.marks) })
}

/** A page view also gives a meaning to what was told of it, by clocks that differ, before it was opened. */
async function firstTouched(
  batch: Batch,
  visitor: number,
  event: TrackedEvent,
): Promise<{ at: number; id: EventKey }> {
  if (event.kind !== 'page') return event
  const told = (await batch.eventsWithMs(visitor, event.id.ms)).filter(
    (one) => one.kind === 'engage' && one.page.key === event.id.key,
  )
  return [event, ...told].sort(inOrder)[0]!
}

/** A visitor's events after a mark, and the page views of before that they tell of. */
export async function restOfVisits(batch: Batch, visitor: number, mark: VisitMark | null): Promise<Rest> {
  if (!mark) return { events: await batch.eventList(visitor, 0, null), pages: new Map() }
  const { events, earlier } = await after(batch, visitor, 0, mark)
  return { events, pages: pageViews(earlier, [...mark.visits.keys()]) }
}

/** The same of the time in which the visitor was a contact's; `visitStart` is that of the stream's latest visit. */
export async function restOfStream(
  batch: Batch,
  { visitor, from, to }: Edge,
  mark: Mark | undefined,
  visitStart: number | null,
): Promise<Rest> {
  if (!mark) return { events: ownedIn(await batch.eventList(visitor, from, null), to), pages: new Map() }
  const { events, earlier } = await after(batch, visitor, from, mark)
  const owned = new Set(ownedIn([...earlier, ...events], to))
  const told = earlier.filter((event) => owned.has(event))
  return {
    events: events.filter((event) => owned.has(event)),
    pages: pageViews(told, visitStart === null ? [] : [visitStart]),
  }
}

/** What a visitor did after a mark, and what was known by then of the page views that this tells of. */
async function after(
  batch: Batch,
  visitor: number,
  from: number,
  mark: Mark,
): Promise<{ events: TrackedEvent[]; earlier: TrackedEvent[] }> {
  const found = await batch.eventList(visitor, Math.max(from, mark.at), null)
  const events = found.filter((event) => inOrder(event, mark) > 0)
  const earlier: TrackedEvent[] = []
  for (const ms of new Set(events.flatMap((event) => pageKey(event)?.ms ?? []))) {
    const known = await batch.eventsWithMs(visitor, ms)
    earlier.push(...known.filter((event) => event.at >= from && inOrder(event, mark) <= 0 && pageKey(event)))
  }
  return { events, earlier }
}

/**
 * Of a visitor's events since its contact had it, those that are the contact's: what happened before `to`, and the
 * time spent on pages that were opened before, also where it is told later. What is told before `to` of a page that
 * another opened, or that never came, counts for nothing but a sign of life: as in the visitor's own visits.
 */
export function ownedIn(events: TrackedEvent[], to: number | null): TrackedEvent[] {
  if (to === null) return events
  const name = ({ ms, key }: { ms: number; key: number }) => `${ms} ${key}`
  const opened = new Set<string>()
  for (const event of events) if (event.kind === 'page' && event.at < to) opened.add(name(event.id))
  return events.filter((event) => event.at < to || (event.kind === 'engage' && opened.has(name(event.page))))
}

/** What servers said of a person under all its records, after a mark; of what two of them were both told, the first. */
export async function restOfSent(
  batch: Batch,
  edges: readonly Edge[],
  mark: Mark | undefined,
): Promise<Rest> {
  // What a record was told after the mark another may have been told before it: then all of it is looked at.
  const since = edges.length > 1 ? 0 : (mark?.at ?? 0)
  const sent: TrackedEvent[] = []
  for (const { visitor, from, to } of edges)
    sent.push(...(await batch.eventList(visitor, Math.max(from, since), to)))
  const events = edges.length > 1 ? once(sent) : sent
  return { events: mark ? events.filter((event) => inOrder(event, mark) > 0) : events, pages: new Map() }
}

/** Of signals that two records of one person were both sent, the first. */
function once(sent: TrackedEvent[]): TrackedEvent[] {
  const first = new Map<string, TrackedEvent>()
  for (const event of sent) {
    const name = `${event.id.ms} ${event.id.key}`
    const known = first.get(name)
    if (!known || event.at < known.at) first.set(name, event)
  }
  return [...first.values()]
}

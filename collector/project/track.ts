/** One event of one visitor into the state. */
import type { Notify } from '../entry.ts'
import { advance } from '../lead/advance.ts'
import { pathOf } from '../lead/signals.ts'
import type { EventKey, PageView, TrackedEvent } from '../lead/state.ts'
import { factsOf, type Visitor } from '../store/store.ts'
import type { Batch } from './batch.ts'
import { relink } from './graph.ts'
import { foldVisits, landLead } from './leads.ts'
import { cutMarks, hasMarks } from './marks.ts'
import type { RuledSite } from './sites.ts'

/**
 * Stores an event and all that follows from it. A lead for which it is late, and the visits of a visitor for whom it is,
 * are marked stale and folded at the end of the batch, or before an entry that asks for them (`foldStale`). Returns
 * the visitor as it is then, and whether the event was new.
 */
export async function track(
  batch: Batch,
  site: RuledSite,
  visitor: Visitor,
  event: TrackedEvent,
  now: number,
  notify: Notify = 'all',
): Promise<{ visitor: Visitor; stored: boolean }> {
  // Nearly every event is newer than all before it, of a visitor whom nobody knows: nothing to wait for.
  const page = mayHavePage(visitor, event) ? await pageOf(batch, visitor, event) : null
  if (event.id.ms <= visitor.maxIdMs && (await batch.hasEvent(visitor.no, event.id)))
    return { visitor, stored: false }

  batch.addEvent(visitor.no, site.no, event)
  const isMeasured = visitor.key.startsWith('~')
  if (isMeasured && event.kind === 'page')
    batch.appended.measuredViews.push({ visitor: visitor.no, id: event.id, at: event.at })
  const latest = isLater(event, visitor)
  const grown: Visitor = {
    ...visitor,
    lastIdMs: latest ? event.id.ms : visitor.lastIdMs,
    lastIdKey: latest ? event.id.key : visitor.lastIdKey,
    firstAt: visitor.firstAt === 0 ? event.at : Math.min(visitor.firstAt, event.at),
    lastAt: Math.max(visitor.lastAt, event.at),
    maxIdMs: Math.max(visitor.maxIdMs, event.id.ms),
  }
  // Time spent on a page is the person's who opened it, whoever has the device when it is told.
  const owner =
    visitor.contact === null
      ? undefined
      : await ownerOf(batch, visitor, event.kind === 'engage' ? (page?.at ?? event.at) : event.at)
  const result = await step(batch, site, visitor, page, event, owner, now, notify)
  if (result.visitStart === undefined) batch.foldVisitsLater(visitor.no)
  const next = result.visitStart === undefined ? grown : { ...grown, visitStart: result.visitStart }
  batch.putVisitor(next)
  if (hasMarks(batch, visitor.no, owner?.contact)) await cutMarks(batch, visitor.no, owner?.contact, event)
  noteEngaged(batch, site.no, page, pageAfter(page, event))
  if (result.leadIsLate && owner) batch.foldLater(owner.contact, now)
  const isAwaited = isMeasured && event.kind === 'page' && (await joinForms(batch, site, visitor.no, event))
  if (!isMeasured || (visitor.contact === null && !isAwaited)) return { visitor: next, stored: true }
  // The links hold for visits, which the event may have changed.
  if (batch.takeStaleVisit(visitor.no)) await foldVisits(batch, visitor.no)
  for (const contact of await relink(batch, visitor.no)) batch.foldLater(contact, now)
  return { visitor: await batch.visitorByNo(visitor.no), stored: true }
}

/**
 * Whose an event is: the contact whose edge holds its time. `open` says that the edge is the present one, and
 * `from` when it began.
 */
export async function ownerOf(
  batch: Batch,
  visitor: Visitor,
  at: number,
): Promise<{ contact: number; from: number; open: boolean } | undefined> {
  if (visitor.contact === null) return undefined
  const edges = await batch.edgesOfVisitor(visitor.no)
  const edge = edges.find(({ from, to }) => from <= at && (to === null || at < to))
  return edge && { contact: edge.contact, from: edge.from, open: edge.to === null }
}

/** Links a measured view to who sent a form from it before it arrived. Returns whether somebody did. */
async function joinForms(
  batch: Batch,
  site: RuledSite,
  visitor: number,
  { id, at: viewAt }: TrackedEvent,
): Promise<boolean> {
  const forms = await batch.awaitedViews(site.no, id, viewAt)
  for (const { contact, at } of forms) batch.putLink({ visitor, at, contact, viewAt })
  return forms.length > 0
}

function isLater(event: TrackedEvent, { lastAt, lastIdMs, lastIdKey }: Visitor): boolean {
  return (event.at - lastAt || event.id.ms - lastIdMs || event.id.key - lastIdKey) > 0
}

/** The in-order way: O(1). An undefined `visitStart` says that the visitor's visits must be folded again. */
async function step(
  batch: Batch,
  site: RuledSite,
  visitor: Visitor,
  page: PageView | null,
  event: TrackedEvent,
  owner: Awaited<ReturnType<typeof ownerOf>>,
  now: number,
  notify: Notify,
): Promise<{ visitStart: number | null | undefined; leadIsLate: boolean }> {
  const owning = owner === undefined ? null : await batch.contact(owner.contact)
  const contact = owning?.objectedAt == null ? owning : null
  const row = contact && (await batch.lead(contact.no))
  const visit =
    visitor.visitStart === null
      ? null
      : (batch.rememberedVisit(visitor.no, visitor.visitStart) ??
        (await batch.visit(visitor.no, visitor.visitStart)))
  const facts = contact && factsOf(contact)
  // In the middle of a visit that began as somebody else's, the contact's part of it is a visit of its own; and
  // what belongs to the one before is late for it.
  const isSplit = owner !== undefined && (!owner.open || (visit !== null && visit.startAt < owner.from))
  // What is to be folded again anyway is not advanced. A measured visitor's event may begin a visit that is nobody's.
  const isLate =
    isSplit || (owner !== undefined && (visitor.key.startsWith('~') || batch.isStale(owner.contact)))
  const input = {
    visitor: { lastAt: visitor.lastAt, lastId: { ms: visitor.lastIdMs, key: visitor.lastIdKey } },
    visit,
    page,
  }
  let leadIsLate = isLate
  // Nor are visits: until then nobody knows which is the latest.
  if (batch.hasStaleVisits(visitor.no)) return { visitStart: undefined, leadIsLate: contact !== null }
  const known = isLate ? { lead: null, facts: null } : { lead: row?.lead ?? null, facts }
  let result = advance({ ...input, ...known }, event, site.rules, now)
  if ('needs' in result && result.of === 'lead') {
    leadIsLate = true
    result = advance({ ...input, lead: null, facts: null }, event, site.rules, now)
  }
  if ('needs' in result) return { visitStart: undefined, leadIsLate: contact !== null }

  if (result.visit && result.visit !== visit) {
    batch.putVisit(visitor.no, result.visit)
  }
  if (result.engagedDelta > 0 && page?.visitStart != null && page.visitStart !== result.visit?.startAt) {
    const older = await batch.visit(visitor.no, page.visitStart)
    if (older) batch.putVisit(visitor.no, { ...older, engagedMs: older.engagedMs + result.engagedDelta })
  }
  if (contact && result.lead) {
    for (const cell of result.cells) await batch.addCell(contact.no, cell)
    if (event.kind === 'download')
      batch.appended.contentSeen.push({
        contact: contact.no,
        from: null,
        files: [[pathOf(event.url), event.at]],
      })
    landLead(batch, site, contact, row!, result.lead, result.changes, now, notify)
  }
  return { visitStart: result.visit?.startAt ?? visitor.visitStart, leadIsLate }
}

/** Notes the growth of a page view's engaged time, which belongs to the moment at which the view began. */
function noteEngaged(batch: Batch, site: number, before: PageView | null, after: PageView | null): void {
  if (after?.at == null || after.path === null) return
  const ms = after.engagedMs - (before?.at != null ? before.engagedMs : 0)
  if (ms > 0) batch.appended.engaged.push({ site, at: after.at, path: after.path, ms })
}

type OfPage = TrackedEvent & { kind: 'page' | 'engage' }

/** Whether an event may be about a page view of which something is stored. */
function mayHavePage({ maxIdMs }: Visitor, event: TrackedEvent): event is OfPage {
  return (event.kind === 'page' || event.kind === 'engage') && pageIdOf(event).ms <= maxIdMs
}

const pageIdOf = (event: OfPage): EventKey => (event.kind === 'page' ? event.id : event.page)

/** The page view that a page event or an engagement is about, as stored so far. */
async function pageOf(batch: Batch, visitor: Visitor, event: OfPage): Promise<PageView | null> {
  const id = pageIdOf(event)
  const view = pageView(id, await batch.eventsWithMs(visitor.no, id.ms))
  return view && { ...view, visitStart: await visitStartOf(batch, visitor, view) }
}

/** The start of the visit that holds a page view: nearly always the latest. */
async function visitStartOf(batch: Batch, visitor: Visitor, { at }: PageView): Promise<number | null> {
  if (at === null || visitor.visitStart === null || at >= visitor.visitStart) return visitor.visitStart
  const earlier = (await batch.visitList(visitor.no)).filter(({ startAt }) => startAt <= at)
  return earlier.at(-1)?.startAt ?? null
}

export function pageView(id: EventKey, events: TrackedEvent[]): PageView | null {
  let view: PageView | null = null
  const empty: PageView = { id, at: null, path: null, engagedMs: 0, scroll: 0, visitStart: null }
  for (const event of events) {
    if (event.kind === 'page' && event.id.key === id.key)
      view = { ...(view ?? empty), at: event.at, path: event.path }
    else if (event.kind === 'engage' && event.page.key === id.key) view = grown(view ?? empty, event)
  }
  return view
}

function grown(view: PageView, { ms, scroll }: { ms: number; scroll: number }): PageView {
  return { ...view, engagedMs: Math.max(view.engagedMs, ms), scroll: Math.max(view.scroll, scroll) }
}

function pageAfter(before: PageView | null, event: TrackedEvent): PageView | null {
  if (event.kind === 'page') {
    const empty = { id: event.id, engagedMs: 0, scroll: 0, visitStart: null }
    return { ...(before ?? empty), at: event.at, path: event.path }
  }
  if (event.kind !== 'engage') return before
  return grown(
    before ?? { id: event.page, at: null, path: null, engagedMs: 0, scroll: 0, visitStart: null },
    event,
  )
}

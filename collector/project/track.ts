/** One event of one visitor into the state. */
import type { Notify } from '../entry.ts'
import { type Advance, advance } from '../lead/advance.ts'
import { pathOf } from '../lead/signals.ts'
import type { EventKey, Lead, PageView, TrackedEvent, Visit } from '../lead/state.ts'
import { type Contact, factsOf, type LeadRow, type Visitor } from '../store/store.ts'
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
  // Time spent on a page is the person's who opened it, whoever has the device when it is told.
  const owner =
    visitor.contact === null
      ? undefined
      : await ownerOf(batch, visitor, event.kind === 'engage' ? (page?.at ?? event.at) : event.at)
  const owning = owner === undefined ? null : await batch.contact(owner.contact)
  const contact = owning?.objectedAt == null ? owning : null
  const row = (contact && (await batch.lead(contact.no))) ?? null
  const { visitStart } = visitor
  const visit =
    visitStart === null
      ? null
      : (batch.rememberedVisit(visitor.no, visitStart) ?? (await batch.visit(visitor.no, visitStart)))
  const { made, leadIsLate } = step(batch, site, { visitor, visit, page, owner, contact, row }, event, now)
  if (!made) batch.foldVisitsLater(visitor.no)
  else {
    if (made.visit && made.visit !== visit) batch.putVisit(visitor.no, made.visit)
    const isOlder = page?.visitStart != null && page.visitStart !== made.visit?.startAt
    if (made.engagedDelta > 0 && isOlder)
      await growOlder(batch, visitor.no, page.visitStart!, made.engagedDelta)
    if (contact && row && made.lead)
      await growLead(batch, site, row, contact, { ...made, lead: made.lead }, event, now, notify)
  }
  const latest = isLater(event, visitor)
  const next: Visitor = {
    ...visitor,
    lastIdMs: latest ? event.id.ms : visitor.lastIdMs,
    lastIdKey: latest ? event.id.key : visitor.lastIdKey,
    firstAt: visitor.firstAt === 0 ? event.at : Math.min(visitor.firstAt, event.at),
    lastAt: Math.max(visitor.lastAt, event.at),
    maxIdMs: Math.max(visitor.maxIdMs, event.id.ms),
    visitStart: made?.visit ? made.visit.startAt : visitStart,
  }
  batch.putVisitor(next)
  if (hasMarks(batch, visitor.no, owner?.contact)) await cutMarks(batch, visitor.no, owner?.contact, event)
  noteEngaged(batch, site.no, page, pageAfter(page, event))
  if (leadIsLate && owner) batch.foldLater(owner.contact, now)
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

/** What is known before an event: of its visitor, and of whose it is. */
interface Before {
  visitor: Visitor
  visit: Visit | null
  page: PageView | null
  owner: Awaited<ReturnType<typeof ownerOf>>
  contact: Contact | null
  row: LeadRow | null
}

type Made = Exclude<Advance, { needs: string }>

/** The in-order way: O(1). Where nothing is made, the visitor's visits must be folded again. */
function step(
  batch: Batch,
  site: RuledSite,
  { visitor, visit, page, owner, contact, row }: Before,
  event: TrackedEvent,
  now: number,
): { made: Made | null; leadIsLate: boolean } {
  // In the middle of a visit that began as somebody else's, the contact's part of it is a visit of its own; and
  // what belongs to the one before is late for it.
  const isSplit = owner !== undefined && (!owner.open || (visit !== null && visit.startAt < owner.from))
  // What is to be folded again anyway is not advanced. A measured visitor's event may begin a visit that is nobody's.
  const isLate =
    isSplit || (owner !== undefined && (visitor.key.startsWith('~') || batch.isStale(owner.contact)))
  // Nor are visits: until then nobody knows which is the latest.
  if (batch.hasStaleVisits(visitor.no)) return { made: null, leadIsLate: contact !== null }
  const input = {
    visitor: { lastAt: visitor.lastAt, lastId: { ms: visitor.lastIdMs, key: visitor.lastIdKey } },
    visit,
    page,
  }
  const nobody = { ...input, lead: null, facts: null }
  const isKnown = !isLate && contact !== null
  const known = isKnown ? { ...input, lead: row?.lead ?? null, facts: factsOf(contact) } : nobody
  const result = advance(known, event, site.rules, now)
  if (!('needs' in result)) return { made: result, leadIsLate: isLate }
  const again = result.of === 'lead' ? advance(nobody, event, site.rules, now) : result
  if ('needs' in again) return { made: null, leadIsLate: contact !== null }
  return { made: again, leadIsLate: true }
}

/** Time told of a page of an earlier visit. */
async function growOlder(batch: Batch, visitor: number, startAt: number, engagedMs: number): Promise<void> {
  const older = await batch.visit(visitor, startAt)
  if (older) batch.putVisit(visitor, { ...older, engagedMs: older.engagedMs + engagedMs })
}

/** What an event made of a lead. */
async function growLead(
  batch: Batch,
  site: RuledSite,
  before: LeadRow,
  contact: Contact,
  { lead, cells, changes }: Made & { lead: Lead },
  event: TrackedEvent,
  now: number,
  notify: Notify,
): Promise<void> {
  for (const cell of cells) await batch.addCell(contact.no, cell)
  if (event.kind === 'download')
    batch.appended.contentSeen.push({
      contact: contact.no,
      from: null,
      files: [[pathOf(event.url), event.at]],
    })
  landLead(batch, site, contact, before, lead, changes, now, notify)
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

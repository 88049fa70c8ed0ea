import type { Stage } from '../../shared/lead.ts'
import type { Outcome } from '../entry.ts'
import { addDelta } from '../lead/ledger.ts'
import type { VisitMark } from '../lead/sessionise.ts'
import type { Cell, Decision, EventKey, TrackedEvent, Visit } from '../lead/state.ts'
import type {
  AwaitedView,
  Changes,
  ConsentRow,
  Contact,
  Edge,
  IdentityKind,
  LeadRow,
  LinkRow,
  MeasuredView,
  Profile,
  StateStore,
  TransitionRow,
  Visitor,
  Watermark,
} from '../store/store.ts'
import { partOf } from '../store/visitor-set.ts'
import { ByStart } from './by-start.ts'
import type { Cache } from './cache.ts'
import { Journal } from './journal.ts'
import type { Came } from './lead-visits.ts'
import type { LeadMarks } from './marks.ts'
import { Told, takeLast } from './told-events.ts'

/** Row numbers given out so far; new rows are numbered here, so that projecting again gives the same ones. */
export interface Numbers {
  site: number
  visitor: number
  contact: number
  transition: number
  /** Of visitors by partition, where several are projected as one. Replaced, never edited. */
  visitors?: Readonly<Record<number, number>>
}

export interface ChangedVisit {
  visitor: Visitor
  before: Visit | null
  after: Visit | null
}

const cellName = (contact: number, { day, signal }: Pick<Cell, 'day' | 'signal'>): string =>
  `${contact} ${day} ${signal}`

const isSameCell = (a: Cell, b: Cell): boolean =>
  a.count === b.count &&
  a.ms === b.ms &&
  a.lastAt === b.lastAt &&
  a.keys.length === b.keys.length &&
  a.keys.every((key, i) => key === b.keys[i])

const linkName = ({ visitor, at, contact }: LinkRow): string => `${visitor} ${at} ${contact}`

/**
 * What a batch has read and changed, in memory. An entry works between `savepoint()` and either nothing (it
 * stands) or `rollback()`; `changes()` is what the store commits. Values are replaced, never edited, so that an
 * undo is a reference.
 */
export class Batch {
  readonly numbers: Numbers
  readonly appended: Pick<
    Changes,
    | 'sites'
    | 'keys'
    | 'keysRevoked'
    | 'keysSet'
    | 'staff'
    | 'settings'
    | 'rules'
    | 'identities'
    | 'identitiesRemoved'
    | 'consents'
    | 'measuredViews'
    | 'awaitedViews'
    | 'decisions'
    | 'notes'
    | 'breaches'
    | 'transitions'
    | 'handOvers'
    | 'contentSeen'
    | 'outbox'
    | 'webhooks'
    | 'webhooksRemoved'
    | 'deliveryResults'
    | 'deliveriesRevived'
    | 'outcomes'
    | 'refusals'
    | 'suppressed'
    | 'suppressionsLifted'
    | 'audit'
  > & {
    engaged: { site: number; at: number; path: string; ms: number }[]
    /** Changes of stage as those hear of them who look on; kept nowhere. */
    moves: { contact: number; site: number; from: Stage; to: Stage; at: number }[]
  } = {
    engaged: [],
    moves: [],
    sites: [],
    keys: [],
    keysRevoked: [],
    keysSet: [],
    staff: [],
    settings: [],
    rules: [],
    identities: [],
    identitiesRemoved: [],
    consents: [],
    measuredViews: [],
    awaitedViews: [],
    decisions: [],
    notes: [],
    breaches: [],
    transitions: [],
    handOvers: [],
    contentSeen: [],
    outbox: [],
    webhooks: [],
    webhooksRemoved: [],
    deliveryResults: [],
    deliveriesRevived: [],
    outcomes: [],
    refusals: [],
    suppressed: [],
    suppressionsLifted: [],
    audit: [],
  }
  /** Dead letters stand outside the savepoints: a rolled back entry leaves one. */
  readonly deadLetters: Changes['deadLetters'] = []
  readonly deadLettersRemoved: number[] = []
  /** Forget dead letters that were buried before this, ms. */
  deadLettersBefore = 0
  /** What is no longer kept; stands outside the savepoints. */
  readonly forgotten: Changes['forgotten'] = []
  readonly pastCells: Changes['pastCells'] = []
  /** What forgotten visits were of leads, as less than nothing. */
  readonly visitsForgotten: { contact: number; came: Came }[] = []
  /** Forget measured views of days before this one. */
  measuredViewsBefore = 0
  /** Forget refusals of days before this one. */
  refusalsBefore = 0
  /** Forget messages from before this, ms. */
  messagesBefore = 0
  private readonly store: StateStore
  private readonly cache: Cache
  private readonly visitors = new Map<number, Visitor>()
  /** As committed, of those that were read. */
  private readonly visitorsBefore = new Map<number, Visitor>()
  /** Numbers of visitors by site and key. */
  private readonly visitorKeys = new Map<number, Map<string, number>>()
  private readonly contacts = new Map<number, Contact>()
  /** Null is one that was removed. */
  private readonly leads = new Map<number, LeadRow | null>()
  private readonly edgeLists = new Map<number, Edge[]>()
  private readonly linkRows = new Map<string, { link: LinkRow; there: boolean }>()
  private readonly identities = new Map<string, number | null>()
  /** By visitor, then by start; null is one that was removed. */
  private readonly visits = new Map<number, ByStart<Visit | null>>()
  /** Visits as committed, of those that were read, in the same way. */
  private readonly visitsBefore = new Map<number, ByStart<Visit>>()
  private readonly events = new Map<number, Told>()
  /** Stored events that became another visitor's. */
  private readonly gone = new Map<number, Told>()
  /** Null is one that was removed. */
  private readonly cells = new Map<
    string,
    { contact: number; day: number; signal: string; cell: Cell | null }
  >()
  private readonly replaced = new Map<number, Cell[]>()
  private readonly counts = new Map<string, number>()
  private readonly dirty = {
    visitors: new Set<number>(),
    contacts: new Set<number>(),
    leads: new Set<number>(),
  }
  /** Contacts that were ever part of another in this batch. */
  private readonly merged = new Set<number>()
  /** The highest numbers that the store can know; it is not asked about newer rows. */
  private readonly stored: Numbers
  /** How many events before the end of a history its newest mark is set. */
  readonly newestMark: number
  private readonly journal = new Journal()
  /** Contacts whose lead is to be folded, by the time of the last entry that made it so. */
  private readonly stale = new Map<number, number>()
  private readonly staleVisits = new Map<number, true>()
  private readonly anew = new Set<number>()
  private readonly leadMarksSet = new Map<number, LeadMarks>()
  private readonly visitMarksSet = new Map<number, readonly VisitMark[]>()
  /** As they were at the savepoint. */
  private numbersBefore: Numbers
  private readonly lists: unknown[][]
  private readonly lengths: number[] = []

  constructor(store: StateStore, numbers: Numbers, cache: Cache) {
    this.store = store
    this.cache = cache
    this.newestMark = cache.newestMark
    this.numbers = { ...numbers }
    this.stored = { ...numbers }
    this.numbersBefore = this.stored
    this.lists = Object.values(this.appended)
  }

  /** Sequence number of the entry at work, and the partition that it is of, where there are several. */
  seq = 0
  private part: number | undefined
  private places = { last: 0 }
  /** Forget outcomes that were given before this, ms. */
  outcomesBefore = 0
  dropRollUps: Changes['rollUpsDropped'] = null

  /** `places` are counted on where an entry has several batches. */
  savepoint(seq: number, part?: number, places = { last: 0 }): void {
    this.seq = seq
    this.part = part
    this.places = places
    this.journal.begin()
    // By hand: a closure for each of these lists was a tenth of what a page view leaves to the garbage collector.
    this.numbersBefore = { ...this.numbers }
    for (let i = 0; i < this.lists.length; i++) this.lengths[i] = this.lists[i]!.length
  }

  rollback(): void {
    this.journal.takeBack()
    Object.assign(this.numbers, this.numbersBefore)
    for (let i = 0; i < this.lists.length; i++) this.lists[i]!.length = this.lengths[i]!
  }

  /** Marks a lead to be folded at the end of the batch. */
  foldLater(contact: number, now: number): void {
    this.journal.set(this.stale, contact, now)
  }

  isStale(contact: number): boolean {
    return this.stale.has(contact)
  }

  takeStale(): [contact: number, now: number][] {
    return this.takeAll(this.stale)
  }

  /** Marks the visits of a visitor to be folded at the end of the batch. */
  foldVisitsLater(visitor: number): void {
    this.journal.set(this.staleVisits, visitor, true)
  }

  hasStaleVisits(visitor: number): boolean {
    return this.staleVisits.has(visitor)
  }

  /** Whether they were; they are no longer. */
  takeStaleVisit(visitor: number): boolean {
    return this.journal.delete(this.staleVisits, visitor)
  }

  takeStaleVisits(): number[] {
    return this.takeAll(this.staleVisits).map(([visitor]) => visitor)
  }

  private takeAll<K, V>(map: Map<K, V>): [K, V][] {
    const all = [...map]
    map.clear()
    this.journal.note((taken) => {
      for (const [key, value] of taken) map.set(key, value)
    }, all)
    return all
  }

  leadMarks(contact: number): LeadMarks | undefined {
    return this.leadMarksSet.get(contact) ?? this.cache.leadMarks(contact)
  }

  putLeadMarks(contact: number, marks: LeadMarks): void {
    this.journal.set(this.leadMarksSet, contact, marks)
  }

  visitMarks(visitor: number): readonly VisitMark[] | undefined {
    return this.visitMarksSet.get(visitor) ?? this.cache.visitMarks(visitor)
  }

  putVisitMarks(visitor: number, marks: readonly VisitMark[]): void {
    this.journal.set(this.visitMarksSet, visitor, marks)
  }

  /** A place among what comes of this entry: the same whenever it is projected again, in whatever batch. */
  nextPlace(): [seq: number, serial: number] {
    return [this.seq, ++this.places.last]
  }

  /** Whether a row is of this batch, so that the store knows nothing of it. Others' projectors number in ranges of their own. */
  private isNew(what: 'visitor' | 'contact', no: number): boolean {
    const of = what === 'visitor' ? this.stored.visitors?.[partOf(no)] : undefined
    const stored = of ?? this.stored[what]
    return no > stored && partOf(no) === partOf(stored)
  }

  async visitor(site: number, key: string): Promise<Visitor | undefined> {
    const known = this.rememberedVisitor(site, key)
    if (known) return known
    const found = await this.store.visitor(site, key)
    if (found) this.remember(found)
    return found
  }

  /** Who is in memory, as most are: without a promise, which costs more than the look. */
  rememberedVisitor(site: number, key: string): Visitor | undefined {
    const no = this.visitorKeys.get(site)?.get(key)
    if (no !== undefined) return this.visitors.get(no)
    const found = this.cache.visitor(site, key)
    if (found) this.remember(found)
    return found
  }

  async visitorByNo(no: number): Promise<Visitor> {
    const known = this.visitors.get(no)
    if (known) return known
    const found = await this.store.visitorByNo(no)
    if (!found) throw new Error(`visitor ${no} is gone`)
    this.remember(found)
    return found
  }

  /** One that was asked for or changed here. */
  visitorKnown(no: number): Visitor | undefined {
    return this.visitors.get(no)
  }

  private remember(visitor: Visitor): void {
    this.visitors.set(visitor.no, visitor)
    this.visitorsBefore.set(visitor.no, visitor)
    inner(this.visitorKeys, visitor.site).set(visitor.key, visitor.no)
  }

  /** A number of the entry's partition: sums list their visitors by them, and are written by who projects it. */
  private nextVisitor(): number {
    const { numbers, part } = this
    const of = part ?? partOf(numbers.visitor)
    const last = numbers.visitors?.[of]
    if (last === undefined) return ++numbers.visitor
    numbers.visitors = { ...numbers.visitors, [of]: last + 1 }
    return last + 1
  }

  newVisitor(site: number, key: string, profile: Profile | null = null): Visitor {
    return {
      no: this.nextVisitor(),
      site,
      key,
      firstAt: 0,
      lastAt: 0,
      lastIdMs: -1,
      lastIdKey: -1,
      maxIdMs: -1,
      contact: null,
      visitStart: null,
      profile,
    }
  }

  putVisitor(visitor: Visitor): void {
    const { no, site, key } = visitor
    if (!this.visitors.has(no)) this.journal.set(inner(this.visitorKeys, site), key, no)
    this.journal.set(this.visitors, no, visitor)
    this.journal.add(this.dirty.visitors, no)
  }

  async visit(visitor: number, startAt: number): Promise<Visit | null> {
    const known = this.rememberedVisit(visitor, startAt)
    if (known !== undefined) return known
    const found = await this.store.visit(visitor, startAt)
    if (found) byStart(this.visitsBefore, visitor).set(startAt, found)
    return found ?? null
  }

  /** The same of one that is in memory; undefined where the store is to be asked. */
  rememberedVisit(visitor: number, startAt: number): Visit | null | undefined {
    const known = this.visits.get(visitor)?.get(startAt)
    if (known !== undefined) return known
    const found = this.cache.visit(visitor, startAt)
    if (found) byStart(this.visitsBefore, visitor).set(startAt, found)
    return found
  }

  /** All visits of a visitor, oldest first. */
  async visitList(visitor: number): Promise<Visit[]> {
    const stored = this.isNew('visitor', visitor) ? [] : await this.store.visits(visitor)
    const list = new Map(stored.map((visit) => [visit.startAt, visit]))
    const before = byStart(this.visitsBefore, visitor)
    for (const visit of list.values()) before.set(visit.startAt, visit)
    this.visits.get(visitor)?.each((visit, startAt) => {
      if (visit) list.set(startAt, visit)
      else list.delete(startAt)
    })
    return [...list.values()].sort((a, b) => a.startAt - b.startAt)
  }

  putVisit(visitor: number, visit: Visit): void {
    this.journal.set(byStart(this.visits, visitor), visit.startAt, visit)
  }

  dropVisit(visitor: number, startAt: number): void {
    this.journal.set(byStart(this.visits, visitor), startAt, null)
  }

  /** Visits as they were committed and as they are now. Nobody changes a visit that was there without reading it. */
  changedVisits(): ChangedVisit[] {
    const changed: ChangedVisit[] = []
    for (const [visitor, visits] of this.visits)
      visits.each((after, startAt) => {
        const before = this.visitsBefore.get(visitor)?.get(startAt) ?? null
        if (before !== after) changed.push({ visitor: this.visitors.get(visitor)!, before, after })
      })
    return changed
  }

  *newEvents(): Generator<{ visitor: number; site: number; events: TrackedEvent[] }> {
    for (const [visitor, { site, events }] of this.events) yield { visitor, site, events }
  }

  /** Committed events that became another visitor's. */
  *goneEvents(): Generator<{ visitor: number; site: number; events: TrackedEvent[] }> {
    for (const [visitor, { site, events }] of this.gone) yield { visitor, site, events }
  }

  private stillThere(visitor: number, stored: TrackedEvent[]): TrackedEvent[] {
    const gone = this.gone.get(visitor)
    return gone ? stored.filter(({ id }) => !gone.has(id)) : stored
  }

  async eventsWithMs(visitor: number, ms: number): Promise<TrackedEvent[]> {
    const pending = (this.events.get(visitor)?.events ?? []).filter((event) => event.id.ms === ms)
    if (this.isNew('visitor', visitor)) return pending
    const stored = this.stillThere(visitor, await this.store.eventsWithMs(visitor, ms))
    return pending.length === 0 ? stored : [...stored, ...pending]
  }

  async hasEvent(visitor: number, id: { ms: number; key: number }): Promise<boolean> {
    if (this.events.get(visitor)?.has(id)) return true
    if (this.gone.get(visitor)?.has(id)) return false
    return this.isNew('visitor', visitor) ? false : this.store.hasEvent(visitor, id)
  }

  async eventList(visitor: number, from: number, to: number | null): Promise<TrackedEvent[]> {
    const pending = this.events.get(visitor)?.events ?? []
    const stored = this.isNew('visitor', visitor)
      ? []
      : this.stillThere(visitor, await this.store.events(visitor, from, to))
    return [...stored, ...pending.filter((event) => event.at >= from && (to === null || event.at < to))]
  }

  addEvent(visitor: number, site: number, event: TrackedEvent): void {
    let told = this.events.get(visitor)
    if (!told) {
      told = new Told(site)
      this.events.set(visitor, told)
    }
    told.add(event)
    this.journal.note(takeLast, told)
  }

  /** Takes events away from a visitor, whether they are committed or came in this batch. */
  removeEvents(visitor: number, site: number, events: readonly TrackedEvent[]): void {
    const removed = new Told(site, events)
    const pending = this.events.get(visitor)
    if (pending) {
      const kept = pending.events.filter(({ id }) => !removed.has(id))
      this.journal.set(this.events, visitor, new Told(site, kept))
    }
    const stored = events.filter(({ id }) => !pending?.has(id))
    const gone = [...(this.gone.get(visitor)?.events ?? []), ...stored]
    this.journal.set(this.gone, visitor, new Told(site, gone))
  }

  async setting(name: string): Promise<string | null | undefined> {
    const changed = this.appended.settings.findLast(([key]) => key === name)
    return changed ? changed[1] : this.store.setting(name)
  }

  putSetting(name: string, value: string | null): void {
    this.appended.settings.push([name, value])
  }

  /** A contact that may be gone. */
  async knownContact(no: number): Promise<Contact | undefined> {
    return this.contacts.get(no) ?? (await this.store.contact(no))
  }

  async contact(no: number): Promise<Contact> {
    const found = this.contacts.get(no) ?? (await this.store.contact(no))
    if (!found) throw new Error(`contact ${no} is gone`)
    if (!this.contacts.has(no)) this.contacts.set(no, found)
    return found
  }

  putContact(contact: Contact): void {
    if (contact.mergedInto !== null) this.merged.add(contact.no)
    this.journal.set(this.contacts, contact.no, contact)
    this.journal.add(this.dirty.contacts, contact.no)
  }

  async contactByIdentity(site: number, kind: IdentityKind, value: string): Promise<number | undefined> {
    const known = this.identities.get(`${site} ${kind} ${value}`)
    if (known !== undefined) return known ?? undefined
    return this.store.contactByIdentity(site, kind, value)
  }

  dropIdentity(site: number, kind: IdentityKind, value: string): void {
    this.journal.set(this.identities, `${site} ${kind} ${value}`, null)
    this.appended.identitiesRemoved.push({ site, kind, value })
  }

  putIdentity(site: number, kind: IdentityKind, value: string, contact: number): void {
    this.journal.set(this.identities, `${site} ${kind} ${value}`, contact)
    this.appended.identities.push({ site, kind, value, contact })
  }

  /** The edges of a contact, to all its visitors. */
  async edges(contact: number): Promise<Edge[]> {
    const known = this.isNew('contact', contact) ? [] : await this.store.edges(contact)
    const stored = known.filter(({ visitor }) => !this.edgeLists.has(visitor))
    // A loop: a list of people brings hundreds of visitors, and a copy of all their edges for each of them is slow.
    for (const edges of this.edgeLists.values())
      for (const edge of edges) if (edge.contact === contact) stored.push(edge)
    return stored
  }

  /** The edges of a visitor, to all whose it was. */
  async edgesOfVisitor(visitor: number): Promise<Edge[]> {
    const known = this.edgeLists.get(visitor)
    return known ?? (this.isNew('visitor', visitor) ? [] : this.store.edgesOfVisitor(visitor))
  }

  /** Replaces all edges of a visitor, which were these. */
  putEdges(visitor: number, edges: Edge[], before: readonly Edge[]): void {
    this.journal.set(this.edgeLists, visitor, edges)
    for (const { contact } of [...before, ...edges]) this.countAnew(contact)
  }

  /** Marks a lead whose visits are to be counted from all its visitors. */
  countAnew(contact: number): void {
    this.journal.add(this.anew, contact)
  }

  countedAnew(): Iterable<number> {
    return this.anew
  }

  async links(visitor: number): Promise<LinkRow[]> {
    const stored = this.isNew('visitor', visitor) ? [] : await this.store.links(visitor)
    return this.withPending(stored, (link) => link.visitor === visitor)
  }

  async linksOfContact(contact: number): Promise<LinkRow[]> {
    return this.withPending(await this.store.linksOfContact(contact), (link) => link.contact === contact)
  }

  /** What a visitor said last of being followed. */
  async consent(visitor: number): Promise<ConsentRow | undefined> {
    const pending = this.appended.consents.findLast((row) => row.visitor === visitor)
    return pending ?? (this.isNew('visitor', visitor) ? undefined : this.store.consent(visitor))
  }

  /** The page view of that id that is or began in measure mode, on the day of `at` or the day before; whose it is now. */
  async measuredView(site: number, id: EventKey, at: number): Promise<MeasuredView | undefined> {
    const pending = this.appended.measuredViews.filter(
      (view) => view.id.ms === id.ms && view.id.key === id.key,
    )
    for (const view of [...pending, ...(await this.store.measuredViews(site, id, at))])
      if ((await this.visitorByNo(view.visitor)).site === site && (await this.hasEvent(view.visitor, id)))
        return view
    return undefined
  }

  /** Forms that were sent from that page view before it arrived. */
  async awaitedViews(site: number, id: EventKey, at: number): Promise<AwaitedView[]> {
    const pending = this.appended.awaitedViews.filter(
      (view) => view.site === site && view.id.ms === id.ms && view.id.key === id.key,
    )
    return [...pending, ...(await this.store.awaitedViews(site, id, at))]
  }

  private withPending(stored: LinkRow[], fits: (link: LinkRow) => boolean): LinkRow[] {
    const changed = [...this.linkRows.values()].filter(({ link }) => fits(link))
    if (changed.length === 0) return stored
    const kept = stored.filter((link) => !this.linkRows.has(linkName(link)))
    return [...kept, ...changed.filter(({ there }) => there).map(({ link }) => link)]
  }

  putLink(link: LinkRow): void {
    this.journal.set(this.linkRows, linkName(link), { link, there: true })
  }

  dropLink(link: LinkRow): void {
    this.journal.set(this.linkRows, linkName(link), { link, there: false })
  }

  /** The records of the person that a standing contact is: itself first, then those merged into it. */
  async records(contact: number): Promise<Contact[]> {
    const known = this.isNew('contact', contact) ? [] : await this.store.mergedInto(contact)
    const others = new Map(known.map((one) => [one.no, this.contacts.get(one.no) ?? one]))
    for (const no of this.merged) {
      const one = this.contacts.get(no)
      if (one) others.set(no, one)
    }
    const merged = [...others.values()].filter((one) => one.mergedInto === contact)
    return [await this.contact(contact), ...merged.sort((a, b) => a.no - b.no)]
  }

  /** The contact that stands for this one: itself, or the one that it was merged into. */
  async standing(no: number): Promise<Contact> {
    const contact = await this.contact(no)
    return contact.mergedInto === null ? contact : this.contact(contact.mergedInto)
  }

  /** What was decided of a person, under all its records, the oldest first. */
  async decisions(contact: number): Promise<Decision[]> {
    const records = new Set((await this.records(contact)).map(({ no }) => no))
    const pending = this.appended.decisions.filter((row) => records.has(row.contact))
    const found = pending.map(({ decision }) => decision)
    for (const no of records) if (!this.isNew('contact', no)) found.push(...(await this.store.decisions(no)))
    return found.sort((a, b) => a.at - b.at || a.id.ms - b.id.ms || a.id.key - b.id.key)
  }

  /** Removes the lead and the cells of a contact. */
  dropLead(contact: number): void {
    this.replaceCells(contact, [])
    this.journal.set(this.leads, contact, null)
    this.journal.add(this.dirty.leads, contact)
  }

  /** The transitions of a contact that hold, in the order of their effect. */
  async transitions(contact: number): Promise<TransitionRow[]> {
    const pending = this.appended.transitions.filter((row) => row.contact === contact)
    const gone = new Set(pending.flatMap(({ supersedes }) => supersedes))
    const known = this.isNew('contact', contact) ? [] : await this.store.transitions(contact)
    const all = [...known, ...pending]
    return all.filter(({ no }) => !gone.has(no))
  }

  async lead(contact: number): Promise<LeadRow | undefined> {
    const known = this.leads.get(contact)
    if (known !== undefined) return known ?? undefined
    const found = this.isNew('contact', contact) ? undefined : await this.store.lead(contact)
    if (found) this.leads.set(contact, found)
    return found
  }

  putLead(row: LeadRow): void {
    this.journal.set(this.leads, row.contact, row)
    this.journal.add(this.dirty.leads, row.contact)
  }

  /** Adds an increment to a cell. */
  async addCell(contact: number, delta: Cell): Promise<void> {
    const { day, signal } = delta
    const pending = this.cells.get(cellName(contact, delta))
    const known = pending
      ? (pending.cell ?? undefined)
      : (this.replacedCell(contact, delta) ?? (await this.storedCell(contact, delta)))
    this.journal.set(this.cells, cellName(contact, delta), {
      contact,
      day,
      signal,
      cell: addDelta(known, delta),
    })
  }

  /** Makes these the cells of a contact by changing those that differ: they are many, and few of them do. */
  async changeCells(contact: number, cells: Cell[]): Promise<void> {
    if (this.replaced.has(contact)) return this.replaceCells(contact, cells)
    const stored = this.isNew('contact', contact) ? [] : await this.store.cells(contact)
    const before = new Map(stored.map((cell) => [cellName(contact, cell), cell]))
    for (const [name, { contact: owner, cell }] of this.cells)
      if (owner === contact && cell) before.set(name, cell)
    for (const cell of cells) {
      const name = cellName(contact, cell)
      const known = before.get(name)
      before.delete(name)
      const { day, signal } = cell
      if (!known || !isSameCell(known, cell))
        this.journal.set(this.cells, name, { contact, day, signal, cell })
    }
    for (const [name, { day, signal }] of before)
      this.journal.set(this.cells, name, { contact, day, signal, cell: null })
  }

  private replacedCell(contact: number, { day, signal }: Cell): Cell | undefined {
    return this.replaced.get(contact)?.find((cell) => cell.day === day && cell.signal === signal)
  }

  private async storedCell(contact: number, { day, signal }: Cell): Promise<Cell | undefined> {
    return this.replaced.has(contact) ? undefined : this.store.cell(contact, day, signal)
  }

  /** What forgotten events of a visitor came to. */
  async pastCellsOf(visitor: number): Promise<Cell[]> {
    return (await this.store.pastCells(visitor)).map(({ cell }) => cell)
  }

  replaceCells(contact: number, cells: Cell[]): void {
    for (const [name, { contact: owner }] of this.cells) {
      if (owner !== contact) continue
      this.journal.delete(this.cells, name)
    }
    this.journal.set(this.replaced, contact, cells)
  }

  /** All cells of a contact. */
  async cellList(contact: number): Promise<Cell[]> {
    const name = ({ day, signal }: Pick<Cell, 'day' | 'signal'>) => `${day} ${signal}`
    const stored = this.replaced.get(contact) ?? (await this.store.cells(contact))
    const all = new Map(stored.map((cell) => [name(cell), cell]))
    for (const { contact: owner, day, signal, cell } of this.cells.values()) {
      if (owner !== contact) continue
      if (cell) all.set(name(cell), cell)
      else all.delete(name({ day, signal }))
    }
    return [...all.values()]
  }

  /** Contacts whose lead was folded from its history. */
  folded(): Iterable<number> {
    return this.replaced.keys()
  }

  /** When the lead's first visit began, ms, as committed; null where none is known. */
  async touchedAt(contact: number): Promise<number | null> {
    return this.store.touchedAt(contact)
  }

  count(name: string, n: number): void {
    this.journal.set(this.counts, name, (this.counts.get(name) ?? 0) + n)
  }

  answer(ref: string | undefined, at: number, outcome: Outcome): void {
    if (ref !== undefined) this.appended.outcomes.push({ ref, at, outcome })
  }

  /** Remembers what was committed. */
  settle(): void {
    for (const [contact, marks] of this.leadMarksSet) this.cache.putLeadMarks(contact, marks)
    for (const [visitor, marks] of this.visitMarksSet) this.cache.putVisitMarks(visitor, marks)
    for (const no of this.dirty.visitors) this.cache.putVisitor(this.visitors.get(no)!)
    for (const [visitor, visits] of this.visits)
      visits.each((visit) => {
        if (visit) this.cache.putVisit(visitor, visit)
        else this.cache.dropVisit(visitor)
      })
  }

  changes(
    watermark: Watermark,
    {
      quarters,
      slices,
      touches,
      deliveries,
    }: Pick<Changes, 'quarters' | 'slices' | 'touches' | 'deliveries'>,
  ): Changes {
    const visits: Changes['visits'] = []
    const visitsRemoved: Changes['visitsRemoved'] = []
    for (const [visitor, ofVisitor] of this.visits)
      ofVisitor.each((visit, startAt) => {
        const before = this.visitsBefore.get(visitor)?.get(startAt)
        if (visit) visits.push(before ? { visitor, visit, before } : { visitor, visit })
        else visitsRemoved.push({ visitor, startAt })
      })
    const events: Changes['events'] = []
    for (const [visitor, told] of this.events)
      for (const event of told.events) events.push({ visitor, site: told.site, event })
    const { engaged: _engaged, moves: _moves, ...appended } = this.appended
    const wanted = new Set(deliveries.map(({ message }) => message))
    return {
      watermark,
      ...appended,
      outbox: appended.outbox.filter(({ id, isBrief }) => !isBrief || wanted.has(id)),
      deliveries,
      messagesBefore: this.messagesBefore,
      quarters,
      slices,
      touches,
      rollUpsDropped: this.dropRollUps,
      forgotten: this.forgotten,
      pastCells: this.pastCells,
      deadLetters: this.deadLetters,
      deadLettersRemoved: this.deadLettersRemoved,
      deadLettersBefore: this.deadLettersBefore,
      refusalsBefore: this.refusalsBefore,
      measuredViewsBefore: this.measuredViewsBefore,
      outcomesBefore: this.outcomesBefore,
      visitorsBefore: this.visitorsBefore,
      visitors: [...this.dirty.visitors].map((no) => this.visitors.get(no)!),
      contacts: [...this.dirty.contacts].map((no) => this.contacts.get(no)!),
      leads: [...this.dirty.leads].flatMap((no) => this.leads.get(no) ?? []),
      leadsRemoved: [...this.dirty.leads].filter((no) => this.leads.get(no) === null),
      links: [...this.linkRows.values()].filter(({ there }) => there).map(({ link }) => link),
      linksRemoved: [...this.linkRows.values()].filter(({ there }) => !there).map(({ link }) => link),
      edgesReplaced: [...this.edgeLists].map(([visitor, edges]) => ({ visitor, edges })),
      eventsRemoved: [...this.gone].flatMap(([visitor, { events }]) =>
        events.map(({ id }) => ({ visitor, id })),
      ),
      events,
      visits,
      visitsRemoved,
      cellsReplaced: [...this.replaced].map(([contact, cells]) => ({ contact, cells })),
      cells: [...this.cells.values()].flatMap(({ contact, cell }) => (cell ? [{ contact, cell }] : [])),
      cellsRemoved: [...this.cells.values()].filter(({ cell }) => cell === null),
      counts: [...this.counts],
    }
  }
}

function byStart<V>(visits: Map<number, ByStart<V>>, visitor: number): ByStart<V> {
  let found = visits.get(visitor)
  if (!found) {
    found = new ByStart()
    visits.set(visitor, found)
  }
  return found
}

/** The inner map under a number, made where there is none. */
function inner<K, V>(outer: Map<number, Map<K, V>>, no: number): Map<K, V> {
  let found = outer.get(no)
  if (!found) {
    found = new Map()
    outer.set(no, found)
  }
  return found
}

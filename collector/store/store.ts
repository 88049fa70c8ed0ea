/**
 * The state: everything that is projected from the log. One writer, the projector; it reads what a batch
 * touches, works in memory and hands all changes to `commit`, which lands them with the watermark in one
 * transaction. Methods that read may answer with a promise, as stores behind a network do.
 */
import type { Role } from '../../shared/access.ts'
import type { Consent, NoteKind, Stage } from '../../shared/lead.ts'
import type { Outcome, Right } from '../entry.ts'
import { CONSENT, type Learned } from '../identity/learned.ts'
import type { Cell, ContactFacts, Decision, EventKey, Lead, TrackedEvent, Visit } from '../lead/state.ts'

export type Maybe<T> = T | Promise<T>

export interface Watermark {
  /** Id of the log that this state was projected from; null in a new state. */
  logId: string | null
  /** Last entry projected. */
  seq: number
  /** The greatest received time so far, ms: `now` never goes back. */
  now: number
}

export interface Site {
  no: number
  id: string
  name: string
  consent: 'required' | 'given'
  hosts: string[]
  /** What its script takes on beside the core: names of `PIECE_NAMES` in `collector/script.ts`. */
  with: string[]
  rulesVersion: number
  /** IANA name of the zone whose days its sums by day are of. */
  timeZone: string
  /** Days that events, visits and visitors without a contact are kept; null keeps them for good. */
  retention: number | null
  /** What happened before this, ms, has been forgotten; 0 before anything was. */
  keptFrom: number
}

/** What a visitor's browser says of itself, as of its first beacon. */
export interface Profile {
  /** 'desktop, Firefox, Linux': device, browser, system. */
  agent: string
  /** Primary subtag of what it prefers: 'de'. */
  language: string | null
  /** 'small', 'medium', 'large', 'wide'. */
  screen: string | null
  /** ISO 3166 code, where a file of countries is set. */
  country: string | null
}

export interface Visitor {
  no: number
  site: number
  key: string
  firstAt: number
  /** Its latest event, ms; 0 before the first. */
  lastAt: number
  /** Key of that event: it breaks ties of time. */
  lastIdMs: number
  lastIdKey: number
  /** The greatest `id.ms` of its events: a greater one is new without a look. */
  maxIdMs: number
  /** Contact that it belongs to now. */
  contact: number | null
  /** Start of its latest visit. */
  visitStart: number | null
  /** Null until its first beacon. */
  profile: Profile | null
}

export interface Contact {
  no: number
  id: string
  site: number
  email: string | null
  phone: string | null
  externalId: string | null
  traits: Record<string, unknown>
  verified: boolean
  identifiedAt: number
  /** The visitor row that carries signals which servers sent of this contact. */
  ownVisitor: number
  /** The record of the same person that this one has become part of; null of one that stands. */
  mergedInto: number | null
  /** What this record itself was told; `email`, `phone`, `externalId` and `traits` are what holds of the whole person. */
  learned: Learned
  /** Key of its company, by `collector/company.ts`; null where none is known. */
  company: string | null
  companyName: string | null
  /** Since when the person objects to profiling, ms; null of one who does not. */
  objectedAt: number | null
  /** Who works it; null where nobody does. */
  owner: string | null
}

export type IdentityKind = 'id' | 'email' | 'phone' | 'external'

/** The visitor said at `at` that it is the contact. Canonical; edges follow from links. */
export interface LinkRow {
  visitor: number
  at: number
  contact: number
  /** When the page view came by which the visitor is known; null of one that bears an id, and is linked whole. */
  viewAt: number | null
}

/** What was said of being followed: by the browser, or by who passed on what a form or another system knows. */
export interface ConsentRow {
  /** The contact's own one where a form or a file said it. */
  visitor: number
  at: number
  state: Consent
  source: 'browser' | 'form' | 'import'
}

/** A page view in measure mode. */
export interface MeasuredView {
  visitor: number
  id: EventKey
  at: number
}

/** A form of a contact names a page view that has not arrived. */
export interface AwaitedView {
  site: number
  id: EventKey
  contact: number
  /** When the form was sent, ms. */
  at: number
}

/** Somebody's name, to be compared with the suppressions. */
export interface Named {
  site: number
  kind: IdentityKind | 'visitor'
  value: string
  /** Number of the contact, or of the visitor. */
  no: number
}

/** Opaque. */
export type NamePlace = string

/** Visitor belongs to contact in [from, to). */
export interface Edge {
  contact: number
  visitor: number
  from: number
  to: number | null
}

/** A lead, with the columns that lists sort and filter by. */
export interface LeadRow {
  contact: number
  site: number
  lead: Lead
  /** Hundredths, as of the day of its last evaluation. */
  engagement: number
  fit: number
  rulesVersion: number
  /** By when sales is to answer, ms, reckoned from when the collector was told; null unless it is an SQL that waits. */
  dueAt: number | null
  /** Of all its visitors while they were its, as far as visits are kept. */
  visits: number
  views: number
  engagedMs: number
}

/** A change of stage as written down. Rows are only added: a corrected past is new rows that supersede others. */
export interface TransitionRow {
  no: number
  contact: number
  from: Stage
  to: Stage
  effectiveAt: number
  recordedAt: number
  by: string
  why: string
  /** Numbers of the contact's transitions that it and those behind it stand for now. */
  supersedes: number[]
}

/** A decision, of the record that stood for the person then. Canonical. */
export interface DecisionRow {
  contact: number
  site: number
  decision: Decision
  recordedAt: number
}

/** What sales noted of a person. Canonical. */
export interface NoteRow {
  contact: number
  at: number
  id: string
  site: number
  about: NoteKind
  text: string
  by: string
}

/** An SQL that sales did not answer in time. */
export interface BreachRow {
  contact: number
  /** Since when it was an SQL, ms. */
  since: number
  site: number
  dueAt: number
  recordedAt: number
}

/** What a lead's first visit came by. */
export interface Touch {
  /** When it began, ms. */
  at: number
  /** Kind and name of its source: 'search Google', 'direct'. */
  source: string
  entry: string | null
  campaign: string | null
}

/** How sales found a lead that was handed over. */
export interface HandOverRow {
  contact: number
  /** Rules whose points stood then; null of one that was never handed over. Absent: as they are. */
  rules?: readonly string[] | null
  /** Null while it is open. */
  isWon: boolean | null
}

/** What happened that webhooks may tell. */
export interface OutboxRow {
  /** The `webhook-id`: the same whenever it is projected or sent again, and telling nothing. */
  id: string
  site: number
  /** Whose; 0 of what is nobody's, and of an erased person. */
  contact: number
  /** Its place: the entry that it came of, and which of its messages it is. */
  seq: number
  serial: number
  createdAt: number
  /** It goes as soon as all who want it have it: it names somebody who was erased. */
  isBrief: boolean
  payload: Record<string, unknown>
}

/** Where messages are sent, and which. Canonical. */
export interface WebhookRow {
  id: string
  /** Id of the site whose messages it wants; null: of every site. */
  site: string | null
  url: string
  /** Types of messages, or `*` for all. */
  events: string[]
  format: 'standard' | 'slack' | 'hubspot' | 'mail'
  description: string
  /** Sent as `Authorization: Bearer`; null of most. */
  token: string | null
  /** `whsec_` and the key in base64. */
  secret: string
  /** Signs too until then, ms; null where none was rotated away. */
  oldSecret: string | null
  oldSecretUntil: number
  createdAt: number
  enabled: boolean
  /** Why the collector itself disabled it; null otherwise. */
  disabledBecause: string | null
}

/** A message for a webhook. One of a lead is due once those of the same lead before it are done. */
export interface DeliveryRow {
  webhook: string
  message: string
  contact: number
  seq: number
  serial: number
  createdAt: number
}

/** Where a message lies among others. (An entry that went on after a crash may have counted some of its messages anew.) */
export type MessagePlace = Pick<DeliveryRow, 'seq' | 'serial' | 'message'>

/** One try to deliver. No body is kept. */
export interface DeliveryTry {
  at: number
  /** HTTP status; null where there was no answer. */
  status: number | null
  ms: number
  /** Why it failed, of a closed set; null of one that did not. */
  error: string | null
}

export type DeliveryState = 'waiting' | 'delivered' | 'skipped' | 'dead'

/** What a try came to. */
export interface DeliveryResult {
  webhook: string
  message: string
  tried: DeliveryTry
  state: DeliveryState
  /** When it is tried again, ms; null unless it waits. */
  dueAt: number | null
}

export interface RulesRow {
  site: number
  version: number
  document: unknown
  appliedAt: number
  by: string
}

export interface DeadLetter {
  seq: number
  at: number
  body: string
  reason: string
}

export interface AuditRow {
  at: number
  /** A key's id, or the account on the command line. */
  by: string
  what: 'export' | 'erase' | 'object' | 'correct' | 'opt-in'
  site: string
  /** Keyed hash of the contact's id: tells whether two rows are about one person, and nothing else. */
  subject: string
  detail: Record<string, unknown>
}

/** All that is one person's. */
export interface Person {
  site: number
  contacts: number[]
  /** Visitors that were nobody else's. */
  visitors: number[]
  /** What is the person's of visitors that were also somebody else's, in [from, to). */
  parts: { visitor: number; from: number; to: number | null }[]
  /** Identifiers, ids and visitor keys, as they may stand in texts. */
  names: string[]
}

export interface KeyRow {
  id: string
  hash: string
  name: string
  rights: Right[]
  site: string | null
  createdAt: number
  revokedAt: number | null
  /** From when on it opens nothing, ms; null: never. */
  expiresAt: number | null
  /** To about an hour, ms; null where it never was. */
  usedAt: number | null
}

/** Somebody who may sign in. */
export interface StaffRow {
  id: string
  name: string
  role: Role
  /** Of the password, by scrypt. */
  hash: string
  /** Id of the one that the person sees; null: every site. */
  site: string | null
  createdAt: number
  removedAt: number | null
}

/** Sums; deltas when written. */
export interface Totals {
  visits: number
  bounces: number
  views: number
  engagedMs: number
  downloads: number
  cartAdds: number
  /** Quantity times price, hundredths of whatever currency. */
  cartValue: number
}

export const NOTHING: Readonly<Totals> = {
  visits: 0,
  bounces: 0,
  views: 0,
  engagedMs: 0,
  downloads: 0,
  cartAdds: 0,
  cartValue: 0,
}

/**
 * By what days are divided, in the order of their numbers; append only. `all` has one value, the empty text. Engaged
 * time and views of `source` to `country` are those of the visits that began on the day.
 */
export const DIMENSIONS = [
  'all',
  'page',
  'entry',
  'exit',
  'source',
  'campaign',
  'device',
  'browser',
  'system',
  'language',
  'screen',
  'country',
  'download',
  'product',
  'currency',
] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** What a quarter hour (whole ones since 1970) gains. */
export interface QuarterDelta {
  site: number
  quarter: number
  totals: Totals
  /** Visitors who did something in it. */
  cameIn: Iterable<number>
  /** Visitors who turned out to have done nothing in it. */
  wentOut: Iterable<number>
}

/** What one value of a dimension gains on one day of the site's time zone. */
export interface SliceDelta {
  site: number
  dimension: Dimension
  day: number
  value: string
  totals: Totals
  cameIn: Iterable<number>
  /** Visitors who turned out not to belong there. */
  wentOut: Iterable<number>
}

/** What forgotten events of a visitor came to for the contact whose they were. */
export interface PastCell {
  visitor: number
  contact: number
  cell: Cell
}

/** A site's sums of whole quarters and days since these; the day is the first one of a week. */
export interface RollUpsSpan {
  site: number
  quarter: number
  day: number
}

/** A visitor that a batch will ask about, with ids of events that it may have brought before. */
export interface Expected {
  site: number
  key: string
  ids: readonly EventKey[]
  /** As it is, where that is remembered. */
  known?: Visitor
}

/** Visitors of partitions that other projectors hold, of whom a batch writes rows; null where it may be any of a partition's. */
export type Touched = ReadonlyMap<number, readonly number[] | null>

/** All that a batch changes. Rows replace rows of the same key; totals and counts are added. */
export interface Changes {
  watermark: Watermark
  sites: Site[]
  keys: KeyRow[]
  keysRevoked: { id: string; at: number }[]
  /** The sooner expiry stands, and the later use. */
  keysSet: { id: string; expiresAt?: number; usedAt?: number }[]
  /** Of one who is there already `createdAt` stays; who was removed stays removed, and as that. */
  staff: StaffRow[]
  /** Small secrets and settings by name; null removes. */
  settings: [name: string, value: string | null][]
  rules: RulesRow[]
  visitors: Visitor[]
  /** Visitors as they were committed, of those that are known so. */
  visitorsBefore?: ReadonlyMap<number, Visitor>
  /** Before any are added: one may come back. */
  eventsRemoved: { visitor: number; id: EventKey }[]
  events: { visitor: number; site: number; event: TrackedEvent }[]
  /** `before` as it was committed, where that is known. */
  visits: { visitor: number; visit: Visit; before?: Visit }[]
  visitsRemoved: { visitor: number; startAt: number }[]
  contacts: Contact[]
  identities: { site: number; kind: IdentityKind; value: string; contact: number }[]
  links: LinkRow[]
  consents: ConsentRow[]
  measuredViews: MeasuredView[]
  awaitedViews: AwaitedView[]
  /** Measured and awaited views of days before this one are forgotten; 0 keeps all. */
  measuredViewsBefore: number
  /** Replaces all edges of a visitor. */
  edgesReplaced: { visitor: number; edges: Edge[] }[]
  /** Removes the lead and the cells of a contact; its transitions stay. */
  leadsRemoved: number[]
  linksRemoved: LinkRow[]
  identitiesRemoved: { site: number; kind: IdentityKind; value: string }[]
  leads: LeadRow[]
  /** Replaces all cells of a contact. */
  cellsReplaced: { contact: number; cells: Cell[] }[]
  cells: { contact: number; cell: Cell }[]
  cellsRemoved: { contact: number; day: number; signal: string }[]
  decisions: DecisionRow[]
  notes: NoteRow[]
  breaches: BreachRow[]
  transitions: TransitionRow[]
  /** Of leads that are there; null of one that never visited. */
  touches: { contact: number; touch: Touch | null }[]
  handOvers: HandOverRow[]
  /** Files that leads downloaded and when first, ms; in place of what was seen at `from` or later, or beside it. */
  contentSeen: { contact: number; from: number | null; files: [path: string, at: number][] }[]
  outbox: OutboxRow[]
  webhooks: WebhookRow[]
  /** Ids. Some `MESSAGES_AT_ONCE` of the deliveries of each go, and with the last of them the webhook. */
  webhooksRemoved: string[]
  /** Each is due at once, unless an earlier one of the same webhook and contact waits. */
  deliveries: DeliveryRow[]
  /** Of a delivery that is not there: nothing. Where one is done, the next of the same contact is due. */
  deliveryResults: DeliveryResult[]
  /** Dead deliveries that wait again, as if never tried: of a webhook, all or some. */
  deliveriesRevived: { webhook: string; messages: string[] }[]
  /** Some `MESSAGES_AT_ONCE` of the messages from before this, ms, are forgotten, and of deliveries; 0 keeps all. */
  messagesBefore: number
  quarters: QuarterDelta[]
  slices: SliceDelta[]
  /** Drops at most `limit` rows of a site's quarters and slices, before anything is added. */
  rollUpsDropped: (RollUpsSpan & { limit: number }) | null
  /** Removes a visitor's events and visits from before a moment, ms; where it is whole and nobody's, the visitor too. */
  forgotten: { visitor: number; before: number; isWhole: boolean }[]
  /** Replaces the cell of the same visitor, contact, day and signal. */
  pastCells: PastCell[]
  counts: [name: string, n: number][]
  /** What the door refused, in events, added; site '' where it is of none. */
  refusals: { day: number; site: string; reason: string; n: number }[]
  /** Refusals of days before this one are forgotten; 0 keeps all. */
  refusalsBefore: number
  deadLetters: DeadLetter[]
  /** Sequence numbers of dead letters that are no more. */
  deadLettersRemoved: number[]
  /** Dead letters buried before this, ms, are forgotten; 0 keeps all. */
  deadLettersBefore: number
  outcomes: { ref: string; at: number; outcome: Outcome }[]
  /** Outcomes given before this, ms, are forgotten. */
  outcomesBefore: number
  suppressed: { hash: string; at: number }[]
  suppressionsLifted: string[]
  audit: AuditRow[]
}

export interface StateStore {
  watermark(): Maybe<Watermark>
  sites(): Maybe<Site[]>
  /** Newest version of a site's rules; undefined if it has none. */
  rules(site: number): Maybe<RulesRow | undefined>
  setting(name: string): Maybe<string | undefined>
  /** Who may sign in, and who might once. */
  staff(): Maybe<StaffRow[]>
  /** In the order in which they were made. */
  webhooks(): Maybe<WebhookRow[]>
  /** Whether there are messages or deliveries from before a moment, ms. */
  hasMessagesBefore(at: number): Maybe<boolean>
  /** How many deliveries of a webhook are dead: of these messages, or (null) of all. */
  deadDeliveries(webhook: string, messages: readonly string[] | null): Maybe<number>
  /** The dead deliveries of a webhook behind a place, at most so many, in the order in which they were to be sent. */
  deadAfter(webhook: string, after: MessagePlace, limit: number): Maybe<MessagePlace[]>
  /**
   * The highest row numbers given out to this projector, which numbers new rows itself: each has a range of its own. Of
   * one that holds several partitions, `visitors` are those of each.
   */
  lastNumbers(): Maybe<{
    site: number
    visitor: number
    contact: number
    transition: number
    visitors?: Readonly<Record<number, number>>
  }>
  visitor(site: number, key: string): Maybe<Visitor | undefined>
  visitorByNo(no: number): Maybe<Visitor | undefined>
  /** Visitors of a site behind `after`, by number; at most `limit`. */
  visitorsAfter(site: number, after: number, limit: number): Maybe<Visitor[]>
  /** Visitors of a site with after < number <= to who were first there before `before`, ms; at most `limit`. */
  visitorsSince(
    site: number,
    range: { after: number; to: number; before: number },
    limit: number,
  ): Maybe<Visitor[]>
  hasRollUps(span: RollUpsSpan): Maybe<boolean>
  visit(visitor: number, startAt: number): Maybe<Visit | undefined>
  visits(visitor: number): Maybe<Visit[]>
  /** Events of a visitor whose id bears this ms: a page view and its engagements. */
  eventsWithMs(visitor: number, ms: number): Maybe<TrackedEvent[]>
  hasEvent(visitor: number, id: EventKey): Maybe<boolean>
  /** Events with from <= at < to (null: no end), in no promised order. */
  events(visitor: number, from: number, to: number | null): Maybe<TrackedEvent[]>
  contact(no: number): Maybe<Contact | undefined>
  contactByIdentity(site: number, kind: IdentityKind, value: string): Maybe<number | undefined>
  /** Contacts that were merged into this one. */
  mergedInto(contact: number): Maybe<Contact[]>
  links(visitor: number): Maybe<LinkRow[]>
  /** What a visitor said last. */
  consent(visitor: number): Maybe<ConsentRow | undefined>
  /** Views of a site of that id, on the day of `at` or the day before. */
  measuredViews(site: number, id: EventKey, at: number): Maybe<MeasuredView[]>
  /** Forms of a site that named that view, on the day of `at` or the day after. */
  awaitedViews(site: number, id: EventKey, at: number): Maybe<AwaitedView[]>
  linksOfContact(contact: number): Maybe<LinkRow[]>
  edges(contact: number): Maybe<Edge[]>
  edgesOfVisitor(visitor: number): Maybe<Edge[]>
  lead(contact: number): Maybe<LeadRow | undefined>
  /** When the lead's first visit began, ms; null where none is known. */
  touchedAt(contact: number): Maybe<number | null>
  cell(contact: number, day: number, signal: string): Maybe<Cell | undefined>
  cells(contact: number): Maybe<Cell[]>
  /** What events of a visitor that are forgotten came to, for each whose they were. */
  pastCells(visitor: number): Maybe<PastCell[]>
  /** The transitions of a contact that hold, in the order of their effect; `supersedes` is left empty. */
  transitions(contact: number): Maybe<TransitionRow[]>
  /** Those made of this record, not of others that are the same person. */
  decisions(contact: number): Maybe<Decision[]>
  /** Contacts behind `after`, by number, whose lead stands under other rules than this version; at most `limit`. */
  leadsUnderOtherRules(site: number, version: number, after: number, limit: number): Maybe<number[]>
  /** Contacts whose review day is at most `day`, at most `limit`. */
  leadsToReview(site: number, day: number, limit: number): Maybe<number[]>
  /** Contacts of all sites that were due by `at`, ms, without a breach noted of this time as an SQL; at most `limit`. */
  leadsOverdue(at: number, limit: number): Maybe<number[]>
  /**
   * What is read from here to `commit` is read as if nobody else wrote. Where somebody did, a read or the commit
   * throws an outage, and the batch is to be tried again, from `begin`. A store with one writer has nothing to do.
   * `expected` are those who will be asked for: a store that is far away reads them all at once. `isOwn` says that the batch
   * holds nothing but what visitors of this projector did, none of whom it takes for another.
   */
  begin(expected?: Iterable<Expected>, isOwn?: boolean): Maybe<void>
  /**
   * Lands everything or nothing. Throws what the engine throws (full, locked, broken), and where another projector has
   * moved this one's watermark meanwhile. Those who hold the `touched` hear of it with the same commit. `sent` is called once
   * a store that is far away has been told all of it, and does the rest alone.
   */
  commit(changes: Changes, touched?: Touched, sent?: () => void): Maybe<void>
  /** A dead letter by the sequence number of its entry. */
  deadLetter(seq: number): Maybe<DeadLetter | undefined>
  /** Keyed hashes of those who were erased. */
  suppressions(): Maybe<string[]>
  /** Every name of a contact, also those of before. */
  identitiesOf(contact: number): Maybe<{ kind: IdentityKind; value: string }[]>
  /** Names of people behind a place in their order, at most `limit`, with the place behind them. */
  namesAfter(after: NamePlace | null, limit: number): Maybe<{ names: Named[]; place: NamePlace | null }>
  /** Removes up to `limit` rows of a person for good, in a transaction of its own; how many, 0 when none is left. */
  erase(person: Person, limit: number): Maybe<number>
  /** Removes these events for good, in a transaction of its own. */
  eraseEvents(visitor: number, ids: readonly EventKey[]): Maybe<void>
  /** Removes what else is held of a visitor's time with a person, in a transaction of its own. */
  erasePart(part: Person['parts'][number]): Maybe<void>
  /** Numbers of strings that no row names any more; none where rows hold their strings themselves. */
  unusedTexts(): Maybe<number[]>
  /** Removes strings for good, in a transaction of its own. */
  eraseTexts(numbers: readonly number[]): Maybe<void>
  /**
   * Leaves nothing of what was removed outside the tables: the write-ahead log is moved into the file and emptied. How long an
   * engine behind a network keeps its own log, and copies, is for whoever runs it.
   */
  clean(): Maybe<void>
  /** What an awaited entry came to, by its reference, for as long as outcomes are kept. */
  outcome(ref: string): Maybe<Outcome | undefined>
  /** Brings to disk what is not; returns the last sequence number whose projection, by all projectors, surely is. */
  checkpoint(): Maybe<number>
  /** Bytes of the write-ahead log's file; a reader who does not end keeps it from starting anew. 0 where the engine looks after it. */
  walBytes(): Maybe<number>
  /** True of an error of the engine (full, locked, broken): the batch was rolled back and is to be tried again. */
  isOutage(error: unknown): boolean
  close(): Maybe<void>
}

/** Where a projector of several partitions stands. */
export interface Place {
  /** That of the partition which is behind the others. */
  watermark: Watermark
  /** The last entry projected of each that was begun. */
  of: ReadonlyMap<number, number>
}

/** A state that several projectors write, each for its partition of visitors. */
export interface SharedStore extends StateStore {
  /** Where its projector goes on. */
  place(): Promise<Place>
  /** How far each partition is projected: sequence numbers by partition. */
  watermarks(): Promise<number[]>
  /**
   * Visitors of the partitions held here whom other projectors have touched since this was asked before; null where it may be
   * any of them, as at first. What is remembered of the others holds until `commit`, which throws an outage where somebody
   * was touched after this.
   */
  touched(): Promise<readonly number[] | null>
}

/** Rows of messages and of deliveries that one transaction forgets: keeps it below 100 ms. */
export const MESSAGES_AT_ONCE = 2_000

/** Dead letters kept, bytes: the oldest go first. A release that fails on everything must not fill the disk. */
export const MAX_DEAD_LETTER_BYTES = 64 * 1024 * 1024

/** Facts of a contact that the domain reads: of one who objects to profiling, none that say what for a person it is. */
export function factsOf(contact: Contact): ContactFacts {
  const { identifiedAt, traits, email, verified, learned } = contact
  if (contact.objectedAt !== null) return { identifiedAt, traits: {}, email: null, verified }
  const consent = learned[CONSENT]?.[0]
  return { identifiedAt, traits, email, verified, ...(typeof consent === 'boolean' && { consent }) }
}

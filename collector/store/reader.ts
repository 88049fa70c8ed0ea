/**
 * What the API and the dashboard ask of the state: rows only, and at once; `collector/read.ts` makes answers of them. Each
 * engine implements it, in the reader's thread.
 */
import type { LeadSort, Stage } from '../../shared/lead.ts'
import type { Cell, Decision, Lead, Milestone, TrackedEvent, Visit } from '../lead/state.ts'
import type {
  AuditRow,
  ConsentRow,
  Contact,
  DeadLetter,
  DeliveryState,
  DeliveryTry,
  Dimension,
  KeyRow,
  MessagePlace,
  NoteRow,
  Profile,
  Site,
  StaffRow,
  Totals,
  TransitionRow,
  Visitor,
  WebhookRow,
} from './store.ts'

export interface StateReader {
  setting(name: string): string | undefined
  sites(): Site[]
  keys(): KeyRow[]
  /** Who may sign in, and who might, the oldest first. */
  staff(): StaffRow[]
  /** A version of a site's rules, or the newest. */
  rules(site: number, version?: number): { version: number; document: unknown } | undefined
  /** The newest version of a site's rules, and how many leads stand under it. */
  standing(site: number): { version: number; leads: number }
  /** All versions, the newest first, without their documents. */
  rulesHistory(site: number): { version: number; appliedAt: number; by: string }[]
  /** Sums by quarter hour and day. */
  rollUps: RollUpReader
  /** Visits by their time. */
  visitRows: VisitReader
  present: PresentReader
  /** Webhooks and what is delivered to them. */
  deliveries: DeliveryReader
  stages(site: number): { stage: Stage; n: number }[]
  /** In the order that was asked for, and where the next page begins. */
  leads(asked: LeadsAsked): { rows: ListedLead[]; next: LeadPlace | null }
  lead(contactId: string): ListedLead | undefined
  /** A contact by id, with the id of the one that it was merged into. */
  contact(id: string): { site: number; mergedInto: string | null } | undefined
  /** Ids of the standing contacts that any of these identifiers names, the one known longest first. */
  contactsNamed(site: number, named: { email?: string; phone?: string; externalId?: string }): string[]
  /** Ids of the contacts that were merged into this one. */
  mergedFrom(contact: number): string[]
  /** The strongest stage first, then the most engaged people together, then by key. */
  companies(site: number, limit: number, after: CompanyCursor | undefined): ListedCompany[]
  company(site: number, key: string): ListedCompany | undefined
  /** What the people of each company did. */
  companyTotals(
    site: number,
    companies: string[],
  ): Map<string, { visits: number; views: number; engagedMs: number }>
  /** Every name that the people of each company give it, the most frequent first. */
  companyNames(site: number, companies: string[]): { company: string; name: string }[]
  companyPages(
    site: number,
    company: string,
    limit: number,
  ): { path: string; views: number; engagedMs: number }[]
  /** The strongest stage first, then the most engaged. */
  companyPeople(site: number, company: string, limit: number): ListedLead[]
  /** Identified people behind `after`, by number. */
  people(site: number, after: number, limit: number): Contact[]
  cells(contact: number): Cell[]
  /** What the first visit of each contact came by, of those of whom that is known: kind and name. */
  firstSources(contacts: number[]): Map<number, string>
  /** What its events that are forgotten came to. */
  pastCells(contact: number): Cell[]
  /** What was decided of a person, under all its records, the oldest first. */
  decisions(contact: number): Decision[]
  /** How many of those who became leads in [from, to] came to each step. */
  funnel(site: number, from: number, to: number): Record<Milestone | 'lead', number>
  /** How many first came to each step in [from, to], whenever they became leads. */
  reached(site: number, from: number, to: number): Record<Milestone | 'lead', number>
  /** For each pair of steps: whole days from one to the other, or until `now` where somebody has not come there, with how many; the fewest days first. */
  daysBetween(
    site: number,
    steps: readonly (readonly [from: TimedStep, to: TimedStep])[],
    range: { from: number; to: number; now: number },
  ): DaysTaken[][]
  /** Minutes from SQL to acceptance, the shortest first. */
  minutesToAccept(site: number, from: number, to: number): number[]
  breachCount(site: number, from: number, to: number): number
  rejections(site: number, from: number, to: number): { reason: string; count: number }[]
  /** When each of those who became leads in [from, to] came how far, ms. */
  leadTimes(site: number, from: number, to: number): Iterable<LeadTimes>
  /** How far leads came by what their first visit came by: the values of most leads. */
  stepsByTouch(
    site: number,
    from: number,
    to: number,
    limit: number,
  ): Record<'source' | 'entry' | 'campaign', ValueSteps[]>
  /** How far leads came after they had downloaded each file for the first time. */
  stepsByContent(site: number, from: number, to: number, limit: number): ValueSteps[]
  /** Leads that were handed over, by the rules whose points stood then (ids) and by how it ended. */
  handOvers(
    site: number,
    from: number,
    to: number,
  ): { rules: string[]; isWon: boolean | null; count: number }[]
  /** Rejections of leads, by the rules whose points stood at their hand-over. */
  rejectionsByRules(
    site: number,
    from: number,
    to: number,
  ): { rules: string[]; reason: string; count: number }[]
  stageDays(site: number, to: number): { day: number; stage: Stage; n: number }[]
  /** What was noted of a person, under all its records, the oldest first. */
  notes(contact: number): NoteRow[]
  breaches(contact: number): { since: number; dueAt: number; recordedAt: number }[]
  /** Whether anybody is overdue at `at`, ms, of whom no breach is noted. */
  overdue(at: number): boolean
  /** Those of a site that hold, before a number, the last first; at most `limit`, and where to go on. */
  transitionsOf(
    site: number,
    to: readonly Stage[],
    before: number,
    limit: number,
  ): { rows: (NotedTransition & { lead: string })[]; next: number | null }
  /** All that were ever written down of a contact, in that order. */
  transitions(contact: number): NotedTransition[]
  /** Visitors of a contact with the intervals in which they are its. */
  visitors(contact: number): { visitor: Visitor; from: number; to: number | null }[]
  events(visitor: number, from: number, to: number | null): TrackedEvent[]
  visits(visitor: number, from: number, to: number | null): Visit[]
  consents(visitor: number, from: number, to: number | null): ConsentRow[]
  /** Number and site of a standing contact, by its id; of a merged one, those of whom it has become part of. */
  numberOf(id: string): { no: number; id: string; site: number } | undefined
  /** All rows that are held of a person but its events and visits, by table. */
  heldOf(contact: number): Record<string, Record<string, unknown>[]>
  suppressions(): string[]
  /** The newest first, behind a number; of a site by its id, or of all. */
  audit(before: number, limit: number, site: string | null): (AuditRow & { no: number })[]
  outcome(ref: string): unknown
  counts(): Record<string, number>
  /** What the door refused of a site ('' for what is of none) on these days. */
  refusals(site: string, first: number, last: number): { day: number; reason: string; n: number }[]
  /** Dead letters behind `after`, by sequence number, at most `limit`. */
  deadLetters(after: number, limit: number): DeadLetter[]
  watermark(): number
  /** The greatest received time that was projected, ms. */
  projectedNow(): number
}

/** Steps of which there are times to compare. */
export type TimedStep = 'lead' | 'mql' | 'sql' | 'accepted' | 'won'

/** So many took so many days, or (not `arrived`) have been under way for so long. */
export interface DaysTaken {
  days: number
  arrived: 0 | 1
  n: number
}

export interface ListedLead {
  contact: Contact
  lead: Lead
  rulesVersion: number
  engagement: number
  fit: number
  visits: number
  dueAt: number | null
}

export type NotedTransition = Omit<TransitionRow, 'supersedes'> & {
  /** Number of the one that has taken its place; null of one that holds. */
  supersededBy: number | null
}

/** Standing of a company, by its people. */
export interface ListedCompany {
  key: string
  people: number
  /** Index in `STAGES_BY_STRENGTH` of its strongest stage. */
  strength: number
  /** Hundredths of all its people together, as of their last evaluations. */
  engagement: number
  lastAt: number
}

/** When somebody became a lead and first came to each step, ms; null where never. */
export interface LeadTimes {
  lead: number
  mql: number | null
  sql: number | null
  won: number | null
}

/** Where a page of companies goes on: behind this one. */
export type CompanyCursor = Pick<ListedCompany, 'strength' | 'engagement' | 'key'>

/** What a list of leads is of, and in which order. Points are hundredths, times ms, both ends included. */
export interface LeadsAsked {
  site: number
  /** Empty: all. */
  stages: readonly Stage[]
  engagement?: { min?: number; max?: number }
  fit?: { min?: number; max?: number }
  /** Kind and name of the first visit's source: 'search Google', 'direct'. */
  source?: string
  /** A path that was read. */
  page?: string
  seen?: { from?: number; to?: number }
  /** Null: nobody's. */
  owner?: string | null
  /** In name, e-mail, phone, external id or company. */
  text?: string
  sort: LeadSort
  descending: boolean
  limit: number
  after: LeadPlace | undefined
}

/** Where a page of leads goes on: behind this one. */
export interface LeadPlace {
  /** Text where they are sorted by name (`sort-name.ts`). */
  value: number | string
  contact: number
}

/** How far the leads of one value came. */
export interface ValueSteps {
  /** Null where it is not known. */
  value: string | null
  lead: number
  mql: number
  sql: number
  accepted: number
  won: number
  /** MQLs who were no SQL before. */
  mqlFirst: number
  /** Who took both steps, in this order. */
  mqlToSql: number
  sqlToAccepted: number
  acceptedToWon: number
}

export interface VisitReader {
  /**
   * Visits of a site that began in [from, to), ms, of the visitors whose numbers `every`, a power of two, divides: in
   * no order, and without reading the others. `wanted` may spare what those cost that are not looked for: visits of other
   * profiles may be left out, and where visitors stand is told only if it is asked for.
   */
  visits(site: number, from: number, to: number, every: number, wanted?: WantedVisits): Iterable<SeenVisit>
  /** Whether somebody has read the path within a visit. */
  hasRead(visit: SeenVisit, path: string): boolean
  /** What was read, downloaded and put into the cart within a visit, an event each. */
  things(visit: SeenVisit): { kind: 'page' | 'download' | 'cart'; value: string }[]
}

export interface WantedVisits {
  isProfile?: ((profile: Profile | null) => boolean) | undefined
  withStage: boolean
}

/** A visit with what its visitor is. Texts that many visits have in common are the same objects. */
export interface SeenVisit {
  visitor: number
  startAt: number
  endAt: number
  views: number
  engagedMs: number
  actions: number
  entryPath: string | null
  exitPath: string | null
  came: { referrer: string | null; query: Record<string, string> | null }
  profile: Profile | null
  /** Null of one who is anonymous, and where it was not asked for. */
  stage: Stage | null
}

/** Visitors of a site who were there since, ms, as of now: number and time, one pair after the other, oldest first. */
export type PresentReader = (site: number, since: number, now: number) => number[]

export interface RollUpReader {
  /** Sums of one value of a dimension; of the site as a whole without one. */
  sums(span: Span, slice?: { dimension: Dimension; value: string }): Totals
  /** The values of a dimension with the most of the first sum named, and by name where they are equal. */
  top<S extends keyof Totals>(
    span: Span,
    dimension: Dimension,
    sums: readonly [S, ...S[]],
    limit: number,
  ): ({ value: string } & Pick<Totals, S>)[]
  /** Says that these lists are asked for next, and who was there: to an engine behind a network each question is a journey. */
  expect?(span: Span, lists: readonly TopList[]): void
  /** How many were there, of one value where it is named; who of them is known takes longer to tell (`people`). */
  visitors(span: Span, slice?: { dimension: Dimension; value: string }): VisitorCount
  /** Those of the site as a whole, those of them that belong to no contact, and how many there were each day. */
  people(span: Span): { all: VisitorCount; anonymous: number; days: Map<number, number> }
  /** Sums of the days on which something happened, oldest first; of one value where it is named. */
  days(span: Span, slice?: { dimension: Dimension; value: string }): ({ day: number } & Totals)[]
  /** Who was there on each day, as `VisitorUnion` takes them. */
  visitorDays(
    span: Span,
    slice?: { dimension: Dimension; value: string },
  ): Iterable<{ day: number; bytes: Uint8Array }>
  /** Sums of quarter hours (whole ones since 1970), both ends included, with who was there. */
  quarters(
    site: number,
    from: number,
    to: number,
  ): ({ quarter: number; visitors: Uint8Array | null } & Totals)[]
  /** The first day on which something happened; undefined where nothing did. */
  firstDay(site: number): number | undefined
}

/** What `top` is asked for. */
export type TopList = readonly [
  dimension: Dimension,
  sums: readonly [keyof Totals, ...(keyof Totals)[]],
  limit: number,
]

/** Days of the site's time zone, both ends included. */
export interface Span {
  site: number
  from: number
  to: number
}

/** How many different visitors; `error` is the standard error as a share, 0 where the number is exact. */
export interface VisitorCount {
  count: number
  error: number
}

export interface DeliveryReader {
  webhooks(): WebhookRow[]
  /** What is due of a webhook at a moment, ms, longest due first. */
  due(webhook: string, at: number, limit: number): DueRow[]
  /** The newest first. */
  list(
    webhook: string,
    of: { state?: DeliveryState; message?: string; before?: MessagePlace },
    limit: number,
  ): DeliveryLine[]
  /** The newest one that was tried; undefined where none was. */
  last(webhook: string): DeliveryLine | undefined
  /** How many there are by webhook and state. */
  counts(): { webhook: string; state: DeliveryState; n: number }[]
}

/** A message that is due. */
export interface DueRow {
  webhook: string
  message: string
  contact: number
  /** Tries that were made. */
  made: number
  payload: Record<string, unknown>
}

export interface DeliveryLine {
  message: string
  type: string | null
  seq: number
  serial: number
  createdAt: number
  state: DeliveryState
  dueAt: number | null
  tries: DeliveryTry[]
}

/** What the reports are made of. */
export type ReportReader = Pick<
  StateReader,
  | 'funnel'
  | 'reached'
  | 'daysBetween'
  | 'minutesToAccept'
  | 'breachCount'
  | 'rejections'
  | 'leadTimes'
  | 'stepsByTouch'
  | 'stepsByContent'
  | 'handOvers'
  | 'rejectionsByRules'
  | 'stageDays'
>

/** Types of the JSON API; its reports and what webhooks send are in files of their own. Types only; times are ISO 8601 UTC. */
import type { Consent, DecisionName, Fit, NoteKind, Reason, Stage, Transition } from './lead.ts'

/** What a visit came by: `paid`, `mail`, `social` and `campaign` also by its campaign's tags. */
export type SourceKind = 'direct' | 'search' | 'ai' | 'social' | 'mail' | 'paid' | 'campaign' | 'referral'

export interface StatsAnswer {
  site: string
  /** First and last moment counted: whole days of `timeZone`. */
  from: string
  to: string
  /** IANA name of the site's time zone. */
  timeZone: string
  visitors: number
  /** Standard error of `visitors` as a share: 0 where the number is exact, 0.016 where it is estimated. */
  visitorsError: number
  visits: number
  pageViews: number
  /** Milliseconds. */
  engagedMs: number
  /** Visits of one page view and nothing else. */
  bounces: number
  downloads: number
  cartAdds: number
  /** What was put into carts, by currency (empty where the shop told none): price times quantity. */
  cartValue: { currency: string; value: number }[]
  /** How many stand at each stage now; `visitor` are the anonymous ones seen in the range. */
  stages: Record<Stage, number>
  /** Days on which something happened, oldest first. */
  days: { day: string; visitors: number; visits: number; pageViews: number }[]
  topPages: { path: string; views: number; engagedMs: number }[]
  entryPages: TopValue[]
  exitPages: { name: string; visits: number }[]
  /** Lists of at most 20, most visits first. An empty name is what is not known. */
  sources: (TopValue & { kind: SourceKind })[]
  campaigns: TopValue[]
  devices: TopValue[]
  browsers: TopValue[]
  systems: TopValue[]
  languages: TopValue[]
  screens: TopValue[]
  countries: TopValue[]
  topDownloads: { url: string; downloads: number }[]
  topProducts: { product: string; cartAdds: number }[]
  /** The span that it is compared with, where one was asked for. */
  compare?: NumbersAnswer
}

export interface TopValue {
  name: string
  visits: number
  bounces: number
}

/** Sums of a span of days. */
export interface NumbersAnswer {
  from: string
  to: string
  visitors: number
  visitorsError: number
  visits: number
  pageViews: number
  engagedMs: number
  bounces: number
  /** Share of the visitors that was looked at, of which the numbers are an estimate; 1 where they are exact. */
  sample: number
}

/** Answer of `/v1/stats/series`. */
export interface SeriesAnswer {
  site: string
  from: string
  to: string
  timeZone: string
  interval: 'hour' | 'day' | 'week' | 'month'
  /** As in `NumbersAnswer`. */
  sample: number
  /** All pieces of the span, the oldest first. */
  items: SeriesItem[]
  /** The span that it is compared with, where one was asked for. */
  compare?: { from: string; to: string; items: SeriesItem[] }
}

export interface SeriesItem {
  /** When the piece begins; of the first one where the span does. */
  at: string
  visitors: number
  visits: number
  pageViews: number
  engagedMs: number
  bounces: number
  /** Null under filters: these are kept of all visits together. */
  downloads: number | null
  cartAdds: number | null
}

/** Of a list of `/v1/stats/top/{dimension}`. */
export interface TopItem {
  /** As filters take it; empty is what is not known. */
  value: string
  visits: number
  bounces: number
  pageViews: number
  engagedMs: number
  downloads: number
  cartAdds: number
}

/** Answer of `/v1/stats` with filters. */
export interface SliceAnswer
  extends Pick<
    StatsAnswer,
    | 'site'
    | 'from'
    | 'to'
    | 'timeZone'
    | 'visitors'
    | 'visitorsError'
    | 'visits'
    | 'pageViews'
    | 'engagedMs'
    | 'bounces'
  > {
  /** Of a page alone, `visits` and `bounces` are those that began on it. */
  page?: string
  source?: string
  campaign?: string
  device?: string
  browser?: string
  system?: string
  country?: string
  entry?: string
  download?: string
  product?: string
  stage?: Stage[]
  /** As in `NumbersAnswer`. */
  sample: number
  /** The span that it is compared with, where one was asked for. */
  compare?: NumbersAnswer
}

/** Events that were refused at the door, over the last 30 days at most. */
export interface RefusalsAnswer {
  site: string
  from: string
  to: string
  /** Events by reason: bot, webdriver, staff, ... */
  reasons: Record<string, number>
  days: { day: string; reason: string; events: number }[]
  /** What names no known site or could not be read, by reason; for keys of every site alone. */
  elsewhere?: Record<string, number>
}

export interface LeadListItem {
  id: string
  site: string
  stage: Stage
  /** 0 to 100, today. */
  engagement: number
  /** 0 to 100; 50 when nothing is known. */
  fit: number
  /** Of so many fields that carry weight, so many are known: a fit of 100 from one of six says little. */
  fitKnown: number
  fitFields: number
  name: string | null
  email: string | null
  company: string | null
  stageSince: string
  lastSeenAt: string
  visits: number
  trend: 'rising' | 'steady' | 'cooling'
  /** What to do next with the lead as it stands: what the rules say of its stage, or of an SQL that is accepted; an overdue answer or a cool-down first. */
  nextStep: string
  /** How the rules name those at this stage: nurture, retarget, call. */
  segments: string[]
  /** Who works it; null where nobody does. */
  owner: string | null
  /** By when sales is to accept or reject this SQL; null where nothing waits for sales. */
  dueAt: string | null
}

export interface ConsentAnswer {
  /** `privacy` is the browser's wish to all sites (GPC, DNT). */
  state: Consent
  source: 'browser' | 'form' | 'import'
  at: string
  /** Id of the visitor whose browser said so; null where a form or another system did. */
  visitor: string | null
}

export interface LeadAnswer extends LeadListItem {
  /** Key of its company in `/v1/companies`; null where neither e-mail nor traits tell one. */
  companyKey: string | null
  phone: string | null
  externalId: string | null
  traits: Record<string, unknown>
  createdAt: string
  accepted: boolean
  /** What was said of being followed, each time that it changed, the oldest first. */
  consents: ConsentAnswer[]
  /** Until then nothing promotes this lead, as sales sent it back or lost it; null where nothing holds it. */
  coolUntil: string | null
  /** Each time that sales did not answer by `dueAt`. */
  breaches: { dueAt: string; recordedAt: string }[]
  /** What people decided, the oldest first. How many there are is the `version` that a decision may expect. */
  decisions: DecisionAnswer[]
  /** What sales noted, the oldest first. */
  notes: NoteAnswer[]
  /** Points by group, capped. */
  groups: Record<string, number>
  fitDetail: Fit
  /** Sums to `engagement` exactly. */
  reasons: Reason[]
  /** Those that hold, in the order of their effect. */
  transitions: Transition[]
  /** Those that were once noted and hold no longer, in the order in which they were noted. */
  superseded: Transition[]
  rulesVersion: number
  /** Thresholds of the rules in force, for whoever draws the score. */
  thresholds: { mql: number; sql: number }
  visitors: number
  /** First-touch source: a name such as Google, the referrer's host, or utm_source; null where the first visit came directly. */
  source: string | null
  /** Last-touch source: of the latest visit that did not come directly. */
  lastSource: string | null
  /** False where only a browser claimed who it is. */
  verified: boolean
  /** Contacts that turned out to be the same person; their ids answer with a redirect. */
  mergedFrom: string[]
  /** `many-visitors`: more devices than one person has. */
  flags: string[]
}

/** What a person decided of a lead. */
export interface DecisionAnswer {
  decision: DecisionName
  at: string
  by: string
  /** Of a rejection one of the closed list, of others free words. */
  reason: string | null
  until: string | null
  value: number | null
}

export interface NoteAnswer {
  kind: NoteKind
  text: string
  at: string
  by: string
}

/** Body of `POST /v1/leads/{id}/notes`. */
export interface NoteRequest {
  kind: NoteKind
  text: string
}

/** Everything that sales wants to know before it calls: `GET /v1/leads/{id}/dossier`. */
export interface DossierAnswer {
  /** Who it is, stage, score with reasons, trend, next step, notes and decisions. */
  lead: LeadAnswer
  /** The way to today, the oldest first; the newest 500 steps. */
  path: TimelineItem[]
  /** What the person read, most engaged time first. */
  pages: { path: string; title: string; views: number; engagedMs: number }[]
  /** Downloads, the newest first. */
  content: { title: string; path: string; at: string }[]
  /** The company with its people and what they read; null where none is known. */
  company: CompanyAnswer | null
}

/** Body of `POST /v1/leads/{id}/decision`. */
export interface DecisionRequest {
  decision: DecisionName
  /** Of `reject` required, one of the closed list. */
  reason?: string
  /** Of a rejection for bad timing: not before then. */
  until?: string
  /** Of a deal that was won. */
  value?: number
  /** When; now unless said. */
  at?: string
  /** Refused with 409 where the lead stands elsewhere by now. */
  expectedStage?: Stage
  /** Refused with 409 where others have decided since: the number of decisions that the caller has seen. */
  expectedVersion?: number
}

/** People of one work-e-mail domain or one company trait. */
export interface CompanyListItem {
  /** Its domain, or `name:` and its name in plain letters. */
  key: string
  site: string
  /** As most of its people say it, else its domain. */
  name: string
  peopleCount: number
  /** The strongest of its people's. */
  stage: Stage
  visits: number
  pageViews: number
  /** Milliseconds. */
  engagedMs: number
  lastSeenAt: string
}

export interface CompanyPerson extends LeadListItem {
  /** The trait `title`, else `role`. */
  role: string | null
}

export interface CompanyAnswer extends CompanyListItem {
  /** The strongest stage first, then the most engaged; at most 500. */
  people: CompanyPerson[]
  /** What its people read, most views first. */
  topPages: { path: string; views: number; engagedMs: number }[]
  /** How its strongest 50 people moved from stage to stage, the newest first; at most 100. */
  moves: TransitionItem[]
}

export interface TimelineItem {
  at: string
  kind: 'visit' | 'page' | 'download' | 'cart' | 'outbound' | 'form' | 'custom' | 'signal' | 'transition'
  /** In words: 'Read Pricing', 'Downloaded guide.pdf', 'Demo requested'. */
  title: string
  path?: string
  /** Milliseconds, of a page. */
  engagedMs?: number
  /** Deepest scroll of a page, %. */
  scroll?: number
  /** Device of a visit: 'desktop, Firefox, Linux'. */
  device?: string
  source?: string
  props?: Record<string, unknown>
}

/** Of `/v1/transitions`. */
export interface TransitionItem extends Transition {
  /** Lead id. */
  lead: string
}

/** Of `/v1/segments`. */
export interface SegmentItem {
  name: string
  stages: Stage[]
  leads: number
}

/** Of `/v1/dead-letters`. */
export interface DeadLetterItem {
  seq: number
  at: string
  kind: string
  site: string | null
  reason: string
}

export interface Page<T> {
  items: T[]
  next: string | null
}

/** A signal that a server sends. */
export interface SignalRequest {
  /** Lower case words with `_`, like `demo_requested`. */
  name: string
  /** The sender's own id: sent again with the same one, it counts once. */
  id?: string
  /** When it happened; now unless said. */
  at?: string
  props?: Record<string, unknown>
}

/** Body of `POST /v1/identify`; at least one of `email`, `phone` and `externalId`. */
export interface IdentifyRequest {
  site: string
  /** The id that the snippet made; empty or absent where the script was blocked. */
  visitor?: string
  /**
   * Id of the page view from which the form was sent, which the script puts into the hidden field `leadwake_page`.
   * Where the visitor was only measured, the visit that holds it becomes the contact's; no other visit does.
   */
  page?: string
  email?: string
  /** International form, like +4930123456. */
  phone?: string
  /** The person's id in the sender's own system. */
  externalId?: string
  /** Replace the known ones one by one; null removes one. Reserved names are Segment's. */
  traits?: Record<string, unknown>
  /** When the person left its name; now unless said. */
  at?: string
  signal?: SignalRequest
  /** True where the person agreed to be recognised, false where it declined. */
  consent?: boolean
  /** Answers what would be, and changes nothing. */
  dryRun?: boolean
}

/** Body of `POST /v1/events`. */
export type EventRequest = SignalRequest & { site: string } & (
    | { contact: string; visitor?: never }
    | { visitor: string; contact?: never }
  )

export interface EventAnswer {
  /** False where an event of that id was there already. */
  stored: boolean
}

export interface IdentifyAnswer {
  /** Contact id; a lead's id is its contact's. */
  id: string
  stage: Stage
  engagement: number
  fit: number
  created: boolean
}

/** RFC 9457. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  errors?: { pointer: string; detail: string }[]
}

export type WebhookFormat = 'standard' | 'slack' | 'hubspot' | 'mail'

/** A webhook as the API shows it. Its secret is shown once, when it is made or rotated. */
export interface WebhookAnswer {
  id: string
  /** Null: of every site. */
  site: string | null
  url: string
  /** Types of messages, or `*` for all. */
  events: string[]
  format: WebhookFormat
  description: string
  enabled: boolean
  /** Why it was disabled by the collector itself; null otherwise. */
  disabledBecause: string | null
  createdAt: string
  /** Until when the secret of before signs too; null where it does not. */
  oldSecretUntil: string | null
}

/** `waiting` for its next try or for an earlier one of the same lead; `skipped` where the format has nothing to say. */
export type DeliveryState = 'waiting' | 'delivered' | 'skipped' | 'dead'

/** One try. No body is kept, of the request or the answer. */
export interface DeliveryTry {
  at: string
  /** HTTP status; null where there was no answer. */
  status: number | null
  ms: number
  /** Why it failed, of a closed set; null of one that did not. */
  error: string | null
}

export interface DeliveryItem {
  /** The `webhook-id` that is sent. */
  message: string
  type: string
  createdAt: string
  state: DeliveryState
  tries: DeliveryTry[]
  /** Null where none is to come, or an earlier message of the same lead is waited for. */
  nextTryAt: string | null
}

/** Who did what about whose data, without the data. */
export interface AuditItem {
  at: string
  /** A key's id, or the account on the command line. */
  by: string
  what: 'export' | 'erase' | 'object' | 'correct' | 'opt-in'
  site: string
  /** Keyed hash of the lead's id: the same for one person, and telling nothing else. */
  subject: string
  detail: Record<string, unknown>
}

/** `now` of `GET /v1/live`: how many visitors did something in the last five minutes. */
export interface LiveNow {
  site: string
  at: string
  visitors: number
  /** Absent where the number is exact: there are at least as many. */
  atLeast?: true
}

/** `events` of `GET /v1/live`: the latest things done, oldest first, and how many there were beside them. */
export interface LiveEvents {
  items: {
    at: string
    kind: 'page' | 'download' | 'cart' | 'outbound' | 'form' | 'custom' | 'signal'
    /** Path or address, where it has one. */
    path?: string
    /** Product, form, event or signal: with the right `leads` alone, as is `lead`. */
    what?: string
    lead?: { id: string; name: string | null }
  }[]
  more: number
}

/** `stage` of `GET /v1/live`. `lead` with the right `leads` alone. */
export interface LiveStage {
  at: string
  from: Stage
  to: Stage
  lead?: { id: string; name: string | null }
}

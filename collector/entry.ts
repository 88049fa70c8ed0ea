/**
 * What the intake log holds. Everything that changes the state is an entry; the projector reads them in order.
 * Entries are JSON. A reader of an old version stays for as long as a log or a dead letter can hold one;
 * an unknown newer one stops the projector with a sentence.
 */

import type { Right, Role } from '../shared/access.ts'
import type { Consent, NoteKind, Signal, Stage } from '../shared/lead.ts'
import type { WeeklyMessage } from '../shared/messages.ts'
import type { Decision, EventKey, TrackedEvent } from './lead/state.ts'
import type { DeliveryResult, Profile, WebhookRow } from './store/store.ts'

export const ENTRY_VERSION = 1

/** A beacon that was accepted. Holds no IP address: what needed it is resolved. */
export interface BeaconEntry {
  kind: 'beacon'
  site: string
  /** The visitor's key: the browser's id, or in measure mode `~` and the day's hash. */
  visitor: string
  /**
   * Key of the visitor under whom the page views began that this tells of, where consent changed in the middle of
   * them: they become `visitor`'s.
   */
  from?: string
  /** 'desktop, Firefox, Linux'. */
  agent: string | null
  /** Of `Profile` in `store.ts`. */
  language?: string
  screen?: string
  country?: string
  /** What the visitor, or its browser, says of being followed; missing where nobody was asked. */
  consent?: Consent
  /** Key of the visitor that it was until it said no. */
  withdrew?: string
  events: TrackedEvent[]
  /** Who the visitor said it is. */
  claims?: Claim[]
}

/** A browser's word of who its visitor is; `signed` by the site's server it is as good as the form handler's. */
export interface Claim {
  email: string
  at: number
  signed: boolean
  /** The id that a new contact would get. */
  newContact: string
}

/** A signal that a server sent. */
export interface SentSignal {
  id: EventKey
  name: Signal
  at: number
  props?: Record<string, unknown>
}

export interface IdentifyEntry {
  kind: 'identify'
  site: string
  /** The id that a new contact would get; drawn at the door, so that projecting again gives the same. */
  newContact: string
  /** Keys of the visitors that said who they are; none where the script was blocked. */
  visitors: string[]
  /** The page view from which the form was sent: tells the visit of one who was only measured. */
  page?: EventKey
  email?: string
  phone?: string
  externalId?: string
  traits: Record<string, unknown>
  /** What the person said about being followed, where the form asked. */
  consent?: boolean
  at: number
  signals: SentSignal[]
}

export interface SignalEntry {
  kind: 'signal'
  site: string
  /** Each of a contact (by its id, external id or e-mail) or a visitor. */
  items: { contact?: string; visitor?: string; signal: SentSignal }[]
}

/** A person whom another system knows. */
export interface BroughtPerson {
  /** The id that a new contact would get. */
  newContact: string
  /** Where it stood: the line of a file, or the place in a list. */
  line: number
  email?: string
  phone?: string
  externalId?: string
  traits: Record<string, unknown>
  consent?: boolean
  at: number
}

/** People whom another system knows, some of a file's. Tells no webhook: nobody came. */
export interface ContactsEntry {
  kind: 'contacts'
  site: string
  people: BroughtPerson[]
  /** The file, and its last line that is done with this entry; null once all are. */
  file?: { id: string; line: number | null }
}

/** Who asked for something that the audit log names: a key's id, or the account on the command line. */
interface Asked {
  by: string
}

/** One thing that a server tells of a visitor: what it did, who it is, or both. */
export interface ToldItem {
  /** Key of the visitor. Missing where a person alone is named. */
  visitor?: string
  /** What its browser says of itself. */
  profile?: Profile
  /** Who the visitor is. */
  person?: Omit<BroughtPerson, 'line' | 'consent' | 'at'> & { signals?: SentSignal[] }
  event?: TrackedEvent
  /** Whether the visitor may be followed, where that is said. */
  consent?: boolean
  at: number
}

/** What a server tells of visitors, message by message; or what another tool has recorded of them. */
export interface ToldEntry {
  kind: 'told'
  site: string
  items: ToldItem[]
  /** Of the past: answers in sums, and tells no webhook. The file, and its last line that is done; null once all are. */
  file?: { id: string; line: number | null }
}

/** Removes a person for good. Bears the contact's row number and no name, so that it can stay in the log. */
export interface EraseEntry extends Asked {
  kind: 'erase'
  site: string
  contact: number
}

/** Erases whom these hashes name, who were erased before: the state is of an older backup. */
export interface SuppressEntry {
  kind: 'suppress'
  hashes: string[]
}

/** A person objects to profiling, or no longer does. */
export interface ObjectEntry extends Asked {
  kind: 'object'
  site: string
  contact: number
  objects: boolean
  at: number
}

/** What is true of a person, said by whoever may: null forgets. */
export interface CorrectEntry extends Asked {
  kind: 'correct'
  site: string
  contact: number
  email?: string | null
  phone?: string | null
  externalId?: string | null
  traits: Record<string, unknown>
  /** Who works the lead from now on; null: nobody. */
  owner?: string | null
  at: number
}

/** A person's data were handed out. */
export interface ExportedEntry extends Asked {
  kind: 'exported'
  site: string
  contact: number
}

/** What stands where an entry of an erased person stood. */
export interface ErasedEntry {
  kind: 'erased'
  /** How many events it held. */
  events: number
}

/** Takes a record out of the person that it was merged into. */
export interface UnmergeEntry {
  kind: 'unmerge'
  site: string
  /** Id of the merged contact. */
  contact: string
}

/** What a person decided of a lead. */
export interface DecisionEntry {
  kind: 'decision'
  site: string
  /** Id of the contact, merged or not. */
  contact: string
  decision: Decision
  /** Refused where the lead stands elsewhere by then, or where others have decided since. */
  expected: { stage?: Stage; version?: number }
  /** Brought from elsewhere: it was made of the lead as it was then, and tells no webhook. */
  isPast?: true
}

/** What sales noted of a person. */
export interface NoteEntry {
  kind: 'note'
  site: string
  /** Id of the contact, merged or not. */
  contact: string
  id: string
  about: NoteKind
  text: string
  at: number
  by: string
}

export interface SiteEntry {
  kind: 'site'
  id: string
  name: string
  consent: 'required' | 'given'
  /** Host names whose pages may send; empty allows all. */
  hosts: string[]
  /** What its script takes on; nothing where it is not said. */
  with?: string[]
  /** Version 1 of its rules. */
  rules: unknown
  /** Signs who a visitor is. */
  secret: string
  /** IANA name; UTC unless said. */
  timeZone?: string
}

/** Changes what it names of a site's settings. */
export interface SiteSetEntry {
  kind: 'site-set'
  id: string
  name?: string
  consent?: 'required' | 'given'
  hosts?: string[]
  /** What its script takes on: names of `PIECE_NAMES` in `script.ts`. */
  with?: string[]
  /** Days; null keeps for good. */
  retention?: number | null
  /** SendGrid's verification key, and the SHA-256 (hex) of Postmark's secret; null takes no more of their events. */
  mail?: { sendgrid?: string | null; postmark?: string | null }
}

/** Who hears of the moves that new rules make: nobody, of new SQLs alone, or of all. */
export type Notify = 'silent' | 'sql' | 'all'

/** New rules of a site, applied to everybody's whole history. */
export interface RulesEntry {
  kind: 'rules'
  site: string
  document: unknown
  /** Who applied them, in words. */
  by: string
  notify: Notify
}

/** Makes a site's sums again from its events, and gives it another time zone where one is named. */
export interface RebuildEntry {
  kind: 'rebuild'
  site: string
  timeZone?: string
  /** Leaves what erased people did out of the sums from now on: their events are gone. */
  withoutErased?: boolean
}

export type { Right }

export interface KeyEntry {
  kind: 'key'
  id: string
  /** SHA-256 of the key, hex. */
  hash: string
  name: string
  rights: Right[]
  /** Null: every site. */
  site: string | null
  /** From when on it opens nothing, ms; null or missing: never. */
  expiresAt?: number | null
  /** The key in whose place it comes, which opens until then, ms. */
  replaces?: { id: string; until: number }
}

export interface KeyRevokedEntry {
  kind: 'key-revoked'
  id: string
}

/** When keys were used, ms, by id: of each about once an hour. */
export interface KeysUsedEntry {
  kind: 'keys-used'
  keys: Record<string, number>
}

/** Somebody who may sign in, as from now on; `removed` no longer may. */
export interface StaffEntry {
  kind: 'staff'
  id: string
  name: string
  role: Role
  /** Of the password, by scrypt. */
  hash: string
  /** The one that the person sees; null: every site. */
  site: string | null
  isNew?: boolean
  removed?: boolean
}

/** Login secrets: `link` offers a one-time link, `redeem` spends it, `password` sets the password. */
export interface LoginEntry {
  kind: 'login'
  op: 'link' | 'redeem' | 'password' | 'session-secret'
  /** SHA-256 of the link's token (hex), the scrypt hash, or the secret that signs sessions. */
  value: string
}

/** Ends the UTC day `day` (whole days since 1970). Twice is harmless. */
export interface TickEntry {
  kind: 'tick'
  day: number
}

/** The clock of sales: SQLs that were due by now and are unanswered are breaches. Twice is harmless. */
export interface SlaEntry {
  kind: 'sla'
}

/** Events that were dropped or rejected at the door since the last such entry, by reason. */
export interface CountsEntry {
  kind: 'counts'
  dropped: Record<string, number>
  rejected: Record<string, number>
  /** What was kept and yet is worth a number, by name. */
  noted: Record<string, number>
  /** Of those dropped, the ones of known sites, by site and reason. */
  sites?: Record<string, Record<string, number>>
}

/** Dead letters to be projected again: their sequence numbers. */
export interface ReplayEntry {
  kind: 'replay'
  seqs: number[]
}

/** Dead letters that nobody wants any more. */
export interface DiscardEntry {
  kind: 'discard'
  seqs: number[]
}

/** A new webhook. */
export interface WebhookEntry {
  kind: 'webhook'
  webhook: Pick<WebhookRow, 'id' | 'site' | 'url' | 'events' | 'format' | 'description' | 'token' | 'secret'>
}

/** Changes what it names of a webhook. */
export interface WebhookSetEntry {
  kind: 'webhook-set'
  id: string
  set: Partial<Pick<WebhookRow, 'url' | 'events' | 'format' | 'description' | 'token' | 'enabled'>> & {
    /** A new secret; the one before signs too for so long, ms. */
    rotated?: { secret: string; overlapMs: number }
  }
}

export interface WebhookRemovedEntry {
  kind: 'webhook-removed'
  id: string
}

/** Sends a message that says nothing but that it came. */
export interface WebhookTestEntry {
  kind: 'webhook-test'
  id: string
}

/** Dead deliveries of a webhook that are to be tried again: all, or those of these messages. */
export interface WebhookReplayEntry {
  kind: 'webhook-replay'
  id: string
  messages: string[] | null
}

/** What a try to deliver came to. Names nobody. */
export interface DeliveryEntry extends DeliveryResult {
  kind: 'delivery'
  /** Disables the webhook, for this reason. */
  disable?: string
}

/** A week of a site that is over. Twice is harmless. */
export interface ReportEntry {
  kind: 'report'
  site: string
  report: Omit<WeeklyMessage['data'], 'site'>
}

export type EntryBody =
  | BeaconEntry
  | IdentifyEntry
  | SignalEntry
  | ContactsEntry
  | ToldEntry
  | EraseEntry
  | SuppressEntry
  | ObjectEntry
  | CorrectEntry
  | ExportedEntry
  | ErasedEntry
  | UnmergeEntry
  | DecisionEntry
  | NoteEntry
  | RulesEntry
  | RebuildEntry
  | SiteEntry
  | SiteSetEntry
  | KeyEntry
  | KeyRevokedEntry
  | KeysUsedEntry
  | StaffEntry
  | LoginEntry
  | TickEntry
  | SlaEntry
  | CountsEntry
  | ReplayEntry
  | DiscardEntry
  | WebhookEntry
  | WebhookSetEntry
  | WebhookRemovedEntry
  | WebhookTestEntry
  | WebhookReplayEntry
  | DeliveryEntry
  | ReportEntry

/** An entry to append: its body, and a reference where somebody waits for the outcome. */
/** `once` is a hash of the body of a call with an Idempotency-Key, from which its reference is made. */
export type Entry = EntryBody & { v: typeof ENTRY_VERSION; ref?: string; once?: string }

/** What became of an awaited entry; its `status` is HTTP's. */
export interface Outcome {
  status: 200 | 201 | 404 | 409 | 422
  body: Record<string, unknown>
  /** Of which body, where the call had an Idempotency-Key. */
  once?: string
}

/**
 * The state that the domain core reads and returns. All of it is plain data: numbers, strings, arrays and
 * records that survive JSON unchanged, so that two programs can compare it byte for byte.
 *
 * Moments are ms since 1970, UTC. A *day* is a whole number of UTC days since 1970. Points are integer
 * hundredths (`1500` is 15 points) unless a name says otherwise.
 */
import type { DecisionName, Signal, Stage } from '../../shared/lead.ts'

/** An event's key within its visitor: the ms in its id, and 48 bits hashed of the whole id. Also the tie-break of equal times. */
export interface EventKey {
  ms: number
  key: number
}

interface EventBase {
  id: EventKey
  /** When it happened by the server's clock, ms. */
  at: number
}

/** What a visitor did, or (`signal`) what a server said of a contact. */
export type TrackedEvent = EventBase &
  (
    | {
        kind: 'page'
        path: string
        title?: string
        referrer?: string
        query?: Record<string, string>
        pageKind?: string
      }
    /** `page` is the key of the page view that it belongs to; `ms` and `scroll` are cumulative for it. */
    | { kind: 'engage'; page: EventKey; ms: number; scroll: number }
    | { kind: 'download'; url: string }
    | { kind: 'cart'; product: string; quantity: number; price?: number; currency?: string }
    | { kind: 'outbound'; url: string }
    | { kind: 'form'; form: string; action?: string }
    | { kind: 'custom'; name: string; props?: Record<string, unknown> }
    | { kind: 'signal'; name: Signal; props?: Record<string, unknown> }
  )

/** A run of events without a gap over 30 minutes. */
export interface Visit {
  /** First event, ms. With the visitor it names the visit. */
  startAt: number
  /** Last sign of life, ms. */
  endAt: number
  views: number
  /** Greatest engaged ms of each page view, summed. */
  engagedMs: number
  /** Downloads, cart adds, outbound clicks, forms, custom events: with any of them a one-page visit is no bounce. */
  actions: number
  entryPath: string | null
  exitPath: string | null
  /** Referrer of its first page view. */
  referrer: string | null
  query: Record<string, string> | null
}

/** A page view and what is known of the time spent on it. */
export interface PageView {
  id: EventKey
  /** Null while only its engagement has arrived. */
  at: number | null
  path: string | null
  engagedMs: number
  scroll: number
  /** Start of the visit it is in. */
  visitStart: number | null
}

/** What happened once, as rules see it. */
export interface Occurrence {
  signal: Signal
  at: number
  /** The day whose cell it belongs to: engaged time and long visits belong to the day on which they began. */
  day: number
  /** How often; engaged time counts 0 and carries ms. */
  count: number
  ms: number
  /** What makes it distinct, for rules that count each thing once (a file's URL); else null. */
  key: string | null
}

/** (lead, signal, day): the integer ledger from which points are made. */
export interface Cell {
  signal: Signal
  day: number
  count: number
  ms: number
  /** Distinct keys, sorted. */
  keys: string[]
  /** The last occurrence, ms. */
  lastAt: number
}

/** A contact's facts that qualification reads. */
export interface ContactFacts {
  identifiedAt: number
  traits: Record<string, unknown>
  email: string | null
  /** A browser's unsigned claim: never an SQL. */
  verified: boolean
  /** The person has agreed to be tracked; absent: not that we know. */
  consent?: boolean
}

/** Steps of a lead's way that reports count. */
export type Milestone = 'mql' | 'sql' | 'accepted' | 'rejected' | 'opportunity' | 'won' | 'lost'

/** Everything that `occur` and `tick` need to go on in O(1). */
export interface Lead {
  stage: Stage
  /** Since when it stands there, ms. */
  since: number
  identifiedAt: number
  /** Latest occurrence folded, ms; an earlier one needs history. */
  lastAt: number
  /** Key of the event that it came from: of two events at one moment, the smaller key folds first. */
  lastId: EventKey
  /** The open day: the latest day with an occurrence. */
  day: number
  /** Per group, decayed to `day` and without it: hundredths, not rounded. */
  closed: Record<string, number>
  /** The open day's cells by signal. */
  open: Record<Signal, { count: number; ms: number; keys: string[] }>
  /** Keys that a once-ever rule has counted, by rule. */
  ever: Record<string, string[]>
  /** Activity of the last 30 days for the gates, oldest first. */
  window: { day: number; visits: number; ms: number; intent: number }[]
  /** Sums of QUALIFY's trend as of `lastDay`, unnormalised. */
  trend: { firstDay: number; lastDay: number; visits: number; sum7: number; sum28: number }
  /** The newest hand-raise, and when the one that last promoted happened. */
  handRaise: { at: number; signal: Signal } | null
  handRaiseSpentAt: number
  lastVisitAt: number
  unsubscribedAt: number
  suppressed: boolean
  /** Ticks in a row below the share that a stage may fall to, and ticks in a row cooling. */
  lowTicks: number
  coolingTicks: number
  /** By sales. */
  accepted: boolean
  /** Until then, ms, nothing promotes, and after it only a new sign of intent; 0 where nothing holds it back. */
  coolUntil: number
  /** When it first came to each of these, ms; what reports count. */
  firsts: Partial<Record<Milestone, number>>
  /** By when sales is to answer if it hears of it at once, ms; null unless it is an SQL that waits. */
  dueAt: number | null
  /** The latest decision folded; 0 before the first. */
  decidedAt: number
  decidedId: EventKey
  /** Last day ticked. */
  tickedDay: number
  /** The next UTC day whose tick can change the stage; null if none can. Never later than the true one. */
  reviewDay: number | null
}

/** What a person decided of a lead, once and for all: a replay carries it out again. */
export interface Decision {
  id: EventKey
  /** ms. */
  at: number
  decision: DecisionName
  /** Who decided. */
  by: string
  /** Of a rejection one of `REJECT_REASONS`; of others free words, or none. */
  reason: string | null
  /** Of a rejection for bad timing: not before then, ms. */
  until: number | null
  /** Of a deal that was won. */
  value: number | null
}

/** A change of stage, before it is written down. */
export interface StageChange {
  from: Stage
  to: Stage
  effectiveAt: number
  by: 'identify' | 'rules' | 'tick' | 'person'
  /** Of a person's change, who. */
  who?: string
  /** In words, without the stage: 'demo requested on 3 Nov; fit unknown'. */
  why: string
}

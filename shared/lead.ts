/** Where a person stands. `visitor` is anonymous; the others are identified. Rules move a person among lead, mql and sql. */
export const STAGES = ['visitor', 'lead', 'mql', 'sql', 'opportunity', 'customer', 'disqualified'] as const
/** What was said of being followed: by the visitor on the site, or by its browser to all sites (GPC, DNT). */
export const CONSENTS = ['granted', 'refused', 'opt-out', 'privacy'] as const
export type Consent = (typeof CONSENTS)[number]

export type Stage = (typeof STAGES)[number]

/** By what a list of leads may be sorted. */
export const LEAD_SORTS = ['engagement', 'fit', 'lastSeenAt', 'createdAt', 'stageSince', 'name'] as const
export type LeadSort = (typeof LEAD_SORTS)[number]

/** The weakest first: whose company is looked at first is who is closest to buying, or has bought. */
export const STAGES_BY_STRENGTH: readonly Stage[] = [
  'disqualified',
  'visitor',
  'lead',
  'mql',
  'sql',
  'opportunity',
  'customer',
]

/**
 * What a rule matches: the name of something that a person did. Made from events by the rules document (a page
 * under `/services/**` is a `service_view`) or sent by a server under its own name. A browser's custom event
 * is `custom:NAME`, so that it never equals a server-sent name.
 */
export type Signal = string

/** Server-sent signals with a meaning of their own; no browser event ever bears one of these names. */
export const SERVER_SIGNALS = [
  'email_opt_in',
  'email_open',
  'email_click',
  'email_reply',
  'email_unsubscribe',
  'email_bounce',
  'email_complaint',
  'webinar_registered',
  'webinar_attended',
  'survey_answered',
  'video_watched',
  'chat_started',
  'social_message',
  'callback_requested',
  'product_question',
  'demo_requested',
  'trial_started',
  'meeting_booked',
  'quote_requested',
  'referred_by_customer',
  'purchase_date_stated',
  'no_response',
  'mails_ignored',
] as const

/** What people decide of a lead. `accept` sets a flag of an SQL; the others move it. */
export const DECISIONS = [
  'accept',
  'reject',
  'recycle',
  'opportunity',
  'won',
  'lost',
  'disqualify',
  'restore',
] as const
export type DecisionName = (typeof DECISIONS)[number]

/** Why sales sends a lead back. `bad_timing` may name a day before which it is not handed over again. */
export const REJECT_REASONS = [
  'no_budget',
  'no_authority',
  'no_need',
  'no_infrastructure',
  'bad_timing',
  'wrong_person',
  'not_reachable',
  'competitor',
  'duplicate',
  'spam',
] as const
export type RejectReason = (typeof REJECT_REASONS)[number]

/** What a note of sales is about: budget, authority, need and timing (BANT), the role in the buying team, a pain point. */
export const NOTE_KINDS = ['budget', 'authority', 'need', 'timing', 'role', 'pain', 'other'] as const
export type NoteKind = (typeof NOTE_KINDS)[number]

/** One line of a score. The lines of a score sum to it exactly. */
export interface Reason {
  /** Id of the rule, or `cap:GROUP`, `floor`, `cut` for what bounds take away or give back. */
  rule: string
  /** In words, for a person. */
  label: string
  /** Id of the rule's group; absent for `floor` and `cut`. */
  group?: string
  /** Points left today after decay; two decimals. */
  points: number
  /** Points on the day itself, before decay; two decimals. */
  pointsThen?: number
  /** Points on the day before the rule's cap a day; absent where that took nothing. */
  pointsUncapped?: number
  /** How often on that day. */
  count?: number
  /** When, ISO 8601 UTC: the last of that day's events. */
  at: string
}

/** Engagement at a moment, 0 to 100 with two decimals, and its capped groups. */
export interface Score {
  engagement: number
  groups: Record<string, number>
}

/** How well the traits fit, 0 to 100, apart from engagement; 50 when nothing is known. */
export interface Fit {
  score: number
  /** Weighted fields of the rules that this contact has a value for, of all that carry weight. */
  known: number
  fields: number
  /** At least half of the weight is known and the score is below 20, or a list disqualifies. */
  bad: boolean
  /** Why a list disqualifies, in words. */
  disqualified?: string
}

/** A change of stage. */
export interface Transition {
  /** Its number; later ones are greater. */
  id: number
  from: Stage
  to: Stage
  /** Event time, ISO 8601 UTC. */
  effectiveAt: string
  /** When the collector learned of it, ISO 8601 UTC. */
  recordedAt: string
  /** `rules:VERSION`, `tick`, `identify` or the person who decided. */
  by: string
  /** In words: 'SQL because: demo requested on 3 Nov; fit 40 of 100, 3 of 6 fields known'. */
  why: string
  /** Id of the transition that took its place, since a late event, a merge or other rules have shown another past. */
  supersededBy?: number
}

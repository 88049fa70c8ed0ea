/** What webhooks send: the body in the format `standard`. Types only; times are ISO 8601 UTC. */
import type { Stage } from './lead.ts'

/** What a webhook of a lead tells: a move of its stage, a decision, or an SQL that sales did not answer in time. */
export interface LeadMessage {
  type:
    | 'lead.created'
    | 'lead.mql'
    | 'lead.sql'
    | 'lead.demoted'
    | 'lead.accepted'
    | 'lead.rejected'
    | 'lead.recycled'
    | 'lead.opportunity'
    | 'lead.won'
    | 'lead.lost'
    | 'lead.disqualified'
    | 'lead.restored'
    | 'lead.sla_breached'
  timestamp: string
  data: {
    id: string
    site: string
    from: Stage
    to: Stage
    engagement: number
    why: string
    /** What to do at the stage `to`, and for which lists and campaigns, as the rules say. */
    nextStep: string
    segments: string[]
    /** Of what a person decided. */
    by?: string
    reason?: string
    value?: number
    /** Of a breach: by when sales was to answer. */
    dueAt?: string
  }
}

/** Records of one person have become one: the others answer as `id` from now on. */
export interface MergedMessage {
  type: 'contact.merged'
  timestamp: string
  data: { id: string; site: string; merged: string[] }
}

/** A person was erased: whoever holds something under these ids has to do the same. */
export interface ErasedMessage {
  type: 'contact.erased'
  timestamp: string
  data: { id: string; site: string; merged: string[] }
}

/** Numbers of a week. */
export interface WeekFigures {
  visitors: number
  visits: number
  pageViews: number
  engagedMs: number
  leads: number
  mqls: number
  sqls: number
  accepted: number
  won: number
  lost: number
}

/** A week of a site, Monday to Sunday by its clock, beside the week before. Names nobody. */
export interface WeeklyMessage {
  type: 'report.weekly'
  timestamp: string
  data: {
    site: string
    /** Its first and last day, like 2026-11-02. */
    from: string
    to: string
    week: WeekFigures
    before: WeekFigures
    topPages: { path: string; views: number }[]
    topSources: { source: string; visits: number }[]
    /** Leads by stage as they stand now. */
    stages: Record<Stage, number>
  }
}

/** What the test button sends. */
export interface TestMessage {
  type: 'webhook.test'
  timestamp: string
  data: { webhook: string; text: string }
}

/** The body of a webhook in the format `standard`. */
export type WebhookPayload = LeadMessage | MergedMessage | ErasedMessage | WeeklyMessage | TestMessage

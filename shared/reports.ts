/** What `GET /v1/reports/{name}` answers. Types only. */
import type { SourceKind } from './api.ts'
import type { Stage } from './lead.ts'

/** A report is about the leads that became known in [from, to], as they stand now. */
interface ReportRange {
  site: string
  from: string
  to: string
}

/** How many came how far, and which share of the step before. */
export interface FunnelReport extends ReportRange {
  steps: {
    step: 'visitor' | 'lead' | 'mql' | 'sql' | 'accepted' | 'opportunity' | 'won'
    count: number
    /** Of all leads; null where there are none. */
    ofLeads: number | null
  }[]
}

/** How many stood at each stage at the end of each UTC day. */
export interface StagesReport extends ReportRange {
  days: ({ day: string } & Partial<Record<Stage, number>>)[]
}

/** Days from one step to the next, by Kaplan and Meier: who has not come there yet counts with the time so far. */
export interface VelocityReport extends ReportRange {
  steps: {
    from: 'lead' | 'mql' | 'sql'
    to: 'mql' | 'sql' | 'accepted' | 'won'
    /** Who came to `from`, and of them to `to`. */
    people: number
    arrived: number
    /** Whole days by which so many have arrived; null where fewer ever have. */
    days: Record<'p25' | 'p50' | 'p75' | 'p90', number | null>
  }[]
}

/** Leads by when they became known, in UTC weeks from Monday or, of long ranges, months. */
export interface CohortsReport extends ReportRange {
  interval: 'week' | 'month'
  cohorts: {
    /** When it begins; of the first one where the range does. */
    at: string
    leads: number
    /** How many came to a step within so many days. `isOpen`: more may come yet. */
    reached: { step: 'mql' | 'sql' | 'won'; days: number; count: number; isOpen: boolean }[]
  }[]
}

/** What sales made of the SQLs. */
export interface SalesReport extends ReportRange {
  sqls: number
  accepted: number
  rejected: number
  won: number
  lost: number
  /** SQLs that were not answered in time. */
  breaches: number
  /** Minutes from SQL to acceptance; null where nobody was accepted. */
  minutesToAccept: Record<'p50' | 'p90', number | null>
  /** Rejections in [from, to] by reason, the most frequent first. */
  reasons: { reason: string; count: number }[]
}

/** How far leads came. Who is an SQL may never have been an MQL; who is sent back to MQL by sales or by time is not counted there. */
export interface StepCounts {
  leads: number
  mql: number
  sql: number
  accepted: number
  won: number
  /** Of the MQLs (but those who had been SQL before) those who became SQL, of the SQLs those whom sales accepted, of these those who were won; null of none. */
  rates: Record<'mqlToSql' | 'sqlToAccepted' | 'acceptedToWon', number | null>
}

/** How far leads came by what their first visit came by. Lists of at most 50, most leads first. */
export interface ChannelsReport extends ReportRange {
  /** `kind` is null of those who never visited, as far as is known. */
  channels: (StepCounts & { kind: SourceKind | null; name: string })[]
  /** On which page the first visit began; null where it is not known. */
  entryPages: (StepCounts & { path: string | null })[]
  /** By `utm_campaign` of the first visit; those without one are left out. */
  campaigns: (StepCounts & { name: string })[]
}

/** How far leads came after they had downloaded a file: steps that they had taken before do not count. */
export interface ContentReport extends ReportRange {
  /** At most 50, most leads first. */
  files: (StepCounts & { path: string })[]
}

/** Which rules' points stood when sales first took leads in hand, and how that ended. */
export interface RulesReport extends ReportRange {
  handedOver: number
  won: number
  /** Lost, disqualified, or rejected for any reason but bad timing and being a duplicate. */
  lost: number
  /** The most hand-overs first. */
  rules: {
    rule: string
    label: string
    handedOver: number
    won: number
    lost: number
    /** Of those that have ended; null of none. */
    winRate: number | null
    /** By how many times that is the win rate of all; null where either is not known. */
    lift: number | null
    /** Rejections of these leads by reason, the most frequent first. */
    rejections: { reason: string; count: number }[]
  }[]
}

/** What each call of the API takes and gives. Made from the OpenAPI document by `npm run openapi`. */
import type {
  AuditItem,
  CompanyAnswer,
  CompanyListItem,
  DeadLetterItem,
  DeliveryItem,
  DossierAnswer,
  EventAnswer,
  IdentifyAnswer,
  LeadAnswer,
  LeadListItem,
  RefusalsAnswer,
  SegmentItem,
  SeriesAnswer,
  SliceAnswer,
  StatsAnswer,
  TimelineItem,
  TopItem,
  TransitionItem,
  WebhookAnswer,
} from './api.ts'
import type {
  ChannelsReport,
  ContentReport,
  FunnelReport,
  RulesReport,
  SalesReport,
  StagesReport,
  VelocityReport,
} from './reports.ts'

export type BatchAnswer = {
  items: {
    status: number
    stored?: boolean | undefined
    dropped?: string | undefined
    visitor?: 'no-consent' | undefined
    detail?: string | undefined
    id?: string | undefined
    stage?: 'visitor' | 'lead' | 'mql' | 'sql' | 'opportunity' | 'customer' | 'disqualified' | undefined
    engagement?: number | undefined
    fit?: number | undefined
    created?: boolean | undefined
  }[]
}
export type ContactsAnswer = {
  created: number
  updated: number
  refused: { index: number; detail: string }[]
}
export type CountsAnswer = { counts: Record<string, number>; watermark: number }
export type DecidedAnswer = {
  id: string
  stage: 'visitor' | 'lead' | 'mql' | 'sql' | 'opportunity' | 'customer' | 'disqualified'
  accepted: boolean
  engagement: number
  coolUntil: string | null
  version: number
}
export type EventsAnswer = {
  items: { status: number; stored?: boolean | undefined; detail?: string | undefined }[]
}
export type KeyAnswer = {
  id: string
  name: string
  rights: ('link' | 'events' | 'read' | 'leads' | 'rules' | 'admin')[]
  site: string | null
  createdAt: string
  expiresAt: string | null
  revokedAt: string | null
  usedAt: string | null
}
export type KnownContact = {
  id: string
  stage: 'visitor' | 'lead' | 'mql' | 'sql' | 'opportunity' | 'customer' | 'disqualified'
  engagement: number
}
export type LearnedAnswer = {
  ok: true
  document: Record<string, unknown>
  changes: { rule: string; label: string; current: number; draft: number; seen: number }[]
  thresholds: { mql: { current: number; draft: number }; sql: { current: number; draft: number } }
  outcomes: number
  won: number
  current: {
    leads: number
    won: number
    auc: { value: number; low: number; high: number } | null
    topDecile: { value: number; low: number; high: number } | null
    lift: number | null
    calibration: { score: number; leads: number; won: { value: number; low: number; high: number } | null }[]
  }
  draft: {
    leads: number
    won: number
    auc: { value: number; low: number; high: number } | null
    topDecile: { value: number; low: number; high: number } | null
    lift: number | null
    calibration: { score: number; leads: number; won: { value: number; low: number; high: number } | null }[]
  }
  aucDifference: { value: number; low: number; high: number } | null
}
export type NewKeyAnswer = {
  id: string
  key: string
  name: string
  rights: ('link' | 'events' | 'read' | 'leads' | 'rules' | 'admin')[]
  site: string | null
  expiresAt: string | null
}
export type NewWebhookAnswer = {
  id: string
  site: string | null
  url: string
  events: string[]
  format: 'standard' | 'slack' | 'hubspot' | 'mail'
  description: string
  enabled: boolean
  disabledBecause: string | null
  createdAt: string
  oldSecretUntil: string | null
  secret: string
}
export type OutcomeAnswer = { status: number; body: Record<string, unknown>; once?: string | undefined }
export type PreviewAnswer = {
  leads: number
  matrix: {
    visitor: {
      visitor: number
      lead: number
      mql: number
      sql: number
      opportunity: number
      customer: number
      disqualified: number
    }
    lead: {
      visitor: number
      lead: number
      mql: number
      sql: number
      opportunity: number
      customer: number
      disqualified: number
    }
    mql: {
      visitor: number
      lead: number
      mql: number
      sql: number
      opportunity: number
      customer: number
      disqualified: number
    }
    sql: {
      visitor: number
      lead: number
      mql: number
      sql: number
      opportunity: number
      customer: number
      disqualified: number
    }
    opportunity: {
      visitor: number
      lead: number
      mql: number
      sql: number
      opportunity: number
      customer: number
      disqualified: number
    }
    customer: {
      visitor: number
      lead: number
      mql: number
      sql: number
      opportunity: number
      customer: number
      disqualified: number
    }
    disqualified: {
      visitor: number
      lead: number
      mql: number
      sql: number
      opportunity: number
      customer: number
      disqualified: number
    }
  }
  moved: number
  sqlsPerWeek: { monday: string; current: number; draft: number }[]
  overCapacity: { current: number; draft: number } | null
  backtest: {
    outcomes: number
    won: number
    skipped: number
    current: {
      sqls: number
      precision: { value: number; low: number; high: number } | null
      recall: { value: number; low: number; high: number } | null
      lift: number | null
      auc: { value: number; low: number; high: number } | null
      calibration: {
        from: number
        to: number
        leads: number
        won: { value: number; low: number; high: number } | null
      }[]
      daysAhead: number | null
    }
    draft: {
      sqls: number
      precision: { value: number; low: number; high: number } | null
      recall: { value: number; low: number; high: number } | null
      lift: number | null
      auc: { value: number; low: number; high: number } | null
      calibration: {
        from: number
        to: number
        leads: number
        won: { value: number; low: number; high: number } | null
      }[]
      daysAhead: number | null
    }
    aucDifference: { value: number; low: number; high: number } | null
    daysEarlier: number | null
  } | null
  movers: {
    id: string
    from: 'visitor' | 'lead' | 'mql' | 'sql' | 'opportunity' | 'customer' | 'disqualified'
    to: 'visitor' | 'lead' | 'mql' | 'sql' | 'opportunity' | 'customer' | 'disqualified'
    engagement: number[]
    fit: number[]
    rules: { rule: string; label: string; current: number; draft: number }[]
  }[]
}
export type RebuiltAnswer = { visitors: number }
export type ReplayedAnswer = {
  replayed: number[]
  failed: { seq: number; reason: string }[]
  unknown: number[]
}
export type ReportAnswer =
  | FunnelReport
  | StagesReport
  | VelocityReport
  | SalesReport
  | ChannelsReport
  | ContentReport
  | RulesReport
export type RotatedKeyAnswer = {
  id: string
  key: string
  name: string
  rights: ('link' | 'events' | 'read' | 'leads' | 'rules' | 'admin')[]
  site: string | null
  expiresAt: string | null
  replaces: string
  until: string
}
export type RulesAnswer = { site: string; version: number; document: Record<string, unknown> }
export type RulesAppliedAnswer = { version: number; leads: number }
export type RulesCheckAnswer = { ok: boolean; errors: string[] }
export type RulesVersion = { version: number; appliedAt: string; by: string }
export type SiteAnswer = {
  id: string
  name: string
  consent: 'required' | 'given'
  hosts: string[]
  with: string[]
  rulesVersion: number
  retention: number | null
  timeZone: string
  mail: ('sendgrid' | 'postmark')[]
}
export type StaffAnswer = {
  id: string
  name: string
  role: 'viewer' | 'sales' | 'marketer' | 'admin'
  site: string | null
  createdAt: string
}
export type TagAnswer = { tag: string; versioned: { tag: string; src: string; integrity: string } }
export type WouldIdentifyAnswer = {
  dryRun: true
  would: 'create' | 'update' | 'merge'
  contacts: {
    id: string
    stage: 'visitor' | 'lead' | 'mql' | 'sql' | 'opportunity' | 'customer' | 'disqualified'
    engagement: number
  }[]
}

export interface Calls {
  /** Says who a visitor is. */
  'POST /v1/identify': {
    params: Record<string, never>
    query: Record<string, never>
    body: {
      site: string
      visitor?: string | '' | string[] | undefined
      page?: string | '' | undefined
      email?: string | undefined
      phone?: string | undefined
      externalId?: string | undefined
      traits?: Record<string, unknown> | undefined
      at?: string | undefined
      signal?:
        | {
            name: string
            id?: string | undefined
            at?: string | undefined
            props?: Record<string, unknown> | undefined
          }
        | undefined
      form?: string | undefined
      consent?: unknown | undefined
      dryRun?: boolean | undefined
    }
    answer: IdentifyAnswer | WouldIdentifyAnswer | IdentifyAnswer
  }
  /** Brings what servers know: a click in a mail, a webinar, a demo request. */
  'POST /v1/events': {
    params: Record<string, never>
    query: Record<string, never>
    body:
      | {
          site: string
          contact?: string | undefined
          visitor?: string | undefined
          name: string
          id?: string | undefined
          at?: string | undefined
          props?: Record<string, unknown> | undefined
        }
      | {
          site: string
          events: {
            contact?: string | undefined
            visitor?: string | undefined
            name: string
            id?: string | undefined
            at?: string | undefined
            props?: Record<string, unknown> | undefined
          }[]
        }
    answer: EventAnswer | EventsAnswer
  }
  /** Takes a record out of the person that it was merged into. */
  'POST /v1/contacts/{id}/unmerge': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: { id: string }
  }
  /** Who bears an e-mail address, a phone number or an external id. */
  'GET /v1/contacts': {
    params: Record<string, never>
    query: {
      site?: string | undefined
      email?: string | undefined
      phone?: string | undefined
      externalId?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: KnownContact[]; next: string | null }
  }
  /** Brings people whom you know already. */
  'POST /v1/contacts': {
    params: Record<string, never>
    query: Record<string, never>
    body: {
      site: string
      contacts: {
        email?: string | undefined
        phone?: string | undefined
        externalId?: string | undefined
        traits?: Record<string, unknown> | undefined
        consent?: boolean | undefined
        at?: string | undefined
      }[]
    }
    answer: ContactsAnswer
  }
  /** Takes what Segment's and RudderStack's server libraries send. */
  'POST /v1/batch': {
    params: Record<string, never>
    query: { site?: string | undefined }
    body: { batch: unknown[]; sentAt?: string | null | undefined; writeKey?: string | undefined }
    answer: BatchAnswer
  }
  /** A page view that a server tells of. */
  'POST /v1/page': {
    params: Record<string, never>
    query: { site?: string | undefined }
    body: {
      messageId?: string | undefined
      anonymousId?: string | undefined
      userId?: string | undefined
      previousId?: string | undefined
      event?: string | undefined
      timestamp?: string | undefined
      properties?: Record<string, unknown> | undefined
      context?: Record<string, unknown> | undefined
    }
    answer: BatchAnswer
  }
  /** Something that a visitor did, told by a server. */
  'POST /v1/track': {
    params: Record<string, never>
    query: { site?: string | undefined }
    body: {
      messageId?: string | undefined
      anonymousId?: string | undefined
      userId?: string | undefined
      previousId?: string | undefined
      event?: string | undefined
      timestamp?: string | undefined
      properties?: Record<string, unknown> | undefined
      context?: Record<string, unknown> | undefined
    }
    answer: BatchAnswer
  }
  /** Says that two ids are one person. */
  'POST /v1/alias': {
    params: Record<string, never>
    query: { site?: string | undefined }
    body: {
      messageId?: string | undefined
      anonymousId?: string | undefined
      userId?: string | undefined
      previousId?: string | undefined
      event?: string | undefined
      timestamp?: string | undefined
      properties?: Record<string, unknown> | undefined
      context?: Record<string, unknown> | undefined
    }
    answer: BatchAnswer
  }
  /** A site's numbers: visitors, visits, page views, engaged time, and what was on top. */
  'GET /v1/stats': {
    params: Record<string, never>
    query: {
      site?: string | undefined
      from?: string | undefined
      to?: string | undefined
      period?: '7d' | '28d' | '30d' | '91d' | 'month' | '6mo' | '12mo' | 'all' | undefined
      compare?: 'previous' | 'year' | undefined
      page?: string | undefined
      source?: string | undefined
      campaign?: string | undefined
      device?: string | undefined
      browser?: string | undefined
      system?: string | undefined
      country?: string | undefined
      entry?: string | undefined
      download?: string | undefined
      product?: string | undefined
      stage?: string | undefined
    }
    body: undefined
    answer: StatsAnswer | SliceAnswer
  }
  /** The numbers by hour, day, week or month. */
  'GET /v1/stats/series': {
    params: Record<string, never>
    query: {
      site?: string | undefined
      from?: string | undefined
      to?: string | undefined
      period?: '7d' | '28d' | '30d' | '91d' | 'month' | '6mo' | '12mo' | 'all' | undefined
      compare?: 'previous' | 'year' | undefined
      interval?: 'hour' | 'day' | 'week' | 'month' | undefined
      page?: string | undefined
      source?: string | undefined
      campaign?: string | undefined
      device?: string | undefined
      browser?: string | undefined
      system?: string | undefined
      country?: string | undefined
      entry?: string | undefined
      download?: string | undefined
      product?: string | undefined
      stage?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: SeriesAnswer
  }
  /** Pages, sources, campaigns, devices and more, the most first. */
  'GET /v1/stats/top/{dimension}': {
    params: {
      dimension:
        | 'page'
        | 'entry'
        | 'exit'
        | 'source'
        | 'campaign'
        | 'device'
        | 'browser'
        | 'system'
        | 'language'
        | 'screen'
        | 'country'
        | 'download'
        | 'product'
    }
    query: {
      site?: string | undefined
      from?: string | undefined
      to?: string | undefined
      period?: '7d' | '28d' | '30d' | '91d' | 'month' | '6mo' | '12mo' | 'all' | undefined
      page?: string | undefined
      source?: string | undefined
      campaign?: string | undefined
      device?: string | undefined
      browser?: string | undefined
      system?: string | undefined
      country?: string | undefined
      entry?: string | undefined
      download?: string | undefined
      product?: string | undefined
      stage?: string | undefined
      limit?: number | undefined
      cursor?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: TopItem[]; next: string | null }
  }
  /** What was refused at the door, by reason and day. */
  'GET /v1/refusals': {
    params: Record<string, never>
    query: { site?: string | undefined; from?: string | undefined; to?: string | undefined }
    body: undefined
    answer: RefusalsAnswer
  }
  /** Identified people, the most engaged first. */
  'GET /v1/leads': {
    params: Record<string, never>
    query: {
      site?: string | undefined
      stage?: string | undefined
      segment?: string | undefined
      minEngagement?: number | undefined
      maxEngagement?: number | undefined
      minFit?: number | undefined
      maxFit?: number | undefined
      source?: string | undefined
      page?: string | undefined
      seenFrom?: string | undefined
      seenTo?: string | undefined
      owner?: string | undefined
      q?: string | undefined
      sort?:
        | 'engagement'
        | '-engagement'
        | 'fit'
        | '-fit'
        | 'lastSeenAt'
        | '-lastSeenAt'
        | 'createdAt'
        | '-createdAt'
        | 'stageSince'
        | '-stageSince'
        | 'name'
        | '-name'
        | undefined
      limit?: number | undefined
      cursor?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: LeadListItem[]; next: string | null }
  }
  /** One lead: stage, score with its reasons, transitions, next step. */
  'GET /v1/leads/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: LeadAnswer
  }
  /** Erases a person, who stays away from then on. */
  'DELETE /v1/leads/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: { erased: boolean; rows?: number | undefined }
  }
  /** Corrects what is held of a person, and says who works the lead; null forgets a value. */
  'PATCH /v1/leads/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: {
      email?: string | null | undefined
      phone?: string | null | undefined
      externalId?: string | null | undefined
      traits?: Record<string, unknown> | undefined
      owner?: string | null | undefined
    }
    answer: { id: string }
  }
  /** All for the call: the path, what was read and downloaded, company, notes, reasons. */
  'GET /v1/leads/{id}/dossier': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: DossierAnswer
  }
  /** What a lead did and what became of it, the newest first. */
  'GET /v1/leads/{id}/timeline': {
    params: { id: string }
    query: {
      limit?: number | undefined
      cursor?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: TimelineItem[]; next: string | null }
  }
  /** What sales decides of a lead. */
  'POST /v1/leads/{id}/decision': {
    params: { id: string }
    query: Record<string, never>
    body: {
      decision: 'accept' | 'reject' | 'recycle' | 'opportunity' | 'won' | 'lost' | 'disqualify' | 'restore'
      reason?: string | undefined
      until?: string | undefined
      value?: number | undefined
      at?: string | undefined
      expectedStage?:
        | 'visitor'
        | 'lead'
        | 'mql'
        | 'sql'
        | 'opportunity'
        | 'customer'
        | 'disqualified'
        | undefined
      expectedVersion?: number | undefined
    }
    answer: DecidedAnswer
  }
  /** Notes what sales has heard. */
  'POST /v1/leads/{id}/notes': {
    params: { id: string }
    query: Record<string, never>
    body: { kind: 'budget' | 'authority' | 'need' | 'timing' | 'role' | 'pain' | 'other'; text: string }
    answer: { id: string }
  }
  /** A person objects to profiling, or no longer does. */
  'POST /v1/leads/{id}/objection': {
    params: { id: string }
    query: Record<string, never>
    body: { objects: boolean }
    answer: { id: string; objects: boolean }
  }
  /** All that is held of a person. */
  'GET /v1/leads/{id}/export': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: Record<string, unknown>
  }
  /** Who did what about whose data, the newest first. */
  'GET /v1/audit': {
    params: Record<string, never>
    query: {
      limit?: number | undefined
      cursor?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: AuditItem[]; next: string | null }
  }
  /** Companies, the strongest stage first. */
  'GET /v1/companies': {
    params: Record<string, never>
    query: {
      site?: string | undefined
      limit?: number | undefined
      cursor?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: CompanyListItem[]; next: string | null }
  }
  /** A company with its people and what they read. */
  'GET /v1/companies/{key}': {
    params: { key: string }
    query: { site?: string | undefined }
    body: undefined
    answer: CompanyAnswer
  }
  /** How leads become customers. */
  'GET /v1/reports/{name}': {
    params: { name: 'funnel' | 'stages' | 'velocity' | 'sales' | 'channels' | 'content' | 'rules' }
    query: { site?: string | undefined; from?: string | undefined; to?: string | undefined }
    body: undefined
    answer: ReportAnswer
  }
  /** A site's rules in force, or a version of them. */
  'GET /v1/rules': {
    params: Record<string, never>
    query: { site?: string | undefined; version?: number | undefined }
    body: undefined
    answer: RulesAnswer
  }
  /** Puts rules into force: everybody's score and stage are made again from their history. */
  'POST /v1/rules': {
    params: Record<string, never>
    query: Record<string, never>
    body: { site: string; document: Record<string, unknown>; notify?: 'silent' | 'sql' | 'all' | undefined }
    answer: RulesAppliedAnswer
  }
  /** All versions, the newest first. */
  'GET /v1/rules/history': {
    params: Record<string, never>
    query: {
      site?: string | undefined
      version?: number | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: RulesVersion[]; next: string | null }
  }
  /** Whether a draft holds; each error names the rule, the field and the mend. */
  'POST /v1/rules/check': {
    params: Record<string, never>
    query: Record<string, never>
    body: { document: Record<string, unknown> }
    answer: RulesCheckAnswer
  }
  /** Who would move under a draft, and by which rules, before anything changes. */
  'POST /v1/rules/preview': {
    params: Record<string, never>
    query: Record<string, never>
    body: {
      site: string
      document: Record<string, unknown>
      capacity?: number | undefined
      movers?: number | undefined
    }
    answer: PreviewAnswer
  }
  /** Points as won and lost suggest them; changes nothing. */
  'POST /v1/rules/learn': {
    params: Record<string, never>
    query: Record<string, never>
    body: { site: string }
    answer: LearnedAnswer
  }
  /** What became of a call that was answered 202. */
  'GET /v1/outcomes/{ref}': {
    params: { ref: string }
    query: Record<string, never>
    body: undefined
    answer: OutcomeAnswer
  }
  /** The sites that the key opens, with their settings. */
  'GET /v1/sites': {
    params: Record<string, never>
    query: { format?: 'json' | 'csv' | 'ndjson' | undefined; bom?: '0' | '1' | undefined }
    body: undefined
    answer: { items: SiteAnswer[]; next: string | null }
  }
  /** Makes a site, with the rules of new sites. */
  'POST /v1/sites': {
    params: Record<string, never>
    query: Record<string, never>
    body: {
      id: string
      name: string
      consent?: 'required' | 'given' | undefined
      hosts?: string[] | undefined
      with?:
        | (
            | 'ga4'
            | 'woo'
            | 'shopify'
            | 'consent'
            | 'domains'
            | 'hash'
            | 'identify'
            | 'attributes'
            | 'cookie'
          )[]
        | undefined
      timeZone?: string | undefined
    }
    answer: { id: string }
  }
  /** Makes a site's numbers again from its events, with days of another time zone where one is named. */
  'POST /v1/sites/{id}/rebuild': {
    params: { id: string }
    query: Record<string, never>
    body: { timeZone?: string | undefined; withoutErased?: boolean | undefined }
    answer: RebuiltAnswer
  }
  /** A site with its settings. */
  'GET /v1/sites/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: SiteAnswer
  }
  /** Changes the settings that it names. */
  'PATCH /v1/sites/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: {
      name?: string | undefined
      consent?: 'required' | 'given' | undefined
      hosts?: string[] | undefined
      with?:
        | (
            | 'ga4'
            | 'woo'
            | 'shopify'
            | 'consent'
            | 'domains'
            | 'hash'
            | 'identify'
            | 'attributes'
            | 'cookie'
          )[]
        | undefined
      retention?: number | null | undefined
      mail?: { sendgrid?: string | null | undefined; postmark?: string | null | undefined } | undefined
    }
    answer: {
      id: string
      name: string
      consent: 'required' | 'given'
      hosts: string[]
      with: string[]
      retention: number | null
      timeZone: string
    }
  }
  /** The script tags of a site, one of them versioned. */
  'GET /v1/sites/{id}/tag': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: TagAnswer
  }
  /** The webhooks, the oldest first. */
  'GET /v1/webhooks': {
    params: Record<string, never>
    query: { format?: 'json' | 'csv' | 'ndjson' | undefined; bom?: '0' | '1' | undefined }
    body: undefined
    answer: { items: WebhookAnswer[]; next: string | null }
  }
  /** Makes a webhook; its secret is shown this once. */
  'POST /v1/webhooks': {
    params: Record<string, never>
    query: Record<string, never>
    body: {
      site?: string | undefined
      url: string
      events: (
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
        | 'contact.merged'
        | 'contact.erased'
        | 'report.weekly'
        | '*'
      )[]
      format?: 'standard' | 'slack' | 'hubspot' | undefined
      description?: string | undefined
      token?: string | null | undefined
      secret?: string | undefined
    }
    answer: NewWebhookAnswer
  }
  /** A webhook, without its secret. */
  'GET /v1/webhooks/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: WebhookAnswer
  }
  /** Changes what it names; enables one that was disabled. */
  'PATCH /v1/webhooks/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: {
      url?: string | undefined
      events?:
        | (
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
            | 'contact.merged'
            | 'contact.erased'
            | 'report.weekly'
            | '*'
          )[]
        | undefined
      format?: 'standard' | 'slack' | 'hubspot' | undefined
      description?: string | undefined
      token?: string | null | undefined
      enabled?: boolean | undefined
    }
    answer: WebhookAnswer
  }
  /** Deletes a webhook, with what waits for it. */
  'DELETE /v1/webhooks/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: { id: string }
  }
  /** Gives a webhook a new secret, which is shown this once. */
  'POST /v1/webhooks/{id}/rotate': {
    params: { id: string }
    query: Record<string, never>
    body: { overlapHours?: number | undefined }
    answer: NewWebhookAnswer
  }
  /** Sends a message that says nothing but that it came. */
  'POST /v1/webhooks/{id}/test': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: { id: string; message: string }
  }
  /** What was sent and what came of it, the newest first. */
  'GET /v1/webhooks/{id}/deliveries': {
    params: { id: string }
    query: {
      state?: 'waiting' | 'delivered' | 'skipped' | 'dead' | undefined
      message?: string | undefined
      limit?: number | undefined
      cursor?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: DeliveryItem[]; next: string | null }
  }
  /** Tries dead deliveries again, all or some. */
  'POST /v1/webhooks/{id}/replay': {
    params: { id: string }
    query: Record<string, never>
    body: { messages?: string[] | undefined }
    answer: { id: string; replayed: number }
  }
  /** Changes of stage that hold, those noted last first. */
  'GET /v1/transitions': {
    params: Record<string, never>
    query: {
      site?: string | undefined
      stage?: string | undefined
      limit?: number | undefined
      cursor?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: TransitionItem[]; next: string | null }
  }
  /** Segments of the rules, with how many leads are in each. */
  'GET /v1/segments': {
    params: Record<string, never>
    query: {
      site?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: SegmentItem[]; next: string | null }
  }
  /** Entries that were acknowledged and could not be projected, the oldest first. */
  'GET /v1/dead-letters': {
    params: Record<string, never>
    query: {
      limit?: number | undefined
      cursor?: string | undefined
      format?: 'json' | 'csv' | 'ndjson' | undefined
      bom?: '0' | '1' | undefined
    }
    body: undefined
    answer: { items: DeadLetterItem[]; next: string | null }
  }
  /** Projects dead letters again, after their cause was mended. */
  'POST /v1/dead-letters/replay': {
    params: Record<string, never>
    query: Record<string, never>
    body: { seqs: number[] }
    answer: ReplayedAnswer
  }
  /** Removes dead letters for good. */
  'POST /v1/dead-letters/discard': {
    params: Record<string, never>
    query: Record<string, never>
    body: { seqs: number[] }
    answer: { discarded: number }
  }
  /** What became of every event that was received. */
  'GET /v1/counts': {
    params: Record<string, never>
    query: Record<string, never>
    body: undefined
    answer: CountsAnswer
  }
  /** The keys, revoked ones too, without their secrets. */
  'GET /v1/keys': {
    params: Record<string, never>
    query: { format?: 'json' | 'csv' | 'ndjson' | undefined; bom?: '0' | '1' | undefined }
    body: undefined
    answer: { items: KeyAnswer[]; next: string | null }
  }
  /** Makes a key, which is shown this once. */
  'POST /v1/keys': {
    params: Record<string, never>
    query: Record<string, never>
    body: {
      name: string
      rights: ('link' | 'events' | 'read' | 'leads' | 'rules' | 'admin')[]
      site?: string | null | undefined
      expiresAt?: string | null | undefined
    }
    answer: NewKeyAnswer
  }
  /** Makes a key in the place of another, which goes on to open for a while. */
  'POST /v1/keys/{id}/rotate': {
    params: { id: string }
    query: Record<string, never>
    body: { overlapHours?: number | undefined; expiresAt?: string | null | undefined }
    answer: RotatedKeyAnswer
  }
  /** Revokes a key at once. */
  'DELETE /v1/keys/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: { id: string }
  }
  /** Who may sign in, and in which role. */
  'GET /v1/staff': {
    params: Record<string, never>
    query: { format?: 'json' | 'csv' | 'ndjson' | undefined; bom?: '0' | '1' | undefined }
    body: undefined
    answer: { items: StaffAnswer[]; next: string | null }
  }
  /** Lets somebody sign in. */
  'POST /v1/staff': {
    params: Record<string, never>
    query: Record<string, never>
    body: {
      name: string
      role: 'viewer' | 'sales' | 'marketer' | 'admin'
      password: string
      site?: string | null | undefined
    }
    answer: StaffAnswer
  }
  /** Changes name, role, password or site. */
  'PATCH /v1/staff/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: {
      name?: string | undefined
      role?: 'viewer' | 'sales' | 'marketer' | 'admin' | undefined
      password?: string | undefined
      site?: string | null | undefined
    }
    answer: StaffAnswer
  }
  /** Lets somebody sign in no longer; ends the sessions. */
  'DELETE /v1/staff/{id}': {
    params: { id: string }
    query: Record<string, never>
    body: undefined
    answer: { id: string }
  }
}

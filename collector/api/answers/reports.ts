import * as v from 'valibot'
import { day, number, said, text, time, whole } from './fields.ts'

const range = { site: text, from: time, to: time }
const rate = v.nullable(number)

export const FunnelReport = v.object({
  ...range,
  steps: v.array(
    v.object({
      step: v.picklist(['visitor', 'lead', 'mql', 'sql', 'accepted', 'opportunity', 'won']),
      count: whole,
      ofLeads: said(rate, 'Of all leads; null where there are none.'),
    }),
  ),
})

export const StagesReport = v.object({
  ...range,
  days: v.array(
    v.object({
      day,
      visitor: v.exactOptional(whole),
      lead: v.exactOptional(whole),
      mql: v.exactOptional(whole),
      sql: v.exactOptional(whole),
      opportunity: v.exactOptional(whole),
      customer: v.exactOptional(whole),
      disqualified: v.exactOptional(whole),
    }),
  ),
})

export const VelocityReport = v.object({
  ...range,
  steps: v.array(
    v.object({
      from: v.picklist(['lead', 'mql', 'sql']),
      to: v.picklist(['mql', 'sql', 'accepted', 'won']),
      people: whole,
      arrived: whole,
      days: v.object({ p25: rate, p50: rate, p75: rate, p90: rate }),
    }),
  ),
})

export const SalesReport = v.object({
  ...range,
  sqls: whole,
  accepted: whole,
  rejected: whole,
  won: whole,
  lost: whole,
  breaches: whole,
  minutesToAccept: v.object({ p50: rate, p90: rate }),
  reasons: v.array(v.object({ reason: text, count: whole })),
})

export const StepCounts = v.object({
  leads: whole,
  mql: whole,
  sql: whole,
  accepted: whole,
  won: whole,
  rates: v.object({ mqlToSql: rate, sqlToAccepted: rate, acceptedToWon: rate }),
})

export const ChannelsReport = v.object({
  ...range,
  channels: v.array(
    v.object({
      ...StepCounts.entries,
      kind: v.nullable(
        v.picklist(['direct', 'search', 'ai', 'social', 'mail', 'paid', 'campaign', 'referral']),
      ),
      name: text,
    }),
  ),
  entryPages: v.array(v.object({ ...StepCounts.entries, path: v.nullable(text) })),
  campaigns: v.array(v.object({ ...StepCounts.entries, name: text })),
})

export const ContentReport = v.object({
  ...range,
  files: v.array(v.object({ ...StepCounts.entries, path: text })),
})

export const RulesReport = v.object({
  ...range,
  handedOver: whole,
  won: whole,
  lost: whole,
  rules: v.array(
    v.object({
      rule: text,
      label: text,
      handedOver: whole,
      won: whole,
      lost: whole,
      winRate: rate,
      lift: rate,
      rejections: v.array(v.object({ reason: text, count: whole })),
    }),
  ),
})

export const ReportAnswer = v.union([
  FunnelReport,
  StagesReport,
  VelocityReport,
  SalesReport,
  ChannelsReport,
  ContentReport,
  RulesReport,
])

import * as v from 'valibot'
import { CONSENTS, DECISIONS, NOTE_KINDS } from '../../../shared/lead.ts'
import { anything, number, said, stage, text, texts, time, whole, yes } from './fields.ts'

const textOrNull = v.nullable(text)
const timeOrNull = v.nullable(time)

export const LeadListItem = v.object({
  id: text,
  site: text,
  stage,
  engagement: said(number, '0 to 100, today.'),
  fit: said(number, '0 to 100; 50 when nothing is known.'),
  fitKnown: said(whole, 'Of `fitFields` that carry weight, so many are known.'),
  fitFields: whole,
  name: textOrNull,
  email: textOrNull,
  company: textOrNull,
  stageSince: time,
  lastSeenAt: time,
  visits: whole,
  trend: v.picklist(['rising', 'steady', 'cooling']),
  nextStep: said(
    text,
    'What to do next with the lead as it stands: what the rules say of its stage, or of an SQL that is accepted; an overdue answer or a cool-down first.',
  ),
  segments: said(texts, 'How the rules name those at this stage: nurture, retarget, call.'),
  owner: said(textOrNull, 'Who works it; null where nobody does.'),
  dueAt: said(timeOrNull, 'By when sales is to accept or reject this SQL; null where nothing waits for it.'),
})

export const ConsentAnswer = v.object({
  state: v.picklist(CONSENTS),
  source: v.picklist(['browser', 'form', 'import']),
  at: time,
  visitor: said(textOrNull, 'Whose browser said so; null where a form or another system did.'),
})

export const DecisionAnswer = v.object({
  decision: v.picklist(DECISIONS),
  at: time,
  by: text,
  reason: textOrNull,
  until: timeOrNull,
  value: v.nullable(number),
})

export const NoteAnswer = v.object({ kind: v.picklist(NOTE_KINDS), text, at: time, by: text })

export const Fit = v.object({
  score: number,
  known: whole,
  fields: whole,
  bad: yes,
  disqualified: v.exactOptional(text),
})

export const Reason = v.object({
  rule: said(text, 'Id of the rule, or `cap:GROUP`, `floor`, `cut` for what bounds take away or give back.'),
  label: text,
  group: v.exactOptional(text),
  points: said(number, 'Left today, after decay.'),
  pointsThen: v.exactOptional(said(number, 'On the day itself.')),
  pointsUncapped: v.exactOptional(number),
  count: v.exactOptional(whole),
  at: time,
})

export const Transition = v.object({
  id: whole,
  from: stage,
  to: stage,
  effectiveAt: time,
  recordedAt: time,
  by: said(text, '`rules:VERSION`, `tick`, `identify` or who decided.'),
  why: said(text, 'In words.'),
  supersededBy: v.exactOptional(whole),
})

export const LeadAnswer = v.object({
  ...LeadListItem.entries,
  companyKey: textOrNull,
  phone: textOrNull,
  externalId: textOrNull,
  traits: anything,
  createdAt: time,
  accepted: yes,
  consents: v.array(ConsentAnswer),
  coolUntil: said(timeOrNull, 'Until then nothing promotes this lead; null where nothing holds it.'),
  breaches: v.array(v.object({ dueAt: time, recordedAt: time })),
  decisions: said(
    v.array(DecisionAnswer),
    'The oldest first. How many there are is the `version` that a decision may expect.',
  ),
  notes: v.array(NoteAnswer),
  groups: said(v.record(v.string(), number), 'Points by group, capped.'),
  fitDetail: Fit,
  reasons: said(v.array(Reason), 'They sum to `engagement` exactly.'),
  transitions: said(v.array(Transition), 'Those that hold, in the order of their effect.'),
  superseded: said(v.array(Transition), 'Those that were noted once and hold no longer.'),
  rulesVersion: whole,
  thresholds: v.object({ mql: number, sql: number }),
  visitors: said(whole, 'Devices.'),
  source: said(textOrNull, 'Of the first visit; null where it came directly.'),
  lastSource: said(textOrNull, 'Of the latest visit that did not come directly.'),
  verified: said(yes, 'False where only a browser claimed who it is.'),
  mergedFrom: texts,
  flags: texts,
})

export const TimelineItem = v.object({
  at: time,
  kind: v.picklist([
    'visit',
    'page',
    'download',
    'cart',
    'outbound',
    'form',
    'custom',
    'signal',
    'transition',
  ]),
  title: text,
  path: v.exactOptional(text),
  engagedMs: v.exactOptional(whole),
  scroll: v.exactOptional(said(whole, 'Deepest scroll, %.')),
  device: v.exactOptional(text),
  source: v.exactOptional(text),
  props: v.exactOptional(anything),
})

const ReadPage = v.object({ path: text, views: whole, engagedMs: whole })

export const CompanyListItem = v.object({
  key: text,
  site: text,
  name: text,
  peopleCount: whole,
  stage,
  visits: whole,
  pageViews: whole,
  engagedMs: whole,
  lastSeenAt: time,
})

export const CompanyPerson = v.object({ ...LeadListItem.entries, role: textOrNull })

export const CompanyAnswer = v.object({
  ...CompanyListItem.entries,
  people: v.array(CompanyPerson),
  topPages: v.array(ReadPage),
  moves: said(
    v.array(v.object({ lead: said(text, 'Lead id.'), ...Transition.entries })),
    'How its strongest 50 people moved from stage to stage, the newest first; at most 100.',
  ),
})

export const DossierAnswer = v.object({
  lead: LeadAnswer,
  path: said(v.array(TimelineItem), 'The way to today, the oldest first; the newest 500 steps.'),
  pages: v.array(v.object({ path: text, title: text, views: whole, engagedMs: whole })),
  content: v.array(v.object({ title: text, path: text, at: time })),
  company: v.nullable(CompanyAnswer),
})

export const DecidedAnswer = v.object({
  id: text,
  stage,
  accepted: yes,
  engagement: number,
  coolUntil: timeOrNull,
  version: said(whole, 'How many decisions there are now.'),
})

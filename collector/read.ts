/** Rows to answers: what the API gives and the pages show. Runs in the reader thread, on a read-only connection. */
import type {
  AuditItem,
  CompanyAnswer,
  CompanyListItem,
  DeadLetterItem,
  DeliveryItem,
  DossierAnswer,
  LeadAnswer,
  LeadListItem,
  NumbersAnswer,
  Page,
  RefusalsAnswer,
  SegmentItem,
  SeriesAnswer,
  SliceAnswer,
  StatsAnswer,
  TimelineItem,
  TopItem,
  TransitionItem,
} from '../shared/api.ts'
import type { LeadSort, Stage, Transition } from '../shared/lead.ts'
import { STAGES } from '../shared/lead.ts'
import { fit } from './lead/fit.ts'
import type { Learned } from './lead/learn.ts'
import { nextStep } from './lead/next-step.ts'
import { type CompiledRules, compile } from './lead/rules.ts'
import { engagement, reasons } from './lead/score.ts'
import { trendWord } from './lead/trend.ts'
import { because } from './lead/why.ts'
import { mailSetting, secretSetting } from './project/sites.ts'
import { reportedSetting } from './project/webhooks.ts'
import { companyAnswer, companyList } from './read/companies.ts'
import { type Curve, curveOf, type ShownLead, shownLeads } from './read/curves.ts'
import { type DeliveriesQuery, deliveryList, dueOf } from './read/deliveries.ts'
import { dossierOf } from './read/dossier.ts'
import { comparedTo, type Days, type Interval } from './read/intervals.ts'
import { cursorOf, leadsAsked } from './read/leads.ts'
import { learnOf } from './read/learn.ts'
import {
  MOST_HOURS_DAYS,
  type NumbersAsked,
  type NumbersDeps,
  seriesOf,
  spanAsked,
  sumsOf,
  type Top,
  topOf,
} from './read/numbers.ts'
import { type OverviewAnswer, overviewOf } from './read/overview.ts'
import { consentsOf, type PartCursor, type PersonFacts, type PersonPart, personParts } from './read/person.ts'
import { type PreviewAnswer, previewOf } from './read/preview.ts'
import { type ReportName, reports } from './read/reports.ts'
import { type Slice, sliceOf, statsOf, type When } from './read/stats.ts'
import { timelineOf } from './read/timeline.ts'
import { type Week, weekOf } from './read/week.ts'
import { sourceOf } from './source.ts'
import type { ListedLead, NotedTransition, StateReader } from './store/reader.ts'
import { nameOf, textOf } from './store/sort-name.ts'
import type { DeliveryState, KeyRow, Site, StaffRow, WebhookRow } from './store/store.ts'
import { factsOf } from './store/store.ts'
import type { DueDelivery } from './webhook/deliver.ts'
import { type Zone, zonesByName } from './zone.ts'

const DAY_MS = 86_400_000
/** More devices than one person has: a shared kiosk, or an address that many type in. */
const MANY_VISITORS = 20
const dayOf = (at: number): number => Math.floor(at / DAY_MS)
const iso = (at: number): string => new Date(at).toISOString()

export interface LeadsQuery {
  site: string
  /** At any of these; all unless said. */
  stage?: readonly Stage[] | Stage
  /** As the rules name those at a stage. */
  segment?: string
  /** Points, both ends included. */
  minEngagement?: number
  maxEngagement?: number
  minFit?: number
  maxFit?: number
  /** Kind and name of the first visit's: 'search Google'. */
  source?: string
  /** A path that was read. */
  page?: string
  seenFrom?: When
  seenTo?: When
  /** '' are those that nobody works. */
  owner?: string
  q?: string
  /** The most engaged first unless said. */
  sort?: LeadSort | `-${LeadSort}`
  limit: number
  /** From the previous page's `next`. An unreadable one starts over. */
  cursor?: string
}

/** Every question that the reader thread answers; arguments and answers survive structured cloning. */
export interface Answers {
  sites(): { id: string; name: string; timeZone: string }[]
  /** Sites, keys and settings for those who decide in memory. */
  configuration(): {
    sites: Site[]
    keys: KeyRow[]
    staff: StaffRow[]
    settings: Record<string, string>
    suppressions: string[]
    webhooks: WebhookRow[]
  }
  /** Undefined for an unknown site. */
  stats(site: string, from: When | undefined, to: When): StatsAnswer | undefined
  /** The numbers of one page or source; undefined for an unknown site. */
  slice(site: string, from: When | undefined, to: When, slice: Slice): SliceAnswer | undefined
  /** Sums under filters, and of the span that they are compared with; undefined for an unknown site. */
  numbers(site: string, asked: NumbersAsked): Numbers | undefined
  /** What the overview shows, at once; undefined for an unknown site. */
  overview(site: string, asked: NumbersAsked): OverviewAnswer | undefined
  /** The same by pieces of the span; undefined for an unknown site, 'too-many' where hours are asked of more than 31 days. */
  series(site: string, asked: NumbersAsked, interval: Interval): SeriesAnswer | 'too-many' | undefined
  /** Undefined for an unknown site. The cursor is an offset; an unreadable one starts over. */
  top(
    site: string,
    asked: NumbersAsked,
    dimension: Top,
    limit: number,
    cursor?: string,
  ): Page<TopItem> | undefined
  /** Those that hold, the ones noted last first; undefined for an unknown site. */
  transitions(
    site: string,
    to: readonly Stage[],
    limit: number,
    cursor?: string,
  ): Page<TransitionItem> | undefined
  /** Undefined for an unknown site. */
  segments(site: string): SegmentItem[] | undefined
  /** The oldest first, without what they hold. */
  deadLetters(limit: number, cursor?: string): Page<DeadLetterItem>
  /** Undefined for an unknown site. */
  leads(query: LeadsQuery): Page<LeadListItem> | undefined
  /** How many stand at each stage now; undefined for an unknown site. */
  stageCounts(site: string): Record<Stage, number> | undefined
  /** The same with what the pages show beside each. */
  shownLeads(query: LeadsQuery): Page<ShownLead> | undefined
  /** How a lead's engagement went, under the rules in force; undefined for an unknown one. */
  curve(id: string): Curve | undefined
  lead(id: string): LeadAnswer | undefined
  /** All of it, or of a UTC day (2026-11-18) alone. */
  timeline(id: string, limit: number, cursor?: string, day?: string): Page<TimelineItem> | undefined
  /** Undefined for an unknown lead. */
  dossier(id: string): DossierAnswer | undefined
  /** A contact by its id, merged or not; undefined for an unknown one. */
  contact(id: string): { id: string; site: string; mergedInto: string | null } | undefined
  /** What an identify call would do, without doing it. */
  wouldIdentify(site: string, named: { email?: string; phone?: string; externalId?: string }): WouldIdentify
  /** Undefined for an unknown site. An unreadable cursor starts over. */
  companies(site: string, limit: number, cursor?: string): Page<CompanyListItem> | undefined
  /** Undefined for an unknown site, and where nobody is of that company. */
  company(site: string, key: string): CompanyAnswer | undefined
  /** What a draft of a site's rules would change; undefined for an unknown site. The draft must hold. */
  preview(
    site: string,
    draft: unknown,
    asked: { capacity?: number; movers: number },
  ): PreviewAnswer | undefined
  /** Points as outcomes suggest them; undefined for an unknown site. */
  learn(site: string): Learned | undefined
  /** A report of a site by its name; undefined for an unknown site. */
  report(name: ReportName, site: string, from: number, to: number): unknown
  /** A version of a site's rules, or the newest; undefined where there is none. */
  rules(site: string, version?: number): { version: number; document: unknown } | undefined
  /** All versions, the newest first; undefined for an unknown site. */
  rulesHistory(site: string): { version: number; appliedAt: string; by: string }[] | undefined
  /** What was refused of a site, by reason and day; `elsewhere` what is of no known site. Undefined for an unknown site. */
  refusals(site: string, from: number, to: number): RefusalsAnswer | undefined
  /** A person by a contact's id, merged or not; undefined for an unknown one. */
  person(id: string): PersonFacts | undefined
  /** Parts of all that is held of a person, by the contact's number. */
  personParts(contact: number, cursor: PartCursor | null): PersonPart[]
  /** Who did what about whose data, the newest first. */
  audit(limit: number, cursor?: string, site?: string | null): Page<AuditItem>
  /** Visitors who were there since, ms: number and time, one pair after the other. None of an unknown site. */
  present(site: string, since: number): number[]
  /** What is due of each of these webhooks, at most so many of each. */
  due(asked: { webhook: string; limit: number }[]): DueDelivery[]
  /** Of a webhook, the newest first. */
  deliveries(query: DeliveriesQuery): Page<DeliveryItem>
  /** How many deliveries there are by state. */
  deliveryCounts(): Partial<Record<DeliveryState, number>>
  /** The numbers of the week that begins on a day of the site's calendar; undefined for an unknown site. */
  week(site: string, monday: number): Week | undefined
  /** All keys, revoked ones too, the oldest first. */
  keys(): KeyRow[]
  outcome(ref: string): unknown
  /** Whether some SQL is overdue of which no breach is noted yet. */
  overdue(): boolean
  /** Conservation counts by name, and the watermark. */
  counts(): { counts: Record<string, number>; watermark: number }
}

/** Sums, whole days of a site, and with what they are compared. */
export interface Numbers extends NumbersAnswer {
  site: string
  timeZone: string
  /** The days themselves, as `stats` takes them. */
  days: Days
  compare?: NumbersAnswer
}

export interface WouldIdentify {
  would: 'create' | 'update' | 'merge'
  /** The contacts that it is about; the first is the one that is known longest. */
  contacts: { id: string; stage: Stage; engagement: number }[]
}

export interface AnswerDeps {
  state: StateReader
  now: () => number
}

export function answers({ state, now }: AnswerDeps): Answers {
  const compiled = new Map<string, CompiledRules>()
  const zones = zonesByName()

  /** A site's rules in force, or the version that a lead stands under while new ones are being applied. */
  function rulesOf(site: number, under?: number): { version: number; rules: CompiledRules } {
    const { version, document } = state.rules(site, under)!
    const name = `${site} ${version}`
    let rules = compiled.get(name)
    if (!rules) {
      const result = compile(document)
      if (!result.ok) throw new Error(`rules ${name} do not compile`)
      rules = result.rules
      compiled.set(name, rules)
    }
    return { version, rules }
  }

  /** The clock may be set back, and a lead's day never is. */
  const todayOf = (): number => dayOf(Math.max(now(), state.projectedNow()))
  const zone = ({ timeZone }: Site): Zone => zones(timeZone)

  /** What the rules in force call a rule. */
  function labelOf(site: Site): (rule: string) => string | undefined {
    const labels = new Map(rulesOf(site.no).rules.rules.map(({ id, label }) => [id, label]))
    return (rule) => labels.get(rule)
  }

  const siteNamed = (id: string): Site | undefined => state.sites().find((site) => site.id === id)
  function numbersOf(id: string): NumbersDeps | undefined {
    const site = siteNamed(id)
    return site && { rollUps: state.rollUps, visits: state.visitRows, site, zone: zone(site) }
  }
  const siteNumbered = (no: number): Site => state.sites().find((site) => site.no === no)!

  function item(row: ListedLead, site: Site, rules: CompiledRules, today = todayOf()): LeadListItem {
    const { contact, lead } = row
    const known = fit(factsOf(contact), rules)
    return {
      id: contact.id,
      site: site.id,
      stage: lead.stage,
      engagement: engagement(lead, today, rules).total / 100,
      fit: row.fit,
      fitKnown: known.known,
      fitFields: known.fields,
      name: nameOf(contact.traits),
      email: contact.email,
      company: companyNameOf(contact.traits),
      stageSince: iso(lead.since),
      lastSeenAt: iso(Math.max(lead.lastAt, contact.identifiedAt)),
      visits: row.visits,
      trend: trendWord(lead.trend, today, rules),
      nextStep: nextStep(lead, row.dueAt, rules, now()),
      segments: rules.stages[lead.stage].segments,
      owner: contact.owner,
      dueAt: row.dueAt === null ? null : iso(row.dueAt),
    }
  }

  /** Items of one list: the day is asked for once. */
  function itemOf(site: Site, rules: CompiledRules): (row: ListedLead) => LeadListItem {
    const today = todayOf()
    return (row) => item(row, site, rules, today)
  }

  function leadAnswer(id: string): LeadAnswer | undefined {
    const row = state.lead(id)
    if (!row) return undefined
    const { contact, lead } = row
    const site = siteNumbered(contact.site)
    const { version, rules } = rulesOf(site.no, row.rulesVersion)
    const today = todayOf()
    const { groups } = engagement(lead, today, rules)
    const visitors = state.visitors(contact.no)
    const keys = new Set(visitors.map(({ visitor }) => visitor.key))
    const devices = [...keys].filter((key) => !key.startsWith('@')).length
    const noted = state.transitions(contact.no).map(transition)
    return {
      ...item(row, site, rules),
      companyKey: contact.company,
      phone: contact.phone,
      externalId: contact.externalId,
      traits: contact.traits,
      createdAt: iso(contact.identifiedAt),
      accepted: lead.accepted,
      consents: consentsOf(state, visitors),
      coolUntil: lead.coolUntil > 0 ? iso(lead.coolUntil) : null,
      notes: state
        .notes(contact.no)
        .map(({ about, text, at, by }) => ({ kind: about, text, at: iso(at), by })),
      breaches: state
        .breaches(contact.no)
        .map(({ dueAt, recordedAt }) => ({ dueAt: iso(dueAt), recordedAt: iso(recordedAt) })),
      decisions: state.decisions(contact.no).map(({ decision, at, by, reason, until, value }) => ({
        decision,
        at: iso(at),
        by,
        reason,
        until: until === null ? null : iso(until),
        value,
      })),
      groups: Object.fromEntries(Object.entries(groups).map(([group, points]) => [group, points / 100])),
      fitDetail: fit(factsOf(contact), rules),
      reasons: reasons(state.cells(contact.no), today, rules),
      transitions: noted.filter((one) => one.supersededBy === undefined),
      superseded: noted.filter((one) => one.supersededBy !== undefined),
      rulesVersion: version,
      thresholds: rules.thresholds,
      visitors: devices,
      ...touches(state, visitors),
      verified: contact.verified,
      mergedFrom: state.mergedFrom(contact.no),
      flags: [
        ...(devices > MANY_VISITORS ? ['many-visitors'] : []),
        ...(contact.objectedAt === null ? [] : ['objects-to-profiling']),
      ],
    }
  }

  function stagesOf(site: Site): Record<Stage, number> {
    const stages = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>
    for (const { stage, n } of state.stages(site.no)) stages[stage] = n
    return stages
  }

  function found(query: LeadsQuery) {
    const site = siteNamed(query.site)
    if (!site) return undefined
    const { rules } = rulesOf(site.no)
    const asked = leadsAsked(query, site, zone(site), rules)
    const { rows, next } = asked ? state.leads(asked) : { rows: [], next: null }
    const items = rows.map(itemOf(site, rules))
    return { rows, rules, page: { items, next: asked && next ? cursorOf(asked, next) : null } }
  }

  return {
    sites: () => state.sites().map(({ id, name, timeZone }) => ({ id, name, timeZone })),
    configuration() {
      const ofSites = state
        .sites()
        .flatMap(({ id }) => [
          secretSetting(id),
          reportedSetting(id),
          mailSetting('sendgrid', id),
          mailSetting('postmark', id),
        ])
      const names = ['password', 'session-secret', 'ticked-day', ...ofSites]
      const settings = names.flatMap((name) => {
        const value = state.setting(name)
        return value === undefined ? [] : [[name, value]]
      })
      return {
        sites: state.sites(),
        keys: state.keys(),
        staff: state.staff(),
        settings: Object.fromEntries(settings),
        suppressions: state.suppressions(),
        webhooks: state.deliveries.webhooks(),
      }
    },
    stats(id, from, to) {
      const site = siteNamed(id)
      if (!site) return undefined
      return statsOf(state.rollUps, site, zone(site), from, to, stagesOf(site))
    },
    stageCounts(id) {
      const site = siteNamed(id)
      return site && stagesOf(site)
    },
    slice(id, from, to, slice) {
      const site = siteNamed(id)
      return site && sliceOf(state.rollUps, site, zone(site), from, to, slice)
    },
    numbers(id, asked) {
      const deps = numbersOf(id)
      if (!deps) return undefined
      const days = spanAsked(deps, asked)
      const { site } = deps
      return {
        site: site.id,
        timeZone: site.timeZone,
        days,
        ...sumsOf(deps, days, asked.filters),
        ...(asked.compare && {
          compare: sumsOf(deps, comparedTo(days, asked.compare), asked.filters),
        }),
      }
    },
    overview(id, asked) {
      const deps = numbersOf(id)
      if (!deps) return undefined
      return overviewOf(deps, asked, stagesOf(deps.site))
    },
    series(id, asked, interval) {
      const deps = numbersOf(id)
      if (!deps) return undefined
      const days = spanAsked(deps, asked)
      if (interval === 'hour' && days.to - days.from >= MOST_HOURS_DAYS) return 'too-many'
      const frame = ({ from, to }: Days) => ({
        from: iso(deps.zone.startOf(from)),
        to: iso(deps.zone.startOf(to + 1) - 1),
      })
      const { items, sample } = seriesOf(deps, days, asked.filters, interval)
      const other = asked.compare && comparedTo(days, asked.compare)
      return {
        site: id,
        ...frame(days),
        timeZone: deps.site.timeZone,
        interval,
        sample,
        items,
        ...(other && {
          compare: { ...frame(other), items: seriesOf(deps, other, asked.filters, interval).items },
        }),
      }
    },
    top(id, asked, dimension, limit, cursor) {
      const deps = numbersOf(id)
      if (!deps) return undefined
      const offset = /^\d{1,9}$/.test(cursor ?? '') ? Number(cursor) : 0
      const found = topOf(deps, spanAsked(deps, asked), asked.filters, dimension, {
        limit: limit + 1,
        offset,
      })
      return {
        items: found.slice(0, limit),
        next: found.length > limit ? String(offset + limit) : null,
      }
    },
    transitions(id, to, limit, cursor) {
      const site = siteNamed(id)
      if (!site) return undefined
      const before = /^\d{1,15}$/.test(cursor ?? '') ? Number(cursor) : Number.MAX_SAFE_INTEGER
      const { rows, next } = state.transitionsOf(site.no, to, before, limit)
      return {
        items: rows.map(({ lead, ...row }) => ({ lead, ...transition(row) })),
        next: next === null ? null : String(next),
      }
    },
    segments(id) {
      const site = siteNamed(id)
      if (!site) return undefined
      const { stages } = rulesOf(site.no).rules
      const there = new Map(state.stages(site.no).map(({ stage, n }) => [stage, n]))
      const names = [...new Set(STAGES.flatMap((stage) => stages[stage].segments))].sort()
      return names.map((name) => {
        const at = STAGES.filter((stage) => stages[stage].segments.includes(name))
        return { name, stages: at, leads: at.reduce((sum, stage) => sum + (there.get(stage) ?? 0), 0) }
      })
    },
    deadLetters(limit, cursor) {
      const after = /^\d{1,15}$/.test(cursor ?? '') ? Number(cursor) : 0
      const letters = state.deadLetters(after, limit + 1)
      const shown = letters.slice(0, limit)
      return {
        items: shown.map(({ seq, at, body, reason }) => {
          const { kind, site } = JSON.parse(body) as { kind: string; site?: string }
          return { seq, at: iso(at), kind, site: site ?? null, reason }
        }),
        next: letters.length > limit ? String(shown.at(-1)!.seq) : null,
      }
    },
    leads: (query) => found(query)?.page,
    shownLeads(query) {
      const listed = found(query)
      if (!listed) return undefined
      const { rows, page, rules } = listed
      return { ...page, items: shownLeads(state, rows, page.items, todayOf(), rules) }
    },
    curve(id) {
      const row = state.lead(id)
      return row && curveOf(state, row.contact.no, todayOf(), rulesOf(row.contact.site).rules)
    },
    lead: leadAnswer,
    timeline(id, limit, cursor, day) {
      const row = state.lead(id)
      return row && timelineOf(state, row.contact, limit, cursor, day)
    },
    dossier(id) {
      const lead = leadAnswer(id)
      if (!lead) return undefined
      const { contact } = state.lead(id)!
      const site = siteNumbered(contact.site)
      const { rules } = rulesOf(site.no)
      const company =
        lead.companyKey === null
          ? undefined
          : companyAnswer(state, site, lead.companyKey, itemOf(site, rules), transition)
      return dossierOf(state, contact, lead, company)
    },
    contact(id) {
      const found = state.contact(id)
      return found && { id, site: siteNumbered(found.site).id, mergedInto: found.mergedInto }
    },
    present(id, since) {
      const site = siteNamed(id)
      return site ? state.present(site.no, since, now()) : []
    },
    wouldIdentify(id, named) {
      const site = siteNamed(id)
      const found = site ? state.contactsNamed(site.no, named) : []
      const contacts = found.flatMap((contact) => {
        const row = state.lead(contact)
        if (!row) return []
        const { stage, engagement } = item(row, site!, rulesOf(site!.no).rules)
        return [{ id: contact, stage, engagement }]
      })
      return {
        would: contacts.length === 0 ? 'create' : contacts.length === 1 ? 'update' : 'merge',
        contacts,
      }
    },
    companies(id, limit, cursor) {
      const site = siteNamed(id)
      return site && companyList(state, site, limit, cursor)
    },
    company(id, key) {
      const site = siteNamed(id)
      if (!site) return undefined
      const { rules } = rulesOf(site.no)
      return companyAnswer(state, site, key, itemOf(site, rules), transition)
    },
    preview(id, document, asked) {
      const site = siteNamed(id)
      if (!site) return undefined
      const draft = compile(document)
      if (!draft.ok) throw new Error('the draft does not hold')
      return previewOf(state, site.no, rulesOf(site.no).rules, draft.rules, {
        now: Math.max(now(), state.projectedNow()),
        ...asked,
      })
    },
    learn(id) {
      const site = siteNamed(id)
      return site && learnOf(state, site.no, rulesOf(site.no).rules)
    },
    report(name, id, from, to) {
      const site = siteNamed(id)
      return site && reports[name](state, site, { from, to, now: now(), label: labelOf(site) })
    },
    rules(id, version) {
      const site = siteNamed(id)
      return site && state.rules(site.no, version)
    },
    rulesHistory(id) {
      const site = siteNamed(id)
      return (
        site &&
        state.rulesHistory(site.no).map(({ appliedAt, ...row }) => ({ ...row, appliedAt: iso(appliedAt) }))
      )
    },
    refusals(id, from, to) {
      if (!siteNamed(id)) return undefined
      const [first, last] = [dayOf(from), dayOf(to)]
      return {
        site: id,
        from: iso(first * DAY_MS),
        to: iso((last + 1) * DAY_MS - 1),
        ...refusalsOf(state.refusals(id, first, last)),
        elsewhere: refusalsOf(state.refusals('', first, last)).reasons,
      }
    },
    overdue: () => state.overdue(now()),
    person(id) {
      const found = state.numberOf(id)
      return found && { ...found, site: siteNumbered(found.site).id }
    },
    personParts: (contact, cursor) => personParts(state, contact, cursor),
    audit(limit, cursor, site = null) {
      const before = /^\d{1,15}$/.test(cursor ?? '') ? Number(cursor) : Number.MAX_SAFE_INTEGER
      const rows = state.audit(before, limit, site)
      return {
        items: rows.map(({ no: _no, at, ...row }) => ({ at: iso(at), ...row })),
        next: rows.length === limit ? String(rows.at(-1)!.no) : null,
      }
    },
    due: (asked) => dueOf(state.deliveries, asked, now()),
    deliveries: (query) => deliveryList(state.deliveries, query),
    deliveryCounts() {
      const counts: Partial<Record<DeliveryState, number>> = {}
      for (const { state: is, n } of state.deliveries.counts()) counts[is] = (counts[is] ?? 0) + n
      return counts
    },
    week(id, monday) {
      const site = siteNamed(id)
      return site && weekOf(state, site, zone(site), monday)
    },
    keys: () => state.keys(),
    outcome: (ref) => state.outcome(ref),
    counts: () => ({ counts: state.counts(), watermark: state.watermark() }),
  }
}

function transition(row: NotedTransition): Transition {
  const { no, from, to, effectiveAt, recordedAt, by, why, supersededBy } = row
  return {
    id: no,
    from,
    to,
    effectiveAt: iso(effectiveAt),
    recordedAt: iso(recordedAt),
    by,
    why: because(to, why),
    ...(supersededBy !== null && { supersededBy }),
  }
}

function refusalsOf(rows: { day: number; reason: string; n: number }[]) {
  const reasons: Record<string, number> = {}
  for (const { reason, n } of rows) reasons[reason] = (reasons[reason] ?? 0) + n
  const days = rows.map(({ day, reason, n }) => ({ day: iso(day * DAY_MS).slice(0, 10), reason, events: n }))
  return { reasons, days }
}

/** Company as Segment's reserved traits spell it. */
const companyNameOf = ({ company }: Record<string, unknown>): string | null =>
  typeof company === 'object' && company !== null
    ? textOf((company as { name?: unknown }).name)
    : textOf(company)

/** Where the person came from at first, and last: of the visits after the first, those that came directly tell nothing. */
function touches(
  state: StateReader,
  visitors: ReturnType<StateReader['visitors']>,
): { source: string | null; lastSource: string | null } {
  const sources = visitors
    .flatMap(({ visitor, from, to }) => state.visits(visitor.no, from, to))
    .sort((a, b) => a.startAt - b.startAt)
    .map((visit) => sourceOf(visit).name || null)
  return { source: sources[0] ?? null, lastSource: sources.findLast((source) => source !== null) ?? null }
}

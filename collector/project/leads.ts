/** A contact's lead: folded from its history, and landed with its transitions and webhooks. */
import type { WebhookPayload } from '../../shared/api.ts'
import type { Stage } from '../../shared/lead.ts'
import type { Notify } from '../entry.ts'
import { fit } from '../lead/fit.ts'
import { replayLead } from '../lead/replay.ts'
import { engagement } from '../lead/score.ts'
import type { Lead, StageChange, TrackedEvent } from '../lead/state.ts'
import { type Contact, factsOf, type LeadRow } from '../store/store.ts'
import type { Batch } from './batch.ts'
import type { RuledSite } from './sites.ts'
import { dayOf } from './totals.ts'

/** Order of the stages that rules move among, for 'up' and 'down'. */
const RANK: Record<Stage, number> = {
  disqualified: -1,
  visitor: 0,
  lead: 1,
  mql: 2,
  sql: 3,
  opportunity: 4,
  customer: 5,
}

/** Folds a lead from the events of all its visitors: after a link, a split or a late event. */
export async function foldLead(
  batch: Batch,
  site: RuledSite,
  contactNo: number,
  now: number,
  notify: Notify = 'all',
): Promise<LeadRow> {
  const contact = await batch.contact(contactNo)
  const own = new Set((await batch.records(contactNo)).map(({ ownVisitor }) => ownVisitor))
  const streams: TrackedEvent[][] = []
  const sent: TrackedEvent[] = []
  for (const { visitor, from, to } of await batch.edges(contactNo)) {
    const events = own.has(visitor)
      ? await batch.eventList(visitor, from, to)
      : ownedIn(await batch.eventList(visitor, from, null), to)
    if (own.has(visitor)) sent.push(...events)
    else streams.push(events)
  }
  streams.push(once(sent))
  const before = await batch.lead(contactNo)
  // A day's tick stands in the log before the next day's first entry, so all days before this one are over.
  const replayed = replayLead(streams, factsOf(contact), site.rules, now, dayOf(now) - 1)
  batch.replaceCells(contactNo, replayed.cells)
  const changes = before ? correction(before.lead, replayed) : replayed.changes
  return landLead(batch, site, contact, replayed.lead, changes, now, notify)
}

/** Folds the leads that late events have made stale: once, however many came. */
export async function foldStale(batch: Batch, site: RuledSite, now: number): Promise<void> {
  for (const contact of batch.takeStale()) await foldLead(batch, site, contact, now)
}

/**
 * Of a visitor's events since its contact had it, those that are the contact's: what happened before `to`, and the
 * time spent on pages that were opened before, also where it is told later.
 */
function ownedIn(events: TrackedEvent[], to: number | null): TrackedEvent[] {
  const name = ({ ms, key }: { ms: number; key: number }) => `${ms} ${key}`
  const opened = new Map<string, number>()
  for (const event of events) if (event.kind === 'page') opened.set(name(event.id), event.at)
  return events.filter((event) => {
    const at = event.kind === 'engage' ? opened.get(name(event.page)) : event.at
    return at !== undefined && (to === null || at < to)
  })
}

/** Of signals that two records of one person were both sent, the first. */
function once(sent: TrackedEvent[]): TrackedEvent[] {
  const first = new Map<string, TrackedEvent>()
  for (const event of sent) {
    const name = `${event.id.ms} ${event.id.key}`
    const known = first.get(name)
    if (!known || event.at < known.at) first.set(name, event)
  }
  return [...first.values()]
}

/**
 * What a fold changed against what was known: nothing, a step up that was due, or a correction down. The stages
 * in between were never anybody's, so one change stands for them.
 */
function correction(before: Lead, after: { lead: Lead; changes: StageChange[] }): StageChange[] {
  if (before.stage === after.lead.stage) return []
  const last = after.changes.at(-1)!
  return [{ ...last, from: before.stage, to: after.lead.stage }]
}

/** Puts a lead and writes its changes down: a transition each, and a webhook for those that are news. */
export function landLead(
  batch: Batch,
  site: RuledSite,
  contact: Contact,
  lead: Lead,
  changes: StageChange[],
  now: number,
  notify: Notify = 'all',
): LeadRow {
  const row: LeadRow = {
    contact: contact.no,
    site: site.no,
    lead,
    engagement: engagement(lead, dayOf(now), site.rules).total,
    fit: fit(factsOf(contact), site.rules).score,
    rulesVersion: site.rulesVersion,
  }
  batch.putLead(row)
  for (const change of changes) {
    const by = change.by === 'rules' ? `rules:${site.rulesVersion}` : change.by
    const correction = change.by !== 'tick' && RANK[change.to] < RANK[change.from]
    batch.appended.transitions.push({
      contact: contact.no,
      from: change.from,
      to: change.to,
      effectiveAt: change.effectiveAt,
      recordedAt: now,
      by,
      why: change.why,
      correction,
    })
    if (correction || notify === 'silent' || (notify === 'sql' && change.to !== 'sql')) continue
    batch.appended.outbox.push({
      id: `msg_${contact.id}_${batch.stableId()}`,
      site: site.no,
      contact: contact.no,
      createdAt: now,
      payload: { ...payload(site, contact, row, change, now) },
    })
  }
  return row
}

function payload(
  site: RuledSite,
  contact: Contact,
  row: LeadRow,
  change: StageChange,
  now: number,
): WebhookPayload {
  return {
    type: typeOf(change),
    timestamp: new Date(now).toISOString(),
    data: {
      id: contact.id,
      site: site.id,
      from: change.from,
      to: change.to,
      engagement: row.engagement / 100,
      why: change.why,
    },
  }
}

function typeOf({ from, to }: StageChange): WebhookPayload['type'] {
  if (from === 'visitor' && to === 'lead') return 'lead.created'
  if (RANK[to] < RANK[from]) return 'lead.demoted'
  return to === 'sql' ? 'lead.sql' : 'lead.mql'
}

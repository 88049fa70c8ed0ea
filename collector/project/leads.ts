/** A contact's lead: folded from its history, and landed with its transitions and webhooks. */
import type { WebhookPayload } from '../../shared/api.ts'
import type { Stage } from '../../shared/lead.ts'
import type { Notify } from '../entry.ts'
import { dayOf } from '../lead/day.ts'
import { fit } from '../lead/fit.ts'
import { outcomeOf } from '../lead/outcome.ts'
import { replayLead } from '../lead/replay.ts'
import { revise } from '../lead/revise.ts'
import { engagement } from '../lead/score.ts'
import { pathOf } from '../lead/signals.ts'
import type { Cell, Lead, StageChange, TrackedEvent } from '../lead/state.ts'
import { because } from '../lead/why.ts'
import { type Contact, factsOf, type LeadRow } from '../store/store.ts'
import type { Batch } from './batch.ts'
import type { RuledSite } from './sites.ts'

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
  const past: Cell[] = []
  const sent: TrackedEvent[] = []
  // Who objects to profiling is kept, and nothing is made of it.
  const edges = contact.objectedAt === null ? await batch.edges(contactNo) : []
  for (const { visitor, from, to } of edges) {
    const events = own.has(visitor)
      ? await batch.eventList(visitor, from, to)
      : ownedIn(await batch.eventList(visitor, from, null), to)
    if (site.keptFrom > 0)
      past.push(...(await batch.pastCellsOf(visitor)).filter((cell) => isWithin(cell.lastAt, from, to)))
    if (own.has(visitor)) sent.push(...events)
    else streams.push(events)
  }
  streams.push(once(sent))
  const before = await batch.lead(contactNo)
  const noted = await batch.transitions(contactNo)
  // A day's tick stands in the log before the next day's first entry, so all days before this one are over.
  const decisions = await batch.decisions(contactNo)
  const replayed = replayLead(streams, factsOf(contact), site.rules, now, dayOf(now) - 1, decisions, past)
  batch.replaceCells(contactNo, replayed.cells)
  batch.appended.contentSeen.push({ contact: contactNo, inPlace: true, files: downloadsOf(streams) })
  const isWon = outcomeOf(decisions)?.won ?? null
  batch.appended.handOvers.push({ contact: contactNo, rules: replayed.standing, isWon })
  const { supersedes, added } = revise(noted, replayed.changes)
  const { since } = replayed.lead
  const heard = noted.find(({ to, effectiveAt }) => to === 'sql' && effectiveAt === since)?.recordedAt ?? now
  const dueAt = dueOf(before, replayed.lead, heard, site)
  const row = putLead(batch, site, contact, replayed.lead, dueAt, now)
  writeDown(batch, site, contact, added, now, supersedes)
  const news = noted.length === 0 ? replayed.changes : risen(before?.lead.stage, replayed)
  announce(batch, site, row, contact, news, now, notify)
  return row
}

/** Folds the leads that late events have made stale: once, however many came. */
export async function foldStale(batch: Batch, site: RuledSite, now: number): Promise<void> {
  for (const contact of batch.takeStale()) await foldLead(batch, site, contact, now)
}

const isWithin = (at: number, from: number, to: number | null): boolean =>
  at >= from && (to === null || at < to)

/**
 * Of a visitor's events since its contact had it, those that are the contact's: what happened before `to`, and the
 * time spent on pages that were opened before, also where it is told later.
 */
export function ownedIn(events: TrackedEvent[], to: number | null): TrackedEvent[] {
  const name = ({ ms, key }: { ms: number; key: number }) => `${ms} ${key}`
  const opened = new Map<string, number>()
  for (const event of events) if (event.kind === 'page') opened.set(name(event.id), event.at)
  return events.filter((event) => {
    const at = event.kind === 'engage' ? opened.get(name(event.page)) : event.at
    return at !== undefined && (to === null || at < to)
  })
}

/** Each file that was downloaded, and when first. */
function downloadsOf(streams: readonly (readonly TrackedEvent[])[]): [path: string, at: number][] {
  const first = new Map<string, number>()
  for (const event of streams.flat()) {
    if (event.kind !== 'download') continue
    const path = pathOf(event.url)
    first.set(path, Math.min(first.get(path) ?? event.at, event.at))
  }
  return [...first]
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
 * What is news of a fold: a step up that was due. The stages in between were never anybody's, so one change stands for
 * them; a past that was corrected, and a step down with it, tells nobody.
 */
function risen(before: Stage = 'visitor', after: { lead: Lead; changes: StageChange[] }): StageChange[] {
  const { stage } = after.lead
  if (RANK[stage] <= RANK[before]) return []
  return [{ ...after.changes.at(-1)!, from: before, to: stage }]
}

/** Puts a lead that went on, writes its changes down and tells of them. */
export function landLead(
  batch: Batch,
  site: RuledSite,
  contact: Contact,
  before: LeadRow,
  lead: Lead,
  changes: StageChange[],
  now: number,
  notify: Notify = 'all',
): LeadRow {
  const row = putLead(batch, site, contact, lead, dueOf(before, lead, now, site), now)
  writeDown(batch, site, contact, changes, now)
  announce(batch, site, row, contact, changes, now, notify)
  return row
}

/** By when sales is to answer: nobody can be late for what the collector was told only at `heard`, ms. */
function dueOf(
  before: LeadRow | undefined,
  { since, dueAt }: Lead,
  heard: number,
  { rules }: RuledSite,
): number | null {
  if (dueAt === null) return null
  // Who waits already waits on, however the way there is corrected.
  if (before && before.dueAt !== null && before.lead.since === since && before.lead.dueAt === dueAt)
    return before.dueAt
  return heard <= since ? dueAt : rules.sales.dueAfter(heard, since, dueAt)
}

function putLead(
  batch: Batch,
  site: RuledSite,
  contact: Contact,
  lead: Lead,
  dueAt: number | null,
  now: number,
): LeadRow {
  const row: LeadRow = {
    contact: contact.no,
    site: site.no,
    lead,
    engagement: engagement(lead, dayOf(now), site.rules).total,
    fit: fit(factsOf(contact), site.rules).score,
    rulesVersion: site.rulesVersion,
    dueAt,
  }
  batch.putLead(row)
  return row
}

/** A transition for each change; the first takes the place of those that it supersedes. */
function writeDown(
  batch: Batch,
  site: RuledSite,
  contact: Contact,
  changes: StageChange[],
  now: number,
  supersedes: number[] = [],
): void {
  for (const [i, { from, to, effectiveAt, by, who, why }] of changes.entries()) {
    batch.appended.transitions.push({
      no: ++batch.numbers.transition,
      contact: contact.no,
      from,
      to,
      effectiveAt,
      recordedAt: now,
      by: by === 'rules' ? `rules:${site.rulesVersion}` : (who ?? by),
      why,
      supersedes: i === 0 ? supersedes : [],
    })
  }
}

/** A webhook for each change of which somebody is to hear. */
function announce(
  batch: Batch,
  site: RuledSite,
  row: LeadRow,
  contact: Contact,
  changes: StageChange[],
  now: number,
  notify: Notify,
): void {
  for (const change of changes) {
    // A decision has a webhook of its own.
    if (change.by === 'person') continue
    if (notify === 'silent' || (notify === 'sql' && change.to !== 'sql')) continue
    batch.appended.outbox.push({
      id: `msg_${contact.id}_${batch.stableId()}`,
      site: site.no,
      contact: contact.no,
      createdAt: now,
      payload: { ...payload(site, contact, row, change, now) },
    })
  }
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
      why: because(change.to, change.why),
    },
  }
}

function typeOf({ from, to }: StageChange): WebhookPayload['type'] {
  if (from === 'visitor' && to === 'lead') return 'lead.created'
  if (RANK[to] < RANK[from]) return 'lead.demoted'
  return to === 'sql' ? 'lead.sql' : 'lead.mql'
}

/** A contact's lead: folded from its history, and landed with its transitions and webhooks. */

import type { Stage } from '../../shared/lead.ts'
import type { LeadMessage } from '../../shared/messages.ts'
import type { Notify } from '../entry.ts'
import { dayOf } from '../lead/day.ts'
import { fit } from '../lead/fit.ts'
import { thinned } from '../lead/mark.ts'
import { outcomeOf } from '../lead/outcome.ts'
import { type Replayed, type Rest, replayFrom } from '../lead/replay.ts'
import { revise } from '../lead/revise.ts'
import { engagement } from '../lead/score.ts'
import { sessionise } from '../lead/sessionise.ts'
import type { Cell, Lead, StageChange, Visit } from '../lead/state.ts'
import { because } from '../lead/why.ts'
import { type Contact, factsOf, type LeadRow } from '../store/store.ts'
import type { Batch } from './batch.ts'
import { NEVER_CAME } from './lead-visits.ts'
import { restOfSent, restOfStream, restOfVisits } from './marks.ts'
import { post } from './post.ts'
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

/** Folds a lead from the events of all its visitors: after a link or a split, or under other rules. */
export async function foldLead(
  batch: Batch,
  site: RuledSite,
  contactNo: number,
  now: number,
  notify: Notify = 'all',
): Promise<LeadRow> {
  const { replayed } = await replay(batch, site, contactNo, now, false)
  batch.replaceCells(contactNo, replayed.cells)
  return landReplay(batch, site, contactNo, replayed, now, notify)
}

/** Folds what late events have made stale: once, however many came. */
export async function foldStale(
  batch: Batch,
  siteOf: (no: number) => RuledSite,
  notify: Notify = 'all',
): Promise<void> {
  for (const visitor of batch.takeStaleVisits()) await foldVisits(batch, visitor)
  for (const [contactNo, now] of batch.takeStale()) {
    const contact = await batch.contact(contactNo)
    const site = siteOf(contact.site)
    const { replayed, under } = await replay(batch, site, contactNo, now, true)
    await batch.changeCells(contactNo, replayed.cells)
    batch.putLeadMarks(contactNo, { under, marks: replayed.marks })
    await landReplay(batch, site, contactNo, replayed, now, notify)
  }
}

/** The visits of a visitor from its events. */
export async function foldVisits(batch: Batch, visitorNo: number): Promise<void> {
  const marks = batch.visitMarks(visitorNo) ?? []
  const mark = marks.at(-1) ?? null
  const { events, pages } = await restOfVisits(batch, visitorNo, mark)
  const { visits, marks: set } = sessionise(events, mark, pages, batch.newestMark)
  const before = await batch.visitList(visitorNo)
  const after = new Map(visits.map((visit) => [visit.startAt, visit]))
  const changed = (a: Visit, b: Visit | undefined) => JSON.stringify(a) !== JSON.stringify(b)
  for (const visit of before)
    if (changed(visit, after.get(visit.startAt))) batch.dropVisit(visitorNo, visit.startAt)
  const kept = new Map(before.map((visit) => [visit.startAt, visit]))
  for (const visit of visits) if (changed(visit, kept.get(visit.startAt))) batch.putVisit(visitorNo, visit)
  batch.putVisitMarks(
    visitorNo,
    thinned([...marks, ...set], (mark?.folded ?? 0) + events.length, batch.newestMark),
  )
  const visitor = await batch.visitorByNo(visitorNo)
  batch.putVisitor({ ...visitor, visitStart: visits.at(-1)?.startAt ?? null })
}

/** A lead's history folded, from its newest mark where `late` says that nothing but events can be new. */
async function replay(
  batch: Batch,
  site: RuledSite,
  contactNo: number,
  now: number,
  late: boolean,
): Promise<{ replayed: Replayed; under: string }> {
  const contact = await batch.contact(contactNo)
  const own = new Set((await batch.records(contactNo)).map(({ ownVisitor }) => ownVisitor))
  // Who objects to profiling is kept, and nothing is made of it.
  const edges = contact.objectedAt === null ? await batch.edges(contactNo) : []
  edges.sort((a, b) => a.visitor - b.visitor || a.from - b.from)
  const decisions = await batch.decisions(contactNo)
  const facts = factsOf(contact)
  const past: Cell[] = []
  if (site.keptFrom > 0) {
    for (const { visitor, from, to } of edges)
      past.push(...(await batch.pastCellsOf(visitor)).filter((cell) => isWithin(cell.lastAt, from, to)))
  }
  const under = JSON.stringify([site.rulesVersion, facts, [...own], edges, decisions, past])
  const known = late ? batch.leadMarks(contactNo) : undefined
  const marks = known?.under === under ? known.marks : []
  const mark = marks.at(-1)
  const rests: Rest[] = []
  for (const edge of edges) {
    if (own.has(edge.visitor)) continue
    const visit = mark?.visits[rests.length] ?? null
    rests.push(await restOfStream(batch, edge, mark, visit?.startAt ?? null))
  }
  rests.push(
    await restOfSent(
      batch,
      edges.filter(({ visitor }) => own.has(visitor)),
      mark,
    ),
  )
  // A day's tick stands in the log before the next day's first entry, so all days before this one are over.
  const through = dayOf(now) - 1
  const replayed = replayFrom(
    marks,
    rests,
    facts,
    site.rules,
    now,
    through,
    decisions,
    past,
    batch.newestMark,
  )
  return { replayed, under }
}

async function landReplay(
  batch: Batch,
  site: RuledSite,
  contactNo: number,
  replayed: Replayed,
  now: number,
  notify: Notify = 'all',
): Promise<LeadRow> {
  const contact = await batch.contact(contactNo)
  const before = await batch.lead(contactNo)
  const noted = await batch.transitions(contactNo)
  const files = [...replayed.files]
  batch.appended.contentSeen.push({ contact: contactNo, from: site.keptFrom, files })
  const isWon = outcomeOf(await batch.decisions(contactNo))?.won ?? null
  batch.appended.handOvers.push({ contact: contactNo, rules: replayed.standing, isWon })
  const { supersedes, added } = revise(noted, replayed.changes)
  const { since } = replayed.lead
  const heard = noted.find(({ to, effectiveAt }) => to === 'sql' && effectiveAt === since)?.recordedAt ?? now
  const dueAt = dueOf(before, replayed.lead, heard, site)
  const row = putLead(batch, site, contact, before, replayed.lead, dueAt, now)
  writeDown(batch, site, contact, added, now, supersedes)
  const news = noted.length === 0 ? replayed.changes : risen(before?.lead.stage, replayed)
  announce(batch, site, row, contact, news, now, notify)
  return row
}

const isWithin = (at: number, from: number, to: number | null): boolean =>
  at >= from && (to === null || at < to)

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
  const row = putLead(batch, site, contact, before, lead, dueOf(before, lead, now, site), now)
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
  before: LeadRow | undefined,
  lead: Lead,
  dueAt: number | null,
  now: number,
): LeadRow {
  const { visits, views, engagedMs } = before ?? NEVER_CAME
  const row: LeadRow = {
    contact: contact.no,
    site: site.no,
    lead,
    engagement: engagement(lead, dayOf(now), site.rules).total,
    fit: fit(factsOf(contact), site.rules).score,
    rulesVersion: site.rulesVersion,
    dueAt,
    visits,
    views,
    engagedMs,
  }
  if (!before) batch.countAnew(contact.no)
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
    const { from, to, effectiveAt: at } = change
    if (notify !== 'silent') batch.appended.moves.push({ contact: contact.no, site: site.no, from, to, at })
    // A decision has a webhook of its own.
    if (change.by === 'person') continue
    if (notify === 'silent' || (notify === 'sql' && change.to !== 'sql')) continue
    post(batch, { site: site.no, contact, payload: payload(site, contact, row, change, now), now })
  }
}

function payload(
  site: RuledSite,
  contact: Contact,
  row: LeadRow,
  change: StageChange,
  now: number,
): LeadMessage {
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
      nextStep: site.rules.stages[change.to].nextStep,
      segments: site.rules.stages[change.to].segments,
    },
  }
}

function typeOf({ from, to }: StageChange): LeadMessage['type'] {
  if (from === 'visitor' && to === 'lead') return 'lead.created'
  if (RANK[to] < RANK[from]) return 'lead.demoted'
  return to === 'sql' ? 'lead.sql' : 'lead.mql'
}

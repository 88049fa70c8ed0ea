/** How often the visitors of leads came, and how much they read: kept with the lead, for lists and companies ask it of thousands. */
import type { Visit } from '../lead/state.ts'
import type { LeadRow } from '../store/store.ts'
import type { Batch, ChangedVisit } from './batch.ts'

export type Came = Pick<LeadRow, 'visits' | 'views' | 'engagedMs'>

export const NEVER_CAME: Came = { visits: 0, views: 0, engagedMs: 0 }

/** Brings the leads of a batch up to date with its visits: by what changed, or, where visitors became theirs or went, from all of them. */
export async function countLeadVisits(batch: Batch, changed: readonly ChangedVisit[]): Promise<void> {
  const grown = new Map<number, Came>()
  const add = (contact: number, came: Came) => grown.set(contact, sum(grown.get(contact) ?? NEVER_CAME, came))
  const anew = new Set(batch.countedAnew())
  for (const { contact, came } of batch.visitsForgotten) add(contact, came)
  for (const { visitor, before, after } of changed) {
    if (visitor.contact === null) continue
    const { startAt } = (after ?? before)!
    for (const edge of await batch.edgesOfVisitor(visitor.no))
      if (isWithin(startAt, edge) && !anew.has(edge.contact)) {
        if (after) add(edge.contact, cameOf(after))
        if (before) add(edge.contact, minus(cameOf(before)))
      }
  }
  for (const contact of new Set([...grown.keys(), ...anew])) {
    const row = await batch.lead(contact)
    if (!row) continue
    const now = anew.has(contact) ? await cameInAll(batch, contact) : sum(row, grown.get(contact)!)
    if (now.visits !== row.visits || now.views !== row.views || now.engagedMs !== row.engagedMs)
      batch.putLead({ ...row, ...now })
  }
}

/** What visits of a visitor from before a moment, ms, came to for those whose they were. */
export async function cameBefore(
  batch: Batch,
  visitor: number,
  before: number,
): Promise<{ contact: number; came: Came }[]> {
  const edges = await batch.edgesOfVisitor(visitor)
  if (edges.length === 0) return []
  const visits = (await batch.visitList(visitor)).filter(({ startAt }) => startAt < before)
  return edges.map((edge) => ({ contact: edge.contact, came: cameIn(visits, edge) }))
}

/** Less of it. */
export const minus = ({ visits, views, engagedMs }: Came): Came => ({
  visits: -visits,
  views: -views,
  engagedMs: -engagedMs,
})

async function cameInAll(batch: Batch, contact: number): Promise<Came> {
  let all = NEVER_CAME
  for (const edge of await batch.edges(contact))
    all = sum(all, cameIn(await batch.visitList(edge.visitor), edge))
  return all
}

const cameIn = (visits: readonly Visit[], edge: { from: number; to: number | null }): Came =>
  visits.reduce((all, visit) => (isWithin(visit.startAt, edge) ? sum(all, cameOf(visit)) : all), NEVER_CAME)

const cameOf = ({ views, engagedMs }: Visit): Came => ({ visits: 1, views, engagedMs })

const sum = (a: Came, b: Came): Came => ({
  visits: a.visits + b.visits,
  views: a.views + b.views,
  engagedMs: a.engagedMs + b.engagedMs,
})

const isWithin = (at: number, { from, to }: { from: number; to: number | null }): boolean =>
  at >= from && (to === null || at < to)

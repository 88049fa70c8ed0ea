import type { RebuildEntry } from '../entry.ts'
import { sessionise } from '../lead/sessionise.ts'
import type { RollUpsSpan, Site, StateStore } from '../store/store.ts'
import { isZone, QUARTER_MS, type Zone } from '../zone.ts'
import type { Batch } from './batch.ts'
import type { Chunks, Last } from './chunks.ts'
import { EntryError } from './entry-error.ts'
import { erasedSetting } from './erase.ts'
import { RollUps } from './roll-ups.ts'
import type { Sites } from './sites.ts'

/** What one transaction drops (rows) and counts again (visitors, and events of them): keeps it below 100 ms. */
const DROPPED = 2_000
const VISITORS = 200
const EVENTS = 2_000

/**
 * Drops a site's sums and makes them, and its visits, again from the events, chunk by chunk. The cursor lies in the same
 * transaction as what it stands for, so a crash between two chunks loses nothing and counts nothing twice. Until it
 * is done the sums are those of the visitors so far. Sums of weeks that are not wholly kept any more stay as they are.
 */
export async function rebuild(
  { store, sites, zoneOf, batch: part, commit, seq }: Chunks,
  entry: RebuildEntry,
): Promise<Last> {
  const fault = rebuildFault(sites, entry) ?? (await erasedFault(store, entry))
  if (fault) return { outcome: { status: 422, body: { detail: fault } } }
  const site = sites.get(entry.site)
  const setting = `rebuild:${site.id}`
  const begun = await store.setting(setting)
  let cursor: Cursor = begun === undefined ? { seq: 0, after: 0, visitors: 0 } : JSON.parse(begun)
  const zoned = { ...site, timeZone: entry.timeZone ?? site.timeZone }
  sites.put(zoned)
  const { span, from } = keptSums(site, zoneOf(site.no))
  if (cursor.seq !== seq) {
    for (;;) {
      const batch = part()
      batch.dropRollUps = { ...span, limit: DROPPED }
      await commit(batch)
      if (!(await store.hasRollUps(span))) break
    }
    cursor = { seq, after: 0, visitors: 0 }
    const batch = part()
    const { rules: _rules, ...row } = zoned
    batch.appended.sites.push(row)
    await keep(batch)
  }
  for (;;) {
    const visitors = await store.visitorsAfter(site.no, cursor.after, VISITORS)
    if (visitors.length === 0) return { outcome: { status: 200, body: { visitors: cursor.visitors } } }
    const batch = part()
    const sums = new RollUps(zoneOf)
    let events = 0
    for (const visitor of visitors) {
      if (events >= EVENTS) break
      events += await again(batch, sums, visitor.no)
      cursor = { seq, after: visitor.no, visitors: cursor.visitors + 1 }
    }
    await keep(batch, sums)
  }

  async function keep(batch: Batch, sums?: RollUps): Promise<void> {
    batch.putSetting(setting, JSON.stringify(cursor))
    await commit(batch, sums)
  }

  /** Counts a visitor from its events; returns how many they are. */
  async function again(batch: Batch, sums: RollUps, no: number): Promise<number> {
    const visitor = await batch.visitorByNo(no)
    const events = await store.events(no, 0, null)
    const { visits, pages } = sessionise(events)
    for (const event of events) if (event.at >= from) sums.event(visitor.site, no, event)
    for (const { at, path, engagedMs } of pages)
      if (at !== null && at >= from && path !== null && engagedMs > 0)
        sums.engaged(visitor.site, at, path, engagedMs)
    const stale = new Map((await batch.visitList(no)).map((visit) => [visit.startAt, JSON.stringify(visit)]))
    for (const visit of visits) {
      if (visit.startAt >= from) sums.visit(visitor, null, visit)
      if (stale.get(visit.startAt) !== JSON.stringify(visit)) batch.putVisit(no, visit)
      stale.delete(visit.startAt)
    }
    for (const startAt of stale.keys()) batch.dropVisit(no, startAt)
    for (const { contact } of await batch.edgesOfVisitor(no)) batch.countAnew(contact)
    const visitStart = visits.at(-1)?.startAt ?? null
    if (visitStart !== visitor.visitStart) batch.putVisitor({ ...visitor, visitStart })
    return events.length
  }
}

/** 1 January 1970 was a Thursday: weeks begin on Monday. */
const THURSDAY = 3

/** The sums that can be made again: those of weeks of which nothing is forgotten, which begin at `from`, ms. */
function keptSums({ no, keptFrom }: Site, zone: Zone): { span: RollUpsSpan; from: number } {
  const nothing = Number.MIN_SAFE_INTEGER
  if (keptFrom === 0) return { span: { site: no, quarter: nothing, day: nothing }, from: nothing }
  const whole = zone.dayOf(keptFrom - 1) + 1
  const day = Math.ceil((whole + THURSDAY) / 7) * 7 - THURSDAY
  const from = zone.startOf(day)
  return { span: { site: no, quarter: from / QUARTER_MS, day }, from }
}

interface Cursor {
  /** The entry that is at work. */
  seq: number
  /** The last visitor that is counted. */
  after: number
  visitors: number
}

/** What is wrong with the entry before anything is done; undefined where nothing is. */
function rebuildFault(sites: Sites, { site, timeZone }: RebuildEntry): string | undefined {
  try {
    sites.get(site)
  } catch (error) {
    if (error instanceof EntryError) return error.message
    throw error
  }
  return timeZone === undefined || isZone(timeZone) ? undefined : zoneProblem(timeZone)
}

/** Events of erased people are gone, and what they were in the sums cannot be made again. */
async function erasedFault(
  store: StateStore,
  { site, withoutErased }: RebuildEntry,
): Promise<string | undefined> {
  if (withoutErased || (await store.setting(erasedSetting(site))) === undefined) return undefined
  return `people of '${site}' were erased, and numbers made again would be lower by what they did: leadwake rebuild ${site} --without-erased if that is wanted`
}

export const zoneProblem = (name: string): string =>
  `'${name}' is not a time zone; write one of the IANA database, like Europe/Berlin, or UTC`

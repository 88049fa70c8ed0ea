import { addDelta, cellDelta } from '../lead/ledger.ts'
import { inOrder, steps } from '../lead/sessionise.ts'
import { occurrencesOf } from '../lead/signals.ts'
import type { Cell, TrackedEvent } from '../lead/state.ts'
import { factsOf, type PastCell, type Visitor } from '../store/store.ts'
import type { Batch } from './batch.ts'
import type { Chunks } from './chunks.ts'
import { cameBefore, minus } from './lead-visits.ts'
import { ownedIn } from './marks.ts'
import type { RuledSite } from './sites.ts'
import { BY_RETENTION, TEXTS_LEFT } from './sweep-texts.ts'

const DAY_MS = 86_400_000
/** Numbers of visitors that one look goes over, however few of them are due. */
const LOOK = 20_000
/** What one transaction forgets (visitors, and events of them): keeps it below 100 ms. */
const VISITORS = 200
const EVENTS = 2_000

interface Cursor {
  /** Events before this, ms, go. */
  cutoff: number
  /** The last visitor that is done. */
  after: number
}

/**
 * Forgets what a site no longer keeps at the end of a day: events and visits that are older, and visitors without a
 * contact who were not there since; a visit goes as a whole, once its end is older. Sums stay. What the events of a
 * known person came to stays as cells, so that its lead is folded to the same score as before. Chunk by chunk, the
 * cursor in the same transaction: safe to begin again after a crash.
 */
export async function retain(
  { store, sites, batch: part, commit, forget: forgetRemembered }: Chunks,
  site: RuledSite,
  day: number,
): Promise<void> {
  if (site.retention === null) return
  const cutoff = (day + 1 - site.retention) * DAY_MS
  if (cutoff < site.keptFrom) return
  const setting = `retain:${site.id}`
  const begun = await store.setting(setting)
  let cursor: Cursor = begun === undefined ? { cutoff: 0, after: 0 } : JSON.parse(begun)
  if (cursor.cutoff !== cutoff) {
    cursor = { cutoff, after: 0 }
    const kept = { ...site, keptFrom: cutoff }
    const batch = part()
    const { rules: _rules, ...row } = kept
    batch.appended.sites.push(row)
    await keep(batch)
    sites.put(kept)
  }
  const last = part().numbers.visitor
  while (cursor.after < last) {
    const to = cursor.after + LOOK
    const due = await store.visitorsSince(site.no, { after: cursor.after, to, before: cutoff }, VISITORS)
    const batch = part()
    let events = 0
    for (const visitor of due) {
      const { boundary, gone, isAll } = await oldest(visitor, EVENTS - events)
      events += gone.length
      await forget(batch, visitor, boundary, gone, isAll)
      if (isAll) cursor = { cutoff, after: visitor.no }
      if (!isAll || events >= EVENTS) break
    }
    if (due.length === 0) cursor = { cutoff, after: to }
    await keep(batch)
    // It may hold visitors and visits that are no more.
    if (due.length > 0) forgetRemembered()
  }

  async function keep(batch: Batch): Promise<void> {
    batch.putSetting(setting, JSON.stringify(cursor))
    if (batch.forgotten.length > 0 && (await store.setting(TEXTS_LEFT)) === undefined)
      batch.putSetting(TEXTS_LEFT, BY_RETENTION)
    await commit(batch)
  }

  /**
   * What is to go of a visitor, of whole visits, the oldest first: about `most` events at once. `isAll` says that
   * nothing more is.
   */
  async function oldest(
    { no }: Visitor,
    most: number,
  ): Promise<{ boundary: number; gone: TrackedEvent[]; isAll: boolean }> {
    const visits = await store.visits(no)
    const alive = visits.find(({ endAt }) => endAt >= cutoff)
    const boundary = Math.min(cutoff, alive?.startAt ?? cutoff)
    const gone = (await store.events(no, 0, boundary)).sort(inOrder)
    const first = gone[0]?.at ?? 0
    // A single visit, or a single moment, goes at once however long it is.
    const places = visits.length > 0 ? visits.map(({ startAt }) => startAt) : gone.map(({ at }) => at)
    const cut = gone.length > most ? places.findLast((at) => at > first && at <= gone[most]!.at) : undefined
    if (cut === undefined || cut >= boundary) return { boundary, gone, isAll: true }
    return { boundary: cut, gone: gone.filter(({ at }) => at < cut), isAll: false }
  }

  async function forget(
    batch: Batch,
    visitor: Visitor,
    boundary: number,
    gone: TrackedEvent[],
    isAll: boolean,
  ): Promise<void> {
    const { no, contact, lastAt, firstAt, visitStart } = visitor
    const isWhole = isAll && contact === null && lastAt < boundary
    batch.forgotten.push({ visitor: no, before: boundary, isWhole })
    batch.pastCells.push(...(await cellsOf(batch, visitor, gone)))
    for (const one of contact === null ? [] : await cameBefore(batch, no, boundary))
      batch.visitsForgotten.push({ contact: one.contact, came: minus(one.came) })
    if (isWhole) return
    batch.putVisitor({
      ...visitor,
      // So that a visitor is looked at again only when there is more to forget.
      firstAt: Math.max(firstAt, Math.min(boundary, lastAt)),
      visitStart: visitStart !== null && visitStart < boundary ? null : visitStart,
    })
  }

  /** What events came to for those whose they were, added to what earlier ones did. */
  async function cellsOf(batch: Batch, { no, key }: Visitor, gone: TrackedEvent[]): Promise<PastCell[]> {
    const edges = gone.length === 0 ? [] : await batch.edgesOfVisitor(no)
    if (edges.length === 0) return []
    const cells = new Map((await store.pastCells(no)).map((row) => [nameOf(row.contact, row.cell), row]))
    const changed = new Set<string>()
    for (const { contact, from, to } of edges) {
      const whose = await batch.contact(contact)
      // Of who objects to profiling nothing is made.
      if (whose.objectedAt !== null) continue
      const since = gone.filter(({ at }) => at >= from)
      const owned = key.startsWith('@')
        ? since.filter(({ at }) => to === null || at < to)
        : ownedIn(since, to)
      for (const { event, fold } of steps(owned)) {
        for (const occurrence of occurrencesOf(event, fold, site.rules, factsOf(whose))) {
          const name = nameOf(contact, occurrence)
          const known = cells.get(name)?.cell
          const cell = addDelta(known, cellDelta(occurrence, known?.keys ?? []))
          cells.set(name, { visitor: no, contact, cell })
          changed.add(name)
        }
      }
    }
    return [...changed].map((name) => cells.get(name)!)
  }
}

const nameOf = (contact: number, { day, signal }: Pick<Cell, 'day' | 'signal'>): string =>
  `${contact} ${day} ${signal}`

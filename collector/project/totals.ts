import type { PageView, TrackedEvent, Visit } from '../lead/state.ts'
import type { Visitor } from '../store/store.ts'
import type { Batch } from './batch.ts'

const DAY_MS = 86_400_000

export const dayOf = (at: number): number => Math.floor(at / DAY_MS)

/** A visit of one page view and nothing else. */
export const isBounce = (visit: Visit): boolean => visit.views === 1 && visit.actions === 0

/** Counts an event into its day: what it adds whichever visit it falls into. */
export function countEvent(batch: Batch, site: number, visitor: Visitor, event: TrackedEvent): void {
  if (event.kind === 'signal') return
  const day = dayOf(event.at)
  // Its latest event has already said that it was there that day.
  if (visitor.lastAt === 0 || dayOf(visitor.lastAt) !== day) batch.addVisitorDay(site, day, visitor.no)
  if (event.kind === 'page') {
    batch.addDay(site, day, { views: 1 })
    batch.addPageDay(site, day, event.path, 1, 0)
  } else if (event.kind === 'download') batch.addDay(site, day, { downloads: 1 })
  else if (event.kind === 'cart') batch.addDay(site, day, { cartAdds: 1 })
}

/** Moves the visit totals from one version of a visit to the next; null is no visit. */
export function countVisit(batch: Batch, site: number, before: Visit | null, after: Visit | null): void {
  if (before) batch.addDay(site, dayOf(before.startAt), { visits: -1, bounces: isBounce(before) ? -1 : 0 })
  if (after) batch.addDay(site, dayOf(after.startAt), { visits: 1, bounces: isBounce(after) ? 1 : 0 })
}

/** Adds the growth of a page view's engaged time to the day on which the view began. */
export function countEngaged(
  batch: Batch,
  site: number,
  before: PageView | null,
  after: PageView | null,
): void {
  if (after?.at == null || after.path === null) return
  const known = before?.at != null ? before.engagedMs : 0
  const growth = after.engagedMs - known
  if (growth === 0) return
  const day = dayOf(after.at)
  batch.addDay(site, day, { engagedMs: growth })
  batch.addPageDay(site, day, after.path, 0, growth)
}

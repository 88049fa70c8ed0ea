import { isMarked, type Mark, NEWEST_MARK } from './mark.ts'
import type { EventKey, PageView, TrackedEvent, Visit } from './state.ts'

/** A longer gap than this between two signs of life, in ms, ends a visit: the usual half hour of web analytics. */
export const VISIT_GAP_MS = 1_800_000

/** What one event made of a visitor's latest visit and of its page view. */
export interface Fold {
  /** The visitor's latest visit; null before the first. */
  visit: Visit | null
  /** Whether this event began `visit`. */
  opened: boolean
  /** The page view that the event is about (`page`, `engage`), as it now stands; else null. */
  page: PageView | null
  /**
   * Engaged ms that the event added to a known page view, hence to the visit at `page.visitStart`. `visit` holds
   * them already where it is that visit; an older visit (a tab left open) does not.
   */
  engagedDelta: number
}

/**
 * Folds one event, not earlier than those before it, into the visitor's latest visit. `page` is the page view
 * stored under the event's key (`page`) or under the key that it reports on (`engage`). A `signal` concerns no visit.
 */
export function foldVisit(open: Visit | null, event: TrackedEvent, page: PageView | null): Fold {
  switch (event.kind) {
    case 'signal':
      return { visit: open, opened: false, page: null, engagedDelta: 0 }
    case 'engage':
      return foldEngage(open, event, page)
    case 'page':
      return foldPage(open, event, page)
    case 'download':
    case 'cart':
    case 'outbound':
    case 'form':
    case 'custom': {
      const { visit, opened } = liveVisit(open, event.at)
      return { visit: { ...visit, actions: visit.actions + 1 }, opened, page: null, engagedDelta: 0 }
    }
    default:
      return event satisfies never
  }
}

/** A visit of one page view and nothing else. */
export const isBounce = (visit: Visit): boolean => visit.views === 1 && visit.actions === 0

/** A mark of a visitor's events, with all visits up to it by their start, oldest first. */
export interface VisitMark extends Mark {
  visits: ReadonlyMap<number, Visit>
}

/** From where folding goes on: the latest visit, and by `keyText` the page views that the events left tell of. */
export interface Resumed {
  visit: Visit | null
  pages: ReadonlyMap<string, PageView>
}

const FROM_THE_START: Resumed = { visit: null, pages: new Map() }

/**
 * All visits, by start, and page views, in the order of their first event, of one visitor's events in any order. From a
 * mark on `events` are those after it, and `known` the page views of before that these tell of; the visits are all still.
 */
export function sessionise(
  events: readonly TrackedEvent[],
  from: VisitMark | null = null,
  known: ReadonlyMap<string, PageView> = FROM_THE_START.pages,
  newest = NEWEST_MARK,
): { visits: Visit[]; pages: PageView[]; marks: VisitMark[] } {
  const visits = new Map(from?.visits)
  const pages = new Map(known)
  const marks: VisitMark[] = []
  let folded = from?.folded ?? 0
  let left = events.length
  const visit = [...visits.values()].at(-1) ?? null
  for (const { event, fold } of steps(events, { visit, pages: known })) {
    folded++
    left--
    if (fold.visit) visits.set(fold.visit.startAt, fold.visit)
    if (fold.page) {
      pages.set(keyText(fold.page.id), fold.page)
      const { visitStart } = fold.page
      const older = visitStart === fold.visit?.startAt ? undefined : visits.get(visitStart ?? Number.NaN)
      if (older) visits.set(older.startAt, { ...older, engagedMs: older.engagedMs + fold.engagedDelta })
    }
    if (isMarked(left, newest)) marks.push({ at: event.at, id: event.id, folded, visits: new Map(visits) })
  }
  return { visits: [...visits.values()], pages: [...pages.values()], marks }
}

/** One visitor's events in the order of time, each with what it made of the visit. */
export function* steps(
  events: readonly TrackedEvent[],
  from: Resumed = FROM_THE_START,
): Generator<{ event: TrackedEvent; fold: Fold }> {
  const pages = new Map(from.pages)
  let { visit } = from
  for (const event of events.toSorted(inOrder)) {
    const key = pageKey(event)
    const fold: Fold = foldVisit(visit, event, key ? (pages.get(keyText(key)) ?? null) : null)
    visit = fold.visit
    if (fold.page) pages.set(keyText(fold.page.id), fold.page)
    yield { event, fold }
  }
}

/**
 * Page views as they stand after some of their events. `visits` are the starts of the visitor's visits by then, oldest
 * first; where they are cut off, views of earlier ones are in none.
 */
export function pageViews(events: readonly TrackedEvent[], visits: readonly number[]): Map<string, PageView> {
  const pages = new Map<string, PageView>()
  for (const event of events) {
    const id = pageKey(event)
    if (!id) continue
    const empty: PageView = { id, at: null, path: null, engagedMs: 0, scroll: 0, visitStart: null }
    const view = pages.get(keyText(id)) ?? empty
    const { at } = event
    const next =
      event.kind === 'page'
        ? { ...view, at, path: event.path, visitStart: visits.findLast((start) => start <= at) ?? null }
        : event.kind === 'engage'
          ? {
              ...view,
              engagedMs: Math.max(view.engagedMs, event.ms),
              scroll: Math.max(view.scroll, event.scroll),
            }
          : view
    pages.set(keyText(id), next)
  }
  return pages
}

/** The order of events in time: by moment, then by key. */
export function inOrder(a: { at: number; id: EventKey }, b: { at: number; id: EventKey }): number {
  return a.at - b.at || a.id.ms - b.id.ms || a.id.key - b.id.key
}

/** Key of the page view that an event makes or reports on; null of all others. */
export function pageKey(event: TrackedEvent): EventKey | null {
  if (event.kind === 'page') return event.id
  return event.kind === 'engage' ? event.page : null
}

export const keyText = (id: EventKey): string => `${id.ms}.${id.key}`

function foldPage(open: Visit | null, event: TrackedEvent & { kind: 'page' }, stored: PageView | null): Fold {
  const { visit, opened } = liveVisit(open, event.at)
  // Engagement that came before its page has waited in a view without a time.
  const waited = stored && stored.at === null ? stored.engagedMs : 0
  const first = visit.views === 0
  return {
    visit: {
      ...visit,
      views: visit.views + 1,
      engagedMs: visit.engagedMs + waited,
      entryPath: first ? event.path : visit.entryPath,
      exitPath: event.path,
      referrer: first ? (event.referrer ?? null) : visit.referrer,
      query: first ? (event.query ?? null) : visit.query,
    },
    opened,
    page: {
      id: event.id,
      at: event.at,
      path: event.path,
      engagedMs: stored?.engagedMs ?? 0,
      scroll: stored?.scroll ?? 0,
      visitStart: visit.startAt,
    },
    engagedDelta: waited,
  }
}

/** Engagement prolongs the latest visit while that lives, and never opens one. */
function foldEngage(
  open: Visit | null,
  event: TrackedEvent & { kind: 'engage' },
  stored: PageView | null,
): Fold {
  const page = stored ?? { id: event.page, at: null, path: null, engagedMs: 0, scroll: 0, visitStart: null }
  const growth = Math.max(0, event.ms - page.engagedMs)
  const engagedDelta = page.at === null ? 0 : growth
  return {
    visit: open && {
      ...open,
      endAt: event.at - open.endAt <= VISIT_GAP_MS ? Math.max(open.endAt, event.at) : open.endAt,
      engagedMs: open.engagedMs + (page.visitStart === open.startAt ? engagedDelta : 0),
    },
    opened: false,
    page: { ...page, engagedMs: page.engagedMs + growth, scroll: Math.max(page.scroll, event.scroll) },
    engagedDelta,
  }
}

function liveVisit(open: Visit | null, at: number): { visit: Visit; opened: boolean } {
  if (open && at - open.endAt <= VISIT_GAP_MS) {
    return { visit: { ...open, endAt: Math.max(open.endAt, at) }, opened: false }
  }
  return { visit: newVisit(at), opened: true }
}

function newVisit(at: number): Visit {
  return {
    startAt: at,
    endAt: at,
    views: 0,
    engagedMs: 0,
    actions: 0,
    entryPath: null,
    exitPath: null,
    referrer: null,
    query: null,
  }
}

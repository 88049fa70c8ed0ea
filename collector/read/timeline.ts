import type { Page, TimelineItem } from '../../shared/api.ts'
import type { TrackedEvent, Visit } from '../lead/state.ts'
import type { NotedTransition, StateReader } from '../store/reader.ts'
import type { Contact } from '../store/store.ts'

const DAY_MS = 86_400_000

/**
 * Everything that a contact did and that became of it, newest first; or of a UTC day (2026-11-18) alone. The cursor is
 * an offset from the newest.
 */
export function timelineOf(
  state: StateReader,
  contact: Contact,
  limit: number,
  cursor?: string,
  day?: string,
): Page<TimelineItem> {
  const from = day === undefined ? Number.NEGATIVE_INFINITY : Date.parse(day)
  const until = day === undefined ? Number.POSITIVE_INFINITY : from + DAY_MS
  const all: { at: number; order: number; item: Omit<TimelineItem, 'at'> }[] = []
  for (const { visitor, from, to } of state.visitors(contact.no)) {
    const events = state.events(visitor.no, from, to)
    const engaged = engagements(events)
    for (const visit of state.visits(visitor.no, from, to)) {
      // Where somebody else took over in the middle, the rest of the visit's time is theirs.
      const own =
        to === null || visit.endAt < to ? visit.engagedMs : engagedSince(visit.startAt, events, engaged)
      all.push({
        at: visit.startAt,
        order: 0,
        item: visitItem({ ...visit, engagedMs: own }, visitor.profile?.agent ?? null),
      })
    }
    for (const event of events) {
      const item = eventItem(event, engaged)
      // Among equal times what came later stands first, as among all others.
      if (item) all.push({ at: event.at, order: all.length + 1, item })
    }
  }
  const holding = state.transitions(contact.no).filter(({ supersededBy }) => supersededBy === null)
  holding.forEach((row, i) => {
    all.push({ at: row.effectiveAt, order: all.length + 1 + i, item: transitionItem(row) })
  })

  const items = all.filter(({ at }) => at >= from && at < until)
  items.sort((a, b) => b.at - a.at || b.order - a.order)
  const start = /^\d{1,9}$/.test(cursor ?? '') ? Number(cursor) : 0
  const page = items.slice(start, start + limit)
  return {
    items: page.map(({ at, item }) => ({ at: new Date(at).toISOString(), ...item })),
    next: start + limit < items.length ? String(start + limit) : null,
  }
}

const keyOf = ({ ms, key }: { ms: number; key: number }) => `${ms} ${key}`

/** Greatest engaged time and scroll of each page view. */
function engagements(events: TrackedEvent[]): Map<string, { ms: number; scroll: number }> {
  const greatest = new Map<string, { ms: number; scroll: number }>()
  for (const event of events) {
    if (event.kind !== 'engage') continue
    const known = greatest.get(keyOf(event.page))
    greatest.set(keyOf(event.page), {
      ms: Math.max(known?.ms ?? 0, event.ms),
      scroll: Math.max(known?.scroll ?? 0, event.scroll),
    })
  }
  return greatest
}

/** Engaged ms of the page views since then. */
function engagedSince(at: number, events: TrackedEvent[], engaged: Map<string, { ms: number }>): number {
  return events
    .filter((event) => event.kind === 'page' && event.at >= at)
    .reduce((total, { id }) => total + (engaged.get(keyOf(id))?.ms ?? 0), 0)
}

function visitItem(visit: Visit, agent: string | null): Omit<TimelineItem, 'at'> {
  const source = visit.query?.utm_source ?? visit.referrer?.split('/')[0]
  return {
    kind: 'visit',
    title: source === undefined ? 'Came to the site' : `Came to the site from ${source}`,
    ...(agent !== null && { device: agent }),
    ...(source !== undefined && { source }),
    ...(visit.entryPath !== null && { path: visit.entryPath }),
    engagedMs: visit.engagedMs,
  }
}

/** Undefined for what is part of another item. */
function eventItem(
  event: TrackedEvent,
  engaged: Map<string, { ms: number; scroll: number }>,
): Omit<TimelineItem, 'at'> | undefined {
  switch (event.kind) {
    case 'page': {
      const time = engaged.get(keyOf(event.id))
      const title = `Read ${event.title ?? event.path}`
      return {
        kind: 'page',
        title,
        path: event.path,
        ...(time && { engagedMs: time.ms, scroll: time.scroll }),
      }
    }
    case 'engage':
      return undefined
    case 'download':
      return {
        kind: 'download',
        title: `Downloaded ${event.url.slice(event.url.lastIndexOf('/') + 1)}`,
        path: event.url,
      }
    case 'cart': {
      const { quantity, product, price, currency } = event
      const props = {
        quantity,
        ...(price !== undefined && { price }),
        ...(currency !== undefined && { currency }),
      }
      return {
        kind: 'cart',
        title: `Added ${quantity === 1 ? '' : `${quantity} x `}${product} to the cart`,
        props,
      }
    }
    case 'outbound':
      return { kind: 'outbound', title: `Followed a link to ${event.url}`, path: event.url }
    case 'form':
      return { kind: 'form', title: `Submitted the form ${event.form}` }
    case 'custom':
      return { kind: 'custom', title: `Did ${event.name}`, ...(event.props && { props: event.props }) }
    case 'signal': {
      const words = event.name.replaceAll('_', ' ')
      return {
        kind: 'signal',
        title: words.charAt(0).toUpperCase() + words.slice(1),
        ...(event.props && { props: event.props }),
      }
    }
    default:
      return event satisfies never
  }
}

function transitionItem({ to, why }: NotedTransition): Omit<TimelineItem, 'at'> {
  const stage = to === 'mql' || to === 'sql' ? to.toUpperCase() : to
  return { kind: 'transition', title: `Became ${stage}: ${why}` }
}

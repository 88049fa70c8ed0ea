/** What nearly every event changes: its visitor, itself, the title of its page, its visit. */
import type { TrackedEvent, Visit } from '../../lead/state.ts'
import type { Changes } from '../store.ts'
import { EVENT_LISTS } from './event-row.ts'
import type { Column } from './lists.ts'
import { tableMonths } from './months.ts'
import type { SiteOf } from './sites-of.ts'
import {
  isGrownVisit,
  isGrownVisitor,
  VISIT_GROWING,
  VISIT_LISTS,
  VISITOR_GROWING,
  VISITOR_LISTS,
} from './visit-row.ts'
import { list, type Writer } from './writing.ts'

type Tracked = Pick<
  Changes,
  | 'watermark'
  | 'visitors'
  | 'visitorsBefore'
  | 'events'
  | 'eventsRemoved'
  | 'visits'
  | 'visitsRemoved'
  | 'forgotten'
>

/** `mayLook`: what is there may be looked for, to be changed where it lies. */
export function writeTracked(writer: Writer, c: Tracked, siteOf: SiteOf, mayLook: boolean): void {
  const { send, remove, putAll, change } = writer
  // Somebody of whom it is all forgotten must not be put there again behind that.
  const growing = mayLook && c.forgotten.length === 0
  visitors()
  remove(
    'events',
    c.eventsRemoved.map(({ visitor, id }) => ({
      site: siteOf.visitor(visitor),
      visitor,
      id_ms: id.ms,
      id_key: id.key,
    })),
    ['site', 'visitor', 'id_ms', 'id_key'],
  )
  putAll('events', eventLists(), c.events, 'fail')
  titles()
  remove(
    'visits',
    c.visitsRemoved.map(({ visitor, startAt }) => ({
      site: siteOf.visitor(visitor),
      visitor,
      start_at: startAt,
    })),
  )
  visits()

  function visitors(): void {
    const [grown, others] = parted(c.visitors, (visitor) => {
      const before = growing ? c.visitorsBefore?.get(visitor.no) : undefined
      return before !== undefined && isGrownVisitor(before, visitor)
    })
    change('visitors', VISITOR_GROWING, grown, () => putAll('visitors', VISITOR_LISTS, grown, 'renew'))
    putAll('visitors', VISITOR_LISTS, others, 'renew')
  }

  function visits(): void {
    const [grown, others] = parted(
      c.visits,
      ({ visit, before }) => growing && before !== undefined && isGrownVisit(before, visit),
    )
    const of = (columns: readonly Column<Visit>[]): Column<Changes['visits'][number]>[] => [
      ['site', ({ visitor }) => siteOf.visitor(visitor)],
      ['visitor', ({ visitor }) => visitor],
      ...columns.map(([name, of]): Column<Changes['visits'][number]> => [name, ({ visit }) => of(visit)]),
    ]
    const all = of(VISIT_LISTS)
    change('visits', of(VISIT_GROWING), grown, () => putAll('visits', all, grown, 'renew'))
    putAll('visits', all, others, 'renew')
  }

  function eventLists(): Column<Changes['events'][number]>[] {
    const monthOf = tableMonths(c.watermark.now)
    return [
      ['site', ({ site }) => site],
      ['visitor', ({ visitor }) => visitor],
      ...EVENT_LISTS.map(([name, of]): Column<{ event: TrackedEvent }> => [name, ({ event }) => of(event)]),
      ['month', ({ event }) => monthOf(event.id.ms)],
    ]
  }

  function titles(): void {
    const latest = new Map<number, Map<string, string>>()
    for (const { site, event } of c.events) {
      if (event.kind !== 'page' || !event.title) continue
      let ofSite = latest.get(site)
      if (!ofSite) {
        ofSite = new Map()
        latest.set(site, ofSite)
      }
      ofSite.set(event.path, event.title)
    }
    if (latest.size === 0) return
    const rows = [...latest].flatMap(([site, titles]) =>
      [...titles].map(([path, title]) => ({ site, path, title })),
    )
    // What is there already is not touched: all projectors meet the same pages, and would wait for each other here.
    send(
      `INSERT INTO titles (site, path_hash, path, title)
       SELECT site, md5(path), path, title FROM json_to_recordset($1::text::json) AS rows (site bigint, path text, title text)
       WHERE (site, md5(path), title) NOT IN (
         SELECT t.site, t.path_hash, t.title FROM json_to_recordset($1::text::json) AS asked (site bigint, path text)
           JOIN titles AS t ON t.site = asked.site AND t.path_hash = md5(asked.path))
       ON CONFLICT (site, path_hash) DO UPDATE SET title = excluded.title`,
      [list(rows)],
    )
  }
}

function parted<T>(all: readonly T[], is: (one: T) => boolean): [those: T[], others: T[]] {
  const those: T[] = []
  const others: T[] = []
  for (const one of all) (is(one) ? those : others).push(one)
  return [those, others]
}

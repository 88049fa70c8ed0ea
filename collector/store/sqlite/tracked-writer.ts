import type { Database } from 'better-sqlite3'
import type { Changes } from '../store.ts'
import { eventWriter } from './event-writer.ts'
import type { Texts } from './texts.ts'
import { toVisitRow } from './visit-row.ts'
import { toVisitorRow } from './visitor-row.ts'

/** Titles remembered, so that a page view with the title of the one before writes none. */
const REMEMBERED_TITLES = 20_000

type Tracked = Pick<Changes, 'visitors' | 'events' | 'eventsRemoved' | 'visits' | 'visitsRemoved'>

/**
 * Writes what nearly every event changes: its visitor, itself, its visit, the title of its page. What runs for each of them is
 * bound by position: names cost a look-up each, and lists more.
 */
export function trackedWriter(db: Database, texts: Texts) {
  const events = eventWriter(db, texts)
  /** Of the one whose it was before: whose a visitor is has an index, and triggers count it. */
  const moveVisitor = db.prepare(
    `UPDATE visitors SET first_at = ?, last_after = ?, last_lag = ?, last_id_key = ?, max_lag = ?, visit_ago = ?, profile = ?
     WHERE no = ? AND contact IS ?`,
  )
  const putVisitor = db.prepare(
    `INSERT INTO visitors (no, site, key, first_at, last_after, last_lag, last_id_key, max_lag, contact, visit_ago, profile)
     VALUES (@no, @site, @key, @firstAt, @lastAfter, @lastLag, @lastIdKey, @maxLag, @contact, @visitAgo, @profile)
     ON CONFLICT (no) DO UPDATE SET first_at = excluded.first_at, last_after = excluded.last_after,
       last_lag = excluded.last_lag, last_id_key = excluded.last_id_key, max_lag = excluded.max_lag,
       contact = excluded.contact, visit_ago = excluded.visit_ago, profile = excluded.profile`,
  )
  const growVisit = db.prepare(
    `UPDATE visits SET span = ?, views = ?, engaged_ms = ?, actions = ?, entry = ?, exit = ?, referrer = ?, query = ?
     WHERE visitor = ? AND start_at = ?`,
  )
  const addVisit = db.prepare(
    `INSERT INTO visits (visitor, start_at, span, views, engaged_ms, actions, entry, exit, referrer, query, site)
     VALUES (@visitor, @startAt, @span, @views, @engagedMs, @actions, @entry, @exit, @referrer, @query,
       (SELECT site FROM visitors WHERE no = @visitor))`,
  )
  const dropEvent = db.prepare('DELETE FROM events WHERE visitor = ? AND id_ms = ? AND id_key = ?')
  const dropVisit = db.prepare('DELETE FROM visits WHERE visitor = ? AND start_at = ?')
  const putTitle = db.prepare('INSERT OR REPLACE INTO titles (site, path, title) VALUES (?, ?, ?)')
  /** By site and number of the path. */
  const titles = new Map<number, Map<number, string>>()
  let titlesKept = 0

  function title(site: number, path: number, title: string): void {
    if (titles.get(site)?.get(path) === title) return
    putTitle.run(site, path, title)
    if (++titlesKept > REMEMBERED_TITLES) forgetTitles()
    const ofSite = titles.get(site) ?? new Map<number, string>()
    titles.set(site, ofSite.set(path, title))
  }

  function forgetTitles(): void {
    titles.clear()
    titlesKept = 0
  }

  return {
    write({ visitors, events: added, eventsRemoved, visits, visitsRemoved }: Tracked): void {
      for (const visitor of visitors) {
        const v = toVisitorRow(visitor, texts)
        const { no, firstAt, lastAfter, lastLag, lastIdKey, maxLag, contact, visitAgo, profile } = v
        const moved = moveVisitor.run(
          firstAt,
          lastAfter,
          lastLag,
          lastIdKey,
          maxLag,
          visitAgo,
          profile,
          no,
          contact,
        )
        // Most are there, and the same person's; any other is told by that.
        if (moved.changes === 0) putVisitor.run(v)
      }
      for (const { visitor, id } of eventsRemoved) dropEvent.run(visitor, id.ms, id.key)
      for (const { visitor, site, event } of added) {
        const { a: path } = events.add(visitor, event)
        if (event.kind === 'page' && event.title) title(site, path, event.title)
      }
      events.end()
      for (const { visitor, startAt } of visitsRemoved) dropVisit.run(visitor, startAt)
      for (const { visitor, visit } of visits) {
        const v = toVisitRow(visit, texts)
        const { startAt: at, span, views, engagedMs: ms, actions, entry, exit, referrer, query } = v
        const grown = growVisit.run(span, views, ms, actions, entry, exit, referrer, query, visitor, at)
        if (grown.changes === 0) addVisit.run({ visitor, ...v })
      }
    },
    /** Forgets what it remembers: it was rolled back, or texts were given up. */
    clear(): void {
      events.clear()
      forgetTitles()
    },
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { ENTRY_VERSION, type Entry, type EntryBody } from '../../collector/entry.ts'
import type { TrackedEvent } from '../../collector/lead/state.ts'
import type { LoggedEntry } from '../../collector/log/log.ts'
import { createProjector, type Projector, type ProjectorOptions } from '../../collector/project.ts'
import { migrateState, openState } from '../../collector/store/sqlite/open.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import type { StateStore } from '../../collector/store/store.ts'
import { VisitorSet } from '../../collector/store/visitor-set.ts'
import { MAIN_SITE } from './feeding.ts'

export interface Projection {
  db: Database.Database
  projector: Projector
  /** Projects bodies as one batch, received at `at`; returns the outcomes of those that had a reference. */
  project(at: number, bodies: (EntryBody & { ref?: string })[]): ReturnType<Projector['project']>
  /** Projects the last bodies once more, as after a crash: under the sequence numbers that they had. */
  again(bodies: (EntryBody & { ref?: string })[], at: number): ReturnType<Projector['project']>
  remove(): void
}

/** A projector on a new state file with the site 'main', fed by hand. */
export async function projection(
  watching: ProjectorOptions = {},
  through: (store: StateStore) => StateStore = (store) => store,
): Promise<Projection> {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-state-'))
  const db = openState(join(folder, 'x.db'), true)
  migrateState(db)
  const projector = await createProjector(through(sqliteStore(db)), 'log-1', watching)
  let seq = 0
  const project: Projection['project'] = (at, bodies) =>
    projector.project(
      bodies.map((body): LoggedEntry => {
        const entry = { v: ENTRY_VERSION, ...body } as Entry
        return { seq: ++seq, receivedAt: at, entry }
      }),
    )
  await project(0, [MAIN_SITE])
  return {
    db,
    projector,
    project,
    again(bodies, at) {
      seq -= bodies.length
      return project(at, bodies)
    },
    remove() {
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function beaconEntry(visitor: string, events: TrackedEvent[]): EntryBody {
  return { kind: 'beacon', site: 'main', visitor, agent: 'desktop', events }
}

/** The state by names instead of row numbers, so that states that grew in another order can be compared. */
export function dump(db: Database.Database): Record<string, unknown[]> {
  const all = (sql: string) => db.prepare(sql).all()
  return {
    events: all(
      // Whose signals they are is said by the person: which id a new contact got depends on who came first.
      // One that two records were both sent before they became one lies there twice, and counts once.
      `SELECT DISTINCT CASE WHEN visitors.key LIKE '@%' THEN '@' || coalesce(contacts.email, contacts.external_id) ELSE visitors.key END,
         id_ms, id_key, id_ms + lag, kind, CASE kind WHEN 1 THEN a ELSE texts.text END, b, c, data FROM events
       JOIN visitors ON visitors.no = events.visitor LEFT JOIN contacts ON contacts.no = visitors.contact
       LEFT JOIN texts ON texts.no = events.a ORDER BY 1, 2, 3`,
    ),
    visits: all(
      `SELECT visitors.key, start_at, span, views, engaged_ms, actions, first.text AS entry, last.text AS exit FROM visits
       JOIN visitors ON visitors.no = visits.visitor LEFT JOIN texts AS first ON first.no = visits.entry
       LEFT JOIN texts AS last ON last.no = visits.exit ORDER BY 1, 2`,
    ),
    visitors: all(
      `SELECT key, first_at, last_after, max_lag, visit_ago, contacts.email FROM visitors
       LEFT JOIN contacts ON contacts.no = visitors.contact WHERE key NOT LIKE '@%' ORDER BY 1`,
    ),
    ...rollUps(db),
    edges: all(
      `SELECT visitors.key, contacts.email, external_id, from_at, to_at FROM edges JOIN visitors ON visitors.no = edges.visitor
       JOIN contacts ON contacts.no = edges.contact WHERE visitors.key NOT LIKE '@%' ORDER BY 1, 4`,
    ),
    leads: all(
      'SELECT contacts.email, external_id, traits, identified_at, stage, engagement, fit, visits, views, engaged_ms, lead FROM leads JOIN contacts ON contacts.no = leads.contact ORDER BY 1, 2',
    ),
    cells: all(
      'SELECT contacts.email, external_id, day, signal, count, ms, keys, last_at FROM cells JOIN contacts ON contacts.no = cells.contact ORDER BY 1, 2, 3, 4',
    ),
  }
}

/** What leads keep of their visits, and what it comes to when it is counted. */
export function leadVisits(db: Database.Database): { kept: unknown[]; counted: unknown[] } {
  const all = (columns: string, joined = '') =>
    db
      .prepare(`SELECT leads.contact, ${columns} FROM leads ${joined} GROUP BY leads.contact ORDER BY 1`)
      .all()
  return {
    kept: all('leads.visits, leads.views, leads.engaged_ms'),
    counted: all(
      `count(v.visitor) AS visits, coalesce(sum(v.views), 0) AS views, coalesce(sum(v.engaged_ms), 0) AS engaged_ms`,
      `LEFT JOIN edges ON edges.contact = leads.contact
       LEFT JOIN visits AS v ON v.visitor = edges.visitor AND start_at >= from_at AND (to_at IS NULL OR start_at < to_at)`,
    ),
  }
}

const SUMS = 'visits, bounces, views, engaged_ms, downloads, cart_adds, cart_value'

/** The sums, with the keys of the visitors that they are of. */
export function rollUps(db: Database.Database): {
  quarters: unknown[]
  weeks: unknown[]
  slices: unknown[]
} {
  const keys = new Map(
    (db.prepare('SELECT no, key FROM visitors').all() as { no: number; key: string }[]).map(({ no, key }) => [
      no,
      key,
    ]),
  )
  const named = (row: { visitors: Buffer | null }) => ({
    ...row,
    visitors:
      row.visitors &&
      VisitorSet.decode(row.visitors)
        .members()!
        .map((no) => keys.get(no))
        .sort(),
  })
  const all = (sql: string) => (db.prepare(sql).all() as { visitors: Buffer | null }[]).map(named)
  return {
    quarters: all(
      `SELECT quarter, ${SUMS}, visitors FROM quarters WHERE max(${SUMS}) > 0 OR visitors IS NOT NULL ORDER BY quarter`,
    ),
    weeks: db
      .prepare(
        `SELECT dimension, week, text, ${SUMS} FROM week_slices JOIN texts ON texts.no = value ORDER BY 1, 2, 3`,
      )
      .all(),
    slices: all(
      `SELECT dimension, day, text, ${SUMS}, visitors FROM slices LEFT JOIN slice_visitors USING (site, dimension, day, value)
       JOIN texts ON texts.no = value ORDER BY 1, 2, 3`,
    ),
  }
}

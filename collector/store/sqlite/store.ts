import { statSync } from 'node:fs'
import Driver, { type Database, type Statement } from 'better-sqlite3'
import type { Decision, EventKey, TrackedEvent } from '../../lead/state.ts'
import type {
  AwaitedView,
  Changes,
  ConsentRow,
  Contact,
  Edge,
  IdentityKind,
  LinkRow,
  MeasuredView,
  RulesRow,
  Site,
  StaffRow,
  StateStore,
  TransitionRow,
  Watermark,
} from '../store.ts'
import { sqliteCells } from './cells.ts'
import { sqliteDeliveries } from './deliveries.ts'
import { eraser } from './erase.ts'
import { EVENT_COLUMNS, type EventRow, fromRow } from './event-row.ts'
import { keepKnownVisitors } from './known-visitors.ts'
import { leadWriter } from './lead-writer.ts'
import { sqliteLedgers } from './ledgers.ts'
import { milestoneBlocks } from './milestone-blocks.ts'
import { sqliteRollUps } from './roll-ups.ts'
import { columns, fromColumns, toColumns } from './row.ts'
import { sqliteTexts, type Texts } from './texts.ts'
import { trackedWriter } from './tracked-writer.ts'
import { unusedTexts } from './unused-texts.ts'
import { fromVisitRow, VISIT_COLUMNS, type VisitRow } from './visit-row.ts'
import { fromVisitorRow, VISITOR_COLUMNS, type VisitorRow } from './visitor-row.ts'

/** Errors of what was to be written, which fails again however often it is tried. */
const VALUES_AT_FAULT = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/

/**
 * The state in SQLite. Statements are prepared once on the driver: a query builder on this path doubles its cost.
 */
export function sqliteStore(db: Database): StateStore {
  const statements = prepare(db)
  const blocks = milestoneBlocks(db)
  keepKnownVisitors(db)
  const erase = eraser(db, blocks)
  const texts = sqliteTexts(db)
  const unused = unusedTexts(db)
  const tracked = trackedWriter(db, texts)
  const rollUps = sqliteRollUps(db, texts)
  const deliveries = sqliteDeliveries(db)
  const writeLeads = leadWriter(db, texts)
  const cells = sqliteCells(db)
  const ledgers = sqliteLedgers(db)
  let projected = 0

  const visitorRow = (row: unknown) =>
    row === undefined ? undefined : fromVisitorRow(row as VisitorRow, texts)

  function setting(name: string): string | undefined {
    return (statements.setting.get(name) as { value: string } | undefined)?.value
  }

  function watermark(): Watermark {
    const value = setting('watermark')
    return value === undefined ? { logId: null, seq: 0, now: 0 } : JSON.parse(value)
  }

  const write = db.transaction((changes: Changes) => {
    const s = statements
    for (const site of changes.sites) s.putSite.run(toColumns('sites', site))
    for (const key of changes.keys) s.putKey.run(toColumns('keys', key))
    for (const { id, at } of changes.keysRevoked) s.revokeKey.run(at, id)
    for (const { id, expiresAt = null, usedAt = null } of changes.keysSet)
      s.setKey.run({ id, expiresAt, usedAt })
    for (const one of changes.staff) s.putStaff.run(one)
    for (const [name, value] of changes.settings)
      value === null ? s.dropSetting.run(name) : s.putSetting.run(name, value)
    for (const row of changes.rules) s.putRules.run(toColumns('rules', row))
    tracked.write(changes)
    for (const { visitor, before, isWhole } of changes.forgotten) {
      s.dropEventsBefore.run(visitor, before)
      s.dropVisitsBefore.run(visitor, before)
      if (isWhole && s.dropVisitor.run(visitor).changes > 0) s.dropConsents.run(visitor)
    }
    for (const contact of changes.contacts) s.putContact.run(toColumns('contacts', contact))
    for (const { site, kind, value } of changes.identitiesRemoved) s.dropIdentity.run(site, kind, value)
    for (const { site, kind, value, contact } of changes.identities)
      s.putIdentity.run(site, kind, value, contact)
    for (const { visitor, at, contact } of changes.linksRemoved) s.dropLink.run(visitor, at, contact)
    for (const { visitor, at, contact, viewAt } of changes.links) s.putLink.run(visitor, at, contact, viewAt)
    for (const { visitor, at, state, source } of changes.consents)
      s.addConsent.run(visitor, at, state, source)
    for (const { visitor, id, at } of changes.measuredViews)
      s.putMeasuredView.run(dayOf(at), id.ms, id.key, visitor, at)
    for (const { site, id, contact, at } of changes.awaitedViews)
      s.putAwaitedView.run(dayOf(at), id.ms, id.key, site, contact, at)
    if (changes.measuredViewsBefore > 0) {
      s.dropMeasuredViews.run(changes.measuredViewsBefore)
      s.dropAwaitedViews.run(changes.measuredViewsBefore)
    }
    for (const { visitor, edges } of changes.edgesReplaced) {
      s.dropEdges.run(visitor)
      for (const edge of edges) s.putEdge.run(toColumns('edges', edge))
    }
    writeLeads(changes)
    cells.write(changes)
    blocks.write()
    deliveries.write(changes, changes.watermark.now)
    rollUps.write(changes)
    ledgers.write(changes)
    s.putSetting.run('watermark', JSON.stringify(changes.watermark))
  })

  return {
    watermark,
    setting,
    staff: () => statements.staff.all() as StaffRow[],
    webhooks: deliveries.webhooks,
    deadDeliveries: deliveries.dead,
    deadAfter: deliveries.deadAfter,
    hasMessagesBefore: deliveries.hasBefore,
    sites: () =>
      (statements.sites.all() as Record<string, unknown>[]).map((row) => fromColumns('sites', row) as Site),
    rules: (site) => one<RulesRow>('rules', statements.rules, site),
    lastNumbers: () => statements.lastNumbers.get() as Awaited<ReturnType<StateStore['lastNumbers']>>,
    visitor: (site, key) => visitorRow(statements.visitor.get(site, key)),
    visitorByNo: (no) => visitorRow(statements.visitorByNo.get(no)),
    visitorsAfter: (site, after, limit) =>
      (statements.visitorsAfter.all(site, after, limit) as VisitorRow[]).map((row) =>
        fromVisitorRow(row, texts),
      ),
    visitorsSince: (site, { after, to, before }, limit) =>
      (statements.visitorsSince.all(site, after, to, before, limit) as VisitorRow[]).map((row) =>
        fromVisitorRow(row, texts),
      ),
    hasRollUps: rollUps.has,
    visit: (visitor, startAt) => {
      const row = statements.visit.get(visitor, startAt) as VisitRow | undefined
      return row && fromVisitRow(row, texts)
    },
    visits: (visitor) =>
      (statements.visits.all(visitor) as VisitRow[]).map((row) => fromVisitRow(row, texts)),
    eventsWithMs: (visitor, ms) => eventRows(texts, statements.eventsWithMs, visitor, ms),
    hasEvent: (visitor: number, id: EventKey) =>
      statements.hasEvent.get(visitor, id.ms, id.key) !== undefined,
    events: (visitor, from, to) => eventRows(texts, statements.events, visitor, from, to, to),
    contact: (no) => one<Contact>('contacts', statements.contact, no),
    contactByIdentity: (site: number, kind: IdentityKind, value: string) =>
      (statements.identity.get(site, kind, value) as { contact: number } | undefined)?.contact,
    mergedInto: (contact) =>
      (statements.mergedInto.all(contact) as Record<string, unknown>[]).map(
        (row) => fromColumns('contacts', row) as Contact,
      ),
    links: (visitor) => statements.links.all(visitor) as LinkRow[],
    linksOfContact: (contact) => statements.linksOfContact.all(contact) as LinkRow[],
    consent: (visitor) => statements.consent.get(visitor) as ConsentRow | undefined,
    measuredViews: (site, id, at) =>
      (
        statements.measuredViews.all(dayOf(at) - 1, dayOf(at), id.ms, id.key, site) as Omit<
          MeasuredView,
          'id'
        >[]
      ).map((view) => ({ id, ...view })),
    awaitedViews: (site, id, at) =>
      (
        statements.awaitedViews.all(dayOf(at), dayOf(at) + 1, id.ms, id.key, site) as Omit<
          AwaitedView,
          'id' | 'site'
        >[]
      ).map((view) => ({ id, site, ...view })),
    deadLetter: ledgers.deadLetter,
    suppressions: ledgers.suppressions,
    identitiesOf: (contact) =>
      statements.identitiesOf.all(contact) as { kind: IdentityKind; value: string }[],
    namesAfter: erase.namesAfter,
    erase: erase.some,
    eraseEvents: erase.events,
    erasePart: erase.part,
    unusedTexts: unused.find,
    eraseTexts(numbers) {
      unused.remove(numbers)
      texts.clear()
      tracked.clear()
    },
    clean() {
      // A reader that is in the middle of a question is waited for, as long as the connection's timeout.
      const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
      if (result?.busy) throw new Error('a reader keeps the write-ahead log from being emptied')
    },
    outcome: ledgers.outcome,
    edges: (contact) => edgeRows(statements.edges, contact),
    edgesOfVisitor: (visitor) => edgeRows(statements.edgesOfVisitor, visitor),
    lead: (contact) => {
      const row = statements.lead.get(contact) as Record<string, unknown> | undefined
      if (!row) return undefined
      const {
        engagement,
        fit,
        site,
        rules_version: rulesVersion,
        visits,
        views,
      } = row as Record<string, number>
      const dueAt = row.due_at as number | null
      return {
        contact,
        site: site!,
        engagement: engagement!,
        fit: fit!,
        rulesVersion: rulesVersion!,
        dueAt,
        visits: visits!,
        views: views!,
        engagedMs: row.engaged_ms as number,
        lead: JSON.parse(row.lead as string),
      }
    },
    touchedAt: (contact) => (statements.touchedAt.get(contact) as number | null | undefined) ?? null,
    cell: cells.cell,
    pastCells: cells.pastCells,
    cells: cells.cells,
    transitions: (contact) =>
      (statements.transitions.all(contact) as Record<string, unknown>[]).map((row) => ({
        ...(fromColumns('transitions', row) as Omit<TransitionRow, 'supersedes'>),
        supersedes: [],
      })),
    decisions: (contact) => (statements.decisions.all(contact) as DecisionColumns[]).map(toDecision),
    leadsUnderOtherRules: (site, version, after, limit) =>
      (statements.leadsUnderOtherRules.all(site, version, after, limit) as { contact: number }[]).map(
        (row) => row.contact,
      ),
    leadsToReview: (site, day, limit) =>
      (statements.leadsToReview.all(site, day, limit) as { contact: number }[]).map((row) => row.contact),
    leadsOverdue: (at, limit) =>
      (statements.leadsOverdue.all(at, limit) as { contact: number }[]).map((row) => row.contact),
    begin() {},
    commit(changes) {
      try {
        write.immediate(changes)
      } catch (error) {
        texts.clear()
        tracked.clear()
        rollUps.clear()
        throw error
      }
      projected = changes.watermark.seq
    },
    checkpoint() {
      const seq = projected || watermark().seq
      // PASSIVE syncs the WAL and then copies it, but a reader can keep it from doing either, which it does not
      // report as busy: only a WAL that was copied to its end is surely on disk.
      const [result] = db.pragma('wal_checkpoint(PASSIVE)') as { log: number; checkpointed: number }[]
      return result && result.log === result.checkpointed ? seq : 0
    },
    walBytes: () => statSync(`${db.name}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    isOutage: (error) => error instanceof Driver.SqliteError && !VALUES_AT_FAULT.test(error.code),
    close: () => {
      db.close()
    },
  }
}

type DecisionColumns = Omit<Decision, 'id'> & { idMs: number; idKey: number }

const toDecision = ({ idMs, idKey, ...rest }: DecisionColumns): Decision => ({
  id: { ms: idMs, key: idKey },
  ...rest,
})

function one<T>(
  table: Parameters<typeof fromColumns>[0],
  statement: Statement,
  ...args: unknown[]
): T | undefined {
  const row = statement.get(...args) as Record<string, unknown> | undefined
  return row && (fromColumns(table, row) as T)
}

function edgeRows(statement: Statement, no: number): Edge[] {
  return (statement.all(no) as Record<string, unknown>[]).map((row) => fromColumns('edges', row) as Edge)
}

function eventRows(texts: Texts, statement: Statement, ...args: unknown[]): TrackedEvent[] {
  return (statement.all(...args) as EventRow[]).map((row) => fromRow(row, texts))
}

const DAY_MS = 86_400_000
const dayOf = (at: number): number => Math.floor(at / DAY_MS)

/** Who was due by a moment, without a breach noted of this time as an SQL. */
export const OVERDUE = `SELECT contact FROM leads WHERE due_at <= ? AND NOT EXISTS (SELECT 1 FROM breaches
  WHERE breaches.contact = leads.contact AND breaches.since = leads.since)`

function prepare(db: Database) {
  const put = (table: Parameters<typeof columns>[0]) => {
    const { names, parameters } = columns(table)
    return db.prepare(`INSERT OR REPLACE INTO ${table} (${names}) VALUES (${parameters})`)
  }
  return {
    setting: db.prepare('SELECT value FROM settings WHERE name = ?'),
    putSetting: db.prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)'),
    dropSetting: db.prepare('DELETE FROM settings WHERE name = ?'),
    sites: db.prepare('SELECT * FROM sites ORDER BY no'),
    putSite: put('sites'),
    putKey: put('keys'),
    revokeKey: db.prepare('UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?'),
    setKey: db.prepare(
      `UPDATE keys SET expires_at = min(coalesce(expires_at, @expiresAt), coalesce(@expiresAt, expires_at)),
         used_at = max(coalesce(used_at, @usedAt), coalesce(@usedAt, used_at)) WHERE id = @id`,
    ),
    staff: db.prepare(
      'SELECT id, name, role, hash, site, created_at AS createdAt, removed_at AS removedAt FROM staff',
    ),
    putStaff: db.prepare(
      `INSERT INTO staff (id, name, role, hash, site, created_at, removed_at) VALUES (@id, @name, @role, @hash, @site, @createdAt, @removedAt)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, hash = excluded.hash, site = excluded.site,
         removed_at = excluded.removed_at
         WHERE removed_at IS NULL`,
    ),
    rules: db.prepare('SELECT * FROM rules WHERE site = ? ORDER BY version DESC LIMIT 1'),
    putRules: put('rules'),
    lastNumbers: db.prepare(
      `SELECT (SELECT coalesce(max(no), 0) FROM sites) AS site, (SELECT coalesce(max(no), 0) FROM visitors) AS visitor,
         (SELECT coalesce(max(no), 0) FROM contacts) AS contact, (SELECT coalesce(max(no), 0) FROM transitions) AS transition`,
    ),
    visitor: db.prepare(`SELECT ${VISITOR_COLUMNS} FROM visitors WHERE site = ? AND key = ?`),
    visitorByNo: db.prepare(`SELECT ${VISITOR_COLUMNS} FROM visitors WHERE no = ?`),
    visitorsAfter: db.prepare(
      `SELECT ${VISITOR_COLUMNS} FROM visitors WHERE site = ? AND no > ? ORDER BY no LIMIT ?`,
    ),
    visitorsSince: db.prepare(
      `SELECT ${VISITOR_COLUMNS} FROM visitors WHERE +site = ? AND no > ? AND no <= ? AND first_at < ? ORDER BY no LIMIT ?`,
    ),
    // The greatest number stays, or the next visitor would be given it and be taken for this one.
    dropVisitor: db.prepare(
      `DELETE FROM visitors WHERE no = ? AND no < (SELECT max(no) FROM visitors)
         AND NOT EXISTS (SELECT 1 FROM links WHERE visitor = visitors.no)
         AND NOT EXISTS (SELECT 1 FROM edges WHERE visitor = visitors.no)`,
    ),
    dropEventsBefore: db.prepare('DELETE FROM events WHERE visitor = ? AND id_ms + lag < ?'),
    dropVisitsBefore: db.prepare('DELETE FROM visits WHERE visitor = ? AND start_at < ?'),
    hasEvent: db.prepare('SELECT 1 FROM events WHERE visitor = ? AND id_ms = ? AND id_key = ?'),
    eventsWithMs: db.prepare(`SELECT ${EVENT_COLUMNS} FROM events WHERE visitor = ? AND id_ms = ?`),
    events: db.prepare(
      `SELECT ${EVENT_COLUMNS} FROM events WHERE visitor = ? AND id_ms + lag >= ? AND (? IS NULL OR id_ms + lag < ?)`,
    ),
    visit: db.prepare(`SELECT ${VISIT_COLUMNS} FROM visits WHERE visitor = ? AND start_at = ?`),
    visits: db.prepare(`SELECT ${VISIT_COLUMNS} FROM visits WHERE visitor = ? ORDER BY start_at`),
    contact: db.prepare('SELECT * FROM contacts WHERE no = ?'),
    putContact: put('contacts'),
    identity: db.prepare('SELECT contact FROM identities WHERE site = ? AND kind = ? AND value = ?'),
    putIdentity: db.prepare(
      'INSERT OR REPLACE INTO identities (site, kind, value, contact) VALUES (?, ?, ?, ?)',
    ),
    dropIdentity: db.prepare('DELETE FROM identities WHERE site = ? AND kind = ? AND value = ?'),
    mergedInto: db.prepare('SELECT * FROM contacts WHERE merged_into = ? ORDER BY no'),
    links: db.prepare('SELECT visitor, at, contact, view_at AS viewAt FROM links WHERE visitor = ?'),
    linksOfContact: db.prepare('SELECT visitor, at, contact, view_at AS viewAt FROM links WHERE contact = ?'),
    putLink: db.prepare('INSERT OR IGNORE INTO links (visitor, at, contact, view_at) VALUES (?, ?, ?, ?)'),
    addConsent: db.prepare(
      'INSERT OR REPLACE INTO consents (visitor, at, state, source) VALUES (?, ?, ?, ?)',
    ),
    dropConsents: db.prepare('DELETE FROM consents WHERE visitor = ?'),
    consent: db.prepare(
      'SELECT visitor, at, state, source FROM consents WHERE visitor = ? ORDER BY at DESC LIMIT 1',
    ),
    putMeasuredView: db.prepare(
      'INSERT OR IGNORE INTO measured_views (day, id_ms, id_key, visitor, at) VALUES (?, ?, ?, ?, ?)',
    ),
    measuredViews: db.prepare(
      `SELECT visitor, at FROM measured_views JOIN visitors ON visitors.no = measured_views.visitor
       WHERE day IN (?, ?) AND id_ms = ? AND id_key = ? AND visitors.site = ?`,
    ),
    dropMeasuredViews: db.prepare('DELETE FROM measured_views WHERE day < ?'),
    putAwaitedView: db.prepare(
      'INSERT OR IGNORE INTO awaited_views (day, id_ms, id_key, site, contact, at) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    awaitedViews: db.prepare(
      'SELECT contact, at FROM awaited_views WHERE day IN (?, ?) AND id_ms = ? AND id_key = ? AND site = ?',
    ),
    dropAwaitedViews: db.prepare('DELETE FROM awaited_views WHERE day < ?'),
    dropLink: db.prepare('DELETE FROM links WHERE visitor = ? AND at = ? AND contact = ?'),
    dropEdges: db.prepare('DELETE FROM edges WHERE visitor = ?'),
    edges: db.prepare('SELECT * FROM edges WHERE contact = ?'),
    edgesOfVisitor: db.prepare('SELECT * FROM edges WHERE visitor = ?'),
    putEdge: put('edges'),
    lead: db.prepare('SELECT * FROM leads WHERE contact = ?'),
    leadsUnderOtherRules: db.prepare(
      'SELECT contact FROM leads WHERE site = ? AND rules_version <> ? AND contact > ? ORDER BY contact LIMIT ?',
    ),
    leadsToReview: db.prepare(
      'SELECT contact FROM leads WHERE site = ? AND review_day <= ? ORDER BY review_day, contact LIMIT ?',
    ),
    decisions: db.prepare(
      `SELECT id_ms AS idMs, id_key AS idKey, at, decision, by, reason, until, value FROM decisions
       WHERE contact = ? ORDER BY at, id_ms, id_key`,
    ),
    leadsOverdue: db.prepare(`${OVERDUE} ORDER BY due_at, contact LIMIT ?`),
    touchedAt: db.prepare('SELECT touch_at FROM milestones WHERE contact = ?').pluck(),
    transitions: db.prepare(
      `SELECT * FROM transitions WHERE contact = ?
         AND NOT EXISTS (SELECT 1 FROM superseded WHERE transition = transitions.no) ORDER BY no`,
    ),
    identitiesOf: db.prepare('SELECT kind, value FROM identities WHERE contact = ?'),
  }
}

import { statSync } from 'node:fs'
import Driver, { type Database, type Statement } from 'better-sqlite3'
import type { Cell, Decision, EventKey, TrackedEvent } from '../../lead/state.ts'
import {
  type AwaitedView,
  type Changes,
  type ConsentRow,
  type Contact,
  type DeadLetter,
  type Edge,
  type IdentityKind,
  type LeadRow,
  type LinkRow,
  MAX_DEAD_LETTER_BYTES,
  type MeasuredView,
  type RulesRow,
  type Site,
  type StaffRow,
  type StateStore,
  type TransitionRow,
  type Watermark,
} from '../store.ts'
import { sqliteDeliveries } from './deliveries.ts'
import { eraser } from './erase.ts'
import { EVENT_COLUMNS, type EventRow, fromRow } from './event-row.ts'
import { keepKnownVisitors } from './known-visitors.ts'
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
    const today = dayOf(changes.watermark.now)
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
    for (const { visitor, contact, cell } of changes.pastCells)
      s.putPastCell.run({ visitor, contact, ...cellColumns(cell) })
    for (const contact of changes.contacts) {
      s.putContact.run(toColumns('contacts', contact))
      s.moveLead.run({ no: contact.no, company: contact.company })
    }
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
    // One that was part of another record and is not any more stands again where it stood; one that was taken out and
    // put back in one go did so in between.
    for (const contact of [...changes.leadsRemoved, ...changes.leads.map((row) => row.contact)])
      if (s.hasLead.get(contact) === undefined) s.standHeld.run(today, 1, contact)
    for (const contact of changes.leadsRemoved) {
      s.dropMilestones.run(contact)
      s.dropLead.run(contact)
      s.dropCells.run(contact)
    }
    for (const row of changes.leads) {
      s.putLead.run(leadColumns(row))
      s.putMilestones.run(milestonesOf(row))
    }
    for (const { contact, cells } of changes.cellsReplaced) {
      s.dropCells.run(contact)
      for (const cell of cells) s.putCell.run({ contact, ...cellColumns(cell) })
    }
    for (const { contact, day, signal } of changes.cellsRemoved) s.dropCell.run(contact, day, signal)
    for (const { contact, cell } of changes.cells) s.putCell.run({ contact, ...cellColumns(cell) })
    for (const {
      decision: { id, ...decision },
      ...row
    } of changes.decisions)
      s.addDecision.run({ ...row, ...decision, idMs: id.ms, idKey: id.key })
    for (const row of changes.notes) s.addNote.run(row)
    for (const row of changes.breaches) s.addBreach.run(row)
    for (const row of changes.transitions) {
      const { contact, from, to, effectiveAt, supersedes } = row
      if (from !== 'visitor') s.addStageDay.run(dayOf(effectiveAt), from, -1, contact)
      s.addStageDay.run(dayOf(effectiveAt), to, 1, contact)
      s.addTransition.run(toColumns('transitions', row))
      for (const no of supersedes) {
        for (const step of s.takenBack.all(no, no) as [number, string, number][])
          s.addStageDay.run(...step, contact)
        s.supersede.run(no, row.no)
      }
    }
    for (const { contact, touch } of changes.touches)
      s.putTouch.run(
        touch?.at ?? null,
        touch && texts.no(touch.source),
        touch?.entry == null ? null : texts.no(touch.entry),
        touch?.campaign == null ? null : texts.no(touch.campaign),
        contact,
      )
    for (const { contact, rules, isWon } of changes.handOvers) {
      const won = isWon === null ? null : Number(isWon)
      if (rules === undefined) s.putOutcome.run(won, contact)
      else s.putHandOver.run(rules && texts.no(rules.join(' ')), won, contact)
    }
    for (const { contact, from, files } of changes.contentSeen) {
      if (from !== null) s.dropContent.run(contact, from)
      for (const [path, at] of files) s.putContent.run(contact, texts.no(path), at)
    }
    for (const contact of changes.leadsRemoved) {
      s.dropContent.run(contact, 0)
      s.standHeld.run(today, -1, contact)
    }
    blocks.write()
    deliveries.write(changes, changes.watermark.now)
    rollUps.write(changes)
    for (const [name, n] of changes.counts) s.addCount.run(name, n)
    for (const { day, site, reason, n } of changes.refusals) s.addRefusal.run(day, site, reason, n)
    if (changes.refusalsBefore > 0) s.dropRefusals.run(changes.refusalsBefore)
    for (const seq of changes.deadLettersRemoved) s.dropDeadLetter.run(seq)
    for (const { seq, at, body, reason } of changes.deadLetters) s.addDeadLetter.run(seq, at, body, reason)
    if (changes.deadLetters.length > 0) s.capDeadLetters.run(MAX_DEAD_LETTER_BYTES)
    if (changes.deadLettersBefore > 0) s.dropDeadLetters.run(changes.deadLettersBefore)
    for (const { ref, at, outcome } of changes.outcomes) s.addOutcome.run(ref, at, JSON.stringify(outcome))
    if (changes.outcomesBefore > 0) s.dropOutcomes.run(changes.outcomesBefore)
    for (const { hash, at } of changes.suppressed) s.suppress.run(hash, at)
    for (const hash of changes.suppressionsLifted) s.liftSuppression.run(hash)
    for (const { at, by, what, site, subject, detail } of changes.audit)
      s.addAudit.run(at, by, what, site, subject, JSON.stringify(detail))
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
    deadLetter: (seq) => statements.deadLetter.get(seq) as DeadLetter | undefined,
    suppressions: () => statements.suppressions.all() as string[],
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
    outcome: (ref) => {
      const row = statements.outcome.get(ref) as { outcome: string } | undefined
      return row && JSON.parse(row.outcome)
    },
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
    cell: (contact, day, signal) => {
      const row = statements.cell.get(contact, day, signal) as CellRow | undefined
      return row && toCell(row)
    },
    pastCells: (visitor) =>
      (statements.pastCells.all(visitor) as (CellRow & { contact: number })[]).map(({ contact, ...row }) => ({
        visitor,
        contact,
        cell: toCell(row),
      })),
    cells: (contact) => (statements.cells.all(contact) as CellRow[]).map(toCell),
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

interface CellRow {
  signal: string
  day: number
  count: number
  ms: number
  keys: string | null
  lastAt: number
}

function toCell({ keys, ...row }: CellRow): Cell {
  return { ...row, keys: keys === null ? [] : JSON.parse(keys) }
}

function cellColumns({ keys, ...cell }: Cell): Record<string, unknown> {
  return { ...cell, keys: keys.length === 0 ? null : JSON.stringify(keys) }
}

/** The stage table's own order: what a lead has not come to is null. */
function milestonesOf({ contact, site, lead }: LeadRow): Record<string, number | null> {
  const { mql, sql, accepted, rejected, opportunity, won, lost } = lead.firsts
  const values = { mql, sql, accepted, rejected, opportunity, won, lost }
  const known = Object.entries(values).map(([name, at]) => [name, at ?? null])
  return { contact, site, lead: lead.identifiedAt, ...Object.fromEntries(known) }
}

function leadColumns({
  contact,
  site,
  lead,
  engagement,
  fit,
  rulesVersion,
  dueAt,
  visits,
  views,
  engagedMs,
}: LeadRow): Record<string, unknown> {
  const { stage, reviewDay } = lead
  return {
    contact,
    site,
    stage,
    engagement,
    fit,
    // As lists show it and are sorted by it: whoever never came was seen when it left its name.
    lastAt: Math.max(lead.lastAt, lead.identifiedAt),
    since: lead.since,
    reviewDay,
    rulesVersion,
    dueAt,
    visits,
    views,
    engagedMs,
    lead: JSON.stringify(lead),
  }
}

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
    pastCells: db.prepare(
      'SELECT contact, signal, day, count, ms, keys, last_at AS lastAt FROM past_cells WHERE visitor = ? ORDER BY contact, day, signal',
    ),
    putPastCell: db.prepare(
      `INSERT OR REPLACE INTO past_cells (visitor, contact, day, signal, count, ms, keys, last_at)
       VALUES (@visitor, @contact, @day, @signal, @count, @ms, @keys, @lastAt)`,
    ),
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
    dropLead: db.prepare('DELETE FROM leads WHERE contact = ?'),
    outcome: db.prepare('SELECT outcome FROM outcomes WHERE ref = ?'),
    edges: db.prepare('SELECT * FROM edges WHERE contact = ?'),
    edgesOfVisitor: db.prepare('SELECT * FROM edges WHERE visitor = ?'),
    putEdge: put('edges'),
    lead: db.prepare('SELECT * FROM leads WHERE contact = ?'),
    putLead: db.prepare(
      `INSERT INTO leads (contact, site, stage, engagement, fit, last_at, since, review_day, rules_version, due_at, visits, views, engaged_ms, lead, company)
       VALUES (@contact, @site, @stage, @engagement, @fit, @lastAt, @since, @reviewDay, @rulesVersion, @dueAt, @visits, @views, @engagedMs, @lead,
         (SELECT company FROM contacts WHERE no = @contact))
       ON CONFLICT (contact) DO UPDATE SET stage = excluded.stage, engagement = excluded.engagement, fit = excluded.fit,
         last_at = excluded.last_at, since = excluded.since, review_day = excluded.review_day, rules_version = excluded.rules_version, due_at = excluded.due_at,
         visits = excluded.visits, views = excluded.views, engaged_ms = excluded.engaged_ms, lead = excluded.lead`,
    ),
    moveLead: db.prepare(
      'UPDATE leads SET company = @company WHERE contact = @no AND company IS NOT @company',
    ),
    leadsUnderOtherRules: db.prepare(
      'SELECT contact FROM leads WHERE site = ? AND rules_version <> ? AND contact > ? ORDER BY contact LIMIT ?',
    ),
    leadsToReview: db.prepare(
      'SELECT contact FROM leads WHERE site = ? AND review_day <= ? ORDER BY review_day, contact LIMIT ?',
    ),
    cell: db.prepare(
      'SELECT signal, day, count, ms, keys, last_at AS lastAt FROM cells WHERE contact = ? AND day = ? AND signal = ?',
    ),
    cells: db.prepare(
      'SELECT signal, day, count, ms, keys, last_at AS lastAt FROM cells WHERE contact = ? ORDER BY day, signal',
    ),
    putCell: db.prepare(
      'INSERT OR REPLACE INTO cells (contact, day, signal, count, ms, keys, last_at) VALUES (@contact, @day, @signal, @count, @ms, @keys, @lastAt)',
    ),
    dropCell: db.prepare('DELETE FROM cells WHERE contact = ? AND day = ? AND signal = ?'),
    dropCells: db.prepare('DELETE FROM cells WHERE contact = ?'),
    decisions: db.prepare(
      `SELECT id_ms AS idMs, id_key AS idKey, at, decision, by, reason, until, value FROM decisions
       WHERE contact = ? ORDER BY at, id_ms, id_key`,
    ),
    addDecision: db.prepare(
      `INSERT INTO decisions (contact, at, id_ms, id_key, site, decision, by, reason, until, value, recorded_at)
       VALUES (@contact, @at, @idMs, @idKey, @site, @decision, @by, @reason, @until, @value, @recordedAt)`,
    ),
    leadsOverdue: db.prepare(`${OVERDUE} ORDER BY due_at, contact LIMIT ?`),
    addStageDay: db.prepare(
      `INSERT INTO stage_days (day, stage, n, site) SELECT ?, ?, ?, site FROM contacts WHERE no = ?
       ON CONFLICT (site, day, stage) DO UPDATE SET n = n + excluded.n`,
    ),
    // By how much a lead that becomes part of another one, or is taken out of it, changes where it stood last.
    standHeld: db.prepare(
      `INSERT INTO stage_days (day, n, stage, site)
       SELECT * FROM (SELECT ?, ?, to_stage, site FROM transitions JOIN contacts ON contacts.no = contact
         WHERE contact = ? AND NOT EXISTS (SELECT 1 FROM superseded WHERE transition = transitions.no)
         ORDER BY transitions.no DESC LIMIT 1) WHERE true
       ON CONFLICT (site, day, stage) DO UPDATE SET n = n + excluded.n`,
    ),
    hasLead: db.prepare('SELECT 1 FROM leads WHERE contact = ?'),
    takenBack: db
      .prepare(
        `SELECT effective_at / 86400000, to_stage, -1 FROM transitions WHERE no = ?
         UNION ALL SELECT effective_at / 86400000, from_stage, 1 FROM transitions WHERE no = ? AND from_stage <> 'visitor'`,
      )
      .raw(),
    putTouch: db.prepare(
      'UPDATE milestones SET touch_at = ?, source = ?, entry = ?, campaign = ? WHERE contact = ?',
    ),
    touchedAt: db.prepare('SELECT touch_at FROM milestones WHERE contact = ?').pluck(),
    putHandOver: db.prepare('UPDATE milestones SET standing = ?, is_won = ? WHERE contact = ?'),
    putOutcome: db.prepare('UPDATE milestones SET is_won = ? WHERE contact = ?'),
    dropContent: db.prepare('DELETE FROM seen_content WHERE contact = ? AND at >= ?'),
    putContent: db.prepare(
      'INSERT INTO seen_content (contact, path, at) VALUES (?, ?, ?) ON CONFLICT (contact, path) DO UPDATE SET at = min(at, excluded.at)',
    ),
    dropMilestones: db.prepare('DELETE FROM milestones WHERE contact = ?'),
    // Most events change none of them: then nothing is written.
    putMilestones: db.prepare(
      `INSERT INTO milestones (contact, site, lead, mql, sql, accepted, rejected, opportunity, won, lost)
       VALUES (@contact, @site, @lead, @mql, @sql, @accepted, @rejected, @opportunity, @won, @lost)
       ON CONFLICT (contact) DO UPDATE SET lead = excluded.lead, mql = excluded.mql, sql = excluded.sql,
         accepted = excluded.accepted, rejected = excluded.rejected, opportunity = excluded.opportunity,
         won = excluded.won, lost = excluded.lost
       WHERE (lead, mql, sql, accepted, rejected, opportunity, won, lost) IS NOT (excluded.lead, excluded.mql, excluded.sql,
         excluded.accepted, excluded.rejected, excluded.opportunity, excluded.won, excluded.lost)`,
    ),
    addNote: db.prepare(
      'INSERT INTO notes (contact, at, id, site, about, text, by) VALUES (@contact, @at, @id, @site, @about, @text, @by)',
    ),
    addBreach: db.prepare(
      `INSERT OR IGNORE INTO breaches (contact, since, site, due_at, recorded_at)
       VALUES (@contact, @since, @site, @dueAt, @recordedAt)`,
    ),
    addTransition: db.prepare(
      `INSERT INTO transitions (no, contact, from_stage, to_stage, effective_at, recorded_at, by, why)
       VALUES (@no, @contact, @from, @to, @effectiveAt, @recordedAt, @by, @why)`,
    ),
    supersede: db.prepare('INSERT INTO superseded (transition, by_transition) VALUES (?, ?)'),
    transitions: db.prepare(
      `SELECT * FROM transitions WHERE contact = ?
         AND NOT EXISTS (SELECT 1 FROM superseded WHERE transition = transitions.no) ORDER BY no`,
    ),
    addCount: db.prepare(
      'INSERT INTO counts (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n',
    ),
    addDeadLetter: db.prepare('INSERT INTO dead_letters (seq, at, body, reason) VALUES (?, ?, ?, ?)'),
    addRefusal: db.prepare(
      'INSERT INTO refusals (day, site, reason, n) VALUES (?, ?, ?, ?) ON CONFLICT (day, site, reason) DO UPDATE SET n = n + excluded.n',
    ),
    dropRefusals: db.prepare('DELETE FROM refusals WHERE day < ?'),
    deadLetter: db.prepare('SELECT seq, at, body, reason FROM dead_letters WHERE seq = ?'),
    dropDeadLetter: db.prepare('DELETE FROM dead_letters WHERE seq = ?'),
    dropDeadLetters: db.prepare('DELETE FROM dead_letters WHERE at < ?'),
    capDeadLetters: db.prepare(
      `DELETE FROM dead_letters WHERE seq <= (SELECT max(seq) FROM (SELECT seq, sum(length(body)) OVER (ORDER BY seq DESC) AS bytes
         FROM dead_letters) WHERE bytes > ?)`,
    ),
    suppressions: db.prepare('SELECT hash FROM suppressions').pluck(),
    suppress: db.prepare('INSERT OR IGNORE INTO suppressions (hash, at) VALUES (?, ?)'),
    liftSuppression: db.prepare('DELETE FROM suppressions WHERE hash = ?'),
    addAudit: db.prepare(
      'INSERT INTO audit (at, "by", what, site, subject, detail) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    identitiesOf: db.prepare('SELECT kind, value FROM identities WHERE contact = ?'),
    dropOutcomes: db.prepare('DELETE FROM outcomes WHERE at < ?'),
    addOutcome: db.prepare('INSERT OR REPLACE INTO outcomes (ref, at, outcome) VALUES (?, ?, ?)'),
  }
}

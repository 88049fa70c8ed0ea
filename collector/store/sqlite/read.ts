/** What the API and the dashboard ask of the state. Rows only; `collector/read.ts` makes answers of them. */
import type { Database } from 'better-sqlite3'
import { and, asc, between, count, desc, eq, gt, gte, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { alias } from 'drizzle-orm/sqlite-core'
import type { Cell, Decision } from '../../lead/state.ts'
import type { NotedTransition, StateReader } from '../reader.ts'
import type { AuditRow, ConsentRow, KeyRow, NoteRow, StaffRow } from '../store.ts'
import { EVENT_COLUMNS, EVENT_KINDS, type EventRow, fromRow } from './event-row.ts'
import { rowsOfPerson } from './person.ts'
import { companyReader } from './read-companies.ts'
import { deliveryReader } from './read-deliveries.ts'
import { LISTED, leadsFinder, listedLead } from './read-leads.ts'
import { presentReader } from './read-present.ts'
import { reportReader } from './read-reports.ts'
import { rollUpReader } from './read-roll-ups.ts'
import { visitReader } from './read-visits.ts'
import * as t from './schema.ts'
import { OVERDUE } from './store.ts'
import { sqliteTexts } from './texts.ts'
import { fromVisitRow, VISIT_COLUMNS, type VisitRow } from './visit-row.ts'
import { fromVisitorRow, VISITOR_COLUMNS, type VisitorRow } from './visitor-row.ts'

/** Transitions that are looked through for one answer; the next page goes on behind them. */
const MOST_LOOKED_THROUGH = 20_000

export function sqliteReader(db: Database): StateReader {
  const orm = drizzle(db)
  const texts = sqliteTexts(db)
  const eventsOf = db.prepare(
    `SELECT ${EVENT_COLUMNS}, title FROM events LEFT JOIN titles
       ON kind = ${EVENT_KINDS.indexOf('page')} AND titles.path = a AND titles.site = (SELECT site FROM visitors WHERE no = visitor)
     WHERE visitor = ? AND id_ms + lag >= ? AND id_ms + lag < ? ORDER BY id_ms + lag`,
  )
  const visitsOf = db.prepare(
    `SELECT ${VISIT_COLUMNS} FROM visits WHERE visitor = ? AND start_at >= ? AND start_at < ?`,
  )
  const findLeads = leadsFinder(db, texts)
  const listedOf = db.prepare(`${LISTED} WHERE leads.contact IN (SELECT value FROM json_each(?))`)
  const listedById = db.prepare(`${LISTED} WHERE contacts.id = ?`)
  const noted = db.prepare(
    `SELECT transitions.no, transitions.contact, from_stage AS "from", to_stage AS "to", effective_at AS effectiveAt,
       recorded_at AS recordedAt, transitions.by, why, NULL AS supersededBy, coalesce(survivor.id, contacts.id) AS lead, contacts.site
     FROM transitions
     JOIN contacts ON contacts.no = transitions.contact
     LEFT JOIN contacts AS survivor ON survivor.no = contacts.merged_into
     WHERE transitions.no < ? AND NOT EXISTS (SELECT 1 FROM superseded WHERE transition = transitions.no)
     ORDER BY transitions.no DESC`,
  )
  const cellsOf = db.prepare(
    'SELECT signal, day, count, ms, keys, last_at AS lastAt FROM cells WHERE contact = ? ORDER BY day, signal',
  )
  // What the days of the report on stages come to: to count a hundred thousand leads takes 4 ms.
  const stages = db.prepare(
    'SELECT stage, sum(n) AS n FROM stage_days WHERE site = ? GROUP BY stage HAVING sum(n) <> 0 ORDER BY stage',
  )
  const overdue = db.prepare(`${OVERDUE} LIMIT 1`)
  const MAX = Number.MAX_SAFE_INTEGER

  const transitionsOf = db.prepare(
    `SELECT no, contact, from_stage AS "from", to_stage AS "to", effective_at AS effectiveAt, recorded_at AS recordedAt, by, why,
       superseded.by_transition AS supersededBy
     FROM transitions LEFT JOIN superseded ON superseded.transition = no WHERE contact = ? ORDER BY no`,
  )
  const visitorsOf = db.prepare(
    `SELECT visitors.*, edges.from_at AS "from", edges.to_at AS "to" FROM edges
     JOIN (SELECT ${VISITOR_COLUMNS} FROM visitors) AS visitors ON visitors.no = edges.visitor WHERE edges.contact = ?`,
  )

  return {
    setting: (name) => orm.select().from(t.settings).where(eq(t.settings.name, name)).get()?.value,
    sites: () => orm.select().from(t.sites).orderBy(asc(t.sites.no)).all(),
    keys: () => orm.select().from(t.keys).orderBy(asc(t.keys.createdAt)).all() as KeyRow[],
    staff: () =>
      orm.select().from(t.staff).orderBy(asc(t.staff.createdAt), asc(t.staff.id)).all() as StaffRow[],
    rulesHistory: (site) =>
      orm
        .select({ version: t.rules.version, appliedAt: t.rules.appliedAt, by: t.rules.by })
        .from(t.rules)
        .where(eq(t.rules.site, site))
        .orderBy(desc(t.rules.version))
        .all(),
    standing: (site) =>
      orm
        .select({ version: t.sites.rulesVersion, leads: count(t.leads.contact) })
        .from(t.sites)
        .leftJoin(t.leads, and(eq(t.leads.site, t.sites.no), eq(t.leads.rulesVersion, t.sites.rulesVersion)))
        .where(eq(t.sites.no, site))
        .get()!,
    rules: (site, version) =>
      orm
        .select({ version: t.rules.version, document: t.rules.document })
        .from(t.rules)
        .where(and(eq(t.rules.site, site), version === undefined ? undefined : eq(t.rules.version, version)))
        .orderBy(desc(t.rules.version))
        .limit(1)
        .get(),
    rollUps: rollUpReader(db, texts),
    visitRows: visitReader(db, texts),
    present: presentReader(db),
    deliveries: deliveryReader(db),
    ...reportReader(db, texts),
    ...companyReader(db),
    stages: (site) => stages.all(site) as ReturnType<StateReader['stages']>,
    leads(asked) {
      const { contacts, next } = findLeads(asked)
      const place = new Map(contacts.map((contact, i) => [contact, i]))
      const rows = listedOf.all(JSON.stringify(contacts)).map(listedLead)
      rows.sort((a, b) => place.get(a.contact.no)! - place.get(b.contact.no)!)
      return { rows, next }
    },
    lead(contactId) {
      const row = listedById.get(contactId)
      return row === undefined ? undefined : listedLead(row)
    },
    contact(id) {
      const survivor = alias(t.contacts, 'survivor')
      return orm
        .select({ site: t.contacts.site, mergedInto: survivor.id })
        .from(t.contacts)
        .leftJoin(survivor, eq(survivor.no, t.contacts.mergedInto))
        .where(eq(t.contacts.id, id))
        .get()
    },
    contactsNamed(site, { email, phone, externalId }) {
      const named = [
        ['email', email],
        ['phone', phone],
        ['external', externalId],
      ].filter((pair): pair is [string, string] => pair[1] !== undefined)
      const any = or(
        ...named.map(([kind, value]) => and(eq(t.identities.kind, kind), eq(t.identities.value, value))),
      )
      const survivor = alias(t.contacts, 'survivor')
      return orm
        .selectDistinct({ id: survivor.id, at: survivor.identifiedAt })
        .from(t.identities)
        .innerJoin(t.contacts, eq(t.contacts.no, t.identities.contact))
        .innerJoin(survivor, sql`${survivor.no} = coalesce(${t.contacts.mergedInto}, ${t.contacts.no})`)
        .where(and(eq(t.identities.site, site), any))
        .orderBy(asc(survivor.identifiedAt), asc(survivor.id))
        .all()
        .map(({ id }) => id)
    },
    mergedFrom: (contact) =>
      orm
        .select({ id: t.contacts.id })
        .from(t.contacts)
        .where(eq(t.contacts.mergedInto, contact))
        .orderBy(asc(t.contacts.no))
        .all()
        .map(({ id }) => id),
    people: (site, after, limit) =>
      orm
        .select()
        .from(t.contacts)
        .where(
          and(eq(t.contacts.site, site), isNull(t.contacts.mergedInto), sql`${t.contacts.no} > ${after}`),
        )
        .orderBy(asc(t.contacts.no))
        .limit(limit)
        .all(),
    pastCells: (contact) =>
      orm
        .select({
          signal: t.pastCells.signal,
          day: t.pastCells.day,
          count: t.pastCells.count,
          ms: t.pastCells.ms,
          keys: t.pastCells.keys,
          lastAt: t.pastCells.lastAt,
        })
        .from(t.edges)
        .innerJoin(t.pastCells, eq(t.pastCells.visitor, t.edges.visitor))
        .where(
          and(
            eq(t.edges.contact, contact),
            gte(t.pastCells.lastAt, t.edges.from),
            or(isNull(t.edges.to), lt(t.pastCells.lastAt, t.edges.to)),
          ),
        )
        .all()
        .map((row) => ({ ...row, keys: row.keys ?? [] })),
    firstSources: (contacts) =>
      new Map(
        db
          .prepare(
            `SELECT contact, text FROM milestones JOIN texts ON texts.no = milestones.source
             WHERE contact IN (SELECT value FROM json_each(?))`,
          )
          .raw()
          .all(JSON.stringify(contacts)) as [number, string][],
      ),
    // A list of leads reads thousands: the query builder's mapping would be half of what that costs.
    cells: (contact) =>
      (cellsOf.all(contact) as (Omit<Cell, 'keys'> & { keys: string | null })[]).map((cell) => ({
        ...cell,
        keys: cell.keys === null ? [] : JSON.parse(cell.keys),
      })),
    decisions: (contact) =>
      orm
        .select({ row: t.decisions })
        .from(t.contacts)
        .innerJoin(t.decisions, eq(t.decisions.contact, t.contacts.no))
        .where(or(eq(t.contacts.no, contact), eq(t.contacts.mergedInto, contact)))
        .orderBy(asc(t.decisions.at), asc(t.decisions.idMs), asc(t.decisions.idKey))
        .all()
        .map(({ row: { idMs, idKey, contact: _c, site: _s, recordedAt: _r, ...row } }) => ({
          ...(row as Omit<Decision, 'id'>),
          id: { ms: idMs, key: idKey },
        })),
    notes: (contact) =>
      orm
        .select({ row: t.notes })
        .from(t.contacts)
        .innerJoin(t.notes, eq(t.notes.contact, t.contacts.no))
        .where(or(eq(t.contacts.no, contact), eq(t.contacts.mergedInto, contact)))
        .orderBy(asc(t.notes.at), asc(t.notes.id))
        .all()
        .map(({ row }) => row as NoteRow),
    breaches: (contact) =>
      orm
        .select()
        .from(t.breaches)
        .where(eq(t.breaches.contact, contact))
        .orderBy(asc(t.breaches.since))
        .all(),
    overdue: (at) => overdue.get(at) !== undefined,
    transitionsOf(site, to, before, limit) {
      const rows: (NotedTransition & { lead: string })[] = []
      let [looked, last] = [0, before]
      for (const row of noted.iterate(before) as Iterable<NotedTransition & { lead: string; site: number }>) {
        if (rows.length === limit || looked === MOST_LOOKED_THROUGH) return { rows, next: last }
        looked++
        last = row.no
        if (row.site === site && (to.length === 0 || to.includes(row.to))) rows.push(row)
      }
      return { rows, next: null }
    },
    transitions: (contact) => transitionsOf.all(contact) as NotedTransition[],
    visitors: (contact) =>
      (visitorsOf.all(contact) as (VisitorRow & { from: number; to: number | null })[]).map(
        ({ from, to, ...row }) => ({ visitor: fromVisitorRow(row, texts), from, to }),
      ),
    events: (visitor, from, to) =>
      (eventsOf.all(visitor, from, to ?? MAX) as EventRow[]).map((row) => fromRow(row, texts)),
    visits: (visitor, from, to) =>
      (visitsOf.all(visitor, from, to ?? MAX) as VisitRow[]).map((row) => fromVisitRow(row, texts)),
    outcome: (ref) => orm.select().from(t.outcomes).where(eq(t.outcomes.ref, ref)).get()?.outcome,
    refusals: (site, first, last) =>
      orm
        .select({ day: t.refusals.day, reason: t.refusals.reason, n: t.refusals.n })
        .from(t.refusals)
        .where(and(eq(t.refusals.site, site), between(t.refusals.day, first, last)))
        .orderBy(t.refusals.day, t.refusals.reason)
        .all(),
    deadLetters: (after, limit) =>
      orm
        .select()
        .from(t.deadLetters)
        .where(gt(t.deadLetters.seq, after))
        .orderBy(t.deadLetters.seq)
        .limit(limit)
        .all(),
    numberOf(id) {
      const of = { no: t.contacts.no, id: t.contacts.id, site: t.contacts.site }
      const row = orm
        .select({ ...of, into: t.contacts.mergedInto })
        .from(t.contacts)
        .where(eq(t.contacts.id, id))
        .get()
      if (!row) return undefined
      const { into, ...contact } = row
      return into === null ? contact : orm.select(of).from(t.contacts).where(eq(t.contacts.no, into)).get()
    },
    consents: (visitor, from, to) =>
      orm
        .select()
        .from(t.consents)
        .where(
          and(
            eq(t.consents.visitor, visitor),
            gte(t.consents.at, from),
            lt(t.consents.at, to ?? Number.MAX_SAFE_INTEGER),
          ),
        )
        .orderBy(t.consents.at)
        .all() as ConsentRow[],
    heldOf(contact) {
      const contacts = orm
        .select({ no: t.contacts.no })
        .from(t.contacts)
        .where(or(eq(t.contacts.no, contact), eq(t.contacts.mergedInto, contact)))
        .all()
        .map(({ no }) => no)
      const mine = orm
        .selectDistinct({ no: t.edges.visitor })
        .from(t.edges)
        .where(inArray(t.edges.contact, contacts))
        .all()
      const names = orm
        .select({ value: t.identities.value })
        .from(t.identities)
        .where(inArray(t.identities.contact, contacts))
        .all()
      return rowsOfPerson(db, {
        contacts,
        visitors: mine.map(({ no }) => no),
        names: names.map(({ value }) => value),
      })
    },
    suppressions: () =>
      orm
        .select()
        .from(t.suppressions)
        .all()
        .map(({ hash }) => hash),
    audit: (before, limit, site) =>
      orm
        .select()
        .from(t.audit)
        .where(and(lt(t.audit.no, before), site === null ? undefined : eq(t.audit.site, site)))
        .orderBy(desc(t.audit.no))
        .limit(limit)
        .all() as (AuditRow & { no: number })[],
    counts: () =>
      Object.fromEntries(
        orm
          .select()
          .from(t.counts)
          .all()
          .map(({ name, n }) => [name, n]),
      ),
    watermark: () => {
      const value = orm.select().from(t.settings).where(eq(t.settings.name, 'watermark')).get()?.value
      return value === undefined ? 0 : JSON.parse(value).seq
    },
    projectedNow() {
      const value = orm.select().from(t.settings).where(eq(t.settings.name, 'watermark')).get()?.value
      return value === undefined ? 0 : JSON.parse(value).now
    },
  }
}

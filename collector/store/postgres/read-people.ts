/** What is asked of people and of what they did. */
import type { Cell, Decision, TrackedEvent, Visit } from '../../lead/state.ts'
import type { NotedTransition, StateReader } from '../reader.ts'
import type { ConsentRow, Contact, Visitor } from '../store.ts'
import { NUMBERS, partOf } from '../visitor-set.ts'
import { type Asker, byGroup, groupedBy, textsIn } from './asker.ts'
import { EVENT_COLUMNS, EVENT_KINDS, type EventRow, fromEventRow } from './event-row.ts'
import { fromVisitorRow, fromVisitRow, VISIT_COLUMNS, type VisitorRow, visitorColumns } from './visit-row.ts'
import { list } from './writing.ts'

/** Visitors whose events are read in one round. */
const EVENTS_OF = 50

const TRANSITION = `t.no, t.contact, t.from_stage AS "from", t.to_stage AS "to", t.effective_at AS "effectiveAt",
  t.recorded_at AS "recordedAt", t.by, t.why`

interface LinkedVisitor {
  visitor: Visitor
  from: number
  to: number | null
}

type PeopleReader = Pick<
  StateReader,
  | 'contact'
  | 'contactsNamed'
  | 'mergedFrom'
  | 'numberOf'
  | 'people'
  | 'cells'
  | 'pastCells'
  | 'firstSources'
  | 'decisions'
  | 'notes'
  | 'breaches'
  | 'transitions'
  | 'transitionsOf'
  | 'visitors'
  | 'events'
  | 'visits'
  | 'consents'
>

export function peopleReader({ all, one, once, bySite, learn }: Asker): PeopleReader & {
  /** Whose cells, or transitions, are asked for next. */
  expect(contacts: readonly number[], of?: 'cells' | 'transitions'): void
} {
  /** Rows of these, by a query whose first two parameters are those of `OF`. */
  const ofContacts = <T>(members: readonly number[], text: string): T[] =>
    bySite('contacts', members, (site, numbers) => all<T>(text, site, numbers))
  const ofVisitors = <T>(members: readonly number[], text: string): T[] =>
    bySite('visitors', members, (site, numbers) => all<T>(text, site, numbers))

  /** Each keeps what it has read for as long as the state stands still. */
  const groups = () =>
    once('people', () => {
      const cells = byGroup<Cell[]>(
        (members) =>
          groupedBy(
            ofContacts<{ contact: number; body: string }>(
              members,
              `SELECT contact, body FROM cells WHERE ${OF('cells', 'contact')} ORDER BY contact, day, signal COLLATE "C"`,
            ),
            ({ contact }) => contact,
            ({ body }) => JSON.parse(body),
          ),
        [],
      )
      const events = byGroup<TrackedEvent[]>(
        (members) =>
          groupedBy(
            ofVisitors<EventRow & { visitor: number; title: string | null }>(
              members,
              `${EVENTS} WHERE ${OF('events', 'visitor')} ORDER BY events.visitor, at, id_ms, id_key`,
            ),
            ({ visitor }) => visitor,
            fromEventRow,
          ),
        [],
        EVENTS_OF,
      )
      const visits = byGroup<Visit[]>(
        (members) =>
          groupedBy(
            ofVisitors<Parameters<typeof fromVisitRow>[0] & { visitor: number }>(
              members,
              `SELECT visitor, ${VISIT_COLUMNS} FROM visits WHERE ${OF('visits', 'visitor')} ORDER BY visitor, start_at`,
            ),
            ({ visitor }) => visitor,
            ({ visitor: _, ...row }) => fromVisitRow(row),
          ),
        [],
      )
      const consents = byGroup<ConsentRow[]>(
        (members) =>
          groupedBy(
            ofVisitors<ConsentRow>(
              members,
              `SELECT visitor, at, state, source FROM consents WHERE ${OF('consents', 'visitor')} ORDER BY visitor, at`,
            ),
            ({ visitor }) => visitor,
            (row) => row,
          ),
        [],
      )
      const visitors = byGroup<LinkedVisitor[]>((members) => {
        const rows = ofContacts<VisitorRow & { of: number; from: number; to: number | null }>(
          members,
          `SELECT edges.contact AS of, edges.from_at AS "from", edges.to_at AS "to", ${visitorColumns()}
           FROM edges JOIN visitors ON visitors.site = edges.site AND visitors.no = edges.visitor
           WHERE ${OF('edges', 'contact')} ORDER BY edges.contact, edges.visitor, edges.from_at`,
        )
        for (const { no, site } of rows) learn('visitors', no, site)
        const numbers = rows.map(({ no }) => no)
        visits.expect(numbers)
        consents.expect(numbers)
        // Of one person they are many, and may be asked for by and by.
        events.expect(members.length > 1 ? numbers : [])
        return groupedBy(
          rows,
          ({ of }) => of,
          ({ of: _, from, to, ...visitor }) => ({ visitor: fromVisitorRow(visitor), from, to }),
        )
      }, [])
      const decisions = byGroup<Decision[]>(
        (members) =>
          groupedBy(
            ofContacts<{ of: number; body: string }>(
              members,
              `SELECT of, decisions.body FROM (${RECORDS}) AS records
               JOIN decisions ON decisions.site = $1 AND decisions.contact = records.no
               ORDER BY of, at, id_ms, id_key`,
            ),
            ({ of }) => of,
            ({ body }) => JSON.parse(body).decision,
          ),
        [],
      )
      const pastCells = byGroup<Cell[]>(
        (members) =>
          groupedBy(
            ofContacts<{ of: number; body: string }>(
              members,
              `SELECT edges.contact AS of, p.body FROM edges JOIN past_cells AS p ON p.site = edges.site AND p.visitor = edges.visitor
                 AND p.last_at >= edges.from_at AND (edges.to_at IS NULL OR p.last_at < edges.to_at)
               WHERE ${OF('edges', 'contact')}
               ORDER BY edges.contact, edges.visitor, edges.from_at, p.contact, p.day, p.signal COLLATE "C"`,
            ),
            ({ of }) => of,
            ({ body }) => JSON.parse(body).cell,
          ),
        [],
      )
      const transitions = byGroup<NotedTransition[]>(
        (members) =>
          groupedBy(
            ofContacts<NotedTransition>(
              members,
              `SELECT ${TRANSITION}, superseded.by_transition AS "supersededBy" FROM transitions AS t
               LEFT JOIN superseded ON superseded.site = t.site AND superseded.transition = t.no
               WHERE ${OF('t', 'contact')} ORDER BY t.recorded_at, t.no`,
            ),
            ({ contact }) => contact,
            (row) => row,
          ),
        [],
      )
      return { cells, events, visits, consents, visitors, decisions, pastCells, transitions }
    })

  const within = <T extends { at: number }>(rows: T[], from: number, to: number | null): T[] =>
    rows.filter(({ at }) => at >= from && (to === null || at < to))

  return {
    expect: (contacts, of = 'cells') => groups()[of].expect(contacts),
    contact: (id) =>
      one(
        `SELECT contacts.site, survivor.id AS "mergedInto" FROM contacts
         LEFT JOIN contacts AS survivor ON survivor.site = contacts.site AND survivor.no = contacts.merged_into
         WHERE contacts.id = $1`,
        id,
      ),
    contactsNamed(site, { email, phone, externalId }) {
      const named = { email, phone, external: externalId }
      const given = Object.entries(named).flatMap(([kind, value]) =>
        value === undefined ? [] : [{ kind, value }],
      )
      return all<{ id: string }>(
        `SELECT DISTINCT survivor.id COLLATE "C" AS id, survivor.identified_at FROM identities
           JOIN json_to_recordset($2::text::json) AS given (kind text, value text)
             ON identities.kind = given.kind AND identities.value = given.value
           JOIN contacts ON contacts.site = $1 AND contacts.no = identities.contact
           JOIN contacts AS survivor ON survivor.site = $1 AND survivor.no = coalesce(contacts.merged_into, contacts.no)
         WHERE identities.site = $1 ORDER BY survivor.identified_at, survivor.id COLLATE "C"`,
        site,
        list(given),
      ).map(({ id }) => id)
    },
    mergedFrom: (contact) =>
      ofContacts<{ id: string }>(
        [contact],
        `SELECT id FROM contacts WHERE ${OF('contacts', 'merged_into')} ORDER BY no`,
      ).map(({ id }) => id),
    numberOf(id) {
      const found = one<{ no: number; id: string; site: number }>(
        `SELECT survivor.no, survivor.id, survivor.site FROM contacts
         JOIN contacts AS survivor ON survivor.site = contacts.site AND survivor.no = coalesce(contacts.merged_into, contacts.no)
         WHERE contacts.id = $1`,
        id,
      )
      if (found) learn('contacts', found.no, found.site)
      return found
    },
    people(site, after, limit) {
      const found = all<{ body: string }>(
        'SELECT body FROM contacts WHERE site = $1 AND merged_into IS NULL AND no > $2 ORDER BY no LIMIT $3',
        site,
        after,
        limit,
      ).map(({ body }): Contact => JSON.parse(body))
      for (const { no, site } of found) learn('contacts', no, site)
      const numbers = found.map(({ no }) => no)
      const { cells, visitors, decisions, pastCells } = groups()
      for (const group of [cells, visitors, decisions, pastCells]) group.expect(numbers)
      return found
    },
    cells: (contact) => groups().cells.of(contact),
    pastCells: (contact) => groups().pastCells.of(contact),
    decisions: (contact) => groups().decisions.of(contact),
    visitors: (contact) => groups().visitors.of(contact),
    events: (visitor, from, to) => within(groups().events.of(visitor), from, to),
    visits: (visitor, from, to) =>
      groups()
        .visits.of(visitor)
        .filter(({ startAt }) => startAt >= from && (to === null || startAt < to)),
    consents: (visitor, from, to) => within(groups().consents.of(visitor), from, to),
    firstSources: (contacts) =>
      new Map(
        ofContacts<{ contact: number; source: string }>(
          contacts,
          `SELECT contact, source FROM milestones WHERE ${OF('milestones', 'contact')} AND source IS NOT NULL`,
        ).map(({ contact, source }) => [contact, source]),
      ),
    notes: (contact) =>
      ofContacts<{ body: string }>(
        [contact],
        `SELECT notes.body FROM (${RECORDS}) AS records JOIN notes ON notes.site = $1 AND notes.contact = records.no
         ORDER BY at, notes.id COLLATE "C"`,
      ).map(({ body }) => JSON.parse(body)),
    breaches: (contact) =>
      ofContacts(
        [contact],
        `SELECT contact, since, site, due_at AS "dueAt", recorded_at AS "recordedAt" FROM breaches
         WHERE ${OF('breaches', 'contact')} ORDER BY since`,
      ),
    transitions: (contact) => groups().transitions.of(contact),
    transitionsOf(site, to, before, limit) {
      // Numbers of several projectors tell nothing of the order; an erased one's place is that of the one before it.
      const place =
        before === Number.MAX_SAFE_INTEGER
          ? undefined
          : one<{ at: number }>(
              'SELECT recorded_at AS at FROM transitions WHERE site = $3 AND no <= $1 AND no >= $2 ORDER BY no DESC LIMIT 1',
              before,
              partOf(before) * NUMBERS,
              site,
            )
      if (before !== Number.MAX_SAFE_INTEGER && !place) return { rows: [], next: null }
      const rows = all<NotedTransition & { lead: string }>(
        `SELECT ${TRANSITION}, NULL AS "supersededBy", coalesce(survivor.id, contacts.id) AS lead FROM transitions AS t
           JOIN contacts ON contacts.site = t.site AND contacts.no = t.contact
           LEFT JOIN contacts AS survivor ON survivor.site = contacts.site AND survivor.no = contacts.merged_into
         WHERE t.site = $1 AND (t.recorded_at, t.no) < ($2, $3)
           AND ($4::text IS NULL OR t.to_stage = ANY (${textsIn('$4')}))
           AND NOT EXISTS (SELECT 1 FROM superseded WHERE superseded.site = t.site AND superseded.transition = t.no)
         ORDER BY t.recorded_at DESC, t.no DESC LIMIT $5`,
        site,
        place?.at ?? Number.MAX_SAFE_INTEGER,
        before,
        to.length === 0 ? null : JSON.stringify(to),
        limit + 1,
      )
      const shown = rows.slice(0, limit)
      return { rows: shown, next: rows.length > limit ? shown.at(-1)!.no : null }
    },
  }
}

const EVENTS = `SELECT events.visitor, ${EVENT_COLUMNS}, title FROM events
  LEFT JOIN titles ON kind = ${EVENT_KINDS.indexOf('page')} AND titles.site = events.site AND titles.path_hash = md5(value)`

/** Rows of these: the first parameter is their site, the second lists the numbers. */
const OF = (table: string, column: string): string =>
  `${table}.site = $1 AND ${table}.${column} = ANY ($2::text::bigint[])`

/** The records of people that stand, as of whom each is. */
const RECORDS = `SELECT no AS of, no FROM contacts WHERE ${OF('contacts', 'no')}
  UNION ALL SELECT merged_into AS of, no FROM contacts WHERE ${OF('contacts', 'merged_into')}`

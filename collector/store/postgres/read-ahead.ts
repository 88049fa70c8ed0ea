/** What a batch will ask of its visitors, read in two rounds: one by one each question would be a journey. */
import type { TrackedEvent, Visit } from '../../lead/state.ts'
import type { Contact, Edge, Expected, LeadRow, Visitor } from '../store.ts'
import { groupedBy } from './asker.ts'
import { EVENT_COLUMNS, type EventRow, fromEventRow } from './event-row.ts'
import { monthOf, OTHER } from './months.ts'
import type { Locked, Person } from './people.ts'
import type { Numbered } from './sites-of.ts'
import { fromVisitorRow, fromVisitRow, VISIT_COLUMNS, type VisitorRow, visitorColumns } from './visit-row.ts'
import type { All } from './writing.ts'

/** Events that are read behind one that was asked for, so that their neighbours need no journey of their own. */
const NEIGHBOURS = 200

/** The events of visitors around those that were asked for, as long as nothing is written. */
export function eventNeighbours(all: All) {
  /** Of a visitor all with from <= id.ms < to. */
  const known = new Map<number, { from: number; to: number; events: TrackedEvent[] }>()
  return {
    async withMs(site: number, visitor: number, ms: number): Promise<TrackedEvent[]> {
      let range = known.get(visitor)
      if (!range || ms < range.from || ms >= range.to) {
        const rows = await all<EventRow>(
          `SELECT ${EVENT_COLUMNS} FROM events
           WHERE site = $4 AND visitor = $1 AND id_ms >= $2 AND (month = ${OTHER} OR month >= $3)
           ORDER BY id_ms, id_key LIMIT ${NEIGHBOURS}`,
          visitor,
          ms,
          monthOf(ms),
          site,
        )
        const last = rows.length < NEIGHBOURS ? Number.POSITIVE_INFINITY : rows.at(-1)!.id_ms
        // More of one ms than are read at once: nobody's neighbours are known then.
        if (last === ms) return eventsOf(site, visitor, ms)
        range = { from: ms, to: last, events: rows.map(fromEventRow) }
        known.set(visitor, range)
      }
      return range.events.filter(({ id }) => id.ms === ms)
    },
  }

  async function eventsOf(site: number, visitor: number, ms: number): Promise<TrackedEvent[]> {
    const rows = await all<EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM events WHERE site = $4 AND visitor = $1 AND id_ms = $2 AND month IN (${OTHER}, $3)`,
      visitor,
      ms,
      monthOf(ms),
      site,
    )
    return rows.map(fromEventRow)
  }
}

/** What is undefined was not read ahead; of `visitor` where `knowsKey` it is not there. */
export interface Ahead {
  knowsKey(site: number, key: string): boolean
  visitor(site: number, key: string): Visitor | undefined
  visitorByNo(no: number): Visitor | undefined
  visit(visitor: number, startAt: number): Visit | undefined
  eventsWithMs(visitor: number, ms: number): TrackedEvent[] | undefined
  edgesOfVisitor(visitor: number): Edge[] | undefined
  contact(no: number): Contact | undefined
  lead(contact: number): LeadRow | undefined
}

const nothing = () => undefined
export const NOTHING_AHEAD: Ahead = {
  knowsKey: () => false,
  visitor: nothing,
  visitorByNo: nothing,
  visit: nothing,
  eventsWithMs: nothing,
  edgesOfVisitor: nothing,
  contact: nothing,
  lead: nothing,
}

export const EDGES = 'SELECT contact, visitor, from_at AS "from", to_at AS "to" FROM edges'

/** Several visitors may be one person's. */
const KNOWN_CONTACTS =
  'SELECT DISTINCT site, contact FROM json_to_recordset($1::text::json) AS known (site bigint, contact bigint)'

const nameOf = (site: number, key: string): string => `${site} ${key}`
const listOf = (rows: object[]): string => JSON.stringify(rows)

/** `peopled` is called with whose they are before anything else is read of people; it may give what is read of them first. */
export async function readAhead(
  all: All,
  expected: readonly Expected[],
  learn: (of: Numbered, no: number, site: number) => void,
  peopled: (people: Person[]) => Promise<Locked | undefined> = async () => undefined,
): Promise<Ahead> {
  if (expected.length === 0) return NOTHING_AHEAD
  const asked = new Map<string, { site: number; key: string; ms: Set<number>; known?: Visitor | undefined }>()
  /** Of whom there is nothing to read: remembered, nobody's, and all that they tell is newer than what is stored. */
  const plain = new Map<number, Visitor>()
  for (const { site, key, ids, known } of expected) {
    if (known && known.contact === null && ids.every(({ ms }) => ms > known.maxIdMs)) {
      plain.set(known.no, known)
      continue
    }
    const name = nameOf(site, key)
    const one = asked.get(name) ?? { site, key, ms: new Set(), known }
    asked.set(name, one)
    for (const { ms } of ids) one.ms.add(ms)
  }
  const remembered = [...asked.values()].flatMap(({ known }) => known ?? [])
  const unknown = [...asked.values()].filter(({ known }) => !known)
  const rows =
    unknown.length === 0
      ? []
      : await all<VisitorRow>(
          `SELECT ${visitorColumns()} FROM json_to_recordset($1::text::json) AS asked (site bigint, key text)
           JOIN visitors ON visitors.site = asked.site AND visitors.key = asked.key`,
          listOf(unknown.map(({ site, key }) => ({ site, key }))),
        )
  const read = rows.map(fromVisitorRow)
  const found = [...remembered, ...read]
  const visitors = new Map(found.map((visitor) => [nameOf(visitor.site, visitor.key), visitor]))
  const byNo = new Map(found.map((visitor) => [visitor.no, visitor]))
  const known = found.filter(({ contact }) => contact !== null)
  for (const { no, site, contact } of found) {
    learn('visitors', no, site)
    if (contact !== null) learn('contacts', contact, site)
  }
  const isOf = known.length > 0
  const locked = isOf
    ? await peopled(known.map(({ site, contact }) => ({ site, contact: contact! })))
    : undefined
  const knownPlaces = listOf(known.map(({ site, no, contact }) => ({ site, visitor: no, contact })))
  // Of ids that are greater than any of theirs there is none.
  const ids = found.flatMap(({ no, site, key, maxIdMs }) =>
    [...asked.get(nameOf(site, key))!.ms]
      .filter((ms) => ms <= maxIdMs)
      .map((ms) => ({ site, visitor: no, id_ms: ms, m: monthOf(ms) })),
  )
  // Of whom the visitor is remembered, the visit nearly always is.
  const begun = read.flatMap(({ site, no, visitStart }) =>
    visitStart === null ? [] : [{ site, visitor: no, start_at: visitStart }],
  )
  const [visitRows, eventRows, edgeRows, contactRows, leadRows] = await Promise.all([
    begun.length === 0
      ? []
      : all<Parameters<typeof fromVisitRow>[0] & { visitor: number }>(
          `SELECT visitor, ${VISIT_COLUMNS} FROM json_to_recordset($1::text::json) AS asked (site bigint, visitor bigint, start_at bigint)
           JOIN visits USING (site, visitor, start_at)`,
          listOf(begun),
        ),
    ids.length === 0
      ? []
      : all<EventRow & { visitor: number }>(
          `SELECT visitor, ${EVENT_COLUMNS} FROM json_to_recordset($1::text::json) AS asked (site bigint, visitor bigint, id_ms bigint, m bigint)
           JOIN events USING (site, visitor, id_ms) WHERE events.month IN (${OTHER}, asked.m)`,
          listOf(ids),
        ),
    isOf
      ? all<Edge>(
          `SELECT edges.contact, edges.visitor, from_at AS "from", to_at AS "to"
           FROM json_to_recordset($1::text::json) AS asked (site bigint, visitor bigint) JOIN edges USING (site, visitor)`,
          knownPlaces,
        )
      : [],
    isOf && !locked
      ? all<{ body: string }>(
          `SELECT body FROM (${KNOWN_CONTACTS}) AS asked JOIN contacts ON contacts.site = asked.site AND contacts.no = asked.contact`,
          knownPlaces,
        )
      : (locked?.contacts ?? []),
    isOf && !locked
      ? all<{ body: string }>(
          `SELECT body FROM (${KNOWN_CONTACTS}) AS asked JOIN leads USING (site, contact)`,
          knownPlaces,
        )
      : (locked?.leads ?? []),
  ])
  const visits = new Map(visitRows.map(({ visitor, ...row }) => [visitor, fromVisitRow(row)]))
  const events = groupedBy(eventRows, ({ visitor }) => visitor, fromEventRow)
  const edges = groupedBy(
    edgeRows,
    ({ visitor }) => visitor,
    (edge) => edge,
  )
  const contacts = new Map(
    contactRows.map(({ body }): [number, Contact] => [JSON.parse(body).no, JSON.parse(body)]),
  )
  const leads = new Map(
    leadRows.map(({ body }) => {
      const row: LeadRow = JSON.parse(body)
      return [row.contact, row]
    }),
  )
  return {
    knowsKey: (site, key) => asked.has(nameOf(site, key)),
    visitor: (site, key) => visitors.get(nameOf(site, key)),
    visitorByNo: (no) => byNo.get(no) ?? plain.get(no),
    visit(visitor, startAt) {
      const visit = visits.get(visitor)
      return visit?.startAt === startAt ? visit : undefined
    },
    eventsWithMs(no, ms) {
      const visitor = byNo.get(no) ?? plain.get(no)
      if (!visitor) return undefined
      if (ms > visitor.maxIdMs) return []
      if (!asked.get(nameOf(visitor.site, visitor.key))?.ms.has(ms)) return undefined
      return (events.get(no) ?? []).filter(({ id }) => id.ms === ms)
    },
    edgesOfVisitor: (no) =>
      byNo.has(no) && isOf && byNo.get(no)!.contact !== null ? (edges.get(no) ?? []) : undefined,
    contact: (no) => contacts.get(no),
    lead: (contact) => leads.get(contact),
  }
}

import postgres from 'postgres'
import type { Cell, Decision, TrackedEvent, Visit } from '../../lead/state.ts'
import { connect } from '../../postgres-connection.ts'
import {
  type AwaitedView,
  type Changes,
  type ConsentRow,
  type Contact,
  type Edge,
  type IdentityKind,
  type LeadRow,
  type LinkRow,
  MAX_DEAD_LETTER_BYTES,
  type MeasuredView,
  type PastCell,
  type RulesRow,
  type SharedStore,
  type Site,
  type StaffRow,
  type Touched,
  type TransitionRow,
  type Visitor,
  type WebhookRow,
} from '../store.ts'
import { NUMBERS } from '../visitor-set.ts'
import { weekOf } from '../weeks.ts'
import { numberList } from './asker.ts'
import { writeChanges } from './changes.ts'
import { eraseEvents, erasePart, erasePerson, namesAfter } from './erase.ts'
import { EVENT_COLUMNS, type EventRow, fromEventRow } from './event-row.ts'
import { givenOutBy, LAST_NUMBERS } from './given-out.ts'
import { type EpochRow, heldParts } from './held-parts.ts'
import { endedWithin, LEASE_MS } from './leases.ts'
import { monthOf, monthTables, tableMonths } from './months.ts'
import { isOf, peopleLocks } from './people.ts'
import { type Ahead, EDGES, eventNeighbours, NOTHING_AHEAD, readAhead } from './read-ahead.ts'
import { sitesOf } from './sites-of.ts'
import { dayOf, SCHEMA, TABLES } from './tables.ts'
import { TOUCH, touching } from './touched.ts'
import { begin, connectionLost, type Transaction } from './transaction.ts'
import { fromVisitorRow, fromVisitRow, VISIT_COLUMNS, type VisitorRow, visitorColumns } from './visit-row.ts'
import { Overtaken, visitorSets } from './visitor-sets.ts'
import type { Read, Statement } from './writing.ts'

/** Classes of errors that a second try may mend: connection, conflict, resources, locks, stopped, system. */
const OUTAGE = /^(08|40|53|55|57|58|XX)/
/** A row that has no table to lie in. */
const NO_PARTITION = '23514'
/** What the driver calls a connection that failed. */
const DISCONNECTED = /^(CONNECT|ECONN|ETIMEDOUT|EPIPE|ENOTFOUND)/

export interface PostgresStoreOptions {
  /** The partitions that are projected through it, of `partitions`, from 0, in order. */
  held?: readonly number[]
  partitions?: number
  /** Under which each of them was taken, see `leases.ts`: nothing is written once another has taken one. */
  epochs?: readonly number[]
  /** How long a statement waits for others' locks, ms. */
  waitMs?: number
}

/** Creates the tables of a new state. Rejects if they are there. */
export async function createPostgresState(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 })
  try {
    await sql.begin((sql) => sql.unsafe(SCHEMA))
  } finally {
    await sql.end()
  }
}

/**
 * The state in PostgreSQL, as one of its projectors sees it. What is of people is written in serializable transactions, from
 * `begin` to `commit`: of two projectors that touch the same person the engine lets one try again. Visitors are written by
 * who holds their partition alone, for as long as watermarks and epochs are where it saw them and nobody else has named
 * them as `touched`, which each commit looks at: what it has read of them since holds without a transaction. So is a batch
 * written that is of visitors alone, and all that is written by one that holds every partition.
 */
export function postgresStore(
  url: string,
  { held = [0], partitions = 1, epochs, waitMs = 5_000 }: PostgresStoreOptions = {},
): SharedStore {
  const isAlone = held.length === partitions
  /** Under whose name it adds up, and whose numbers it gives out where they are no visitor's. */
  const lead = held[0] ?? 0
  /** Looks on from outside of the transaction. */
  const outside = connect(url, { max: 1, connection: endedWithin(LEASE_MS) as never })
  const sets = visitorSets()
  const sites = sitesOf()
  const months = monthTables(outside as unknown as postgres.Sql)
  const sql = connect(url, {
    max: 1,
    // Nothing is said any more over a connection that is no more, also not that its transaction is to end.
    onclose() {
      if (open) failed ??= connectionLost()
      open?.lose()
    },
    connection: {
      synchronous_commit: 'on',
      lock_timeout: waitMs,
      // Whoever holds no lease has nobody who waits for it.
      ...(epochs && endedWithin(LEASE_MS)),
      // Compiling a query costs more than any of these takes.
      jit: false,
      // A scan of a table that is still small would conflict with whatever anybody writes to it.
      enable_seqscan: false,
      // And so would one of a whole index, which a join of many keys may seem to be worth.
      enable_hashjoin: false,
      enable_mergejoin: false,
    },
  })
  let open: Transaction | undefined
  /** Nothing is written before the next commit. */
  let isBegun = false
  /** What was read of those whom the batch is about. */
  let ahead: Ahead = NOTHING_AHEAD
  let neighbours = eventNeighbours(all)
  /** Why the transaction that was begun is no more: what was read in it must not be committed. */
  let failed: unknown
  /** The batch is written by nobody else: no transaction needs to hold what it has read. */
  let isOwn = isAlone
  /** It turned out not to be: it is tried again as what it is. */
  let isOthers = false
  const locks = peopleLocks(allAnew)
  const parts = heldParts(all, { held, partitions, epochs })

  async function abandon(): Promise<void> {
    const left = open
    open = undefined
    isBegun = false
    isOwn = isAlone
    locks.clear()
    ahead = NOTHING_AHEAD
    await left?.rollback()
  }

  /** The same of a batch that failed: what is asked from here on is asked for another. */
  async function giveUp(): Promise<void> {
    failed = undefined
    await abandon()
  }

  /** Rows of a query, in the transaction where one was begun. */
  function all<T>(query: string, ...args: Value[]): Promise<T[]> {
    return ask<T>(query, args, true)
  }

  /** The same of a query that is planned each time: what was planned while a table was small may read all of a site later. */
  function allAnew<T>(query: string, ...args: Value[]): Promise<T[]> {
    return ask<T>(query, args, false)
  }

  async function ask<T>(query: string, args: Value[], prepare: boolean): Promise<T[]> {
    if (failed !== undefined) throw failed
    try {
      const asked = (open?.sql ?? sql).unsafe(query, args.map(plain), { prepare })
      return (await (open ? Promise.race([asked, open.lost]) : asked)) as unknown as T[]
    } catch (error) {
      if (open) failed = error
      await abandon()
      throw error
    }
  }

  /** What is asked here a batch of its own visitors does not ask: it is tried again in a serializable transaction. */
  function mustNotBeOwn(): void {
    if (isAlone || !isOwn) return
    isOthers = true
    throw new Overtaken('the batch is of others, too')
  }

  const one = async <T>(query: string, ...args: Value[]): Promise<T | undefined> =>
    (await all<T>(query, ...args))[0]
  const bodies = async <T>(query: string, ...args: Value[]): Promise<T[]> =>
    (await all<{ body: string }>(query, ...args)).map(({ body }) => JSON.parse(body) as T)
  const body = async <T>(query: string, ...args: Value[]): Promise<T | undefined> =>
    (await bodies<T>(query, ...args))[0]
  const readAll: Read = (query, args) => all(query, ...args)
  /** Of which site it is, as rows lie. */
  const ofVisitor = (no: number) => sites.of('visitors', no, readAll)
  const ofContact = async (no: number) => {
    const site = await sites.of('contacts', no, readAll)
    if (isOwn && !isAlone && !locks.holds(no)) {
      open ??= await begin(sql, 'read committed')
      await locks.take([{ site, contact: no }])
    }
    return site
  }
  /** Behind what reads a row of a person in a transaction that only sees what was there when it began. */
  const forUpdate = () => (isBegun && !isAlone ? ' FOR UPDATE' : '')
  const visitors = async (where: string, ...args: Value[]): Promise<Visitor[]> => {
    const found = await all<VisitorRow>(`SELECT ${visitorColumns()} FROM visitors ${where}`, ...args)
    for (const { no, site } of found) sites.learn('visitors', no, site)
    return found.map(fromVisitorRow)
  }
  const visits = async (where: string, ...args: Value[]): Promise<Visit[]> =>
    (
      await all<Parameters<typeof fromVisitRow>[0]>(`SELECT ${VISIT_COLUMNS} FROM visits ${where}`, ...args)
    ).map(fromVisitRow)
  const events = async (where: string, ...args: Value[]): Promise<TrackedEvent[]> =>
    (await all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events ${where}`, ...args)).map(fromEventRow)
  const withMs = async (visitor: number, ms: number): Promise<TrackedEvent[]> =>
    ahead.eventsWithMs(visitor, ms) ??
    (isBegun
      ? neighbours.withMs(await ofVisitor(visitor), visitor, ms)
      : events('WHERE site = $1 AND visitor = $2 AND id_ms = $3', await ofVisitor(visitor), visitor, ms))
  /** Of a query that asks for their sites, too. */
  const contacts = async (query: string, ...args: Value[]): Promise<number[]> => {
    mustNotBeOwn()
    return (await all<{ site: number; contact: number }>(query, ...args)).map(({ site, contact }) => {
      sites.learn('contacts', contact, site)
      return contact
    })
  }
  const edgesOf = async (where: string, site: number, no: number): Promise<Edge[]> => {
    const found = await all<Edge>(`${EDGES} WHERE site = $1 AND ${where} = $2`, site, no)
    for (const { visitor, contact } of found) {
      sites.learn('visitors', visitor, site)
      sites.learn('contacts', contact, site)
    }
    return found
  }
  const linksOf = async (where: string, site: number, no: number): Promise<LinkRow[]> => {
    const found = await all<LinkRow>(`${LINKS} WHERE site = $1 AND ${where} = $2`, site, no)
    for (const { visitor } of found) sites.learn('visitors', visitor, site)
    return found
  }

  /** Removes something in a transaction of its own, and waits for whoever takes a partition over meanwhile. */
  async function removing<T>(work: (sql: postgres.TransactionSql) => Promise<T>): Promise<T> {
    await abandon()
    return (await sql.begin(async (sql) => {
      parts.mustBeHeld(
        await sql<EpochRow[]>`
          SELECT part, epoch FROM watermarks WHERE part = ANY (${numberList(held)}::text::bigint[]) ORDER BY part FOR SHARE`,
      )
      for (let part = 0; part < partitions; part++)
        if (!held.includes(part)) await sql.unsafe(TOUCH, touching(part, null))
      return work(sql)
    })) as T
  }

  async function commit(changes: Changes, others: Touched = new Map(), sent = () => {}): Promise<void> {
    if (failed !== undefined) throw failed
    if (!parts.isPlaced()) await parts.place()
    if (isOwn && !isAlone && (others.size > 0 || !isOf(changes, locks.holds))) mustNotBeOwn()
    open ??= await begin(sql, isOwn ? 'read committed' : 'serializable')
    const { sql: within } = open
    const write: Statement = async (query, args) =>
      (await within.unsafe(query, args.map(plain), { prepare: true })).count
    const readBy =
      (who: postgres.Sql | postgres.TransactionSql): Read =>
      async <T>(query: string, args: Value[]) =>
        (await who.unsafe(query, args.map(plain), { prepare: true })) as unknown as T[]
    async function written(): Promise<void> {
      await parts.advance(readBy(within), changes, others)
      if (isOwn) await locks.renew(changes, write)
      const { now } = changes.watermark
      const tableMonth = tableMonths(now)
      const wanted = new Set<number>()
      for (const { event } of changes.events) wanted.add(tableMonth(event.id.ms))
      await months.make(wanted)
      await writeChanges(write, changes, {
        part: lead,
        maxDeadLetterBytes: MAX_DEAD_LETTER_BYTES,
        sets: { ...sets, write: (table, some, run, read) => sets.write(table, some, run, read, !isOwn) },
        siteOf: await sites.ofBatch(changes, readBy(within)),
        within: readBy(within),
        aside: readBy(outside),
        isSerializable: !isOwn,
        sent,
      })
    }
    try {
      await Promise.race([written(), open.lost])
      await open.commit()
      open = undefined
      isBegun = false
      isOwn = isAlone
      isOthers = false
      locks.clear()
      ahead = NOTHING_AHEAD
      parts.advanced(changes.watermark.seq)
      sites.learnFrom(changes)
      if (changes.settings.some(([name]) => name === 'ticked-day')) await dropMonths().catch(() => {})
    } catch (error) {
      sets.clear()
      months.forget()
      await abandon()
      // A month that was dropped when nothing was left of it: it is made again.
      if (error instanceof postgres.PostgresError && error.code === NO_PARTITION)
        throw new Overtaken('a month of events was dropped meanwhile')
      throw error
    }
  }

  /**
   * Once a day: the months that no site keeps any more, and of which nothing is left. The batch stands by then, whatever
   * comes of this: what cannot go today goes tomorrow.
   */
  async function dropMonths(): Promise<void> {
    const kept = (await bodies<Site>('SELECT body FROM sites')).map(({ keptFrom }) => keptFrom)
    await months.dropBefore(monthOf(Math.min(...kept)))
  }

  return {
    watermark: async () => (await parts.place()).watermark,
    async place() {
      await giveUp()
      return parts.place()
    },
    async watermarks() {
      await giveUp()
      return parts.watermarks()
    },
    sites: () => bodies<Site>('SELECT body FROM sites ORDER BY no'),
    async rules(site) {
      const row = await one<Omit<RulesRow, 'document'> & { document: string }>(
        `SELECT site, version, document, applied_at AS "appliedAt", by FROM rules
         WHERE site = $1 ORDER BY version DESC LIMIT 1`,
        site,
      )
      return row && { ...row, document: JSON.parse(row.document) }
    },
    setting: async (name) =>
      (await one<{ value: string }>('SELECT value FROM settings WHERE name = $1', name))?.value,
    staff: () => bodies<StaffRow>('SELECT body FROM staff'),
    webhooks: () => bodies<WebhookRow>('SELECT body FROM webhooks ORDER BY created_at, id'),
    hasMessagesBefore: async (at) =>
      (await one<{ any: boolean }>(
        `SELECT EXISTS (SELECT 1 FROM deliveries WHERE created_at < $1)
           OR EXISTS (SELECT 1 FROM outbox WHERE created_at < $1) AS any`,
        at,
      ))!.any,
    deadDeliveries: async (webhook, messages) =>
      (await one<{ n: number }>(
        `SELECT count(*) AS n FROM deliveries WHERE webhook = $1 AND state = 'dead'
           AND ($2::text IS NULL OR message IN (SELECT json_array_elements_text($2::text::json)))`,
        webhook,
        messages && JSON.stringify(messages),
      ))!.n,
    deadAfter: (webhook, { seq, serial, message }, limit) =>
      all(
        `SELECT message, seq, serial FROM deliveries WHERE webhook = $1 AND (seq, serial, message COLLATE "C") > ($2, $3, $4)
           AND state = 'dead' ORDER BY seq, serial, message COLLATE "C" LIMIT $5`,
        webhook,
        seq,
        serial,
        message,
        limit,
      ),
    async lastNumbers() {
      const visitors: Record<number, number> = {}
      let own: Numbers | undefined
      for (const part of held) {
        const row = await one<Numbers>(LAST_NUMBERS, part * NUMBERS, part, givenOutBy(part))
        own ??= row!
        visitors[part] = row!.visitor
      }
      return { ...own!, ...(held.length > 1 && { visitors }) }
    },
    visitor: async (site, key) =>
      ahead.knowsKey(site, key)
        ? ahead.visitor(site, key)
        : (await visitors('WHERE site = $1 AND key = $2', site, key))[0],
    visitorByNo: async (no) =>
      ahead.visitorByNo(no) ?? (await visitors('WHERE site = $1 AND no = $2', await ofVisitor(no), no))[0],
    visitorsAfter: (site, after, limit) =>
      visitors('WHERE site = $1 AND no > $2 ORDER BY no LIMIT $3', site, after, limit),
    visitorsSince: (site, { after, to, before }, limit) =>
      visitors(
        'WHERE site = $1 AND no > $2 AND no <= $3 AND first_at < $4 ORDER BY no LIMIT $5',
        site,
        after,
        to,
        before,
        limit,
      ),
    hasRollUps: async ({ site, quarter, day }) =>
      (await one<{ any: boolean }>(
        `SELECT ${['quarters', 'quarter_visitors'].map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE site = $1 AND quarter >= $2)`).join(' OR ')}
           OR ${['slices', 'slice_visitors'].map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE site = $1 AND day >= $3)`).join(' OR ')}
           OR EXISTS (SELECT 1 FROM week_slices WHERE site = $1 AND week >= $4) AS any`,
        site,
        quarter,
        day,
        weekOf(day),
      ))!.any,
    visit: async (visitor, startAt) =>
      ahead.visit(visitor, startAt) ??
      (
        await visits(
          'WHERE site = $1 AND visitor = $2 AND start_at = $3',
          await ofVisitor(visitor),
          visitor,
          startAt,
        )
      )[0],
    visits: async (visitor) =>
      visits('WHERE site = $1 AND visitor = $2 ORDER BY start_at', await ofVisitor(visitor), visitor),
    eventsWithMs: withMs,
    hasEvent: async (visitor, id) => (await withMs(visitor, id.ms)).some((event) => event.id.key === id.key),
    events: async (visitor, from, to) =>
      events(
        'WHERE site = $1 AND visitor = $2 AND at >= $3 AND ($4::bigint IS NULL OR at < $4)',
        await ofVisitor(visitor),
        visitor,
        from,
        to,
      ),
    contact: async (no) =>
      ahead.contact(no) ??
      (await body<Contact>(
        `SELECT body FROM contacts WHERE site = $1 AND no = $2${forUpdate()}`,
        await ofContact(no),
        no,
      )),
    contactByIdentity: async (site, kind, value) =>
      (
        await contacts(
          'SELECT site, contact FROM identities WHERE site = $1 AND kind = $2 AND value = $3',
          site,
          kind,
          value,
        )
      )[0],
    mergedInto: async (contact) => {
      const found = await bodies<Contact>(
        'SELECT body FROM contacts WHERE site = $1 AND merged_into = $2 ORDER BY no',
        await ofContact(contact),
        contact,
      )
      for (const { no, site } of found) sites.learn('contacts', no, site)
      return found
    },
    links: async (visitor) => linksOf('visitor', await ofVisitor(visitor), visitor),
    linksOfContact: async (contact) => linksOf('contact', await ofContact(contact), contact),
    consent: async (visitor) =>
      one<ConsentRow>(
        'SELECT visitor, at, state, source FROM consents WHERE site = $1 AND visitor = $2 ORDER BY at DESC LIMIT 1',
        await ofVisitor(visitor),
        visitor,
      ),
    measuredViews: async (site, id, at) =>
      (
        await all<Omit<MeasuredView, 'id'>>(
          `SELECT visitor, at FROM measured_views
           WHERE day IN ($1, $2) AND id_ms = $3 AND id_key = $4 AND site = $5 ORDER BY day, visitor`,
          dayOf(at) - 1,
          dayOf(at),
          id.ms,
          id.key,
          site,
        )
      ).map((view) => ({ id, ...view })),
    awaitedViews: async (site, id, at) =>
      (
        await all<Omit<AwaitedView, 'id' | 'site'>>(
          `SELECT contact, at FROM awaited_views
           WHERE day IN ($1, $2) AND id_ms = $3 AND id_key = $4 AND site = $5`,
          dayOf(at),
          dayOf(at) + 1,
          id.ms,
          id.key,
          site,
        )
      ).map((view) => ({ id, site, ...view })),
    edges: async (contact) => edgesOf('contact', await ofContact(contact), contact),
    edgesOfVisitor: async (visitor) =>
      ahead.edgesOfVisitor(visitor) ?? edgesOf('visitor', await ofVisitor(visitor), visitor),
    lead: async (contact) =>
      ahead.lead(contact) ??
      (await body<LeadRow>(
        `SELECT body FROM leads WHERE site = $1 AND contact = $2${forUpdate()}`,
        await ofContact(contact),
        contact,
      )),
    touchedAt: async (contact) =>
      (
        await one<{ at: number | null }>(
          'SELECT touch_at AS at FROM milestones WHERE site = $1 AND contact = $2',
          await ofContact(contact),
          contact,
        )
      )?.at ?? null,
    cell: async (contact, day, signal) =>
      body<Cell>(
        'SELECT body FROM cells WHERE site = $1 AND contact = $2 AND day = $3 AND signal = $4',
        await ofContact(contact),
        contact,
        day,
        signal,
      ),
    cells: async (contact) =>
      bodies<Cell>(
        'SELECT body FROM cells WHERE site = $1 AND contact = $2 ORDER BY day, signal COLLATE "C"',
        await ofContact(contact),
        contact,
      ),
    pastCells: async (visitor) =>
      bodies<PastCell>(
        'SELECT body FROM past_cells WHERE site = $1 AND visitor = $2 ORDER BY contact, day, signal COLLATE "C"',
        await ofVisitor(visitor),
        visitor,
      ),
    transitions: async (contact) =>
      (
        await all<Omit<TransitionRow, 'supersedes'>>(
          `SELECT no, contact, from_stage AS "from", to_stage AS "to", effective_at AS "effectiveAt",
             recorded_at AS "recordedAt", by, why FROM transitions WHERE site = $1 AND contact = $2
             AND NOT EXISTS (SELECT 1 FROM superseded
               WHERE superseded.site = transitions.site AND superseded.transition = transitions.no) ORDER BY effective_at, recorded_at, no`,
          await ofContact(contact),
          contact,
        )
      ).map((row) => ({ ...row, supersedes: [] })),
    decisions: async (contact) =>
      (
        await bodies<{ decision: Decision }>(
          'SELECT body FROM decisions WHERE site = $1 AND contact = $2 ORDER BY at, id_ms, id_key',
          await ofContact(contact),
          contact,
        )
      ).map(({ decision }) => decision),
    leadsUnderOtherRules: (site, version, after, limit) =>
      contacts(
        'SELECT site, contact FROM leads WHERE site = $1 AND rules_version <> $2 AND contact > $3 ORDER BY contact LIMIT $4',
        site,
        version,
        after,
        limit,
      ),
    leadsToReview: (site, day, limit) =>
      contacts(
        'SELECT site, contact FROM leads WHERE site = $1 AND review_day <= $2 ORDER BY review_day, contact LIMIT $3',
        site,
        day,
        limit,
      ),
    leadsOverdue: (at, limit) =>
      contacts(
        `SELECT site, contact FROM leads WHERE due_at <= $1 AND NOT EXISTS (SELECT 1 FROM breaches
           WHERE breaches.site = leads.site AND breaches.contact = leads.contact AND breaches.since = leads.since) ORDER BY due_at, contact LIMIT $2`,
        at,
        limit,
      ),
    async begin(expected = [], isOfVisitors = false) {
      await giveUp()
      isOwn = isAlone || (isOfVisitors && !isOthers)
      if (!isOwn) open = await begin(sql, 'serializable')
      neighbours = eventNeighbours(all)
      ahead = await readAhead(allAnew, [...expected], sites.learn, async (people) => {
        if (isAlone) return undefined
        open ??= await begin(sql, 'read committed')
        return locks.take(people)
      })
      isBegun = true
    },
    async touched() {
      await giveUp()
      return parts.touched()
    },
    commit,
    deadLetter: (seq) => one('SELECT seq, at, body, reason FROM dead_letters WHERE seq = $1', seq),
    suppressions: async () =>
      (await all<{ hash: string }>('SELECT hash FROM suppressions')).map(({ hash }) => hash),
    identitiesOf: async (contact) =>
      all<{ kind: IdentityKind; value: string }>(
        'SELECT kind, value FROM identities WHERE site = $1 AND contact = $2',
        await ofContact(contact),
        contact,
      ),
    namesAfter: (after, limit) => namesAfter(sql, after, limit),
    erase: (person, limit) => removing((sql) => erasePerson(sql, person, limit)),
    async eraseEvents(visitor, ids) {
      const site = await ofVisitor(visitor)
      await removing((sql) => eraseEvents(sql, site, visitor, ids))
    },
    async erasePart(part) {
      const site = await ofVisitor(part.visitor)
      await removing((sql) => erasePart(sql, site, part))
    },
    unusedTexts: () => [],
    eraseTexts() {},
    async clean() {
      await abandon()
      await sql.unsafe(`VACUUM ${Object.keys(TABLES)}`)
    },
    outcome: (ref) => body('SELECT body FROM outcomes WHERE ref = $1', ref),
    // A commit is on disk; a partition that nobody has begun yet holds the others back.
    async checkpoint() {
      return Math.min(...(await parts.watermarks()))
    },
    walBytes: () => 0,
    isOutage: (error) =>
      error instanceof Overtaken ||
      (error instanceof Error &&
        'code' in error &&
        (error instanceof postgres.PostgresError
          ? OUTAGE.test(error.code)
          : DISCONNECTED.test(String(error.code)))),
    async close() {
      await abandon()
      await Promise.all([sql.end(), outside.end()])
    },
  }
}

type Value = string | number | null
type Numbers = Omit<Awaited<ReturnType<SharedStore['lastNumbers']>>, 'visitors'>

const LINKS = 'SELECT visitor, at, contact, view_at AS "viewAt" FROM links'

/** PostgreSQL's text holds no NUL; its picture stands for it. */
const plain = (value: Value): Value =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\u2400') : value

/** Several appenders and two projectors at once, on PostgreSQL: each event is there once, each sum is right, each step of a lead is taken once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry } from '../collector/entry.ts'
import type { LoggedEntry } from '../collector/log/log.ts'
import { createPostgresLog, openPostgresLog } from '../collector/log/postgres.ts'
import { createPartition, type Partition, partitionOf } from '../collector/project/partition.ts'
import { createProjector } from '../collector/project.ts'
import { type Answers, answers } from '../collector/read.ts'
import { siteEntry } from '../collector/seed.ts'
import { postgresReader } from '../collector/store/postgres/read.ts'
import { createPostgresState, postgresStore } from '../collector/store/postgres/store.ts'
import { migrateState, openState } from '../collector/store/sqlite/open.ts'
import { sqliteReader } from '../collector/store/sqlite/read.ts'
import { sqliteStore } from '../collector/store/sqlite/store.ts'
import type { SharedStore, StateStore } from '../collector/store/store.ts'
import { sizeOf } from '../collector/store/visitor-set.ts'
import { randomFrom } from './fault/random.ts'
import { database, type TestDatabase } from './support/postgres.ts'

const START = Date.UTC(2026, 10, 3, 9)
const PEOPLE = 4
const VISITORS = 24
const APPENDERS = 3
const PARTITIONS = 2
/** Small, so that the projectors meet often. */
const BATCH = 15

/** What one appender brings: visits of people who come with six devices each, some of them late and some twice. */
function history(random: () => number, appender: number): Entry[] {
  const entries: object[] = []
  const pick = (n: number) => Math.floor(random() * n)
  for (let n = 1; n <= 110; n++) {
    const at = START + n * 400_000 - (random() < 0.1 ? pick(20_000_000) : 0)
    const key = appender * 100_000 + n
    const visitor = pick(VISITORS)
    const id = { ms: at, key }
    const events: object[] = [{ kind: 'page', id, at, path: ['/', '/pricing', '/blog'][pick(3)] }]
    if (random() < 0.4)
      events.push({
        kind: 'engage',
        id: { ms: at, key: key + 10_000 },
        at,
        page: id,
        ms: pick(60_000),
        scroll: 50,
      })
    if (random() < 0.2)
      events.push({ kind: 'cart', id: { ms: at, key: key + 20_000 }, at, product: 'Pump', quantity: 1 })
    // A signed word is no barrier: who projects the one visitor writes of the person, and so of the others.
    const word = { email: email(visitor % PEOPLE), at, signed: true, newContact: `said-${visitor % PEOPLE}` }
    const claims = random() < 0.15 ? [word] : []
    const beacon = { kind: 'beacon', site: 'main', visitor: `v${visitor}`, agent: 'desktop', events, claims }
    entries.push(beacon)
    if (random() < 0.1) entries.push(beacon)
    if (random() < 0.08)
      entries.push({
        kind: 'identify',
        site: 'main',
        newContact: `contact-${key}`,
        visitors: [`v${visitor}`],
        email: email(visitor % PEOPLE),
        traits: {},
        at,
        signals: random() < 0.3 ? [{ id: { ms: 0, key }, name: 'demo_requested', at }] : [],
      })
  }
  return entries.map((body) => ({ v: ENTRY_VERSION, ...body }) as Entry)
}

const email = (person: number) => `p${person}@acme.org`

/** The state by names instead of row numbers. */
async function stateOf(store: StateStore) {
  const visitors = await store.visitorsAfter(1, 0, 1_000)
  const byNo = new Map(visitors.map(({ no, key }) => [no, key]))
  const events = new Map<string, unknown>()
  const visits = new Map<string, unknown>()
  for (const { no, key } of visitors) {
    const found = await store.events(no, 0, null)
    events.set(
      key,
      found.sort((a, b) => a.id.ms - b.id.ms || a.id.key - b.id.key),
    )
    visits.set(key, await store.visits(no))
  }
  const people = []
  for (let person = 0; person < PEOPLE; person++) {
    const no = (await store.contactByIdentity(1, 'email', email(person)))!
    people.push({
      stage: (await store.lead(no))!.lead.stage,
      edges: (await store.edges(no))
        .map(({ visitor, from, to }) => `${byNo.get(visitor)} ${from} ${to}`)
        .sort(),
      transitions: (await store.transitions(no)).map(({ from, to, effectiveAt }) => ({
        from,
        to,
        effectiveAt,
      })),
    })
  }
  return { events, visits, people }
}

const SUMS = ['visits', 'bounces', 'views', 'engaged_ms', 'downloads', 'cart_adds', 'cart_value']
  .map((sum) => `sum(${sum}) AS ${sum}`)
  .join(', ')
const QUARTERS = `SELECT quarter, ${SUMS} FROM quarters GROUP BY quarter ORDER BY quarter`
const SETS = 'SELECT quarter, visitors FROM quarters ORDER BY quarter'
const COUNTS = 'SELECT name, sum(n) AS n FROM counts GROUP BY name ORDER BY name'
describe('two projectors', () => {
  let at: TestDatabase
  let folder: string
  const stores: SharedStore[] = []
  const storeOf = (...held: number[]) => {
    const store = postgresStore(at.url, { held, partitions: PARTITIONS })
    stores.push(store)
    return store
  }
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'leadwake-partitions-'))
    at = await database()
    await createPostgresLog(at.url, 'log-1')
    await createPostgresState(at.url)
  })
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()))
    await at.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Who holds which partitions, one after the other: the next take over wherever those before them have come to, one not so far as the other. */
  const APART = [[0], [1]]
  const TOGETHER = [[0, 1]]
  it.each([
    ['apart', 1, [APART]],
    ['apart', 2, [APART]],
    ['together', 3, [TOGETHER]],
    ['together and apart in turn', 4, [APART, TOGETHER, APART, TOGETHER]],
  ])(
    'count what one projector on SQLite counts, and take each step once (%s, %i)',
    async (_, seed, holders) => {
      let now = START
      const open = () => openPostgresLog(at.url, { now: () => now++, waitMs: 10_000 })
      const logs = await Promise.all(Array.from({ length: APPENDERS }, open))
      const reader = await open()
      await reader.append(siteEntry('main', 'Main', 'given'))
      let conflicts = 0
      let isAppended = false
      const appending = Promise.all(
        logs.map(async (log, appender) => {
          for (const entry of history(randomFrom(seed * 100 + appender), appender)) await log.append(entry)
        }),
      ).then(() => {
        isAppended = true
      })

      async function run(store: SharedStore, part: Partition, size: number, enough: number): Promise<void> {
        for (;;) {
          try {
            const last = isAppended ? (await reader.bounds()).last : Number.POSITIVE_INFINITY
            if (part.projected() >= Math.min(enough, last)) return
            await part.step(size)
          } catch (error) {
            if (!store.isOutage(error)) throw error
            conflicts++
          }
        }
      }
      for (const [i, holding] of holders.entries()) {
        const isLast = i === holders.length - 1
        const running = holding.map(async (held) => {
          const store = storeOf(...held)
          const part = await createPartition({ log: reader, store, held, partitions: PARTITIONS })
          await run(store, part, BATCH - held[0]! * 4, isLast ? Number.POSITIVE_INFINITY : 40 + i * 70)
        })
        await Promise.all([isLast && appending, ...running])
      }

      const { last } = await reader.bounds()
      const entries: LoggedEntry[] = await reader.read(0, last)
      expect(entries).toHaveLength(last)
      const db = openState(join(folder, 'x.db'), true)
      migrateState(db)
      await (await createProjector(sqliteStore(db), 'log-1')).project(entries)

      // They did meet, where there were several all the time.
      if (!holders.includes(TOGETHER)) expect(conflicts).toBeGreaterThan(0)
      if (!holders.includes(APART)) expect(conflicts).toBe(0)
      const sql = at.connect()
      const rows = async (query: string) => [...(await sql.unsafe(query))].map((row) => ({ ...row }))
      const [two, one] = [await stateOf(stores[0]!), await stateOf(sqliteStore(db))]
      expect({ ...two, people: two.people.map(({ edges }) => edges) }).toEqual({
        ...one,
        people: one.people.map(({ edges }) => edges),
      })
      // Two partitions need not come to one person's visitors in the order of the log, so what was known when may
      // differ; but each step was taken once, from where the one before it led.
      // (Two number their steps apart, so that the order of the rows is not that in which they were taken.)
      for (const { stage, transitions } of two.people) {
        const left = new Map([['visitor', 1]])
        const add = (to: string, n: number) => left.set(to, (left.get(to) ?? 0) + n)
        for (const { from, to } of transitions) {
          add(from, -1)
          add(to, 1)
        }
        expect([...left].filter(([, n]) => n !== 0)).toEqual([[stage, 1]])
      }
      expect(await rows(COUNTS)).toEqual(db.prepare(COUNTS).all())
      const isNot0 = ({ quarter: _, ...sums }: Record<string, number>) =>
        Object.values(sums).some((n) => n !== 0)
      expect((await rows(QUARTERS)).filter(isNot0)).toEqual(
        (db.prepare(QUARTERS).all() as Record<string, number>[]).filter(isNot0),
      )
      const there = (sets: { quarter: number; visitors: Uint8Array | null }[]) => {
        const counts = new Map<number, number>()
        for (const { quarter, visitors } of sets)
          if (visitors) counts.set(quarter, (counts.get(quarter) ?? 0) + sizeOf(visitors))
        return [...counts].filter(([, n]) => n > 0)
      }
      expect(there((await rows(SETS.replace('quarters', 'quarter_visitors'))) as never)).toEqual(
        there(db.prepare(SETS).all() as never),
      )
      // Whoever asks hears the same.
      const asking = postgresReader(at.url, {
        thread: new URL('../collector/query-thread.ts', import.meta.url),
      })
      const [inTwo, inOne] = [asking.state, sqliteReader(db)].map((state) =>
        answers({ state, now: () => now }),
      )
      const toldBy = (told: Answers) => {
        const { stages: _, ...stats } = told.stats('main', START - 86_400_000, now)!
        return {
          stats,
          hours: told.series('main', { from: START, to: now, filters: {} }, 'hour'),
          sources: told.top('main', { from: START, to: now, filters: {} }, 'source', 10),
          present: told.present('main', START).length,
        }
      }
      expect(asking.within(() => toldBy(inTwo!))).toEqual(toldBy(inOne!))
      // Their days come to where leads stand, whoever wrote down their steps.
      expect(asking.within(() => asking.state.stages(1))).toEqual(
        await rows('SELECT stage, count(*)::bigint AS n FROM leads GROUP BY stage ORDER BY stage'),
      )
      asking.close()
      const outbox = (await rows('SELECT body FROM outbox')).map(({ body }) => JSON.parse(body).payload)
      const written = await rows('SELECT no FROM transitions')
      expect(outbox.length).toBeGreaterThan(PEOPLE)
      expect(outbox.length).toBeLessThanOrEqual(written.length)
      const created = outbox.filter(({ type }) => type === 'lead.created').map(({ data }) => data.id)
      expect(new Set(created).size).toBe(created.length)
      await sql.end()
      db.close()
      await Promise.all([...logs, reader].map((log) => log.close()))
    },
    60_000,
  )

  it('of one partition do not both project: the second finds the watermark moved', async () => {
    const log = await openPostgresLog(at.url)
    await log.append(siteEntry('main', 'Main', 'given'))
    const partition = { log, held: [0], partitions: 1 }
    const one = await createPartition({ ...partition, store: storeOf(0) })
    const other = await createPartition({ ...partition, store: storeOf(0) })
    await one.step(BATCH)
    await expect(other.step(BATCH)).rejects.toThrow(/another projector has taken over partition 0/)
    expect(await stores[0]!.sites()).toHaveLength(1)
    await log.close()
  })

  it('wait for each other at what is not of one visitor', async () => {
    const log = await openPostgresLog(at.url)
    const beacon = (visitor: string, key: number) =>
      ({
        v: ENTRY_VERSION,
        kind: 'beacon',
        site: 'main',
        visitor,
        agent: null,
        events: [{ kind: 'page', id: { ms: START, key }, at: START, path: '/' }],
      }) as Entry
    const visitors = Array.from({ length: 10 }, (_, n) => `v${n}`)
    const mine = (of: number) =>
      visitors.find((visitor) => partitionOf(beacon(visitor, 1), PARTITIONS) === of)!
    await log.append(siteEntry('main', 'Main', 'given'))
    await log.append(beacon(mine(0), 1))
    await log.append(beacon(mine(1), 2))
    await log.append(siteEntry('other', 'Other', 'given'))
    const [first, second] = await Promise.all(
      [0, 1].map((partition) =>
        createPartition({ log, store: storeOf(partition), held: [partition], partitions: PARTITIONS }),
      ),
    )
    expect(await second!.step(BATCH)).toBe('waiting')
    expect(await first!.step(BATCH)).toMatchObject({ isBarred: true })
    await first!.step(BATCH)
    expect([first!.projected(), await first!.step(BATCH)]).toEqual([3, 'waiting'])
    await second!.step(BATCH)
    await second!.step(BATCH)
    expect([second!.projected(), await second!.step(BATCH)]).toEqual([3, 'waiting'])
    expect(await first!.step(BATCH)).toMatchObject({ isBarred: false })
    await second!.step(BATCH)
    expect([first!.projected(), second!.projected()]).toEqual([4, 4])
    expect(await first!.step(BATCH)).toBeUndefined()
    expect((await stores[0]!.visitorsAfter(1, 0, 10)).map(({ key }) => key).sort()).toEqual(
      [mine(0), mine(1)].sort(),
    )
    await log.close()
  })

  it('make a lead of what its visitors have done, whoever has projected that', async () => {
    const log = await openPostgresLog(at.url)
    const visitors = Array.from({ length: 10 }, (_, n) => `v${n}`)
    const beacon = (visitor: string, day: number) =>
      ({
        v: ENTRY_VERSION,
        kind: 'beacon',
        site: 'main',
        visitor,
        agent: null,
        events: [
          {
            kind: 'page',
            id: { ms: START + day * 86_400_000, key: 1 },
            at: START + day * 86_400_000,
            path: '/pricing',
          },
        ],
      }) as Entry
    const identify = (key: string, n: number) =>
      ({
        v: ENTRY_VERSION,
        kind: 'identify',
        site: 'main',
        newContact: `c${n}`,
        visitors: [key],
        email: `p${n}@acme.org`,
        traits: {},
        at: START + 3 * 86_400_000,
        signals: [],
      }) as Entry
    const mine = (of: number) => visitors.find((key) => partitionOf(beacon(key, 1), PARTITIONS) === of)!
    await log.append(siteEntry('main', 'Main', 'given'))
    for (const of of [0, 1]) for (const day of [0, 1, 2]) await log.append(beacon(mine(of), day))
    for (const of of [0, 1]) await log.append(identify(mine(of), of))
    for (const of of [0, 1]) await log.append(identify(mine(of), of))
    const parts = await Promise.all(
      [0, 1].map((partition) =>
        createPartition({ log, store: storeOf(partition), held: [partition], partitions: PARTITIONS }),
      ),
    )
    const { last } = await log.bounds()
    while (parts.some((part) => part.projected() < last)) for (const part of parts) await part.step(BATCH)
    const cells = await Promise.all(
      [0, 1].map(async (of) => {
        const no = (await stores[0]!.contactByIdentity(1, 'email', `p${of}@acme.org`))!
        return (await stores[0]!.cells(no)).filter(({ signal }) => signal.includes('visit')).length
      }),
    )
    expect(cells[0]).toBeGreaterThan(2)
    expect(cells[1]).toBe(cells[0])
    await log.close()
  })

  it('do not even read what others project, and take the time from it', async () => {
    const beacon = (key: number) => ({
      v: ENTRY_VERSION,
      kind: 'beacon',
      site: 'main',
      visitor: `v${key}`,
      agent: null,
      events: [{ kind: 'page', id: { ms: START, key }, at: START, path: '/' }],
    })
    const others = (seq: number, receivedAt: number): LoggedEntry => ({
      seq,
      receivedAt,
      visitor: 1,
      get entry(): Entry {
        throw new Error('that is not to be read')
      },
    })
    const own = (seq: number, receivedAt: number) =>
      ({ seq, receivedAt, visitor: 0, entry: beacon(seq) }) as LoggedEntry
    const first = { seq: 1, receivedAt: START, entry: siteEntry('main', 'Main', 'given') } as LoggedEntry
    // The clock of who took the second was ahead.
    const entries = [first, others(2, START + 9_000), own(3, START + 5_000)]
    const log = { id: 'log-1', read: async (after: number) => entries.filter(({ seq }) => seq > after) }
    const part = await createPartition({ log, store: storeOf(0), held: [0], partitions: PARTITIONS })
    // The second partition has come to all of it.
    const sql = at.connect()
    await sql`INSERT INTO watermarks (part, seq, now) VALUES (1, 3, 0)`
    await part.step(BATCH)
    expect(part.projected()).toBe(3)
    expect((await stores[0]!.visitorsAfter(1, 0, 10)).map(({ key }) => key)).toEqual(['v3'])
    expect([...(await sql`SELECT now FROM watermarks WHERE part = 0`)]).toEqual([{ now: START + 9_000 }])
    await sql.end()
  })

  it('number their rows apart', async () => {
    const numbers = await Promise.all([0, 1].map((partition) => storeOf(partition).lastNumbers()))
    expect(numbers.map(({ visitor }) => visitor)).toEqual([0, 2 ** 40])
    expect(await storeOf(0, 1).lastNumbers()).toMatchObject({ visitor: 0, visitors: { 0: 0, 1: 2 ** 40 } })
  })
})

/** Whatever is asked of the state, both engines answer the same. */
import { dirname, join } from 'node:path'
import type Database from 'better-sqlite3'
import { getTableName } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compared, differing, type Tallies, tallied, tally } from '../../collector/engine/move/tally.ts'
import { ENTRY_VERSION, type Entry, type EntryBody } from '../../collector/entry.ts'
import type { Erasing } from '../../collector/project/suppressing.ts'
import { createProjector, type Projector } from '../../collector/project.ts'
import { type Answers, answers } from '../../collector/read.ts'
import { KINDS, type StateSink, type StateSource } from '../../collector/store/copy.ts'
import { numbersOf } from '../../collector/store/known-words.ts'
import { postgresSink } from '../../collector/store/postgres/copy-in.ts'
import { postgresSource } from '../../collector/store/postgres/copy-out.ts'
import { type PostgresReader, postgresReader } from '../../collector/store/postgres/read.ts'
import { createPostgresState, postgresStore } from '../../collector/store/postgres/store.ts'
import { sqliteSink } from '../../collector/store/sqlite/copy-in.ts'
import { FOLLOWING, SOURCES, sqliteSource } from '../../collector/store/sqlite/copy-out.ts'
import { knownVisitors } from '../../collector/store/sqlite/known-visitors.ts'
import { milestoneBlocks } from '../../collector/store/sqlite/milestone-blocks.ts'
import { migrateState, openForReading, openState } from '../../collector/store/sqlite/open.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import * as schema from '../../collector/store/sqlite/schema.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import type { SharedStore } from '../../collector/store/store.ts'
import { randomFrom } from '../fault/random.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { leadVisits, type Projection, projection } from '../support/projection.ts'
import { DAY, DAYS, dayOf, drawer, FIRST_DAY, otherRules, rare, SITES } from './history.ts'
import { answerTheSame, leadIds, pages } from './same-answers.ts'

const SEED = 12
const thread = new URL('../../collector/query-thread.ts', import.meta.url)

let at: TestDatabase
let store: SharedStore
let file: Projection
let projector: Projector
let reader: PostgresReader
let now = FIRST_DAY * DAY
let seq = 1
/** What SQLite answers, and PostgreSQL. */
let [one, other]: [Answers, Answers] = [] as never

/** No log to erase from, and a list in memory. */
function erasing(): Erasing {
  const standing = new Set<string>()
  return {
    hash: (...parts) => parts.join(' '),
    list: {
      standing: () => standing,
      add: (hashes) => {
        for (const hash of hashes) standing.add(hash)
      },
      lift: (hashes) => {
        for (const hash of hashes) standing.delete(hash)
      },
    },
    eraseFromLog() {},
  }
}

async function project(moment: number, bodies: (EntryBody & { ref?: string })[]): Promise<void> {
  const entries = bodies.map((body) => ({
    seq: ++seq,
    receivedAt: moment,
    entry: { v: ENTRY_VERSION, ...body } as Entry,
  }))
  await file.projector.project(entries)
  await projector.project(entries)
}

beforeAll(async () => {
  at = await database()
  await createPostgresState(at.url)
  store = postgresStore(at.url)
  projector = await createProjector(store, 'log-1', { erasing: erasing() })
  file = await projection({ erasing: erasing() })
  // As `projection` begins.
  await projector.project([
    {
      seq: 1,
      receivedAt: 0,
      entry: { v: ENTRY_VERSION, ...SITES[0], consent: 'given', secret: 's', timeZone: undefined } as Entry,
    },
  ])
  reader = postgresReader(at.url, { thread })
  one = answers({ state: sqliteReader(file.db), now: () => now })
  const asked = answers({ state: reader.state, now: () => now })
  other = new Proxy(asked, {
    get:
      (_, name: keyof Answers) =>
      (...args: unknown[]) =>
        reader.within(() => (asked[name] as (...args: unknown[]) => unknown)(...args)),
  })
  await project(now, SITES.slice(1))
  const draw = drawer(randomFrom(SEED))
  for (let day = FIRST_DAY; day < FIRST_DAY + DAYS; day++) {
    const entries = dayOf(day, draw, known())
    for (let i = 0; i < entries.length; ) {
      const many = 1 + draw.below(12)
      const batch = entries.slice(i, i + many)
      now = batch.at(-1)!.at
      await project(
        now,
        batch.map(({ body }) => body),
      )
      i += many
    }
    if (day === FIRST_DAY + 5) await project(now, [otherRules()])
    await deliver(draw.chance)
  }
  await project(now, rare(now, known().find(({ site }) => site === 'main')!))
}, 60_000)
afterAll(async () => {
  reader.close()
  await store.close()
  await at.remove()
  file.remove()
})

function known() {
  return ['main', 'other'].flatMap((site) =>
    leadIds(one, site).map((id) => ({ id, site, no: one.person(id)!.no })),
  )
}

async function deliver(chance: (share: number) => boolean): Promise<void> {
  for (const { webhook, message } of one.due([{ webhook: 'hook-1', limit: 20 }]))
    await project(now, [
      {
        kind: 'delivery',
        webhook,
        message,
        tried: { at: now, status: 500, ms: 12, error: 'status' },
        ...(chance(0.6)
          ? { state: 'delivered', dueAt: null }
          : chance(0.5)
            ? { state: 'dead', dueAt: null }
            : { state: 'waiting', dueAt: now + 3_600_000 }),
      },
    ])
}

answerTheSame(() => ({ one, other, now }))

it('PostgreSQL keeps who of the visitors is somebody’s, also where they go', async () => {
  const sql = at.connect()
  for (const site of [1, 2]) {
    const words = await sql<{ word: number; bits: number }[]>`
      SELECT word, bits FROM known_visitors WHERE site = ${site} ORDER BY word`
    const linked = await sql<{ no: number }[]>`
      SELECT no FROM visitors WHERE site = ${site} AND contact IS NOT NULL ORDER BY no`
    expect(words.flatMap(({ word, bits }) => numbersOf([word, bits])).sort((a, b) => a - b)).toEqual(
      linked.map(({ no }) => no),
    )
    expect(linked.length).toBeGreaterThan(5)
  }
  await sql.end()
})

it('deliveries of one place are all on some page', async () => {
  const ids = ['msg_B', 'msg_a', 'msg_-', 'msg__', 'msg_C']
  const sql = at.connect()
  for (const id of ids) {
    file.db
      .prepare("INSERT INTO deliveries VALUES ('tied', ?, 0, 7, 1, ?, 'dead', NULL, '[]')")
      .run(id, FIRST_DAY * DAY)
    await sql`INSERT INTO deliveries VALUES ('tied', ${id}, 0, 7, 1, ${FIRST_DAY * DAY}, 'dead', NULL, '[]')`
  }
  await sql.end()
  for (const answer of [one, other]) {
    const all = pages((cursor) => answer.deliveries({ webhook: 'tied', limit: 2, ...(cursor && { cursor }) }))
    expect(all.map(({ message }) => message)).toEqual(ids.toSorted().reverse())
  }
})

it('keeps the blocks that reports read as they are made from their rows', () => {
  const blocks = () => file.db.prepare('SELECT * FROM milestone_blocks ORDER BY site, block').all()
  const kept = blocks()
  expect(kept.length).toBeGreaterThan(1)
  file.db.exec('DELETE FROM milestone_blocks; UPDATE milestones SET lead = lead')
  milestoneBlocks(file.db).write()
  expect(blocks()).toEqual(kept)
})

it('keeps of leads what their visits come to', () => {
  const { kept, counted } = leadVisits(file.db)
  expect(kept).toEqual(counted)
  expect(kept.length).toBeGreaterThan(8)
})

it('tells how many leads stand at each stage by what their days came to', () => {
  const { stages } = sqliteReader(file.db)
  const counted = file.db.prepare(
    'SELECT stage, count(*) AS n FROM leads WHERE site = ? GROUP BY stage ORDER BY stage',
  )
  for (const site of [1, 2]) expect(stages(site)).toEqual(counted.all(site))
  expect(stages(1).length).toBeGreaterThan(2)
})

it('keeps who of the visitors is somebody’s', () => {
  const known = (site: number) => knownVisitors(file.db)(site).flatMap(numbersOf)
  const linked = file.db.prepare('SELECT no FROM visitors WHERE site = ? AND contact IS NOT NULL ORDER BY no')
  for (const site of [1, 2]) {
    expect(known(site)).toEqual(linked.pluck().all(site))
    expect(known(site).length).toBeGreaterThan(5)
  }
})

describe('a copy of a whole state', () => {
  let there: TestDatabase
  let back: Database.Database
  const open: { close(): unknown }[] = []
  let tallies: Tallies[]

  /** Everything of one state into another, which is empty. */
  async function copy(source: StateSource, sink: StateSink): Promise<Tallies> {
    const found: Tallies = new Map()
    for (const kind of KINDS)
      for await (const rows of source.rows(kind)) {
        await sink.put(kind, rows as never[])
        tally(found, kind, compared(kind, rows as never[]))
      }
    await source.close()
    return found
  }

  const marked = ({ watermarks: { logId, seqs, now } }: StateSource) => ({ logId, seq: seqs[0]!, now })
  const fromFile = (db: Database.Database) => sqliteSource(openForReading(db.name))

  beforeAll(async () => {
    there = await database()
    await createPostgresState(there.url)
    const source = fromFile(file.db)
    const first = postgresStore(there.url)
    const sink = postgresSink(there.url, first, marked(source))
    open.push(first, sink)
    const original = await copy(source, sink)
    back = openState(join(dirname(file.db.name), 'back.db'), true)
    migrateState(back)
    open.push(back)
    const again = await postgresSource(there.url, 1)
    const moved = await copy(again, sqliteSink(back, sqliteStore(back), marked(again)))
    const last = fromFile(back)
    const projected = await postgresSource(at.url, 1)
    tallies = [original, moved, await tallied(last), await tallied(projected)]
    await last.close()
    await projected.close()
  })
  afterAll(async () => {
    for (const one of open) await one.close()
    await there.remove()
  })

  it('to PostgreSQL and back holds every row as it was, and what PostgreSQL has projected is the same', () => {
    const [original, ...others] = tallies
    for (const one of others) expect(differing(original!, one)).toEqual([])
  })

  it('takes every table of the schema', () => {
    const known = Object.values(SOURCES).map(({ table }) => table)
    const tables = Object.values(schema).map((table) => getTableName(table))
    expect(new Set([...known, ...FOLLOWING])).toEqual(new Set(tables))
  })

  it('holds something of every kind', () => {
    const [original] = tallies
    expect(KINDS.filter((kind) => !original!.has(kind))).toEqual([])
  })

  describe('answers as the first', () => {
    answerTheSame(() => ({ one, other: answers({ state: sqliteReader(back), now: () => now }), now }))
  })
})

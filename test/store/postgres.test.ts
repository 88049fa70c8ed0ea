import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { numbersOf } from '../../collector/store/known-words.ts'
import { postgresSource } from '../../collector/store/postgres/copy-out.ts'
import { createPostgresState, postgresStore } from '../../collector/store/postgres/store.ts'
import { TABLES } from '../../collector/store/postgres/tables.ts'
import type { SharedStore } from '../../collector/store/store.ts'
import { DIMENSIONS, type Dimension } from '../../collector/store/store.ts'
import { NUMBERS, sizeOf } from '../../collector/store/visitor-set.ts'
import type { Stage } from '../../shared/lead.ts'
import { NAMELESS } from '../support/nameless.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { changes, site as SITE, storeContract } from './contract.ts'

const DAY = 86_400_000
const SUMS = `sum(visits) AS visits, sum(bounces) AS bounces, sum(views) AS views, sum(engaged_ms) AS "engagedMs",
  sum(downloads) AS downloads, sum(cart_adds) AS "cartAdds", sum(cart_value) AS "cartValue"`

/** Emptied before each test: making the tables takes longer than most of them. */
let at: TestDatabase
let sql: ReturnType<TestDatabase['connect']>
afterAll(async () => {
  await sql.end()
  await at.remove()
})

async function freshState(): Promise<TestDatabase> {
  const made = await database()
  await createPostgresState(made.url)
  sql = made.connect()
  return made
}

const empty = () =>
  sql.unsafe(
    Object.keys(TABLES)
      .map((table) => `DELETE FROM ${table}`)
      .join(';'),
  )

storeContract('PostgreSQL', () => {
  const opened: SharedStore[] = []
  const open = async () => {
    const store = postgresStore(at.url, { waitMs: 50 })
    opened.push(store)
    return store
  }
  return {
    async create() {
      at ??= await freshState()
      await empty()
      return open()
    },
    reopen: open,
    async block() {
      const other = at.connect()
      await other.unsafe('BEGIN; LOCK TABLE watermarks IN EXCLUSIVE MODE')
      return () => other.end()
    },
    async totals() {
      // biome-ignore lint/suspicious/noExplicitAny: rows as the engine gives them
      const all = async (query: string): Promise<any[]> =>
        [...(await sql.unsafe(query))].map((row) => ({ ...row }))
      const list = async (query: string) => (await all(query)).map((row) => Object.values(row)[0] as never)
      const sizes = async (query: string) =>
        new Map((await all(query)).map(({ place, visitors }) => [place, sizeOf(visitors)]))
      const quarterSizes = await sizes(
        'SELECT quarter AS place, visitors FROM quarter_visitors WHERE site = 1',
      )
      const sliceSizes = await sizes(
        "SELECT concat_ws(' ', dimension, day, value_hash) AS place, visitors FROM slice_visitors WHERE site = 1",
      )
      return {
        quarters: (
          await all(`SELECT quarter, ${SUMS} FROM quarters WHERE site = 1 GROUP BY quarter ORDER BY quarter`)
        ).map((row) => ({ ...row, visitors: quarterSizes.get(row.quarter) ?? 0 })),
        slices: (
          await all(
            `SELECT dimension, day, value, value_hash, ${SUMS} FROM slices WHERE site = 1
             GROUP BY dimension, day, value, value_hash ORDER BY day, value`,
          )
        )
          .map(({ value_hash, ...row }) => ({
            ...row,
            visitors: sliceSizes.get(`${row.dimension} ${row.day} ${value_hash}`) ?? 0,
          }))
          .sort((a, b) => place(a.dimension) - place(b.dimension)),
        counts: Object.fromEntries(
          (await all('SELECT name, sum(n) AS n FROM counts GROUP BY name')).map(({ name, n }) => [name, n]),
        ),
        outcomes: await list('SELECT ref FROM outcomes ORDER BY ref'),
        deadLetters: (await list('SELECT count(*) FROM dead_letters'))[0]!,
        outbox: await list('SELECT id FROM outbox ORDER BY id'),
        deliveries: await all(
          `SELECT webhook, message, state, due_at AS "dueAt", json_array_length(tries::json) AS tries FROM deliveries
           ORDER BY webhook, message`,
        ),
        transitions: await list('SELECT to_stage FROM transitions ORDER BY no'),
        keys: await all(
          'SELECT id, revoked_at AS "revokedAt", expires_at AS "expiresAt", used_at AS "usedAt" FROM keys ORDER BY id',
        ),
        staff: await all('SELECT id, created_at AS "createdAt", removed_at AS "removedAt" FROM staff'),
        handOvers: (
          await all(
            `SELECT contact, standing AS rules, is_won AS "isWon" FROM milestones
             WHERE standing IS NOT NULL ORDER BY contact`,
          )
        ).map((row) => ({ ...row, rules: JSON.parse(row.rules) })),
        content: await all('SELECT contact, path, at FROM seen_content ORDER BY contact, path'),
      }
    },
    async remove() {
      await Promise.all(opened.map((store) => store.close()))
    },
  }
})

describe('numbers given out', () => {
  it.each([0, 1])('by partition %i are not given to others once their rows are gone', async (partition) => {
    at ??= await freshState()
    await empty()
    const open = () => postgresStore(at.url, { held: [partition], partitions: 2 })
    const first = partition * NUMBERS
    const [no, key] = [first + 7, 'v']
    const site = 1
    const one = open()
    await one.watermark()
    await one.commit(
      changes({
        visitors: [{ ...STRANGER, no, key, site }],
        contacts: [{ ...NAMELESS, no, site }],
        transitions: [{ ...STEP, no, contact: no }],
      }),
    )
    await one.erase({ site, contacts: [no], visitors: [no], parts: [], names: [] }, 100)
    await one.close()
    const again = open()
    expect(await again.visitorByNo(no)).toBeUndefined()
    expect(await again.lastNumbers()).toEqual({ site: first, visitor: no, contact: no, transition: no })
    await again.close()
    // A copy knows them too.
    const source = await postgresSource(at.url, 2)
    const settings = new Map<string, string>()
    for await (const rows of source.rows('settings'))
      for (const { name, value } of rows) settings.set(name, value)
    await source.close()
    const last = { site: 0, visitor: no, contact: no, transition: no }
    expect(JSON.parse(settings.get(`numbers:${partition}`)!)).toEqual(last)
    // Transitions of several projectors are numbered anew.
    expect(JSON.parse(settings.get('numbers')!)).toEqual({ ...last, transition: partition === 0 ? no : 0 })
  })
})

it('steps that several projectors wrote down are told in the order of their effect', async () => {
  at ??= await freshState()
  await empty()
  const stores = [0, 1].map((part) => postgresStore(at.url, { held: [part], partitions: 2 }))
  for (const store of stores) await store.watermark()
  const step = (no: number, from: Stage, to: Stage, day: number) =>
    changes({
      contacts: [{ ...NAMELESS, no: 1, site: 1 }],
      transitions: [{ ...STEP, no, contact: 1, from, to, effectiveAt: day * DAY, recordedAt: day * DAY }],
    })
  // A form, what its visitor did, and another form: the first projector's numbers are smaller than the others'.
  await stores[0]!.commit(step(1, 'visitor', 'lead', 1))
  await stores[1]!.commit(step(NUMBERS + 1, 'lead', 'mql', 2))
  await stores[0]!.commit(step(2, 'mql', 'sql', 3))
  for (const store of stores) {
    expect((await store.transitions(1)).map(({ to }) => to)).toEqual(['lead', 'mql', 'sql'])
    await store.close()
  }
})

it('who of the visitors is somebody’s is known of all partitions, until they are not', async () => {
  at ??= await freshState()
  await empty()
  const store = postgresStore(at.url, { held: [1], partitions: 2 })
  await store.watermark()
  const numbers = [0, 31, 32, 63, NUMBERS, NUMBERS + 31, NUMBERS + 700]
  const edges = (visitor: number) => [{ visitor, contact: 1, from: 0, to: null }]
  const known = async () =>
    (
      await sql<{ word: number; bits: number }[]>`SELECT word, bits FROM known_visitors ORDER BY word`
    ).flatMap(({ word, bits }) => numbersOf([word, bits]))
  await store.commit(
    changes({
      sites: [SITE],
      visitors: numbers.map((no) => ({ ...STRANGER, no, key: `v${no}`, site: 1 })),
      edgesReplaced: numbers.map((visitor) => ({ visitor, edges: edges(visitor) })),
    }),
  )
  expect(await known()).toEqual(numbers)
  await store.commit(
    changes({
      edgesReplaced: [
        { visitor: 31, edges: [] },
        { visitor: NUMBERS + 31, edges: [] },
        { visitor: 32, edges: edges(32) },
      ],
    }),
  )
  await store.erase({ site: 1, contacts: [], visitors: [NUMBERS], parts: [], names: [] }, 100)
  expect(await known()).toEqual([0, 32, 63, NUMBERS + 700])
  await store.close()
})

describe('rows by site', () => {
  const [first, second] = [1, 2]
  const sites = [first, second].map((no) => ({ ...SITE, no, id: `site-${no}` }))
  const start = { startAt: 5, endAt: 6, views: 1, engagedMs: 0, actions: 0 }
  const visit = { ...start, entryPath: '/', exitPath: '/', referrer: null, query: null }
  const opened: SharedStore[] = []
  const open = () => {
    const store = postgresStore(at.url)
    opened.push(store)
    return store
  }
  beforeEach(async () => {
    at ??= await freshState()
    await empty()
  })
  afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())))

  it('lie under the site of their visitor or contact, whoever names its number alone', async () => {
    const one = open()
    await one.commit(
      changes({
        sites,
        visitors: [first, second].map((site) => ({ ...STRANGER, no: site, key: 'v', site })),
        contacts: [first, second].map((site) => ({ ...NAMELESS, no: site, id: `c-${site}`, site })),
      }),
    )
    // One that has read none of them.
    await open().commit(
      changes({
        visits: [first, second].map((visitor) => ({ visitor, visit })),
        edgesReplaced: [
          { visitor: second, edges: [{ contact: second, visitor: second, from: 0, to: null }] },
        ],
        consents: [{ visitor: second, at: 1, state: 'granted', source: 'browser' }],
        transitions: [{ ...STEP, no: 1, contact: second }],
      }),
    )
    const where = async (table: string, column: string) =>
      (await sql.unsafe(`SELECT site, ${column} AS no FROM ${table} ORDER BY 2`)).map(({ site, no }) => [
        site,
        no,
      ])
    expect(await where('visits', 'visitor')).toEqual([
      [first, first],
      [second, second],
    ])
    for (const [table, column] of [
      ['edges', 'contact'],
      ['consents', 'visitor'],
      ['transitions', 'contact'],
    ] as const)
      expect(await where(table, column)).toEqual([[second, second]])
    expect(await open().visits(second)).toEqual([visit])
    expect((await open().transitions(second)).length).toBe(1)
  })

  it('are not looked for under the site of a batch that came to nothing', async () => {
    const failing = open()
    const stranger = { ...STRANGER, no: 7, key: 'v' }
    const row = { visitor: 7, site: first, event: PAGE }
    await failing.commit(changes({ sites }))
    await expect(
      Promise.resolve(
        failing.commit(changes({ visitors: [{ ...stranger, site: first }], events: [row, row] })),
      ),
    ).rejects.toThrow('duplicate key')
    await sql`
      INSERT INTO visitors (site, no, key, first_at, last_at, last_id_ms, last_id_key, max_id_ms)
      VALUES (${second}, 7, 'v', 1, 1, 0, 0, 0)`
    expect(await failing.visitorByNo(7)).toEqual({ ...stranger, site: second })
  })
})

const PAGE = { kind: 'page' as const, id: { ms: 1, key: 1 }, at: 1, path: '/' }
const STRANGER = {
  firstAt: 1,
  lastAt: 1,
  lastIdMs: 0,
  lastIdKey: 0,
  maxIdMs: 0,
  contact: null,
  visitStart: null,
  profile: null,
}
const STEP = {
  from: 'lead' as const,
  to: 'mql' as const,
  effectiveAt: 1,
  recordedAt: 1,
  by: 'rules:1',
  why: '',
  supersedes: [],
}

const place = (dimension: Dimension) => DIMENSIONS.indexOf(dimension)

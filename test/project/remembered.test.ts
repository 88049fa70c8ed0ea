/**
 * What a projector remembers of its visitors where another projects beside it: what that one does to them (in the name of
 * their person, or because they took another visitor's page views) holds for their next event.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry, type EntryBody } from '../../collector/entry.ts'
import type { LoggedEntry } from '../../collector/log/log.ts'
import { createPartition, type Partition } from '../../collector/project/partition.ts'
import { partitionOfVisitor } from '../../collector/project/touched.ts'
import { createPostgresState, postgresStore } from '../../collector/store/postgres/store.ts'
import { TABLES } from '../../collector/store/postgres/tables.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import type { SharedStore, StateStore } from '../../collector/store/store.ts'
import { ERASING } from '../support/erasing.ts'
import { MAIN_SITE } from '../support/feeding.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { projection } from '../support/projection.ts'

const PARTITIONS = 2
const START = Date.UTC(2026, 10, 3, 9)
const MINUTE = 60_000
const EMAIL = 'ada@acme.org'

const keyOf = (part: number, prefix: string): string => {
  for (let n = 0; ; n++)
    if (partitionOfVisitor('main', `${prefix}${n}`, PARTITIONS) === part) return `${prefix}${n}`
}
/** The first projector's visitor, the second's, and one of the second's that is measured alone. */
const HERE = keyOf(0, 'v')
const THERE = keyOf(1, 'v')
const MEASURED = keyOf(1, '~m')
const MEASURED_HERE = keyOf(0, '~m')
const VISITORS = [HERE, THERE, MEASURED, MEASURED_HERE]

const viewOf = (visitor: string, minute: number, over: object = {}) =>
  ({
    kind: 'beacon',
    site: 'main',
    visitor,
    agent: 'desktop',
    events: [
      {
        kind: 'page',
        id: { ms: START + minute * MINUTE, key: minute },
        at: START + minute * MINUTE,
        path: '/pricing',
      },
    ],
    ...over,
  }) as EntryBody

const identified = (visitors: string[], minute: number, over: object = {}) =>
  ({
    kind: 'identify',
    site: 'main',
    newContact: `c${minute}`,
    visitors,
    email: EMAIL,
    traits: {},
    at: START + minute * MINUTE,
    signals: [],
    ...over,
  }) as EntryBody

const claimed = (visitor: string, minute: number, signed: boolean) =>
  viewOf(visitor, minute, {
    claims: [{ email: EMAIL, at: START + minute * MINUTE, signed, newContact: `c${minute}` }],
  })

/** The state by names instead of row numbers. */
async function stateOf(store: StateStore) {
  const visitors = []
  for (const { no, key, contact, ...rest } of await store.visitorsAfter(1, 0, 100)) {
    if (!VISITORS.includes(key)) continue
    const events = (await store.events(no, 0, null)).map(({ id, kind }) => `${id.key} ${kind}`).sort()
    visitors.push({ key, rest, events, visits: await store.visits(no), isSomebodys: contact !== null })
  }
  const no = await store.contactByIdentity(1, 'email', EMAIL)
  const lead = no === undefined ? undefined : await store.lead(no)
  const edges = no === undefined ? [] : (await store.edges(no)).map(({ from, to }) => `${from} ${to}`).sort()
  return { visitors: visitors.sort((a, b) => (a.key < b.key ? -1 : 1)), edges, engagement: lead?.engagement }
}

let at: TestDatabase
beforeAll(async () => {
  at = await database()
  await createPostgresState(at.url)
})
afterAll(() => at.remove())

describe('what two projectors remember', () => {
  const stores: SharedStore[] = []
  let entries: LoggedEntry[] = []
  beforeEach(async () => {
    const sql = at.connect()
    await sql.unsafe(
      Object.keys(TABLES)
        .map((table) => `DELETE FROM ${table}`)
        .join(';'),
    )
    await sql.end()
  })
  afterEach(async () => {
    entries = []
    await Promise.all(stores.splice(0).map((store) => store.close()))
  })

  const log = {
    id: 'log-1',
    read: async (after: number, limit: number) => entries.filter(({ seq }) => seq > after).slice(0, limit),
  }
  async function partOf(held: number[], waitMs = 5_000): Promise<Partition> {
    const store = postgresStore(at.url, { held, partitions: PARTITIONS, waitMs })
    stores.push(store)
    return createPartition({ log, store, held, partitions: PARTITIONS, erasing: ERASING })
  }
  /** Each entry is projected by all before the next one is there, so that all is in the order of the log. */
  async function project(parts: readonly Partition[], body: EntryBody): Promise<void> {
    const seq = entries.length + 1
    const entry = { v: ENTRY_VERSION, ...body } as Entry
    entries.push({ seq, receivedAt: START + seq * MINUTE, entry })
    while (parts.some((part) => part.projected() < seq)) for (const part of parts) await part.step(10)
  }

  it.each<[string, EntryBody[]]>([
    ['nobody interferes', [viewOf(THERE, 1), viewOf(HERE, 2), viewOf(THERE, 3), viewOf(THERE, 60)]],
    [
      'a visitor is identified',
      [viewOf(THERE, 1), viewOf(THERE, 2), identified([THERE], 3), viewOf(THERE, 4), viewOf(THERE, 5)],
    ],
    [
      'two visitors become one person, and two again',
      [
        viewOf(THERE, 1),
        viewOf(HERE, 2),
        identified([THERE], 3, { phone: '+49301', email: undefined }),
        identified([HERE], 4),
        viewOf(THERE, 5),
        identified([], 6, { phone: '+49301' }),
        viewOf(THERE, 7),
        { kind: 'unmerge', site: 'main', contact: 'c4' },
        viewOf(THERE, 8),
        viewOf(HERE, 9),
      ],
    ],
    [
      'a claim comes to nothing because another visitor is the one',
      [
        viewOf(THERE, 1),
        claimed(THERE, 2, false),
        viewOf(THERE, 3),
        claimed(HERE, 4, true),
        viewOf(THERE, 5),
      ],
    ],
    [
      'another visitor takes a page view over',
      [
        viewOf(MEASURED, 1),
        viewOf(MEASURED, 2),
        viewOf(HERE, 2, { from: MEASURED }),
        viewOf(MEASURED, 4),
        viewOf(MEASURED, 5),
      ],
    ],
    [
      'a day ends after another has taken a page view over',
      [
        viewOf(MEASURED_HERE, 1),
        viewOf(MEASURED_HERE, 2),
        viewOf(THERE, 2, { from: MEASURED_HERE }),
        { kind: 'tick', day: Math.floor(START / 86_400_000) - 1 },
        viewOf(MEASURED_HERE, 5),
      ],
    ],
    [
      'a visitor is erased',
      [
        viewOf(THERE, 1),
        identified([THERE], 2),
        viewOf(THERE, 3),
        // The first contact of the first projector.
        { kind: 'erase', site: 'main', contact: 1, by: 'test' },
        viewOf(THERE, 4),
      ],
    ],
    [
      'a person objects',
      [
        viewOf(THERE, 1),
        identified([THERE], 2),
        viewOf(THERE, 3),
        { kind: 'object', site: 'main', contact: 1, objects: true, by: 'test', at: START },
        viewOf(THERE, 4),
      ] as EntryBody[],
    ],
  ])('is what one projector on SQLite comes to: %s', async (_, bodies) => {
    const parts = await Promise.all([0, 1].map((part) => partOf([part])))
    const one = await projection({ erasing: ERASING })
    for (const body of [MAIN_SITE, ...bodies]) await project(parts, body)
    for (const { seq, receivedAt, entry } of entries.slice(1))
      await one.projector.project([{ seq, receivedAt, entry }])
    expect(await stateOf(stores[0]!)).toEqual(await stateOf(sqliteStore(one.db)))
    one.remove()
  })

  it('is not what another has done meanwhile to a partition that comes back', async () => {
    const [first, second] = await Promise.all([0, 1].map((part) => partOf([part])))
    const one = await projection()
    for (const body of [MAIN_SITE, viewOf(THERE, 1), viewOf(THERE, 2)]) await project([first!, second!], body)
    const both = await partOf([0, 1])
    for (const body of [identified([THERE], 3), viewOf(THERE, 4)]) await project([both], body)
    entries.push({
      seq: entries.length + 1,
      receivedAt: START + 6 * MINUTE,
      entry: { v: ENTRY_VERSION, ...viewOf(THERE, 5) } as Entry,
    })
    // Who remembers what was before writes nothing; whoever begins anew knows what is.
    await expect(second!.step(10)).rejects.toThrow(/another projector has taken over partition 1/)
    const again = [await partOf([0]), await partOf([1])]
    for (const part of again) await part.step(10)
    for (const { seq, receivedAt, entry } of entries.slice(1))
      await one.projector.project([{ seq, receivedAt, entry }])
    expect(await stateOf(stores[0]!)).toEqual(await stateOf(sqliteStore(one.db)))
    one.remove()
  })

  it('is read again after a batch that failed in the midst of what it read', async () => {
    const parts = [await partOf([0], 50), await partOf([1])]
    for (const body of [MAIN_SITE, viewOf(HERE, 1), identified([HERE], 2)]) await project(parts, body)
    const holding = at.connect()
    await holding.unsafe('BEGIN; SELECT 1 FROM contacts FOR UPDATE')
    await expect(project(parts, viewOf(HERE, 4))).rejects.toThrow('lock timeout')
    await holding.end()
    for (const part of parts) await part.step(10)
    const one = await projection()
    for (const { seq, receivedAt, entry } of entries.slice(1))
      await one.projector.project([{ seq, receivedAt, entry }])
    expect(await stores[0]!.deadLetter(entries.length)).toBeUndefined()
    expect(await stateOf(stores[0]!)).toEqual(await stateOf(sqliteStore(one.db)))
    one.remove()
  })
})

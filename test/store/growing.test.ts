/** Visitors and visits that go on: only what an event moves on is written again, and no less than that. */
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Visit } from '../../collector/lead/state.ts'
import { listsOf } from '../../collector/store/postgres/lists.ts'
import { postgresStore } from '../../collector/store/postgres/store.ts'
import { rowsOf } from '../../collector/store/postgres/writing.ts'
import type { SharedStore, Visitor } from '../../collector/store/store.ts'
import { postgresState } from '../support/postgres-state.ts'
import { changes, site } from './contract.ts'

const at = postgresState()

const VISITOR: Visitor = {
  no: 7,
  site: 1,
  key: 'v-7',
  firstAt: 10,
  lastAt: 20,
  lastIdMs: 20,
  lastIdKey: 1,
  maxIdMs: 20,
  contact: null,
  visitStart: 10,
  profile: null,
}
const VISIT: Visit = {
  startAt: 10,
  endAt: 20,
  views: 1,
  engagedMs: 0,
  actions: 0,
  entryPath: '/',
  exitPath: '/',
  referrer: null,
  query: null,
}
const GROWN_VISITORS: Partial<Visitor>[] = [
  { lastAt: 30, lastIdMs: 31, lastIdKey: 32, maxIdMs: 33, visitStart: 34 },
  { visitStart: null },
  { firstAt: 5 },
  { contact: 9 },
  { profile: { agent: 'desktop, Firefox, Linux', language: 'de', screen: null, country: null } },
]
const GROWN_VISITS: Partial<Visit>[] = [
  { endAt: 30, views: 2, engagedMs: 3, actions: 4, exitPath: '/pricing' },
  { exitPath: null },
  { entryPath: '/first' },
  { referrer: 'www.google.com' },
  { query: { utm_source: 'a "quoted" one' } },
]
/** What a projector of all partitions writes, and one of some, and one whose transaction must look for nothing. */
const WAYS = [
  { name: 'alone', held: [0], partitions: 1, isOfVisitors: true },
  { name: 'one of two', held: [0], partitions: 2, isOfVisitors: true },
  { name: 'one of two, in a serializable transaction', held: [0], partitions: 2, isOfVisitors: false },
]

describe.each(WAYS)('of $name', ({ held, partitions, isOfVisitors }) => {
  let store: SharedStore
  beforeAll(() => {
    store = postgresStore(at.url, { held, partitions })
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    await at.sql`DELETE FROM watermarks`
    await at.sql`DELETE FROM visitors`
    await at.sql`DELETE FROM visits`
    await store.place()
    const visitors = [VISITOR, { ...VISITOR, no: 8, key: 'v-8' }]
    await store.begin([], isOfVisitors)
    await store.commit(
      changes({ sites: [site], visitors, visits: visitors.map(({ no }) => ({ visitor: no, visit: VISIT })) }),
    )
  })

  it.each(GROWN_VISITORS)('a visitor is written as it has become: %o', async (grown) => {
    const visitor = { ...VISITOR, ...grown }
    await store.begin([], isOfVisitors)
    await store.commit(changes({ visitors: [visitor], visitorsBefore: new Map([[7, VISITOR]]) }))
    expect(await store.visitorByNo(7)).toEqual(visitor)
    expect(await store.visitorByNo(8)).toEqual({ ...VISITOR, no: 8, key: 'v-8' })
  })

  it.each(GROWN_VISITS)('a visit is written as it has become: %o', async (grown) => {
    const visit = { ...VISIT, ...grown }
    await store.begin([], isOfVisitors)
    await store.commit(changes({ visits: [{ visitor: 7, visit, before: VISIT }] }))
    expect(await store.visits(7)).toEqual([visit])
    expect(await store.visits(8)).toEqual([VISIT])
  })

  it('what was thought to be there and is not is put there whole', async () => {
    await at.sql`DELETE FROM visitors WHERE no = 7`
    await at.sql`DELETE FROM visits WHERE visitor = 7`
    const visitors = [7, 8].map((no) => ({ ...VISITOR, no, key: `v-${no}`, lastAt: 30 }))
    const visit = { ...VISIT, endAt: 30 }
    await store.begin([], isOfVisitors)
    await store.commit(
      changes({
        visitors,
        visitorsBefore: new Map(visitors.map((one) => [one.no, { ...one, lastAt: 20 }])),
        visits: [7, 8].map((visitor) => ({ visitor, visit, before: VISIT })),
      }),
    )
    for (const one of visitors) {
      expect(await store.visitorByNo(one.no)).toEqual(one)
      expect(await store.visits(one.no)).toEqual([visit])
    }
  })

  it('who is forgotten is not put there again', async () => {
    const before = new Map([[7, VISITOR]])
    await at.sql`DELETE FROM visitors WHERE no = 7`
    await at.sql`DELETE FROM visits WHERE visitor = 7`
    await store.begin([], false)
    await store.commit(
      changes({
        visitors: [{ ...VISITOR, lastAt: 30 }],
        visitorsBefore: before,
        visits: [{ visitor: 7, visit: { ...VISIT, endAt: 30 }, before: VISIT }],
        forgotten: [{ visitor: 7, before: 1_000, isWhole: true }],
      }),
    )
    expect(await store.visitorByNo(7)).toBeUndefined()
    expect(await store.visits(7)).toEqual([])
  })
})

describe('a commit', () => {
  it('tells that all of it is sent before the engine is done with any of it', async () => {
    const store = postgresStore(at.url)
    await at.sql`DELETE FROM watermarks`
    await store.begin()
    await store.commit(changes({ sites: [site] }))
    const other = at.connect()
    await other.unsafe('BEGIN; LOCK TABLE visitors IN EXCLUSIVE MODE')
    const who = { cameIn: new Set([9]), wentOut: new Set<number>() }
    const totals = {
      visits: 1,
      bounces: 0,
      views: 1,
      engagedMs: 0,
      downloads: 0,
      cartAdds: 0,
      cartValue: 0,
    }
    const sent = Promise.withResolvers<void>()
    await store.begin()
    const written = store.commit(
      changes({
        visitors: [{ ...VISITOR, no: 9, key: 'v-9' }],
        visits: [{ visitor: 9, visit: VISIT }],
        quarters: [{ site: 1, quarter: 1, totals, ...who }],
        slices: [{ site: 1, dimension: 'source', day: 1, value: 'direct', totals, ...who }],
      }),
      undefined,
      sent.resolve,
    )
    await sent.promise
    await other.unsafe('COMMIT')
    await written
    expect(await store.visits(9)).toEqual([VISIT])
    expect(await at.sql`SELECT value FROM slices`).toEqual([{ value: 'direct' }])
    await other.end()
    await store.close()
  })
})

describe('lists', () => {
  it('bring whatever they are made of', async () => {
    const integer = fc.option(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -20, max: 2_000_000_000 })))
    // A text of the engine holds no NUL, and no half of a pair.
    const text = fc.option(fc.string({ unit: 'binary' }).map((one) => one.replaceAll('\0', '')))
    const row = fc.record({ site: integer, day: integer, value: text, dimension: text })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const names = ['site', 'day', 'value', 'dimension']
        const found = await at.sql.unsafe(
          `SELECT * FROM ${rowsOf('slices', names)} AS rows (${names})`,
          listsOf(names, rows),
        )
        expect(found.map((one) => ({ ...one }))).toEqual(rows)
      }),
      { numRuns: 50 },
    )
  })
})

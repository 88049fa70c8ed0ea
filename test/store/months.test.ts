/** Events lie in PostgreSQL by the month of their ids, and a month that is over goes as a whole. */
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrackedEvent } from '../../collector/lead/state.ts'
import { monthOf, tableMonth } from '../../collector/store/postgres/months.ts'
import { createPostgresState, postgresStore } from '../../collector/store/postgres/store.ts'
import type { Changes, SharedStore, Site } from '../../collector/store/store.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { changes, visitor } from './contract.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 3, 9)
const at = (year: number, month: number) => Date.UTC(year, month - 1, 15)

describe('the month of an event', () => {
  it.each([
    ['of this month', NOW, monthOf(NOW)],
    [
      'of a clock that is half a day ahead, over the end of the month',
      Date.UTC(2026, 11, 1) - 1,
      monthOf(NOW),
      at(2026, 11) + 15 * DAY,
    ],
    ['of ten years ago', at(2016, 11), 2016 * 12 + 10],
    ['of eleven years ago', at(2015, 11), 0],
    ['that is hashed', 0, 0],
    ['of a day that is to come', NOW + 2 * DAY, 0],
    ['of a clock that is far ahead', 9_999_999_999_999, 0],
  ])('%s', (_, ms, month, now = NOW) => {
    expect(tableMonth(ms, now)).toBe(month)
  })
})

describe('the tables of months', () => {
  let there: TestDatabase
  let sql: postgres.Sql
  const stores: SharedStore[] = []
  const seqs = new Map<SharedStore, number>()
  const open = (partition: number) => {
    const store = postgresStore(there.url, { held: [partition], partitions: 2 })
    stores.push(store)
    return store
  }
  beforeAll(async () => {
    there = await database()
    await createPostgresState(there.url)
    sql = there.connect()
  })
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()))
    await sql.end()
    await there.remove()
  })

  const page = (ms: number, key: number): TrackedEvent => ({
    kind: 'page',
    id: { ms, key },
    at: ms,
    path: '/',
  })
  const commit = (store: SharedStore, over: Partial<Changes>) => {
    const seq = (seqs.get(store) ?? 0) + 1
    seqs.set(store, seq)
    return store.commit(changes({ ...over, watermark: { logId: 'log-1', seq, now: NOW } }))
  }
  const add = (store: SharedStore, visitor: number, ...events: TrackedEvent[]) =>
    commit(store, { events: events.map((event) => ({ visitor, site: 1, event })) })
  const tables = async () =>
    (await sql`SELECT tableoid::regclass::text AS name, count(*) AS n FROM events GROUP BY 1 ORDER BY 1`).map(
      ({ name, n }) => [name, n],
    )

  const site = (no: number, keptFrom: number): Site => ({
    no,
    id: `site-${no}`,
    name: '',
    consent: 'given',
    hosts: [],
    with: [],
    rulesVersion: 1,
    timeZone: 'UTC',
    retention: 30,
    keptFrom,
  })

  it('are made when the first event comes, by whoever comes first', async () => {
    const [one, other] = [open(0), open(1)]
    await commit(one, {
      sites: [site(1, 0), site(2, 0)],
      visitors: [visitor(1), visitor(2 ** 40)],
    })
    await one.begin()
    expect(await one.hasEvent(1, { ms: at(2026, 10), key: 1 })).toBe(false)
    await Promise.all([
      add(one, 1, page(at(2026, 9), 1), page(at(2026, 10), 1), page(0, 1)),
      add(other, 2 ** 40, page(at(2026, 9), 1), page(at(2026, 10), 2)),
    ])
    expect(await tables()).toEqual(
      [
        ['events_0', 1],
        [`events_${monthOf(at(2026, 10))}`, 2],
        [`events_${monthOf(at(2026, 9))}`, 2],
      ].sort(),
    )
    expect(await one.hasEvent(1, { ms: at(2026, 10), key: 1 })).toBe(true)
    expect((await one.events(1, 0, null)).map(({ id }) => id.ms).sort()).toEqual([
      0,
      at(2026, 9),
      at(2026, 10),
    ])
    await expect(add(one, 1, page(at(2026, 9), 1))).rejects.toThrow(/duplicate key/)
    seqs.set(one, seqs.get(one)! - 1)
  })

  it('go when no site keeps them and nothing is left of them, and come again', async () => {
    const [one, other] = stores as [SharedStore, SharedStore]
    const day = (over: Partial<Changes>) => commit(one, { settings: [['ticked-day', '1']], ...over })
    const september = `events_${monthOf(at(2026, 9))}`
    const has = async () =>
      (await sql`SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ${september}`)
        .length > 0
    await day({
      sites: [site(1, at(2026, 10)), site(2, 0)],
      forgotten: [{ visitor: 1, before: at(2026, 10), isWhole: false }],
    })
    expect(await has()).toBe(true)
    // Another visitor's event is still there.
    await day({ sites: [site(2, at(2026, 10))] })
    expect(await has()).toBe(true)
    await day({ forgotten: [{ visitor: 2 ** 40, before: at(2026, 10), isWhole: false }] })
    expect(await has()).toBe(false)
    // The other projector does not know of that.
    const late = add(other, 2 ** 40, page(at(2026, 9), 3))
    await expect(Promise.resolve(late).catch((error) => other.isOutage(error))).resolves.toBe(true)
    seqs.set(other, seqs.get(other)! - 1)
    await add(other, 2 ** 40, page(at(2026, 9), 3))
    expect(await has()).toBe(true)
  })
})

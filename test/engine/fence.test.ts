/** A collector that was suspended past its lease, and goes on: what it held is another's, and nothing of it is written. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { prepareDatabase } from '../../collector/engine/prepare-database.ts'
import { endedWithin, type Leases, leasesOf, TakenOver } from '../../collector/store/postgres/leases.ts'
import { postgresStore } from '../../collector/store/postgres/store.ts'
import type { SharedStore, Watermark } from '../../collector/store/store.ts'
import { changes } from '../store/contract.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

const PARTITIONS = 2
const SHORT_MS = 150
let space = 8_000_000

describe('a lease', () => {
  let at: TestDatabase
  const open: { close(): unknown }[] = []
  beforeAll(async () => {
    at = await database()
    await prepareDatabase(at.url, { partitions: PARTITIONS, logHere: false })
  })
  beforeEach(async () => {
    const sql = at.connect()
    await sql`DELETE FROM watermarks`
    await sql`DELETE FROM settings`
    await sql.end()
    space++
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()))
  })
  afterAll(() => at.remove())

  function collector(options: { leaseMs?: number; lost?: () => void } = {}): Leases {
    const one = leasesOf(at.url, { space, partitions: PARTITIONS, lost: () => {}, version: 1, ...options })
    open.push(one)
    return one
  }
  function projector(epoch: number): SharedStore {
    const one = postgresStore(at.url, { partitions: PARTITIONS, epochs: [epoch] })
    open.push(one)
    return one
  }
  const says = (value: string, watermark: Watermark) => changes({ watermark, settings: [['said', value]] })
  const mark = (seq: number): Watermark => ({ logId: 'log-1', seq, now: seq })

  async function said(): Promise<unknown> {
    const sql = at.connect()
    const [row] = await sql`SELECT value, seq FROM settings, watermarks WHERE name = 'said' AND part = 0`
    await sql.end()
    return row && { ...row }
  }

  it('is lost by who does not look for its time, by the clock of the database', async () => {
    const lost = Promise.withResolvers<void>()
    const silent = collector({ leaseMs: SHORT_MS, lost: lost.resolve })
    expect((await silent.look()).held).toEqual([0, 1])
    const other = collector()
    await expect
      .poll(() => other.look(), { timeout: 5_000 })
      .toMatchObject({ held: [0, 1], isLeader: true, live: 1 })
    await lost.promise
    // What it holds no more it cannot begin to project either.
    expect(await silent.begin(0)).toBeUndefined()
    expect(await other.begin(0)).toBe(1)
    expect(await other.begin(0)).toBe(2)
  })

  it.each<[string, (store: SharedStore) => Promise<unknown>]>([
    ['a batch', async (store) => store.commit(says('late', mark(9)))],
    [
      'a part of an entry, which leaves the watermark where it is',
      async (store) => store.commit(says('late', mark(5))),
    ],
    [
      'a removal',
      async (store) => store.erase({ site: 1, contacts: [1], visitors: [], parts: [], names: [] }, 10),
    ],
    ['a removal of events', async (store) => store.eraseEvents(1, [{ ms: 1, key: 1 }])],
    ['a look at where it stands', async (store) => store.watermark()],
  ])('that another took over writes nothing more: %s', async (_, late) => {
    const leases = collector()
    await leases.look()
    const before = projector((await leases.begin(0))!)
    await before.commit(says('before', mark(5)))
    await before.watermark()
    const after = projector((await leases.begin(0))!)
    await expect(late(before)).rejects.toThrow('another projector has taken over partition 0')
    expect(await said()).toEqual({ value: 'before', seq: 5 })
    await after.watermark()
    await after.commit(says('after', mark(6)))
    expect(await said()).toEqual({ value: 'after', seq: 6 })
    await expect(before.watermark()).rejects.toBeInstanceOf(TakenOver)
  })

  it('on one of its partitions ends the projecting of all that it held alone', async () => {
    const leases = collector()
    const { held } = await leases.look()
    const epochs: number[] = []
    for (const partition of held) epochs.push((await leases.begin(partition))!)
    const before = postgresStore(at.url, { held, partitions: PARTITIONS, epochs })
    open.push(before)
    await before.commit(says('before', mark(5)))
    await before.begin([])
    expect(await before.setting('said')).toBe('before')
    await leases.begin(1)
    await expect(before.commit(says('late', mark(6)))).rejects.toThrow('has taken over partition 1')
    expect(await said()).toEqual({ value: 'before', seq: 5 })
    await expect(before.place()).rejects.toBeInstanceOf(TakenOver)
  })

  it('that another took over in the midst of a transaction is refused with it', async () => {
    const leases = collector()
    await leases.look()
    const before = projector((await leases.begin(0))!)
    await before.commit(says('before', mark(5)))
    await before.begin([])
    expect(await before.setting('said')).toBe('before')
    await leases.begin(0)
    await expect(before.commit(says('late', mark(6)))).rejects.toMatchObject({ code: '40001' })
    expect(await said()).toEqual({ value: 'before', seq: 5 })
  })

  it('begins when what was under way has ended, at the latest when the database has waited enough', async () => {
    const leases = collector()
    await leases.look()
    await leases.begin(0)
    const suspended = at.connect()
    const { idle_in_transaction_session_timeout: within } = endedWithin(SHORT_MS)
    await suspended.unsafe(`SET idle_in_transaction_session_timeout = ${within}`)
    const written = Promise.withResolvers<void>()
    const ended = suspended
      .begin(async (sql) => {
        await sql`UPDATE watermarks SET seq = 7 WHERE part = 0`
        written.resolve()
        // Nothing more comes from it.
        await new Promise((resolve) => setTimeout(resolve, 60_000).unref())
      })
      .catch((error: Error) => error.message)
    await written.promise
    expect(await leases.begin(0)).toBe(2)
    const store = projector(2)
    expect(await store.watermark()).toMatchObject({ seq: 0 })
    expect(await ended).toMatch(/idle-in-transaction|CONNECTION/)
    await suspended.end({ timeout: 0 })
  })
})

/** Two projectors beside each other: what one remembers of its visitors holds until the other says that it has written to them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { postgresStore } from '../../collector/store/postgres/store.ts'
import { namedSince, touching } from '../../collector/store/postgres/touched.ts'
import type { Changes, SharedStore } from '../../collector/store/store.ts'
import { NUMBERS } from '../../collector/store/visitor-set.ts'
import { NAMELESS } from '../support/nameless.ts'
import { postgresState } from '../support/postgres-state.ts'
import { changes, site } from './contract.ts'

const at = postgresState()

describe('a projector', () => {
  let holder: SharedStore
  let other: SharedStore
  beforeEach(async () => {
    await at.sql`DELETE FROM watermarks`
    await at.sql`DELETE FROM visitors`
    const stores = [0, 1].map((part) => postgresStore(at.url, { held: [part], partitions: 2 }))
    holder = stores[0]!
    other = stores[1]!
    for (const store of stores) {
      await store.touched()
      await store.commit(changes())
    }
  })
  afterEach(async () => {
    await holder.close()
    await other.close()
  })

  const touch = (visitors: number[] | null) => other.commit(changes(), new Map([[0, visitors]]))
  const visitor = (no: number) => ({ ...STRANGER, no, key: `v${no}`, site: 1 })
  const written = async () => (await at.sql`SELECT no FROM visitors ORDER BY no`).map(({ no }) => no)

  it('hears once of those whom another has touched, and of no others', async () => {
    expect(await holder.touched()).toEqual([])
    await touch([5, 6])
    await other.commit(changes())
    await touch([7])
    expect(await other.touched()).toEqual([])
    expect(await holder.touched()).toEqual([5, 6, 7])
    expect(await holder.touched()).toEqual([])
    await touch(null)
    expect(await holder.touched()).toBeNull()
  })

  it('forgets all at first, and where it has missed too many', async () => {
    const many = Array.from({ length: 100 }, (_, n) => 2 ** 40 + n)
    await touch(many)
    expect(await holder.touched()).toBeNull()
    await touch(many.slice(0, 20))
    expect(await holder.touched()).toEqual(many.slice(0, 20))
    const anew = postgresStore(at.url, { held: [0], partitions: 2 })
    expect(await anew.touched()).toBeNull()
    await anew.close()
  })

  it.each([
    ['of its visitors alone', true],
    ['of people, too', false],
  ])('commits no batch %s that rests on what another has written since', async (_, isOwn) => {
    await holder.touched()
    await holder.begin([], isOwn)
    await holder.visitor(1, 'somebody')
    await touch([5])
    const error = await Promise.resolve(holder.commit(changes({ visitors: [visitor(5)] }))).catch((e) => e)
    expect(holder.isOutage(error)).toBe(true)
    expect(await written()).toEqual([])
    expect(await holder.touched()).toEqual([5])
    await holder.begin([], isOwn)
    await holder.commit(changes({ visitors: [visitor(5)] }))
    expect(await written()).toEqual([5])
  })

  it('is not overtaken by what comes behind its commit', async () => {
    const slow = at.connect()
    const [{ pid }] = (await slow`SELECT pg_backend_pid() AS pid`) as unknown as [{ pid: number }]
    await slow`BEGIN`
    await slow`SELECT 1 FROM watermarks WHERE part = 0 FOR UPDATE`
    await holder.touched()
    await holder.begin([], true)
    const committed = Promise.resolve(holder.commit(changes({ visitors: [visitor(5)] })))
    await waiting(1)
    const touched = Promise.resolve(touch([5]))
    await waiting(2)
    await slow`COMMIT`
    const done = await Promise.allSettled([committed, touched])
    // Whichever came first, not both: the other one is tried again.
    const failed = done.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
    expect(failed.length).toBe(1)
    for (const { reason } of failed) expect(holder.isOutage(reason)).toBe(true)
    await slow.end()

    /** So many wait for the slow one, or for who waits for it. */
    async function waiting(n: number): Promise<void> {
      await expect
        .poll(async () => {
          const rows = await at.sql<{ pid: number; by: number[] }[]>`
            SELECT pid, array_to_json(pg_blocking_pids(pid)) AS by FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0`
          const first = rows.filter(({ by }) => by.includes(pid)).map((row) => row.pid)
          return rows.filter(({ by }) => by.includes(pid) || by.some((one) => first.includes(one))).length
        })
        .toBeGreaterThanOrEqual(n)
    }
  })

  it.each<[string, (store: SharedStore) => unknown]>([
    ['whose an e-mail is', (store) => store.contactByIdentity(1, 'email', 'a@b.org')],
    ['who is to be reviewed', (store) => store.leadsToReview(1, 1, 10)],
    ['a person who was not asked for', (store) => store.commit(changes({ links: [LINK] }))],
    ['a visitor of the other', (store) => store.commit(changes(), new Map([[1, [NUMBERS + 1]]]))],
  ])('begins a batch again that is not of its own visitors alone: %s', async (_, work) => {
    await holder.touched()
    await holder.begin([], true)
    const error = await Promise.resolve(work(holder)).catch((e: unknown) => e)
    expect(holder.isOutage(error)).toBe(true)
    await holder.begin([], true)
    await expect(Promise.resolve(work(holder))).resolves.not.toThrow()
  })

  describe('beside one who writes of the same person', () => {
    const cell = { day: 1, signal: 'page', count: 1, ms: 0, lastAt: 1, keys: [] }
    const cells = changes({ cells: [{ contact: 1, cell }] }).cells
    beforeEach(async () => {
      for (const table of ['sites', 'contacts', 'cells']) await at.sql.unsafe(`DELETE FROM ${table}`)
      await other.commit(changes({ sites: [site], contacts: [PERSON] }))
      await holder.touched()
      await other.touched()
    })

    it('waits for it, and sees what it has written', async () => {
      await holder.begin([], true)
      expect(await holder.cells(1)).toEqual([])
      await other.begin([], true)
      const seen = other.cells(1)
      await holder.commit(changes({ cells }))
      expect(await seen).toEqual([cell])
      await other.commit(changes())
    })

    it.each<[string, Partial<Changes>]>([
      ['what is of the person', { cells }],
      ['nothing of the person itself', { visitors: [visitor(5)] }],
    ])('decides nothing of several people by what was before: %s', async (_, written) => {
      await other.begin([], false)
      await other.visitor(1, 'somebody')
      await holder.begin([], true)
      await holder.cells(1)
      await holder.commit(changes(written))
      const error = await Promise.resolve(other.contact(1)).catch((e: unknown) => e)
      expect(other.isOutage(error)).toBe(true)
    })

    it('waits for who decides of several people', async () => {
      await other.begin([], false)
      await other.contact(1)
      await holder.begin([], true)
      const seen = holder.contact(1)
      const waiting = () => at.sql`
        SELECT 1 FROM pg_stat_activity JOIN pg_locks USING (pid)
        WHERE relation = 'contacts'::regclass AND cardinality(pg_blocking_pids(pid)) > 0`
      await expect.poll(async () => (await waiting()).length).toBeGreaterThan(0)
      await other.commit(changes({ contacts: [{ ...PERSON, phone: '+49301' }] }))
      expect(await seen).toMatchObject({ phone: '+49301' })
    })
  })

  it('is told of a removal, which may be of anybody', async () => {
    await holder.erase({ site: 1, contacts: [], visitors: [NUMBERS + 1], parts: [], names: [] }, 10)
    expect(await other.touched()).toBeNull()
    expect(await holder.touched()).toEqual([])
  })
})

describe('those named', () => {
  const ROWS: [title: string, named: (readonly number[] | null)[], seen: number, after: number[] | null][] = [
    ['none', [[1, 2]], 2, []],
    ['some', [[1, 2], [3]], 1, [2, 3]],
    ['all of them', [[1], null], 1, null],
    ['all of them, before those who are known', [null, [2]], 1, [2]],
    ['fewer than were seen, of another database', [[1]], 2, null],
  ]
  it.each(ROWS)('%s', (_, named, seen, after) => {
    const rows = named.map((visitors) => touching(0, visitors))
    const touched = rows.reduce((sum, [, n]) => sum + n, 0)
    const last = rows.map(([, , list]) => list).join('')
    expect(namedSince({ part: 0, touched, last }, seen)).toEqual(after)
  })
})

const PERSON: Changes['contacts'][number] = { no: 1, site: 1, ...NAMELESS }
const LINK: Changes['links'][number] = { visitor: 1, at: 1, contact: 1, viewAt: null }
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

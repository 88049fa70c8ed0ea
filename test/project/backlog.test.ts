/** A backlog, of which the next beacons are worked out while the last are written, comes to what it comes to one by one. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry, type EntryBody } from '../../collector/entry.ts'
import type { TrackedEvent } from '../../collector/lead/state.ts'
import type { LoggedEntry } from '../../collector/log/log.ts'
import { createPartition, type Partition } from '../../collector/project/partition.ts'
import { createProjector, type Projector } from '../../collector/project.ts'
import { postgresStore } from '../../collector/store/postgres/store.ts'
import { TABLES } from '../../collector/store/postgres/tables.ts'
import type { SharedStore } from '../../collector/store/store.ts'
import { MAIN_SITE } from '../support/feeding.ts'
import { postgresState } from '../support/postgres-state.ts'

const START = Date.UTC(2026, 10, 3, 9)
const A_PART = 6

const at = postgresState()
let store: SharedStore
beforeEach(async () => {
  await at.empty()
  store = postgresStore(at.url, { waitMs: 30 })
})
afterEach(() => store.close())

const logged = (bodies: readonly EntryBody[]): LoggedEntry[] =>
  bodies.map((body, i) => ({
    seq: i + 1,
    receivedAt: START + i * 1_000,
    entry: { v: ENTRY_VERSION, ...body } as Entry,
  }))

const beaconOf = (visitor: string, event: TrackedEvent): EntryBody => ({
  kind: 'beacon',
  site: 'main',
  visitor,
  agent: 'desktop, Firefox, Linux',
  events: [event],
})

/** Views, late ones, some that are told twice, of visitors of whom some are known, one more from time to time. */
function history(seed: number): LoggedEntry[] {
  let state = seed
  const any = (n: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * n)
  }
  const bodies: EntryBody[] = [MAIN_SITE]
  for (let n = 1; n < 130; n++) {
    const again = bodies[1 + any(n - 1)]
    if (n % 41 === 0)
      bodies.push({
        kind: 'identify',
        site: 'main',
        newContact: `c${n}`,
        visitors: [`v${any(4)}`],
        email: `ada${any(2)}@acme.org`,
        traits: {},
        at: START + n * 1_000,
        signals: [],
      })
    else if (n > 5 && any(6) === 0 && again?.kind === 'beacon') bodies.push(again)
    else {
      const ms = START + (any(5) === 0 ? any(n) : n) * 1_000
      const id = { ms, key: n }
      const path = `/page/${any(5)}`
      bodies.push(
        beaconOf(`v${any(8)}`, { kind: 'page', id, at: ms, path, title: `Page ${path}` } as TrackedEvent),
      )
    }
  }
  return logged(bodies)
}

/** What a projector of some at a time leaves; how `more` goes on says whether it is a backlog. */
async function project(
  entries: readonly LoggedEntry[],
  isBacklog: boolean,
  through: (store: SharedStore) => SharedStore = (store) => store,
): Promise<{ parts: number }> {
  const projector = await createProjector(through(store), 'log-1')
  const behind = (seq: number) => entries.slice(seq, seq + A_PART)
  let parts = 0
  const more = async (seq: number) => {
    const next = behind(seq)
    return next.length < A_PART ? [] : next
  }
  for (let failed = 0; projector.watermark().seq < entries.length; parts++) {
    const { seq } = projector.watermark()
    try {
      await projector.project(behind(seq), isBacklog ? more : undefined)
    } catch (error) {
      if (!store.isOutage(error) || ++failed > 20) throw error
    }
  }
  return { parts }
}

/** Every row of every table. */
async function rows(): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {}
  for (const table of Object.keys(TABLES))
    all[table] = (await at.sql.unsafe(`SELECT to_json(t)::text AS row FROM ${table} AS t ORDER BY 1`)).map(
      ({ row }) => row,
    )
  return all
}

describe('a backlog', () => {
  it.each([1, 2, 3])(
    'leaves what is left where each transaction waits for the one before (%i)',
    async (seed) => {
      const entries = history(seed)
      const apart = await project(entries, false)
      const expected = await rows()
      await store.close()
      await at.empty()
      store = postgresStore(at.url, { waitMs: 30 })
      const together = await project(entries, true)
      expect(together.parts).toBeLessThan(apart.parts)
      expect(await rows()).toEqual(expected)
      expect(expected.dead_letters).toEqual([])
    },
  )

  it('goes on from what is on disk where a transaction fails, and loses and doubles nothing', async () => {
    const entries = history(4)
    await project(entries, false)
    const expected = await rows()
    await store.close()
    await at.empty()
    store = postgresStore(at.url, { waitMs: 30 })
    let commits = 0
    let refused = 0
    const refusing = (store: SharedStore): SharedStore => ({
      ...store,
      async commit(changes, touched) {
        if (++commits % 4 !== 0) return store.commit(changes, touched)
        const other = at.connect()
        await other.unsafe('BEGIN; LOCK TABLE watermarks IN EXCLUSIVE MODE')
        try {
          await store.commit(changes, touched)
        } catch (error) {
          refused++
          throw error
        } finally {
          await other.end()
        }
      },
    })
    await project(entries, true, refusing)
    expect(refused).toBeGreaterThan(3)
    expect(await rows()).toEqual(expected)
  })

  it('is worked out while it is written, one transaction at a time, and stands once it is on disk', async () => {
    const entries = logged([
      MAIN_SITE,
      ...Array.from({ length: 4 * A_PART }, (_, n) => {
        const ms = START + n * 1_000
        return beaconOf(`v${n % 3}`, { kind: 'page', id: { ms, key: n }, at: ms, path: '/' } as TrackedEvent)
      }),
    ])
    const told: string[] = []
    let asked = Promise.withResolvers<void>()
    let projector: Projector | undefined
    projector = await createProjector(
      {
        ...store,
        async commit(changes, touched, sent) {
          told.push(`writes to ${changes.watermark.seq}, stands at ${projector!.watermark().seq}`)
          // Until the next are asked for, which a projector that waits for this never does.
          if (changes.watermark.seq > 1) {
            sent?.()
            await asked.promise
          }
          asked = Promise.withResolvers<void>()
          await store.commit(changes, touched)
          told.push('written')
        },
      },
      'log-1',
    )
    await projector.project(entries.slice(0, 1))
    await projector.project(entries.slice(1, 1 + A_PART), async (seq) => {
      asked.resolve()
      return entries.slice(seq, seq + A_PART)
    })
    const one = (n: number) => [`writes to ${1 + n * A_PART}, stands at ${1 + (n - 1) * A_PART}`, 'written']
    expect(told).toEqual(['writes to 1, stands at 0', 'written', ...[1, 2, 3, 4].flatMap(one)])
  })
})

describe('a partition', () => {
  const MANY = 512
  const views = (visitors: number) =>
    logged([
      MAIN_SITE,
      ...Array.from({ length: 3 * MANY }, (_, n) =>
        beaconOf(`v${n % visitors}`, {
          kind: 'page',
          id: { ms: START + n, key: n },
          at: START + n,
          path: '/',
        } as TrackedEvent),
      ),
    ])

  async function stepped(
    limit: number,
    { isWatched = false, isEnding = false },
  ): Promise<[Partition, steps: number]> {
    const entries = views(20)
    const part = await createPartition({
      log: { id: 'log-1', read: (seq, limit) => entries.slice(seq, seq + limit) },
      store,
      held: [0],
      partitions: 1,
      isWatched: () => isWatched,
      isEnding: () => isEnding,
    })
    await part.step(1)
    let steps = 0
    while (await part.step(limit)) steps++
    return [part, steps]
  }

  it.each([
    ['of many', MANY, {}, 1],
    ['of many that somebody looks at', MANY, { isWatched: true }, 3],
    ['of many by who is to end', MANY, { isEnding: true }, 3],
    ['of few', MANY / 2, {}, 6],
  ])('goes on within a step %s', async (_, limit, how, expected) => {
    const [part, steps] = await stepped(limit, how)
    expect([part.projected(), steps]).toEqual([1 + 3 * MANY, expected])
    expect(await at.sql`SELECT count(*) AS n FROM events`).toEqual([{ n: 3 * MANY }])
  })
})

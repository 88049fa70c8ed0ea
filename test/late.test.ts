import { describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { standardDocument } from '../collector/lead/presets/standard.ts'
import type { TrackedEvent } from '../collector/lead/state.ts'
import type { StateStore } from '../collector/store/store.ts'
import { START } from './support/collector.ts'
import { beaconEntry, projection } from './support/projection.ts'

const MINUTE = 60_000
const MANY = 3_000

/** The store, and how many events were read from it in all. */
function counting(store: StateStore): { store: StateStore; read: () => number } {
  let read = 0
  return {
    read: () => read,
    store: {
      ...store,
      async events(visitor, from, to) {
        const found = await store.events(visitor, from, to)
        read += found.length
        return found
      },
    },
  }
}

let key = 0
const page = (at: number): EntryBody => {
  const event: TrackedEvent = { kind: 'page', id: { ms: at, key: ++key }, at, path: '/services/a' }
  return beaconEntry('phone', [event])
}

it('a late event of a long history reads what came after it, and a flood of them reads that once', async () => {
  let read = (): number => 0
  const state = await projection({}, (store) => {
    const counted = counting(store)
    read = counted.read
    return counted.store
  })
  try {
    const said = { newContact: 'ada', visitors: ['phone'], email: 'ada@acme.org', traits: {}, signals: [] }
    await state.project(START, [{ kind: 'identify', site: 'main', at: START, ...said }])
    const pages = Array.from({ length: MANY }, (_, i) => page(START + i * 1_000))
    await state.project(START + MANY * 1_000, pages)
    const now = START + 2 * MANY * 1_000
    const reads = async (bodies: EntryBody[]): Promise<number> => {
      const before = read()
      await state.project(now, bodies)
      return read() - before
    }
    const lastMinute = () => page(START + MANY * 1_000 - MINUTE)
    // Once for the visits and once for the lead.
    expect(await reads([lastMinute()])).toBeGreaterThanOrEqual(2 * MANY)
    for (let i = 0; i < 20; i++) expect(await reads([lastMinute()])).toBeLessThan(600)
    const flood = Array.from({ length: 200 }, (_, i) => page(START + MANY * 1_000 - (i % 10) * MINUTE))
    expect(await reads(flood)).toBeLessThan(4 * MANY)
  } finally {
    state.remove()
  }
})

describe("time that is told of a page which is not the person's", () => {
  const view = (at: number): TrackedEvent => ({ kind: 'page', id: { ms: at, key: 1 }, at, path: '/' })
  const told = (at: number, opened: number): TrackedEvent => ({
    kind: 'engage',
    id: { ms: opened, key: at },
    at,
    page: { ms: opened, key: 1 },
    ms: 20_000,
    scroll: 10,
  })
  const named = (externalId: string, at: number): EntryBody => ({
    kind: 'identify',
    site: 'main',
    newContact: externalId,
    visitors: ['phone'],
    externalId,
    traits: {},
    at,
    signals: [],
  })
  const minute = (n: number) => START + n * MINUTE

  it.each([
    [
      'a page view that never came',
      [
        [0, named('ada', minute(0))],
        [0, beaconEntry('phone', [view(minute(0))])],
        [20, beaconEntry('phone', [told(minute(20), 1)])],
        [45, beaconEntry('phone', [view(minute(45))])],
      ],
    ],
    [
      'a page that another opened before',
      [
        [0, named('ada', minute(0))],
        [0, beaconEntry('phone', [view(minute(0))])],
        [60, named('bob', minute(60))],
        [61, beaconEntry('phone', [view(minute(61))])],
        [80, beaconEntry('phone', [told(minute(80), minute(0))])],
        [105, beaconEntry('phone', [view(minute(105))])],
      ],
    ],
  ] as [string, [number, EntryBody][]][])(
    '%s goes on with their visit, live and folded again',
    async (_, entries) => {
      const state = await projection()
      try {
        for (const [at, body] of entries) await state.project(minute(at), [body])
        const { n } = state.db.prepare('SELECT count(*) AS n FROM visits').get() as { n: number }
        const visits = () =>
          state.db
            .prepare(
              `SELECT contacts.external_id AS who, count FROM cells JOIN contacts ON contacts.no = contact
             WHERE signal = 'visit' ORDER BY 1`,
            )
            .all() as { who: string; count: number }[]
        const live = visits()
        expect(live.reduce((sum, { count }) => sum + count, 0)).toBe(n)
        const rules = {
          kind: 'rules',
          site: 'main',
          document: standardDocument,
          by: 'test',
          notify: 'silent',
        }
        await state.project(minute(120), [rules as EntryBody])
        expect(visits()).toEqual(live)
      } finally {
        state.remove()
      }
    },
  )
})

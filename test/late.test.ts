import { expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
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

/**
 * What identity costs, in CPU of the projection: linking a visitor with 1,000 events, and a batch of 500 signals.
 * The baseline of each is the projection of the same number of page views of anonymous visitors.
 */
import { performance } from 'node:perf_hooks'
import type { EntryBody } from '../../collector/entry.ts'
import type { TrackedEvent } from '../../collector/lead/state.ts'
import { beaconEntry, projection } from '../support/projection.ts'

const START = Date.UTC(2026, 10, 3, 9)
const ROUNDS = 15

export interface IdentityFigures {
  linkMs: number
  linkToBaseline: number
  signalsMs: number
  signalsToBaseline: number
}

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!

let serial = 0
const page = (at: number): TrackedEvent => ({
  kind: 'page',
  id: { ms: at, key: ++serial },
  at,
  path: `/services/${serial % 50}`,
})
/** A thousand page views over the last 30 days. */
const history = (n: number): TrackedEvent[] =>
  Array.from({ length: n }, (_, i) => page(START - 30 * 86_400_000 + i * 2_500_000))

const identify = (visitor: string): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: `contact-${visitor}`,
  visitors: [visitor],
  email: `${visitor}@acme.org`,
  traits: {},
  at: START,
  signals: [],
})

const signals = (contact: string, n: number): EntryBody => ({
  kind: 'signal',
  site: 'main',
  items: Array.from({ length: n }, () => ({
    contact,
    signal: { id: { ms: 0, key: (++serial * 7919) % 100_003 }, name: 'email_click', at: START + 1_000 },
  })),
})

/** Milliseconds of CPU that a step takes. */
async function cpu(step: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await step()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

export async function identityFigures(): Promise<IdentityFigures> {
  const state = await projection()
  try {
    const link: number[] = []
    const linkBase: number[] = []
    const batch: number[] = []
    const batchBase: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const visitor = `v${round}`
      linkBase.push(await cpu(() => state.project(START, [beaconEntry(visitor, history(1_000))])))
      link.push(await cpu(() => state.project(START, [identify(visitor)])))
      const strangers = Array.from({ length: 500 }, (_, i) => beaconEntry(`s${round}-${i}`, [page(START)]))
      batchBase.push(await cpu(() => state.project(START, strangers)))
      batch.push(await cpu(() => state.project(START + 2_000, [signals(`contact-${visitor}`, 500)])))
    }
    const round = (value: number) => Math.round(value * 100) / 100
    return {
      linkMs: round(median(link)),
      linkToBaseline: round(median(link) / median(linkBase)),
      signalsMs: round(median(batch)),
      signalsToBaseline: round(median(batch) / median(batchBase)),
    }
  } finally {
    state.remove()
  }
}

if (import.meta.main) {
  const began = performance.now()
  console.log(JSON.stringify(await identityFigures()), `${Math.round(performance.now() - began)} ms`)
}

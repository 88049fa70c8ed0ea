/** What a batch asks of a store that may be a journey away. */
import { afterEach, expect, it } from 'vitest'
import type { EntryBody } from '../../collector/entry.ts'
import type { Expected, StateStore } from '../../collector/store/store.ts'
import { beaconEntry, type Projection, projection } from '../support/projection.ts'

const T = Date.UTC(2026, 10, 3, 9)
const page = (ms: number) => ({ kind: 'page' as const, id: { ms, key: 1 }, at: ms, path: '/' })

let made: Projection
afterEach(() => made.remove())

/** A projection whose store notes what it is asked. */
async function noting(note: (name: keyof StateStore, args: unknown[]) => void): Promise<void> {
  made = await projection(
    {},
    (store) =>
      Object.fromEntries(
        Object.entries(store).map(([name, ask]) => [
          name,
          (...args: unknown[]) => {
            note(name as keyof StateStore, args)
            return (ask as (...args: unknown[]) => unknown)(...args)
          },
        ]),
      ) as unknown as StateStore,
  )
}

it('is told of visitors that are remembered, too: their events need not be looked for', async () => {
  const expected: Expected[] = []
  await noting((name, [given]) => {
    if (name === 'begin') expected.push(...(given as Iterable<Expected>))
  })
  await made.project(T, [beaconEntry('v', [page(T)])])
  await made.project(T + 1, [beaconEntry('v', [page(T + 1)])])
  expect(expected.map(({ key, known }) => [key, known?.maxIdMs])).toEqual([
    ['v', undefined],
    ['v', T],
  ])
})

it('is not asked of a visitor or contact that the batch itself makes', async () => {
  const asked = new Set<keyof StateStore>()
  await noting((name) => asked.add(name))
  asked.clear()
  await made.project(T, [
    beaconEntry('v', [page(T)]),
    {
      kind: 'identify',
      site: 'main',
      newContact: 'c-1',
      visitors: ['v'],
      email: 'ada@acme.org',
      traits: {},
      at: T,
      signals: [],
    } as EntryBody,
  ])
  for (const name of [
    'events',
    'eventsWithMs',
    'visits',
    'links',
    'edgesOfVisitor',
    'cells',
    'lead',
  ] as const)
    expect(asked).not.toContain(name)
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EntryBody, ToldItem } from '../../collector/entry.ts'
import { type Projection, projection, rollUps } from '../support/projection.ts'

const NOW = Date.UTC(2026, 10, 3, 9)
const DAY = 86_400_000

let stand: Projection
beforeEach(async () => {
  stand = await projection()
})
afterEach(() => stand.remove())

const view = (visitor: string, at: number, path: string, n = 1): ToldItem => ({
  visitor,
  event: { kind: 'page', id: { ms: at, key: n }, at, path },
  at,
})
const count = (table: string) => stand.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
const stages = () => stand.db.prepare('SELECT stage FROM leads').pluck().all()
const file = { id: 'f', line: 1 }

/** A history that makes an SQL of a person: ask by ask, with a demo at its end. */
const busy = (visitor: string): ToldItem[] => [
  ...Array.from({ length: 8 }, (_, i) => view(visitor, NOW - (9 - i) * DAY, '/pricing', i)),
  {
    visitor,
    at: NOW - 3_600_000,
    event: {
      kind: 'signal',
      id: { ms: NOW - 3_600_000, key: 99 },
      at: NOW - 3_600_000,
      name: 'demo_requested',
    },
  },
]

const linked: EntryBody = {
  kind: 'identify',
  site: 'main',
  newContact: 'c-1',
  visitors: ['v'],
  email: 'ada@acme.org',
  traits: {},
  at: NOW - 30 * DAY,
  signals: [],
}

describe('what servers tell', () => {
  it('moves leads and tells webhooks as it happens', async () => {
    await stand.project(NOW, [linked])
    const before = count('outbox')
    await stand.project(NOW, [{ kind: 'told', site: 'main', items: busy('v') }])
    expect(stages()).toEqual(['sql'])
    expect(count('outbox')).toBeGreaterThan(before as number)
  })

  it.each([
    ['in order', busy('v')],
    ['the latest first', busy('v').toReversed()],
    ['behind a later view', [view('v', NOW - 1_000, '/blog'), ...busy('v')]],
  ])('of the past tells no webhook and no onlooker, also of who is somebody by now: %s', async (_, items) => {
    const shown: unknown[] = []
    stand.remove()
    stand = await projection({ isWatched: () => true, shown: (glimpses) => shown.push(...glimpses) })
    await stand.project(NOW, [linked])
    shown.length = 0
    const before = count('outbox')
    await stand.project(NOW, [{ kind: 'told', site: 'main', items, file }])
    expect(stages()).toEqual(['sql'])
    expect(count('outbox')).toBe(before)
    expect(JSON.stringify(shown)).not.toContain('"to":"')
  })

  it('of the past makes nobody overdue', async () => {
    await stand.project(NOW, [linked])
    await stand.project(NOW, [{ kind: 'told', site: 'main', items: busy('v'), file }])
    const dueAt = stand.db.prepare('SELECT due_at FROM leads').pluck().get() as number
    expect(dueAt).toBeGreaterThan(NOW)
  })

  it('stands in the sums of its own days, whatever its order, and once', async () => {
    const items = [
      view('a', NOW - 400 * DAY, '/', 1),
      view('a', NOW - 400 * DAY + 60_000, '/pricing', 2),
      view('b', NOW - 3 * DAY, '/', 1),
      view('a', NOW - 399 * DAY, '/', 3),
    ]
    await stand.project(NOW, [{ kind: 'told', site: 'main', items, file }])
    const first = rollUps(stand.db)
    const days = stand.db
      .prepare('SELECT day, views, visits FROM slices WHERE dimension = 0 ORDER BY day')
      .all()
    const day = Math.floor(NOW / DAY)
    expect(days).toEqual([
      { day: day - 400, views: 2, visits: 1 },
      { day: day - 399, views: 1, visits: 1 },
      { day: day - 3, views: 1, visits: 1 },
    ])
    const { outcomes } = await stand.project(NOW, [
      { kind: 'told', site: 'main', items: items.toReversed(), file, ref: 'again' },
    ])
    expect(outcomes[0]!.outcome.body).toEqual({ stored: 0, known: 4, dropped: 0 })
    expect(rollUps(stand.db)).toEqual(first)
  })

  it('gives the same whichever way it comes in', async () => {
    const items = busy('v')
    await stand.project(NOW, [linked, { kind: 'told', site: 'main', items }])
    const score = () => stand.db.prepare('SELECT engagement, stage, lead FROM leads').get()
    const whole = score()
    stand.remove()
    stand = await projection()
    await stand.project(NOW, [linked])
    for (const item of items.toReversed())
      await stand.project(NOW, [{ kind: 'told', site: 'main', items: [item], file }])
    expect(score()).toEqual(whole)
  })
})

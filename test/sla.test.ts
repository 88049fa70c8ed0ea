import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { answers } from '../collector/read.ts'
import { slaClock } from '../collector/sla-clock.ts'
import { sqliteReader } from '../collector/store/sqlite/read.ts'
import { type Projection, projection } from './support/projection.ts'

const HOUR = 3_600_000
const BERLIN = {
  extends: 'standard',
  sales: { zone: 'Europe/Berlin' },
}
let state: Projection
beforeEach(async () => {
  state = await projection()
  await state.project(0, [{ kind: 'rules', site: 'main', document: BERLIN, by: 'test', notify: 'silent' }])
})
afterEach(() => state.remove())

/** Lets a person raise a hand as soon as it is known. */
const asks = (id: string, at: number): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: id,
  visitors: [],
  externalId: id,
  traits: {},
  at,
  signals: [{ id: { ms: at, key: 1 }, name: 'demo_requested', at }],
})
const decides = (contact: string, decision: 'accept' | 'recycle', at: number): EntryBody => ({
  kind: 'decision',
  site: 'main',
  contact,
  decision: { id: { ms: at, key: 2 }, at, decision, by: 'Ann', reason: null, until: null, value: null },
  expected: {},
})

/** Runs the clock every quarter of an hour; what happens at a moment is projected before it. */
async function week(from: string, to: string, happens: Record<string, EntryBody>): Promise<string[]> {
  let now = Date.parse(from)
  const ask = answers({ state: sqliteReader(state.db), now: () => now })
  const clock = slaClock(async () => ask.overdue(), {
    append: async ({ v: _, ...entry }) => {
      await state.project(now, [entry as EntryBody])
      return 0
    },
  })
  for (; now <= Date.parse(to); now += HOUR / 4) {
    const happening = happens[new Date(now).toISOString()]
    if (happening) await state.project(now, [happening])
    await clock()
  }
  const rows = state.db
    .prepare("SELECT payload FROM outbox WHERE payload LIKE '%sla_breached%' ORDER BY created_at")
    .all() as { payload: string }[]
  return rows.map(({ payload }) => {
    const { timestamp, data } = JSON.parse(payload)
    return `${data.id} due ${data.dueAt} told ${timestamp}`
  })
}

describe('the clock of sales', () => {
  it('tells each breach once, when it is due, over a working week on which clocks change', async () => {
    const at = (iso: string) => Date.parse(iso)
    // Clocks in Berlin go back on Sunday 25 October 2026.
    const told = await week('2026-10-19T06:00:00.000Z', '2026-10-27T18:00:00.000Z', {
      '2026-10-19T06:00:00.000Z': asks('early', at('2026-10-19T06:00:00Z')),
      '2026-10-19T09:00:00.000Z': asks('answered', at('2026-10-19T09:00:00Z')),
      '2026-10-19T12:00:00.000Z': decides('answered', 'accept', at('2026-10-19T12:00:00Z')),
      '2026-10-20T14:00:00.000Z': asks('overnight', at('2026-10-20T14:00:00Z')),
      '2026-10-23T14:00:00.000Z': asks('weekend', at('2026-10-23T14:00:00Z')),
    })
    expect(told).toEqual([
      'early due 2026-10-19T11:00:00.000Z told 2026-10-19T11:00:00.000Z',
      'overnight due 2026-10-21T10:00:00.000Z told 2026-10-21T10:00:00.000Z',
      'weekend due 2026-10-26T11:00:00.000Z told 2026-10-26T11:00:00.000Z',
    ])
  })

  it('runs anew for who becomes an SQL again', async () => {
    const at = (iso: string) => Date.parse(iso)
    const told = await week('2026-10-19T08:00:00.000Z', '2026-10-19T16:00:00.000Z', {
      '2026-10-19T08:00:00.000Z': asks('ada', at('2026-10-19T08:00:00Z')),
      '2026-10-19T13:00:00.000Z': decides('ada', 'recycle', at('2026-10-19T13:00:00Z')),
    })
    expect(told).toHaveLength(1)
    const again = await week('2026-11-30T08:00:00.000Z', '2026-11-30T16:00:00.000Z', {
      '2026-11-30T08:00:00.000Z': {
        kind: 'signal',
        site: 'main',
        items: [
          {
            contact: 'ada',
            signal: { id: { ms: 7, key: 7 }, name: 'demo_requested', at: at('2026-11-30T08:00:00Z') },
          },
        ],
      },
    })
    expect(again).toHaveLength(2)
  })

  it('shows by when sales is to answer, and what it missed', async () => {
    const now = Date.parse('2026-10-19T08:00:00Z')
    await state.project(now, [asks('ada', now)])
    const ask = answers({ state: sqliteReader(state.db), now: () => now })
    const due = '2026-10-19T12:00:00.000Z'
    expect(ask.leads({ site: 'main', limit: 1 })!.items[0]!.dueAt).toBe(due)
    expect(ask.lead('ada')).toMatchObject({ dueAt: due, breaches: [] })
    await state.project(now + 5 * HOUR, [{ kind: 'sla' }, { kind: 'sla' }])
    expect(ask.lead('ada')!.breaches).toEqual([{ dueAt: due, recordedAt: '2026-10-19T13:00:00.000Z' }])
    await state.project(now + 5 * HOUR, [decides('ada', 'accept', now + 5 * HOUR)])
    expect(ask.lead('ada')).toMatchObject({ dueAt: null, accepted: true })
  })

  it('runs from when the collector is told, not from a past that an import tells', async () => {
    const monday = Date.parse('2026-10-19T08:00:00Z')
    const past = monday - 30 * 24 * HOUR
    const ask = answers({ state: sqliteReader(state.db), now: () => monday })
    // Known with a hand-raise of last month; told of one of last week in order; and late, behind a visit of yesterday.
    const raises = (contact: string, at: number): EntryBody => ({
      kind: 'signal',
      site: 'main',
      items: [{ contact, signal: { id: { ms: at, key: 3 }, name: 'demo_requested', at } }],
    })
    await state.project(monday, [asks('imported', past)])
    await state.project(monday - 2 * HOUR, [
      { ...asks('told', past), signals: [] } as EntryBody,
      { ...asks('late', past), signals: [] } as EntryBody,
    ])
    await state.project(monday, [
      raises('told', monday - 7 * 24 * HOUR),
      {
        kind: 'signal',
        site: 'main',
        items: [
          { contact: 'late', signal: { id: { ms: 5, key: 5 }, name: 'email_click', at: monday - 24 * HOUR } },
        ],
      },
      raises('late', monday - 7 * 24 * HOUR),
    ])
    const due = '2026-10-19T12:00:00.000Z'
    const dues = () => ['imported', 'told', 'late'].map((id) => ask.lead(id)!.dueAt)
    expect(dues()).toEqual([due, due, due])
    expect(ask.overdue()).toBe(false)
    // What comes later, or folds them again, does not put it off.
    await state.project(monday + HOUR, [
      {
        kind: 'signal',
        site: 'main',
        items: ['imported', 'told', 'late'].map((contact) => ({
          contact,
          signal: { id: { ms: 9, key: 9 }, name: 'email_click', at: monday + HOUR },
        })),
      },
    ])
    // A call-back from before the demo: they were MQLs first, and all that was noted is noted anew.
    await state.project(monday + 1.5 * HOUR, [
      {
        kind: 'signal',
        site: 'main',
        items: ['imported', 'told', 'late'].map((contact) => ({
          contact,
          signal: { id: { ms: 8, key: 8 }, name: 'callback_requested', at: past - 1 },
        })),
      },
    ])
    await state.project(monday + 2 * HOUR, [
      { kind: 'rules', site: 'main', document: BERLIN, by: 'test', notify: 'silent' },
    ])
    expect(dues()).toEqual([due, due, due])
    await state.project(monday + 4 * HOUR, [{ kind: 'sla' }])
    expect(ask.lead('imported')!.breaches).toEqual([{ dueAt: due, recordedAt: due }])
  })
})

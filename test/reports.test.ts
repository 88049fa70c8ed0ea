import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { answers } from '../collector/read.ts'
import { sqliteReader } from '../collector/store/sqlite/read.ts'
import type { FunnelReport, SalesReport, StagesReport, VelocityReport } from '../shared/reports.ts'
import { DAY, START } from './support/collector.ts'
import { type Projection, projection } from './support/projection.ts'

const HOUR = 3_600_000
const MIDNIGHT = START - 9 * HOUR
let state: Projection
let serial = 0

const asks = (contact: string, name: string, day: number): EntryBody => ({
  kind: 'signal',
  site: 'main',
  items: [{ contact, signal: { id: { ms: START + day * DAY, key: ++serial }, name, at: START + day * DAY } }],
})
const known = (id: string, day: number): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: id,
  visitors: [],
  externalId: id,
  traits: {},
  at: START + day * DAY,
  signals: [],
})
const says = (
  contact: string,
  decision: 'accept' | 'reject' | 'opportunity' | 'won' | 'lost',
  day: number,
  minutes: number,
  reason: string | null = null,
): EntryBody => {
  const at = START + day * DAY + minutes * 60_000
  return {
    kind: 'decision',
    site: 'main',
    contact,
    decision: { id: { ms: at, key: ++serial }, at, decision, by: 'Ann', reason, until: null, value: null },
    expected: {},
  }
}

/** Ten days: five leads, of whom four become SQL (two of them over MQL), three are accepted and one is won. */
const HISTORY: [day: number, entries: EntryBody[]][] = [
  [0, [known('a', 0), known('b', 0), known('c', 0), known('d', 0)]],
  [1, [asks('a', 'callback_requested', 1), asks('c', 'demo_requested', 1), says('c', 'accept', 1, 30)]],
  [
    3,
    [
      asks('b', 'callback_requested', 3),
      asks('a', 'demo_requested', 3),
      says('a', 'accept', 3, 60),
      says('c', 'lost', 3, 90),
    ],
  ],
  [
    5,
    [says('a', 'opportunity', 5, 0), asks('d', 'demo_requested', 5), says('d', 'reject', 5, 10, 'no_budget')],
  ],
  [6, [asks('b', 'demo_requested', 6), says('b', 'accept', 6, 120), says('a', 'won', 6, 180)]],
  [8, [known('e', 8), { kind: 'sla' }]],
]

beforeAll(async () => {
  state = await projection()
  for (const [day, entries] of HISTORY) await state.project(START + day * DAY + 5 * HOUR, entries)
})
afterAll(() => state.remove())

const report = <T>(name: 'funnel' | 'stages' | 'velocity' | 'sales', from = 0, to = 9): T =>
  answers({ state: sqliteReader(state.db), now: () => START + 10 * DAY }).report(
    name,
    'main',
    MIDNIGHT + from * DAY,
    MIDNIGHT + (to + 1) * DAY - 1,
  ) as T

describe('reports', () => {
  it('count who came how far', () => {
    const { steps } = report<FunnelReport>('funnel')
    expect(steps.map(({ step, count, ofLeads }) => [step, count, ofLeads])).toEqual([
      ['visitor', 0, null],
      ['lead', 5, 1],
      ['mql', 2, 0.4],
      ['sql', 4, 0.8],
      ['accepted', 3, 0.6],
      ['opportunity', 1, 0.2],
      ['won', 1, 0.2],
    ])
    expect(report<FunnelReport>('funnel', 8).steps[1]!.count).toBe(1)
  })

  it('count who stands where at the end of each day', () => {
    const standing = report<StagesReport>('stages', 0, 8).days.map(({ day: _, ...stages }) =>
      Object.entries(stages)
        .filter(([, n]) => n !== 0)
        .map(([stage, n]) => `${stage} ${n}`)
        .sort()
        .join(', '),
    )
    expect(standing).toEqual([
      'lead 4',
      'lead 2, mql 1, sql 1',
      'lead 2, mql 1, sql 1',
      'lead 2, mql 1, sql 1',
      'lead 2, mql 1, sql 1',
      'lead 1, mql 2, opportunity 1',
      'customer 1, lead 1, mql 1, sql 1',
      'customer 1, lead 1, mql 1, sql 1',
      'customer 1, lead 2, mql 1, sql 1',
    ])
  })

  it('tell how long steps take, with those who have not taken them yet', () => {
    const { steps } = report<VelocityReport>('velocity')
    // To MQL: a after 1 day, b after 3; c, d (whom sales sent back there) and e not, after 10, 10 and 2 days.
    expect(steps[0]).toEqual({
      from: 'lead',
      to: 'mql',
      people: 5,
      arrived: 2,
      // 1 - 4/5 = 0.2; e leaves at 2 days; 1 - 4/5 x 2/3 = 0.467.
      days: { p25: 3, p50: null, p75: null, p90: null },
    })
    // To SQL: a after 2 days, b after 3.
    expect(steps[1]).toMatchObject({ people: 2, arrived: 2, days: { p25: 2, p50: 2, p75: 3, p90: 3 } })
    // To acceptance: a, b and c on the same day; d, who was sent back, has waited for 5.
    expect(steps[2]).toMatchObject({ people: 4, arrived: 3, days: { p25: 0, p75: 0, p90: null } })
    // From SQL to won: a after 3 days; b, c and d not yet.
    expect(steps[3]).toMatchObject({ people: 4, arrived: 1, days: { p25: 3, p50: null } })
  })

  it('tell what sales made of the SQLs', () => {
    expect(report<SalesReport>('sales')).toMatchObject({
      sqls: 4,
      accepted: 3,
      rejected: 1,
      won: 1,
      lost: 1,
      breaches: 0,
      // 30, 60 and 120 minutes.
      minutesToAccept: { p50: 60, p90: 120 },
      reasons: [{ reason: 'no_budget', count: 1 }],
    })
  })

  it('are the same when everything is folded again', async () => {
    const all = () => (['funnel', 'velocity', 'sales'] as const).map((name) => report(name))
    const before = all()
    await state.project(START + 9 * DAY, [
      { kind: 'rules', site: 'main', document: { extends: 'standard' }, by: 'test', notify: 'silent' },
    ])
    expect(all()).toEqual(before)
  })

  it('of a merged record count one person', async () => {
    await state.project(START + 9 * DAY, [
      { ...known('f', 9), email: 'f@x.example', externalId: undefined } as EntryBody,
      { ...known('g', 9), email: 'f@x.example', externalId: 'e' } as EntryBody,
    ])
    expect(report<FunnelReport>('funnel').steps[1]!.count).toBe(5)
    expect(report<StagesReport>('stages').days.at(-1)!.lead).toBe(2)
    await state.project(START + 9 * DAY, [{ kind: 'unmerge', site: 'main', contact: 'f' }])
    expect(report<FunnelReport>('funnel').steps[1]!.count).toBe(6)
    expect(report<StagesReport>('stages').days.at(-1)!.lead).toBe(3)
  })

  it('add up to where everybody stands, also where the past was corrected', async () => {
    // Late: a demo of b before its call-back, so that it never was an MQL first.
    await state.project(START + 9 * DAY, [asks('b', 'demo_requested', 2)])
    const { day: _, ...counted } = report<StagesReport>('stages').days.at(-1)!
    const rows = state.db.prepare('SELECT stage, count(*) AS n FROM leads GROUP BY stage').all() as {
      stage: string
      n: number
    }[]
    const there = Object.fromEntries(Object.entries(counted).filter(([, n]) => n !== 0))
    expect(there).toEqual(Object.fromEntries(rows.map(({ stage, n }) => [stage, n])))
    expect(state.db.prepare('SELECT count(*) AS n FROM superseded').get()).not.toEqual({ n: 0 })
  })
})

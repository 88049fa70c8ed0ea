import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import type { TrackedEvent } from '../collector/lead/state.ts'
import { answers } from '../collector/read.ts'
import { sqliteReader } from '../collector/store/sqlite/read.ts'
import type { DecisionName } from '../shared/lead.ts'
import type { ChannelsReport, ContentReport, RulesReport, StepCounts } from '../shared/reports.ts'
import { DAY, START } from './support/collector.ts'
import { beaconEntry, type Projection, projection } from './support/projection.ts'

const HOUR = 3_600_000
let serial = 0
const time = (day: number, hour: number) => START + day * DAY + hour * HOUR
const id = (at: number) => ({ ms: at, key: ++serial })

const page = (
  at: number,
  path: string,
  from: { referrer?: string; query?: Record<string, string> } = {},
): TrackedEvent => ({ kind: 'page', id: id(at), at, path, ...from })
const guide = (at: number, query = ''): TrackedEvent => ({
  kind: 'download',
  id: id(at),
  at,
  url: `https://shop.example/files/guide.pdf${query}`,
})
const known = (name: string, at: number, visitors: string[] = []): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: name,
  visitors,
  externalId: name,
  traits: {},
  at,
  signals: [],
})
const asks = (contact: string, name: string, at: number): EntryBody => ({
  kind: 'signal',
  site: 'main',
  items: [{ contact, signal: { id: id(at), name, at } }],
})
const says = (
  contact: string,
  decision: DecisionName,
  at: number,
  reason: string | null = null,
): EntryBody => ({
  kind: 'decision',
  site: 'main',
  contact,
  decision: { id: id(at), at, decision, by: 'Ann', reason, until: null, value: null },
  expected: {},
})
const GOOGLE = { referrer: 'www.google.com/' }
const SPRING = { query: { utm_source: 'news', utm_medium: 'email', utm_campaign: 'spring' } }

/** Five leads; each line is one batch, received when its last thing happened. */
const HISTORY: [at: number, entries: EntryBody[]][] = [
  // Ada: from Google to the blog, the day after directly to the guide; then a call-back (MQL), a demo (SQL), won.
  [time(0, 0), [beaconEntry('va', [page(time(0, 0), '/blog/x', GOOGLE)])]],
  [time(1, 0), [beaconEntry('va', [page(time(1, 0), '/services/y'), guide(time(1, 0))])]],
  [time(1, 1), [known('ada', time(1, 1), ['va']), asks('ada', 'callback_requested', time(1, 1))]],
  [time(3, 0), [asks('ada', 'demo_requested', time(3, 0)), says('ada', 'accept', time(3, 0))]],
  [time(6, 0), [says('ada', 'won', time(6, 0))]],
  // Bob: a newsletter's campaign, a demo (SQL, never MQL), only then the guide; sent back.
  [time(2, 0), [beaconEntry('vb', [page(time(2, 0), '/pricing', SPRING)])]],
  [time(2, 1), [known('bob', time(2, 1), ['vb']), asks('bob', 'demo_requested', time(2, 1))]],
  [time(2, 2), [beaconEntry('vb', [guide(time(2, 2), '?v=2')])]],
  [time(2, 3), [says('bob', 'reject', time(2, 3), 'no_budget')]],
  // Cid: known from a list, never seen.
  [time(2, 4), [known('cid', time(2, 4))]],
  // Dan: named before the first visit, which is direct; a call-back, a demo, accepted and lost.
  [time(3, 0), [known('dan', time(3, 0), ['vd'])]],
  [time(3, 1), [beaconEntry('vd', [page(time(3, 1), '/')])]],
  [time(3, 2), [asks('dan', 'callback_requested', time(3, 2))]],
  [time(4, 2), [beaconEntry('vd', [page(time(4, 2), '/pricing', GOOGLE)])]],
  [time(4, 3), [asks('dan', 'demo_requested', time(4, 3)), says('dan', 'accept', time(4, 3))]],
  [time(5, 3), [says('dan', 'lost', time(5, 3))]],
  // Eve: from Google to the blog; no more than a name.
  [time(7, 0), [beaconEntry('ve', [page(time(7, 0), '/blog/x', GOOGLE)])]],
  [time(7, 1), [known('eve', time(7, 1), ['ve'])]],
]

let state: Projection
beforeAll(async () => {
  state = await projection()
  for (const [at, entries] of HISTORY.toSorted(([a], [b]) => a - b)) await state.project(at, entries)
})
afterAll(() => state.remove())

const report = <T>(name: 'channels' | 'content' | 'rules'): T =>
  answers({ state: sqliteReader(state.db), now: () => time(10, 0) }).report(
    name,
    'main',
    time(0, -9),
    time(9, 14),
  ) as T

/** 'leads mql sql accepted won, rates' */
const line = ({ leads, mql, sql, accepted, won, rates }: StepCounts): string =>
  `${leads} ${mql} ${sql} ${accepted} ${won}, ${rates.mqlToSql} ${rates.sqlToAccepted} ${rates.acceptedToWon}`

function all() {
  const { channels, entryPages, campaigns } = report<ChannelsReport>('channels')
  return {
    channels: channels.map((row) => `${row.kind} ${row.name}: ${line(row)}`),
    entryPages: entryPages.map((row) => `${row.path}: ${line(row)}`),
    campaigns: campaigns.map((row) => `${row.name}: ${line(row)}`),
    files: report<ContentReport>('content').files.map((row) => `${row.path}: ${line(row)}`),
  }
}

const EXPECTED = {
  channels: [
    'search Google: 2 1 1 1 1, 1 1 1',
    'null : 1 0 0 0 0, null null null',
    'direct : 1 1 1 1 0, 1 1 0',
    'mail news: 1 0 1 0 0, null 0 null',
  ],
  entryPages: [
    '/blog/x: 2 1 1 1 1, 1 1 1',
    'null: 1 0 0 0 0, null null null',
    '/: 1 1 1 1 0, 1 1 0',
    '/pricing: 1 0 1 0 0, null 0 null',
  ],
  campaigns: ['spring: 1 0 1 0 0, null 0 null'],
  // Ada took the guide before all of it, Bob after the demo.
  files: ['/files/guide.pdf: 2 1 1 1 1, 1 1 1'],
}

describe('by what first visits came', () => {
  it('leads become MQL, SQL, accepted and won', () => {
    expect(all()).toEqual(EXPECTED)
  })

  it('is the same when everybody is folded again', async () => {
    await state.project(time(9, 0), [
      { kind: 'rules', site: 'main', document: { extends: 'standard' }, by: 'test', notify: 'silent' },
    ])
    expect(all()).toEqual(EXPECTED)
  })

  it('follows a device that turns out to be theirs, and one that does not', async () => {
    // Cid's telephone, on which the guide was taken before anybody knew Cid.
    await state.project(time(9, 1), [
      beaconEntry('vc', [page(time(1, 5), '/services/z', SPRING), guide(time(1, 5))]),
      known('cid', time(9, 1), ['vc']),
    ])
    expect(all().campaigns).toEqual(['spring: 2 0 1 0 0, null 0 null'])
    expect(all().files).toEqual(['/files/guide.pdf: 3 1 1 1 1, 1 1 1'])
    // Late: Eve had been there before, directly.
    await state.project(time(9, 2), [beaconEntry('ve', [page(time(6, 0), '/about')])])
    expect(all().channels).toContain('direct : 2 1 1 1 0, 1 1 0')
    expect(all().entryPages).toContain('/about: 1 0 0 0 0, null null null')
  })
})

describe('rules', () => {
  it('are judged by what stood at the hand-over', () => {
    const { handedOver, won, lost, rules } = report<RulesReport>('rules')
    expect([handedOver, won, lost]).toEqual([3, 1, 2])
    const found = Object.fromEntries(
      rules.map(({ rule, label: _, rejections, ...rest }) => [
        rule,
        [...Object.values(rest), ...rejections.map(({ reason, count }) => `${reason} ${count}`)],
      ]),
    )
    expect(found).toEqual({
      // Handed over, won, lost, win rate, lift over 1/3.
      demo: [3, 1, 2, 1 / 3, 1, 'no_budget 1'],
      visit: [3, 1, 2, 1 / 3, 1, 'no_budget 1'],
      callback: [2, 1, 1, 1 / 2, 3 / 2],
      download: [2, 1, 1, 1 / 2, 3 / 2, 'no_budget 1'],
      pricing: [2, 0, 2, 0, 0, 'no_budget 1'],
      service: [1, 1, 0, 1, 3],
      blog: [1, 1, 0, 1, 3],
    })
  })

  it('keep what stood then, whatever comes after', async () => {
    const before = report<RulesReport>('rules').rules
    await state.project(time(9, 3), [asks('bob', 'webinar_attended', time(9, 3))])
    await state.project(time(9, 4), [
      { kind: 'rules', site: 'main', document: { extends: 'standard' }, by: 'test', notify: 'silent' },
    ])
    expect(report<RulesReport>('rules').rules).toEqual(before)
  })

  it('count a rejection for bad timing as no verdict', async () => {
    await state.project(time(9, 5), [
      asks('eve', 'demo_requested', time(9, 5)),
      says('eve', 'reject', time(9, 5), 'bad_timing'),
    ])
    const { handedOver, won, lost, rules } = report<RulesReport>('rules')
    expect([handedOver, won, lost]).toEqual([4, 1, 2])
    expect(rules[0]).toMatchObject({ rule: 'demo', handedOver: 4, lost: 2 })
    expect(rules[0]!.rejections).toEqual([
      { reason: 'bad_timing', count: 1 },
      { reason: 'no_budget', count: 1 },
    ])
  })
})

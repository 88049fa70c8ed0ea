import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../collector/entry.ts'
import { mondayOf, type Week } from '../collector/read/week.ts'
import { answers } from '../collector/read.ts'
import { sqliteReader } from '../collector/store/sqlite/read.ts'
import type { Site, WebhookRow } from '../collector/store/store.ts'
import { weeklyReports } from '../collector/weekly.ts'
import { beaconEntry, type Projection, projection } from './support/projection.ts'
import { identifyEntry, START, webhookEntry } from './webhook/support.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
/** START is a Tuesday. */
const MONDAY = Date.UTC(2026, 10, 9)
/** The day of a date like 2026-11-02. */
const dayOfDate = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY

describe('weeklyReports', () => {
  const wanting = { enabled: true, site: null, events: ['report.weekly'], createdAt: START }

  async function asked(
    now: number,
    { zone = 'UTC', webhooks = [wanting], told }: { zone?: string; webhooks?: object[]; told?: string } = {},
  ): Promise<string[]> {
    const entries: Entry[] = []
    await weeklyReports({
      memory: {
        sites: () => [{ id: 'main', timeZone: zone } as Site],
        webhooks: () => webhooks as WebhookRow[],
        setting: (name) => (name === 'reported:main' ? told : undefined),
      },
      ask: {
        week: async (_, monday) => ({ from: new Date(monday * DAY).toISOString().slice(0, 10) }) as Week,
      },
      log: { append: async (entry) => entries.push(entry) },
      now: () => now,
    })()
    return entries.map((entry) => (entry.kind === 'report' ? entry.report.from : entry.kind))
  }

  it.each([
    ['before Monday', MONDAY - 1, {}, []],
    ['as Monday begins', MONDAY, {}, ['2026-11-02']],
    ['later in the week, where the collector was stopped', MONDAY + 3 * DAY, {}, ['2026-11-02']],
    ['once it was told', MONDAY, { told: '2026-11-02' }, []],
    ['a week on', MONDAY + 7 * DAY, { told: '2026-11-02' }, ['2026-11-09']],
    ['before Monday in Los Angeles', MONDAY + 7 * HOUR, { zone: 'America/Los_Angeles' }, []],
    ['as Monday begins in Los Angeles', MONDAY + 8 * HOUR, { zone: 'America/Los_Angeles' }, ['2026-11-02']],
    ['as Monday begins in Auckland', MONDAY - 13 * HOUR, { zone: 'Pacific/Auckland' }, ['2026-11-02']],
    ['before Monday in Auckland', MONDAY - 13 * HOUR - 1, { zone: 'Pacific/Auckland' }, []],
    ['for who came after Monday began', MONDAY + HOUR, { webhooks: [{ ...wanting, createdAt: MONDAY }] }, []],
    ['for who wants all', MONDAY, { webhooks: [{ ...wanting, events: ['*'] }] }, ['2026-11-02']],
    ['for nobody', MONDAY, { webhooks: [] }, []],
    ['for who wants other things', MONDAY, { webhooks: [{ ...wanting, events: ['lead.sql'] }] }, []],
    ['for who is disabled', MONDAY, { webhooks: [{ ...wanting, enabled: false }] }, []],
    ['for another site', MONDAY, { webhooks: [{ ...wanting, site: 'shop' }] }, []],
  ])('%s', async (_, now, given, from) => {
    expect(await asked(now, given)).toEqual(from)
  })

  it('come of every site but one whose numbers cannot be read, which is told of', async () => {
    const told: string[] = []
    const look = weeklyReports({
      memory: {
        sites: () => ['broken', 'main', 'shop'].map((id) => ({ id, timeZone: 'UTC' }) as Site),
        webhooks: () => [wanting] as WebhookRow[],
        setting: () => undefined,
      },
      ask: {
        week: async (site) => {
          if (site === 'broken') throw new Error('no numbers')
          return {} as Week
        },
      },
      log: {
        append: async (entry) => {
          if (entry.kind === 'report') told.push(entry.site)
          return 1
        },
      },
      now: () => MONDAY,
    })
    await expect(look()).rejects.toThrow('no numbers')
    expect(told).toEqual(['main', 'shop'])
  })
})

it.each([
  ['2026-11-02', '2026-11-02'],
  ['2026-11-08', '2026-11-02'],
  ['2026-11-09', '2026-11-09'],
  ['1970-01-05', '1970-01-05'],
  ['2027-01-01', '2026-12-28'],
])('the Monday of %s is %s', (day, monday) => {
  expect(mondayOf(dayOfDate(day))).toBe(dayOfDate(monday))
})

describe('the numbers of a week', () => {
  let state: Projection
  beforeEach(async () => {
    state = await projection()
  })
  afterEach(() => state.remove())

  const page = (visitor: string, path: string, at: number) =>
    beaconEntry(visitor, [{ kind: 'page', id: { ms: at, key: 1 }, at, path }])

  it('count what happened from Monday to Sunday, beside the week before', async () => {
    const lastWeek = START - 7 * DAY
    await state.project(lastWeek, [page('v-1', '/a', lastWeek), identifyEntry('old@acme.org', lastWeek)])
    await state.project(START, [webhookEntry('wh_1')])
    await state.project(START, [page('v-2', '/pricing', START), page('v-3', '/pricing', START + 1)])
    await state.project(START + 2, [page('v-3', '/a', START + 2)])
    await state.project(START + 3, [identifyEntry('ada@acme.org', START + 3, 'demo_requested')])
    await state.project(START + 4, [
      {
        kind: 'decision',
        site: 'main',
        contact: 'contact-of-ada@acme.org',
        expected: {},
        decision: {
          decision: 'accept',
          at: START + 4,
          id: { ms: START + 4, key: 1 },
          by: 'sales',
          reason: null,
          until: null,
          value: null,
        },
      },
    ])
    // Of the week that follows.
    await state.project(MONDAY, [page('v-4', '/pricing', MONDAY)])
    const ask = answers({ state: sqliteReader(state.db), now: () => MONDAY })
    const week = ask.week('main', dayOfDate('2026-11-02'))!
    expect(week).toMatchObject({
      from: '2026-11-02',
      to: '2026-11-08',
      week: { visitors: 2, visits: 2, pageViews: 3, leads: 1, sqls: 1, accepted: 1, won: 0, lost: 0 },
      before: { visitors: 1, visits: 1, pageViews: 1, leads: 1, sqls: 0 },
      topPages: [
        { path: '/pricing', views: 2 },
        { path: '/a', views: 1 },
      ],
      stages: { lead: 1, sql: 1 },
    })
    expect(JSON.stringify(week)).not.toContain('acme')
    expect(ask.week('no', 0)).toBeUndefined()
  })
})

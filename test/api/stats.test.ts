import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bucketOf, comparedTo, daysOf, type Period, startsOf } from '../../collector/read/intervals.ts'
import { sourceOf } from '../../collector/source.ts'
import { zoneOf } from '../../collector/zone.ts'
import { beaconOf, DAY, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'

const NOON = Math.floor(START / DAY) * DAY + DAY / 2
const day = (text: string) => Date.parse(text) / DAY

/** Visits of the test: what the answers are held against. */
interface Made {
  visitor: number
  at: number
  paths: string[]
  referrer: string
  mobile: boolean
  lead: boolean
}
const PATHS = ['/', '/pricing', '/services', '/blog']
const REFERRERS = ['', 'https://www.google.com/', 'https://news.example/']
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
]

let lw: TestCollector
const made: Made[] = []
beforeAll(async () => {
  lw = await testCollector({ now: NOON })
  let seed = 7
  const next = (n: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % n
  }
  let serial = 0
  for (let visitor = 0; visitor < 40; visitor++) {
    const mobile = visitor % 3 === 0
    const lead = visitor % 5 === 0
    for (let n = 0; n <= next(3); n++) {
      const at = NOON - next(6) * DAY - next(8) * 3_600_000 - visitor * 1_000
      const paths = Array.from({ length: 1 + next(3) }, () => PATHS[next(PATHS.length)]!)
      const referrer = REFERRERS[next(REFERRERS.length)]!
      // Two visits of a visitor within half an hour would be one.
      if (made.some((one) => one.visitor === visitor && Math.abs(one.at - at) < 7_200_000)) continue
      made.push({ visitor, at, paths, referrer, mobile, lead })
      const events = paths.map((path, i) => [
        'p',
        eventId(at + i * 1_000, ++serial),
        at + i * 1_000,
        path,
        '',
        ...(i === 0 && referrer ? [referrer] : []),
      ])
      const sent = await lw.beacon(beaconOf(lw.clock.now, events, { v: `v${visitor}` }), {
        'user-agent': AGENTS[mobile ? 1 : 0]!,
      })
      expect(sent.status).toBe(204)
    }
    if (lead)
      await lw.call('POST', '/v1/identify', {
        site: 'main',
        email: `p${visitor}@acme.org`,
        visitor: `v${visitor}`,
      })
  }
  await lw.until('/v1/stats', ({ visits }) => visits === made.length)
})
afterAll(() => lw.remove())

const get = async (path: string) => {
  const answer = await lw.call('GET', path)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body
}
const sourceName = ({ referrer }: Made) => {
  const { kind, name } = sourceOf({ referrer: referrer.replace('https://', '') || null, query: null })
  return name === '' ? kind : `${kind} ${name}`
}
const sumOf = (visits: Made[]) => ({
  visits: visits.length,
  visitors: new Set(visits.map(({ visitor }) => visitor)).size,
  pageViews: visits.reduce((sum, { paths }) => sum + paths.length, 0),
  bounces: visits.filter(({ paths }) => paths.length === 1).length,
})

describe('filters', () => {
  const filters: [query: string, holds: (one: Made) => boolean][] = [
    ['source=search%20Google', (one) => sourceName(one) === 'search Google'],
    ['source=direct', (one) => sourceName(one) === 'direct'],
    ['device=mobile', ({ mobile }) => mobile],
    ['device=desktop&source=direct', (one) => !one.mobile && sourceName(one) === 'direct'],
    ['browser=Mobile%20Safari', ({ mobile }) => mobile],
    ['system=Linux', ({ mobile }) => !mobile],
    ['entry=/pricing', ({ paths }) => paths[0] === '/pricing'],
    [
      'entry=/blog&page=/&browser=Firefox',
      (one) => one.paths[0] === '/blog' && one.paths.includes('/') && !one.mobile,
    ],
    ['download=none.pdf', () => false],
    ['product=none', () => false],
    ['stage=visitor', ({ lead }) => !lead],
    ['stage=lead,mql,sql', ({ lead }) => lead],
    ['stage=customer', () => false],
    ['page=/pricing&device=mobile', ({ paths, mobile }) => mobile && paths.includes('/pricing')],
    [
      'page=/pricing&stage=visitor&source=direct',
      (one) => one.paths.includes('/pricing') && !one.lead && sourceName(one) === 'direct',
    ],
    ['country=DE', () => false],
    ['campaign=none', () => false],
    ["device=mobile&source=' OR 1=1 --", () => false],
  ]
  it.each(filters)('?%s', async (query, holds) => {
    const wanted = made.filter(holds)
    expect(await get(`/v1/stats?${query}`)).toMatchObject({ ...sumOf(wanted), visitorsError: 0, sample: 1 })
    const { items } = await get(`/v1/stats/series?period=30d&${query}`)
    expect(items).toHaveLength(30)
    for (const { at, visits, pageViews, visitors } of items) {
      const there = wanted.filter((one) => Math.floor(one.at / DAY) * DAY === Date.parse(at))
      expect({ visits, pageViews, visitors }, at).toEqual({ ...sumOf(there), bounces: undefined })
    }
  })

  it.each(['csv', 'ndjson'])('a series comes as %s, too', async (format) => {
    const query = 'period=30d&device=mobile&compare=previous'
    const { items, next } = await get(`/v1/stats/series?${query}`)
    expect(next).toBeUndefined()
    const answer = await lw.request(`/v1/stats/series?${query}&format=${format}`, {
      headers: { authorization: `Bearer ${lw.key}` },
    })
    expect(answer.headers.get('content-disposition')).toMatch(/filename="series-2026-..-..\.(csv|ndjson)"/)
    const [first, ...rest] = (await answer.text()).trimEnd().split(/\r?\n/)
    if (format === 'ndjson') return expect([first, ...rest].map((line) => JSON.parse(line!))).toEqual(items)
    expect(first).toBe('at,visitors,visits,pageViews,engagedMs,bounces,downloads,cartAdds')
    expect(rest).toEqual(items.map((item: object) => Object.values(item).join(',')))
  })

  it('of one source and its visits one by one say the same', async () => {
    // A second filter that all fulfil takes the other way.
    const everyStage = '&stage=visitor,lead,mql,sql,opportunity,customer,disqualified'
    for (const source of ['direct', 'search%20Google', 'referral%20news.example']) {
      const kept = await get(`/v1/stats?source=${source}`)
      const read = await get(`/v1/stats?source=${source}${everyStage}`)
      expect(read).toMatchObject({
        visits: kept.visits,
        visitors: kept.visitors,
        pageViews: kept.pageViews,
        engagedMs: kept.engagedMs,
        bounces: kept.bounces,
      })
    }
  })

  it('make top lists, by visit and by what was read', async () => {
    const counted = (values: string[]) => {
      const counts = new Map<string, number>()
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
      return Object.fromEntries(counts)
    }
    const listed = async (path: string, what: string) =>
      Object.fromEntries(
        (await get(path)).items.map((one: Record<string, unknown>) => [one.value, one[what]]),
      )
    for (const [query, holds] of [
      ['', () => true],
      ['device=mobile&', ({ mobile }: Made) => mobile],
    ] as const) {
      const wanted = made.filter(holds)
      expect(await listed(`/v1/stats/top/source?${query}`, 'visits')).toEqual(counted(wanted.map(sourceName)))
      expect(await listed(`/v1/stats/top/page?${query}`, 'pageViews')).toEqual(
        counted(wanted.flatMap(({ paths }) => paths)),
      )
      expect(await listed(`/v1/stats/top/entry?${query}`, 'visits')).toEqual(
        counted(wanted.map(({ paths }) => paths[0]!)),
      )
      expect(await listed(`/v1/stats/top/device?${query}`, 'visits')).toEqual(
        counted(wanted.map(({ mobile }) => (mobile ? 'mobile' : 'desktop'))),
      )
    }
  })

  it('go with pages of a list, each value once', async () => {
    for (const query of ['', 'device=desktop&']) {
      const whole = (await get(`/v1/stats/top/page?${query}`)).items
      const found = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const page: { items: unknown[]; next: string | null } = await get(
          `/v1/stats/top/page?${query}limit=1${cursor && `&cursor=${cursor}`}`,
        )
        found.push(...page.items)
        cursor = page.next
      }
      expect(found).toEqual(whole)
    }
    const csv = await lw.request('/v1/stats/top/page?format=csv', {
      headers: { authorization: `Bearer ${lw.key}` },
    })
    expect((await csv.text()).split('\r\n')[0]).toBe(
      'value,visits,bounces,pageViews,engagedMs,downloads,cartAdds',
    )
  })
})

describe('series', () => {
  it.each(['hour', 'day', 'week', 'month'])('by %s hold everything once', async (interval) => {
    for (const query of ['', '&device=mobile']) {
      const wanted = made.filter(({ mobile }) => query === '' || mobile)
      const { items } = await get(`/v1/stats/series?period=30d&interval=${interval}${query}`)
      const sum = (what: string) =>
        items.reduce((all: number, one: Record<string, number>) => all + one[what]!, 0)
      expect(sum('visits')).toBe(wanted.length)
      expect(items[0]).toMatchObject(
        query === '' ? { downloads: 0, cartAdds: 0 } : { downloads: null, cartAdds: null },
      )
      expect(sum('pageViews')).toBe(sumOf(wanted).pageViews)
      for (const { at, visits } of items) {
        const next = items[items.findIndex((one: { at: string }) => one.at === at) + 1]?.at
        const within = wanted.filter(
          (one) => one.at >= Date.parse(at) && (!next || one.at < Date.parse(next)),
        )
        expect(visits, at).toBe(within.length)
      }
    }
  })

  it('tell of no more hours than anybody can look at', async () => {
    expect((await get('/v1/stats/series?from=2026-10-04&to=2026-11-03&interval=hour')).items).toHaveLength(
      31 * 24,
    )
    const { status, body } = await lw.call(
      'GET',
      '/v1/stats/series?from=2026-10-03&to=2026-11-03&interval=hour',
    )
    expect(status).toBe(400)
    expect(body.errors[0].pointer).toBe('/interval')
  })
})

describe('comparison', () => {
  it('is with as many days before', async () => {
    const query = `from=${new Date(NOON - DAY).toISOString().slice(0, 10)}&compare=previous`
    const within = (from: number, to: number) =>
      made.filter(
        ({ at }) =>
          Math.floor(at / DAY) >= Math.floor(NOON / DAY) - from &&
          Math.floor(at / DAY) <= Math.floor(NOON / DAY) - to,
      )
    const body = await get(`/v1/stats?${query}`)
    expect(body).toMatchObject(sumOf(within(1, 0)))
    expect(body.compare).toMatchObject({ ...sumOf(within(3, 2)), sample: 1 })
    expect(body.topPages.length).toBeGreaterThan(0)
    const series = await get(`/v1/stats/series?${query}`)
    expect(series.compare.items.map(({ visits }: { visits: number }) => visits)).toEqual([
      within(3, 3).length,
      within(2, 2).length,
    ])
    expect((await get(`/v1/stats?${query}&device=mobile`)).compare.visits).toBe(
      within(3, 2).filter(({ mobile }) => mobile).length,
    )
  })
})

describe('spans', () => {
  const TODAY = day('2026-03-31')
  it.each<[Period, string]>([
    ['7d', '2026-03-25'],
    ['28d', '2026-03-04'],
    ['30d', '2026-03-02'],
    ['91d', '2025-12-31'],
    ['month', '2026-03-01'],
    ['6mo', '2025-10-01'],
    ['12mo', '2025-04-01'],
    ['all', '2024-02-29'],
  ])('%s begins on %s', (period, from) => {
    expect(daysOf(period, TODAY, day('2024-02-29'))).toEqual({ from: day(from), to: TODAY })
  })

  it('are compared with the days before, or with those of the year before', () => {
    const march = { from: day('2024-03-01'), to: day('2024-03-31') }
    expect(comparedTo(march, 'previous')).toEqual({ from: day('2024-01-30'), to: day('2024-02-29') })
    expect(comparedTo(march, 'year')).toEqual({ from: day('2023-03-01'), to: day('2023-03-31') })
    expect(comparedTo({ from: day('2024-02-29'), to: day('2024-02-29') }, 'year')).toEqual({
      from: day('2023-02-28'),
      to: day('2023-02-28'),
    })
  })

  it('are cut at Mondays, at firsts, and at the hours of a day that has 23 or 25', () => {
    expect(bucketOf(day('2026-11-03'), 'week')).toBe(day('2026-11-02'))
    expect(bucketOf(day('2026-11-03'), 'month')).toBe(day('2026-11-01'))
    const berlin = zoneOf('Europe/Berlin')
    const hours = (text: string) => startsOf({ from: day(text), to: day(text) }, 'hour', berlin).length
    expect([hours('2026-03-29'), hours('2026-10-25'), hours('2026-11-03')]).toEqual([23, 25, 24])
    const weeks = startsOf({ from: day('2026-10-31'), to: day('2026-11-10') }, 'week', berlin)
    expect(weeks.map((at) => new Date(at).toISOString())).toEqual([
      '2026-10-30T23:00:00.000Z',
      '2026-11-01T23:00:00.000Z',
      '2026-11-08T23:00:00.000Z',
    ])
  })

  it('reach back to the first day where all is asked for', async () => {
    const first = Math.min(...made.map(({ at }) => Math.floor(at / DAY)))
    const body = await get('/v1/stats?period=all')
    expect(body.from).toBe(new Date(first * DAY).toISOString())
    expect(body.visits).toBe(made.length)
  })

  it.each([
    ['/v1/stats?period=7d&from=2026-11-01', '/period'],
    ['/v1/stats?period=8d', '/period'],
    ['/v1/stats?compare=next', '/compare'],
    ['/v1/stats/series?interval=minute', '/interval'],
    ['/v1/stats?stage=hot', '/stage'],
    ['/v1/stats/top/page?devise=mobile', '/devise'],
  ])('%s is refused', async (path, pointer) => {
    const { status, body } = await lw.call('GET', path)
    expect(status).toBe(400)
    expect(body.errors[0].pointer).toBe(pointer)
  })

  it('have lists of what there are lists of', async () => {
    for (const name of ['hash', "page' --", '__proto__', 'currency']) {
      const { status, body } = await lw.call('GET', `/v1/stats/top/${encodeURIComponent(name)}`)
      expect(status).toBe(404)
      expect(body.detail).toMatch(/there are page, entry/)
    }
  })
})

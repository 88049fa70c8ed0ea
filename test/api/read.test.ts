import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STAGES } from '../../shared/lead.ts'
import { beaconOf, DAY, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor } from '../support/keys.ts'

const MINUTE = 60_000
const LEADS = 25
/** The middle of the day, so that a few minutes more stay in it. */
const NOON = Math.floor(START / DAY) * DAY + DAY / 2

let lw: TestCollector
let shopKey: string
/** Contact ids of the 25 leads, in the order in which they were identified. */
let ids: string[]

let serial = 0
type Wire = (string | number)[]
const page = (at: number, url: string, title = ''): Wire => ['p', eventId(at, ++serial), at, url, title]
const send = async (visitor: string, events: Wire[]) => {
  expect((await lw.beacon(beaconOf(lw.clock.now, events, { v: visitor }))).status).toBe(204)
}

beforeAll(async () => {
  lw = await testCollector({ now: NOON })
  await addSite(lw, 'shop')
  shopKey = (await keyFor(lw, ['read', 'leads', 'link', 'events'], 'shop')).key

  const view = page(NOON - 10 * MINUTE, '/pricing', 'Pricing')
  await send('v0', [
    page(NOON - 12 * MINUTE, '/', 'Home'),
    view,
    ['e', view[1]!, NOON - 8 * MINUTE, 95_000, 80],
    ['d', eventId(NOON - 7 * MINUTE, 900), NOON - 7 * MINUTE, view[1]!, '/files/guide.pdf'],
    [
      'c',
      eventId(NOON - 6 * MINUTE, 901),
      NOON - 6 * MINUTE,
      view[1]!,
      { product: 'Valve', quantity: 2, price: 9.5, currency: 'EUR' } as never,
    ],
    ['x', eventId(NOON - 5 * MINUTE, 902), NOON - 5 * MINUTE, view[1]!, 'calculated', { n: 3 } as never],
  ])
  // A single page and nothing else, on three other days: bounces.
  for (const days of [1, 6, 6.9]) await send(`bounced-${days * 10}`, [page(NOON - days * DAY, '/')])

  ids = []
  for (let n = 0; n < LEADS; n++) {
    // Groups of five have done the same, so that engagement has ties.
    const events = Array.from({ length: Math.floor(n / 5) }, (_, i) =>
      page(NOON - DAY + i * MINUTE, `/services/${i}`),
    )
    if (events.length > 0) await send(`v${n}`, events)
    const { body } = await lw.call('POST', '/v1/identify', {
      site: 'main',
      email: `lead${n}@acme.org`,
      visitor: `v${n}`,
      traits: { name: `Lead ${n}`, company: { name: 'Acme' } },
      ...(n === 24 && { signal: { name: 'demo_requested', id: 'd' } }),
    })
    ids.push(body.id)
  }
})
afterAll(() => lw.remove())

const get = (path: string) => lw.call('GET', path)

describe('GET /v1/stats', () => {
  it('sums the last 30 days, today included', async () => {
    const { status, body } = await get('/v1/stats')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      site: 'main',
      from: new Date(NOON - 29.5 * DAY).toISOString(),
      to: new Date(NOON + DAY / 2 - 1).toISOString(),
      pageViews: 2 + 3 + 5 * (1 + 2 + 3 + 4),
      engagedMs: 95_000,
      downloads: 1,
      cartAdds: 1,
      visits: 1 + 3 + 20,
      // The leads of the second group have read one page each.
      bounces: 3 + 5,
      visitors: 1 + 3 + 20,
    })
    expect(body.topPages[0]).toEqual({ path: '/services/0', views: 20, engagedMs: 0 })
    expect(body.topPages).toContainEqual({ path: '/pricing', views: 1, engagedMs: 95_000 })
    expect(Object.keys(body.stages).sort()).toEqual([...STAGES].sort())
    expect(body.stages).toMatchObject({ visitor: 3, sql: 1, customer: 0 })
    expect(body.stages.lead + body.stages.mql + body.stages.sql).toBe(LEADS)
  })

  const iso = (at: number) => new Date(at).toISOString().slice(0, 10)
  it.each([
    ['a day', `from=${iso(NOON)}&to=${iso(NOON)}`, 2],
    ['two days', `from=${iso(NOON - DAY)}&to=${iso(NOON)}`, 2 + 1 + 50],
    ['up to a day', `to=${iso(NOON - 6 * DAY)}`, 2],
    ['from a day', `from=${iso(NOON - 6 * DAY)}`, 2 + 2 + 50],
    ['a day named by a time', `from=${iso(NOON)}T00:00:00Z&to=${iso(NOON)}T12:00:00.000Z`, 2],
    ['an empty range', 'from=2001-01-01&to=2001-12-31', 0],
  ])('counts %s', async (_what, query, pageViews) => {
    expect((await get(`/v1/stats?site=main&${query}`)).body.pageViews).toBe(pageViews)
  })

  it('shows nothing of another site', async () => {
    const { body } = await get('/v1/stats?site=shop')
    expect(body).toMatchObject({ site: 'shop', pageViews: 0, visitors: 0, topPages: [] })
  })

  const refused: [query: string, pointer: string, words: RegExp][] = [
    ['form=2026-11-03', '/form', /not a known field/],
    ['from=yesterday', '/from', /a day or a time, like 2026-11-03/],
    ['from=2026-13-45', '/from', /a day or a time/],
    ['to=2026-11-03Tx', '/to', /a day or a time/],
    ['to=', '/to', /a day or a time/],
    ['site=a%20b', '/site', /A-Z a-z 0-9 _ - only/],
    [`page=${'x'.repeat(2_049)}`, '/page', /at most 2048 characters/],
  ]
  it.each(refused)('refuses ?%s with 400', async (query, pointer, words) => {
    const { status, body } = await get(`/v1/stats?${query}`)
    expect(status).toBe(400)
    expect(body.errors).toContainEqual({ pointer, detail: expect.stringMatching(words) })
  })

  it('says what a page did', async () => {
    expect((await get('/v1/stats?page=/services/0')).body).toMatchObject({
      page: '/services/0',
      timeZone: 'UTC',
      visitors: 20,
      visitorsError: 0,
      pageViews: 20,
      visits: 20,
    })
    expect((await get('/v1/stats?page=/nowhere')).body).toMatchObject({
      visitors: 0,
      pageViews: 0,
      visits: 0,
    })
  })

  it('says what a source brought, and together with a page', async () => {
    const whole = (await get('/v1/stats')).body
    expect(whole.sources.reduce((sum: number, { visits }: { visits: number }) => sum + visits, 0)).toBe(
      whole.visits,
    )
    const { body } = await get('/v1/stats?source=direct')
    expect(body).toMatchObject({ source: 'direct', visits: whole.sources[0].visits })
    expect((await get('/v1/stats?source=direct&page=/')).body).toMatchObject({ source: 'direct', page: '/' })
  })

  it('lists days, sources, devices and pages by which visits begin and end', async () => {
    const { body } = await get('/v1/stats')
    const sum = (list: Record<string, number>[], what: string) =>
      list.reduce((all, row) => all + row[what]!, 0)
    expect(sum(body.days, 'pageViews')).toBe(body.pageViews)
    expect(sum(body.days, 'visits')).toBe(body.visits)
    for (const list of ['devices', 'browsers', 'systems', 'countries', 'languages', 'screens'])
      expect(sum(body[list], 'visits'), list).toBe(body.visits)
    expect(sum(body.entryPages, 'visits')).toBe(body.visits)
    expect(sum(body.exitPages, 'visits')).toBe(body.visits)
    expect(body.devices[0].name).toBe('desktop')
    expect(body.topDownloads).toHaveLength(1)
    expect(body.topProducts).toHaveLength(1)
  })

  it('refuses a range that runs backwards', async () => {
    const { status, body } = await get('/v1/stats?from=2026-11-03&to=2026-11-02')
    expect(status).toBe(400)
    expect(body.detail).toMatch(/from must not be after to/)
  })
})

describe('GET /v1/leads', () => {
  async function pages(query: string): Promise<{ id: string; engagement: number }[][]> {
    const found: { id: string; engagement: number }[][] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { status, body } = await get(`/v1/leads?${query}${cursor && `&cursor=${cursor}`}`)
      expect(status).toBe(200)
      found.push(body.items)
      cursor = body.next
    }
    return found
  }

  it('lists identified people, the most engaged first', async () => {
    const { body } = await get('/v1/leads?limit=500')
    expect(body.next).toBeNull()
    expect(body.items).toHaveLength(LEADS)
    const engagement = body.items.map((item: { engagement: number }) => item.engagement)
    expect(engagement).toEqual([...engagement].sort((a, b) => b - a))
    expect(body.items[0]).toMatchObject({
      id: ids[24],
      site: 'main',
      stage: 'sql',
      name: 'Lead 24',
      email: 'lead24@acme.org',
      company: 'Acme',
      visits: 1,
      nextStep: expect.stringMatching(/^\w.*\.$/),
      segments: ['call'],
    })
  })

  it.each([1, 4, 5, 7, 24, 25, 26])('gives every lead once in pages of %i', async (limit) => {
    const found = await pages(`limit=${limit}`)
    expect(
      found
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort())
    for (const items of found.slice(0, -1)) expect(items).toHaveLength(limit)
  })

  it('skips and repeats nobody when somebody new comes between two pages', async () => {
    const first = (await get('/v1/leads?limit=10')).body
    await lw.call('POST', '/v1/identify', {
      site: 'main',
      email: 'between@acme.org',
      signal: { name: 'demo_requested', id: 'b' },
    })
    const rest = (await get(`/v1/leads?limit=500&cursor=${first.next}`)).body
    const seen = [...first.items, ...rest.items].map(({ id }: { id: string }) => id)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining(ids))
  })

  it('lists those of one stage', async () => {
    const counted = (await get('/v1/stats')).body.stages
    for (const stage of STAGES.filter((one) => one !== 'visitor')) {
      const items = (await pages(`stage=${stage}&limit=3`)).flat() as unknown as { stage: string }[]
      expect(items, stage).toHaveLength(counted[stage])
      for (const item of items) expect(item.stage).toBe(stage)
    }
  })

  it('has none for a site without leads', async () => {
    expect((await get('/v1/leads?site=shop')).body).toEqual({ items: [], next: null })
  })

  const refused: [query: string, pointer: string, words: RegExp][] = [
    ['stage=hot', '/stage', /one of visitor, lead, mql, sql/],
    ['stage=SQL', '/stage', /one of visitor, lead, mql, sql/],
    ['limit=0', '/limit', /at least 1/],
    ['limit=501', '/limit', /at most 500/],
    ['limit=ten', '/limit', /whole number from 1 to 500/],
    ['limit=1.5', '/limit', /whole number from 1 to 500/],
    ['offset=10', '/offset', /not a known field/],
    [`cursor=${'1'.repeat(301)}`, '/cursor', /not one that a list gave/],
  ]
  it.each(refused)('refuses ?%s with 400', async (query, pointer, words) => {
    const { status, body } = await get(`/v1/leads?${query}`)
    expect(status).toBe(400)
    expect(body.errors).toContainEqual({ pointer, detail: expect.stringMatching(words) })
  })
})

describe('GET /v1/leads/:id', () => {
  it('explains every score: the reasons sum to it in hundredths', async () => {
    for (const id of ids) {
      const { body } = await get(`/v1/leads/${id}`)
      const sum = body.reasons.reduce(
        (total: number, { points }: { points: number }) => total + Math.round(points * 100),
        0,
      )
      expect(sum).toBe(Math.round(body.engagement * 100))
      for (const { points } of body.reasons) expect(Math.round(points * 100) / 100).toBe(points)
    }
    expect((await get(`/v1/leads/${ids[24]}`)).body.reasons.length).toBeGreaterThan(2)
  })

  it('does so when the points have decayed, too', async () => {
    const id = ids[24]
    const then = (await get(`/v1/leads/${id}`)).body.engagement
    lw.clock.now = NOON + 9 * DAY
    try {
      const { body } = await get(`/v1/leads/${id}`)
      expect(body.engagement).toBeLessThan(then)
      const sum = body.reasons.reduce(
        (total: number, { points }: { points: number }) => total + Math.round(points * 100),
        0,
      )
      expect(sum).toBe(Math.round(body.engagement * 100))
    } finally {
      lw.clock.now = NOON
    }
  })

  it('names rule, label, points and time of each reason, the stage’s next step and how it came about', async () => {
    const { body } = await get(`/v1/leads/${ids[24]}`)
    for (const reason of body.reasons)
      expect(reason).toMatchObject({
        rule: expect.any(String),
        label: expect.any(String),
        points: expect.any(Number),
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      })
    expect(body).toMatchObject({
      stage: 'sql',
      fit: expect.any(Number),
      nextStep: expect.stringMatching(/\S/),
      segments: expect.any(Array),
      rulesVersion: 1,
      visitors: 1,
      createdAt: new Date(NOON).toISOString(),
    })
    expect(body.transitions.at(-1).to).toBe('sql')
  })

  it.each(['nobody', '0', '%00', 'a%2Fb'])('answers 404 for the unknown id %s', async (id) => {
    const { status, body } = await get(`/v1/leads/${id}`)
    expect(status).toBe(404)
    expect(body).toMatchObject({ title: 'There is nothing here', status: 404 })
  })
})

describe('GET /v1/leads/:id/timeline', () => {
  type Item = { kind: string; at: string; title: string; path?: string }
  it('tells what a person did, newest first, in words', async () => {
    const { body } = await get(`/v1/leads/${ids[0]}/timeline`)
    const told = body.items.map(({ kind, title }: Item) => `${kind}: ${title}`)
    expect(told.filter((line: string) => !line.startsWith('transition'))).toEqual([
      'custom: Did calculated',
      'cart: Added 2 x Valve to the cart',
      'download: Downloaded guide.pdf',
      'page: Read Pricing',
      'page: Read Home',
      'visit: Came to the site',
    ])
    expect(body.items.find(({ path }: Item) => path === '/pricing')).toMatchObject({
      at: new Date(NOON - 10 * MINUTE).toISOString(),
      engagedMs: 95_000,
      scroll: 80,
    })
  })

  it.each([1, 2, 3, 50])('gives everything once in pages of %i', async (limit) => {
    const all = (await get(`/v1/leads/${ids[24]}/timeline?limit=500`)).body
    expect(all.next).toBeNull()
    const items: Item[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await get(
        `/v1/leads/${ids[24]}/timeline?limit=${limit}${cursor && `&cursor=${cursor}`}`,
      )
      items.push(...body.items)
      cursor = body.next
    }
    expect(items).toEqual(all.items)
    const times = items.map(({ at }) => at)
    expect(times).toEqual([...times].sort().reverse())
  })

  it('refuses a limit that is none, and knows no strangers', async () => {
    expect((await get(`/v1/leads/${ids[0]}/timeline?limit=x`)).status).toBe(400)
    expect((await get('/v1/leads/nobody/timeline')).status).toBe(404)
  })
})

describe('keys', () => {
  const calls = () => [
    '/v1/stats',
    '/v1/leads',
    `/v1/leads/${ids[0]}`,
    `/v1/leads/${ids[0]}/timeline`,
    '/v1/outcomes/x',
  ]

  it('are asked for everywhere', async () => {
    for (const path of calls()) {
      const answer = await callAs(lw, undefined, 'GET', path)
      expect(answer.status, path).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="leadwake"')
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
      expect(answer.body.detail).toMatch(/Authorization: Bearer lw_.*leadwake key new/)
    }
  })

  it('open only their own site, and do not tell that others are there', async () => {
    const as = (path: string) => callAs(lw, `Bearer ${shopKey}`, 'GET', path)
    expect((await as('/v1/stats')).body.site).toBe('shop')
    expect((await as('/v1/leads')).body).toEqual({ items: [], next: null })
    for (const path of [
      '/v1/stats?site=main',
      '/v1/leads?site=main',
      `/v1/leads/${ids[0]}`,
      `/v1/leads/${ids[0]}/timeline`,
    ])
      expect((await as(path)).status, path).toBe(404)
    const strange = (await as('/v1/stats?site=main')).body
    expect(strange).toEqual((await as('/v1/stats?site=nobody')).body)
  })
})

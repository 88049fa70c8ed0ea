import { describe, expect, test } from 'vitest'
import type { LeadsQuery } from '../../collector/read.ts'
import { fakeApi, LEADS, NOW, SESSION, shown } from './fakes.ts'
import { COOKIE, open } from './support.ts'

const HOUR = 3_600_000

/** What the list asks for at an address. */
async function asked(path: string): Promise<Partial<LeadsQuery>[]> {
  const queries: Partial<LeadsQuery>[] = []
  await open({
    shownLeads: async ({ site: _, limit: __, ...query }) => {
      queries.push(query)
      return { items: [], next: null }
    },
  }).get(path)
  return queries
}

describe('the list of leads', () => {
  test('shows each with stage, engagement and its curve, fit, trend, source and last seen', async () => {
    const html = await open().html('/leads')
    for (const lead of LEADS) expect(html).toContain(`href="/leads/${lead.id}"`)
    for (const told of ['71.8', 'grade-a', '84', 'rising', 'cooling', '42 minutes ago', 'Analytical Engines'])
      expect(html).toContain(told)
    expect(html.match(/<svg class="spark"/g)).toHaveLength(LEADS.length)
    expect(html).toContain('source=search+DuckDuckGo')
  })

  test('has tabs that count, and the next step of a stage', async () => {
    const html = await open().html('/leads?stage=mql')
    expect(html).toContain('<strong>Next step</strong>')
    expect(await open().html('/leads')).not.toContain('Next step')
    expect(html).toContain('Emmy Noether')
    expect(html).not.toContain('Ada Lovelace')
    expect(html).toMatch(/aria-current="true">MQL <span class="count">52</)
    expect(html).toMatch(/>All <span class="count">251</)
  })

  test('says for how long an SQL may wait, and by how much it is overdue', async () => {
    const due = (ms: number) => ({ ...shown(LEADS[0]!), dueAt: new Date(NOW + ms).toISOString() })
    const html = await open({
      shownLeads: async () => ({ items: [due(3 * HOUR), due(-50 * HOUR)], next: null }),
    }).html('/leads')
    expect(html).toContain('due in 3 h')
    expect(html).toMatch(/class="due late"><time[^>]*>overdue by 2 d 2 h/)
  })

  test.each<[string, Partial<LeadsQuery>]>([
    ['/leads', { sort: '-engagement' }],
    ['/leads?stage=visitor', { sort: '-engagement' }],
    ['/leads?stage=sql&sort=lastSeenAt', { stage: 'sql', sort: 'lastSeenAt' }],
    ['/leads?q=%20ada%20&minEngagement=40&minFit=', { q: 'ada', minEngagement: 40, sort: '-engagement' }],
    [
      '/leads?source=search+Google&page=/pricing',
      { source: 'search Google', page: '/pricing', sort: '-engagement' },
    ],
    ['/leads?owner=-', { owner: '', sort: '-engagement' }],
    ['/leads?owner=', { sort: '-engagement' }],
    ['/leads?seenFrom=2025-11-15', { seenFrom: { day: 20_407 }, sort: '-engagement' }],
    ['/leads?cursor=a%2Fb', { cursor: 'a/b', sort: '-engagement' }],
    // What cannot be understood narrows nothing.
    ['/leads?sort=(SELECT%201)&q=x', {}],
    ['/leads?minFit=lots&stage=mql', { stage: 'mql' }],
  ])('%s asks what it says', async (path, query) => {
    expect(await asked(path)).toEqual([query])
  })

  test('what cannot be understood is told in a sentence', async () => {
    const answer = await open().get('/leads?sort=hash')
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('sort must be one of engagement, -engagement')
  })

  test('keeps its filters in every way on: tabs, order, next page, file, and out of one of them', async () => {
    const opened = open({ shownLeads: async () => ({ items: [shown(LEADS[0]!)], next: 'a/b&c' }) })
    const html = await opened.html('/leads?stage=sql&minFit=40&q=a%26b')
    for (const href of [
      '/leads?site=shop&amp;stage=mql&amp;q=a%26b&amp;minFit=40',
      '/leads?site=shop&amp;stage=sql&amp;q=a%26b&amp;minFit=40&amp;sort=-fit',
      '/leads?site=shop&amp;stage=sql&amp;q=a%26b&amp;minFit=40&amp;cursor=a%2Fb%26c',
      '/v1/leads?site=shop&amp;stage=sql&amp;q=a%26b&amp;minFit=40&amp;format=csv&amp;bom=1',
      '/leads?site=shop&amp;stage=sql&amp;q=a%26b',
      '/leads?site=shop&amp;stage=sql&amp;minFit=40',
    ])
      expect(html).toContain(`href="${href}"`)
    expect(await opened.html('/leads?cursor=x')).toContain('Back to the first')
  })

  test('its titles say how it is sorted', async () => {
    expect(await open().html('/leads')).toMatch(/aria-sort="descending"><a href="[^"]*sort=engagement">/)
    const page = await open().html('/leads?sort=name')
    expect(page).toMatch(/aria-sort="ascending"><a href="[^"]*sort=-name">/)
    expect(page).toMatch(/<a href="[^"]*sort=stageSince">/)
    expect(await open().html('/leads?sort=fit')).toMatch(/aria-sort="ascending"><a href="[^"]*sort=-fit">/)
  })

  test('an empty one teaches', async () => {
    const nobody = { shownLeads: async () => ({ items: [], next: null }) }
    expect(await open(nobody).html('/leads')).toContain('/v1/identify')
    expect(await open(nobody).html('/leads?stage=sql')).toContain('Nobody is at SQL now')
    expect(await open(nobody).html('/leads?q=zzz')).toContain('No lead is like that')
  })

  test('is not for viewers', async () => {
    const viewer = { cookie: `leadwake_session=${SESSION}-vera` }
    expect((await open().ask('/leads', { headers: viewer })).status).toBe(403)
  })
})

describe('a decision about several leads', () => {
  const many = (fields: [string, string][], api = fakeApi(), headers: Record<string, string> = COOKIE) =>
    open({}, undefined, { api }).ask('/leads?site=shop', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
      body: new URLSearchParams(fields),
    })
  const both: [string, string][] = [
    ['back', '/leads?site=shop&stage=sql'],
    ['id', 'ada'],
    ['id', 'grace'],
    ['id', 'ada'],
  ]

  test.each<[string, [string, string][], unknown]>([
    ['accept', [['decision', 'accept']], { decision: 'accept' }],
    [
      'recycle',
      [
        ['decision', 'recycle'],
        ['reason', 'spam'],
      ],
      { decision: 'recycle' },
    ],
    [
      'reject',
      [
        ['decision', 'reject'],
        ['reason', 'no_need'],
      ],
      { decision: 'reject', reason: 'no_need' },
    ],
  ])('%s is made of each once, and comes back to the list', async (_, fields, body) => {
    const api = fakeApi()
    const answer = await many([...both, ...fields], api)
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/leads?site=shop&stage=sql&done=2',
    ])
    expect(api.called).toEqual([
      ['POST', '/v1/leads/ada/decision', body],
      ['POST', '/v1/leads/grace/decision', body],
    ])
    expect(await open().html('/leads?done=2')).toContain('Decided about 2 leads.')
  })

  test('tells who was not decided about, and why', async () => {
    const api = fakeApi({
      'POST /v1/leads/ada/decision': { status: 409, detail: 'only an SQL can be accepted' },
    })
    const answer = await many([...both, ['decision', 'accept']], api)
    expect(answer.status).toBe(409)
    const html = await answer.text()
    expect(html).toContain('Decided about one lead.')
    expect(html).toContain('<bdi>Ada Lovelace</bdi>: only an SQL can be accepted')
    expect(html).toMatch(/aria-current="true">SQL/)
  })

  test('is not made for others, nor from elsewhere', async () => {
    const api = fakeApi()
    const fields: [string, string][] = [...both, ['decision', 'accept']]
    const as = (name: string) => ({ cookie: `leadwake_session=${SESSION}-${name}` })
    expect((await many(fields, api, as('vera'))).status).toBe(403)
    expect((await many(fields, api, { ...COOKIE, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await many(fields, api, {})).headers.get('location')).toBe('/login')
    expect(api.called).toEqual([])
    expect((await many(fields, api, as('sal'))).status).toBe(303)
  })
})

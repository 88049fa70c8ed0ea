import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { callAs } from '../support/keys.ts'

let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector()
})
afterAll(() => lw.remove())

describe('GET /v1/reports/{name}', () => {
  it.each(['funnel', 'stages', 'velocity', 'sales', 'channels', 'content', 'rules'])(
    'gives %s for whole days',
    async (name) => {
      const { status, body } = await lw.call(
        'GET',
        `/v1/reports/${name}?site=main&from=2026-10-01&to=2026-11-03`,
      )
      expect([status, body.from, body.to]).toEqual([
        200,
        '2026-10-01T00:00:00.000Z',
        '2026-11-03T23:59:59.999Z',
      ])
    },
  )

  it.each<[string, string, number, RegExp]>([
    [
      'an unknown report',
      'profit',
      404,
      /there are funnel, stages, velocity, sales, channels, content, rules/,
    ],
    ['a range turned round', 'funnel?from=2026-11-03&to=2026-11-01', 400, /from must not be after to/],
    ['a range of centuries', 'stages?from=1970-01-01', 400, /at most 3660 days/],
    ['a day that is none', 'funnel?from=yesterday', 400, /from must be a day or a time/],
    ['an unknown site', 'funnel?site=nowhere', 404, /no such site/],
  ])('refuses %s', async (_, path, status, words) => {
    const answer = await lw.call('GET', `/v1/reports/${path}`)
    expect([answer.status, words.test(answer.body.detail)]).toEqual([status, true])
  })

  it('are a page too', async () => {
    const login = await lw.request('/login', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ secret: lw.key }),
    })
    const cookie = login.headers.get('set-cookie')!.split(';')[0]!
    const page = await lw.request('/reports?days=30', { headers: { cookie } })
    expect([page.status, (await page.text()).includes('Rules that win')]).toEqual([200, true])
  })

  it('needs a key', async () => {
    expect((await callAs(lw, undefined, 'GET', '/v1/reports/funnel')).status).toBe(401)
  })
})

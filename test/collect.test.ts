import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withState } from '../collector/cli/perform.ts'
import { siteEntry } from '../collector/seed.ts'
import { FLAG, MAX_BODY_BYTES } from '../shared/protocol.ts'
import { BROWSER, beaconOf, eventId, START, type TestCollector, testCollector } from './support/collector.ts'
import { counts } from './support/counts.ts'

let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector()
  await lw.call('POST', '/v1/identify', { site: 'main', email: 'warm@up.de' })
})
afterAll(() => lw.remove())

const page = (n: number, url = '/') => ['p', eventId(START, n), START, url]

describe('POST /v1/in', () => {
  it('takes a beacon and shows it in the stats', async () => {
    const before = (await lw.call('GET', '/v1/stats')).body.pageViews
    const response = await lw.beacon(beaconOf(START, [page(1, '/pricing')]))
    expect(response.status).toBe(204)
    const stats = await lw.until('/v1/stats', (body) => body.pageViews === before + 1)
    expect(stats.topPages).toContainEqual({ path: '/pricing', views: 1, engagedMs: 0 })
  })

  it('counts an event once, however often it is sent', async () => {
    const body = beaconOf(START, [page(2, '/once')])
    for (let i = 0; i < 5; i++) expect((await lw.beacon(body)).status).toBe(204)
    await lw.beacon(beaconOf(START, [page(3, '/after')]))
    const stats = await lw.until('/v1/stats', (s) =>
      s.topPages.some(({ path }: { path: string }) => path === '/after'),
    )
    expect(stats.topPages).toContainEqual({ path: '/once', views: 1, engagedMs: 0 })
  })

  it('answers strangers across origins without credentials', async () => {
    const response = await lw.beacon(beaconOf(START, [page(4)]), { origin: 'https://shop.example' })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
  })

  const dropped: [reason: string, body: unknown, headers: Record<string, string>][] = [
    ['unknown-site', beaconOf(START, [page(10)], { s: 'nobody' }), {}],
    ['opt-out', beaconOf(START, [page(11)], { f: FLAG.optOut }), {}],
    ['bot', beaconOf(START, [page(12)]), { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }],
    ['no-user-agent', beaconOf(START, [page(13)]), { 'user-agent': '' }],
    ['wrong-origin', beaconOf(START, [page(14)], { s: 'hosted' }), { origin: 'https://elsewhere.example' }],
    ['wrong-origin', beaconOf(START, [page(15)], { s: 'hosted' }), {}],
    [
      'not-a-download',
      beaconOf(START, [['d', eventId(START, 17), START, eventId(START, 1), 'https://x.de/tool.cgi']]),
      {},
    ],
  ]
  it.each(dropped)('drops %s with its name, as a success to the sender', async (reason, body, headers) => {
    if (reason === 'wrong-origin') await hostedSite()
    const response = await lw.beacon(body, headers)
    expect(response.status).toBe(202)
    expect(response.headers.get('x-leadwake-dropped')).toBe(reason)
  })

  it('takes a beacon of an allowed host', async () => {
    await hostedSite()
    const response = await lw.beacon(beaconOf(START, [page(16)], { s: 'hosted' }), {
      origin: 'https://shop.example',
    })
    expect(response.status).toBe(204)
  })

  const malformed: [what: string, body: string, detail: RegExp][] = [
    ['no JSON', '{"s":', /body is not JSON/],
    ['an empty body', '', /body is not JSON/],
    ['a list', '[]', /body must be a JSON object/],
    ['no events', JSON.stringify(beaconOf(START, [])), /e must hold at least one event/],
    [
      '101 events',
      JSON.stringify(beaconOf(START, Array(101).fill(page(1)))),
      /e must hold at most 100 events/,
    ],
    ['a site id with a space', JSON.stringify(beaconOf(START, [page(1)], { s: 'a b' })), /^s must be an id/],
    [
      'a visitor id that is too long',
      JSON.stringify(beaconOf(START, [page(1)], { v: 'x'.repeat(65) })),
      /^v must be an id/,
    ],
    [
      'a clock that is text',
      JSON.stringify({ ...beaconOf(START, [page(1)]), t: 'now' }),
      /^t must be a number/,
    ],
    [
      'an unknown kind of event',
      JSON.stringify(beaconOf(START, [['z', 'id', START]])),
      /e\[0\]\[0\] must be one of/,
    ],
    [
      'a page without an address',
      JSON.stringify(beaconOf(START, [['p', 'id', START]])),
      /e\[0\]\[3\] must be text/,
    ],
    [
      'negative engaged time',
      JSON.stringify(beaconOf(START, [['e', 'id', START, -1]])),
      /e\[0\]\[3\] must be a number from 0/,
    ],
  ]
  it.each(malformed)('refuses %s with 400, naming the field', async (_what, body, detail) => {
    const response = await lw.beacon(body)
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    expect((await response.json()).detail).toMatch(detail)
  })

  it('does not echo what was posted', async () => {
    const response = await lw.beacon(
      JSON.stringify(beaconOf(START, [page(1)], { s: '<script>alert(1)</script>' })),
    )
    expect(await response.text()).not.toContain('script')
  })

  it('refuses a body over 16 kB with 413, declared or not', async () => {
    const body = JSON.stringify(beaconOf(START, [page(1, `/${'x'.repeat(MAX_BODY_BYTES)}`)]))
    expect((await lw.beacon(body)).status).toBe(413)
    const streamed = await fetch(`${lw.origin}/v1/in`, {
      method: 'POST',
      headers: { 'user-agent': BROWSER },
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect(streamed.status).toBe(413)
  })

  it('keeps the sums: received is stored, duplicate, dead, dropped and rejected', async () => {
    await lw.stop()
    const held = counts(lw.db)
    expect(held.received).toBeGreaterThan(0)
    const parts = Object.entries(held).filter(([name]) => name !== 'received' && !name.startsWith('noted:'))
    expect(parts.reduce((sum, [, n]) => sum + n, 0)).toBe(held.received)
    expect(held).toMatchObject({
      'dropped:bot': 1,
      'dropped:no-user-agent': 1,
      'dropped:unknown-site': 1,
      'dropped:opt-out': 1,
      'dropped:wrong-origin': 2,
      'dropped:not-a-download': 1,
    })
    expect(held['rejected:malformed']).toBe(malformed.length + 1)
    expect(held['rejected:too-large']).toBe(2)
  })
})

async function hostedSite(): Promise<void> {
  await withState(lw.db, async (perform, reader) => {
    if (reader.sites().some(({ id }) => id === 'hosted')) return
    await perform({ ...siteEntry('hosted', 'Hosted', 'required'), hosts: ['shop.example'] } as never)
  })
  await lw.until('/v1/stats?site=hosted', (body) => body.site === 'hosted')
}

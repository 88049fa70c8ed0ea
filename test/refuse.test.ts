import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isReferrerSpam } from '../collector/referrer-spam.ts'
import { refusedNets } from '../collector/refused-nets.ts'
import { Sentence } from '../collector/sentence.ts'
import { FLAG } from '../shared/protocol.ts'
import {
  BROWSER,
  beaconOf,
  DAY,
  eventId,
  START,
  type TestCollector,
  testCollector,
} from './support/collector.ts'

const folder = mkdtempSync(join(tmpdir(), 'leadwake-refuse-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let serial = 0
const page = (over: { referrer?: string } = {}, rest: Record<string, unknown> = {}) =>
  beaconOf(START, [['p', eventId(START, ++serial), START, '/', '', over.referrer ?? '']], rest)

describe('a beacon that nobody wants', () => {
  let collector: TestCollector
  beforeAll(async () => {
    const centres = join(folder, 'centres.txt')
    writeFileSync(centres, '# clouds\n198.51.100.0/24  # one\n2001:db8:c::/48\n')
    collector = await testCollector({
      config: { trustProxy: ['127.0.0.1'], staff: ['203.0.113.0/28'], refuseNets: centres, rate: 2 },
    })
  })
  afterAll(() => collector.remove())
  const from = (ip: string) => ({ 'x-forwarded-for': ip })
  const post = (body: unknown, headers: Record<string, string> = {}) => through(body, headers)

  /** Over a socket, so that the forwarded address counts. */
  async function through(body: unknown, headers: Record<string, string>): Promise<Response> {
    return fetch(`${collector.origin}/v1/in`, {
      method: 'POST',
      headers: { 'user-agent': BROWSER, 'content-type': 'text/plain', ...headers },
      body: JSON.stringify(body),
    })
  }

  const table: [reason: string, body: () => unknown, headers: Record<string, string>][] = [
    ['no-user-agent', () => page(), { 'user-agent': '' }],
    ['bot', () => page(), { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }],
    ['webdriver', () => page({}, { f: FLAG.webdriver }), {}],
    ['staff', () => page(), from('203.0.113.7')],
    ['data-centre', () => page(), from('198.51.100.9')],
    ['data-centre', () => page(), from('2001:db8:c:1::5')],
    ['referrer-spam', () => page({ referrer: 'https://traffic.semalt.com/crawl?u=1' }), {}],
    ['opt-out', () => page({}, { f: FLAG.optOut }), {}],
    ['unknown-site', () => page({}, { s: 'nowhere' }), {}],
  ]
  it.each(table)('is dropped as %s', async (reason, body, headers) => {
    const answer = await post(body(), headers)
    expect([answer.status, answer.headers.get('x-leadwake-dropped')]).toEqual([202, reason])
  })

  it('is shown apart, by reason and day, and never mixed in', async () => {
    expect((await post(page(), from('192.0.2.1'))).status).toBe(204)
    const db = collector.db
    await collector.stop()
    collector = await testCollector({
      db,
      config: { trustProxy: ['127.0.0.1'], staff: ['203.0.113.0/28'], rate: 2 },
    })
    const { status, body } = await collector.call('GET', '/v1/refusals?site=main')
    expect(status).toBe(200)
    expect(body.reasons).toEqual({
      'no-user-agent': 1,
      bot: 1,
      webdriver: 1,
      staff: 1,
      'data-centre': 2,
      'referrer-spam': 1,
      'opt-out': 1,
    })
    expect(body.elsewhere).toEqual({ 'unknown-site': 1 })
    expect(body.days).toContainEqual({ day: '2026-11-03', reason: 'bot', events: 1 })
    expect((await collector.call('GET', '/v1/stats')).body.pageViews).toBe(1)
    expect((await collector.call('GET', '/v1/refusals?from=2026-11-05&to=2026-11-04')).status).toBe(400)
    expect((await collector.request('/v1/refusals')).status).toBe(401)
  })

  it('is answered 429 with the time to wait, where one client sends too many', async () => {
    const statuses: number[] = []
    let last: Response | undefined
    for (let i = 0; i < 22; i++) {
      last = await post(page(), from('192.0.2.99'))
      statuses.push(last.status)
    }
    expect(statuses.filter((status) => status === 204)).toHaveLength(20)
    expect(last!.status).toBe(429)
    expect(last!.headers.get('retry-after')).toBe('1')
    expect(last!.headers.get('access-control-expose-headers')).toContain('retry-after')
    expect(await last!.json()).toMatchObject({ status: 429, title: 'Too many of these' })
    expect((await post(page(), from('192.0.2.98'))).status).toBe(204)
    collector.clock.now += 1_000
    expect((await post(page(), from('192.0.2.99'))).status).toBe(204)
  })

  it('is explained to who has a key, and neither stored nor counted', async () => {
    const before = (await collector.call('GET', '/v1/stats')).body.pageViews
    const explain = async (body: unknown, headers: Record<string, string> = {}, key = collector.key) => {
      const answer = await post(body, { 'x-leadwake-debug': key, ...headers })
      return { status: answer.status, body: await answer.json() }
    }
    expect(await explain(page({}, { f: FLAG.webdriver }))).toMatchObject({
      status: 200,
      body: { would: 'drop', reason: 'webdriver', agent: expect.stringContaining('desktop') },
    })
    expect((await explain(page(), from('203.0.113.7'))).body).toMatchObject({
      would: 'drop',
      reason: 'staff',
      address: '203.0.113.7',
    })
    expect((await explain(page())).body).toMatchObject({
      would: 'store',
      visitor: 'identified',
      forwardedIgnored: false,
      events: [{ kind: 'page', path: '/' }],
    })
    expect((await explain({ s: 'main' })).body).toMatchObject({
      would: 'reject',
      reason: 'e must be a list of events',
    })
    expect(await explain(page(), {}, 'lw_no-such-key-at-all')).toMatchObject({
      status: 401,
      body: { detail: "X-Leadwake-Debug takes a key with the right 'read'" },
    })
    expect((await collector.call('GET', '/v1/stats')).body.pageViews).toBe(before)
  })

  it('is forgotten after 30 days', async () => {
    collector.clock.now = START + 32 * DAY
    await post(page(), from('192.0.2.1'))
    await collector.until('/v1/refusals?from=2026-11-01', ({ reasons }) => reasons.bot === undefined)
  })
})

it('counts a browser that a program drives where the operator tests the site', async () => {
  const lw = await testCollector({ config: { webdriver: 'count' } })
  onTestFinished(() => lw.remove())
  expect((await lw.beacon(page({}, { f: FLAG.webdriver }))).status).toBe(204)
  await lw.until('/v1/stats', ({ pageViews }) => pageViews === 1)
  const robot = await lw.beacon(page({}, { f: FLAG.webdriver }), { 'user-agent': 'Googlebot/2.1' })
  expect(robot.headers.get('x-leadwake-dropped')).toBe('bot')
})

describe('isReferrerSpam', () => {
  it.each([
    ['https://semalt.com', true],
    ['http://SEMALT.com:8080/x', true],
    ['https://a.b.semalt.com/x', true],
    ['https://user:word@semalt.com/', true],
    ['https://notsemalt.com', false],
    ['https://www.google.com/?q=semalt.com', false],
    ['semalt.com', false],
    ['https://www.zoominfo.com/c/acme/1', false],
    ['https://somebody.ucoz.ru/', false],
    ['https://app.uptime.com/', false],
    ['', false],
  ])('%s: %s', (referrer, expected) => {
    expect(isReferrerSpam(referrer)).toBe(expected)
  })
})

it.each([
  [() => refusedNets(['10.0.0.0/99'], undefined), /^LEADWAKE_STAFF: '10.0.0.0\/99' is not an address/],
  [() => refusedNets([], join(folder, 'none.txt')), /^LEADWAKE_REFUSE_NETS: .*none\.txt: ENOENT/],
])('says which list is wrong', (work, words) => {
  expect(work).toThrow(Sentence)
  expect(work).toThrow(words)
})

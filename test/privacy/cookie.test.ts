import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestFacts } from '../../collector/accept.ts'
import type { Beacon } from '../../collector/parse.ts'
import { visitorCookie } from '../../collector/visitor-cookie.ts'
import { FLAG } from '../../shared/protocol.ts'
import { beaconOf, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'

const beacon = (flags: number, visitor: string | null = 'v-1'): Beacon => ({
  site: 'main',
  visitor,
  sentAt: START,
  flags,
  screen: null,
  events: [],
})
const facts = (origin: string | undefined, host: string | undefined): RequestFacts => ({
  receivedAt: START,
  ip: '203.0.113.7',
  userAgent: 'x',
  origin,
  host,
  privacy: false,
  languages: undefined,
})
const GO = 'go.shop.example.com'
const KEPT = 'Max-Age=33600000; Secure; SameSite=Lax'

describe('the cookie that the collector sets', () => {
  it.each([
    [
      'of one host with the page is that host’s',
      'https://shop.example.com',
      'shop.example.com',
      `leadwake_visitor=v-1; Path=/; ${KEPT}`,
    ],
    [
      'of another host is their domain’s',
      'https://www.shop.example.com',
      GO,
      `leadwake_visitor=v-1; Path=/; Domain=example.com; ${KEPT}`,
    ],
    [
      'does not mind ports',
      'http://127.0.0.1:8080',
      '127.0.0.1:4380',
      `leadwake_visitor=v-1; Path=/; ${KEPT}`,
    ],
    ['is not set for a page of another domain', 'https://evil.example.org', GO, undefined],
    [
      'is not set for another tenant of a shared domain',
      'https://evil.github.io',
      'shop.github.io',
      undefined,
    ],
    ['is not set for another address', 'http://10.0.0.1', '10.0.0.2', undefined],
    ['is not set without an origin', undefined, GO, undefined],
    ['is not set for an origin that is none', 'null', GO, undefined],
    ['is not set without a host', 'https://shop.example.com', undefined, undefined],
  ])('%s', (_, origin, host, expected) => {
    expect(visitorCookie(beacon(FLAG.granted), 'v-1', facts(origin, host))).toBe(expected)
  })

  it.each([
    ['a yes', FLAG.granted, 'v-1', 'v-1', 'v-1'],
    ['an id that the site allows', FLAG.given, 'v-1', 'v-1', 'v-1'],
    ['an id that was not accepted', FLAG.given, 'v-1', '~hash', undefined],
    ['a beacon that was dropped', FLAG.granted, 'v-1', undefined, undefined],
    ['measuring', 0, null, '~hash', undefined],
    ['a no', FLAG.refused, null, '~hash', '0; gone'],
    ['an opt-out', FLAG.optOut, null, undefined, '0; gone'],
    ['a wish for privacy', FLAG.privacy, null, '~hash', '0; gone'],
  ])('after %s (%#)', (_, flags, visitor, kept, expected) => {
    const cookie = visitorCookie(
      beacon(flags, visitor),
      kept,
      facts('https://a.example.com', 'a.example.com'),
    )
    const [, value, age] = /leadwake_visitor=([\w-]+);.*Max-Age=(\d+)/.exec(cookie ?? '') ?? []
    expect(age === '0' ? `${value}; gone` : value).toBe(expected)
  })
})

describe('POST /v1/in of a site with the option', () => {
  let lw: TestCollector
  beforeAll(async () => {
    lw = await testCollector()
  })
  afterAll(() => lw.remove())

  let serial = 0
  const send = (rest: Record<string, unknown>, headers: Record<string, string> = {}) => {
    const event = ['p', eventId(START, ++serial), START, '/']
    return lw.beacon(beaconOf(START, [event], rest), {
      origin: 'https://www.example.com',
      host: 'go.example.com',
      ...headers,
    })
  }

  it('sets nothing and sends none, where it is off', async () => {
    const answer = await send({ f: FLAG.granted })
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(await (await lw.request('/l.js?s=main&with=cookie')).text()).toContain('credentials:"omit"')
  })

  it('sets it where it is on, and names the exact origin', async () => {
    await lw.call('PATCH', '/v1/sites/main', { with: ['cookie'] })
    expect(await (await lw.request('/l.js?s=main')).text()).toContain('credentials:"include"')
    const answer = await send({ f: FLAG.granted })
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://www.example.com',
      'access-control-allow-credentials': 'true',
      vary: 'origin',
      'set-cookie': `leadwake_visitor=visitor-1; Path=/; Domain=example.com; ${KEPT}`,
    })
  })

  it.each([
    ['is malformed', 'x', {}, 400],
    ['is dropped', undefined, { 'user-agent': 'curl/8' }, 202],
  ])('lets the page see the answer to a beacon that %s', async (_, body, headers, status) => {
    const all = { origin: 'https://www.example.com', host: 'go.example.com', ...headers }
    const answer = await (body ? lw.beacon(body, all) : send({ f: FLAG.granted }, all))
    expect(answer.status).toBe(status)
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://www.example.com')
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  it('takes it out again on a no', async () => {
    const answer = await send({ v: 0, f: FLAG.refused })
    expect(answer.headers.get('set-cookie')).toBe(
      'leadwake_visitor=0; Path=/; Domain=example.com; Max-Age=0; Secure; SameSite=Lax',
    )
  })
})

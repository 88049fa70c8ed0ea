import { beforeEach, describe, expect, it, vi } from 'vitest'
import { MAX_BODY_BYTES, MAX_EVENTS } from '../../shared/protocol.ts'
import { type Answer, NOW, visit } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

const given = { served: { consent: 'given' } } as const

describe('sending', () => {
  it('is a keepalive fetch of text without credentials or headers, so without a preflight', () => {
    const { requests } = visit()
    expect(requests[0]!.url).toBe('https://go.example/v1/in')
    const { body, ...init } = requests[0]!.init
    expect(init).toEqual({ method: 'POST', keepalive: 1, credentials: 'omit' })
    expect(typeof body).toBe('string')
  })

  const tags: [title: string, options: object, site: string | undefined, url: string][] = [
    ['the file as it was served', {}, 'site1', 'https://go.example/v1/in'],
    ['the URL first', { attributes: { 'data-site': 'abc' } }, 'site1', 'https://go.example/v1/in'],
    [
      'the attribute where the URL names none',
      { served: { site: undefined }, attributes: { 'data-site': 'abc' } },
      'abc',
      'https://go.example/v1/in',
    ],
    ['nobody', { served: { site: undefined } }, 'unknown-site', 'https://go.example/v1/in'],
    [
      'another host',
      { attributes: { 'data-host': 'https://in.example' } },
      'site1',
      'https://in.example/v1/in',
    ],
    ['a versioned file', { src: 'https://go.example/l.0a1b2c.js' }, 'site1', 'https://go.example/v1/in'],
  ]
  it.each(tags)('takes the site and the collector from %s', async (_title, options, site, url) => {
    const page = visit(options)
    await page.pass(0)
    expect(page.bodies[0]!.s).toBe(site)
    expect(page.requests[0]!.url).toBe(url)
  })

  it('takes two requests and 450 bytes for a view with an engagement', async () => {
    const page = visit({
      ...given,
      url: 'https://www.shop.example/products/pumps?utm_source=news',
      title: 'Pumps that last: the 3000 series | Shop',
      referrer: 'https://www.search.example/',
    })
    await page.pass(20_000)
    page.leave()
    await page.pass(0)
    expect(page.requests).toHaveLength(2)
    expect(page.requests.reduce((sum, { init }) => sum + String(init.body).length, 0)).toBeLessThanOrEqual(
      450,
    )
  })

  const answers: [answer: Answer, retriedAfterMs: number | null][] = [
    [204, null],
    [202, null],
    [400, null],
    [401, null],
    [404, null],
    [413, null],
    [429, 61_000],
    [{ status: 429, retryAfter: '90' }, 122_000],
    [500, 61_000],
    [503, 61_000],
    [{ status: 503, retryAfter: '5' }, 61_000],
    ['offline', 61_000],
  ]
  it.each(answers)('on %o retries after %s ms', async (answer, ms) => {
    const page = visit({ answer })
    await page.pass(0)
    const id = JSON.parse(String(page.requests[0]!.init.body)).e[0][1]
    page.answer(204)
    page.bodies.length = 0
    if (ms === null) {
      await page.pass(300_000)
      expect(page.events('p')).toEqual([])
    } else {
      await page.pass(ms - 1)
      expect(page.events('p')).toEqual([])
      // The timer looks each minute.
      await page.pass(1_000)
      expect(page.events('p').map((event) => event[1])).toEqual([id])
      await page.pass(300_000)
      expect(page.events('p')).toHaveLength(1)
    }
  })

  it('tries a beacon where fetch fails, and keeps the events, for beacons lie', async () => {
    const page = visit({ answer: 'offline' })
    await page.pass(0)
    expect(page.beacons).toEqual([page.requests[0]!.init.body])
    page.answer(204)
    page.fire(page.window, 'online')
    await page.pass(0)
    expect(page.events('p')).toHaveLength(1)
  })

  it('leaves what a busy server sent back alone for the time that it asked for', async () => {
    const page = visit({ answer: { status: 429, retryAfter: '60' } })
    await page.pass(0)
    page.answer(204)
    page.bodies.length = 0
    page.window.leadwake.event('a')
    await page.pass(20_000)
    expect(page.events().map((event) => event[0])).toEqual(['x'])
    await page.pass(60_000)
    expect(page.events('p')).toHaveLength(1)
  })

  it('sends from the next page what this one could not, with the same ids', async () => {
    const first = visit({ ...given, answer: 'offline' })
    first.window.leadwake.event('lost')
    await first.pass(3_000)
    first.leave()
    await first.pass(0)
    const next = visit({ ...given, stored: first.stored() })
    await next.pass(0)
    expect(next.bodies).toHaveLength(1)
    expect(next.bodies[0]!.e.map((event) => event[0]).sort()).toEqual(['e', 'p', 'p', 'x'])
    expect(next.events('p')[0]![1]).toBe(JSON.parse(String(first.requests[0]!.init.body)).e[0][1])
    expect(next.stored()).toEqual({ leadwake_queue: '[]' })
  })

  it('keeps what is under way until it is acknowledged', async () => {
    const page = visit(given)
    expect(page.stored().leadwake_queue).toContain('"p"')
    await page.pass(0)
    expect(page.stored()).toEqual({ leadwake_queue: '[]' })
  })

  it('leaves alone what another tab keeps, while it has nothing to keep itself', async () => {
    const page = visit(given)
    await page.pass(0)
    page.hide()
    await page.pass(0)
    page.window.localStorage.setItem('leadwake_queue', '[["x"]]')
    await page.pass(120_000)
    expect(page.stored().leadwake_queue).toBe('[["x"]]')
  })

  it.each(['null', '{}', '7', 'not JSON', ''])('bears %s where the queue should be', async (text) => {
    const page = visit({ ...given, stored: { leadwake_queue: text } })
    await page.pass(0)
    expect(page.events('p')).toHaveLength(1)
  })

  it('stores nothing in measure mode, and retries in memory', async () => {
    const page = visit({ answer: 'offline' })
    await page.pass(20_000)
    expect(page.stored()).toEqual({})
    page.answer(204)
    await page.pass(60_000)
    expect(page.events('p')).toHaveLength(1)
  })

  it('never sends more than the collector takes, whatever piles up', async () => {
    const page = visit({ ...given, answer: 'offline' })
    for (let i = 0; i < 500; i++) page.window.leadwake.event(`事件${i}`, { text: '長'.repeat(i % 200) })
    await page.pass(0)
    expect(JSON.stringify(page.stored()).length).toBeLessThan(30_000)
    page.answer(204)
    await page.pass(120_000)
    for (const { init } of page.requests) {
      expect(Buffer.byteLength(String(init.body))).toBeLessThanOrEqual(MAX_BODY_BYTES)
      expect(JSON.parse(String(init.body)).e.length).toBeLessThanOrEqual(MAX_EVENTS)
    }
    expect(page.events('p')).toHaveLength(1)
  })

  it('sends many small events in several bodies', async () => {
    const page = visit({ answer: 'offline' })
    for (let i = 0; i < 60; i++) page.window.leadwake.event('a')
    await page.pass(0)
    page.answer(204)
    await page.pass(180_000)
    expect(page.told('x')).toHaveLength(60)
    for (const { e } of page.bodies) expect(e.length).toBeLessThanOrEqual(MAX_EVENTS)
  })

  it('leaves out an event that is too large, and sends the others', async () => {
    const page = visit()
    page.window.leadwake.event('huge', { text: 'x'.repeat(20_000) })
    page.window.leadwake.event('small')
    await page.pass(0)
    expect(page.told('x')).toEqual([['small', null]])
  })
})

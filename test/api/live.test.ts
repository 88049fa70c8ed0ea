import { get, type IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byteStream, MOST_WAITING } from '../../collector/api/byte-stream.ts'
import { withState } from '../../collector/cli/perform.ts'
import { ENTRY_VERSION } from '../../collector/entry.ts'
import { hashOf } from '../../collector/keys.ts'
import { HEARTBEAT_MS } from '../../collector/live-feed.ts'
import { beaconOf, eventId, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor, revoke } from '../support/keys.ts'

let lw: TestCollector
/** Each test has a site of its own. */
let site: string
let sites = 0
const open: Stream[] = []
beforeAll(async () => {
  lw = await testCollector()
})
beforeEach(async () => {
  site = `site-${++sites}`
  await addSite(lw, site)
})
afterEach(() => {
  for (const { close } of open.splice(0)) close()
})
afterAll(() => lw.remove())

interface Message {
  event: string
  id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: asserted on, field by field
  data: any
}

interface Stream {
  response: IncomingMessage
  messages: Message[]
  /** The first message that satisfies. */
  until(holds: (message: Message) => boolean): Promise<Message>
  ended: Promise<void>
  close(): void
}

/** Listens over a real connection. */
async function listen(headers: Record<string, string>, at = lw): Promise<Stream> {
  const request = get(`${at.origin}/v1/live?site=${at === lw ? site : 'main'}`, { headers })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  const messages: Message[] = []
  let text = ''
  let wake = () => {}
  response.on('error', () => {})
  response.on('data', (chunk) => {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop()!
    for (const part of parts) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1]
      if (field('event') === undefined) continue
      messages.push({ event: field('event')!, id: field('id'), data: JSON.parse(field('data')!) })
    }
    wake()
  })
  const ended = new Promise<void>((resolve) => response.on('close', resolve))
  const stream: Stream = {
    response,
    messages,
    async until(holds) {
      for (;;) {
        const found = messages.find(holds)
        if (found) return found
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    ended,
    close: () => request.destroy(),
  }
  open.push(stream)
  return stream
}

const withKey = (key = lw.key) => ({ authorization: `Bearer ${key}` })
const beacon = (events: unknown[], v = 'visitor-1') =>
  lw.beacon(beaconOf(lw.clock.now, events, { s: site, v }))
const identify = (more: object = {}) =>
  lw.call('POST', '/v1/identify', { site, visitor: 'visitor-1', email: 'ada@acme.org', ...more })
const view = (n: number, path: string) => ['p', eventId(lw.clock.now, n), lw.clock.now, path]
const pathsOf = ({ data }: Message): string[] => data.items.map(({ path }: { path: string }) => path)

describe('GET /v1/live', () => {
  it('streams who is there, what they do and who moves, once it is committed', async () => {
    const stream = await listen(withKey())
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    })
    expect(await stream.until(({ event }) => event === 'now')).toMatchObject({ data: { visitors: 0 } })
    await beacon([view(1, '/pricing')])
    const seen = await stream.until(({ event }) => event === 'events')
    expect(pathsOf(seen)).toEqual(['/pricing'])
    await stream.until(({ event, data }) => event === 'now' && data.visitors === 1)
    const { body } = await identify({ signal: { name: 'demo_requested', id: '1' } })
    const move = await stream.until(({ event, data }) => event === 'stage' && data.to === 'sql')
    expect(move.data.lead).toEqual({ id: body.id, name: 'ada@acme.org' })
  })

  it('begins with those who were there before', async () => {
    await beacon([view(1, '/')])
    await beacon([view(2, '/')], 'visitor-2')
    await lw.until(`/v1/stats?site=${site}`, ({ visitors }) => visitors === 2)
    lw.clock.now += 400_000
    await beacon([view(3, '/')], 'visitor-2')
    await lw.until(`/v1/stats?site=${site}`, ({ pageViews }) => pageViews === 3)
    const stream = await listen(withKey())
    expect(await stream.until(({ event }) => event === 'now')).toMatchObject({ data: { visitors: 1 } })
  })

  it('tells a key without the right `leads` neither ids nor names', async () => {
    const { key } = await keyFor(lw, ['read'])
    const stream = await listen(withKey(key))
    await identify()
    await beacon([
      view(1, '/pricing'),
      ['x', eventId(lw.clock.now, 2), lw.clock.now, eventId(lw.clock.now, 1), 'for Ada'],
    ])
    const seen = await stream.until(({ event, data }) => event === 'events' && data.items.length > 1)
    const at = new Date(lw.clock.now).toISOString()
    expect(seen.data.items).toEqual([
      { at, kind: 'page', path: '/pricing' },
      { at, kind: 'custom' },
    ])
    expect(JSON.stringify(stream.messages)).not.toMatch(/ada/i)
  })

  it('shows nothing of what happened long ago', async () => {
    const stream = await listen(withKey())
    const past = lw.clock.now - 3_600_000
    await beacon([['p', eventId(past, 1), past, '/past'], view(2, '/now')])
    expect(pathsOf(await stream.until(({ event }) => event === 'events'))).toEqual(['/now'])
  })

  it('resumes by Last-Event-ID', async () => {
    const first = await listen(withKey())
    await beacon([view(1, '/a')])
    const { id } = await first.until(({ event }) => event === 'events')
    first.close()
    await beacon([view(2, '/b')])
    await lw.until(`/v1/stats?site=${site}`, ({ pageViews }) => pageViews === 2)
    const back = await listen({ ...withKey(), 'last-event-id': id! })
    expect(pathsOf(await back.until(({ event }) => event === 'events'))).toEqual(['/b'])
    const lost = await listen({ ...withKey(), 'last-event-id': 'other.1' })
    await lost.until(({ event }) => event === 'reset')
  })

  it('ends when the key is revoked', async () => {
    const made = await keyFor(lw, ['read'])
    const stream = await listen(withKey(made.key))
    const other = await listen(withKey())
    const began = performance.now()
    await revoke(lw, made)
    await stream.ended
    // At once, not with the next heartbeat.
    expect(performance.now() - began).toBeLessThan(HEARTBEAT_MS / 2)
    expect(other.response.destroyed).toBe(false)
  })

  it('opens to a session of the dashboard, and ends with it', async () => {
    const login = (op: 'password' | 'link', value: string) =>
      withState(lw.db, (perform) => perform({ kind: 'login', v: ENTRY_VERSION, op, value }), {
        now: () => lw.clock.now,
      })
    await login('link', hashOf('token'))
    const page = await lw.request('/login/token')
    const cookie = page.headers.get('set-cookie')!.split(';')[0]!
    const stream = await listen({ cookie })
    await stream.until(({ event }) => event === 'now')
    await identify()
    expect((await stream.until(({ event }) => event === 'stage')).data.lead.name).toBe('ada@acme.org')
    await login('password', 'scrypt:another:one')
    await stream.ended
    expect((await callAs(lw, undefined, 'GET', '/v1/live')).status).toBe(401)
  })

  it('ends when a role no longer sees people', async () => {
    const secret = 'seven little words'
    const { body } = await lw.call('POST', '/v1/staff', { name: 'Grace', role: 'sales', password: secret })
    const signedIn = await lw.request('/login', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ name: 'Grace', secret }),
    })
    const stream = await listen({ cookie: signedIn.headers.get('set-cookie')!.split(';')[0]! })
    await stream.until(({ event }) => event === 'now')
    const began = performance.now()
    await lw.call('PATCH', `/v1/staff/${body.id}`, { role: 'viewer' })
    await stream.ended
    expect(performance.now() - began).toBeLessThan(HEARTBEAT_MS / 2)
  })

  it('is forgotten of who is erased', async () => {
    const stream = await listen(withKey())
    const { body } = await identify()
    await stream.until(({ event }) => event === 'stage')
    const { id } = await stream.until(({ event }) => event === 'now')
    await lw.call('DELETE', `/v1/leads/${body.id}`)
    const back = await listen({ ...withKey(), 'last-event-id': id! })
    await back.until(({ event }) => event === 'now')
    expect(JSON.stringify(back.messages)).not.toContain('ada')
  })

  it('does not hold up a stop', async () => {
    const own = await testCollector()
    const streams = await Promise.all(Array.from({ length: 20 }, () => listen(withKey(), own)))
    const began = performance.now()
    await own.remove()
    // The longest that a stop waits for answers is 5 s.
    expect(performance.now() - began).toBeLessThan(4_000)
    await Promise.all(streams.map(({ ended }) => ended))
  })

  it('is refused without a right to it, in words', async () => {
    await addSite(lw, 'other')
    const { key: events } = await keyFor(lw, ['events'])
    const { key: other } = await keyFor(lw, ['read'], 'other')
    for (const [key, query, status] of [
      [undefined, `?site=${site}`, 401],
      ['lw_nobody', `?site=${site}`, 401],
      [events, `?site=${site}`, 403],
      [other, `?site=${site}`, 404],
      [lw.key, '?site=nobody', 404],
      [lw.key, '?sit=main', 400],
    ] as const) {
      const answer = await callAs(lw, key && `Bearer ${key}`, 'GET', `/v1/live${query}`)
      expect(answer, `${key} ${query}`).toMatchObject({ status, body: { status } })
    }
  })
})

describe('the body of a stream', () => {
  it('takes no more than a reader may leave unread, and breaks off then', async () => {
    const { readable, outlet } = byteStream()
    const piece = new Uint8Array(MOST_WAITING / 4)
    for (let i = 0; i < 4; i++) expect(outlet.write(piece)).toBe(true)
    expect(outlet.write(piece)).toBe(false)
    outlet.end()
    await expect(readable.getReader().read()).rejects.toThrow('too slow')
  })

  it('takes on what a reader reads', async () => {
    const { readable, outlet } = byteStream()
    const reader = readable.getReader()
    for (let i = 0; i < 20; i++) {
      expect(outlet.write(new Uint8Array(MOST_WAITING / 2))).toBe(true)
      await reader.read()
    }
    outlet.end()
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })

  it('tells that its reader has gone, also where that was before anybody asked', async () => {
    const gone: string[] = []
    const first = byteStream()
    first.ended(() => gone.push('first'))
    await first.readable.cancel()
    const second = byteStream()
    await second.readable.cancel()
    second.ended(() => gone.push('second'))
    expect(gone).toEqual(['first', 'second'])
    expect(first.outlet.write(new Uint8Array(1))).toBe(false)
  })
})

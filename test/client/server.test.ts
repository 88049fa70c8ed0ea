import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { LeadwakeError, type LeadwakeOptions, leadwake } from '../../collector/client/server.ts'
import { START, type TestCollector, testCollector } from '../support/collector.ts'
import { keyFor } from '../support/keys.ts'

interface Sent {
  url: string
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: asserted on, field by field
  body: any
}

/** A line whose collector answers as told, one answer a call, the last again. */
function told(...answers: (() => Response | Promise<Response>)[]) {
  const sent: Sent[] = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const body = init?.body === undefined ? undefined : JSON.parse(String(init.body))
    sent.push({ url: String(url), headers: new Headers(init?.headers), body })
    return answers[Math.min(sent.length, answers.length) - 1]!()
  }
  return { sent, lw: leadwake({ origin: 'https://go.acme.org/', key: 'lw_secret', site: 'main', fetch }) }
}

const ANSWER = { id: 'c1', stage: 'sql', engagement: 40, fit: 50, created: true }
const ok = () => Response.json(ANSWER, { status: 201 })
const busy = (after?: string) => () =>
  Response.json(
    { type: 'about:blank', title: 'x', status: 503, detail: 'send it again later' },
    { status: 503, headers: after === undefined ? {} : { 'retry-after': after } },
  )
const failure = async (answer: Promise<unknown>): Promise<LeadwakeError> => {
  const error = await answer.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(LeadwakeError)
  return error as LeadwakeError
}

afterEach(() => void vi.useRealTimers())

describe('identify', () => {
  it('posts what it was given, and gives the answer', async () => {
    const { lw, sent } = told(ok)
    const answer = await lw.identify(
      {
        visitor: 'v1',
        email: 'ada@acme.org',
        traits: { name: 'Ada', company: undefined },
        at: new Date(START),
        consent: true,
        dryRun: true,
        signal: { name: 'demo_requested', id: 'form-1', at: new Date(START) },
      },
      { idempotencyKey: 'once' },
    )
    expect(answer).toEqual(ANSWER)
    expect(sent).toHaveLength(1)
    expect(sent[0]!.url).toBe('https://go.acme.org/v1/identify')
    expect(Object.fromEntries(sent[0]!.headers)).toEqual({
      authorization: 'Bearer lw_secret',
      'content-type': 'application/json',
      'idempotency-key': 'once',
    })
    expect(sent[0]!.body).toEqual({
      site: 'main',
      visitor: 'v1',
      email: 'ada@acme.org',
      traits: { name: 'Ada' },
      at: '2026-11-03T09:00:00.000Z',
      consent: true,
      dryRun: true,
      signal: { name: 'demo_requested', id: 'form-1', at: '2026-11-03T09:00:00.000Z' },
    })
  })

  it('sends nothing that was not said', async () => {
    const { lw, sent } = told(ok)
    await lw.identify({ email: 'ada@acme.org', visitor: undefined })
    expect(sent[0]!.body).toEqual({ site: 'main', email: 'ada@acme.org' })
  })

  it('gives a signal without an id the idempotency key, so that a repeat counts once', async () => {
    const { lw, sent } = told(ok)
    const person = { email: 'ada@acme.org', signal: { name: 'demo_requested' } }
    await lw.identify(person, { idempotencyKey: 'submission-1' })
    await lw.identify(person)
    expect(sent[0]!.body.signal.id).toBe('submission-1')
    expect(sent[1]!.body.signal.id).toBe(sent[1]!.headers.get('idempotency-key'))
    expect(sent[1]!.body.signal.id).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('a collector that cannot take it now', () => {
  it('is asked once more when it says when, under the same idempotency key', async () => {
    vi.useFakeTimers()
    const { lw, sent } = told(busy('2'), ok)
    const answer = lw.identify({ email: 'ada@acme.org', signal: { name: 'demo_requested' } })
    await vi.advanceTimersByTimeAsync(1_999)
    expect(sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await answer).toEqual(ANSWER)
    expect(sent).toHaveLength(2)
    expect(sent[1]).toEqual(sent[0])
  })

  it('may say when as a date', async () => {
    vi.useFakeTimers({ now: START })
    const { lw, sent } = told(busy(new Date(START + 3_000).toUTCString()), ok)
    const answer = lw.identify({ email: 'ada@acme.org' })
    await vi.advanceTimersByTimeAsync(2_999)
    expect(sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await answer).toEqual(ANSWER)
  })

  it('is not asked a third time', async () => {
    const { lw, sent } = told(busy('0'))
    const error = await failure(lw.identify({ email: 'ada@acme.org' }))
    expect(error).toMatchObject({ status: 503, message: 'send it again later' })
    expect(sent).toHaveLength(2)
  })

  it.each([undefined, '', 'soon', '11', '86400'])('is not asked again after %j', async (after) => {
    const { lw, sent } = told(busy(after), ok)
    expect((await failure(lw.identify({ email: 'ada@acme.org' }))).status).toBe(503)
    expect(sent).toHaveLength(1)
  })
})

describe('a failure', () => {
  it('names the fields that are wrong', async () => {
    const problem = {
      type: 'about:blank',
      title: 'The values do not hold',
      status: 422,
      detail: '/email: must be an e-mail address',
      errors: [{ pointer: '/email', detail: 'must be an e-mail address' }],
    }
    const { lw, sent } = told(() => Response.json(problem, { status: 422 }))
    const error = await failure(lw.identify({ email: 'nobody' }))
    expect(error).toMatchObject({ name: 'LeadwakeError', status: 422, message: problem.detail, problem })
    expect(sent).toHaveLength(1)
  })

  it.each<[what: string, answer: () => Response | Promise<Response>, status: number, words: RegExp]>([
    [
      'a page of a proxy',
      () => new Response('<h1>x</h1>', { status: 502 }),
      502,
      /not Leadwake answered with 502/,
    ],
    ['JSON of something else', () => Response.json(null, { status: 404 }), 404, /not Leadwake/],
    [
      'a redirect',
      () => new Response(null, { status: 301, headers: { location: 'https://www.acme.org/' } }),
      301,
      /origin that it redirects to/,
    ],
    ['no connection', () => Promise.reject(new TypeError('fetch failed')), 0, /could not be reached/],
    ['a body that is no JSON', () => new Response('ok'), 0, /could not be reached/],
  ])('tells %s', async (_what, answer, status, words) => {
    const error = await failure(told(answer).lw.identify({ email: 'ada@acme.org' }))
    expect(error.status).toBe(status)
    expect(error.message).toMatch(words)
    expect(JSON.stringify([error.message, error.problem, error.stack])).not.toMatch(/lw_secret|ada@/)
  })

  it('comes when no answer does', async () => {
    const silent: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) =>
        init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason)),
      )
    const lw = leadwake({ origin: 'http://x', key: 'k', site: 'main', fetch: silent, timeoutMs: 20 })
    const error = await failure(lw.identify({ email: 'ada@acme.org' }))
    expect(error.status).toBe(0)
    expect(error.cause).toMatchObject({ name: 'TimeoutError' })
  })

  it.each<[string, Partial<LeadwakeOptions>, RegExp]>([
    ['an origin', { origin: undefined as unknown as string }, /give an origin/],
    ['an origin with a scheme', { origin: 'go.acme.org' }, /give an origin/],
    ['a key', { key: '' }, /give a key/],
    ['a site', { site: '' }, /give a site/],
  ])('comes at once where %s is missing', (_what, options, words) => {
    expect(() => leadwake({ origin: 'http://x', key: 'k', site: 'main', ...options })).toThrow(words)
  })

  it('says of a key with a line break that it cannot be sent', async () => {
    const lw = leadwake({ origin: 'http://x', key: 'k\nx', site: 'main' })
    await expect(lw.identify({ email: 'ada@acme.org' })).rejects.toThrow(TypeError)
  })
})

describe('an answer that is late', () => {
  const late = () => Response.json({ status: '/v1/outcomes/r1' }, { status: 202 })
  const notYet = () => Response.json({ detail: 'no outcome yet' }, { status: 404 })

  it('is asked for until it is there', async () => {
    const { lw, sent } = told(late, notYet, () => Response.json({ status: 200, body: ANSWER }))
    expect(await lw.identify({ email: 'ada@acme.org' })).toEqual(ANSWER)
    expect(sent.map(({ url }) => url.slice('https://go.acme.org'.length))).toEqual([
      '/v1/identify',
      '/v1/outcomes/r1',
      '/v1/outcomes/r1',
    ])
    expect(sent[2]!.headers.get('authorization')).toBe('Bearer lw_secret')
  })

  it('may be a refusal', async () => {
    const { lw } = told(late, () => Response.json({ status: 409, body: { detail: 'two contacts' } }))
    expect(await failure(lw.identify({ email: 'ada@acme.org' }))).toMatchObject({
      status: 409,
      message: 'two contacts',
    })
  })

  it('is 202 where the key may not ask', async () => {
    const { lw } = told(late, () => Response.json({ detail: 'no right' }, { status: 403 }))
    expect(await failure(lw.identify({ email: 'ada@acme.org' }))).toMatchObject({ status: 202 })
  })
})

describe('with a real collector', () => {
  let lw: TestCollector
  let key: string
  beforeAll(async () => {
    lw = await testCollector()
    key = (await keyFor(lw, ['link', 'events'])).key
  })
  afterAll(() => lw.remove())
  const line = () => leadwake({ origin: lw.origin, key, site: 'main' })

  it('makes a contact, then knows it', async () => {
    const first = await line().identify({ email: 'ada@acme.org', traits: { name: 'Ada' } })
    expect(first).toMatchObject({ stage: 'lead', created: true })
    expect(await line().identify({ email: 'ada@acme.org' })).toEqual({ ...first, created: false })
  })

  it('sends an event of a contact, once per id', async () => {
    const { id } = await line().identify({ email: 'event@acme.org' })
    const event = { contact: id, name: 'trial_started', id: 't-1', at: new Date(START - 1_000) }
    expect(await line().event(event)).toEqual({ stored: true })
    expect(await line().event(event)).toEqual({ stored: false })
    expect((await line().identify({ email: 'event@acme.org' })).stage).toBe('sql')
  })

  it('sends an event of a visitor that nobody knows yet', async () => {
    expect(await line().event({ visitor: 'later', name: 'webinar_attended' })).toEqual({ stored: true })
    const { id } = await line().identify({ email: 'later@acme.org', visitor: 'later' })
    const { items } = (await lw.call('GET', `/v1/leads/${id}/timeline`)).body
    expect(items.map(({ title }: { title: string }) => title)).toContain('Webinar attended')
  })

  it('sends many, and says of each what became of it', async () => {
    await line().identify({ email: 'many@acme.org' })
    const events = Array.from({ length: 100 }, (_, n) => ({
      contact: n === 7 ? 'nobody@acme.org' : 'many@acme.org',
      name: n === 8 ? 'Not A Name' : 'webinar_attended',
      id: n === 9 ? 'w-6' : `w-${n}`,
    }))
    const results = await line().events(events)
    expect(results).toHaveLength(100)
    expect(results[7]).toMatchObject({ ok: false, error: { status: 404 } })
    expect(results[8]).toMatchObject({ ok: false, error: { status: 422 } })
    const stored = results.filter((result) => result.ok && result.stored)
    expect(stored).toHaveLength(97)
    expect(results.filter((result) => result.ok && !result.stored)).toHaveLength(1)
  })

  it('sends none of none', async () => {
    expect(await line().events([])).toEqual([])
  })

  it('is refused without the right', async () => {
    const { key } = await keyFor(lw, ['read'])
    const reader = leadwake({ origin: lw.origin, key, site: 'main' })
    expect(await failure(reader.identify({ email: 'ada@acme.org' }))).toMatchObject({ status: 403 })
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beaconOf, DAY, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor } from '../support/keys.ts'

let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector()
  await addSite(lw, 'shop')
})
afterAll(() => lw.remove())

const identify = (body: Record<string, unknown>) => lw.call('POST', '/v1/identify', { site: 'main', ...body })
let serial = 0
const visit = async (visitor: string, at: number, url: string) => {
  const event = ['p', eventId(at, ++serial), at, url]
  expect((await lw.beacon(beaconOf(START, [event], { v: visitor }))).status).toBe(204)
}

describe('POST /v1/identify', () => {
  it('makes a contact the first time and finds it after', async () => {
    const first = await identify({ email: 'ada@acme.org' })
    expect(first).toMatchObject({ status: 201, body: { stage: 'lead', created: true, engagement: 0 } })
    const second = await identify({ email: 'ada@acme.org' })
    expect(second).toEqual({ status: 200, body: { ...first.body, created: false } })
  })

  it('finds it by an e-mail in other letters and with spaces around', async () => {
    const { body } = await identify({ email: 'ada@acme.org' })
    expect((await identify({ email: '  Ada@ACME.org ' })).body.id).toBe(body.id)
  })

  it('finds it by phone, however that is spelled, and by external id', async () => {
    const { body } = await identify({ phone: '+49 (30) 123-456', externalId: 'crm-1' })
    expect((await identify({ phone: '+4930123456' })).body.id).toBe(body.id)
    expect((await identify({ externalId: 'crm-1' })).body.id).toBe(body.id)
    expect((await lw.call('GET', `/v1/leads/${body.id}`)).body).toMatchObject({
      phone: '+4930123456',
      externalId: 'crm-1',
      email: null,
    })
  })

  it('adds an identity to a contact that is known by another', async () => {
    const { body } = await identify({ email: 'grace@navy.mil' })
    await identify({ email: 'grace@navy.mil', externalId: 'crm-grace' })
    expect((await identify({ externalId: 'crm-grace' })).body.id).toBe(body.id)
  })

  it('refuses with 409 to make one person of two known addresses, and changes neither', async () => {
    await identify({ email: 'one@two.org', traits: { name: 'One' } })
    await identify({ externalId: 'two', email: 'two@two.org' })
    const answer = await identify({ email: 'one@two.org', externalId: 'two', traits: { name: 'Both' } })
    expect(answer).toMatchObject({ status: 409, body: { status: 409, type: 'about:blank' } })
    expect(answer.body.detail).toMatch(/contacts with different e-mail addresses/)
    const { body } = await identify({ email: 'one@two.org' })
    expect((await lw.call('GET', `/v1/leads/${body.id}`)).body).toMatchObject({
      name: 'One',
      externalId: null,
    })
  })

  it('links what the visitor did before, and what it does after', async () => {
    await visit('linked', START - 2 * DAY, '/before')
    await visit('linked', START - DAY, '/services/a')
    const { body } = await identify({ email: 'linked@acme.org', visitor: 'linked' })
    expect(body.engagement).toBeGreaterThan(0)
    await visit('linked', START, '/after')
    const timeline = await lw.until(`/v1/leads/${body.id}/timeline`, ({ items }) =>
      items.some(({ path }: { path?: string }) => path === '/after'),
    )
    const paths = timeline.items
      .filter(({ kind }: { kind: string }) => kind === 'page')
      .map(({ path }: { path: string }) => path)
    expect(paths).toEqual(['/after', '/services/a', '/before'])
  })

  it('keeps apart two people who use one browser', async () => {
    await visit('shared', START - DAY, '/mine')
    const first = (await identify({ email: 'first@acme.org', visitor: 'shared', at: iso(START - DAY + 1) }))
      .body
    const second = (await identify({ email: 'second@acme.org', visitor: 'shared' })).body
    const pages = async (id: string) =>
      (await lw.call('GET', `/v1/leads/${id}/timeline`)).body.items.filter(
        ({ kind }: { kind: string }) => kind === 'page',
      )
    expect(await pages(first.id)).toHaveLength(1)
    expect(await pages(second.id)).toHaveLength(0)
  })

  it('updates traits one by one; null removes one', async () => {
    const traits = async (given: Record<string, unknown>) => {
      const { body } = await identify({ email: 'traits@acme.org', traits: given })
      return (await lw.call('GET', `/v1/leads/${body.id}`)).body.traits
    }
    expect(await traits({ role: 'CTO', size: 50 })).toEqual({ role: 'CTO', size: 50 })
    expect(await traits({ size: 60, plan: { name: 'x' } })).toEqual({
      role: 'CTO',
      size: 60,
      plan: { name: 'x' },
    })
    expect(await traits({ role: null, never: null })).toEqual({ size: 60, plan: { name: 'x' } })
    expect(await traits({})).toEqual({ size: 60, plan: { name: 'x' } })
  })

  it('takes an empty visitor, as a form sends it whose script was blocked', async () => {
    expect((await identify({ email: 'blocked@acme.org', visitor: '' })).status).toBe(201)
  })

  it('makes an SQL of who asks for a demo, and says why', async () => {
    const { status, body } = await identify({
      email: 'buyer@acme.org',
      signal: { name: 'demo_requested', id: 'form-1', props: { product: 'x' } },
    })
    expect(status).toBe(201)
    expect(body.stage).toBe('sql')
    const lead = (await lw.call('GET', `/v1/leads/${body.id}`)).body
    expect(lead.stage).toBe('sql')
    expect(lead.transitions.at(-1)).toMatchObject({ to: 'sql', why: expect.stringMatching(/demo/i) })
    expect(lead.reasons.map(({ rule }: { rule: string }) => rule).join()).toMatch(/demo/)
  })

  it('counts a signal of one id once, however often the form is sent', async () => {
    const send = (id: string) =>
      identify({ email: 'twice@acme.org', signal: { name: 'newsletter_opened', id } })
    const { body } = await send('n-1')
    await send('n-1')
    const signals = async () =>
      (await lw.call('GET', `/v1/leads/${body.id}/timeline`)).body.items.filter(
        ({ kind }: { kind: string }) => kind === 'signal',
      )
    expect(await signals()).toHaveLength(1)
    await send('n-2')
    expect(await signals()).toHaveLength(2)
  })

  it('holds the engagement of a repeated demand at that of one', async () => {
    const send = () => identify({ email: 'again@acme.org', signal: { name: 'demo_requested', id: 'd' } })
    const first = await send()
    expect((await send()).body).toEqual({ ...first.body, created: false })
  })

  it('knows people by site: the same e-mail is another contact elsewhere', async () => {
    const here = (await identify({ email: 'ada@acme.org' })).body.id
    const there = await lw.call('POST', '/v1/identify', { site: 'shop', email: 'ada@acme.org' })
    expect(there.status).toBe(201)
    expect(there.body.id).not.toBe(here)
  })

  it('takes a time in the future as now', async () => {
    const { body } = await identify({ email: 'future@acme.org', at: iso(START + DAY) })
    expect((await lw.call('GET', `/v1/leads/${body.id}`)).body.createdAt).toBe(iso(START))
  })
})

const iso = (at: number) => new Date(at).toISOString()

describe('POST /v1/identify refuses', () => {
  const SECRET = 'S3cretOfAda'
  const table: [what: string, body: Record<string, unknown>, pointer: string, words: RegExp][] = [
    ['nobody at all', {}, '', /at least one of email, phone and externalId/],
    ['an e-mail that is none', { email: SECRET }, '/email', /must be an e-mail address/],
    ['an e-mail that is no text', { email: { a: SECRET } }, '/email', /must be text/],
    ['an e-mail that is too long', { email: `${'a'.repeat(250)}@acme.org` }, '/email', /at most 254/],
    ...['test@acme.org', 'you@example.com', 'someone@example.org', 'NULL@acme.org', 'none@x.de'].map(
      (email): [string, Record<string, unknown>, string, RegExp] => [
        `the placeholder ${email}`,
        { email },
        '/email',
        /placeholder; send the address of a person/,
      ],
    ),
    ...['null', 'undefined', 'NaN', '0', 'Guest', 'anonymous', '[object Object]', ' true '].map(
      (externalId): [string, Record<string, unknown>, string, RegExp] => [
        `the placeholder '${externalId}' as an id`,
        { externalId },
        '/externalId',
        /placeholder; send the id of a person/,
      ],
    ),
    ['an empty id', { externalId: '  ' }, '/externalId', /must not be empty/],
    ['an id that is a number', { externalId: 7 }, '/externalId', /must be text/],
    ['a phone without a country', { phone: '030 123456' }, '/phone', /international form, like \+4930123456/],
    ['a phone of letters', { phone: SECRET }, '/phone', /international form/],
    [
      'a visitor with a space',
      { email: 'a@b.org', visitor: `${SECRET} x` },
      '/visitor',
      /A-Z a-z 0-9 _ - only/,
    ],
    ['a measured visitor', { email: 'ada@b.org', visitor: `~${SECRET}` }, '/visitor', /A-Z a-z 0-9 _ - only/],
    ['a site with a slash', { site: `${SECRET}/` }, '/site', /A-Z a-z 0-9 _ - only/],
    ['a site that is a number', { site: 7, email: 'ada@b.org' }, '/site', /must be text/],
    ['traits that are a list', { email: 'ada@b.org', traits: SECRET }, '/traits', /must be an object/],
    [
      'too many traits',
      { email: 'ada@b.org', traits: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, SECRET])) },
      '/traits',
      /at most 100 keys/,
    ],
    [
      'traits that are too big',
      { email: 'ada@b.org', traits: { a: SECRET.repeat(2_000) } },
      '/traits',
      /at most 16384/,
    ],
    [
      'a time without a zone',
      { email: 'ada@b.org', at: '2026-11-03T09:30:00' },
      '/at',
      /ISO 8601 time with a zone/,
    ],
    ['a time in words', { email: 'ada@b.org', at: SECRET }, '/at', /ISO 8601/],
    ['a time as a number', { email: 'ada@b.org', at: 1_762_160_000_000 }, '/at', /ISO 8601/],
    ['a time before 1970', { email: 'ada@b.org', at: '1969-12-31T23:59:59Z' }, '/at', /since 1970/],
    ['a signal without a name', { email: 'ada@b.org', signal: {} }, '/signal/name', /is required/],
    [
      'a signal in capitals',
      { email: 'ada@b.org', signal: { name: SECRET } },
      '/signal/name',
      /lower case words with _/,
    ],
    ['a signal that is text', { email: 'ada@b.org', signal: SECRET }, '/signal', /object/],
    [
      'an unknown field of a signal',
      { email: 'ada@b.org', signal: { name: 'x', when: SECRET } },
      '/signal/when',
      /is not a known field/,
    ],
    ['an unknown field', { email: 'ada@b.org', nmae: SECRET }, '/nmae', /is not a known field/],
    [
      'a field of another case',
      { email: 'ada@b.org', externalID: SECRET },
      '/externalID',
      /is not a known field/,
    ],
    [
      'a name that needs escaping',
      { email: 'ada@b.org', 'a/b~c': SECRET },
      '/a~1b~0c',
      /is not a known field/,
    ],
  ]
  it.each(table)(
    '%s with 422, and points to it without repeating it',
    async (_what, body, pointer, words) => {
      const {
        status,
        headers,
        body: answer,
      } = await callAs(lw, `Bearer ${lw.key}`, 'POST', '/v1/identify', {
        site: 'main',
        ...body,
      })
      expect(status).toBe(422)
      expect(headers.get('content-type')).toContain('application/problem+json')
      expect(answer).toMatchObject({ type: 'about:blank', title: 'The values do not hold', status: 422 })
      expect(answer.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer)
      const said = answer.errors.find((error: { pointer: string }) => error.pointer === pointer).detail
      expect(said).toMatch(words)
      expect(answer.detail).toContain(said)
      expect(JSON.stringify(answer)).not.toContain(SECRET)
      expect(JSON.stringify(answer)).not.toMatch(/received/i)
    },
  )

  it('several wrong fields at once, naming each', async () => {
    const { body } = await identify({ email: 'x', phone: 'y' })
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
      expect.arrayContaining(['/email', '/phone']),
    )
  })

  const bodies: [what: string, body: string, status: number, words: RegExp][] = [
    ['no JSON', '{"site":', 400, /the body is not JSON/],
    ['an empty body', '', 400, /the body is not JSON/],
    ['a form', 'site=main&email=ada%40acme.org', 400, /the body is not JSON/],
    ['a number', '7', 422, /must be a JSON object/],
    ['null', 'null', 422, /must be a JSON object/],
    ['a list', '[]', 422, /site is required/],
    ['65,537 bytes', `{"site":"${'x'.repeat(65_527)}"}`, 413, /at most 65536 bytes/],
  ]
  it.each(bodies)('%s', async (_what, body, status, words) => {
    const answer = await callAs(lw, `Bearer ${lw.key}`, 'POST', '/v1/identify', body)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.body.detail).toMatch(words)
  })

  it('a site that is not there with 404', async () => {
    const { status, body } = await identify({ site: 'nobody', email: 'ada@acme.org' })
    expect(status).toBe(404)
    expect(body.detail).toMatch(/site: no such site/)
  })

  it('who has no key with 401, before it looks at the body', async () => {
    for (const authorization of [undefined, '', 'Bearer', 'Basic abc', 'Bearer lw_unknown']) {
      const answer = await callAs(lw, authorization, 'POST', '/v1/identify', '{')
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    }
  })

  it('who has not the right with 403, naming the right', async () => {
    const { key } = await keyFor(lw, ['read', 'events'])
    const answer = await callAs(lw, `Bearer ${key}`, 'POST', '/v1/identify', {
      site: 'main',
      email: 'ada@acme.org',
    })
    expect(answer.status).toBe(403)
    expect(answer.body.detail).toContain("'link'")
  })
})

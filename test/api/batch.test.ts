import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beaconOf, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor } from '../support/keys.ts'
import { BROWSER } from '../support/user-agent.ts'

let lw: TestCollector
let sites = 0
beforeAll(async () => {
  lw = await testCollector()
})
afterAll(() => lw.remove())

/** A site of its own, where ids are allowed unless it asks for consent. */
async function site(consent: 'given' | 'required' = 'given'): Promise<string> {
  const id = `site-${++sites}`
  await addSite(lw, id, consent)
  return id
}

const iso = (at: number) => new Date(at).toISOString()
const send = (site: string, batch: unknown[], rest: object = {}) =>
  lw.call('POST', `/v1/batch?site=${site}`, { batch, ...rest })
const stats = async (site: string) => (await lw.call('GET', `/v1/stats?site=${site}`)).body
const leads = async (site: string) => (await lw.call('GET', `/v1/leads?site=${site}`)).body.items

describe('POST /v1/batch', () => {
  it('makes visits, leads and scores of what a Segment library sends', async () => {
    const id = await site()
    const context = {
      userAgent: BROWSER,
      locale: 'de-DE',
      screen: { width: 1_920 },
      page: { url: 'https://shop.example/pricing?utm_source=news', referrer: 'https://www.google.com/' },
    }
    const who = { anonymousId: '507f191e-810c-4972-9de8-60ea00000001' }
    const { status, body } = await send(id, [
      { type: 'page', messageId: 'm1', ...who, context, timestamp: iso(START - 3_000) },
      {
        type: 'track',
        messageId: 'm2',
        ...who,
        context,
        event: 'Product Added',
        properties: { name: 'Pump', price: '99.50', currency: 'EUR', quantity: 2 },
        timestamp: iso(START - 2_000),
      },
      {
        type: 'identify',
        messageId: 'm3',
        ...who,
        userId: 'crm-1',
        traits: { email: 'Ada@Acme.org', name: 'Ada', phone: '030 12345' },
        timestamp: iso(START - 1_000),
      },
      {
        type: 'track',
        messageId: 'm4',
        userId: 'crm-1',
        ...who,
        event: 'Demo Requested',
        properties: { form: 'top' },
      },
    ])
    expect(status).toBe(200)
    expect(body.items).toMatchObject([
      { status: 200, stored: true },
      { status: 200, stored: true },
      { status: 201, created: true, stage: 'mql' },
      { status: 200, stored: true },
    ])
    expect(await stats(id)).toMatchObject({
      visitors: 1,
      visits: 1,
      pageViews: 1,
      cartAdds: 1,
      cartValue: [{ currency: 'EUR', value: 199 }],
      topPages: [{ path: '/pricing', views: 1 }],
      languages: [{ name: 'de' }],
      screens: [{ name: 'wide' }],
      topProducts: [{ product: 'Pump', cartAdds: 1 }],
    })
    const [lead] = await leads(id)
    expect(lead).toMatchObject({ email: 'ada@acme.org', name: 'Ada', stage: 'sql' })
    const whole = (await lw.call('GET', `/v1/leads/${lead.id}`)).body
    expect(whole).toMatchObject({ externalId: 'crm-1', traits: { name: 'Ada', phone: '030 12345' } })
  })

  it('counts a message once, however often and however late it is sent again', async () => {
    const id = await site()
    const message = {
      type: 'page',
      messageId: 'once',
      anonymousId: 'a-1',
      properties: { path: '/' },
      timestamp: iso(START - 5_000),
    }
    const track = {
      type: 'track',
      messageId: 'once',
      anonymousId: 'a-1',
      event: 'Signed Up',
      timestamp: iso(START),
    }
    const first = await send(id, [message, message, track], { sentAt: iso(START) })
    expect(first.body.items.map(({ stored }: { stored: boolean }) => stored)).toEqual([true, false, true])
    // The library's clock stands still for the message, and goes on for the body.
    const again = await send(id, [message, track], { sentAt: iso(START + 60_000) })
    expect(again.body.items.map(({ stored }: { stored: boolean }) => stored)).toEqual([false, false])
    expect(await stats(id)).toMatchObject({ pageViews: 1, visitors: 1 })
  })

  it.each([
    [
      'a clock that is an hour fast',
      { timestamp: START + 3_600_000 - 2_000 },
      { sentAt: START + 3_600_000 },
      -2_000,
    ],
    ['a clock of its own for a message', { timestamp: 5_000, sentAt: 9_000 }, { sentAt: START }, -4_000],
    ['no clock at all', {}, {}, 0],
    [
      'a time that was corrected on the way',
      { timestamp: START - 7_000, receivedAt: START - 1_000 },
      { sentAt: 0 },
      -7_000,
    ],
    ['a time to come', { timestamp: START + 9_000 }, {}, 0],
    ['last year', { timestamp: START - 365 * 86_400_000 }, {}, -365 * 86_400_000],
  ])('dates by the distance to the sending: %s', async (_, of, body, distance) => {
    const id = await site()
    const times = (fields: object) =>
      Object.fromEntries(Object.entries(fields).map(([name, at]) => [name, iso(at as number)]))
    await send(id, [{ type: 'identify', userId: 'crm', ...times(of) }], times(body))
    const [{ id: lead }] = await leads(id)
    const { transitions } = (await lw.call('GET', `/v1/leads/${lead}`)).body
    expect(Date.parse(transitions[0].effectiveAt) - START).toBe(distance)
  })

  it('answers each message by itself, and takes the others', async () => {
    const id = await site()
    const page = { type: 'page', anonymousId: 'a', properties: { path: '/' } }
    const { status, body } = await send(id, [
      page,
      { ...page, type: 'group', groupId: 'g' },
      { ...page, type: 'screen' },
      { ...page, type: 'other' },
      { ...page, properties: {} },
      { type: 'page', properties: { path: '/' } },
      { type: 'track', anonymousId: 'a', event: '###' },
      { type: 'identify', anonymousId: 'a', traits: { plan: 'free' } },
      { type: 'identify', traits: { email: 'nobody' } },
      { type: 'identify', userId: 'undefined' },
      { ...page, context: { userAgent: 'Googlebot/2.1 (+http://www.google.com/bot.html)' } },
      { ...page, timestamp: 'yesterday' },
      'page',
      null,
    ])
    expect(status).toBe(200)
    expect(body.items).toEqual([
      { status: 200, stored: true },
      { status: 202, dropped: 'group' },
      { status: 202, dropped: 'screen' },
      { status: 422, detail: 'type must be one of page, track, identify, alias, screen, group' },
      { status: 422, detail: 'a page needs properties.url, properties.path or context.page.url' },
      { status: 422, detail: 'give anonymousId or userId' },
      { status: 422, detail: 'event must be a name with a letter from a to z, like Demo Requested' },
      { status: 202, dropped: 'names-nobody' },
      { status: 422, detail: 'email must be an e-mail address, like ada@acme.org' },
      { status: 422, detail: 'userId is a placeholder; send the id of a person' },
      { status: 202, dropped: 'bot' },
      { status: 422, detail: 'timestamp must be an ISO 8601 time, like 2026-11-03T09:30:00Z' },
      { status: 422, detail: 'must be a JSON object' },
      { status: 422, detail: 'must be a JSON object' },
    ])
    expect(await stats(id)).toMatchObject({ pageViews: 1 })
  })

  it('goes on with the visitor that the script has made', async () => {
    const id = await site()
    const page = ['p', eventId(START - 9_000, 1), START - 9_000, '/pricing']
    await lw.beacon(beaconOf(START, [page], { s: id, v: 'script-visitor' }))
    await send(id, [{ type: 'identify', anonymousId: 'script-visitor', traits: { email: 'ada@acme.org' } }])
    const [lead] = await leads(id)
    const { body } = await lw.call('GET', `/v1/leads/${lead.id}/timeline`)
    expect(body.items.map(({ path }: { path?: string }) => path)).toContain('/pricing')
  })

  it('keeps what a user does who has no anonymous id, and links both by alias', async () => {
    const id = await site()
    await send(id, [
      { type: 'page', anonymousId: 'before@x', properties: { path: '/a' } },
      { type: 'page', userId: 'crm-7', properties: { path: '/b' } },
      { type: 'alias', userId: 'crm-7', previousId: 'before@x' },
    ])
    const found = await leads(id)
    expect(found).toHaveLength(1)
    const { body } = await lw.call('GET', `/v1/leads/${found[0].id}/timeline`)
    const paths = body.items.flatMap(({ path }: { path?: string }) => path ?? [])
    expect(new Set(paths)).toEqual(new Set(['/a', '/b']))
  })

  it('keeps two users of one browser apart', async () => {
    const id = await site()
    const view = (path: string, userId: string, at: number) => ({
      type: 'page',
      anonymousId: 'shared',
      userId,
      properties: { path },
      timestamp: iso(at),
    })
    await send(id, [
      view('/a', 'crm-a', START - 9_000),
      view('/b', 'crm-b', START - 5_000),
      view('/c', 'crm-b', START),
    ])
    const found = await leads(id)
    const pathsOf = async (lead: { id: string }) =>
      (await lw.call('GET', `/v1/leads/${lead.id}/timeline`)).body.items.flatMap(
        ({ path }: { path?: string }) => path ?? [],
      )
    const paths = await Promise.all(found.map(pathsOf))
    expect(paths.map((list) => new Set(list)).sort((a, b) => a.size - b.size)).toEqual([
      new Set(['/a']),
      new Set(['/b', '/c']),
    ])
  })

  it('takes secrets out of addresses, as of beacons', async () => {
    const id = await site()
    await send(id, [
      {
        type: 'page',
        anonymousId: 'a',
        context: { page: { url: 'https://shop.example/u/ada@acme.org?token=s3cret&utm_source=x' } },
      },
    ])
    const { topPages } = await stats(id)
    expect(topPages[0].path).toBe('/u/[email]')
  })

  describe('where a site asks for consent', () => {
    const page = { type: 'page', anonymousId: 'a', properties: { path: '/' } }
    it.each([
      ['nothing said', undefined, false],
      ['a yes', { consent: true }, true],
      ['a no', { consent: false }, false],
      ['a yes in a word', { consent: 'granted' }, true],
      ['what nobody can read', { consent: 'perhaps' }, false],
      ["Segment's preferences", { consent: { categoryPreferences: { Analytics: true, Ads: false } } }, true],
      ['other preferences', { consent: { categoryPreferences: { Ads: true } } }, false],
    ])('%s', async (_, context, isTaken) => {
      const id = await site('required')
      const { body } = await send(id, [{ ...page, context }])
      expect(body.items).toEqual([
        isTaken ? { status: 200, stored: true } : { status: 202, dropped: 'no-consent' },
      ])
      expect(await stats(id)).toMatchObject({ pageViews: isTaken ? 1 : 0 })
    })

    it('a yes holds for what follows, until a no', async () => {
      const id = await site('required')
      const said = (consent: boolean) => ({ ...page, context: { consent } })
      const { body } = await send(id, [page, said(true), page, said(false), page])
      expect(body.items.map(({ dropped }: { dropped?: string }) => dropped)).toEqual([
        'no-consent',
        undefined,
        undefined,
        'no-consent',
        'no-consent',
      ])
    })

    it('a person is known without their visitor', async () => {
      const id = await site('required')
      const { body } = await send(id, [{ type: 'identify', anonymousId: 'a', userId: 'crm-1' }])
      expect(body.items).toMatchObject([{ status: 201, visitor: 'no-consent' }])
    })
  })

  it('a no is heard where ids are given, too, and holds', async () => {
    const id = await site()
    const page = { type: 'page', anonymousId: 'a', properties: { path: '/' } }
    const no = { ...page, context: { consent: false } }
    const { body } = await send(id, [no, page, no, page])
    expect(body.items.map(({ dropped }: { dropped?: string }) => dropped)).toEqual([
      'no-consent',
      undefined,
      'no-consent',
      'no-consent',
    ])
  })

  it('who was erased stays away', async () => {
    const id = await site()
    const ada = { type: 'identify', anonymousId: 'v-ada', userId: 'crm-1', traits: { email: 'ada@acme.org' } }
    await send(id, [ada])
    await lw.call('DELETE', `/v1/leads/${(await leads(id))[0].id}`)
    const { body } = await send(id, [
      ada,
      { type: 'page', anonymousId: 'v-ada', properties: { path: '/' } },
      { type: 'track', userId: 'crm-1', event: 'Signed Up' },
    ])
    expect(body.items).toEqual(Array.from({ length: 3 }, () => ({ status: 202, dropped: 'suppressed' })))
    expect(await leads(id)).toEqual([])
  })

  describe('keys', () => {
    const body = { batch: [{ type: 'page', anonymousId: 'a', properties: { path: '/' } }] }
    it.each([
      ['Bearer', (key: string) => ({ authorization: `Bearer ${key}` }), {}],
      ['the user name of Basic', (key: string) => ({ authorization: `Basic ${btoa(`${key}:`)}` }), {}],
      ['writeKey in the body', (): Record<string, string> => ({}), { writeKey: true }],
    ])('come as %s', async (_, headers, more) => {
      const { key } = await keyFor(lw, ['events', 'link'])
      const ask = (secret: string) =>
        lw.request('/v1/batch?site=main', {
          method: 'POST',
          headers: headers(secret),
          body: JSON.stringify({ ...body, ...('writeKey' in more && { writeKey: secret }) }),
        })
      expect((await ask(key)).status).toBe(200)
      expect((await ask('lw_nobody')).status).toBe(401)
    })

    it('are refused without a right or of another site', async () => {
      const other = await site()
      for (const rights of [['events'], ['link'], ['read']] as const) {
        const { key } = await keyFor(lw, [...rights])
        expect((await callAs(lw, `Bearer ${key}`, 'POST', '/v1/batch', body)).status, rights[0]).toBe(403)
      }
      const { key } = await keyFor(lw, ['events', 'link'], other)
      expect((await callAs(lw, `Bearer ${key}`, 'POST', '/v1/batch?site=main', body)).status).toBe(404)
      expect((await callAs(lw, undefined, 'POST', '/v1/batch', body)).status).toBe(401)
    })
  })

  describe('limits', () => {
    const page = { type: 'page', anonymousId: 'a', properties: { path: '/' } }
    const long = (bytes: number) => ({ ...page, padding: 'x'.repeat(bytes) })
    it.each([
      [
        'a body over 500 kB',
        { batch: Array.from({ length: 20 }, () => long(30_000)) },
        413,
        /at most 512000 bytes/,
      ],
      [
        'a message over 32 kB',
        { batch: [page, long(33_000)] },
        413,
        /^\/batch\/1: a message may have at most 32768/,
      ],
      [
        'too many messages',
        { batch: Array.from({ length: 501 }, () => page) },
        422,
        /^\/batch: may hold at most 500/,
      ],
      ['no messages', { batch: [] }, 422, /^\/batch: batch must hold at least one/],
      ['no list', { batch: page }, 422, /^\/batch: batch must be a list/],
      ['no batch', {}, 422, /batch/],
      ['a list', [page], 422, /batch/],
      ['no object', 'null', 422, /./],
      ['no JSON', '{', 400, /not JSON/],
      [
        'a sentAt that is none',
        { batch: [page], sentAt: 'now' },
        422,
        /^\/sentAt: sentAt must be an ISO 8601/,
      ],
    ])('%s', async (_, body, status, detail) => {
      const before = (await stats('main')).pageViews
      const answer = await callAs(lw, `Bearer ${lw.key}`, 'POST', '/v1/batch?site=main', body)
      expect(answer).toMatchObject({ status, body: { status, detail: expect.stringMatching(detail) } })
      expect((await stats('main')).pageViews).toBe(before)
    })

    it('takes gzip, and no more of it than of plain text', async () => {
      const ask = (body: string | Buffer<ArrayBuffer>, encoding = 'gzip') =>
        lw.request('/v1/batch?site=main', {
          method: 'POST',
          headers: { authorization: `Bearer ${lw.key}`, 'content-encoding': encoding },
          body,
        })
      expect((await ask(gzipSync(JSON.stringify({ batch: [page] })))).status).toBe(200)
      expect((await ask(gzipSync(' '.repeat(2_000_000)))).status).toBe(413)
      expect((await ask('{')).status).toBe(400)
      expect((await ask('{', 'br')).status).toBe(400)
    })
  })

  it('takes single messages by the name of their kind', async () => {
    const id = await site()
    const page = await lw.call('POST', `/v1/page?site=${id}`, { anonymousId: 'a', properties: { path: '/' } })
    expect(page.body.items).toEqual([{ status: 200, stored: true }])
    const track = await lw.call('POST', `/v1/track?site=${id}`, { anonymousId: 'a', event: 'Demo Requested' })
    expect(track.body.items).toEqual([{ status: 200, stored: true }])
    const alias = await lw.call('POST', `/v1/alias?site=${id}`, { previousId: 'a', userId: 'crm-1' })
    expect(alias.body.items).toMatchObject([{ status: 201, stage: 'sql' }])
    expect((await lw.call('POST', `/v1/page?site=${id}`, [])).body.items).toMatchObject([{ status: 422 }])
  })
})

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FLAG } from '../../shared/protocol.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor } from '../support/keys.ts'

let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector()
  await addSite(lw, 'shop')
})
afterAll(() => lw.remove())

const main = {
  id: 'main',
  name: 'main',
  consent: 'required',
  hosts: [],
  with: [],
  rulesVersion: 1,
  retention: null,
  timeZone: 'UTC',
  mail: [],
}
const script = async (query: string) => {
  const response = await lw.request(`/l.js${query}`)
  return { etag: response.headers.get('etag')!, text: await response.text() }
}

describe('GET /v1/sites', () => {
  it('lists the sites that the key opens', async () => {
    const { body } = await lw.call('GET', '/v1/sites')
    expect(body).toEqual({ items: [main, { ...main, id: 'shop', name: 'shop' }], next: null })
    const { key } = await keyFor(lw, ['read'], 'shop')
    const own = await callAs(lw, `Bearer ${key}`, 'GET', '/v1/sites')
    expect(own.body.items.map((site: { id: string }) => site.id)).toEqual(['shop'])
    expect((await callAs(lw, undefined, 'GET', '/v1/sites')).status).toBe(401)
  })
})

describe('GET /v1/sites/{id}', () => {
  it('is one of the list, of a site that the key opens', async () => {
    expect(await lw.call('GET', '/v1/sites/main')).toEqual({ status: 200, body: main })
    expect((await lw.call('GET', '/v1/sites/nobody')).status).toBe(404)
    const { key } = await keyFor(lw, ['read'], 'shop')
    expect((await callAs(lw, `Bearer ${key}`, 'GET', '/v1/sites/main')).status).toBe(404)
  })
})

describe('PATCH /v1/sites/{id}', () => {
  it('changes what it names, which the next script takes up', async () => {
    const before = await script('?s=shop')
    const answer = await lw.call('PATCH', '/v1/sites/shop', {
      with: ['hash', 'ga4', 'ga4'],
      consent: 'given',
    })
    expect(answer).toEqual({
      status: 200,
      body: {
        id: 'shop',
        name: 'shop',
        consent: 'given',
        hosts: [],
        with: ['hash', 'ga4'],
        retention: null,
        timeZone: 'UTC',
      },
    })
    await lw.until('/v1/sites', ({ items }) => items[1].with.length === 2)
    const after = await script('?s=shop')
    expect(after.etag).not.toBe(before.etag)
    expect(after.text).toContain('dataLayer')
    expect(after.text).toContain('hashchange')
    expect(after.text).not.toContain('added_to_cart')
    expect(before.text).toContain('?0:0')
    expect(after.text).toContain(`?0:${FLAG.given}`)
    // The tag adds to the setting, and takes nothing from it.
    const more = await script('?s=shop&with=woo')
    expect(more.text).toContain('added_to_cart')
    expect(more.text).toContain('hashchange')
    expect((await script('?s=shop&with=ga4')).etag).toBe(after.etag)
    expect((await script('?s=main')).text).not.toContain('dataLayer')
  })

  it('keeps the site, its rules and its settings over other changes', async () => {
    await lw.call('PATCH', '/v1/sites/shop', { hosts: ['Shop.Example'], retention: 400 })
    const rules = (await lw.call('GET', '/v1/rules?site=shop')).body.document
    expect((await lw.call('POST', '/v1/rules', { site: 'shop', document: rules })).status).toBe(200)
    await lw.call('PATCH', '/v1/sites/shop', { name: 'Our shop' })
    const { items } = await lw.until('/v1/sites', (body) => body.items[1].name === 'Our shop')
    expect(items[1]).toEqual({
      id: 'shop',
      name: 'Our shop',
      consent: 'given',
      hosts: ['shop.example'],
      with: ['hash', 'ga4'],
      rulesVersion: 2,
      retention: 400,
      timeZone: 'UTC',
      mail: [],
    })
  })

  it('tells which mail providers may send, and none of their secrets', async () => {
    const mail = async () => (await lw.call('GET', '/v1/sites')).body.items[1].mail
    const secret = 'a secret of Postmark that is long enough'
    expect((await lw.call('PATCH', '/v1/sites/shop', { mail: { postmark: secret } })).status).toBe(200)
    expect(await mail()).toEqual(['postmark'])
    expect(JSON.stringify((await lw.call('GET', '/v1/sites')).body)).not.toContain(secret)
    expect((await lw.call('PATCH', '/v1/sites/shop', { mail: { postmark: null } })).status).toBe(200)
    expect(await mail()).toEqual([])
  })

  const wrong: [body: unknown, words: RegExp][] = [
    [{ with: ['ga5'] }, /^with may hold ga4, woo, shopify/],
    [{ with: 'ga4' }, /with must be a list/],
    [{ hosts: ['https://a.b/'] }, /hosts must be host names/],
    [{ consent: 'maybe' }, /consent must be/],
    [{ name: '' }, /name must be 1 to 200/],
    [{ id: 'x' }, /is not a known field/],
    [{ retention: 89 }, /retention must be whole days from 90 to 36500, or null/],
    [{ retention: 'all' }, /retention must be whole days/],
    [7, /must be a JSON object/],
  ]
  it.each(wrong)('refuses %j in words', async (body, words) => {
    const answer = await lw.call('PATCH', '/v1/sites/main', body)
    expect(answer.status).toBe(422)
    expect(answer.body.detail).toMatch(words)
  })

  it('is for a key that may do everything with that site', async () => {
    const reader = await keyFor(lw, ['read', 'rules'])
    expect((await callAs(lw, `Bearer ${reader.key}`, 'PATCH', '/v1/sites/main', {})).status).toBe(403)
    const other = await keyFor(lw, ['admin'], 'shop')
    expect((await callAs(lw, `Bearer ${other.key}`, 'PATCH', '/v1/sites/main', {})).status).toBe(404)
    expect((await lw.call('PATCH', '/v1/sites/nobody', {})).status).toBe(404)
  })
})

describe('POST /v1/sites', () => {
  it('makes a site that takes beacons, with the rules of new sites', async () => {
    const body = { id: 'fresh', name: 'A fresh one', hosts: ['Fresh.Example'], timeZone: 'Europe/Berlin' }
    expect(await lw.call('POST', '/v1/sites', body)).toEqual({ status: 201, body: { id: 'fresh' } })
    const { items } = await lw.until('/v1/sites', (list) => list.items.length === 3)
    expect(items[2]).toEqual({ ...main, ...body, hosts: ['fresh.example'] })
    expect((await lw.call('GET', '/v1/rules?site=fresh')).body.document.name).toBe('standard')
    expect((await lw.call('GET', '/v1/sites/fresh/tag')).status).toBe(200)
    expect((await lw.call('POST', '/v1/sites', body)).status).toBe(409)
  })

  it.each<[string, unknown, number, RegExp]>([
    ['without a name', { id: 'x' }, 422, /name must be 1 to 200|"?name/],
    ['an id that is none', { id: 'a b', name: 'x' }, 422, /id may hold A-Z/],
    ['an empty id', { id: '', name: 'x' }, 422, /id may hold A-Z/],
    [
      'a zone that is none',
      { id: 'x', name: 'x', timeZone: 'Mars/Base' },
      422,
      /timeZone must be one of the IANA/,
    ],
    ['a host with a scheme', { id: 'x', name: 'x', hosts: ['https://x'] }, 422, /hosts must be host names/],
    ['a field that there is not', { id: 'x', name: 'x', rules: {} }, 422, /is not a known field/],
  ])('refuses %s', async (_, body, status, words) => {
    const answer = await lw.call('POST', '/v1/sites', body)
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(words)])
  })

  it('is for a key of every site that may do everything', async () => {
    const body = { id: 'theirs', name: 'x' }
    const own = await keyFor(lw, ['admin'], 'shop')
    expect((await callAs(lw, `Bearer ${own.key}`, 'POST', '/v1/sites', body)).status).toBe(403)
    const marketer = await keyFor(lw, ['rules', 'leads'])
    expect((await callAs(lw, `Bearer ${marketer.key}`, 'POST', '/v1/sites', body)).status).toBe(403)
  })
})

describe('POST /v1/sites/{id}/rebuild', () => {
  it('counts again by the days of another zone', async () => {
    const answer = await lw.call('POST', '/v1/sites/shop/rebuild', { timeZone: 'America/Lima' })
    expect(answer).toEqual({ status: 200, body: { visitors: 0 } })
    await lw.until('/v1/sites', ({ items }) => items[1].timeZone === 'America/Lima')
    expect((await lw.call('GET', '/v1/stats?site=shop')).body.timeZone).toBe('America/Lima')
  })

  it.each<[string, string, unknown, number, RegExp]>([
    ['a zone that is none', 'shop', { timeZone: 'Nowhere' }, 422, /timeZone must be one of the IANA/],
    ['a site that is none', 'nobody', {}, 404, /no such site/],
    ['what is no yes or no', 'shop', { withoutErased: 'x' }, 422, /withoutErased must be true or false/],
  ])('refuses %s', async (_, site, body, status, words) => {
    const answer = await lw.call('POST', `/v1/sites/${site}/rebuild`, body)
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(words)])
  })
})

describe('GET /v1/sites/{id}/tag', () => {
  it('gives both tags, of which the versioned one outlives a changed setting', async () => {
    const { body } = await lw.call('GET', '/v1/sites/main/tag')
    expect(body.tag).toBe('<script defer src="http://localhost/l.js?s=main"></script>')
    const { src, integrity, tag } = body.versioned
    expect(tag).toBe(`<script defer src="${src}" integrity="${integrity}" crossorigin></script>`)
    const bytes = async () => Buffer.from(await (await lw.request(src)).arrayBuffer())
    const first = await bytes()
    expect(integrity).toBe(`sha256-${createHash('sha256').update(first).digest('base64')}`)
    await lw.call('PATCH', '/v1/sites/main', { with: ['domains'] })
    await lw.until('/v1/sites/main/tag', ({ versioned }) => versioned.src !== src)
    expect(await bytes()).toEqual(first)
    expect((await lw.request(src)).headers.get('cache-control')).toContain('immutable')
    expect((await lw.call('GET', '/v1/sites/nobody/tag')).status).toBe(404)
  })
})

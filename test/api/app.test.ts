import { brotliDecompressSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FLAG } from '../../shared/protocol.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor } from '../support/keys.ts'

let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector()
  await addSite(lw, 'open', 'given')
})
afterAll(() => lw.remove())

describe('GET /healthz and /readyz', () => {
  it('say that it lives, without a key', async () => {
    const answer = await callAs(lw, undefined, 'GET', '/healthz')
    expect(answer).toMatchObject({ status: 200, body: { ok: true } })
  })

  it('say that it can store and how far projection is behind', async () => {
    await lw.until('/readyz', ({ lag }) => lag === 0)
    expect(await callAs(lw, undefined, 'GET', '/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, lag: 0 },
    })
  })
})

describe('GET /l.js', () => {
  const script = (query = '', headers: Record<string, string> = {}) =>
    lw.request(`/l.js${query}`, { headers })

  it('is JavaScript that any page may load and keep for an hour', async () => {
    const response = await script('?s=main')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(() => new Function('window', 'document', '')).not.toThrow()
  })

  it.each([
    ['open', 'open', 1],
    ['main', 'main', 0],
    ['nobody', 'unknown-site', 0],
    ['', 'unknown-site', 0],
  ])('carries the site %j as %s, and whether ids are allowed: %i', async (site, written, given) => {
    const text = await (await script(`?s=${site}`)).text()
    expect(text).toMatch(RegExp(`\\bs:(\\w+\\.site\\|\\|)?"${written}"`))
    expect(text).toContain(`?0:${given ? FLAG.given : 0}`)
    expect(text).not.toContain('__')
    expect(() => new Function(text)).not.toThrow()
  })

  it('is composed of what the URL asks for, each with an ETag of its own', async () => {
    const plain = await script('?s=main')
    const shop = await script('?s=main&with=ga4,woo')
    expect(await shop.text()).toContain('dataLayer')
    expect(await plain.text()).not.toContain('dataLayer')
    expect(shop.headers.get('etag')).not.toBe(plain.headers.get('etag'))
    for (const same of ['woo,ga4', 'woo,ga4,shopify', 'ga4,woo,nonsense,__proto__']) {
      const other = await script(`?s=main&with=${same}`)
      expect(other.headers.get('etag'), same).toBe(shop.headers.get('etag'))
    }
  })

  it('has a second file that explains, a module that needs nothing else', async () => {
    const response = await lw.request('/l.debug.js')
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const text = await response.text()
    expect(text).toContain('Leadwake: ')
    expect(text).not.toMatch(/\b(import|export)\b/)
  })

  it('is not there under a hash that was never handed out', async () => {
    const response = await lw.request('/l.0123456789012345678901.js')
    expect(response.status).toBe(404)
  })

  it('answers 304 without a body to who has it, and the whole to who has another', async () => {
    const etag = (await script('?s=main')).headers.get('etag')!
    expect(etag).toMatch(/^"[\w-]+"$/)
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const response = await script('?s=main', { 'if-none-match': known })
      expect(response.status, known).toBe(304)
      expect(await response.text()).toBe('')
      expect(response.headers.get('etag')).toBe(etag)
    }
    expect((await script('?s=main', { 'if-none-match': '"other"' })).status).toBe(200)
    expect((await script('?s=open', { 'if-none-match': etag })).status).toBe(200)
  })

  it('is sent as brotli to who asks for it, and only then', async () => {
    const plain = await script('?s=main')
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(plain.headers.get('vary')).toBe('accept-encoding')
    const text = await plain.text()
    for (const accept of ['br', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.8']) {
      const packed = await script('?s=main', { 'accept-encoding': accept })
      expect(packed.headers.get('content-encoding'), accept).toBe('br')
      expect(packed.headers.get('vary')).toBe('accept-encoding')
      const bytes = Buffer.from(await packed.arrayBuffer())
      expect(bytes.length).toBeLessThan(text.length)
      expect(brotliDecompressSync(bytes).toString()).toBe(text)
    }
    for (const accept of ['gzip, deflate', 'identity', 'brotli', 'abr']) {
      const response = await script('?s=main', { 'accept-encoding': accept })
      expect(response.headers.get('content-encoding'), accept).toBeNull()
    }
  })
})

describe('OPTIONS /v1/in', () => {
  it('lets a page of any origin post, without credentials', async () => {
    const response = await lw.request('/v1/in', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-methods')).toBe('POST')
    expect(response.headers.get('access-control-allow-headers')).toBe('content-type')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('does not open the API to other origins', async () => {
    const response = await lw.request('/v1/stats', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'GET' },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('what is not there under /v1', () => {
  it.each([
    ['GET', '/v1/nothing'],
    ['GET', '/v1/'],
    ['GET', '/v1/leads/a/b/c'],
  ])('is a 404 as problem+json: %s %s', async (method, path) => {
    const { status, headers, body } = await callAs(lw, `Bearer ${lw.key}`, method, path)
    expect(status).toBe(404)
    expect(headers.get('content-type')).toContain('application/problem+json')
    expect(body).toMatchObject({ type: 'about:blank', status: 404, detail: `there is no ${method} ${path}` })
  })
})

describe('another method of what is there', () => {
  it.each([
    ['PUT', '/v1/in', 'GET, HEAD, OPTIONS, POST'],
    ['GET', '/v1/identify', 'OPTIONS, POST'],
    ['HEAD', '/v1/identify', 'OPTIONS, POST'],
    ['POST', '/v1/stats', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/v1/stats', 'GET, HEAD, OPTIONS'],
    ['PUT', '/v1/leads/4711', 'DELETE, GET, HEAD, OPTIONS, PATCH'],
    ['GET', '/v1/leads/4711/decision', 'OPTIONS, POST'],
    ['PATCH', '/v1/stats/top/page', 'GET, HEAD, OPTIONS'],
    ['POST', '/readyz', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/openapi.json', 'GET, HEAD, OPTIONS'],
    ['POST', '/l.js', 'GET, HEAD, OPTIONS'],
  ])('is a 405 that says which there are: %s %s', async (method, path, allow) => {
    const response = await lw.request(path, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    if (method !== 'HEAD')
      expect((await response.json()).detail).toBe(`${path} takes ${allow}, and no ${method}`)
  })
})

describe('a call whose projection takes longer than two seconds', () => {
  it('is answered 202 with where to ask, and is done all the same', async () => {
    const keys = [await keyFor(lw, ['rules']), await keyFor(lw, ['leads'])]
    const blocker = new Database(lw.db)
    blocker.exec('BEGIN IMMEDIATE')
    const body = { site: 'main', email: 'late@acme.org' }
    const answer = await callAs(lw, `Bearer ${lw.key}`, 'POST', '/v1/identify', body)
    expect(answer.status).toBe(202)
    expect(answer.body.status).toMatch(/^\/v1\/outcomes\/[\w-]+$/)
    expect(answer.headers.get('location')).toBe(answer.body.status)
    const pending = await lw.call('GET', answer.body.status)
    expect(pending).toMatchObject({ status: 404, body: { detail: expect.stringMatching(/no outcome yet/) } })
    expect((await callAs(lw, undefined, 'GET', '/readyz')).body.lag).toBeGreaterThan(0)
    // Whoever may make a call may ask after it: also who changes rules, whose calls take the longest.
    for (const { key } of keys)
      expect((await callAs(lw, `Bearer ${key}`, 'GET', answer.body.status)).status).toBe(404)

    blocker.exec('ROLLBACK')
    blocker.close()
    const outcome = await lw.until(answer.body.status, ({ status }) => status === 201)
    expect(outcome).toMatchObject({ status: 201, body: { stage: 'lead', created: true } })
    expect((await lw.call('POST', '/v1/identify', body)).body).toEqual({ ...outcome.body, created: false })
  })
})

import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { demo } from '../../collector/demo/demo.tsx'

const NOW = Date.parse('2025-11-21T12:00:00Z')

interface Call {
  url: string
  init: RequestInit
}

function open(answer: () => Response | Promise<Response> = () => Response.json({ id: 'c1' })) {
  const calls: Call[] = []
  const shop = demo({
    collector: () => 'http://127.0.0.1:4380',
    site: 'demo',
    key: () => 'lw_key',
    now: () => NOW,
    fetch: async (url, init) => {
      calls.push({ url: String(url), init: init! })
      return answer()
    },
  })
  const app = new Hono().route('/demo', shop)
  const post = async (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    app.request(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  const html = async (path: string, headers: Record<string, string> = {}) =>
    (await app.request(path, { headers })).text()
  return { app, calls, post, html, sent: () => JSON.parse(String(calls[0]!.init.body)) }
}

const PAGES: [path: string, kind: string | undefined][] = [
  ['/demo/', undefined],
  ['/demo/services/condition-monitoring', 'service'],
  ['/demo/services/retrofit', 'service'],
  ['/demo/pricing', 'pricing'],
  ['/demo/blog', undefined],
  ['/demo/blog/bearing-failures', 'blog'],
  ['/demo/about', 'company'],
  ['/demo/careers', 'careers'],
  ['/demo/cart', undefined],
  ['/demo/checkout', 'checkout'],
  ['/demo/request-demo', undefined],
  ['/demo/thanks/newsletter', undefined],
]

describe('pages', () => {
  test.each(PAGES)('%s is there, with the snippet, the notice and its kind', async (path, kind) => {
    const answer = await open().app.request(path)
    const html = await answer.text()
    expect(answer.status).toBe(200)
    expect(html).toContain('<script defer="" src="/l.js?s=demo"></script>')
    expect(html).toContain('measures with consent given')
    expect(html).toContain('href="/leads?site=demo"')
    expect(/name="leadwake:page" content="(\w+)"/.exec(html)?.[1]).toBe(kind)
    expect(answer.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    expect(html).not.toContain('style="')
  })

  test('every link and form of every page leads somewhere', async () => {
    const { app, html } = open()
    const targets = new Set<string>()
    for (const [path] of PAGES) {
      for (const [, target] of (await html(path)).matchAll(/(?:href|src)="(\/demo[^"]*)"/g))
        targets.add(target!)
    }
    expect(targets.size).toBeGreaterThan(10)
    for (const target of targets) expect([target, (await app.request(target)).status]).toEqual([target, 200])
  })

  test('it is reached with and without the slash', async () => {
    const { app } = open()
    expect((await app.request('/demo')).headers.get('location')).toBe('/demo/')
    expect((await app.request('/demo/')).status).toBe(200)
  })

  test.each(['/demo/nowhere', '/demo/thanks/toString', '/demo/services/'])('%s is not', async (path) => {
    expect((await open().app.request(path)).status).toBe(404)
  })

  test('each form carries the fields that the snippet fills', async () => {
    const html = await open().html('/demo/request-demo')
    const forms = html.match(/<form class="form".*?<\/form>/gs)!
    expect(forms).toHaveLength(2)
    for (const form of forms) {
      expect(form).toContain('<input type="hidden" name="leadwake_visitor"/>')
      expect(form).toContain('<input type="hidden" name="leadwake_page"/>')
    }
  })
})

describe('form handler', () => {
  const FIELDS = {
    leadwake_visitor: 'vis1tor-id',
    leadwake_page: 'page1',
    submission: 'form-1',
    name: ' Ada Lovelace ',
    email: 'ada@example.com',
    company: 'Analytical Engines',
    title: 'Head of Maintenance',
  }

  test('tells the collector who asked for a demo, then thanks', async () => {
    const { post, calls, sent } = open()
    const answer = await post('/demo/request-demo', FIELDS)
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/demo/thanks/request-demo')
    expect(calls).toHaveLength(1)
    expect(calls[0]!.url).toBe('http://127.0.0.1:4380/v1/identify')
    expect(calls[0]!.init.method).toBe('POST')
    expect(calls[0]!.init.headers).toEqual({
      authorization: 'Bearer lw_key',
      'content-type': 'application/json',
    })
    expect(sent()).toEqual({
      site: 'demo',
      visitor: 'vis1tor-id',
      page: 'page1',
      email: 'ada@example.com',
      traits: { name: 'Ada Lovelace', company: { name: 'Analytical Engines' }, title: 'Head of Maintenance' },
      signal: { name: 'demo_requested', id: 'form-1', at: '2025-11-21T12:00:00.000Z' },
    })
  })

  test.each([
    ['/demo/newsletter', 'email_opt_in'],
    ['/demo/checkout', 'quote_requested'],
  ])('%s sends %s', async (path, signal) => {
    const { post, sent } = open()
    await post(path, { email: 'ada@example.com', submission: 's1' })
    expect(sent()).toMatchObject({ email: 'ada@example.com', traits: {}, signal: { name: signal, id: 's1' } })
  })

  test('works without script: no visitor is sent', async () => {
    const { post, sent } = open()
    const answer = await post('/demo/request-demo', { ...FIELDS, leadwake_visitor: '', leadwake_page: '' })
    expect(answer.status).toBe(303)
    expect(sent()).not.toHaveProperty('visitor')
  })

  test('an id that is none is not passed on', async () => {
    const { post, sent } = open()
    await post('/demo/request-demo', { ...FIELDS, leadwake_visitor: '<script>', submission: 'a b' })
    expect(sent()).not.toHaveProperty('visitor')
    expect(sent().signal.id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('an e-mail that is none is asked for again, without a call', async () => {
    const { post, calls } = open()
    const answer = await post('/demo/request-demo', { ...FIELDS, email: 'ada' })
    expect(answer.status).toBe(422)
    expect(calls).toHaveLength(0)
  })

  test('what the collector refuses is asked for again', async () => {
    const { post } = open(() => Response.json({}, { status: 422 }))
    expect((await post('/demo/request-demo', FIELDS)).status).toBe(422)
  })

  test.each([
    ['an error', () => Response.json({ detail: 'secret detail' }, { status: 500 })],
    ['a refused key', () => new Response(null, { status: 401 })],
    ['no connection', () => Promise.reject(new TypeError('fetch failed'))],
  ])('%s keeps what was typed and asks to try again', async (_what, answer) => {
    const { post } = open(answer)
    const failed = await post('/demo/request-demo', { ...FIELDS, name: '"><script>alert(1)</script>' })
    const html = await failed.text()
    expect(failed.status).toBe(503)
    expect(html).toContain('We could not save this')
    expect(html).toContain('value="ada@example.com"')
    expect(html).toContain('name="submission" value="form-1"')
    expect(html).not.toContain('secret detail')
    expect(html).not.toContain('<script>')
  })

  test('a body past the limit is refused', async () => {
    expect((await open().post('/demo/newsletter', { email: 'x'.repeat(20_000) })).status).toBe(413)
  })
})

describe('cart', () => {
  const cookieOf = (answer: Response) => answer.headers.get('set-cookie')!.split(';')[0]!

  test('its buttons carry what the snippet records', async () => {
    const html = await open().html('/demo/pricing')
    expect(html).toContain(
      'data-leadwake-cart="NL-200 vibration sensor" data-leadwake-quantity="1" data-leadwake-price="189" data-leadwake-currency="EUR"',
    )
  })

  test('takes, counts, sums and gives back', async () => {
    const { post, html } = open()
    const first = await post('/demo/cart', { sku: 'nl-200' })
    expect(first.headers.get('location')).toBe('/demo/cart')
    expect(first.headers.get('set-cookie')).toMatch(/Path=\/demo; HttpOnly; SameSite=Lax/)
    const second = await post('/demo/cart', { sku: 'nl-200' }, { cookie: cookieOf(first) })
    const third = await post('/demo/cart', { sku: 'nl-40' }, { cookie: cookieOf(second) })
    const page = await html('/demo/cart', { cookie: cookieOf(third) })
    expect(page).toContain('Cart (3)')
    expect(page).toContain('Total €457')
    const removed = await post('/demo/cart/remove', { sku: 'nl-200' }, { cookie: cookieOf(third) })
    expect(await html('/demo/cart', { cookie: cookieOf(removed) })).toContain('Total €79')
  })

  test.each(['nonsense', 'nl-200:-1', 'nl-200:1,5', 'nl-200:x', '%00', 'evil:1'])(
    'a cookie of %j is an empty cart',
    async (cookie) => {
      expect(await open().html('/demo/cart', { cookie: `demo_cart=${cookie}` })).not.toContain('Total')
    },
  )
})

/** The script in a real Chromium, on pages of one origin with a collector on another that writes down what comes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromiumPack from '@sparticuz/chromium'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { composer } from '../../collector/script.ts'
import type { WireBody, WireEvent } from '../../shared/protocol.ts'
import { buildSnippet } from '../../snippet/build.ts'

const ARGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
]

const CONTENT = `
  <a id="pdf" href="/Guide.PDF">Guide</a>
  <a id="next" href="/next">Next</a>
  <button id="cart" data-leadwake-cart="Pump" data-leadwake-quantity="2" data-leadwake-price="9.5">Add</button>
  <div id="shadow"></div>
  <form name="demo" method="post" action="/thanks">
    <input name="email" value="eve@private.example">
    <input type="hidden" name="leadwake_visitor"><input type="hidden" name="leadwake_page">
    <button id="submit">Send</button>
  </form>
  <div style="height: 3000px"></div>`

let browser: Browser
let context: BrowserContext
let page: Page
let collector: Server
let site: Server
let temporary: string
let compose: ReturnType<typeof composer>
let debug: string
let origin: string
let received: { method: string; body: WireBody }[] = []
let posted: string[] = []
let errors: string[] = []
let status = 204
let arrived = () => {}

const listen = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
const read = async (request: IncomingMessage) => {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

beforeAll(async () => {
  const built = await buildSnippet()
  compose = composer(built)
  debug = built.split('\n//debug\n')[1]!
  collector = createServer(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    if (request.url!.startsWith('/l.')) {
      const composed = new URL(request.url!, 'http://x').searchParams.get('with')?.split(',') ?? []
      const script = request.url === '/l.debug.js' ? debug : compose({ site: 'site1', given: true, composed })
      response.setHeader('content-type', 'text/javascript').end(script)
      return
    }
    const body = await read(request)
    received.push({ method: request.method!, body: body ? JSON.parse(body) : {} })
    response.writeHead(status).end()
    arrived()
  })
  const tag = `<script defer src="http://localhost:${await listen(collector)}/l.js?s=site1"></script>`
  site = createServer(async (request, response) => {
    if (request.method === 'POST') posted.push(await read(request))
    if (request.url!.endsWith('.PDF')) response.setHeader('content-disposition', 'attachment')
    else response.setHeader('content-type', 'text/html')
    if (request.url === '/framed') {
      response.end(`<!doctype html><iframe sandbox="allow-scripts allow-forms" src="/"></iframe>`)
      return
    }
    if (request.url === '/shop') {
      response.end(`<!doctype html><title>Shop</title>${tag.replace('=site1', '=site1&with=woo,ga4')}`)
      return
    }
    if (request.url === '/debug') {
      response.end(`<!doctype html><title>Debug</title>${tag.replace('defer', 'defer data-debug data-hash')}`)
      return
    }
    if (request.url === '/strict') {
      const policy = `default-src 'none'; script-src ${new URL(tag.match(/http[^"]+/)![0]).origin}; connect-src ${new URL(tag.match(/http[^"]+/)![0]).origin}`
      response.setHeader('content-security-policy', `${policy}; require-trusted-types-for 'script'`)
      response.end(`<!doctype html><title>Strict</title>${tag}`)
      return
    }
    response.end(`<!doctype html><title>Shop</title>${tag}${CONTENT}`)
  })
  origin = `http://127.0.0.1:${await listen(site)}`
  temporary = mkdtempSync(join(tmpdir(), 'leadwake-chromium-'))
  process.env.TMPDIR = temporary
  browser = await chromium.launch({
    executablePath: await chromiumPack.executablePath(),
    args: ARGS,
  })
})

afterAll(async () => {
  await browser?.close()
  collector?.closeAllConnections()
  collector?.close()
  site?.closeAllConnections()
  site?.close()
  rmSync(temporary, { recursive: true, force: true })
})

beforeEach(async () => {
  received = []
  posted = []
  errors = []
  status = 204
  context = await browser.newContext()
  page = await context.newPage()
  page.on('pageerror', (error) => errors.push(String(error)))
})

afterEach(async () => {
  await context.close()
  expect(errors).toEqual([])
  expect(received.filter(({ method }) => method !== 'POST')).toEqual([])
})

/** Events of a kind, each id once, as the collector counts them. */
const events = (kind: string): WireEvent[] => [
  ...new Map(
    received
      .flatMap(({ body }) => body.e ?? [])
      .filter((event) => event[0] === kind)
      .map((event) => [event[1], event]),
  ).values(),
]
const paths = () => events('p').map((event) => new URL(String(event[3])).pathname)

/** Waits for the collector to have what is asked for. */
async function until(done: () => boolean) {
  while (!done()) {
    await new Promise<void>((resolve) => {
      arrived = resolve
    })
  }
}

describe('in Chromium', () => {
  it('a visit: view, cart, download, route, form and the next page, with the ids in the form', async () => {
    await page.goto(`${origin}/?utm_source=mail&secret=1`)
    await until(() => paths().length === 1)
    await page.click('#cart')
    await page.click('#pdf')
    await page.evaluate(() => history.pushState({}, '', '/route'))
    await until(() => paths().length === 2)
    await page.click('#submit')
    await until(() => paths().length === 3 && events('f').length === 1 && events('e').length > 0)

    expect(paths()).toEqual(['/', '/route', '/thanks'])
    expect(events('p')[0]![3]).toBe(`${origin}/?utm_source=mail`)
    expect(events('c')[0]!.slice(4)).toEqual([{ cart: 'Pump', quantity: '2', price: '9.5' }])
    expect(events('d')[0]!.slice(4)).toEqual([`${origin}/Guide.PDF`, false])
    expect(events('f')[0]!.slice(4)).toEqual(['demo', `${origin}/thanks`])
    expect(JSON.stringify(received)).not.toMatch(/secret|private/)

    const fields = new URLSearchParams(posted[0])
    const visitor = received[0]!.body.v
    expect(visitor).toMatch(/^\d{22}$/)
    expect(fields.get('leadwake_visitor')).toBe(visitor)
    expect(fields.get('leadwake_page')).toBe(events('p')[1]![1])
    expect(new Set(received.map(({ body }) => body.v))).toEqual(new Set([visitor]))
    expect(await page.evaluate(() => document.cookie)).toBe(`leadwake_visitor=${visitor}`)
  })

  it('push, replace and back each count once', async () => {
    await page.goto(origin)
    await page.evaluate(() => history.pushState({}, '', '/a'))
    await until(() => paths().length === 2)
    await page.evaluate(() => history.replaceState({}, '', '/b'))
    await until(() => paths().length === 3)
    await page.goBack()
    await until(() => paths().length === 4)
    expect(paths()).toEqual(['/', '/a', '/b', '/'])
  })

  it('two requests for a view with its engagement, when the page goes', async () => {
    await page.goto(origin)
    await until(() => paths().length === 1)
    await page.mouse.wheel(0, 900)
    await page.waitForFunction(() => scrollY > 500)
    // More than the least that is worth a request.
    await page.waitForFunction(
      (start) => performance.now() > start + 200,
      await page.evaluate(() => performance.now()),
    )
    const spent = await page.evaluate(() => performance.now())
    await page.goto('about:blank')
    await until(() => events('e').length === 1)
    expect(received).toHaveLength(2)
    const [, , , ms, scroll] = events('e')[0]!
    expect(ms).toBeGreaterThan(150)
    expect(ms).toBeLessThan(spent + 1_000)
    expect(scroll).toBeGreaterThan(30)
  })

  it('a link in an open shadow root, and a middle click', async () => {
    await page.goto(origin)
    await page.evaluate(() => {
      document.querySelector('#shadow')!.attachShadow({ mode: 'open' }).innerHTML = '<a href="/s.zip">zip</a>'
    })
    await page.click('#shadow a')
    await until(() => events('d').length === 1)
    await page.click('#pdf', { button: 'middle' })
    await until(() => events('d').length === 2)
  })

  it('what was offline arrives, once, when the network is back', async () => {
    await page.goto(origin)
    await until(() => paths().length === 1)
    await context.setOffline(true)
    await page.evaluate(() => (window.leadwake as unknown as { event(name: string): void }).event('offline'))
    await context.setOffline(false)
    await until(() => events('x').length === 1)
    expect(events('x')[0]![4]).toBe('offline')
  })

  it('what a failing collector refused goes with the next page', async () => {
    status = 503
    await page.goto(origin)
    await until(() => received.length > 0)
    status = 204
    received = []
    await page.goto(`${origin}/next`)
    await until(() => paths().length === 2)
    expect(paths().sort()).toEqual(['/', '/next'])
  })

  it('a sandboxed frame, where storage and cookies throw, is measured without an id', async () => {
    await page.goto(`${origin}/framed`)
    await until(() => paths().length === 1)
    expect(received[0]!.body).not.toHaveProperty('v')
  })

  it('the events of a restore from the back/forward cache make a new view', async () => {
    await page.goto(origin)
    await until(() => paths().length === 1)
    await page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    })
    await until(() => paths().length === 2)
    expect(paths()).toEqual(['/', '/'])
  })

  it('a cart add is seen by the request that the shop makes, and told apart from what is told to Google', async () => {
    await page.goto(`${origin}/shop`)
    await until(() => paths().length === 1)
    const { fetch: before } = await page.evaluate(() => ({ fetch: String(fetch) }))
    expect(before).toContain('[native code]')
    await page.evaluate(() => fetch('/cart/add.js', { method: 'POST', body: 'id=1' }))
    await until(() => events('c').length === 1)
    // The ways, by which the collector counts it once.
    expect(events('c')[0]!.slice(4)).toEqual(['cart', 2])
    await page.evaluate(() => {
      const { dataLayer } = window as unknown as { dataLayer: object[] }
      dataLayer.push({ event: 'add_to_cart', items: [{ item_name: 'Pump' }] })
      ;(window.leadwake as unknown as { event(name: string): void }).event('after')
    })
    await until(() => events('x').length === 1)
    expect(events('c')[1]!.slice(4)).toEqual([{ event: 'add_to_cart', items: [{ item_name: 'Pump' }] }, 1])
    await page.evaluate(() => {
      document.body.innerHTML = '<form id="buy" action="/cart/add"><input name="id" value="123"></form>'
      const form = document.querySelector('form')!
      form.addEventListener('submit', (event) => event.preventDefault())
      form.requestSubmit()
    })
    await until(() => events('c').length === 3)
    expect(events('c')[2]!.slice(4)).toEqual(['123', 3])
  })

  it('data-debug says in the console what is sent, and what an attribute lacks', async () => {
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    await page.goto(`${origin}/debug`)
    await expect.poll(() => said.join()).toContain('what follows')
    await page.evaluate(() => (window.leadwake as unknown as { event(name: string): void }).event('video'))
    await expect.poll(() => said).toContain('Leadwake: kept')
    expect(said).toContain('Leadwake: the event video {}')
    expect(said.join()).toContain('data-hash does nothing')
  })

  it('a strict policy with Trusted Types is no obstacle', async () => {
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(`${origin}/strict`)
    await until(() => paths().length === 1)
    expect(complaints).toEqual([])
  })
})

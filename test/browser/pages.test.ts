/** The dashboard's pages in a browser: what strangers typed does nothing, and the small script does what it should. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dashboard } from '../../collector/dashboard/dashboard.tsx'
import type { Queries } from '../../collector/dashboard/queries.ts'
import {
  ADA,
  DOSSIER,
  ENGINES,
  fakeApi,
  fakeAuth,
  fakeQueries,
  fakeSales,
  LEADS,
  NOW,
  READ,
  SESSION,
  shown,
  TIMELINE,
} from '../dashboard/fakes.ts'
import { NAUGHTY } from '../support/naughty.ts'
import { launchChromium } from './chromium.ts'

/** What opens a dialog, fetches or runs where a page forgets to escape. */
const XSS = [
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  '<svg onload=alert(1)>',
  '</title><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  '" autofocus onfocus=alert(1) x="',
  "' onmouseover='alert(1)",
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<style>*{background:url(//evil.example)}</style>',
  '<base href="//evil.example/">',
  '<form action="//evil.example"><button>',
  '{{constructor.constructor("alert(1)")()}}',
  '<!--<img src="--><img src=x onerror=alert(1)//">',
  '<math><mtext></p><style><img src onerror=alert(1)>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
]
const PAGES = [
  '/',
  '/leads',
  '/leads/x',
  '/leads/x/dossier',
  '/companies',
  '/companies/x',
  '/reports',
  '/rules',
  '/rules?view=text',
  '/setup/new',
  ...['', '/pages', '/access', '/webhooks', '/privacy?q=a', '/system'].map((part) => `/setup${part}`),
]

/** Every text of a value made another, by turns, but those that choose how something is shown. */
function poisoned<T>(value: T, texts: readonly string[]): T {
  let turn = 0
  const KEPT =
    /^(id|stage|from|to|kind|trend|role|state|decision|what|consent|step|at|\w+At|format|monday|rights)$/
  const walk = (one: unknown, name: string): unknown => {
    if (typeof one === 'string') return KEPT.test(name) ? one : texts[turn++ % texts.length]
    if (Array.isArray(one)) return one.map((each) => walk(each, name))
    if (one === null || typeof one !== 'object') return one
    return Object.fromEntries(Object.entries(one).map(([key, each]) => [key, walk(each, key)]))
  }
  return walk(value, '') as T
}

let browser: Browser
let close: () => Promise<void>
const servers: Server[] = []

beforeAll(async () => {
  ;({ browser, close } = await launchChromium())
})
afterAll(async () => {
  await close?.()
  for (const server of servers) server.close()
})

async function serve(queries: Partial<Queries>, api = fakeApi()): Promise<string> {
  const app = dashboard({
    queries: fakeQueries(queries),
    auth: fakeAuth().auth,
    api,
    sales: fakeSales(),
    now: () => NOW,
    version: '0.1.0',
    demo: undefined,
  })
  const server = createServer(getRequestListener(app.fetch))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function opened(origin: string, options: object = {}): Promise<Page> {
  const context = await browser.newContext(options)
  await context.addCookies([{ name: 'leadwake_session', value: SESSION, url: origin }])
  return context.newPage()
}

describe('what strangers typed', () => {
  test.each([
    ['XSS', XSS],
    ['naughty strings', NAUGHTY],
  ])('%s: no dialog, no report of the policy, no error, no request elsewhere', async (_, texts) => {
    const lead = { ...poisoned(ADA, texts), id: 'x', site: 'shop' }
    const rows = Array.from({ length: 40 }, (_, i) => ({
      ...poisoned(shown(LEADS[i % LEADS.length]!), texts.slice(i * 6).concat(texts)),
      site: 'shop',
    }))
    const company = { ...poisoned(ENGINES, texts), site: 'shop' }
    const bad = Object.fromEntries(
      Object.entries(READ).map(([path, body]) => [
        `GET ${path}`,
        { status: 200, body: path.startsWith('/v1/rules') ? body : poisoned(body, texts) },
      ]),
    )
    const origin = await serve(
      {
        lead: async () => lead,
        dossier: async () => ({ ...poisoned(DOSSIER, texts), lead }),
        shownLeads: async () => ({ items: rows, next: texts[0]! }),
        leads: async () => ({ items: rows, next: null }),
        timeline: async () => ({
          items: Array.from({ length: 60 }, (_, i) =>
            poisoned(TIMELINE[i % TIMELINE.length]!, texts.slice(i * 4).concat(texts)),
          ),
          next: texts[1]!,
        }),
        companies: async () => ({ items: [company], next: texts[2]! }),
        company: async () => company,
      },
      fakeApi(bad),
    )
    const page = await opened(origin)
    const wrong: string[] = []
    page.on('dialog', (dialog) => {
      wrong.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('pageerror', (error) => wrong.push(`error: ${error.message}`))
    page.on('console', (message) => {
      // The live strip's stream is not served here.
      if (message.type() === 'error' && !/404/.test(message.text())) wrong.push(`console: ${message.text()}`)
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
        wrong.push(`request: ${request.url()}`)
    })
    for (const path of PAGES) {
      const answer = await page.goto(origin + path)
      expect([path, answer?.status()]).toEqual([path, 200])
      expect([path, await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)]).toEqual([
        path,
        0,
      ])
    }
    expect(wrong).toEqual([])
  })
})

describe('the small script', () => {
  test('j and k go through the list, x selects, Enter opens', async () => {
    const page = await opened(await serve({}))
    await page.goto(`${originOf()}/leads`)
    const focused = () => page.evaluate(() => document.activeElement?.textContent)
    await page.keyboard.press('j')
    expect(await focused()).toBe('Ada Lovelace')
    await page.keyboard.press('j')
    expect(await focused()).toBe('Grace Hopper')
    await page.keyboard.press('x')
    expect(
      await page
        .locator('input[name=id]:checked')
        .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value)),
    ).toEqual(['grace'])
    await page.keyboard.press('k')
    await page.keyboard.press('k')
    expect(await focused()).toBe('Ada Lovelace')
    await page.fill('input[name=q]', '')
    await page.locator('input[name=q]').press('j')
    expect(await page.inputValue('input[name=q]')).toBe('j')
    await page.locator('tbody th a').first().focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/leads\/ada$/)
  })

  test('the rules have line numbers, and a mistake leads to its line', async () => {
    const page = await opened(await serve({}))
    await page.goto(`${originOf()}/rules?view=text`)
    const lines = (await page.inputValue('#text')).split('\n').length
    expect((await page.locator('.gutter').textContent())!.split('\n')).toHaveLength(lines)
    await page.fill('#text', '{\n  "extends": "standard",\n  "windowDays": "x"\n}')
    expect(await page.locator('.gutter').textContent()).toBe('1\n2\n3\n4')
    await page.click('button[value=preview]')
    await page.click('a[data-line="3"]')
    const selected = await page.evaluate(() => {
      const text = document.querySelector('textarea')!
      return text.value.slice(text.selectionStart, text.selectionEnd)
    })
    expect(selected).toBe('  "windowDays": "x"')
  })

  test('a tag is copied', async () => {
    const page = await opened(await serve({}), { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(`${originOf()}/setup`)
    await page.locator('pre[data-copy] + .copy').first().click()
    await page.getByText('Copied').first().waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
      /^<script defer src=.*l\.js\?s=shop"><\/script>$/,
    )
  })

  test('the set-up says by itself that the first visit is there', async () => {
    let visitors = 0
    const page = await opened(await serve({ present: async () => visitors }))
    await page.goto(`${originOf()}/setup`)
    await page.getByText('Nothing has come in for half an hour.').waitFor()
    visitors = 1
    await page.getByText('Visitors in the last half hour: 1').waitFor()
    expect(await page.locator('[data-check]').count()).toBe(0)
  })
})

function originOf(): string {
  return `http://127.0.0.1:${(servers.at(-1)!.address() as AddressInfo).port}`
}

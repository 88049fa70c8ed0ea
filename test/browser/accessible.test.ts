/** Every page of the dashboard under axe-core, in both colour schemes and on a phone. */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { AxeResults } from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dashboard } from '../../collector/dashboard/dashboard.tsx'
import { ADA, fakeApi, fakeAuth, fakeQueries, fakeSales, NOW, SESSION } from '../dashboard/fakes.ts'
import { launchChromium } from './chromium.ts'

const AXE = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const DOUBTFUL = { ...ADA, verified: false, flags: ['many-visitors'], mergedFrom: ['a', 'b'] }
/** What the replayed demo does not show; `dashboard.test.ts` looks at the rest. */
const PAGES = [
  '/leads?stage=sql&q=a&minFit=10&source=search+Google&done=3',
  '/leads/ada',
  '/leads/doubtful',
  '/leads/ada?day=2025-11-18',
  '/leads/ada/erase',
  '/companies?site=demo',
  '/rules?view=text',
  ...['', '/new', '/pages', '/access', '/webhooks', '/privacy?q=ada', '/system'].map(
    (part) => `/setup${part}`,
  ),
]

let browser: Browser
let close: (() => Promise<void>) | undefined
let server: Server
let origin: string

beforeAll(async () => {
  const queries = fakeQueries({ lead: async (id) => (id === 'doubtful' ? DOUBTFUL : ADA) })
  const versioned = () => ({ hash: 'H'.repeat(22), integrity: `sha256-${'i'.repeat(43)}=` })
  const app = dashboard({
    queries,
    auth: fakeAuth().auth,
    api: fakeApi(),
    sales: fakeSales(),
    now: () => NOW,
    version: '0.1.0',
    demo: 'demo',
    versioned,
    system: async () => ({
      lag: 3,
      state: 61e6,
      log: 5e6,
      files: { wal: { state: 1, log: 0 }, backup: null },
      alarms: ['The disk is full.'],
    }),
  })
  server = createServer(getRequestListener(app.fetch))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  ;({ browser, close } = await launchChromium())
})
afterAll(async () => {
  await close?.()
  server.close()
})

test.each([
  ['light', { viewport: { width: 1280, height: 800 } }],
  ['dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
  ['a phone', { viewport: { width: 390, height: 844 } }],
] as const)('%s: no violation, and nothing wider than the screen', async (_look, options) => {
  // The pages' own policy forbids the scripts that look at them.
  const context = await browser.newContext({ ...options, bypassCSP: true })
  await context.addCookies([{ name: 'leadwake_session', value: SESSION, url: origin }])
  const page = await context.newPage()
  for (const path of PAGES) {
    expect((await page.goto(origin + path))?.status()).toBe(200)
    await page.evaluate(AXE)
    const { violations } = await page.evaluate((): Promise<AxeResults> => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
      return axe.run(document)
    })
    expect(violations.map(({ id, nodes }) => [path, id, nodes[0]?.html])).toEqual([])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect([path, overflow]).toEqual([path, 0])
  }
})

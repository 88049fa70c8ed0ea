/** Makes the pictures of the README from the replayed demo: `npm run screenshots`. */
import { mkdirSync, statSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { beaconOf, eventId, type TestCollector } from '../support/collector.ts'
import { replayedCollector } from '../support/replayed.ts'
import { launchChromium } from './chromium.ts'

/** A Friday afternoon: always the same, so that the pictures are. */
const NOW = Date.UTC(2026, 10, 20, 15, 4)
const FOLDER = new URL('../../docs/screenshots/', import.meta.url).pathname
/** What a picture may weigh: the README is read on phones, too. */
const MOST_BYTES = 150_000

describe.runIf(process.env.MODE === 'screenshots')('pictures', () => {
  let browser: Browser
  let close: (() => Promise<void>) | undefined
  let lw: TestCollector
  let cookie: string
  let lead: string

  beforeAll(async () => {
    lw = await replayedCollector({ now: NOW, visitors: 4_000 })
    // As somebody of the staff: who comes by a key is asked to choose a password.
    await lw.call('POST', '/v1/staff', { name: 'Mara', role: 'admin', password: 'for the pictures alone' })
    const login = await fetch(`${lw.origin}/login`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ name: 'Mara', secret: 'for the pictures alone', next: '/' }),
    })
    cookie = /leadwake_session=([^;]+)/.exec(login.headers.get('set-cookie') ?? '')![1]!
    lead = (await lw.call('GET', '/v1/leads?site=demo&stage=sql')).body.items[1].id
    mkdirSync(FOLDER, { recursive: true })
    ;({ browser, close } = await launchChromium())
  })
  afterAll(async () => {
    await close?.()
    await lw.remove()
  })

  test.each([
    ['overview', '/?site=demo', 'light', 850],
    ['lead', '/leads/LEAD', 'dark', 960],
    ['leads', '/leads?site=demo', 'light', 800],
    ['reports', '/reports?site=demo', 'light', 900],
  ] as const)('%s', async (name, path, colorScheme, height) => {
    const context = await browser.newContext({
      viewport: { width: 1_240, height },
      colorScheme,
    })
    await context.addCookies([{ name: 'leadwake_session', value: cookie, url: lw.origin }])
    const page = await context.newPage()
    await page.goto(lw.origin + path.replace('LEAD', lead))
    if (name === 'overview') await comeIn(lw, page)
    const file = `${FOLDER}${name}.png`
    await page.screenshot({ path: file })
    await context.close()
    expect(statSync(file).size).toBeLessThan(MOST_BYTES)
  })
})

/** Some visitors, while the page looks on. */
async function comeIn(lw: TestCollector, page: Page): Promise<void> {
  const visits = [
    ['/demo/', 'Sensors that hear a bearing fail'],
    ['/demo/services/condition-monitoring', 'Condition monitoring'],
    ['/demo/pricing', 'Pricing'],
    ['/demo/blog/bearing-failures', 'Six weeks before it seized'],
  ]
  // What was done before it listens is not told again; the number of who is there is its first message.
  await page.waitForSelector('[data-live].is-heard')
  for (const [n, [path, title]] of visits.entries()) {
    const at = NOW - (visits.length - n) * 21_000
    const events = [['p', eventId(at, n), at, path, title]]
    await lw.beacon(beaconOf(NOW, events, { s: 'demo', v: `there-now-${n % 3}` }))
    await page.waitForFunction(
      (count) => document.querySelectorAll('[data-live-events] li').length >= count,
      n + 1,
    )
  }
}

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { CHROME, CHROME_ON_ANDROID } from './chromium.ts'

export interface Person {
  page: Page
  context: BrowserContext
  /** What no page may cause: console messages (a breach of its policy is one), errors, requests elsewhere. */
  problems: string[]
  /** Arrives at a page at a moment, ms; later ones only. */
  comes(at: number, url: string): Promise<void>
  /** Keeps the page in front for ms, with a hand on the mouse. */
  reads(ms: number): Promise<void>
  /** Waits for ms without a sign of life. */
  idles(ms: number): Promise<void>
  scrollsToEnd(): Promise<void>
  /** Goes to a place that measures nothing, which ends the page as any leaving does. */
  leaves(): Promise<void>
}

export interface PersonOptions {
  browser: Browser
  /** Requests to any other are a problem. */
  origins: string[]
  /** The collector's clock; the browser's goes with it, ms for ms, and stands still in between. */
  clock: { now: number }
  /** The browser asks not to be followed. */
  privacy?: boolean
  /** A phone; a desktop otherwise. */
  phone?: boolean
  /** 'off': the browser runs no script at all; 'blocked': it is kept from loading ours. */
  script?: 'off' | 'blocked'
}

/** Shorter than the 30 s after which nobody is there any more. */
const HAND_EVERY_MS = 20_000

/** Somebody with a browser of their own: no cookie, no storage, a clock that the test holds. */
export async function person(options: PersonOptions): Promise<Person> {
  const { browser, origins, clock, privacy, phone, script } = options
  const context = await browser.newContext({
    userAgent: phone ? CHROME_ON_ANDROID : CHROME,
    viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
    javaScriptEnabled: script !== 'off',
    ...(privacy && { extraHTTPHeaders: { 'sec-gpc': '1' } }),
  })
  if (privacy) {
    await context.addInitScript(() => Object.assign(navigator, { globalPrivacyControl: true }))
  }
  if (script === 'blocked') await context.route('**/l.js*', (route) => route.abort('blockedbyclient'))
  await context.clock.install({ time: clock.now })
  await context.clock.pauseAt(clock.now + 1)
  clock.now++

  const problems: string[] = []
  const page = await context.newPage()
  context.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`))
  context.on('weberror', (error) => problems.push(`error: ${error.error().message}`))
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'data:' && !origins.includes(origin)) problems.push(`request: ${request.url()}`)
  })

  async function pass(ms: number) {
    clock.now += ms
    await context.clock.runFor(ms)
  }

  let hand = 0
  return {
    page,
    context,
    problems,
    async comes(at, url) {
      if (at > clock.now) {
        clock.now = at
        await context.clock.pauseAt(at)
      }
      await page.goto(url)
    },
    async reads(ms) {
      for (let left = ms; left > 0; left -= HAND_EVERY_MS) {
        await page.mouse.move(300 + (++hand % 9), 400)
        await pass(Math.min(left, HAND_EVERY_MS))
      }
    },
    idles: pass,
    async scrollsToEnd() {
      await page.mouse.wheel(0, 100_000)
      await page.waitForFunction(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 1)
    },
    async leaves() {
      await page.goto('about:blank')
    },
  }
}

/** How many of many visits are stored, and what one costs; prints what it saw. Part of `npm run test:browsers`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { TestCollector } from '../support/collector.ts'
import { chromiumEngine } from './chromium-engine.ts'
import type { Tab, Visitor } from './engine.ts'
import { collectorForShops, type Shop, shop } from './shop.ts'
import { SOON } from './stand.ts'

/** `VISITS=200 npm run test:browsers` is the long form. */
const VISITS = Number(process.env.VISITS ?? 10)
/** Of the page views, at least so many have to be stored. */
const GOAL = 0.995
/** A visit of Chromium takes about 0.3 s. */
const VISIT_TIMEOUT_MS = 2_000
/** Of a page view with its engagement. */
const MOST_REQUESTS = 2
const MOST_BYTES = 450
const TIMES = 20

const asked = process.env.MODE === 'browsers'
let chromium: Visitor
let at: Shop
let lw: TestCollector

beforeAll(async () => {
  if (!asked) return
  lw = await collectorForShops()
  chromium = await chromiumEngine.launch()
})
afterAll(async () => {
  await chromium?.quit()
  await lw?.remove()
})
afterEach(() => at?.remove())

type Mode = (tab: Tab, path: string) => Promise<{ tab?: Tab; paths: string[] }>

const twice = (path: string) => [path, path]

/** What somebody does who is there as short as can be: nothing is waited for but the page. */
const MODES: Record<string, Mode> = {
  'navigate away': async (tab, path) => {
    await tab.run(`void location.assign('${path}/next')`)
    return { tab, paths: [path] }
  },
  'close the tab': async (tab, path) => {
    await tab.close()
    return { paths: [path] }
  },
  reload: async (tab, path) => {
    await tab.reload()
    // A page that is left while it still loads is none that anybody saw.
    await expect.poll(() => tab.run('document.readyState').catch(() => ''), SOON).toBe('complete')
    return { tab, paths: twice(path) }
  },
  'routes of an app': async (tab, path) => {
    await tab.run(`void history.pushState({}, '', '${path}/route')`)
    // Shorter, and a router is redirecting, see snippet/page.ts.
    await sleep(150)
    return { tab, paths: [path, `${path}/route`] }
  },
}

describe.runIf(asked)(`${VISITS} visits`, () => {
  test.each(Object.entries(MODES))(
    '%s',
    { timeout: 30_000 + VISITS * VISIT_TIMEOUT_MS },
    async (mode, leave) => {
      at = await shop({ lw })
      const expected = new Map<string, number>()
      for (let n = 0; n < VISITS; n++) {
        const path = `/v/${n}`
        const { tab, paths } = await leave(await chromium.open(at.url(path)), path)
        await tab?.close()
        for (const path of paths) expected.set(path, (expected.get(path) ?? 0) + 1)
      }
      const compare = () => {
        const views = at.views()
        let stored = 0
        let twice = 0
        for (const [path, times] of expected) {
          const found = views[path] ?? 0
          stored += Math.min(found, times)
          twice += Math.max(0, found - times)
        }
        return { stored, twice }
      }
      const all = [...expected.values()].reduce((a, b) => a + b, 0)
      await expect
        .poll(() => compare().stored, SOON)
        .toBe(all)
        .catch(() => {})
      const { stored, twice } = compare()
      console.log(
        `${mode}: ${stored} of ${all} page views stored (${((100 * stored) / all).toFixed(2)} %), ${twice} twice`,
      )
      expect(twice).toBe(0)
      expect(stored / all).toBeGreaterThanOrEqual(GOAL)
    },
  )
})

describe.runIf(asked)('what a visit costs', () => {
  test('at most two requests without a preflight, and few bytes', async () => {
    at = await shop({ lw })
    const tab = await chromium.open(at.url('/blog/bearing-failures?utm_source=mail'))
    await expect.poll(() => at.wire.beacons().length, SOON).toBe(1)
    await sleep(1_000)
    await tab.close()
    await expect.poll(() => at.wire.events('e').length, SOON).toBe(1)
    const requests = at.wire.requests.filter(({ path }) => path === '/v1/in')
    const bytes = requests.map(({ body }) => Buffer.byteLength(body))
    const sum = bytes.reduce((a, b) => a + b, 0)
    console.log(
      `a view with its engagement: ${requests.length} requests, ${bytes.join(' + ')} = ${sum} bytes of bodies`,
    )
    expect(requests.map(({ method }) => method)).not.toContain('OPTIONS')
    expect(requests.length).toBeLessThanOrEqual(MOST_REQUESTS)
    expect(sum).toBeLessThanOrEqual(MOST_BYTES)
  })

  test('how long the script holds the main thread at its start', async () => {
    at = await shop({ lw, timed: true })
    const took: number[] = []
    const again: number[] = []
    const nothing: number[] = []
    const sending: number[] = []
    const longTasks: number[] = []
    for (let n = 0; n < TIMES; n++) {
      const tab = await chromium.open(at.url('/timed'))
      took.push(await tab.run<number>("performance.measure('l', 'before', 'after').duration"))
      nothing.push(await tab.run<number>("performance.measure('n', 'after', 'end').duration"))
      sending.push(await tab.run<number>("performance.measure('s', 'end', 'sent').duration"))
      longTasks.push(...(await tab.run<number[]>(LONG_TASKS)))
      await tab.run('void (first = true)')
      await tab.reload()
      const loaded = "typeof first === 'undefined' && performance.getEntriesByName('sent').length === 1"
      await expect.poll(() => tab.run(loaded).catch(() => false), SOON).toBe(true)
      again.push(await tab.run<number>("performance.measure('l', 'before', 'after').duration"))
      await tab.close()
    }
    const median = (times: number[]) => times.toSorted((a, b) => a - b)[TIMES >> 1]!.toFixed(2)
    console.log(
      `start of the script: ${median(took)} ms of the main thread, reloaded ${median(again)} ms, of an empty one ${median(nothing)} ms, of one fetch alone ${median(sending)} ms (medians of ${TIMES}), ` +
        `${longTasks.length} long tasks ${longTasks.map(Math.round).join(', ')}`,
    )
  })
})

const LONG_TASKS = `new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true })
  setTimeout(() => resolve([]), 100)
})`

/** What is stored after people did to real browsers what people do. `npm run test:browsers` asks all three. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestCollector } from '../support/collector.ts'
import { CASES, type Case, type Stored } from './cases.ts'
import { chromiumEngine } from './chromium-engine.ts'
import type { Engine, Visitor } from './engine.ts'
import { firefoxEngine } from './firefox-engine.ts'
import { collectorForShops, type Shop, shop } from './shop.ts'
import { SOON } from './stand.ts'
import { webkitEngine } from './webkit-engine.ts'

const ALL = process.env.MODE === 'browsers'
const ENGINES = ALL ? [chromiumEngine, firefoxEngine, webkitEngine] : [chromiumEngine]
const NEAR_MS = 250
const TIMEOUT_MS = 120_000

describe.each(ENGINES)('$name', (engine: Engine) => {
  const open: Visitor[] = []
  let shared: Visitor
  let lw: TestCollector

  async function launch(): Promise<Visitor> {
    const visitor = await engine.launch()
    open.push(visitor)
    return visitor
  }

  beforeAll(async () => {
    const missing = engine.missing()
    if (missing) throw new Error(missing)
    lw = await collectorForShops()
    shared = await launch()
  })
  afterAll(async () => {
    await Promise.all(open.map((visitor) => visitor.quit()))
    await lw?.remove()
  })

  for (const one of CASES.filter(({ long }) => ALL || !long)) {
    test(one.title, { timeout: TIMEOUT_MS }, async (context) => {
      const at = await shop({ lw, consent: one.consent })
      context.onTestFinished(at.remove)
      const visitor = one.kills ? await launch() : shared
      const tab = await visitor.open(at.url('/'))
      const reason = one.without?.(tab)
      if (reason) {
        await tab.close()
        context.skip(reason)
      }
      const expected = await one.run({ engine, shop: at, visitor, tab })
      const said = await holds(at, one, expected)
      if (ALL) console.log([`${engine.name} ${shared.version}, ${one.title}`, ...said].join('\n  '))
    })
  }
})

/** Waits until all is stored that was expected, and nothing else; tells how near the engaged times came. */
async function holds(at: Shop, { consent }: Case, expected: Stored): Promise<string[]> {
  await expect.poll(at.views, SOON).toEqual(expected.views)
  const sum = Object.values(expected.views).reduce((a, b) => a + b, 0)
  await expect.poll(at.stats, SOON).toMatchObject({
    ...(consent !== 'required' && { visitors: 1 }),
    pageViews: sum,
    downloads: expected.downloads ?? 0,
    cartAdds: expected.cartAdds ?? 0,
  })
  const words: string[] = []
  for (const [path, { least, most }] of Object.entries(expected.engaged ?? {})) {
    const engaged = async () => (await at.stats()).topPages.find((page) => page.path === path)?.engagedMs ?? 0
    await expect.poll(engaged, SOON).toBeGreaterThanOrEqual(least - NEAR_MS)
    const stored = await engaged()
    expect(stored).toBeLessThanOrEqual(most + NEAR_MS)
    words.push(`${path} driven ${least} to ${most} ms, stored ${stored} ms`)
  }
  return words
}

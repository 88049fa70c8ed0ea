import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Engine, Tab, Visitor } from './engine.ts'
import type { Shop } from './shop.ts'
import { SOON } from './stand.ts'

/** What has to be stored in the end; what is not named has to be nothing. */
export interface Stored {
  /** Page views by path: each of them once. */
  views: Record<string, number>
  /** Engaged time by path. */
  engaged?: Record<string, Driven>
  downloads?: number
  cartAdds?: number
}

export interface Case {
  title: string
  /** Where it is left out: why. */
  without?(tab: Tab): string | undefined
  consent?: 'required'
  /** Ends the browser's processes, so that it gets one of its own. */
  kills?: true
  /** Takes long: not in `npm test`. */
  long?: true
  run(at: { engine: Engine; shop: Shop; visitor: Visitor; tab: Tab }): Promise<Stored>
}

/** A collector that is overloaded says this, see collector/intake.ts; the proxy before one that is down says less. */
const BUSY = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-leadwake-dropped, retry-after',
  'retry-after': '1',
}

/** The snippet keeps its totals every 5 s. */
const KEEP_MS = 5_000

/**
 * How long somebody was there, ms. An order takes its time to reach the page; where the page lives on it knows when
 * that was, else the truth lies between two numbers.
 */
export class Driven {
  least = 0
  most = 0
  #since: { early: number; late: number } | undefined

  constructor(began?: number) {
    if (began !== undefined) this.#since = { early: began, late: began }
  }

  /** Does what ends the attention, with the tab if that can tell the moment afterwards. */
  async away(order: () => Promise<unknown>, tab?: Tab): Promise<void> {
    const before = Date.now()
    await order()
    const told = tab && (await changes(tab, before))[0]!
    this.least += (told ?? before) - this.#since!.late
    this.most += (told ?? Date.now()) - this.#since!.early
    this.#since = undefined
  }

  /** Does what brings the attention back. */
  async back(order: () => Promise<unknown>, tab?: Tab): Promise<void> {
    const before = Date.now()
    await order()
    const told = tab && (await changes(tab, before, ' && document.hasFocus()')).at(-1)!
    this.#since = { early: told ?? before, late: told ?? Date.now() }
  }

  plus({ least, most }: Driven): Driven {
    return Object.assign(new Driven(), { least: this.least + least, most: this.most + most })
  }
}

/** When the page was told of changes since then; waits for one, and for what else has to be true. */
async function changes(tab: Tab, since: number, and = ''): Promise<number[]> {
  const list = `changedAt.filter((at) => at >= ${since})`
  await expect.poll(() => tab.run<boolean>(`${list}.length > 0${and}`), SOON).toBe(true)
  return tab.run<number[]>(list)
}

/** The clock of the attention to a page that has just been loaded in front. */
const attention = async (tab: Tab) => new Driven(await tab.run<number>('beganAt'))

/** Waits until as many page views are stored as these. */
const stored = (shop: Shop, views: Record<string, number>) => expect.poll(shop.views, SOON).toEqual(views)

/** Waits until the page, once it is loaded, is that of a path. */
async function at(tab: Tab, path: string): Promise<void> {
  const there = `location.pathname === ${JSON.stringify(path)} && document.readyState === 'complete'`
  // While a page goes there is nothing that could answer.
  await expect.poll(() => tab.run<boolean>(there).catch(() => false), SOON).toBe(true)
}

const engagedMs = async (shop: Shop) => (await shop.stats()).engagedMs

const route = (tab: Tab, call: 'push' | 'replace', path: string) =>
  tab.run(`void history.${call}State({}, '', ${JSON.stringify(path)})`)

/** Leaves by a link, and waits for the next page. */
async function next(tab: Tab): Promise<void> {
  await tab.click('#next')
  await at(tab, '/next')
}

export const CASES: Case[] = [
  {
    title: 'navigate away',
    async run({ tab }) {
      const first = await attention(tab)
      await sleep(2_000)
      await first.away(() => next(tab))
      const second = await attention(tab)
      await sleep(500)
      await second.away(tab.close)
      return { views: { '/': 1, '/next': 1 }, engaged: { '/': first, '/next': second } }
    },
  },
  {
    title: 'navigate away, where no id may be kept',
    consent: 'required',
    async run({ tab }) {
      const first = await attention(tab)
      await sleep(1_500)
      await first.away(() => next(tab))
      expect(await tab.run('[document.cookie, localStorage.length]')).toEqual([
        expect.not.stringContaining('leadwake'),
        0,
      ])
      const second = await attention(tab)
      await second.away(tab.close)
      return { views: { '/': 1, '/next': 1 }, engaged: { '/': first, '/next': second } }
    },
  },
  {
    title: 'close the tab',
    async run({ tab }) {
      const first = await attention(tab)
      await sleep(3_000)
      await first.away(tab.close)
      return { views: { '/': 1 }, engaged: { '/': first } }
    },
  },
  {
    title: 'close the tab before anything is answered',
    async run({ shop, visitor }) {
      for (const path of ['/a', '/b', '/c']) await (await visitor.open(shop.url(path))).close()
      return { views: { '/': 1, '/a': 1, '/b': 1, '/c': 1 } }
    },
  },
  {
    title: 'reload',
    async run({ tab }) {
      const first = await attention(tab)
      await sleep(1_500)
      await tab.run('void (first = true)')
      await first.away(async () => {
        await tab.reload()
        const loaded = "typeof first === 'undefined' && document.readyState === 'complete'"
        await expect.poll(() => tab.run<boolean>(loaded).catch(() => false), SOON).toBe(true)
      })
      const second = await attention(tab)
      await sleep(500)
      await second.away(tab.close)
      return { views: { '/': 2 }, engaged: { '/': first.plus(second) } }
    },
  },
  {
    title: 'back and forward',
    async run({ engine, shop, tab }) {
      const first = await attention(tab)
      await sleep(700)
      await first.away(() => next(tab))
      const second = await attention(tab)
      await sleep(700)
      await second.away(async () => {
        await first.back(tab.back)
        await at(tab, '/')
      })
      await stored(shop, { '/': 2, '/next': 1 })
      const backed = await tab.run<boolean>('restored')
      await sleep(700)
      await first.away(async () => {
        await second.back(tab.forward)
        await at(tab, '/next')
      })
      await stored(shop, { '/': 2, '/next': 2 })
      const forwarded = await tab.run<boolean>('restored')
      expect([backed, forwarded]).toEqual([engine.bfcache, engine.bfcache])
      await sleep(700)
      await second.away(tab.close)
      return { views: { '/': 2, '/next': 2 }, engaged: { '/': first, '/next': second } }
    },
  },
  {
    title: 'hide, stay away, come back',
    async run({ shop, tab }) {
      const first = await attention(tab)
      await sleep(1_000)
      await first.away(tab.hide, tab)
      // What was read is sent when it is hidden: it may never be seen again.
      await expect.poll(() => engagedMs(shop), SOON).toBeGreaterThan(750)
      await sleep(1_000)
      await first.back(tab.show, tab)
      await sleep(1_000)
      await first.away(tab.close)
      return { views: { '/': 1 }, engaged: { '/': first } }
    },
  },
  {
    title: 'another window in front',
    without: (tab) => (tab.blur ? undefined : 'each headless window keeps the focus'),
    async run({ tab }) {
      const first = await attention(tab)
      await sleep(1_500)
      await first.away(tab.blur!, tab)
      await sleep(1_500)
      await first.back(tab.focus!, tab)
      await sleep(1_000)
      await first.away(tab.close)
      return { views: { '/': 1 }, engaged: { '/': first } }
    },
  },
  {
    title: 'routes of an app: push, replace, back',
    async run({ shop, tab }) {
      const views: Record<string, number> = { '/': 1 }
      await stored(shop, views)
      await route(tab, 'push', '/a')
      await stored(shop, Object.assign(views, { '/a': 1 }))
      await route(tab, 'replace', '/b')
      await stored(shop, Object.assign(views, { '/b': 1 }))
      await tab.back()
      await stored(shop, Object.assign(views, { '/': 2 }))
      await tab.close()
      return { views }
    },
  },
  {
    title: 'a route that a script takes by itself, without a click, has its own time',
    async run({ tab }) {
      const first = await attention(tab)
      await sleep(2_000)
      const second = new Driven()
      await first.away(() => second.back(() => route(tab, 'push', '/a')))
      await sleep(2_000)
      await second.away(tab.close)
      return { views: { '/': 1, '/a': 1 }, engaged: { '/': first, '/a': second } }
    },
  },
  {
    title: 'downloads and cart adds',
    async run({ tab }) {
      for (const selector of ['#pdf', '#zip', '#marked', '#cart']) await tab.click(selector)
      await tab.run("void leadwake.cart({ product: 'Valve', quantity: 1, price: 9.5 })")
      await tab.close()
      return { views: { '/': 1 }, downloads: 3, cartAdds: 2 }
    },
  },
  {
    title: 'offline, then online',
    without: (tab) => (tab.offline ? undefined : 'its driver cannot cut the network'),
    async run({ shop, tab }) {
      await stored(shop, { '/': 1 })
      await tab.offline!(true)
      await tab.click('#cart')
      await route(tab, 'push', '/a')
      await expect.poll(() => tab.run<string>('localStorage.leadwake_queue'), SOON).toContain('/a"')
      await tab.offline!(false)
      await stored(shop, { '/': 1, '/a': 1 })
      await tab.close()
      return { views: { '/': 1, '/a': 1 }, cartAdds: 1 }
    },
  },
  {
    title: 'a collector that refuses connections, then the next page',
    async run({ shop, tab }) {
      await stored(shop, { '/': 1 })
      await shop.wire.down()
      await tab.click('#cart')
      await route(tab, 'push', '/a')
      await expect.poll(() => tab.run<string>('localStorage.leadwake_queue'), SOON).toContain('/a"')
      await shop.wire.up()
      await next(tab)
      await stored(shop, { '/': 1, '/a': 1, '/next': 1 })
      await tab.close()
      return { views: { '/': 1, '/a': 1, '/next': 1 }, cartAdds: 1 }
    },
  },
  ...(['itself', 'by its proxy'] as const).map(
    (who): Case => ({
      title: `a collector that is busy and says so ${who}, then not`,
      async run({ shop, tab }) {
        await stored(shop, { '/': 1 })
        shop.wire.answer(503, who === 'itself' ? BUSY : {})
        shop.wire.forget()
        await tab.click('#cart')
        await route(tab, 'push', '/a')
        await expect.poll(() => tab.run<string>('localStorage.leadwake_queue'), SOON).toContain('/a"')
        await expect.poll(() => shop.wire.beacons().length, SOON).toBeGreaterThan(0)
        shop.wire.answer(undefined)
        await next(tab)
        await stored(shop, { '/': 1, '/a': 1, '/next': 1 })
        await tab.close()
        return { views: { '/': 1, '/a': 1, '/next': 1 }, cartAdds: 1 }
      },
    }),
  ),
  {
    title: 'a killed tab loses at most the last five seconds',
    long: true,
    without: (tab) => (tab.kill ? undefined : 'it ends the session with the page'),
    kills: true,
    async run({ shop, visitor, tab }) {
      const first = await attention(tab)
      await stored(shop, { '/': 1 })
      await sleep(6_000)
      await first.away(tab.kill!)
      const second = await visitor.open(shop.url('/next'))
      await stored(shop, { '/': 1, '/next': 1 })
      await second.close()
      first.least -= KEEP_MS
      return { views: { '/': 1, '/next': 1 }, engaged: { '/': first } }
    },
  },
  {
    title: 'a killed browser loses nothing that it sent',
    kills: true,
    async run({ shop, visitor, tab }) {
      const first = await attention(tab)
      await stored(shop, { '/': 1 })
      await sleep(1_000)
      await first.away(tab.hide, tab)
      await expect.poll(() => engagedMs(shop), SOON).toBeGreaterThan(750)
      await visitor.kill()
      return { views: { '/': 1 }, engaged: { '/': first } }
    },
  },
  {
    title: 'a minute with two tab switches, another window and an idle gap',
    long: true,
    async run({ tab }) {
      const first = await attention(tab)
      await sleep(6_000)
      for (const away of [5_000, 3_000]) {
        await first.away(tab.hide, tab)
        await sleep(away)
        await first.back(tab.show, tab)
        await sleep(4_000)
      }
      if (tab.blur) {
        await first.away(tab.blur, tab)
        await sleep(3_000)
        await first.back(tab.focus!, tab)
        await sleep(2_000)
      }
      // The hand is taken from the mouse here; 30 s later nobody is there any more.
      await first.away(() => tab.click('body'))
      await first.back(async () => {})
      const idle = new Driven(Date.now())
      await sleep(38_000)
      await idle.away(() => tab.click('body'))
      await first.away(async () => {})
      const unread = Object.assign(new Driven(), { least: 30_000 - idle.most, most: 30_000 - idle.least })
      await first.back(async () => {})
      await sleep(2_000)
      await first.away(tab.close)
      return { views: { '/': 1 }, engaged: { '/': first.plus(unread) } }
    },
  },
]

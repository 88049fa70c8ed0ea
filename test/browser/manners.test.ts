/** What a real browser does not send and does not keep. */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FLAG } from '../../shared/protocol.ts'
import { launchChromium } from './chromium.ts'
import { type Person, type PersonOptions, person } from './person.ts'
import { type Site, siteWith } from './site.ts'
import { SOON, type Stand, stand } from './stand.ts'
import { storedVisitors } from './stored-visitors.ts'

const MINUTE = 60_000

let browser: Browser
let closeBrowser: (() => Promise<void>) | undefined
let at: Stand

beforeAll(async () => {
  const chromium = await launchChromium()
  browser = chromium.browser
  closeBrowser = chromium.close
})
afterAll(() => closeBrowser?.())
beforeEach(async () => {
  at = await stand()
})
afterEach(async () => {
  await at.stop()
})

const demo = (path: string) => `${at.wire.origin}/demo${path}`

const visitor = (rest: Partial<PersonOptions> = {}): Promise<Person> =>
  person({ browser, origins: [at.wire.origin], clock: at.lw.clock, ...rest })

/** Does what is measured: reads two pages, downloads, fills the cart. */
async function wander({ page, comes, reads }: Person, path = '/') {
  await comes(0, demo(path))
  await reads(2 * MINUTE)
  const file = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download the guide' }).click()
  await (await file).cancel()
  await page.getByRole('button', { name: 'Add to cart' }).first().click()
  await page.waitForURL('**/demo/cart')
}

/** Leaves, and asks for one thing more: what the page sent at its end was sent before. */
async function quiet({ page, leaves }: Person) {
  await leaves()
  await page.goto(`${at.wire.origin}/healthz`)
}

async function kept({ context }: Person) {
  const { cookies, origins } = await context.storageState()
  const storage = origins.flatMap(({ localStorage }) => localStorage.map(({ name }) => name))
  // The shop's own cart is none of ours.
  return [...cookies.map(({ name }) => name).filter((name) => name !== 'demo_cart'), ...storage].toSorted()
}

describe('secrets', () => {
  test('of a query only the source of the visit leaves the page', async () => {
    const somebody = await visitor()
    await wander(somebody, '/?token=SECRET&email=a@b.c&utm_source=fair&next=/reset/SECRET')
    await quiet(somebody)
    expect(at.wire.events('p')[0]![3]).toBe(demo('/&utm_source=fair'))
    const sent = at.wire.requests.filter(({ path }) => path === '/v1/in')
    expect(sent.length).toBeGreaterThan(2)
    expect(JSON.stringify(sent.map(({ body }) => body))).not.toMatch(/SECRET|a(@|%40)b\.c/)
    await at.stats({ pageViews: 2, downloads: 1, cartAdds: 1 })
  })

  test('an e-mail or a token in a path is starred out', async () => {
    const somebody = await visitor()
    await somebody.page.goto(demo('/'))
    await somebody.page.evaluate(() => {
      history.pushState({}, '', '/demo/users/ada@acme.example/0123456789abcdef0123456789abcdef')
    })
    await quiet(somebody)
    expect(at.wire.events('p').map((event) => event[3])).toEqual([demo('/'), demo('/users/*/*')])
  })
})

describe('an opt-out', () => {
  test('is told once, and then nothing is sent or kept, on this page and on later ones', async () => {
    const somebody = await visitor()
    await somebody.comes(0, demo('/'))
    // Totals go out just after each minute.
    await somebody.reads(MINUTE + 2_000)
    await somebody.page.evaluate(() => (window as { leadwake?: { optOut(): void } }).leadwake!.optOut())
    await wander(somebody)
    await quiet(somebody)

    const told = at.wire.events()
    expect(told.map(([kind]) => kind)).toEqual(['p', 'e', 'e'])
    const words = at.wire.beacons().filter(({ f }) => f! & FLAG.optOut)
    expect(words.length).toBeGreaterThan(0)
    // The last word of the id, which is no more, and without a time.
    expect(told.at(-1)).toHaveLength(3)
    for (const word of words) expect(word.e).toEqual([told.at(-1)])
    expect(await kept(somebody)).toEqual(['leadwake_consent'])
    await at.stats({ pageViews: 1, downloads: 0, cartAdds: 0 })
  })
})

describe('a browser that asks for privacy', () => {
  test('is measured without an id, and keeps nothing', async () => {
    const somebody = await visitor({ privacy: true })
    await wander(somebody)
    await at.stats({ visitors: 1, visits: 1, pageViews: 2, downloads: 1, cartAdds: 1 })

    expect(await somebody.page.evaluate(() => [document.cookie, localStorage.length])).toEqual(['', 0])
    const handed = somebody.page.locator('input[name=leadwake_visitor]').first()
    expect(await handed.inputValue()).toBe('')
    await quiet(somebody)
    expect(await kept(somebody)).toEqual([])
    for (const beacon of at.wire.beacons()) {
      expect(beacon.v).toBe(0)
      expect(beacon.f! & FLAG.privacy).toBe(FLAG.privacy)
    }
  })
})

describe('a site on an origin of its own', () => {
  let shop: Site
  let somebody: Person

  beforeEach(async () => {
    shop = await siteWith(`<script defer src="${at.wire.origin}/l.js?s=main"></script>`)
    somebody = await visitor({ origins: [at.wire.origin, shop.origin] })
  })
  afterEach(() => shop.stop())

  test('is measured without a preflight, a cookie of the collector or anything kept', async () => {
    await somebody.comes(0, `${shop.origin}/?utm_campaign=spring&id=7`)
    await somebody.reads(MINUTE)
    await somebody.page.getByRole('link', { name: 'Next' }).click()
    await somebody.page.waitForURL('**/next')
    await quiet(somebody)

    expect(at.wire.events('p').map((event) => event[3])).toEqual(
      expect.arrayContaining([`${shop.origin}/?utm_campaign=spring`, `${shop.origin}/next`]),
    )
    expect(new Set(at.wire.requests.map(({ method, path }) => `${method} ${path}`))).toEqual(
      new Set(['GET /l.js?s=main', 'POST /v1/in', 'GET /healthz']),
    )
    expect(at.wire.requests.filter(({ headers }) => headers.cookie)).toEqual([])
    expect(at.wire.beacons().filter(({ v }) => v)).toEqual([])
    expect(await kept(somebody)).toEqual([])
    expect(somebody.problems).toEqual([])
  })

  test('keeps an id from the moment its visitor agrees, and forgets it when they take that back', async () => {
    type Consent = { leadwake?: { consent(granted: boolean): void; visitor(): string | null } }
    const consent = (granted: boolean) =>
      somebody.page.evaluate((given) => {
        const { leadwake } = window as Consent
        leadwake!.consent(given)
        return leadwake!.visitor()
      }, granted)
    await somebody.comes(0, `${shop.origin}/`)
    const id = await consent(true)
    expect(id).toMatch(/^\d{22}$/)
    expect(await kept(somebody)).toEqual(['leadwake_consent', 'leadwake_queue', 'leadwake_visitor'])
    // Totals go out just after each minute. Between the view and them is the report with which it changes hands.
    await somebody.reads(MINUTE + 2_000)
    await expect.poll(() => at.wire.beacons().map(({ v }) => v), SOON).toEqual([0, 0, id])
    expect(await consent(false)).toBeNull()
    expect(await kept(somebody)).toEqual(['leadwake_consent'])
    expect(somebody.problems).toEqual([])
  })

  test.each([true, false])('loses nothing of a view in which consent becomes %s', async (granted) => {
    type Consent = { leadwake?: { consent(granted: boolean): void } }
    const consent = (given: boolean) =>
      somebody.page.evaluate((yes) => (window as Consent).leadwake!.consent(yes), given)
    const stats = async () => (await at.lw.call('GET', '/v1/stats?site=main')).body
    await somebody.comes(0, `${shop.origin}/`)
    if (!granted) {
      await consent(true)
      await somebody.page.goto(`${shop.origin}/next`)
    }
    const path = new URL(somebody.page.url()).pathname
    await somebody.reads(10_100)
    await consent(granted)
    await somebody.reads(54_900)
    await quiet(somebody)

    const ofPath = async () =>
      (await stats()).topPages.find((page: { path: string }) => page.path === path)?.engagedMs ?? 0
    await expect.poll(ofPath, SOON).toBeGreaterThanOrEqual(65_000 - 250)
    expect(await ofPath()).toBeLessThanOrEqual(65_000 + 250)
    const views = storedVisitors(at.lw.db, 'main').filter((view) => view.path === path)
    expect(views).toEqual([{ path, visitor: expect.stringMatching(granted ? /^\d{22}$/ : /^~/) }])
    const { pageViews, topPages } = await stats()
    expect(pageViews).toBe(granted ? 1 : 2)
    expect(topPages.map((page: { views: number }) => page.views)).toEqual(granted ? [1] : [1, 1])
    if (granted) expect(await stats()).toMatchObject({ visitors: 1, visits: 1, engagedMs: await ofPath() })
    expect(somebody.problems).toEqual([])
  })
})

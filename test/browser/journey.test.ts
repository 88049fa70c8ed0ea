/** A person in a real browser goes through the demo site, from the first page read to a lead for sales. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY } from '../support/collector.ts'
import { launchChromium } from './chromium.ts'
import { type Person, person } from './person.ts'
import { pointsByRule, sum } from './points.ts'
import { FIRST_DAY, SOON, type Stand, stand } from './stand.ts'
import { stepsOf } from './steps.ts'

const MINUTE = 60_000

/** What she types; nothing of it may be in a beacon. */
const TYPED = {
  name: 'Zora Quillfeather',
  email: 'zora@quillfeather-pumps.example',
  company: 'Quillfeather Pumps',
  title: 'Maintainer-in-Chief',
}
const IDENTIFYING = /zora|quillfeather|maintainer/i

const NOBODY = { visitor: 0, lead: 0, mql: 0, sql: 0, opportunity: 0, customer: 0, disqualified: 0 }

let browser: Browser
let closeBrowser: (() => Promise<void>) | undefined
let at: Stand
let zora: Person

beforeAll(async () => {
  const chromium = await launchChromium()
  browser = chromium.browser
  closeBrowser = chromium.close
  at = await stand()
  zora = await person({ browser, origins: [at.wire.origin], clock: at.lw.clock })
})
afterAll(async () => {
  await closeBrowser?.()
  await at?.stop()
})

const demo = (path: string) => `${at.wire.origin}/demo${path}`
const main = () => zora.page.getByRole('main')

describe('from the first page to a lead for sales', () => {
  test('day 1: reading is recorded by page, to the ms, as long as somebody is there', async () => {
    await zora.comes(FIRST_DAY + DAY / 24, demo('/?utm_source=trade-fair'))
    await zora.reads(40_000)
    await main().getByRole('link', { name: 'Six weeks before it seized' }).click()
    await zora.reads(80_000)
    await zora.scrollsToEnd()
    // Of three minutes without a sign of life the first half minute counts.
    await zora.idles(3 * MINUTE)
    await zora.leaves()

    await at.stats({
      visitors: 1,
      visits: 1,
      pageViews: 2,
      engagedMs: 150_000,
      bounces: 0,
      stages: { ...NOBODY, visitor: 1 },
      topPages: [
        { path: '/demo/', views: 1, engagedMs: 40_000 },
        { path: '/demo/blog/bearing-failures', views: 1, engagedMs: 110_000 },
      ],
    })
  })

  test('day 2: the same visitor is known again, and downloads a file', async () => {
    await zora.comes(FIRST_DAY + DAY, demo('/services/condition-monitoring'))
    await zora.reads(MINUTE)
    const file = zora.page.waitForEvent('download')
    await main().getByRole('link', { name: 'guide (PDF)' }).click()
    expect((await file).suggestedFilename()).toBe('nordlicht-guide.pdf')
    await zora.leaves()

    await at.stats({ visitors: 1, visits: 2, pageViews: 3, engagedMs: 210_000, downloads: 1 })
  })

  test('day 4: prices and a cart add are recorded, and nobody is a lead for it', async () => {
    await zora.comes(FIRST_DAY + 3 * DAY, demo('/pricing'))
    await zora.reads(MINUTE)
    await main().getByRole('button', { name: 'Add to cart' }).first().click()
    await zora.page.waitForURL('**/demo/cart')

    await at.stats({ visitors: 1, visits: 3, pageViews: 5, engagedMs: 270_000, downloads: 1, cartAdds: 1 })
    expect(await at.leads()).toEqual([])
  })

  test('day 4: the newsletter form makes a lead, with all that came before, and by it an MQL', async () => {
    await zora.reads(1_000)
    const footer = zora.page.getByRole('contentinfo')
    await footer.getByLabel('E-mail for the newsletter').fill(TYPED.email)
    await footer.getByRole('button', { name: 'Subscribe' }).click()
    await zora.page.waitForURL('**/demo/thanks/newsletter')
    await zora.leaves()

    await at.stats({ pageViews: 6, stages: { ...NOBODY, mql: 1 } })
    const lead = await at.lead()
    expect(lead).toMatchObject({
      stage: 'mql',
      email: TYPED.email,
      name: null,
      visits: 3,
      visitors: 1,
      source: 'trade-fair',
    })
    expect(pointsByRule(lead)).toEqual({
      visit: 3,
      engaged: 4.52,
      blog: 1,
      service: 2,
      download: 8,
      pricing: 8,
      cart: 10,
      opt_in: 5,
    })
    expect(sum(lead.reasons.map(({ points }) => points))).toBe(lead.engagement)
  })

  test('day 6: asking for a demo makes an SQL, each step with its reason', async () => {
    await zora.comes(FIRST_DAY + 5 * DAY, demo('/'))
    await main().getByRole('link', { name: 'Request a demo' }).click()
    for (const [name, value] of Object.entries(TYPED)) {
      await main().locator(`input[name=${name}]`).fill(value)
    }
    await zora.reads(30_000)
    await main().getByRole('button', { name: 'Request a demo' }).click()
    await zora.page.waitForURL('**/demo/thanks/request-demo')

    await at.stats({ visits: 4, pageViews: 9, engagedMs: 301_000, stages: { ...NOBODY, sql: 1 } })
    const lead = await at.lead()
    expect(lead).toMatchObject({ stage: 'sql', name: TYPED.name, company: TYPED.company, visits: 4 })
    expect(lead.traits).toMatchObject({ title: TYPED.title })
    expect(lead.transitions).toMatchObject([
      { from: 'visitor', to: 'lead', by: 'identify', effectiveAt: '2025-03-07T09:01:01.000Z' },
      { from: 'lead', to: 'mql', by: 'rules:1', effectiveAt: '2025-03-07T09:01:01.000Z' },
      { from: 'mql', to: 'sql', by: 'rules:1', effectiveAt: '2025-03-09T09:00:30.000Z' },
    ])
    expect(lead.transitions.map(({ why }) => why)).toEqual([
      expect.stringContaining('e-mail'),
      expect.stringContaining('3 visits, 5 engaged minutes, 3 intent views'),
      expect.stringContaining('demo requested on 9 Mar'),
    ])
    expect(pointsByRule(lead)).toMatchObject({ visit: 4, engaged: 5.02, demo: 40 })
    expect(sum(lead.reasons.map(({ points }) => points))).toBe(lead.engagement)
  })

  test('the timeline has every step, also those from before the form, the newest first', async () => {
    const items = await at.timeline()
    const times = items.map((item) => Date.parse(item.at))
    expect(times).toEqual(times.toSorted((a, b) => b - a))

    // The clock stands still while a page is left for the next, so that some have the same time.
    expect(stepsOf(items)).toEqual([
      '04 page /demo/ for 40 s',
      '04 page /demo/blog/bearing-failures for 110 s',
      '04 visit Came to the site from trade-fair',
      '05 download Downloaded guide.pdf',
      '05 page /demo/services/condition-monitoring for 60 s',
      '05 visit Came to the site',
      '07 cart Added NL-200 vibration sensor to the cart',
      '07 form Submitted the form cart',
      '07 form Submitted the form newsletter',
      '07 page /demo/cart for 1 s',
      '07 page /demo/pricing for 60 s',
      '07 page /demo/thanks/newsletter',
      '07 signal Email opt in',
      '07 transition Became MQL',
      '07 transition Became lead',
      '07 visit Came to the site',
      '09 form Submitted the form demo-request',
      '09 page /demo/',
      '09 page /demo/request-demo for 30 s',
      '09 page /demo/thanks/request-demo',
      '09 signal Demo requested',
      '09 transition Became SQL',
      '09 visit Came to the site',
    ])
  })

  test('what she typed went to the shop, and into no beacon', async () => {
    const posted = at.wire.requests.filter(({ body }) => IDENTIFYING.test(body))
    expect(posted.map(({ path }) => path)).toEqual(['/demo/newsletter', '/demo/request-demo'])
    expect(at.wire.events('f').map((event) => event[4])).toEqual(['cart', 'newsletter', 'demo-request'])
  })

  test('beacons are plain: no preflight, no cookie, and no request to anybody else', async () => {
    expect(at.wire.requests.filter(({ method }) => method === 'OPTIONS')).toEqual([])
    for (const { headers } of at.wire.requests.filter(({ path }) => path === '/v1/in')) {
      expect(headers['content-type']).toMatch(/^text\/plain/)
    }
    expect(zora.problems).toEqual([])
  })
})

describe('the dashboard', () => {
  const tile = (name: string) =>
    zora.page
      .locator('.tile')
      .filter({ has: zora.page.getByText(name, { exact: true }) })
      .locator('.big')
      .textContent()

  test('asks who has not signed in, then comes back to the page that was asked for', async () => {
    const { page } = zora
    await page.getByRole('link', { name: 'See it in the dashboard' }).click()
    await page.getByLabel('Password or admin key').fill(at.lw.key)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/leads?site=demo')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('**/login')
  })

  test('lets in by the one-time link, once', async () => {
    const { page } = zora
    const link = `${at.wire.origin}/login/${at.lw.first!.loginToken}`
    await page.goto(link)
    await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent(), SOON).toBe('main')
    expect((await at.lw.request(new URL(link).pathname)).status).toBe(410)
  })

  test('shows on the overview what the API says', async () => {
    await zora.page.goto(`${at.wire.origin}/?site=demo`)
    expect(await tile('Visitors')).toBe('1')
    expect(await tile('Visits')).toBe('4')
    expect(await tile('Page views')).toBe('9')
    expect(await tile('Engaged')).toBe('5 min 1 s')
    expect(await tile('Downloads')).toBe('1')
    expect(await tile('Cart adds')).toBe('1')
  })

  test('leads on to the person: the stage, why, and lines that add up to the score', async () => {
    const { page } = zora
    await page.getByRole('link', { name: TYPED.name }).click()
    await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent(), SOON).toBe(TYPED.name)
    const lead = await at.lead()
    const why = page.getByRole('region', { name: /^Why/ })
    const lines = await why.locator('td:last-child').allTextContents()
    expect(lines).toHaveLength(lead.reasons.length)
    expect(sum(lines.map((line) => Number(line.replace('\u2212', '-'))))).toBe(lead.engagement)
    expect(await why.locator('.sum strong').textContent()).toBe(lead.engagement.toFixed(2))
    for (const { label } of lead.reasons) expect(await why.textContent()).toContain(label)

    expect(await page.locator('.who .badge').textContent()).toBe('SQL')
    const stages = await page.getByRole('region', { name: 'Stages so far' }).textContent()
    for (const { why } of lead.transitions) expect(stages).toContain(why)
    const timeline = await page.getByRole('region', { name: 'Timeline' }).textContent()
    for (const { title } of await at.timeline()) expect(timeline).toContain(title)
  })

  test('no page of the dashboard or the shop breaks its own policy or throws', async () => {
    const { id } = await at.lead()
    const paths = [
      '/',
      '/?site=demo&days=91',
      '/leads?site=demo',
      '/leads?site=demo&stage=sql',
      `/leads/${id}`,
    ]
    const shop = [
      '',
      'services/condition-monitoring',
      'services/retrofit',
      'pricing',
      'blog',
      'about',
      'careers',
    ]
    const forms = ['cart', 'checkout', 'request-demo', 'thanks/checkout', 'blog/bearing-failures']
    for (const path of [
      ...paths,
      '/account',
      '/login',
      ...[...shop, ...forms].map((name) => `/demo/${name}`),
    ]) {
      const answer = await zora.page.goto(at.wire.origin + path)
      expect([path, answer?.status()]).toEqual([path, 200])
      expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'")
    }
    expect(zora.problems).toEqual([])
  })
})

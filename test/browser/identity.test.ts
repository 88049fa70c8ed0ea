/** Who did what, in real browsers: two devices of one person, two people on one device, nobody's script. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LeadAnswer, TimelineItem } from '../../shared/api.ts'
import { DAY } from '../support/collector.ts'
import { launchChromium } from './chromium.ts'
import { type Person, type PersonOptions, person } from './person.ts'
import { pointsByRule } from './points.ts'
import { FIRST_DAY, SOON, type Stand, stand } from './stand.ts'
import { stepsOf } from './steps.ts'

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
afterEach(() => at.stop())

const demo = (path: string) => `${at.wire.origin}/demo${path}`
const device = (rest: Partial<PersonOptions> = {}) =>
  person({ browser, origins: [at.wire.origin], clock: at.lw.clock, ...rest })

async function subscribes({ page }: Person, email: string): Promise<void> {
  const footer = page.getByRole('contentinfo')
  await footer.getByLabel('E-mail for the newsletter').fill(email)
  await footer.getByRole('button', { name: 'Subscribe' }).click()
  await page.waitForURL('**/demo/thanks/newsletter')
}

async function requestsDemo({ page }: Person, fields: Record<string, string>): Promise<void> {
  const main = page.getByRole('main')
  for (const [name, value] of Object.entries(fields)) await main.locator(`input[name=${name}]`).fill(value)
  await main.getByRole('button', { name: 'Request a demo' }).click()
  await page.waitForURL('**/demo/thanks/request-demo')
}

/** The lead with that e-mail, as it is stored: in lower case. */
async function leadOf(email: string): Promise<LeadAnswer> {
  const found = (await at.leads()).filter((lead) => lead.email === email)
  expect(found).toHaveLength(1)
  return (await at.lw.call('GET', `/v1/leads/${found[0]!.id}`)).body
}

async function timelineOf({ id }: LeadAnswer): Promise<TimelineItem[]> {
  return (await at.lw.call('GET', `/v1/leads/${id}/timeline?limit=500`)).body.items
}

/** Somebody of sales, who opened the list of leads in a browser of their own. */
async function sales(): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${at.wire.origin}/login/${at.lw.first!.loginToken}`)
  await page.goto(`${at.wire.origin}/leads?site=demo`)
  return page
}

/** Opens a person from the list. */
async function opens(page: Page, name: string): Promise<void> {
  await page.goto(`${at.wire.origin}/leads?site=demo`)
  await page.getByRole('link', { name }).click()
  await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent(), SOON).toBe(name)
}

const region = (page: Page, name: string | RegExp) => page.getByRole('region', { name }).innerText()
const fact = (page: Page, name: string) =>
  page
    .getByRole('region', { name: 'Facts' })
    .locator('div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .textContent()

test('two devices of one person, who writes the e-mail in two ways, are one lead', async () => {
  const phone = await device({ phone: true })
  const laptop = await device()
  await laptop.comes(FIRST_DAY + MINUTE, demo('/services/condition-monitoring?utm_source=trade-fair'))
  await laptop.reads(MINUTE)
  await laptop.leaves()
  await phone.comes(FIRST_DAY + DAY, demo('/pricing'))
  await phone.reads(MINUTE)
  await subscribes(phone, 'mira@okonkwo-presses.example')
  await phone.leaves()
  await at.stats({ visitors: 2, pageViews: 3, engagedMs: 2 * MINUTE })
  // The phone is hers now; whose the laptop is, nobody has said.
  const before = await leadOf('mira@okonkwo-presses.example')
  expect(before).toMatchObject({ stage: 'mql', visitors: 1, visits: 1, source: null })

  await laptop.comes(FIRST_DAY + 2 * DAY, demo('/request-demo'))
  await laptop.reads(MINUTE)
  await requestsDemo(laptop, {
    name: 'Mira Okonkwo',
    email: 'Mira@Okonkwo-Presses.EXAMPLE',
    company: 'Okonkwo Presses',
    title: 'Head of Maintenance',
  })
  await laptop.leaves()
  await at.stats({ visitors: 2, visits: 3, pageViews: 5, engagedMs: 3 * MINUTE })

  const lead = await at.lead()
  expect(lead).toMatchObject({
    id: before.id,
    stage: 'sql',
    email: 'mira@okonkwo-presses.example',
    name: 'Mira Okonkwo',
    visitors: 2,
    visits: 3,
    // Of the laptop, which came first, though the phone was linked first.
    source: 'trade-fair',
    verified: true,
    companyKey: 'name:okonkwo-presses',
  })
  expect(pointsByRule(lead)).toEqual({ visit: 3, engaged: 3, service: 2, pricing: 8, opt_in: 5, demo: 40 })
  const timeline = await timelineOf(lead)
  expect(stepsOf(timeline)).toEqual([
    '04 page /demo/services/condition-monitoring for 60 s',
    '04 visit Came to the site from trade-fair',
    '05 form Submitted the form newsletter',
    '05 page /demo/pricing for 60 s',
    '05 page /demo/thanks/newsletter',
    '05 signal Email opt in',
    '05 transition Became MQL',
    '05 transition Became lead',
    '05 visit Came to the site',
    '06 form Submitted the form demo-request',
    '06 page /demo/request-demo for 60 s',
    '06 page /demo/thanks/request-demo',
    '06 signal Demo requested',
    '06 transition Became SQL',
    '06 visit Came to the site',
  ])
  expect(timeline.flatMap(({ device }) => device ?? [])).toEqual([
    'desktop, Chrome, Linux',
    'mobile, Chrome, Android',
    'desktop, Chrome, Linux',
  ])

  const page = await sales()
  await opens(page, 'Mira Okonkwo')
  expect(await fact(page, 'Devices')).toBe('2')
  expect(await fact(page, 'Visits')).toBe('3')
  expect(await fact(page, 'First source')).toBe('trade-fair')
  const why = await region(page, /^Why/)
  for (const { label } of lead.reasons) expect(why).toContain(label)
  expect(why).toContain(lead.engagement.toFixed(2))
  const shown = await region(page, 'Timeline')
  for (const { title, device } of timeline)
    for (const part of [title, device ?? '']) expect(shown).toContain(part)
  expect(await page.getByRole('main').innerText()).not.toContain('not confirmed')

  await page.getByRole('link', { name: 'Okonkwo Presses' }).click()
  await page.waitForURL('**/companies/name%3Aokonkwo-presses?site=demo')
  const people = await region(page, 'People')
  expect(people).toContain('Mira Okonkwo')
  expect(people).toContain('Head of Maintenance · mira@okonkwo-presses.example')
  expect(await region(page, 'Top pages')).toContain('/demo/services/condition-monitoring')
  expect([...phone.problems, ...laptop.problems]).toEqual([])
})

test('two people on one device are two leads, from the moment the second one says so', async () => {
  const shared = await device()
  const first = { name: 'First Person', email: 'first@north-works.example' }
  const second = { name: 'Second Person', email: 'second@south-works.example', company: 'South Works' }
  await shared.comes(FIRST_DAY + MINUTE, demo('/pricing?utm_source=trade-fair'))
  await shared.reads(MINUTE)
  await subscribes(shared, first.email)
  await shared.reads(MINUTE)
  await shared.leaves()
  await at.stats({ pageViews: 2, engagedMs: 2 * MINUTE })
  const before = await leadOf(first.email)

  await shared.comes(FIRST_DAY + DAY, demo('/request-demo'))
  await shared.reads(1_000)
  await requestsDemo(shared, second)
  await shared.reads(MINUTE)
  await shared.leaves()
  await shared.comes(FIRST_DAY + DAY + 10 * MINUTE, demo('/services/retrofit'))
  await shared.reads(2 * MINUTE)
  await shared.leaves()
  await at.stats({ visitors: 1, visits: 2, pageViews: 5, engagedMs: 5 * MINUTE + 1_000 })

  const [one, two] = [await leadOf(first.email), await leadOf(second.email)]
  expect(await at.leads()).toHaveLength(2)
  expect(one).toMatchObject({ id: before.id, stage: 'mql', visitors: 1, source: 'trade-fair', name: null })
  expect(two).toMatchObject({ stage: 'sql', visitors: 1, source: null, company: 'South Works' })
  expect(pointsByRule(one)).toEqual({ visit: 2, pricing: 8, engaged: expect.closeTo(2, 1), opt_in: 5 })
  expect(pointsByRule(two)).toEqual({ visit: 1, service: 2, engaged: 3, demo: 40 })
  // Up to the form the device was the first one's, so that the page with the form is too.
  expect(stepsOf(await timelineOf(one))).toEqual([
    '04 form Submitted the form newsletter',
    '04 page /demo/pricing for 60 s',
    '04 page /demo/thanks/newsletter for 60 s',
    '04 signal Email opt in',
    '04 transition Became MQL',
    '04 transition Became lead',
    '04 visit Came to the site from trade-fair',
    expect.stringMatching(/^05 page \/demo\/request-demo/),
    '05 visit Came to the site',
  ])
  const visits = (await timelineOf(one)).filter(({ kind }) => kind === 'visit')
  expect(visits[0]!.engagedMs).toBeLessThanOrEqual(1_000)
  expect(stepsOf(await timelineOf(two))).toEqual([
    '05 form Submitted the form demo-request',
    '05 page /demo/services/retrofit for 120 s',
    '05 page /demo/thanks/request-demo for 60 s',
    '05 signal Demo requested',
    '05 transition Became SQL',
    '05 transition Became lead',
  ])

  const page = await sales()
  await opens(page, first.email)
  const ofFirst = await page.getByRole('main').innerText()
  for (const theirs of ['pricing', 'newsletter', 'E-mail', 'trade-fair']) expect(ofFirst).toContain(theirs)
  for (const others of ['retrofit', 'Demo requested', 'South', second.email, '3 min'])
    expect(ofFirst).not.toContain(others)
  await opens(page, second.name)
  const ofSecond = await page.getByRole('main').innerText()
  for (const theirs of ['retrofit', 'Demo requested', 'South Works']) expect(ofSecond).toContain(theirs)
  for (const others of ['/demo/pricing', 'newsletter', first.email, 'trade-fair'])
    expect(ofSecond).not.toContain(others)
  expect(shared.problems).toEqual([])
})

describe('a form without the script', () => {
  test.each(['off', 'blocked'] as const)('(%s) makes a lead, scored by what it asked for', async (script) => {
    const quiet = await device({ script })
    await quiet.comes(FIRST_DAY + MINUTE, demo('/request-demo'))
    await requestsDemo(quiet, {
      name: 'Nell Quiet',
      email: 'nell@quiet-mills.example',
      company: 'Quiet Mills',
    })

    const lead = await at.lead()
    expect(lead).toMatchObject({ stage: 'sql', name: 'Nell Quiet', visitors: 0, visits: 0, verified: true })
    expect(lead.reasons).toMatchObject([{ rule: 'demo', points: 40 }])
    expect(lead.engagement).toBe(40)
    await at.stats({ visitors: 0, visits: 0, pageViews: 0, engagedMs: 0 })
    expect(at.wire.requests.map(({ path }) => path)).not.toContainEqual(
      expect.stringMatching(/^\/(l\.js|v1)/),
    )
    const posted = at.wire.requests.filter(({ method }) => method === 'POST')
    expect(posted.map(({ body }) => new URLSearchParams(body).get('leadwake_visitor'))).toEqual([''])

    const page = await sales()
    await opens(page, 'Nell Quiet')
    expect(await page.locator('.who .badge').textContent()).toBe('SQL')
    expect(await fact(page, 'Devices')).toBe('0')
    expect(await region(page, /^Why/)).toMatch(/Requested a demo\s+4 Mar\s+\+40\.00/)
    expect(await region(page, 'Timeline')).toContain('Demo requested')
    // Of the script itself a browser that blocks it complains on each of the two pages; of nothing else.
    const complaints = quiet.problems.filter((problem) => !problem.includes('ERR_BLOCKED_BY_CLIENT'))
    expect(complaints).toEqual([])
  })
})

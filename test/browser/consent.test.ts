/** What a visitor's choice leaves in the browser and in the database. */
import Database from 'better-sqlite3'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'
import { type Person, person } from './person.ts'
import { type Site, siteWith } from './site.ts'
import { SOON, type Stand, stand } from './stand.ts'

const MINUTE = 60_000

let browser: Browser
let closeBrowser: (() => Promise<void>) | undefined
let at: Stand
let shop: Site
/** Where the pages find the collector. */
let collector: string

beforeAll(async () => {
  const chromium = await launchChromium()
  browser = chromium.browser
  closeBrowser = chromium.close
})
afterAll(() => closeBrowser?.())
beforeEach(async () => {
  at = await stand()
  collector = at.wire.origin
  shop = await siteWith(`<script defer src="${collector}/l.js?s=main"></script>`)
})
afterEach(async () => {
  await shop.stop()
  await at.stop()
})

const comes = async (privacy = false): Promise<Person> => {
  const origins = [collector, shop.origin]
  const somebody = await person({ browser, origins, clock: at.lw.clock, privacy })
  await somebody.comes(0, `${shop.origin}/`)
  await somebody.reads(MINUTE)
  return somebody
}

/** The visitor's choice, as a banner tells it; then they read on. Returns the id. */
async function chooses({ page, reads }: Person, granted: boolean): Promise<string | null> {
  const id = await page.evaluate((yes) => {
    const { leadwake } = window as never as {
      leadwake: { consent(yes: boolean): void; visitor(): string | null }
    }
    leadwake.consent(yes)
    return leadwake.visitor()
  }, granted)
  await reads(MINUTE + 2_000)
  return id
}

const visitorOf = ({ page }: Person): Promise<string | null> =>
  page.evaluate(() => (window as never as { leadwake: { visitor(): string | null } }).leadwake.visitor())

async function inBrowser({ context }: Person): Promise<{ ids: string[]; names: string[] }> {
  const { cookies, origins } = await context.storageState()
  const kept = [...cookies, ...origins.flatMap(({ localStorage }) => localStorage)]
  return {
    ids: kept.filter(({ name }) => name === 'leadwake_visitor').map(({ value }) => value),
    names: kept.map(({ name }) => name).sort(),
  }
}

/** Each visitor in the database, measured ones as `~`, with what it said. */
function inDatabase(): string[] {
  const db = new Database(at.lw.db, { readonly: true })
  try {
    const rows = db
      .prepare(
        `SELECT CASE WHEN key LIKE '~%' THEN '~' ELSE key END || ' ' || coalesce(group_concat(state, ' '), '-')
         FROM visitors LEFT JOIN consents ON visitor = no GROUP BY no ORDER BY no`,
      )
      .pluck()
      .all()
    return rows as string[]
  } finally {
    db.close()
  }
}

describe('a visitor', () => {
  test('who says nothing leaves nothing in the browser, and a measured visit', async () => {
    const somebody = await comes()
    await expect.poll(inDatabase, SOON).toEqual(['~ -'])
    expect(await inBrowser(somebody)).toEqual({ ids: [], names: [] })
  })

  test('who says yes is known by an id from then on', async () => {
    const somebody = await comes()
    const id = await chooses(somebody, true)
    expect((await inBrowser(somebody)).ids).toEqual([id])
    await expect.poll(inDatabase, SOON).toContain(`${id} granted`)
  })

  test('who takes it back loses the id; what they said is kept', async () => {
    const somebody = await comes()
    const id = await chooses(somebody, true)
    await expect.poll(inDatabase, SOON).toContain(`${id} granted`)
    expect(await chooses(somebody, false)).toBeNull()
    expect(await inBrowser(somebody)).toEqual({ ids: [], names: ['leadwake_consent'] })
    await expect.poll(() => inDatabase().find((row) => row.startsWith('~')), SOON).toMatch(/refused/)
    const beacons = at.wire.beacons().length
    await somebody.page.reload()
    await somebody.reads(MINUTE)
    await expect.poll(() => at.wire.beacons().length, SOON).toBeGreaterThan(beacons)
    expect(at.wire.beacons().at(-1)!.v).toBe(0)
  })

  test('whose browser asks for privacy is measured, and known after a yes alone', async () => {
    const somebody = await comes(true)
    await expect.poll(inDatabase, SOON).toEqual(['~ privacy'])
    expect(await inBrowser(somebody)).toEqual({ ids: [], names: [] })
    const id = await chooses(somebody, true)
    await expect.poll(inDatabase, SOON).toContain(`${id} granted`)
  })
})

describe('where the collector sets the cookie, too', () => {
  beforeEach(async () => {
    const { status } = await at.lw.call('PATCH', '/v1/sites/main', { with: ['cookie'] })
    expect(status).toBe(200)
    // Under one host with the pages, as go.example.com is under one domain with www.example.com.
    collector = at.wire.origin.replace('127.0.0.1', 'localhost')
    await shop.stop()
    shop = await siteWith(`<script defer src="${collector}/l.js?s=main"></script>`)
  })

  /** The visitor's cookies; only an answer of the collector makes one that is `Secure`. */
  const cookies = async ({ context }: Person) =>
    (await context.cookies())
      .filter(({ name }) => name === 'leadwake_visitor')
      .map(({ value, secure, sameSite, httpOnly }) => ({ value, secure, sameSite, httpOnly }))

  test('it does so after a yes, for more than a year, and takes it out on a no', async () => {
    const somebody = await comes()
    await expect.poll(inDatabase, SOON).toEqual(['~ -'])
    expect(await cookies(somebody)).toEqual([])
    const id = await chooses(somebody, true)
    const set = { value: id, secure: true, sameSite: 'Lax', httpOnly: false }
    await expect.poll(() => cookies(somebody), SOON).toEqual([set])
    const [cookie] = await somebody.context.cookies()
    expect(cookie!.expires - Date.now() / 1_000).toBeGreaterThan(366 * 86_400)
    // The page's own storage is gone, as after seven days in Safari: the cookie still knows the visitor.
    await somebody.page.evaluate(() => localStorage.removeItem('leadwake_visitor'))
    await somebody.page.reload()
    await somebody.reads(MINUTE)
    expect(await visitorOf(somebody)).toBe(id)
    await chooses(somebody, false)
    await expect.poll(() => cookies(somebody), SOON).toEqual([])
    expect((await inBrowser(somebody)).ids).toEqual([])
  })

  test('it sets none where the browser asks for privacy, until a yes', async () => {
    const somebody = await comes(true)
    await expect.poll(inDatabase, SOON).toEqual(['~ privacy'])
    expect(await cookies(somebody)).toEqual([])
    const id = await chooses(somebody, true)
    await expect
      .poll(async () => (await cookies(somebody))[0], SOON)
      .toMatchObject({ value: id, secure: true })
  })
})

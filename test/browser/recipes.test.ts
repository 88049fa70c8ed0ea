/** The recipes of docs/install.md, as they stand there, in a real browser against a real collector. */
import { execFile } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { projectWithLeadwake } from '../support/installed.ts'
import { launchChromium } from './chromium.ts'
import { type Person, person } from './person.ts'
import { siteWith } from './site.ts'
import { FIRST_DAY, SOON, type Stand, stand } from './stand.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const DOCS = join(ROOT, 'docs')
const HOST = 'https://go.example.com'

let browser: Browser
let closeBrowser: (() => Promise<void>) | undefined
let at: Stand
let undo: (() => unknown)[]

beforeAll(async () => {
  const chromium = await launchChromium()
  browser = chromium.browser
  closeBrowser = chromium.close
})
afterAll(() => closeBrowser?.())
beforeEach(async () => {
  undo = []
  at = await stand()
})
afterEach(async () => {
  for (const each of undo.reverse()) await each()
  await at.stop()
})

const stats = (expected: object) =>
  expect.poll(async () => (await at.lw.call('GET', '/v1/stats?site=main')).body, SOON).toMatchObject(expected)

const somebodyAt = (origin: string): Promise<Person> =>
  person({ browser, origins: [at.wire.origin, origin], clock: at.lw.clock })

async function pageWith(tag: string): Promise<{ origin: string; somebody: Person }> {
  const site = await siteWith(tag)
  undo.push(site.stop)
  const somebody = await somebodyAt(site.origin)
  await somebody.comes(FIRST_DAY, site.origin)
  return { origin: site.origin, somebody }
}

describe('plain HTML', () => {
  const [tag, early] = [
    ...readFileSync(join(DOCS, 'install.md'), 'utf8').matchAll(/```html\n(.*?)```/gs),
  ].map(([, code]) => code!)

  test('is measured, with what was called before the script was there', async () => {
    expect(tag).toContain(`${HOST}/l.js?s=main`)
    const { somebody } = await pageWith((early! + tag).replace(HOST, at.wire.origin))
    await somebody.reads(20_000)
    await somebody.leaves()
    await stats({ pageViews: 1, engagedMs: 20_000 })
    expect(at.wire.events('x').map((event) => event[4])).toEqual(['video_played'])
    expect(somebody.problems).toEqual([])
  })

  test('is measured by a versioned tag, and not where a byte of its script is another', async () => {
    const { tag: versioned } = (await at.lw.call('GET', '/v1/sites/main/tag')).body.versioned
    const here = versioned.replace(/http:\/\/[^/]+/, at.wire.origin)
    const { somebody } = await pageWith(here)
    await stats({ pageViews: 1 })
    expect(somebody.problems).toEqual([])
    const { somebody: other } = await pageWith(here.replace('sha256-', 'sha256-A'))
    expect(await other.page.evaluate('typeof leadwake')).toBe('undefined')
    expect(other.problems.join()).toContain('integrity')
    await stats({ pageViews: 1 })
  })
})

describe('Google Tag Manager', () => {
  /** What is between the recipe's script tags, with the collector that is there. */
  const recipe = () =>
    readFileSync(join(DOCS, 'examples/gtm/custom-html.html'), 'utf8')
      .replace(HOST, at.wire.origin)
      .replace(/<\/?script>/g, '')

  /** Tag Manager makes each script of a Custom HTML tag anew: its text or its address, and nothing else of it. */
  const inject = (somebody: Person, script: { text?: string; src?: string }) =>
    somebody.page.evaluate(async ({ text, src }) => {
      if (document.readyState !== 'complete') await new Promise((done) => addEventListener('load', done))
      const made = document.createElement('script')
      made.async = false
      made.type = 'text/javascript'
      if (text) made.text = text
      if (src) made.src = src
      document.body.appendChild(made)
    }, script)

  test('injects the recipe after the page was loaded: its attributes are heeded, and it counts once', async () => {
    await at.lw.call('PATCH', '/v1/sites/main', { consent: 'given' })
    await at.lw.until('/v1/sites', ({ items }) => items[0].consent === 'given')
    const { somebody } = await pageWith('')
    await inject(somebody, { text: recipe() })
    await inject(somebody, { text: recipe() })
    await stats({ pageViews: 1 })
    // By `data-consent`: the site would allow an id.
    expect(await somebody.page.evaluate('[leadwake.visitor(), document.cookie]')).toEqual([null, ''])
    await somebody.reads(15_000)
    await somebody.leaves()
    await stats({ pageViews: 1, engagedMs: 15_000 })
    expect(somebody.problems).toEqual([])
  })

  test('runs it where no script is the current one', async () => {
    const { somebody } = await pageWith('')
    const current = await somebody.page.evaluate(async (code) => {
      await new Promise((done) => queueMicrotask(() => done(undefined)))
      new Function(code)()
      return document.currentScript
    }, recipe())
    expect(current).toBeNull()
    await stats({ pageViews: 1 })
    expect(somebody.problems).toEqual([])
  })

  test('injects the plain tag, of which only the address is left', async () => {
    const { somebody } = await pageWith('')
    await inject(somebody, { src: `${at.wire.origin}/l.js?s=main` })
    await stats({ pageViews: 1 })
    expect(somebody.problems).toEqual([])
  })
})

describe('Vite and React Router', () => {
  /** Builds the example in a folder of its own, as its owner does. */
  async function built(): Promise<string> {
    const { folder, remove } = projectWithLeadwake()
    undo.push(remove)
    cpSync(join(DOCS, 'examples/vite-react'), folder, { recursive: true })
    for (const name of ['react', 'react-dom', 'react-router', 'scheduler'])
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
    await promisify(execFile)(process.execPath, [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build'], {
      cwd: folder,
      env: {
        ...process.env,
        NODE_ENV: 'production',
        VITE_LEADWAKE_SITE: 'main',
        VITE_LEADWAKE_HOST: at.wire.origin,
      },
    })
    return join(folder, 'dist')
  }

  /** Serves the files of a folder; any other path is the app's. */
  async function serve(folder: string): Promise<string> {
    const server: Server = createServer((incoming, outgoing) => {
      const asset = incoming.url!.startsWith('/assets/')
      const type = asset ? 'text/javascript' : 'text/html; charset=utf-8'
      outgoing
        .writeHead(200, { 'content-type': type })
        .end(readFileSync(join(folder, asset ? incoming.url! : 'index.html')))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    undo.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://localhost:${(server.address() as AddressInfo).port}`
  }

  test('count each route once, and keep the time on it apart', async () => {
    const origin = await serve(await built())
    const somebody = await somebodyAt(origin)
    const { page } = somebody
    await somebody.comes(FIRST_DAY, `${origin}/?utm_source=fair`)
    await page.getByRole('link', { name: 'The pump' }).waitFor()
    await somebody.reads(10_000)
    await page.getByRole('link', { name: 'The pump' }).click()
    await page.getByRole('button', { name: 'Add to cart' }).click()
    await somebody.reads(20_000)
    await page.goBack()
    await page.getByRole('link', { name: 'The valve' }).waitFor()
    await somebody.reads(5_000)
    // It leads on to another route.
    await page.getByRole('link', { name: 'The valve' }).click()
    await page.getByRole('button', { name: 'Calculate the size' }).click()
    await somebody.reads(30_000)
    await somebody.leaves()

    await stats({
      visits: 1,
      pageViews: 4,
      engagedMs: 65_000,
      cartAdds: 1,
      topPages: [
        { path: '/', views: 2 },
        { path: '/products/pump', views: 1 },
        { path: '/products/valve', views: 1 },
      ],
    })
    const { topPages } = (await at.lw.call('GET', '/v1/stats?site=main')).body
    for (const [path, ms] of [
      ['/', 15_000],
      ['/products/pump', 20_000],
      ['/products/valve', 30_000],
    ] as const) {
      // What comes before the look at a new route, 100 ms after the click, is still the old one's.
      const found = topPages.find((row: { path: string }) => row.path === path)
      expect(Math.abs(found.engagedMs - ms), path).toBeLessThan(250)
    }
    expect(at.wire.beacons().filter(({ v }) => v)).toEqual([])
    expect(at.wire.events('p').map((event) => [new URL(String(event[3])).pathname, event[4]])).toEqual([
      // The first view goes out before the app is rendered.
      ['/', 'Pumps'],
      ['/products/pump', 'The pump'],
      ['/', 'Pumps and valves'],
      ['/products/valve', 'The valve'],
    ])

    await somebody.comes(at.lw.clock.now, origin)
    await page.getByRole('button', { name: 'Yes' }).click()
    expect(await page.evaluate('leadwake.visitor()')).toMatch(/^\d{22}$/)
    expect(somebody.problems).toEqual([])
  })
})

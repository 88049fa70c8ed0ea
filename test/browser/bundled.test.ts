/** `leadwake/browser`, bundled as a site does it, against a real collector. */
import { execFileSync } from 'node:child_process'
import { brotliCompressSync, constants } from 'node:zlib'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openForReading } from '../../collector/store/sqlite/open.ts'
import { type Project, projectWithLeadwake } from '../support/installed.ts'
import { launchChromium } from './chromium.ts'
import { type Person, person } from './person.ts'
import { type Site, siteWith } from './site.ts'
import { FIRST_DAY, SOON, type Stand, stand } from './stand.ts'
import { storedViews } from './stored-views.ts'

let project: Project
beforeAll(() => {
  project = projectWithLeadwake()
})
afterAll(() => project.remove())

/** Bundles a module as a site would, minified. */
async function bundle(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: project.folder },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  })
  return outputFiles[0]!.text
}

const brotli = (text: string) =>
  brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length

const ALL =
  'start, event, cart, identify, consent, optOut, page, visitor, ga4, shop, consentManager, domains, hashRoutes, attributes'

describe('what a bundle grows by', () => {
  test('is what it imports', async () => {
    const sizes: Record<string, number> = {}
    const texts: Record<string, string> = {}
    for (const [name, code] of Object.entries({
      nothing: "import 'leadwake/browser'",
      calls: "import { event, cart, visitor } from 'leadwake/browser'; event(visitor()); cart({})",
      core: "import { start } from 'leadwake/browser'; start({ site: 'a', host: 'https://b' })",
      ga4: "import { ga4, start } from 'leadwake/browser'; start({ site: 'a', host: 'https://b', with: [ga4()] })",
      all: `import * as all from 'leadwake/browser'; console.log(all)`,
    })) {
      texts[name] = await bundle(code)
      sizes[name] = brotli(texts[name])
    }
    console.info(`leadwake/browser, minified, brotli: ${JSON.stringify(sizes)}`)
    expect(texts.nothing).toBe('')
    expect(sizes.calls).toBeLessThan(250)
    expect(sizes.core).toBeLessThan(2_400)
    expect(sizes.ga4).toBeGreaterThan(sizes.core!)
    expect(sizes.all).toBeGreaterThan(sizes.ga4! + 800)
    for (const [word, holders] of [
      ['dataLayer', ['ga4', 'all']],
      ['added_to_cart', ['all']],
      ['__tcfapi', ['all']],
      ['/v1/in', ['core', 'ga4', 'all']],
    ] as const)
      expect(Object.keys(texts).filter((name) => texts[name]!.includes(word))).toEqual(holders)
  })

  test('on a server is nothing that runs', () => {
    const code = `import { ${ALL} } from 'leadwake/browser'
      start({ site: 'main', host: 'https://go.example.com', with: [ga4(), shop(), domains('a.b'), hashRoutes(), consentManager(), attributes({ auto: false })] })
      event('a'); cart({ product: 'b' }); identify('c@d.e'); consent(true); optOut(); page()
      console.log(visitor(), typeof window, Object.keys(globalThis).includes('leadwake'))`
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: project.folder,
      encoding: 'utf8',
    })
    expect(out).toBe('null undefined false\n')
  })
})

describe('on a page', () => {
  let browser: Browser
  let closeBrowser: (() => Promise<void>) | undefined
  let at: Stand
  let site: Site | undefined
  let somebody: Person

  beforeAll(async () => {
    const chromium = await launchChromium()
    browser = chromium.browser
    closeBrowser = chromium.close
  })
  afterAll(() => closeBrowser?.())
  beforeEach(async () => {
    at = await stand()
    await at.lw.call('PATCH', '/v1/sites/main', { consent: 'given' })
    await at.lw.until('/v1/sites', ({ items }) => items[0].consent === 'given')
  })
  afterEach(async () => {
    await site?.stop()
    await at.stop()
  })

  /** Opens a page whose bundle this is; `ORIGIN` stands for the collector's. */
  async function opens(code: string, path = '/', tag = ''): Promise<void> {
    const app = await bundle(code.replaceAll('ORIGIN', at.wire.origin))
    site = await siteWith(
      `${tag}<script type="module" src="/app.js"></script>`,
      `<a id="pdf" href="/guide.pdf">Guide</a>
       <form id="demo" action="/thanks"><input name="leadwake_visitor" type="hidden"></form>
       <button data-leadwake-cart="Pump" data-leadwake-price="12.5">Add</button>`,
      { '/app.js': async () => app },
    )
    somebody = await person({ browser, origins: [at.wire.origin, site.origin], clock: at.lw.clock })
    await somebody.comes(FIRST_DAY, site.origin + path)
  }

  const stats = (expected: object) =>
    expect
      .poll(async () => (await at.lw.call('GET', '/v1/stats?site=main')).body, SOON)
      .toMatchObject(expected)

  test('it measures what the script measures, and what was called before it started', async () => {
    await opens(
      `import { start, event, cart, identify, visitor, ga4, attributes } from 'leadwake/browser'
       event('early', { n: 1 })
       identify('ada@acme.org')
       start({ site: 'main', host: 'ORIGIN', consent: 'given', with: [ga4(), attributes({ exclude: ['/secret*'] })] })
       start({ site: 'main', host: 'ORIGIN', consent: 'given' })
       window.said = { event, cart, visitor }`,
      '/?utm_source=fair&token=SECRET',
    )
    const id = await somebody.page.evaluate('said.visitor()')
    expect(id).toMatch(/^\d{22}$/)
    expect(await somebody.page.inputValue('[name=leadwake_visitor]')).toBe(id)
    await somebody.reads(40_000)
    await somebody.page.click('#pdf')
    await somebody.page.click('button')
    await somebody.page.evaluate(
      `dataLayer.push({ event: 'add_to_cart', ecommerce: { items: [{ item_name: 'Valve' }] } })`,
    )
    await somebody.page.evaluate(`said.event('calculated', { size: 'L' })`)
    await somebody.page.evaluate(`history.pushState({}, '', '/pricing')`)
    await somebody.reads(20_000)
    await somebody.page.evaluate(`history.pushState({}, '', '/secret/plan')`)
    await somebody.reads(20_000)
    await somebody.leaves()

    // The click on the button and Google's word of the same moment are one add.
    await stats({ visitors: 1, visits: 1, pageViews: 2, engagedMs: 60_000, downloads: 1, cartAdds: 1 })
    const leads = (await at.lw.call('GET', '/v1/leads?site=main')).body.items
    expect(leads).toHaveLength(1)
    expect(leads[0]).toMatchObject({ email: 'ada@acme.org' })
    expect(storedViews(at.lw.db, 'main')).toEqual({ '/': 1, '/pricing': 1 })
    const events = at.wire.events()
    expect(events.filter(([kind]) => kind === 'x').map((event) => event[4])).toEqual(['early', 'calculated'])
    expect(JSON.stringify(at.wire.beacons())).not.toContain('SECRET')
    expect(new Set(at.wire.requests.map(({ method, path }) => `${method} ${path}`))).toEqual(
      new Set(['POST /v1/in']),
    )
    expect(somebody.problems).toEqual([])
  })

  test('it keeps nothing before consent, and beside a script tag it counts once', async () => {
    await opens(
      `import { start, consent, visitor } from 'leadwake/browser'
       start({ site: 'main', host: 'ORIGIN' })
       window.said = { consent, visitor }`,
      '/',
      `<script defer src="${at.wire.origin}/l.js?s=main"></script>`.replace(
        'defer',
        'defer data-consent="required"',
      ),
    )
    expect(await somebody.page.evaluate('[said.visitor(), document.cookie, localStorage.length]')).toEqual([
      null,
      '',
      0,
    ])
    await somebody.page.evaluate('said.consent(true)')
    expect(await somebody.page.evaluate('said.visitor()')).toMatch(/^\d{22}$/)
    await somebody.reads(62_000)
    await somebody.leaves()
    await stats({ pageViews: 1, visits: 1 })
    expect(at.wire.events('p')).toHaveLength(1)
  })

  test('of its own word and the site, the stricter holds', async () => {
    await at.lw.call('PATCH', '/v1/sites/main', { consent: 'required' })
    await at.lw.until('/v1/sites', ({ items }) => items[0].consent === 'required')
    await opens(
      `import { start } from 'leadwake/browser'; start({ site: 'main', host: 'ORIGIN', consent: 'given' })`,
    )
    await somebody.reads(5_000)
    await somebody.leaves()
    await stats({ pageViews: 1 })
    const file = openForReading(at.lw.db)
    const keys = file.prepare('select key from visitors').all() as { key: string }[]
    file.close()
    expect(keys.map(({ key }) => key[0])).toEqual(['~'])
  })
})

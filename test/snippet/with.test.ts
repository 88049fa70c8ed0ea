import { beforeEach, describe, expect, it, vi } from 'vitest'
import { FLAG } from '../../shared/protocol.ts'
import { type Host, NOW, visit } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

const given = { served: { consent: 'given' } } as const
const MINE = 'an-id-of-the-other-site'

describe('linking of domains', () => {
  const arrive = (query: string, options: object = {}) =>
    visit({
      ...given,
      composed: ['domains'],
      attributes: { 'data-domains': 'shop.example, pay.example' },
      url: `https://shop.example/${query}`,
      referrer: 'https://pay.example/',
      ...options,
    })

  const arrivals: [title: string, query: string, options: object, taken: boolean][] = [
    ['an id from a listed site', `?leadwake_visitor=${MINE}.${NOW - 1_000}`, {}, true],
    ['beside other parameters', `?a=1&leadwake_visitor=${MINE}.${NOW - 1_000}`, {}, true],
    [
      'instead of an id of its own',
      `?leadwake_visitor=${MINE}.${NOW}`,
      { cookie: 'leadwake_visitor=old;path=/' },
      true,
    ],
    ['89 s old', `?leadwake_visitor=${MINE}.${NOW - 89_000}`, {}, true],
    ['91 s old', `?leadwake_visitor=${MINE}.${NOW - 91_000}`, {}, false],
    [
      'from a site that is not listed',
      `?leadwake_visitor=${MINE}.${NOW}`,
      { referrer: 'https://evil.example/' },
      false,
    ],
    [
      'from a site that ends like one',
      `?leadwake_visitor=${MINE}.${NOW}`,
      { referrer: 'https://xpay.example/' },
      false,
    ],
    ['from nowhere', `?leadwake_visitor=${MINE}.${NOW}`, { referrer: '' }, false],
    ['without consent', `?leadwake_visitor=${MINE}.${NOW}`, { served: { consent: 'required' } }, false],
    ['malformed', '?leadwake_visitor=<script>.1', {}, false],
  ]
  it.each(arrivals)('%s', async (_title, query, options, taken) => {
    const page = arrive(query, options)
    await page.pass(0)
    expect(page.bodies[0]!.v === MINE).toBe(taken)
    expect(page.told('p')[0]![0]).toBe('https://shop.example/')
    expect(page.errors).toEqual([])
  })

  const links: [title: string, href: string, expected: RegExp][] = [
    [
      'a listed site',
      'https://pay.example/a',
      /^https:\/\/pay\.example\/a\?&leadwake_visitor=\d{22}\.\d{13}$/,
    ],
    [
      'a link with a query',
      'https://pay.example/?b=1#c',
      /^https:\/\/pay\.example\/\?b=1&leadwake_visitor=\w+\.\d+#c$/,
    ],
    ['another site', 'https://other.example/', /^https:\/\/other\.example\/$/],
    ['this site', 'https://shop.example/a', /^https:\/\/shop\.example\/a$/],
  ]
  it.each(links)('takes the id along to %s, once', async (_title, href, expected) => {
    const page = arrive('', { html: `<a href="${href}"><b>x</b></a>` })
    for (const name of ['pointerdown', 'click', 'pointerdown'])
      page.fire(page.document.querySelector('b'), name)
    await page.pass(0)
    expect(page.document.querySelector('a').href).toMatch(expected)
    expect(JSON.stringify(page.told('d'))).not.toContain('leadwake_visitor')
  })

  it('takes nothing along without an id, nor without a list', () => {
    const html = '<a href="https://pay.example/">'
    for (const options of [
      { html, served: {} },
      { html, attributes: {} },
    ]) {
      const page = arrive('', options)
      page.click('a')
      expect(page.document.querySelector('a').href).toBe('https://pay.example/')
      expect(page.errors).toEqual([])
    }
  })
})

describe('hash routing', () => {
  const urls = (page: ReturnType<typeof visit>) => page.told('p').map(([url]) => url)
  const go = async (page: ReturnType<typeof visit>, hash: string) => {
    page.window.history.replaceState({}, '', hash)
    page.fire(page.window, 'hashchange', { newURL: page.window.location.href })
    await page.pass(150)
  }

  it.each([
    ['/app#/pricing', '/app/pricing'],
    ['/app/#/pricing', '/app/pricing'],
    ['/#!pricing', '/pricing'],
    ['/#!/a/b', '/a/b'],
    ['/?utm_source=a&x=1#/b', '/b?utm_source=a'],
    ['/#/b?utm_source=a&token=s3cret', '/b?utm_source=a'],
    ['/#section', '/'],
  ])('%s is told as %s', async (from, to) => {
    const page = visit({ composed: ['hash'], url: `https://shop.example${from}` })
    await page.pass(0)
    expect(urls(page)).toEqual([`https://shop.example${to}`])
  })

  it('counts each route, and no place in a page', async () => {
    const page = visit({ composed: ['hash'] })
    await page.pass(0)
    await go(page, '#/a')
    await go(page, '#/b')
    expect(urls(page).map((url) => new URL(String(url)).pathname)).toEqual(['/', '/a', '/b'])
    const other = visit({ composed: ['hash'] })
    await go(other, '#place')
    expect(other.events('p')).toHaveLength(1)
  })

  it('is off where nobody asked for it', async () => {
    const page = visit()
    await go(page, '#/a')
    expect(page.events('p')).toHaveLength(1)
  })
})

describe('consent managers', () => {
  const update = (state: string) => ['consent', 'update', { analytics_storage: state }]
  const visitor = (page: ReturnType<typeof visit>) => page.window.leadwake.visitor()

  it('Google’s consent mode allows an id, and takes it back', async () => {
    const page = visit({ composed: ['consent'] })
    expect(visitor(page)).toBe(null)
    page.window.dataLayer.push(update('granted'))
    expect(visitor(page)).toMatch(/^\d{22}$/)
    page.window.dataLayer.push(update('denied'))
    expect(visitor(page)).toBe(null)
    expect(page.document.cookie).toBe('')
  })

  it('a default that denies holds, though the site needs no consent', () => {
    const page = visit({
      ...given,
      composed: ['consent'],
      before: (window: Host) => {
        window.dataLayer = [['consent', 'default', { analytics_storage: 'denied' }]]
      },
    })
    expect(visitor(page)).toBe(null)
  })

  it('a default that denies takes nothing from who agreed, and a later no does', () => {
    const page = visit({
      composed: ['consent'],
      stored: { leadwake_consent: '8' },
      cookie: `leadwake_visitor=${MINE};path=/`,
      before: (window: Host) => {
        window.dataLayer = [['consent', 'default', { analytics_storage: 'denied' }]]
      },
    })
    expect(visitor(page)).toBe(MINE)
    page.window.dataLayer.push(update('denied'))
    expect(visitor(page)).toBe(null)
  })

  it('a default that grants gives nothing to who refused', () => {
    const page = visit({ composed: ['consent'], stored: { leadwake_consent: '32' } })
    page.window.dataLayer.push(['consent', 'default', { analytics_storage: 'granted' }])
    expect(visitor(page)).toBe(null)
    page.window.dataLayer.push(update('granted'))
    expect(visitor(page)).toMatch(/^\d{22}$/)
  })

  it('a manager that fails does not hear of it', () => {
    let tell = (..._args: unknown[]) => {}
    visit({
      composed: ['consent'],
      before: (window: Host) => {
        window.__tcfapi = (_command: string, _version: number, callback: typeof tell) => {
          tell = callback
        }
      },
    })
    expect(() => tell(null, false)).not.toThrow()
  })

  it('what is said of advertising only changes nothing', () => {
    const page = visit({ composed: ['consent'] })
    page.window.dataLayer.push(['consent', 'update', { ad_storage: 'granted' }])
    expect(visitor(page)).toBe(null)
  })

  const strings: [title: string, purposes: Record<number, boolean>, status: string, granted: boolean][] = [
    ['storing and measuring', { 1: true, 8: true }, 'tcloaded', true],
    ['the visitor has just chosen', { 1: true, 8: true }, 'useractioncomplete', true],
    ['storing only', { 1: true }, 'tcloaded', false],
    ['measuring only', { 8: true }, 'tcloaded', false],
    ['the banner is still open', { 1: true, 8: true }, 'cmpuishown', false],
  ]
  it.each(strings)('IAB TCF: %s', async (_title, consents, eventStatus, granted) => {
    const page = visit({
      composed: ['consent'],
      before: (window: Host) => {
        window.__tcfapi = (_command: string, _version: number, tell: (data: object) => void) =>
          tell({ eventStatus, purpose: { consents } })
      },
    })
    await page.pass(0)
    expect(visitor(page) !== null).toBe(granted)
    expect(page.bodies[0]!.f! & FLAG.granted).toBe(granted ? FLAG.granted : 0)
  })

  it('never undo an opt-out', () => {
    const page = visit({ composed: ['consent'] })
    page.window.leadwake.optOut()
    page.window.dataLayer.push(update('granted'))
    expect(visitor(page)).toBe(null)
    expect(page.stored().leadwake_consent).toBe('2')
  })
})

describe('identify', () => {
  it('is a claim, signed or not, also before the script is there', async () => {
    const page = visit({
      composed: ['identify'],
      before: (window: Host) => {
        window.leadwake = { q: [['identify', 'eve@acme.example']] }
      },
    })
    page.window.leadwake.identify('eve@acme.example', 'c2ln', 1_800_000_000)
    await page.pass(0)
    expect(page.told('i')).toEqual([
      ['eve@acme.example', null, null],
      ['eve@acme.example', 'c2ln', 1_800_000_000],
    ])
  })
})

describe('attributes', () => {
  const paths: [exclude: string, path: string, measured: boolean][] = [
    ['/admin/*', '/admin/users', false],
    ['/admin/*', '/administration', true],
    ['/a.b, /preview', '/preview', false],
    ['/a.b', '/axb', true],
    ['*/private', '/x/private', false],
    ['', '/', true],
  ]
  it.each(paths)('data-exclude=%j: %s', async (exclude, path, measured) => {
    const page = visit({
      composed: ['attributes'],
      attributes: { 'data-exclude': exclude },
      url: `https://shop.example${path}`,
      html: '<a href="/a.pdf">',
    })
    page.click('a')
    await page.pass(3_000)
    page.leave()
    await page.pass(0)
    expect(page.events()).toHaveLength(measured ? 3 : 0)
    expect(page.errors).toEqual([])
  })

  it('data-auto="false" counts only the views that are asked for, with their time', async () => {
    const page = visit({ composed: ['attributes'], attributes: { 'data-auto': 'false' } })
    await page.pass(3_000)
    page.route('/b')
    await page.pass(3_000)
    expect(page.requests).toHaveLength(0)
    page.window.leadwake.page()
    await page.pass(3_000)
    page.leave()
    await page.pass(0)
    expect(page.told('p').map(([url]) => url)).toEqual(['https://shop.example/b'])
    expect(page.events('e').map((event) => event[1])).toEqual([page.events('p')[0]![1]])
  })

  it.each([
    ['/a.step', 1],
    ['/a.STEP', 1],
    ['/a.zip', false],
  ])('data-downloads: %s is marked %s', async (href, marked) => {
    const page = visit({
      composed: ['attributes'],
      attributes: { 'data-downloads': 'step, dwg' },
      html: `<a href="${href}">`,
    })
    page.click('a')
    await page.pass(0)
    expect(page.told('d')).toEqual([[`https://shop.example${href}`, marked]])
  })
})

it('a page that has nothing of what is composed in loses nothing', async () => {
  const page = visit({
    composed: ['ga4', 'woo', 'consent', 'domains', 'hash', 'identify'],
    html: '<a href="/a.pdf">',
  })
  page.click('a')
  await page.pass(60_000)
  page.leave()
  await page.pass(0)
  expect(page.events().map((event) => event[0])).toEqual(['p', 'd', 'e'])
  expect(page.errors).toEqual([])
})

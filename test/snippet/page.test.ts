import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type Host, NOW, visit, withNavigation } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

type Page = ReturnType<typeof visit>
const urls = (page: Page) => page.told('p').map(([url]) => url)

describe('page views', () => {
  it('sends the view at once, with title, referrer and kind', async () => {
    const page = visit({
      url: 'https://shop.example/pricing?utm_source=mail&session=abc',
      title: 'Pricing',
      referrer: 'https://search.example/find?q=secret',
      html: '<meta name="leadwake:page" content="pricing">',
    })
    expect(page.requests).toHaveLength(1)
    await page.pass(0)
    expect(page.told('p')).toEqual([
      ['https://shop.example/pricing?utm_source=mail', 'Pricing', 'https://search.example/find', 'pricing'],
    ])
  })

  it('makes ids that begin with the time', async () => {
    const page = visit()
    await page.pass(0)
    const [, id, at] = page.events('p')[0]!
    expect(id).toMatch(/^\d{22}$/)
    expect(Number(id.slice(0, 13))).toBe(NOW)
    expect(at).toBe(NOW)
  })

  const routes: [title: string, act: (history: History) => void, expected: string[]][] = [
    ['pushState to another path', (h) => h.pushState({}, '', '/b'), ['/', '/b']],
    ['replaceState to another path', (h) => h.replaceState({}, '', '/b'), ['/', '/b']],
    ['the same path', (h) => h.pushState({}, '', '/'), ['/']],
    ['only another query', (h) => h.replaceState({}, '', '/?q=1'), ['/']],
    ['only another hash', (h) => h.pushState({}, '', '/#a'), ['/']],
    [
      'a redirect: two calls for one navigation',
      (h) => {
        h.pushState({}, '', '/old')
        h.replaceState({}, '', '/new')
      },
      ['/', '/new'],
    ],
  ]
  const browsers: [title: string, before: (window: Host) => void, ms: number][] = [
    ['by the Navigation API', withNavigation, 100],
    ['by looking, without that API', () => {}, 200],
  ]
  describe.each(browsers)('follow the router %s', (_title, before, ms) => {
    it.each(routes)('%s', async (_title, act, expected) => {
      const page = visit({ before })
      const { pushState } = page.window.history
      // At any moment between two looks.
      await page.pass(1_030)
      act(page.window.history)
      page.window.navigation?.dispatchEvent(new page.window.Event('currententrychange'))
      await page.pass(ms)
      expect(urls(page).map((url) => new URL(String(url)).pathname)).toEqual(expected)
      expect(page.window.history.pushState).toBe(pushState)
    })
  })

  it('find a route that nothing announced within 5 s, though there is the API', async () => {
    const page = visit({ before: withNavigation })
    await page.pass(1_000)
    page.window.history.pushState({}, '', '/b')
    await page.pass(3_900)
    expect(urls(page)).toHaveLength(1)
    await page.pass(100)
    expect(urls(page)).toHaveLength(2)
  })

  it('reads the title when the route has settled', async () => {
    const page = visit()
    page.route('/b')
    await page.pass(50)
    page.document.title = 'B'
    await page.pass(150)
    expect(page.told('p')[1]![1]).toBe('B')
  })

  it('counts a route that was taken just before the page was hidden', async () => {
    const page = visit()
    page.window.history.pushState({}, '', '/b')
    page.hide()
    await page.pass(500)
    expect(urls(page)).toEqual(['https://shop.example/', 'https://shop.example/b'])
  })

  it('counts back as a view', async () => {
    const page = visit()
    page.route('/b')
    await page.pass(200)
    page.window.history.replaceState({}, '', '/')
    await page.pass(200)
    expect(urls(page)).toHaveLength(3)
  })

  it('counts a background tab or a prerendered page when it is first seen, and once', async () => {
    const page = visit({ hidden: true })
    page.window.leadwake.event('early')
    await page.pass(60_000)
    expect(page.requests).toHaveLength(0)
    expect(page.stored()).toEqual({})
    page.show()
    page.fire(page.document, 'prerenderingchange')
    await page.pass(200)
    expect(page.events('p')).toHaveLength(1)
    const [, view] = page.events('p')[0]!
    expect(page.events('x')[0]![3]).toBe(view)
  })

  it('counts nothing for a page that nobody saw', async () => {
    const page = visit({ hidden: true, served: { consent: 'given' } })
    page.window.leadwake.event('early')
    await page.pass(60_000)
    page.fire(page.window, 'pagehide')
    await page.pass(0)
    expect(page.requests).toHaveLength(0)
    expect(page.stored()).toEqual({})
  })

  it('counts a restore from the bfcache as a new view, without the old referrer', async () => {
    const page = visit({ referrer: 'https://search.example/' })
    page.leave()
    await page.pass(10_000)
    page.show()
    page.fire(page.window, 'pageshow', { persisted: true })
    await page.pass(200)
    expect(page.told('p').map((view) => view[2])).toEqual(['https://search.example/', ''])
    const [first, second] = page.events('p')
    expect(first![1]).not.toBe(second![1])
  })

  it('does not take the first pageshow for a restore', async () => {
    const page = visit()
    page.fire(page.window, 'pageshow', { persisted: false })
    await page.pass(200)
    expect(page.events('p')).toHaveLength(1)
  })
})

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { NOW, visit, withNavigation } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

type Page = ReturnType<typeof visit>
const total = (page: Page) => Math.max(0, ...page.told('e').map(([ms]) => Number(ms)))

const stories: [title: string, act: (page: Page) => Promise<unknown>, ms: number][] = [
  ['reading for 10 s', (page) => page.pass(10_000), 10_000],
  ['sitting idle counts for 30 s', (page) => page.pass(50_000), 30_000],
  [
    'a sign of life goes on after idling',
    async (page) => {
      await page.pass(50_000)
      page.sign('keydown')
      await page.pass(10_000)
    },
    40_000,
  ],
  ...['pointermove', 'pointerdown', 'keydown', 'scroll'].map(
    (name): [string, (page: Page) => Promise<unknown>, number] => [
      `${name} is a sign of life`,
      async (page) => {
        await page.pass(20_000)
        page.sign(name)
        await page.pass(25_000)
      },
      45_000,
    ],
  ),
  [
    'another tab in front counts nothing',
    async (page) => {
      await page.pass(5_000)
      page.hide()
      await page.pass(20_000)
      page.show()
      await page.pass(5_000)
    },
    10_000,
  ],
  [
    'another window in front counts nothing',
    async (page) => {
      await page.pass(5_000)
      page.blur()
      await page.pass(20_000)
      page.focus()
      await page.pass(3_000)
    },
    8_000,
  ],
  [
    'a browser that says too late that the focus is gone',
    async (page) => {
      await page.pass(5_000)
      const { hasFocus } = page.document
      page.document.hasFocus = () => true
      page.blur()
      page.document.hasFocus = hasFocus
      await page.pass(4_000)
      page.focus()
    },
    5_000,
  ],
  [
    'a page that stays beside another window counts no pointer that passes over',
    async (page) => {
      page.blur()
      await page.pass(5_000)
      page.sign()
      await page.pass(5_000)
    },
    0,
  ],
  [
    'a laptop that slept counts at most the idle limit',
    async (page) => {
      await page.pass(1_000)
      vi.setSystemTime(Date.now() + 3_600_000)
      page.sign()
      await page.pass(1_000)
    },
    31_000,
  ],
  [
    'a clock set back takes nothing away',
    async (page) => {
      await page.pass(4_900)
      vi.setSystemTime(Date.now() - 3_600_000)
      page.sign()
      await page.pass(1_000)
    },
    1_000,
  ],
]

describe('engaged time', () => {
  it.each(stories)('%s', async (_title, act, ms) => {
    const page = visit()
    await act(page)
    page.leave()
    await page.pass(0)
    expect(Math.abs(total(page) - ms)).toBeLessThanOrEqual(1)
    expect(page.errors).toEqual([])
  })

  it('is sent every minute while it grows, then no more', async () => {
    const page = visit()
    for (let second = 0; second < 150; second += 10) {
      page.sign()
      await page.pass(10_000)
    }
    expect(page.told('e').map(([ms]) => ms)).toEqual([60_000, 120_000])
    await page.pass(600_000)
    expect(page.told('e')).toHaveLength(3)
    expect(total(page)).toBe(170_000)
  })

  it('takes one request for the hidden and the leaving of a page', async () => {
    const page = visit()
    await page.pass(3_000)
    page.leave()
    await page.pass(0)
    expect(page.told('e')).toEqual([[3_000, 0]])
    expect(page.requests).toHaveLength(2)
  })

  it('goes to the view in which it was spent, together with the next view', async () => {
    const page = visit({ before: withNavigation })
    await page.pass(4_000)
    page.route('/b')
    await page.pass(2_000)
    page.leave()
    await page.pass(0)
    const [first, second] = page.events('p')
    const of = (view: typeof first) => page.events('e').filter((event) => event[1] === view![1])
    expect(of(first)).toHaveLength(1)
    // The 100 ms in which the route settles belong to the page before: the visit's sum is right.
    expect(of(first)[0]![3]).toBe(4_100)
    expect(of(second)[0]![3]).toBe(1_900)
    expect(page.requests).toHaveLength(3)
  })

  it('begins anew after a bfcache restore', async () => {
    const page = visit()
    await page.pass(4_000)
    page.leave()
    await page.pass(60_000)
    page.show()
    page.fire(page.window, 'pageshow', { persisted: true })
    // At once: what is not counted now is lost.
    expect(page.requests).toHaveLength(3)
    await page.pass(2_000)
    page.leave()
    await page.pass(0)
    const totals = new Map(page.events('e').map((event) => [event[1], Number(event[3])]))
    expect([...totals.values()]).toEqual([4_000, 2_000])
    expect(totals.size).toBe(2)
  })

  it('takes the deepest scroll along', async () => {
    const page = visit({
      before: (window) => {
        Object.defineProperty(window.document.documentElement, 'scrollHeight', { value: 4_000 })
        window.innerHeight = 1_000
      },
    })
    await page.pass(1_000)
    for (const y of [1_000, 2_000, 0]) {
      Object.defineProperty(page.window, 'scrollY', { value: y, configurable: true })
      page.sign('scroll')
    }
    await page.pass(1_000)
    page.leave()
    await page.pass(0)
    expect(page.told('e')).toEqual([[2_000, 75]])
  })

  it('reads no layout while the page loads', async () => {
    let reads = 0
    const page = visit({
      before: (window) =>
        Object.defineProperty(window.document.documentElement, 'scrollHeight', { get: () => ++reads }),
    })
    await page.pass(4_000)
    expect(reads).toBe(0)
  })

  it('is kept every 5 s and sent from the next page when the tab was killed', async () => {
    const killed = visit({ served: { consent: 'given' } })
    await killed.pass(12_000)
    const next = visit({
      served: { consent: 'given' },
      stored: killed.stored(),
      cookie: killed.document.cookie,
    })
    await next.pass(0)
    expect(next.bodies[0]!.e[0]).toEqual([
      'e',
      killed.events('p')[0]![1],
      NOW + 10_000,
      10_000,
      expect.any(Number),
    ])
    expect(next.bodies[0]!.v).toBe(killed.bodies[0]!.v)
  })
})

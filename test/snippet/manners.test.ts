import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type Host, NOW, visit } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

const denied = () => {
  throw new Error('SecurityError')
}
const given = { served: { consent: 'given' } } as const

const hostile: [title: string, before: (window: Host) => void][] = [
  ['storage that throws', (window) => Object.defineProperty(window, 'localStorage', { get: denied })],
  [
    'storage that is full',
    (window) => Object.defineProperty(window.localStorage, 'setItem', { value: denied }),
  ],
  [
    'cookies that throw',
    (window) => Object.defineProperty(window.document, 'cookie', { get: denied, set: denied }),
  ],
  ['no crypto', (window) => Object.defineProperty(window, 'crypto', { value: undefined })],
  ['no sendBeacon', (window) => Object.defineProperty(window.navigator, 'sendBeacon', { value: undefined })],
  ['a polluted Object.prototype', (window) => window.eval('Object.prototype.polluted = () => 1')],
  [
    'an element with our name',
    (window) => {
      window.leadwake = window.document.createElement('div')
    },
  ],
]

describe('manners', () => {
  it.each(hostile)('works with %s', async (_title, before) => {
    const page = visit({ ...given, html: '<a href="/a.pdf">', before })
    await page.pass(6_000)
    page.click('a')
    page.window.leadwake.consent(false)
    page.window.leadwake.consent(true)
    page.leave()
    await page.pass(60_000)
    expect(page.told('p')).toHaveLength(1)
    expect(page.told('d')).toHaveLength(1)
    expect(page.errors).toEqual([])
  })

  it.each([
    ['throws', denied],
    ['is gone', undefined],
    ['answers nonsense', () => 1],
  ])('survives a fetch that %s', async (_title, fetch) => {
    const rejected = vi.fn()
    process.on('unhandledRejection', rejected)
    const page = visit({
      before: (window) => {
        window.fetch = fetch
      },
    })
    await page.pass(60_000)
    page.leave()
    await page.pass(0)
    process.off('unhandledRejection', rejected)
    expect(rejected).not.toHaveBeenCalled()
    expect(page.errors).toEqual([])
  })

  it('counts once when it is loaded twice', async () => {
    const page = visit({ html: '<a href="/a.pdf">' })
    page.run()
    page.click('a')
    await page.pass(3_000)
    page.leave()
    await page.pass(0)
    expect(page.events().map((event) => event[0])).toEqual(['p', 'd', 'e'])
  })

  it('keeps calls made before it loaded, and takes them the same way after', async () => {
    const page = visit({
      before: (window) => {
        window.leadwake = {
          q: [['event', 'early', { a: 1 }], ['cart', { product: 'Pump' }], ['nonsense'], 7],
        }
      },
    })
    page.window.leadwake.q.push(['event', 'late'])
    await page.pass(0)
    expect(page.told('x')).toEqual([
      ['early', { a: 1 }],
      ['late', null],
    ])
    expect(page.told('c')).toEqual([[{ product: 'Pump' }]])
  })

  const circular: Record<string, unknown> = {}
  circular.self = circular
  const nonsense: [title: string, call: (leadwake: Host) => void][] = [
    ['consent()', (leadwake) => leadwake.consent()],
    ['q.push()', (leadwake) => leadwake.q.push()],
    ['a toJSON that throws', (leadwake) => leadwake.event({ toJSON: denied })],
  ]
  it.each(nonsense)('bears nonsense: %s', async (title, call) => {
    const page = visit()
    call(page.window.leadwake)
    await page.pass(0)
    // A refusal of whatever kind is told.
    expect(page.events().map((event) => event[0])).toEqual(title === 'consent()' ? ['p', 'e'] : ['p'])
  })

  it('drops an event that cannot be written down, and no other', async () => {
    const page = visit()
    page.window.leadwake.event('circular', circular)
    page.window.leadwake.event('big', { size: 1n })
    page.window.leadwake.event('fine', { text: 'a', number: 1.5, yes: true })
    await page.pass(0)
    expect(page.told('x')).toEqual([['fine', { text: 'a', number: 1.5, yes: true }]])
  })

  it('leaves the numbers of a cart to the server', async () => {
    const page = visit()
    page.window.leadwake.cart({ product: 12, quantity: '2', price: '9.50', currency: 'EUR' })
    page.window.leadwake.cart({ product: 'Pump', quantity: 'many' })
    await page.pass(0)
    expect(page.told('c')).toEqual([
      [{ product: 12, quantity: '2', price: '9.50', currency: 'EUR' }],
      [{ product: 'Pump', quantity: 'many' }],
    ])
  })

  it('never logs', async () => {
    const logs: unknown[] = []
    const page = visit({
      before: (window) => {
        window.console = new Proxy(
          {},
          {
            get:
              () =>
              (...args: unknown[]) =>
                logs.push(args),
          },
        )
        window.fetch = denied
      },
    })
    page.window.leadwake.cart()
    await page.pass(60_000)
    expect(logs).toEqual([])
  })
})

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { parse } from '../../collector/parse.ts'
import { sameAdds } from '../../collector/same-add.ts'
import { type Host, NOW, visit } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

type Page = ReturnType<typeof visit>

/** The cart adds as the collector reads and counts them: product, quantity, price, currency. */
const adds = (...pages: Page[]) => {
  const isTold = sameAdds()
  return pages
    .flatMap(({ bodies }) => bodies)
    .flatMap((body) => {
      const parsed = parse(JSON.stringify(body))
      if (!parsed.ok) throw new Error(`${parsed.field} ${parsed.problem}`)
      return parsed.beacon.events.flatMap((event) =>
        event.kind === 'cart' && !isTold('somebody', event.at, event.way)
          ? [[event.product, event.quantity, event.price, event.currency]]
          : [],
      )
    })
}

/** What `gtag()` pushes: its arguments, not a list. */
function gtag(..._args: unknown[]) {
  // biome-ignore lint/complexity/noArguments: this is what Google's own snippet pushes
  return arguments
}

const item = { item_id: 'P-1', item_name: 'Pump', quantity: 2, price: 9.5 }
const shapes: [title: string, pushed: unknown, expected: unknown[][]][] = [
  [
    'an object with ecommerce',
    { event: 'add_to_cart', ecommerce: { currency: 'EUR', value: 19, items: [item] } },
    [['Pump', 2, 9.5, 'EUR']],
  ],
  [
    'an object without ecommerce',
    { event: 'add_to_cart', currency: 'EUR', items: [item] },
    [['Pump', 2, 9.5, 'EUR']],
  ],
  [
    'the arguments of gtag()',
    gtag('event', 'add_to_cart', { currency: 'EUR', items: [item] }),
    [['Pump', 2, 9.5, 'EUR']],
  ],
  [
    'eventModel of Tag Manager',
    { event: 'add_to_cart', eventModel: { currency: 'EUR', items: [item] } },
    [['Pump', 2, 9.5, 'EUR']],
  ],
  [
    'Universal Analytics',
    {
      event: 'addToCart',
      ecommerce: {
        currencyCode: 'USD',
        add: { products: [{ name: 'Valve', id: '7', price: '3.20', quantity: 1 }] },
      },
    },
    [['Valve', 1, 3.2, 'USD']],
  ],
  [
    'Universal Analytics without an event',
    { ecommerce: { currencyCode: 'USD', add: { products: [{ id: '7' }] } } },
    [['7', 1, undefined, 'USD']],
  ],
  [
    'numbers as text, several items, a currency of the item',
    {
      event: 'add_to_cart',
      ecommerce: {
        items: [
          { item_id: 'A', quantity: '3', price: '1.50', currency: 'SEK' },
          { item_name: 'B', quantity: 'many', price: '' },
        ],
      },
    },
    [
      ['A', 3, 1.5, 'SEK'],
      ['B', 1, undefined, undefined],
    ],
  ],
  ['another event', { event: 'view_item', ecommerce: { items: [item] } }, []],
  ['a removal', { event: 'remove_from_cart', ecommerce: { items: [item] } }, []],
  ['a removal of Universal Analytics', { ecommerce: { remove: { products: [item] } } }, []],
  ['another call of gtag()', gtag('event', 'view_item', { items: [item] }), []],
  ['no items', { event: 'add_to_cart' }, [['', 1, undefined, undefined]]],
  ['null', null, []],
  ['a function', () => {}, []],
  ['items that are none', { event: 'add_to_cart', items: 7 }, [['7', 1, undefined, undefined]]],
]

describe('cart adds that Google is told of', () => {
  it.each(shapes)('%s', async (_title, pushed, expected) => {
    const page = visit({ composed: ['ga4'] })
    expect(page.window.dataLayer.push(pushed)).toBe(1)
    await page.pass(0)
    expect(adds(page)).toEqual(expected)
    expect(page.errors).toEqual([])
  })

  it.each(shapes)('pushed before the script loaded: %s', async (_title, pushed, expected) => {
    const page = visit({
      composed: ['ga4'],
      before: (window: Host) => {
        window.dataLayer = [pushed]
      },
    })
    await page.pass(0)
    expect(adds(page)).toEqual(expected)
  })

  it('are heard through the push of a Tag Manager that came later, which takes the list on', async () => {
    const page = visit({ composed: ['ga4'] })
    const { dataLayer } = page.window
    const { push } = dataLayer
    dataLayer.push = (...items: unknown[]) => push.apply(dataLayer, items)
    dataLayer.push({ event: 'add_to_cart', items: [item] })
    await page.pass(0)
    expect(adds(page)).toHaveLength(1)
    expect(dataLayer).toHaveLength(1)
  })

  it('are none where the site did not ask for them', async () => {
    const page = visit()
    expect(page.window.dataLayer).toBeUndefined()
  })
})

/** A window whose requests the test tells of. */
function shop(options: object = {}) {
  let tell = (_list: object) => {}
  const page = visit({
    composed: ['woo', 'ga4'],
    before: (window: Host) => {
      window.PerformanceObserver = class {
        constructor(callback: (list: object) => void) {
          tell = callback
        }
        observe() {}
      }
    },
    ...options,
  })
  const requested = (name: string, rest: object = {}) =>
    tell({ getEntries: () => [{ name, responseStatus: 200, ...rest }] })
  return { page, requested }
}

const requests: [url: string, adds: number, rest?: object][] = [
  ['https://shop.example/?wc-ajax=add_to_cart', 1],
  ['https://shop.example/wp-json/wc/store/v1/cart/add-item', 1],
  ['https://shop.example/cart/add.js', 1],
  ['https://shop.example/cart/add', 1],
  ['https://shop.example/en-de/cart/add.js?sections=cart', 1],
  ['https://shop.example/cart/add.js', 1, { responseStatus: 0 }],
  ['https://shop.example/cart/add.js', 1, { responseStatus: undefined }],
  ['https://shop.example/cart/add.js', 0, { responseStatus: 422 }],
  ['https://shop.example/cart.js', 0],
  ['https://shop.example/cart/change.js', 0],
  ['https://shop.example/?wc-ajax=get_refreshed_fragments', 0],
  ['https://shop.example/wp-content/plugins/woocommerce/assets/js/frontend/add-to-cart.min.js?ver=9', 0],
  ['https://www.google-analytics.com/g/collect?en=add_to_cart', 0],
]

describe('cart adds that the shop is asked for', () => {
  it.each(requests)('%s: %i', async (url, expected, rest) => {
    const { page, requested } = shop()
    requested(url, rest)
    await page.pass(600)
    expect(adds(page)).toHaveLength(expected)
  })

  const forms: [title: string, html: string, expected: string[]][] = [
    [
      'WooCommerce’s product page',
      '<form class="cart" action="/product/pump"><input name="quantity" value="2"><button name="add-to-cart" value="4711"></form>',
      ['4711'],
    ],
    [
      'Shopify’s product page',
      '<form action="https://shop.example/cart/add"><input name="id" value="123"></form>',
      ['123'],
    ],
    [
      'Shopify’s product page, which has an id itself',
      '<form id="buy" action="https://shop.example/cart/add"><input name="id" value="123"></form>',
      ['123'],
    ],
    ['another form', '<form action="/newsletter"><input name="id" value="1"></form>', []],
  ]
  it.each(forms)('by the form of %s', async (_title, html, expected) => {
    const { page } = shop({ html })
    const form = page.document.querySelector('form')
    // In browsers a form has its fields before what it has itself, see `LegacyOverrideBuiltIns` of Web IDL.
    Object.defineProperty(form, 'id', { value: form.elements.id })
    page.fire(form, 'submit')
    await page.pass(0)
    expect(adds(page).map(([product]) => product)).toEqual(expected)
    expect(page.errors).toEqual([])
  })

  it('by WooCommerce’s added_to_cart, which is jQuery’s', async () => {
    const { page } = shop()
    let heard = (..._args: unknown[]) => {}
    page.window.jQuery = () => ({
      on: (_name: string, handler: typeof heard) => {
        heard = handler
      },
    })
    page.fire(page.window, 'load')
    // Themes trigger it without a button too.
    expect(() => heard({}, {}, 'hash')).not.toThrow()
    heard({}, {}, 'hash', [{ dataset: { product_id: '4711', product_sku: 'PUMP', quantity: '2' } }])
    await page.pass(0)
    expect(adds(page)).toEqual([['PUMP', 2, undefined, undefined]])
  })
})

describe('the same add seen several ways', () => {
  it('counts once: markup, dataLayer, request', async () => {
    const { page, requested } = shop({ html: '<button data-leadwake-cart="Pump">' })
    page.click('button')
    await page.pass(300)
    page.window.dataLayer.push({ event: 'add_to_cart', items: [item] })
    requested('https://shop.example/cart/add.js')
    await page.pass(3_000)
    expect(adds(page)).toEqual([['Pump', 1, undefined, undefined]])
  })

  it('is told by who knows what it was, though the request came first', async () => {
    const { page, requested } = shop()
    requested('https://shop.example/cart/add.js')
    await page.pass(100)
    page.window.dataLayer.push({ event: 'add_to_cart', items: [item] })
    await page.pass(3_000)
    expect(adds(page).map(([product]) => product)).toEqual(['Pump'])
  })

  it('two adds in a row are two, each seen twice', async () => {
    const { page, requested } = shop({ html: '<button data-leadwake-cart="Pump">' })
    for (let i = 0; i < 2; i++) {
      page.click('button')
      await page.pass(200)
      requested('https://shop.example/cart/add.js')
      await page.pass(1_000)
    }
    expect(adds(page)).toHaveLength(2)
  })

  it('by a form, then by the page that it leads to, counts once', async () => {
    const { page } = shop({ html: '<form><button name="add-to-cart" value="4711"></form>' })
    page.fire(page.document.querySelector('form'), 'submit')
    await page.pass(7_000)
    const { page: next } = shop()
    next.window.dataLayer.push({ event: 'add_to_cart', items: [item] })
    await next.pass(0)
    expect(adds(page, next)).toEqual([['4711', 1, undefined, undefined]])
  })

  it('several products of one push are several', async () => {
    const { page } = shop()
    page.window.dataLayer.push({ event: 'add_to_cart', items: [item, { ...item, item_name: 'Valve' }] })
    await page.pass(0)
    expect(adds(page).map(([product]) => product)).toEqual(['Pump', 'Valve'])
  })

  it('a call of the page’s own after another way was first is the same add', async () => {
    const { page } = shop()
    page.window.dataLayer.push({ event: 'add_to_cart', items: [item] })
    page.window.leadwake.cart({ product: 'Pump' })
    await page.pass(0)
    expect(adds(page)).toHaveLength(1)
    await page.pass(11_000)
    page.window.leadwake.cart({ product: 'Pump' })
    await page.pass(0)
    expect(adds(page)).toHaveLength(2)
  })
})

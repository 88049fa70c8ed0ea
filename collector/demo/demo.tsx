import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getCookie, setCookie } from 'hono/cookie'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { About, Article, Blog, Careers, Monitoring, Retrofit } from './articles.tsx'
import type { CartLine } from './cart.ts'
import { addToCart, CART_COOKIE, readCart, removeFromCart, writeCart } from './cart.ts'
import { productOf } from './catalogue.ts'
import { guide } from './guide.ts'
import type { FormName } from './outcome.tsx'
import { FORMS, isForm, Missing, Thanks, TryAgain } from './outcome.tsx'
import { Cart, Checkout, Home, Pricing, RequestDemo } from './pages.tsx'
import type { Shop } from './shell.tsx'
import { style } from './style.ts'
import { identify, readForm } from './submit.ts'

export interface DemoDeps {
  /** Origin at which the shop's server reaches the collector: http://127.0.0.1:4380. */
  collector: () => string
  /** Site id: demo. */
  site: string
  /** A key with the right to link and to send events. */
  key: () => string
  fetch?: typeof fetch
  now?: () => number
}

type Markup = HtmlEscapedString | Promise<HtmlEscapedString>

/** Where the shop is mounted. */
const BASE = '/demo'
const PAGES: Record<string, (props: { shop: Shop }) => Markup> = {
  '/services/condition-monitoring': Monitoring,
  '/services/retrofit': Retrofit,
  '/pricing': Pricing,
  '/blog': Blog,
  '/blog/bearing-failures': Article,
  '/about': About,
  '/careers': Careers,
  '/request-demo': RequestDemo,
  '/cart': Cart,
  '/checkout': Checkout,
}
/** The snippet and its beacons are of this origin; a real site would name the collector's here. */
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
const MAX_FORM_BYTES = 16_384

/** A small shop as a user of Leadwake would have one: pages with the snippet, forms with a handler. */
export function demo({ collector, site, key, fetch: send = fetch, now = Date.now }: DemoDeps): Hono {
  const app = new Hono()
  const limit = bodyLimit({ maxSize: MAX_FORM_BYTES })
  const cartOf = (c: Context) => readCart(getCookie(c, CART_COOKIE))
  const shopOf = (c: Context): Shop => ({ site, base: BASE, path: c.req.path, cart: cartOf(c) })
  const home = (c: Context) => answer(c, <Home shop={shopOf(c)} />)
  const missing = (c: Context) => answer(c, <Missing shop={shopOf(c)} />, 404)

  function keepCart(c: Context, lines: CartLine[]) {
    setCookie(c, CART_COOKIE, writeCart(lines), { path: BASE, httpOnly: true, sameSite: 'Lax' })
    return c.redirect(`${BASE}/cart`, 303)
  }

  /** The form handler: reads the form, tells the collector, thanks or asks again. It logs nothing. */
  const handler = (form: FormName) => async (c: Context) => {
    const { person, valid } = readForm(await posted(c))
    const saved = valid
      ? await identify(
          { origin: collector(), site, key: key(), fetch: send },
          person,
          FORMS[form].signal,
          now(),
        )
      : 'refused'
    if (saved === 'saved') return c.redirect(`${BASE}/thanks/${form}`, 303)
    const refused = saved === 'refused'
    const asking = <TryAgain shop={shopOf(c)} form={form} person={person} refused={refused} />
    return answer(c, asking, refused ? 422 : 503)
  }

  for (const [path, Page] of Object.entries(PAGES)) {
    app.get(path, (c) => answer(c, <Page shop={shopOf(c)} />))
  }

  app.post('/cart', limit, async (c) => {
    const product = productOf((await posted(c)).get('sku'))
    return keepCart(c, product ? addToCart(cartOf(c), product) : cartOf(c))
  })
  app.post('/cart/remove', limit, async (c) => {
    const sku = (await posted(c)).get('sku') ?? ''
    return keepCart(c, removeFromCart(cartOf(c), sku))
  })

  app.post('/checkout', limit, handler('checkout'))
  app.post('/request-demo', limit, handler('request-demo'))
  app.post('/newsletter', limit, handler('newsletter'))
  app.get('/thanks/:form', (c) => {
    const form = c.req.param('form')
    return isForm(form) ? answer(c, <Thanks shop={shopOf(c)} form={form} />) : missing(c)
  })

  app.get('/style.css', (c) =>
    c.body(style, 200, {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=3600',
    }),
  )
  app.get('/files/guide.pdf', (c) =>
    c.body(guide(), 200, {
      'content-type': 'application/pdf',
      'content-disposition': 'inline; filename="nordlicht-guide.pdf"',
      'x-content-type-options': 'nosniff',
    }),
  )

  app.get('/', async (c) => (c.req.path === BASE ? c.redirect(`${BASE}/`, 301) : home(c)))
  /* Mounted, the app knows its start as `/demo` only; `/demo/`, which people are told, arrives here. */
  app.all('/*', (c) => (c.req.path === `${BASE}/` ? home(c) : missing(c)))
  return app
}

/** The fields of a form; of a body that is none, none. */
const posted = async (c: Context) => new URLSearchParams(await c.req.text())

/** Answers a page; it shows a cart and a form with an id of its own, so that no cache may keep it. */
async function answer(c: Context, page: Markup, status: ContentfulStatusCode = 200): Promise<Response> {
  return c.body(`<!doctype html>${(await page).toString()}`, status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'cache-control': 'no-store',
  })
}

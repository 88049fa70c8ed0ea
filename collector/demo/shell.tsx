import type { Child } from 'hono/jsx'
import type { CartLine } from './cart.ts'
import { itemsIn } from './cart.ts'
import { NewsletterForm } from './forms.tsx'

/** What a page says it is, since the shop lies under `/demo/` and no path here tells. */
export type PageKind = 'service' | 'pricing' | 'blog' | 'checkout' | 'company' | 'careers'

/** What every page needs to know. */
export interface Shop {
  site: string
  /** Path that the shop is mounted at: `/demo`. */
  base: string
  /** Path of the request. */
  path: string
  cart: CartLine[]
}

export interface ShellProps {
  shop: Shop
  title: string
  kind?: PageKind
  /** Goes over the whole width, above the text. */
  hero?: Child
  children?: Child
}

const NAV: [path: string, name: string][] = [
  ['/services/condition-monitoring', 'Monitoring'],
  ['/services/retrofit', 'Retrofit'],
  ['/pricing', 'Pricing'],
  ['/blog', 'Blog'],
  ['/about', 'About'],
]

function Notice() {
  return (
    <aside class="notice" aria-label="About this demo">
      <details class="width">
        <summary>
          <strong>Leadwake demo.</strong> This shop is made up, and it measures with consent given.
        </summary>
        <p>
          Consent given means: your browser keeps a visitor id of this site, and the pages you read, for how
          long, what you download and put into the cart, and the forms you send are recorded by the Leadwake
          that serves this page, and by nobody else. Once you send a form, all of it becomes the history of a
          lead. A site of your own starts the other way round: nothing is kept in the browser until the
          visitor agrees. A browser that asks not to be tracked (GPC, Do Not Track) is not given an id here
          either.
        </p>
      </details>
    </aside>
  )
}

function Top({ shop }: { shop: Shop }) {
  const items = itemsIn(shop.cart)
  const link = (path: string, name: string) => (
    <a href={shop.base + path} aria-current={shop.path === shop.base + path ? 'page' : undefined}>
      {name}
    </a>
  )
  return (
    <header class="top">
      <div class="width">
        <a class="brand" href={`${shop.base}/`}>
          <svg viewBox="0 0 26 26" aria-hidden="true">
            <path d="M2 14h5l3-9 5 17 4-12 2 4h4" />
          </svg>
          Nordlicht Sensors
        </a>
        <nav aria-label="Main">
          {NAV.map(([path, name]) => link(path, name))}
          {link('/cart', items > 0 ? `Cart (${items})` : 'Cart')}
        </nav>
      </div>
    </header>
  )
}

function Footer({ shop }: { shop: Shop }) {
  return (
    <footer>
      <div class="width">
        <section>
          <h2>One letter a month</h2>
          <NewsletterForm base={shop.base} />
        </section>
        <section>
          <h2>Nordlicht Sensors</h2>
          <ul>
            <li>
              <a href={`${shop.base}/about`}>About us</a>
            </li>
            <li>
              <a href={`${shop.base}/careers`}>Careers</a>
            </li>
            <li>
              <a href={`${shop.base}/request-demo`}>Request a demo</a>
            </li>
          </ul>
        </section>
        <section>
          <h2>This demo</h2>
          <ul>
            <li>
              <a href={`/leads?site=${encodeURIComponent(shop.site)}`}>What was recorded of me</a>
            </li>
            <li>
              <a href={`/?site=${encodeURIComponent(shop.site)}`}>This site's numbers</a>
            </li>
          </ul>
        </section>
      </div>
    </footer>
  )
}

export function Shell({ shop, title, kind, hero, children }: ShellProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Nordlicht Sensors`}</title>
        {kind ? <meta name="leadwake:page" content={kind} /> : null}
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={`${shop.base}/style.css`} />
        <script defer src={`/l.js?s=${encodeURIComponent(shop.site)}`}></script>
      </head>
      <body>
        <Notice />
        <Top shop={shop} />
        <main>
          {hero ? <div class="hero">{hero}</div> : null}
          <div class="width">{children}</div>
        </main>
        <Footer shop={shop} />
      </body>
    </html>
  )
}

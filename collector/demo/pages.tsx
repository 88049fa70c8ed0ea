import { totalOf } from './cart.ts'
import type { Product } from './catalogue.ts'
import { CATALOGUE, CURRENCY, formatPrice } from './catalogue.ts'
import { DemoForm, QuoteForm } from './forms.tsx'
import type { Shop } from './shell.tsx'
import { Shell } from './shell.tsx'

/** The pages of the shop that sell. */

function AddToCart({ base, product }: { base: string; product: Product }) {
  return (
    <form method="post" action={`${base}/cart`} name="cart">
      <input type="hidden" name="sku" value={product.sku} />
      <button
        class="button"
        type="submit"
        data-leadwake-cart={product.name}
        data-leadwake-quantity="1"
        data-leadwake-price={product.price}
        data-leadwake-currency={CURRENCY}
      >
        Add to cart<span class="fold"> for {formatPrice(product.price)}</span>
      </button>
    </form>
  )
}

export function Products({ base }: { base: string }) {
  return (
    <ul class="cards">
      {CATALOGUE.map((product) => (
        <li class="card">
          <h3>{product.name}</h3>
          <p class="price">{formatPrice(product.price)}</p>
          <p class="quiet">{product.what}</p>
          <AddToCart base={base} product={product} />
        </li>
      ))}
    </ul>
  )
}

function Hero({ base }: { base: string }) {
  return (
    <div class="width">
      <div>
        <h1>Your machines say when they will fail. We listen.</h1>
        <p>
          Wireless vibration and temperature sensors for pumps, fans and gearboxes. Mounted in an afternoon,
          and useful the week after.
        </p>
        <p class="actions sans">
          <a class="button" href={`${base}/request-demo`}>
            Request a demo
          </a>
          <a class="second" href={`${base}/services/condition-monitoring`}>
            How it works
          </a>
        </p>
      </div>
      <svg viewBox="0 0 440 200" aria-hidden="true">
        <path
          class="grid"
          d="M0 50h440M0 100h440M0 150h440M70 0v200M140 0v200M210 0v200M280 0v200M350 0v200"
        />
        <path
          class="wave"
          d="M0 100h30l6-8 8 16 8-14 7 6h36l6-14 9 28 9-26 7 12h40l7-24 10 48 10-44 8 20h36l8-42 11 84 12-76 9 34h32l8-58 12 116 12-104 9 46h16"
        />
        <circle class="ring" cx="366" cy="100" r="64" />
      </svg>
    </div>
  )
}

export function Home({ shop }: { shop: Shop }) {
  const { base } = shop
  return (
    <Shell shop={shop} title="Sensors that hear a bearing fail" hero={<Hero base={base} />}>
      <h2>What we do</h2>
      <ul class="cards">
        <li class="card">
          <h3>Condition monitoring</h3>
          <p>
            Sensors, readings and somebody who looks at them. You get a call and a work order, not a chart.
          </p>
          <p class="foot sans">
            <a href={`${base}/services/condition-monitoring`}>About monitoring</a>
          </p>
        </li>
        <li class="card">
          <h3>Retrofit</h3>
          <p>Machines from 1970 run well and say nothing. We give them a voice without opening them.</p>
          <p class="foot sans">
            <a href={`${base}/services/retrofit`}>About retrofit</a>
          </p>
        </li>
        <li class="card">
          <h3>The guide</h3>
          <p>Where to put a sensor, how often to look, and three thresholds that work. Two pages.</p>
          <p class="foot sans">
            <a href={`${base}/files/guide.pdf`}>Download the guide (PDF)</a>
          </p>
        </li>
      </ul>
      <h2>The shop</h2>
      <Products base={base} />
      <h2>From the blog</h2>
      <p>
        <a href={`${base}/blog/bearing-failures`}>
          Six weeks before it seized: what a failing bearing told us
        </a>
      </p>
    </Shell>
  )
}

export function Pricing({ shop }: { shop: Shop }) {
  const plans: [name: string, price: string, what: string][] = [
    [
      'Listen',
      '€4 a sensor and month',
      'Readings, thresholds and alarms by mail. You look at them yourself.',
    ],
    ['Watch', '€11 a sensor and month', 'Our engineers look at each alarm and call when it matters.'],
    ['Keep', 'from €900 a month', 'A whole plant: sensors on loan, visits, spare parts, a named engineer.'],
  ]
  return (
    <Shell shop={shop} title="Pricing" kind="pricing">
      <h1>Pricing</h1>
      <p class="text">
        Sensors are bought once; plans run by the month and end with it. All prices without VAT.
      </p>
      <ul class="cards">
        {plans.map(([name, price, what]) => (
          <li class="card">
            <h2 class="price">{name}</h2>
            <p class="sans">
              <strong>{price}</strong>
            </p>
            <p>{what}</p>
          </li>
        ))}
      </ul>
      <h2>Sensors</h2>
      <Products base={shop.base} />
      <h2>More than twenty machines?</h2>
      <p class="actions sans">
        <a class="button" href={`${shop.base}/request-demo`}>
          Request a demo
        </a>
      </p>
    </Shell>
  )
}

export function Cart({ shop }: { shop: Shop }) {
  return (
    <Shell shop={shop} title="Cart">
      <h1>Cart</h1>
      {shop.cart.length === 0 ? <p>It is empty. These go into it:</p> : <CartTable shop={shop} />}
      {shop.cart.length === 0 ? <Products base={shop.base} /> : null}
    </Shell>
  )
}

function CartTable({ shop }: { shop: Shop }) {
  return (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">Product</th>
            <th scope="col" class="number">
              Pieces
            </th>
            <th scope="col" class="number">
              Price
            </th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {shop.cart.map(({ product, quantity }) => (
            <tr>
              <td>{product.name}</td>
              <td class="number">{quantity}</td>
              <td class="number">{formatPrice(quantity * product.price)}</td>
              <td>
                <form method="post" action={`${shop.base}/cart/remove`} name="cart-remove">
                  <input type="hidden" name="sku" value={product.sku} />
                  <button class="link" type="submit" aria-label={`Remove ${product.name}`}>
                    Remove
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="price">Total {formatPrice(totalOf(shop.cart))}</p>
      <p class="actions sans">
        <a class="button" href={`${shop.base}/checkout`}>
          To the checkout
        </a>
        <a href={`${shop.base}/pricing`}>Go on looking</a>
      </p>
    </>
  )
}

export function Checkout({ shop }: { shop: Shop }) {
  return (
    <Shell shop={shop} title="Checkout" kind="checkout">
      <h1>Checkout</h1>
      <p class="text">
        {shop.cart.length === 0
          ? 'The cart is empty; tell us who you are and we will call about what you need.'
          : `We send a quote over ${formatPrice(totalOf(shop.cart))} to your e-mail, and an invoice when you say yes.`}
      </p>
      <QuoteForm base={shop.base} />
    </Shell>
  )
}

export function RequestDemo({ shop }: { shop: Shop }) {
  return (
    <Shell shop={shop} title="Request a demo">
      <h1>Request a demo</h1>
      <p class="text">
        Half an hour on the phone, with a live machine of ours on the screen. We call within one working day.
      </p>
      <DemoForm base={shop.base} />
    </Shell>
  )
}

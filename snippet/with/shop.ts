/**
 * Cart adds of WooCommerce and Shopify by what their themes ask the server for, and by the forms that they submit.
 * Watched from beside: nothing of the page is patched.
 * https://woocommerce.com/document/woocommerce-theme-developer-handbook/ https://shopify.dev/docs/api/ajax/reference/cart
 */
const ADD = /ajax=add_to_cart|add-to-cart=|cart\/add/

/** The request does not say what was added; who knows more has this time to say so first. */
const WAIT_MS = 500

new PerformanceObserver(
  $safe((list) => {
    // Where the browser tells no status it is 0 or missing.
    for (const { name, responseStatus } of list.getEntries() as PerformanceResourceTiming[])
      if (ADD.test(name) && !(responseStatus > 399)) setTimeout($cart, WAIT_MS, { product: 'cart' }, 2)
  }),
).observe({ type: 'resource' })

$on('submit', ({ target }) =>
  $cart(
    {
      product: (target as Element).querySelector<HTMLInputElement>(
        '[name=add-to-cart],[action*="cart/add"] [name=id]',
      )!.value,
    },
    3,
  ),
)

// WooCommerce's own event is jQuery's, which no listener of the browser hears; jQuery may come after us.
$on('load', () =>
  (window as never as { jQuery: JQuery })
    .jQuery(document.body)
    .on('added_to_cart', (_event, _fragments, _hash, [button]) => $cart({ ...button!.dataset }, 4)),
)

type JQuery = (element: Element) => {
  on(
    name: string,
    handler: (event: object, fragments: object, hash: string, button: HTMLElement[]) => void,
  ): void
}

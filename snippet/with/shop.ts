/**
 * Cart adds of WooCommerce and Shopify by what their themes ask the server for, and by the forms that they submit.
 * Watched from beside: nothing of the page is patched. The numbers are those of `WireCart`'s ways.
 * https://woocommerce.com/document/woocommerce-theme-developer-handbook/ https://shopify.dev/docs/api/ajax/reference/cart
 */
const add = /ajax=add_to|add-to-cart=|cart\/add/

/** The request does not say what was added; who knows more has this time to say so first. */
const WAIT_MS = 500

// WooCommerce's field is called `add-to-cart`, Shopify's `id`; where there is neither this fails. A form has its fields
// by their names, before what it has itself.
// https://html.spec.whatwg.org/multipage/forms.html#the-form-element
$on('submit', (event) => {
  const form = event.target as unknown as Record<string, HTMLInputElement> & { action: string }
  $record('c', (form['add-to-cart'] || (form.action.match(add) && form.id))!.value, 3)
})

// WooCommerce's own event is jQuery's, which no listener of the browser hears, and rises to the document; jQuery may
// come after us.
$on('load', () =>
  jQuery(document).on(
    'added_to_cart',
    $safe((_event, _fragments, _hash, button) => $record('c', button[0]!.dataset, 4)),
  ),
)

new PerformanceObserver((list) =>
  (list.getEntries() as PerformanceResourceTiming[]).map((entry) => {
    // Where the browser tells no status it is 0 or missing.
    if (!(entry.responseStatus > 399) && entry.name.match(add)) setTimeout($record, WAIT_MS, 'c', 'cart', 2)
  }),
).observe({ type: 'resource' })

declare function jQuery(element: Document): {
  on(
    name: string,
    handler: (event: object, fragments: object, hash: string, button: HTMLElement[]) => void,
  ): void
}

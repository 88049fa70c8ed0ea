/**
 * Cart adds that the shop tells Google of: `add_to_cart` as an object with or without `ecommerce`, as the arguments
 * of `gtag('event', ...)`, as Tag Manager's `eventModel`, and Universal Analytics' `ecommerce.add.products`. What is
 * said of the shop goes as it is, never what stands beside it; the server takes it apart. A look at one item of the
 * `dataLayer`, see `layer.ts`.
 * https://developers.google.com/analytics/devguides/collection/ga4/reference/events#add_to_cart
 */
if (($item.event || $item[1]) === 'add_to_cart' || $item.ecommerce?.add)
  $record('c', $item[2] || $item.ecommerce || $item, 1)

/**
 * Cart adds that the shop tells Google of: `add_to_cart` as an object with or without `ecommerce`, as the arguments
 * of `gtag('event', ...)`, as Tag Manager's `eventModel`, and Universal Analytics' `ecommerce.add.products`. The
 * server takes the items apart. A look at one item of the `dataLayer`, see `layer.ts`.
 * https://developers.google.com/analytics/devguides/collection/ga4/reference/events#add_to_cart
 */
const model = $item[2] || $item.ecommerce || $item.eventModel || $item

if (model.add || ($item.event || $item[1]) === 'add_to_cart')
  $record('c', model.add || model.items, 1, model.currency || model.currencyCode)

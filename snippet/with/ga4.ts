/**
 * Cart adds that the shop tells Google of: `add_to_cart` as an object with or without `ecommerce`, as the arguments
 * of `gtag('event', ...)`, as Tag Manager's `eventModel`, and Universal Analytics' `ecommerce.add.products`.
 * https://developers.google.com/analytics/devguides/collection/ga4/reference/events#add_to_cart
 */
$layer((item) => {
  const model = item[2] || item.ecommerce || item.eventModel || item
  const items = model.add ? model.add.products : (item.event || item[1]) === 'add_to_cart' && model.items
  for (const add of items || []) $cart({ currency: model.currency || model.currencyCode, ...add }, 1)
})

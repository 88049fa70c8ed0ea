/**
 * Shows all that is and will be in Google's `dataLayer` (the page may have made it long before, Tag Manager may
 * take over its `push` later, and calls on the one that was there).
 * https://developers.google.com/tag-platform/tag-manager/datalayer
 */
$layer = (look) => {
  // biome-ignore lint/suspicious/noExplicitAny: anything may lie in there
  const host = window as { dataLayer?: any[] }
  const layer = host.dataLayer || []
  host.dataLayer = layer
  const { push } = layer
  const show = $safe(look)
  layer.map(show)
  layer.push = (...items) => {
    items.map(show)
    return push.apply(layer, items)
  }
}

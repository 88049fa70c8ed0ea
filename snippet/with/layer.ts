/**
 * Looks at all that is and will be in Google's `dataLayer` (the page may have made it long before, Tag Manager may
 * take over its `push` later, and calls on the one that was there). The collector writes the looks that the site
 * asked for over the name.
 * https://developers.google.com/tag-platform/tag-manager/datalayer
 */
// biome-ignore lint/suspicious/noExplicitAny: anything may lie in there
const layer: any[] = ((window as { dataLayer?: any[] }).dataLayer ||= [])
const push = layer.push
const show = $safe(($item) => __LEADWAKE_LOOKS__($item))

layer.map(show)
layer.push = (...items) => {
  items.map(show)
  return push.apply(layer, items)
}

declare function __LEADWAKE_LOOKS__(item: unknown): void

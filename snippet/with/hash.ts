/** Routes behind the hash (`#/path`, `#!path`) are pages; other hashes are places in one. */
const ROUTE = /#[!/]+/

const plain = $clean
$clean = (href) =>
  plain(
    href === location.href && ROUTE.test(href)
      ? location.origin +
          location.pathname.replace(/\/?$/, '/') +
          location.hash.replace(ROUTE, '') +
          location.search
      : href,
  )

$on('hashchange', (event) => {
  const { oldURL, newURL } = event as HashChangeEvent
  if (ROUTE.test(oldURL + newURL)) {
    $path = '*'
    $settle()
  }
})

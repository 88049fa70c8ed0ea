const plain = $clean

/** Routes behind the hash (`#/path`, `#!path`) are pages; other hashes are places in one. */
$clean = (href) => plain(href.replace(/\/?(\?[^#]*)?#[!/]+(.*)/, '/$2$1'))

$on('hashchange', (event) => {
  if (/#[!/]/.test((event as HashChangeEvent).newURL)) {
    // Another page, whatever its path.
    $path = '*'
    setTimeout($look, 100)
  }
})

/** An id in a link is good for this long: a link that is copied takes nobody's id along. */
const GOOD_MS = 90_000

const listed = (url: URL | HTMLAnchorElement) =>
  $dataset.domains!.split(/[\s,]+/).some((domain) => `.${url.host}`.endsWith(`.${domain}`))

// An id is taken from a listed site only, else anybody could hand one to a visitor.
const [, id, at] = /_lw=([\w-]+)\.(\w+)/.exec(location.search) || []
if (id && $visitor && Date.now() - Number.parseInt(at!, 36) < GOOD_MS && listed(new URL(document.referrer))) {
  // biome-ignore lint/suspicious/noDocumentCookie: see ../identify.ts
  document.cookie = `leadwake_visitor=${id};path=/`
  $identify()
}

$on('pointerdown click', (event) => {
  for (const link of event.composedPath() as HTMLAnchorElement[])
    if ($visitor && link.host && link.host !== location.host && listed(link)) {
      const url = new URL(link.href)
      url.searchParams.set('_lw', `${$visitor}.${Date.now().toString(36)}`)
      link.href = `${url}`
    }
})

/** An id in a link is good for this long: a link that is copied takes nobody's id along. */
const GOOD_MS = 90_000

const listed = (host?: string) => $dataset.domains!.split(/[ ,]+/).includes(host!)

// An id is taken from a listed site only, else anybody could hand one to a visitor.
const [, id, at] = /_lw=([\w-]+)\.(\d+)/.exec(location.search) || []
if ($visitor && Date.now() - +at! < GOOD_MS && listed(document.referrer.split('/')[2])) {
  // biome-ignore lint/suspicious/noDocumentCookie: see ../identify.ts
  document.cookie = `leadwake_visitor=${id};path=/`
  $identify()
}

// Before the link is followed or its menu opens.
$on('pointerdown click', (event) => {
  for (const link of event.composedPath() as HTMLAnchorElement[])
    if ($visitor && link.host !== location.host && listed(link.host))
      link.search = `${link.search.replace(/&?_lw=.*/, '')}&_lw=${$visitor}.${Date.now()}`
})

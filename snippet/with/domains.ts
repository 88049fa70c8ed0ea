/** An id in a link is good for this long: a link that is copied takes nobody's id along. */
const GOOD_MS = 90_000

// Where no domain is listed this fails, and there is nothing to do.
const listed = $dataset.domains!.split(/[ ,]+/)

// Before the link is followed or its menu opens.
$on('pointerdown click', (event) => {
  ;(event.composedPath() as HTMLAnchorElement[]).map((link) => {
    if ($visitor && link.host !== location.host && listed.includes(link.host))
      // biome-ignore lint/style/useTemplate: a sum packs 3 bytes better
      link.search = link.search.split('&leadwake_')[0] + `&leadwake_visitor=${$visitor}.` + Date.now()
  })
})

// An id is taken from a listed site only, else anybody could hand one to a visitor. Where there is none, or no
// referrer, this fails, as the last thing here.
const [, id, at] = /leadwake_visitor=([\w-]+).(\d+)/.exec(location.search) as never as [
  string,
  string,
  number,
]
if (Date.now() - at < GOOD_MS && listed.includes(new URL(document.referrer).host)) $identify(id)

/** An id in a link is good for this long: a link that is copied takes nobody's id along. */
const GOOD_MS = 90_000

const listed = (host?: string) => $dataset.domains!.split(/[ ,]+/).includes(host!)

// Before the link is followed or its menu opens.
$on('pointerdown click', (event) => {
  ;(event.composedPath() as HTMLAnchorElement[]).map((link) => {
    if ($visitor && link.host !== location.host && listed(link.host))
      link.search = `${link.search.split('&leadwake_')[0]}&leadwake_visitor=${$visitor}.${Date.now()}`
  })
})

// An id is taken from a listed site only, else anybody could hand one to a visitor. Where there is none this fails,
// as the last thing here.
const [, id, at] = /leadwake_visitor=([\w-]+).(\d+)/.exec(location.search) as never as [
  string,
  string,
  number,
]
if (Date.now() - at < GOOD_MS && listed(document.referrer.split('/')[2])) $identify(id)

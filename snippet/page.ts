import { attend, measureScroll, report, restart, turnAway, until } from './attention.ts'
import { fill } from './form.ts'
import { newId } from './id.ts'
import { on, safe } from './safe.ts'
import { clean, scrub } from './scrub.ts'
import { flush, put } from './send.ts'

/** Routers set the title after the address, and redirect by a second call. */
const SETTLE_MS = 100

/** No page has it, so the next look finds a new one. */
const NO_PATH = '*'

/** Id of the current page view; made before it is seen, because events may come first. */
export let view = newId()
/** Path of the current page view; undefined until somebody saw the page, which a prerendered one may never be. */
export let path: string | undefined

/**
 * Reports on the current page view, and opens another if the path is not its path, and the page is visible or was
 * until now.
 */
export const look = safe(
  (
    sign?: unknown,
    isNew: unknown = path !== location.pathname && (until || !document.hidden),
    // Only the first view came from elsewhere; the server knows its own pages.
    from = path ? '' : clean(document.referrer),
  ) => {
    if (until) measureScroll()
    attend(sign || isNew)
    report()
    if (!isNew) return
    restart()
    if (path) view = newId()
    path = location.pathname
    put(
      'p',
      view,
      clean(location.href),
      scrub(document.title),
      from,
      // `leadwake:page`; forms' fields that are called so stand behind the head.
      document.querySelector<HTMLMetaElement>('[name^=leadwake]')?.content,
    )
    fill()
    flush()
  },
)

export const watchPage = () => {
  // A page that comes back from the bfcache is a new view, which `pageshow` or the change of visibility finds.
  // https://web.dev/articles/bfcache
  on('pagehide', () => {
    path = NO_PATH
    turnAway()
  })
  // The Navigation API (Baseline since January 2026) tells of each route. Older browsers are asked for the path ten
  // times a second, which takes them some us and leaves the page's `history` alone: a route is found within 200 ms.
  // https://caniuse.com/mdn-api_navigation
  on('currententrychange', () => setTimeout(look, SETTLE_MS), window.navigation)
  if (!window.navigation)
    setInterval(() => path !== location.pathname && setTimeout(look, SETTLE_MS), SETTLE_MS)
  look()
}

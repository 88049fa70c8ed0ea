import { active, report, restart } from './attention.ts'
import { newId } from './id.ts'
import { fill } from './identify.ts'
import { on, safe } from './safe.ts'
import { clean, foreign, scrub } from './scrub.ts'
import { flush, put } from './send.ts'

/** Routers set the title after the address, and redirect by a second call. */
const SETTLE_MS = 100

/** After a restore: no page has it, so the next look finds a new one. */
const NO_PATH = '*'

/** Id of the current page view; made before it is seen, because events may come first. */
export let view = newId()
/** Path of the current page view; undefined until somebody saw the page, which a prerendered one may never be. */
export let path: string | undefined

/** Opens a page view if the path is not that of the current one, and the page is visible or was until now. */
export const see = safe(() => {
  if ((document.hidden && !active) || path === location.pathname) return
  report()
  restart()
  if (path) view = newId()
  // Only the first view came from elsewhere.
  const referrer = foreign(new URL((!path && document.referrer) || (location as unknown as URL)))
  path = location.pathname
  put(
    'p',
    view,
    clean(location),
    scrub(document.title),
    referrer,
    (document.getElementsByName('leadwake:page')[0] as HTMLMetaElement | undefined)?.content,
  )
  fill()
  flush()
})

const settle = () => setTimeout(see, SETTLE_MS)

export const watchPage = () => {
  on('pageshow', (event) => {
    // Only `persisted` proves that the page came back from the bfcache; `visibilityState` is right one task
    // later. https://web.dev/articles/bfcache
    if ((event as PageTransitionEvent).persisted) {
      path = NO_PATH
      settle()
    }
  })
  // The Navigation API (Baseline since January 2026) tells of each route. Older browsers are asked after what
  // people navigate by, and every 5 s, which leaves the page's `history` alone.
  // https://caniuse.com/mdn-api_navigation
  on('currententrychange popstate click keyup', settle, window.navigation)
  see()
}

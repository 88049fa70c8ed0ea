import { active, report, restart, turnAway } from './attention.ts'
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

/** Opens a page view if the path is not that of the current one, and the page is visible or was until now. */
export const see = safe(() => {
  if ((document.hidden && !active) || path === location.pathname) return
  report()
  restart()
  const { referrer, title } = document
  // Only the first view came from elsewhere.
  const from = path || referrer.split('/')[2] === location.host ? '' : clean(referrer)
  if (path) view = newId()
  path = location.pathname
  put(
    'p',
    view,
    clean(location.href),
    scrub(title),
    from,
    document.querySelector<HTMLMetaElement>('[name="leadwake:page"]')?.content,
  )
  fill()
  flush()
})

export const settle = () => setTimeout(see, SETTLE_MS)

export const watchPage = () => {
  // A page that comes back from the bfcache is a new view. The timer is frozen with the page; it goes off after
  // the restore, when `hidden` is right again. https://web.dev/articles/bfcache
  on('pagehide', () => {
    path = NO_PATH
    turnAway()
    settle()
  })
  // The Navigation API (Baseline since January 2026) tells of each route. Older browsers are asked after what
  // people navigate by, and every 5 s, which leaves the page's `history` alone.
  // https://caniuse.com/mdn-api_navigation
  on('currententrychange popstate click keyup', settle, window.navigation)
  see()
}

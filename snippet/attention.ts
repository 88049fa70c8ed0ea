import { look, view } from './page.ts'
import { on } from './safe.ts'
import { flush, put } from './send.ts'

/** Without a sign of life for this long nobody is reading, though the page is in front. */
const IDLE_MS = 30_000
/** What a killed tab may lose, where storage is allowed. */
const KEEP_MS = 5_000
/** Totals go out each minute, and with them what had to wait for one. */
const SEND_MS = 61_000
/** Less is not worth a request: `pagehide` and hidden come within a few ms of each other. */
const MIN_NEWS_MS = 99

// All have a value from the first look on, see page.ts; until then nothing counts.

/** Until when time counts without another sign of life, ms; false while the page is hidden or has no focus. */
export let until: number | false
/** Engaged ms of the current page view. */
let engaged: number
/** How much of it is already in the queue. */
let reported: number
/** Deepest scroll of the view, in %; a page that is pulled beyond its end says more than 100. */
let deepest: number
let countedAt: number

/**
 * Counts the time since the last call if the page was visible, had the focus and showed life within 30 s.
 * Called at whatever may change one of the three, so that nothing depends on the timer's precision.
 */
export const attend = (sign?: unknown, now = Date.now()) => {
  // A laptop that slept, or a clock that was set, adds at most the idle limit, and never less than nothing.
  engaged += Math.max(0, Math.min(now, until as number) - countedAt)
  countedAt = now
  until = !document.hidden && document.hasFocus() && (sign ? now + IDLE_MS : until)
}

/** Reads the layout, so it is called on scrolls and with reports, never while the page loads. */
export const measureScroll = () => {
  deepest = Math.max(deepest, (((scrollY + innerHeight) / document.documentElement.scrollHeight) * 100) | 0)
}

/** Queues the total since the view began, which is why it may be repeated. */
export const report = () => {
  if (engaged - reported > MIN_NEWS_MS) put('e', view, (reported = engaged), deepest)
}

/** Nobody looks any more, whatever the browser still says. */
export const turnAway = () => {
  until = false
}

/** A new page view begins: its time and depth start at nothing. */
export const restart = () => {
  engaged = reported = deepest = 0
}

export const watchAttention = () => {
  // Hidden is the last moment that is certain to come, `pagehide` a fallback; never `unload`, which bars the
  // page from the bfcache. https://developer.chrome.com/docs/web-platform/page-lifecycle-api
  // A page is hidden while it prerenders. https://developer.chrome.com/docs/web-platform/prerender-pages
  on('visibilitychange online pageshow pagehide', (event) => {
    look(event)
    flush()
  })
  // Touches are pointers as well. https://caniuse.com/pointer
  on('focus blur scroll keydown pointerdown pointermove', attend)
  on('scroll', measureScroll)
  // Some browsers still say that the page has the focus while they tell that it lost it.
  on('blur', () => setTimeout(attend))
  setInterval(look, KEEP_MS)
  setInterval(flush, SEND_MS)
}

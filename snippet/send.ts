import { FLAG } from '../shared/protocol.ts'
import { choice } from './consent.ts'
import { newId } from './id.ts'
import { visitor } from './identify.ts'
import { path, view } from './page.ts'
import { safe } from './safe.ts'
import { endpoint } from './settings.ts'

/** The site's id; the collector writes it over the name as it serves the file. */
declare const __LEADWAKE_SITE__: string
/** 'omit', or 'include' where the site has the collector set the cookie; written over in the same way. */
declare const __LEADWAKE_CREDENTIALS__: RequestCredentials

/**
 * Characters of all that waits. Three bytes each at worst, so that it fits one body of 16 kB; the shortest event
 * has 50, so that it fits one body's 100 events; and the stored queue stays far below its 30 kB.
 */
const MAX_WAITING = 5_000
/** Before the next try, when a busy server does not say. */
const RETRY_MS = 60_000

/** `sent`, which JSON leaves out, marks what is under way. */
type Queued = [kind: string, id: string, at: number, ...rest: unknown[]] & { sent?: 0 | 1 }

/** What is not acknowledged. */
let waiting: Queued[] = []

/** Queues an event; a total takes the place of the one before. */
export const put = safe((kind: string, id: string, ...rest: unknown[]) => {
  if (choice & FLAG.optOut || JSON.stringify([waiting, rest]).length > MAX_WAITING) return
  waiting = [...waiting.filter((event) => event[0] + event[1] !== kind + id), [kind, id, Date.now(), ...rest]]
  keep()
})

/** Queues an event of the current page view and sends it at once, since a click may end the page. */
export const record = (kind: string, ...rest: unknown[]) => {
  put(kind, newId(), view, ...rest)
  flush()
}

/**
 * Keeps what waits for the next page, in identify mode only. Tabs share the place, so one that has nothing new
 * writes nothing, and one that nobody saw either. Touching `localStorage` throws where storage is blocked.
 * https://html.spec.whatwg.org/multipage/webstorage.html#dom-localstorage-dev
 */
export const keep = safe(() => {
  if (!path) return
  if (visitor) localStorage.leadwake_queue = JSON.stringify(waiting)
  else delete localStorage.leadwake_queue
})

/** Sends what waits and is not under way, unless nobody saw the page yet. */
export const flush = async (
  again?: number,
  batch = waiting.filter((event) => path && !event.sent && (event.sent = 1)),
  body = JSON.stringify({
    s: __LEADWAKE_SITE__,
    v: visitor,
    t: Date.now(),
    f: choice | ((navigator.webdriver as unknown as number) << 2),
    e: batch,
  }),
) => {
  if (!batch[0]) return
  try {
    // A string travels as text/plain, which asks for no preflight.
    const answer = await fetch(endpoint, {
      method: 'POST',
      keepalive: true,
      credentials: __LEADWAKE_CREDENTIALS__,
      body,
    })
    // Too many requests, and all that is the server's fault.
    if (answer.status > 428) again = (answer.headers.get('retry-after') as never) * 1_000 || RETRY_MS
    else waiting = waiting.filter((event) => !batch.includes(event))
  } catch {
    // It says true even where a blocker stops it, so the events stay in the queue with their ids.
    navigator.sendBeacon?.(endpoint, body)
  }
  keep()
  // From then on they go with whatever goes, each minute at the latest.
  setTimeout(() => batch.map((event) => (event.sent = 0)), again)
}

/** Takes over what an earlier page could not send. */
export const restore = () => {
  if (visitor) waiting = [...JSON.parse(localStorage.leadwake_queue)]
}

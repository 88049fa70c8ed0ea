import { mayIdentify } from './consent.ts'
import { newId } from './id.ts'
import { safe } from './safe.ts'

/** 389 days: browsers cap cookies at 400, and regulators ask for at most 13 months. */
const COOKIE_SECONDS = 33_600_000

/** The visitor's id; 0 in measure mode, where the browser keeps nothing. */
export let visitor: string | 0 | undefined

/** Takes up the id that is handed over or kept, makes one, or deletes it, as consent says. */
export const identify = safe((handed?: string) => {
  // A form handler can set the cookie by HTTP as well, and then it outlives the 7 days for which Safari keeps
  // what scripts store. https://webkit.org/blog/10218/full-third-party-cookie-blocking-and-more/
  visitor = mayIdentify() && (handed || /leadwake_visitor=([\w-]+)/.exec(document.cookie)?.[1] || newId())
  // An age of 0 deletes it.
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API answers late and is missing in plain http
  document.cookie = `leadwake_visitor=${visitor};path=/;max-age=${visitor && COOKIE_SECONDS}`
})

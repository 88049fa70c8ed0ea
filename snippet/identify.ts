import { mayIdentify } from './consent.ts'
import { random } from './id.ts'
import { view } from './page.ts'
import { safe } from './safe.ts'
import { read, write } from './storage.ts'

const KEY = 'leadwake_visitor'
/** 390 days: browsers cap cookies at 400, and regulators ask for at most 13 months. */
const COOKIE_SECONDS = 33_696_000

/** The visitor's id, 22 characters; undefined in measure mode, where the browser keeps nothing. */
export let visitor: string | undefined

/** Takes up the id that is kept, makes one, or deletes it, as consent says. */
export const identify = () => {
  visitor = mayIdentify() ? kept() || random(22) : undefined
  write(KEY, visitor)
  safe(() => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API answers late and is missing in plain http
    document.cookie = `${KEY}=${visitor};path=/;max-age=${visitor ? COOKIE_SECONDS : 0}`
  })()
  fill()
}

// The cookie comes first: a form handler can set it by HTTP, and then it outlives the 7 days for which
// Safari keeps what scripts store. https://webkit.org/blog/10218/full-third-party-cookie-blocking-and-more/
const kept = safe(() => /leadwake_visitor=([\w-]{22})/.exec(`${document.cookie} ${KEY}=${read(KEY)}`)![1])

/** Hands the ids to the server code behind the page's forms, in hidden fields that ask for them by name. */
export const fill = () => {
  give(KEY, visitor || '')
  give('leadwake_page', view)
}

const give = (name: string, value: string) => {
  for (const field of document.getElementsByName(name)) (field as HTMLInputElement).value = value
}

import { given } from './settings.ts'
import { read, write } from './storage.ts'

/** What the visitor chose, kept so that a refusal lasts too. */
const KEY = 'leadwake_consent'
export const GRANTED = '1'
export const REFUSED = '0'
export const OUT = '2'

export let choice = read(KEY)

// https://www.w3.org/TR/gpc/ and the older Do Not Track, whose value is the string '1'.
const asksPrivacy =
  (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl || +navigator.doNotTrack! > 0

export const choose = (value: string) => {
  choice = value
  write(KEY, value)
}

/** Whether an id may be kept: what the visitor chose, else the browser's wish, else the site's setting. */
export const mayIdentify = () => (choice ? choice === GRANTED : given && !asksPrivacy)

/** The bits of `FLAG` in shared/protocol.ts: privacy, opted out, webdriver, granted. */
export const flags = () =>
  +(asksPrivacy && choice !== GRANTED) |
  (+(choice === OUT) << 1) |
  (+navigator.webdriver << 2) |
  (+(choice === GRANTED) << 3)

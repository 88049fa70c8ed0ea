import { FLAG } from '../shared/protocol.ts'
import { safe } from './safe.ts'
import { given } from './settings.ts'

// https://www.w3.org/TR/gpc/ and the older Do Not Track, whose value is the string '1'.
const asksPrivacy = () =>
  (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl ||
  (navigator.doNotTrack as unknown as number) > 0

/**
 * What the visitor chose, else the browser's wish, else the site's setting: a bit of `FLAG`, or nothing. What comes
 * out of storage is text, so only bit operations may look at it.
 */
export let choice: number =
  safe(() => localStorage.leadwake_consent)() || (asksPrivacy() ? FLAG.privacy : given && FLAG.given)

/** Keeps what the visitor chose, so that a refusal lasts too. */
export const choose = safe((flag: number) => {
  choice = flag
  localStorage.leadwake_consent = flag
})

/** Whether an id may be kept. */
export const mayIdentify = () => choice & (FLAG.granted | FLAG.given)

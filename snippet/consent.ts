import { FLAG } from '../shared/protocol.ts'
import { fill } from './form.ts'
import { identify } from './identify.ts'
import { view } from './page.ts'
import { safe } from './safe.ts'
import { flush, keep, put, restore } from './send.ts'
import { dataset } from './settings.ts'

/** What nobody was asked for: `FLAG.given` or 0; the collector writes it over the name as it serves the file. */
declare const __LEADWAKE_GIVEN__: number

/** Sorts between `given` and `required`, the values of `data-consent`; of the site's setting and it the stricter wins. */
const STRICTER = 'n'

// https://www.w3.org/TR/gpc/ and the older Do Not Track, whose value is the string '1'.
const asksPrivacy = () =>
  (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl ||
  (navigator.doNotTrack as unknown as number) > 0

/**
 * What the visitor chose, else the browser's wish, else the site's setting: a bit of `FLAG`, or nothing. What comes
 * out of storage is text, so only bit operations may look at it.
 */
export let choice: number = asksPrivacy()
  ? FLAG.privacy
  : dataset.consent! > STRICTER
    ? 0
    : __LEADWAKE_GIVEN__

/** Takes up what earlier pages kept. Where storage is blocked, or something else lies there, this fails and nothing more. */
export const resume = () => {
  choice = localStorage.leadwake_consent || choice
  identify()
  restore()
}

/**
 * Goes by what the visitor chose, and keeps it, so that a refusal lasts too. The current view goes along: the last
 * word of the id that ends, or of none, is a report on it, by which the collector knows whose it was; and the reports
 * that follow bear its page-view id.
 */
export const decide = safe((flag: number) => {
  // Consent managers say the same again on every page.
  if (choice & flag) return
  // What waits goes first, for this report takes the place of one with a time.
  flush()
  put('e', view)
  choice = flag
  flush()
  identify()
  // Waits for whatever goes next, so that a page that is left at once is the new id's too.
  put('e', view)
  fill()
  localStorage.leadwake_consent = flag
  keep()
})

/** Whether an id may be kept. */
export const mayIdentify = () => (choice & (FLAG.granted | FLAG.given)) as 0

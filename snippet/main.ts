import { watchActs } from './act.ts'
import { watchAttention } from './attention.ts'
import { cart } from './cart.ts'
import { choose, GRANTED, OUT, REFUSED } from './consent.ts'
import { custom } from './event.ts'
import { identify, visitor } from './identify.ts'
import { watchPage } from './page.ts'
import { safe } from './safe.ts'
import { flush, leave, restore } from './send.ts'

/** A call as it waits before the script is there: the name of a function, then its arguments. */
export type Call = [name: 'event' | 'cart' | 'consent' | 'optOut', ...args: unknown[]]

declare global {
  interface Window {
    /** Before the script is there: `window.leadwake = window.leadwake || { q: [] }`, for `leadwake.q.push([...])`. */
    leadwake?: typeof leadwake | { q: Call[]; visitor?: undefined }
  }
}

const leadwake = {
  /** Records a custom event. */
  event: safe(custom),
  /** Records a cart add. */
  cart: safe(cart),
  /** The visitor's id, or null where none may be kept. */
  visitor: () => visitor || null,
  /** What the visitor chose: true allows an id, false deletes it. */
  consent: (granted: boolean) => decide(granted ? GRANTED : REFUSED),
  /** Ends all measuring in this browser, until `consent(true)`. */
  optOut() {
    leave()
    decide(OUT)
  },
  /** Calls in the form that they have before the script is there. */
  q: {
    push: safe(([name, ...args]: Call): void => (leadwake[name] as (...args: unknown[]) => void)(...args)),
  },
}

const decide = (choice: string) => {
  choose(choice)
  identify()
  flush()
}

const early = window.leadwake?.q as Call[] | undefined

// A script that is loaded twice counts once.
if (!window.leadwake?.visitor) {
  window.leadwake = leadwake
  identify()
  restore()
  watchAttention()
  watchActs()
  watchPage()
  early?.map(leadwake.q.push)
}

import { FLAG } from '../shared/protocol.ts'
import { watchActs } from './act.ts'
import { watchAttention } from './attention.ts'
import { type Cart, cart } from './cart.ts'
import { choice, decide, resume } from './consent.ts'
import { custom } from './event.ts'
import { identify, visitor } from './identify.ts'
import { look, path, watchPage } from './page.ts'
import { on, safe } from './safe.ts'
import { clean } from './scrub.ts'
import { put, record } from './send.ts'
import { dataset, src } from './settings.ts'

/** A call as it waits before the script is there: the name of a function, then its arguments. */
export type Call = [name: 'event' | 'cart' | 'consent' | 'optOut', ...args: unknown[]]

declare global {
  function __LEADWAKE_WITH__(...core: unknown[]): void
  interface Window {
    /** Before the script is there: `window.leadwake = window.leadwake || { q: [] }`, for `leadwake.q.push([...])`. */
    leadwake?: typeof leadwake | { q: Call[]; visitor?: undefined }
  }
}

const leadwake = {
  /** Records a custom event. */
  event: custom,
  /** Records a cart add. */
  cart: cart as (add: Cart) => void,
  /** The visitor's id, or null where none may be kept. */
  visitor: () => visitor || null,
  /** What the visitor chose: true allows an id, false deletes it. */
  consent: (granted: boolean) => decide(granted ? FLAG.granted : FLAG.refused),
  /** Ends all measuring in this browser, until `consent(true)`; with a last word by which the collector counts it. */
  optOut: () => decide(FLAG.optOut),
  /** Calls in the form that they have before the script is there. */
  q: {
    push: safe(([name, ...args]: Call): void => (leadwake[name] as (...args: unknown[]) => void)(...args)),
  },
}

const early = window.leadwake

// A script that is loaded twice counts once.
if (!early?.visitor) {
  window.leadwake = leadwake
  safe(resume)()
  watchAttention()
  watchActs()
  // What is composed in; build.ts takes the names from here.
  __LEADWAKE_WITH__(leadwake, dataset, on, safe, record, clean, choice, identify, visitor, path, look, put)
  watchPage()
  // A file of its own, for who asks: what is sent, in words, and why something is not.
  // Text, also an empty one, and 1 make text; nothing and 1 make NaN.
  if ((dataset.debug as unknown as number) + 1) import(new URL('/l.debug.js', src) as never)
  // Last, for what lies there may be anything. Not by an error where nothing does: the first costs 0.1 ms.
  early?.q.map(leadwake.q.push as never)
}

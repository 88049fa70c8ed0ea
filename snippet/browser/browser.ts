/**
 * `leadwake/browser`: the script for who bundles. The same core and pieces as `/l.js`, by import instead of by tag;
 * what is not imported is not bundled. Safe to import on a server, where every function does nothing.
 */
import { core } from 'leadwake:core'
import * as pieces from 'leadwake:pieces'
import { FLAG } from '../../shared/protocol.ts'

/** What the core lends to pieces, by name; a piece may assign to it and so change what the core does. */
type Lent = Record<string, unknown>

/** A part of the script that `start` takes on: the answer of `ga4()`, `shop()` and the like. */
export interface Piece {
  /** In the order in which they run. */
  readonly parts: readonly ((lent: Lent) => void)[]
  /** What the tag's `data-*` would say. */
  readonly dataset?: Readonly<Record<string, string>>
}

export interface StartOptions {
  /** The site's id at the collector. */
  site: string
  /** The collector's origin: `https://go.example.com`. */
  host: string
  /**
   * `given`: you have consent in another way, so that visitors get an id at once. `required` (the default): nothing is
   * stored before `consent(true)`. Of this and the site's setting at the collector the stricter wins.
   */
  consent?: 'required' | 'given'
  /** What the script takes on beside the core. */
  with?: readonly Piece[]
  /** Explains in the console what is sent, and why something is not. */
  debug?: boolean
}

/** What a shop says of a cart add; numbers also as text. */
export interface Cart {
  /** Name or article number. */
  product: string
  quantity?: number | string
  /** Of one piece. */
  price?: number | string
  /** ISO 4217. */
  currency?: string
}

/** Starts measuring, once: a second call, or a script tag on the same page, changes nothing. */
export function start({ site, host, consent = 'required', with: taken = [], debug }: StartOptions): void {
  if (typeof window === 'undefined' || api()?.visitor) return
  const dataset = Object.assign(
    { site, host, consent },
    debug && { debug: '' },
    ...taken.map((piece) => piece.dataset),
  )
  try {
    core({ dataset, src: host, given: consent === 'given' ? FLAG.given : 0 }, (core) => {
      lent = core
      for (const part of new Set([...taken.flatMap((piece) => piece.parts), ...late])) compose(part)
    })
  } catch {
    // Whatever the host refuses, the page does not see it.
  }
}

/** A custom event. */
export function event(name: string, props?: Record<string, string | number | boolean>): void {
  call('event', name, props)
}

/** A cart add. */
export function cart(add: Cart): void {
  call('cart', add)
}

/**
 * Who the visitor is: a claim, unless your server signed it (`signIdentify` of `leadwake/server`); `expires` in ms
 * since 1970.
 */
export function identify(email: string, signature?: string, expires?: number): void {
  take(pieces.identify)
  call('identify', email, signature, expires)
}

/** What the visitor chose: true allows an id, false deletes it. */
export function consent(granted: boolean): void {
  call('consent', granted)
}

/** Ends all measuring in this browser, until `consent(true)`. */
export function optOut(): void {
  call('optOut')
}

/** Counts a page view where `attributes({ auto: false })` leaves that to you. */
export function page(): void {
  call('page')
}

/** The visitor's id for your form handler; null where none may be kept, before `start`, and on a server. */
export function visitor(): string | null {
  return api()?.visitor?.() ?? null
}

// Named, so that what is asked for twice runs once.
const googleAdds = (lent: Lent) => pieces.layer(lent, [pieces.ga4])
const googleConsent = (lent: Lent) => pieces.layer(lent, [pieces.google])

/** Cart adds that the page tells Google of: `add_to_cart` in `dataLayer`, of GA4 and Universal Analytics. */
export function ga4(): Piece {
  return { parts: [googleAdds] }
}

/** Cart adds of WooCommerce and Shopify, by their requests, forms and events. */
export function shop(): Piece {
  return { parts: [pieces.shop] }
}

/** Follows a consent manager: IAB TCF and Google consent mode v2. */
export function consentManager(): Piece {
  return { parts: [googleConsent, pieces.tcf] }
}

/** One visitor over these hosts; name each on all of them. */
export function domains(...hosts: string[]): Piece {
  return { parts: [pieces.domains], dataset: { domains: hosts.join(' ') } }
}

/** Routes behind `#/` are pages. */
export function hashRoutes(): Piece {
  return { parts: [pieces.hash], dataset: { hash: '' } }
}

export interface AttributeOptions {
  /** false: only `page()` counts views. */
  auto?: boolean
  /** Paths that are not measured, `*` for anything. */
  exclude?: readonly string[]
  /** More extensions that are downloads. */
  downloads?: readonly string[]
}

/** What a tag says by `data-auto`, `data-exclude` and `data-downloads`. */
export function attributes({ auto = true, exclude = [], downloads = [] }: AttributeOptions): Piece {
  return {
    parts: [pieces.attributes],
    dataset: {
      ...(!auto && { auto: 'false' }),
      ...(exclude.length > 0 && { exclude: exclude.join(' ') }),
      ...(downloads.length > 0 && { downloads: downloads.join(' ') }),
    },
  }
}

/** The script's own interface, or the calls that wait for it; `visitor` is there once it runs. */
interface Api {
  q: { push(call: unknown[]): void }
  visitor?: () => string | null
}

const host = () => window as unknown as { leadwake?: Api }
const api = (): Api | undefined => (typeof window === 'undefined' ? undefined : host().leadwake)

/** Calls the script, now or once it runs. */
function call(name: string, ...args: unknown[]): void {
  if (typeof window === 'undefined') return
  host().leadwake ??= { q: [] }
  host().leadwake!.q.push([name, ...args])
}

let lent: Lent | undefined
/** Pieces that were asked for before the start. */
const late: ((lent: Lent) => void)[] = []

function take(part: (lent: Lent) => void): void {
  if (late.includes(part)) return
  late.push(part)
  if (lent) compose(part)
}

function compose(part: (lent: Lent) => void): void {
  try {
    part(lent!)
  } catch {
    // As in the script: what one piece meets is no other's matter.
  }
}

/**
 * The beacon's wire form and its limits: the one thing that the snippet and the collector both import.
 *
 * A beacon is the body of `POST /v1/in`: JSON sent as `text/plain`, so that no browser asks for a preflight.
 * Keys are short and events are positional because every byte here is sent by every visitor; the short names
 * end in `collector/parse.ts`.
 */

/** Bytes of a body. Browsers share 64 KiB among all keepalive requests in flight; a quarter leaves room. */
export const MAX_BODY_BYTES = 16_384
/** Events in one body. */
export const MAX_EVENTS = 100
/** Characters of an id that came from outside (sites, visitors, events): `[A-Za-z0-9_-]`. */
export const MAX_ID_LENGTH = 64
/** Characters of a URL, path or referrer; browsers send longer ones, nobody reads them. */
export const MAX_URL_LENGTH = 2_048
/** Characters of a title, a name, a product. */
export const MAX_TEXT_LENGTH = 300
/** Properties of a custom event. */
export const MAX_PROPS = 30

/** Bit flags of `f`. */
export const FLAG = {
  /** The browser asked not to be followed (GPC or DNT): measure mode, whatever else is said. */
  privacy: 1,
  /** The visitor opted out on this site: the collector counts the refusal and keeps nothing. */
  optOut: 2,
  /** `navigator.webdriver` is set. */
  webdriver: 4,
  /** The visitor said yes on this site, which outweighs what the browser says of all sites. */
  granted: 8,
  /** Nobody was asked: the site's setting allows an id. */
  given: 16,
  /** The visitor said no on this site: measure mode. */
  refused: 32,
} as const

/**
 * `id` begins with the thirteen digits of the browser's clock in ms at the event, so that keys grow with time; nine
 * random digits follow. It is made once and kept across retries.
 * `at` is that clock in ms. `page` is the id of the page view to which the event belongs.
 * An optional value that is absent may be missing, null or an empty text.
 * An address is host and path, then the kept pairs of its query, each with the `?` or `&` before it and parted by
 * commas. A referrer of the same host is the browser's to send and the server's to leave out.
 */
export type WirePage = [
  'p',
  id: string,
  at: number,
  url: string,
  title?: string,
  referrer?: string,
  pageKind?: string,
]
/** Cumulative for its page view: the greatest value wins, so a repeat is harmless. `ms` engaged, `scroll` in %. */
export type WireEngage = ['e', page: string, at: number, ms?: number, scroll?: number]
/** A click on anything that is not a page of this host. `marked` where the link has a `download` attribute: a download whatever its name. */
export type WireDownload = ['d', id: string, at: number, page: string, url: string, marked?: boolean]
/**
 * `add` as the shop tells it, a product's name, or a list of such: the server reads `product` (or `cart`, `item_name`,
 * `name`, `product_sku`, `item_id`, `id`, `product_id`), `quantity`, `price` and `currency`, numbers also as text. What
 * Google was told holds a list of such in `items` or `add.products`, by itself or in `eventModel`.
 * `way` tells who saw it: 0 or absent our own call and markup, 1 Google's `dataLayer`, 2 a request, 3 a form, 4
 * WooCommerce's event. An add that two ways tell of is one, see `collector/same-add.ts`.
 */
export type WireCart = ['c', id: string, at: number, page: string, add?: object | string, way?: number]
export type WireOutbound = ['o', id: string, at: number, page: string, url: string]
/** Name or id of the form and its action; never a field's value. */
export type WireForm = ['f', id: string, at: number, page: string, form: string, action?: string]
/** Who the visitor says it is: a claim, unless the site's server signed it (`expires` in ms since 1970). */
export type WireIdentify = [
  'i',
  id: string,
  at: number,
  page: string,
  email: string,
  signature?: string,
  expires?: number,
]
/** By markup there is no name but the property `event`. */
export type WireCustom = [
  'x',
  id: string,
  at: number,
  page: string,
  name: string | Record<string, string>,
  props?: Record<string, string | number | boolean>,
]

export type WireEvent =
  | WirePage
  | WireEngage
  | WireDownload
  | WireCart
  | WireOutbound
  | WireForm
  | WireIdentify
  | WireCustom

export interface WireBody {
  /** Site id. */
  s: string
  /** Visitor id; 0 or absent in measure mode, where the browser keeps nothing. */
  v?: string | 0
  /** The browser's clock in ms when the body was sent. */
  t: number
  /** Flags, see `FLAG`. */
  f?: number
  /** Width of the screen in CSS pixels. */
  w?: number
  /** Events, oldest first. */
  e: WireEvent[]
}

/** Raw text to a Beacon, or what is wrong with it. The only place that reads what a stranger's browser sent. */
import { MAX_EVENTS, MAX_ID_LENGTH, MAX_PROPS, MAX_TEXT_LENGTH, MAX_URL_LENGTH } from '../shared/protocol.ts'

interface Base {
  id: string
  /** By the browser's clock, ms. */
  at: number
}

export type BeaconEvent =
  | (Base & { kind: 'page'; url: string; title?: string; referrer?: string; pageKind?: string })
  | { kind: 'engage'; page: string; at: number; ms: number; scroll: number }
  | (Base & { kind: 'download'; page: string; url: string; marked: boolean })
  | (Base & {
      kind: 'cart'
      page: string
      product: string
      quantity: number
      price?: number
      currency?: string
      /** Who saw it, see `WireCart`. */
      way: number
    })
  | (Base & { kind: 'outbound'; page: string; url: string })
  | (Base & { kind: 'form'; page: string; form: string; action?: string })
  | (Base & { kind: 'identify'; page: string; email: string; signature?: string; expires?: number })
  | (Base & { kind: 'custom'; page: string; name: string; props?: Record<string, string | number | boolean> })

export interface Beacon {
  site: string
  /** Null in measure mode. */
  visitor: string | null
  /** By the browser's clock, ms. */
  sentAt: number
  flags: number
  screen: number | null
  events: BeaconEvent[]
}

export type Parsed = { ok: true; beacon: Beacon } | { ok: false; field: string; problem: string }

class Malformed extends Error {
  field: string
  constructor(field: string, problem: string) {
    super(problem)
    this.field = field
  }
}

/** RFC 5321's limit of a path, less its brackets. */
const MAX_EMAIL_LENGTH = 254
const MAX_ENGAGED_MS = 86_400_000
/** The characters of an id: 1 at the code of each of A-Z a-z 0-9 _ -. */
const ID_CHARACTERS = Uint8Array.from({ length: 128 }, (_, code) =>
  Number(/[A-Za-z0-9_-]/.test(String.fromCharCode(code))),
)
/** 3000-01-01: later clocks are nonsense. */
const MAX_CLOCK_MS = 32_503_680_000_000

/** Parses a body. Never throws; says which field is wrong and what is expected there, without echoing the data. */
export function parse(text: string): Parsed {
  try {
    return { ok: true, beacon: beacon(json(text)) }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, field: error.field, problem: error.message }
    throw error
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Malformed('body', 'is not JSON')
  }
}

function beacon(value: unknown): Beacon {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Malformed('body', 'must be a JSON object')
  }
  const body = value as Record<string, unknown>
  const events = body.e
  if (!Array.isArray(events)) throw new Malformed('e', 'must be a list of events')
  if (events.length === 0) throw new Malformed('e', 'must hold at least one event')
  if (events.length > MAX_EVENTS) throw new Malformed('e', `must hold at most ${MAX_EVENTS} events`)
  return {
    site: id(body.s, 's'),
    visitor: body.v === undefined || body.v === 0 ? null : id(body.v, 'v'),
    sentAt: clock(body.t, 't'),
    flags: body.f === undefined ? 0 : integer(body.f, 'f', 0, 255),
    screen: body.w === undefined ? null : integer(body.w, 'w', 0, 100_000),
    events: parseEvents(events),
  }
}

function parseEvents(values: unknown[]): BeaconEvent[] {
  const events: BeaconEvent[] = []
  for (let i = 0; i < values.length; i++) {
    try {
      const found = parseEvent(values[i])
      if (Array.isArray(found)) events.push(...found)
      else events.push(found)
    } catch (error) {
      // Places are put together here: of an event that is well-formed nobody asks for them.
      throw error instanceof Malformed ? new Malformed(`e[${i}]${error.field}`, error.message) : error
    }
  }
  return events
}

/** Fields of what is wrong are named from the event on: `[3]`. */
function parseEvent(value: unknown): BeaconEvent | BeaconEvent[] {
  if (!Array.isArray(value)) throw new Malformed('', 'must be a list')
  const [kind, first, at] = value
  switch (kind) {
    case 'p': {
      // Filled in, not spread: most events are pages.
      const event: BeaconEvent & { kind: 'page' } = {
        kind: 'page',
        id: id(first, '[1]'),
        at: clock(at, '[2]'),
        url: address(value[3], '[3]'),
      }
      if (!absent(value[4])) event.title = text(value[4], '[4]', MAX_TEXT_LENGTH)
      if (!absent(value[5])) event.referrer = address(value[5], '[5]')
      if (!absent(value[6])) event.pageKind = text(value[6], '[6]', MAX_ID_LENGTH)
      return event
    }
    case 'e':
      return {
        kind: 'engage',
        page: id(first, '[1]'),
        at: clock(at, '[2]'),
        // A tab can live for weeks; more than a day of attention is nobody's.
        ms: absent(value[3])
          ? 0
          : Math.min(MAX_ENGAGED_MS, integer(value[3], '[3]', 0, Number.MAX_SAFE_INTEGER)),
        // A page that is pulled beyond its end says more than 100.
        scroll: absent(value[4]) ? 0 : Math.min(100, integer(value[4], '[4]', 0, 100_000)),
      }
    case 'd':
      return {
        kind: 'download',
        ...base(value),
        page: page(value),
        url: address(value[4], '[4]'),
        marked: value[5] === true || value[5] === 1,
      }
    case 'c':
      return cartAdds(value).map((add, n) => ({
        kind: 'cart',
        ...base(value),
        id: numbered(base(value).id, n),
        page: page(value),
        ...add,
        way: within(value[5], MAX_WAY) ?? 0,
      }))
    case 'o':
      return { kind: 'outbound', ...base(value), page: page(value), url: address(value[4], '[4]') }
    case 'f':
      return {
        kind: 'form',
        ...base(value),
        page: page(value),
        form: text(value[4], '[4]', MAX_TEXT_LENGTH),
        ...(absent(value[5]) ? {} : { action: address(value[5], '[5]') }),
      }
    case 'i':
      return {
        kind: 'identify',
        ...base(value),
        page: page(value),
        email: text(value[4], '[4]', MAX_EMAIL_LENGTH).trim().toLowerCase(),
        ...optional('signature', value[5], '[5]', MAX_ID_LENGTH),
        ...(within(value[6], MAX_CLOCK_MS) ? { expires: value[6] } : {}),
      }
    case 'x':
      return {
        kind: 'custom',
        ...base(value),
        page: page(value),
        ...custom(value),
      }
    default:
      throw new Malformed('[0]', 'must be one of p, e, d, c, o, f, i, x')
  }
}

const base = ([, first, at]: unknown[]) => ({ id: id(first, '[1]'), at: clock(at, '[2]') })
const page = (value: unknown[]) => id(value[3], '[3]')

/** Greatest of `WireCart`'s ways. */
const MAX_WAY = 4
/** The way by Google's `dataLayer`. */
const GOOGLE = 1

/** Where a shop names what was added, best first: our own call and markup, Google Analytics, WooCommerce. */
const PRODUCT_KEYS = ['product', 'cart', 'item_name', 'name', 'product_sku', 'item_id', 'id', 'product_id']

interface Add {
  product: string
  quantity: number
  price?: number
  currency?: string
}

/**
 * What was added: objects as the shop tells them, or a product's name. A page's markup fills these in; nonsense there
 * must not cost the rest of the body. An add of which no more is known is one all the same.
 */
function cartAdds([, , , , added, way]: unknown[]): Add[] {
  const [list, sold] = way === GOOGLE ? googleAdds(added) : [added]
  const adds = Array.isArray(list) && list.length > 0 ? list.slice(0, MAX_EVENTS) : [list]
  return adds.map((add) => cartAdd(add, sold))
}

/** The items of what Google is told of an add, and the currency of them all: in Tag Manager's, GA4's or Universal Analytics' words. */
function googleAdds(told: unknown): [items: unknown, currency: unknown] {
  const model = own(told, 'eventModel') ?? told
  const add = own(model, 'add')
  const items = own(add, 'products') ?? add ?? own(model, 'items')
  return [items, own(model, 'currency') ?? own(model, 'currencyCode')]
}

const own = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined

/** `sold` is the currency of the whole list. */
function cartAdd(value: unknown, sold: unknown): Add {
  const add = (typeof value === 'object' && value !== null ? value : { product: value }) as Record<
    string,
    unknown
  >
  const products = PRODUCT_KEYS.map((key) =>
    Object.hasOwn(add, key) ? label(add[key], MAX_TEXT_LENGTH) : '',
  )
  const currency = absent(add.currency) ? sold : add.currency
  return {
    product: products.find((product) => product !== '') ?? '',
    quantity: within(add.quantity, 1_000_000) ?? 1,
    ...numeric('price', within(add.price, 1e12)),
    ...(typeof currency === 'string' ? optional('currency', currency, 'currency', 8) : {}),
  }
}

/** Ids of the adds of one list: the first has the event's own, the others count on in its random digits. */
function numbered(id: string, n: number): string {
  if (n === 0) return id
  if (!/^\d{22}$/.test(id)) return `${id.slice(0, MAX_ID_LENGTH - 4)}-${n}`
  return id.slice(0, 13) + `${(Number(id.slice(13)) + n) % 1e9}`.padStart(9, '0')
}

const SOURCE = /,?[?&](?=(?:utm_\w+|\w+clk?id|.braid|li_fat_id)=)/gi

/** An address as the snippet tells it (see `WirePage`), in order: `?` before the first kept pair, `&` before others. */
function address(value: unknown, field: string): string {
  const told = text(value, field, MAX_URL_LENGTH)
  if (isInOrder(told)) return told
  return told.replace(SOURCE, (_pair, before: number, whole: string) =>
    whole.slice(0, before).includes('?') ? '&' : '?',
  )
}

/** Whether it has one `?` at most, before any `&`, and no comma: then it stays as it is, which is nearly always so. */
function isInOrder(address: string): boolean {
  const mark = address.indexOf('?')
  const and = address.indexOf('&')
  if (mark < 0) return and < 0
  return (and < 0 || and > mark) && address.indexOf('?', mark + 1) < 0 && !address.includes(',')
}

/** Text of a page's own making: also a number, and nothing for what is neither. */
const label = (value: unknown, max: number): string =>
  typeof value === 'string' || typeof value === 'number' ? text(`${value}`, '', max) : ''

/** A number from 0 to max, also as text. */
function within(value: unknown, max: number): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && number >= 0 && number <= max ? number : undefined
}

const numeric = <K extends string>(key: K, value: number | undefined): { [k in K]?: number } =>
  value === undefined ? {} : ({ [key]: value } as { [k in K]: number })

const absent = (value: unknown): boolean => value === undefined || value === null || value === ''

function id(value: unknown, field: string): string {
  if (typeof value !== 'string' || !isId(value)) {
    throw new Malformed(field, `must be an id: 1 to ${MAX_ID_LENGTH} of A-Z a-z 0-9 _ -`)
  }
  return value
}

/** A loop, for there are three ids in the smallest body, and an expression takes three times as long. */
function isId(value: string): boolean {
  if (value.length === 0 || value.length > MAX_ID_LENGTH) return false
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code > 127 || ID_CHARACTERS[code] === 0) return false
  }
  return true
}

/** Longer text is cut, not refused: a long title is the page's doing, not the visitor's. */
function text(value: unknown, field: string, max: number): string {
  if (typeof value !== 'string') throw new Malformed(field, 'must be text')
  // Lone surrogates and NUL cannot be stored as UTF-8 text by every store.
  const cut = value.length > max ? value.slice(0, max) : value
  return cut.isWellFormed() && !cut.includes('\0') ? cut : cut.toWellFormed().replaceAll('\0', '')
}

function optional<K extends string>(
  key: K,
  value: unknown,
  field: string,
  max: number,
): { [k in K]?: string } {
  return absent(value) ? {} : ({ [key]: text(value, field, max) } as { [k in K]: string })
}

function number(value: unknown, field: string, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new Malformed(field, `must be a number from ${min} to ${max}`)
  }
  return value
}

function integer(value: unknown, field: string, min: number, max: number): number {
  if (!Number.isInteger(value)) throw new Malformed(field, `must be a whole number from ${min} to ${max}`)
  return number(value, field, min, max)
}

function clock(value: unknown, field: string): number {
  return Math.round(number(value, field, 0, MAX_CLOCK_MS))
}

/** Name and properties; an event by markup has its name among these. */
function custom([, , , , told, given]: unknown[]) {
  const byMarkup = typeof told === 'object' && told !== null && !Array.isArray(told)
  const name = byMarkup ? own(told, 'event') : told
  const props = byMarkup ? told : given
  return {
    name: label(name, MAX_TEXT_LENGTH),
    ...(absent(props) ? {} : { props: properties(props, byMarkup ? '[4]' : '[5]', name) }),
  }
}

/** `event`: an event by markup has its own name among its properties, where it tells nothing. */
function properties(
  value: unknown,
  field: string,
  event: unknown,
): Record<string, string | number | boolean> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Malformed(field, 'must be an object')
  const entries = Object.entries(value).filter(([key, item]) => key !== 'event' || item !== event)
  if (entries.length > MAX_PROPS) throw new Malformed(field, `must have at most ${MAX_PROPS} properties`)
  const clean: Record<string, string | number | boolean> = Object.create(null)
  for (const [key, item] of entries) {
    const name = text(key, field, MAX_ID_LENGTH)
    if (typeof item === 'number' || typeof item === 'boolean') clean[name] = item
    else if (typeof item === 'string') clean[name] = text(item, field, MAX_TEXT_LENGTH)
    // Lists and objects are left out: a page's one odd property must not cost the rest of the body.
  }
  return clean
}

/** What the snippet hands to the server code behind a form: hidden fields that it fills, and a cookie. */
import { MAX_ID_LENGTH } from '../../shared/protocol.ts'

/**
 * Where an id may lie: a Fetch `Request` or `Headers` and a Node `IncomingMessage` (its cookies), an Express
 * request (its parsed body, then its cookies), `FormData`, `URLSearchParams`, or the plain object that a body
 * parser made. The body of a Fetch `Request` is not read: hand over what `request.formData()` gave as well.
 */
export type Handed = object | null | undefined

const VISITOR = 'leadwake_visitor'
const PAGE = 'leadwake_page'
/** Ids from outside are opaque; anything else in their place was not made by the snippet. */
const ID = new RegExp(`^[A-Za-z0-9_-]{1,${MAX_ID_LENGTH}}$`)

/**
 * The visitor's id: of the first source that holds one, its form field before its cookie. Undefined where there is
 * none, as when the script was blocked or the visitor did not consent. Never throws.
 */
export function visitorFrom(...sources: Handed[]): string | undefined {
  return first(sources, (source) => [...fields(source, VISITOR), ...cookies(source, VISITOR)])
}

/** Id of the page view on which the form was sent, from the field `leadwake_page`. Undefined where there is none. */
export function pageFrom(...sources: Handed[]): string | undefined {
  return first(sources, (source) => fields(source, PAGE))
}

function first(sources: Handed[], candidates: (source: object) => unknown[]): string | undefined {
  return sources
    .filter((source): source is object => typeof source === 'object' && source !== null)
    .flatMap(candidates)
    .find((value): value is string => typeof value === 'string' && ID.test(value))
}

// By shape, not by class: frameworks replace the global `Request` and bring `FormData` of their own.
interface RequestLike {
  headers: object
  body?: unknown
}

interface FormLike {
  getAll(name: string): unknown[]
}

interface HeadersLike {
  get(name: string): string | null
}

const has = <T extends object>(source: object, method: keyof T): source is T =>
  typeof (source as T)[method] === 'function'
const isRequest = (source: object): source is RequestLike =>
  'headers' in source && typeof source.headers === 'object' && source.headers !== null

/** A field by name; of a request, out of its parsed body. A name that came twice gives both. */
function fields(source: object, name: string): unknown[] {
  const body = isRequest(source) ? source.body : source
  if (typeof body !== 'object' || body === null) return []
  if (has<FormLike>(body, 'getAll')) return body.getAll(name)
  return [own(body, name)].flat()
}

/** A posted name may be that of an inherited property. */
const own = (holder: object, name: string): unknown =>
  Object.hasOwn(holder, name) ? (holder as Record<string, unknown>)[name] : undefined

function cookies(source: object, name: string): string[] {
  if (has<FormLike>(source, 'getAll')) return []
  const headers = isRequest(source) ? source.headers : source
  const header = has<HeadersLike>(headers, 'get') ? headers.get('cookie') : own(headers, 'cookie')
  if (typeof header !== 'string') return []
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

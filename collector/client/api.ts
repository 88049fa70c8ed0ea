import type { Page } from '../../shared/api.ts'
import type { Calls } from '../../shared/calls.ts'
import { call, type Line } from './call.ts'

export interface ApiOptions {
  /** Where the collector is: https://go.example.com. */
  origin: string
  /** A key with the rights that the calls need. Secret: never in a page. */
  key: string
  fetch?: typeof fetch
  /** An attempt that has no answer within this fails, ms. */
  timeoutMs?: number
}

/** What a call takes; what it takes nothing of may be left out. */
export type Asked<N extends keyof Calls> = Needed<'params', Calls[N]['params']> &
  Needed<'body', Calls[N]['body']> & {
    query?: Calls[N]['query']
    /** Carries a call that changes something out once, however often it is sent. */
    idempotencyKey?: string
  }

type Needed<K extends string, T> = [T] extends [undefined]
  ? { [k in K]?: undefined }
  : Record<string, never> extends T
    ? { [k in K]?: T }
    : { [k in K]: T }

/** Nothing has to be given where all of it may be left out. */
type Given<N extends keyof Calls> =
  Record<string, never> extends Asked<N> ? [asked?: Asked<N>] : [asked: Asked<N>]

/** Lists, by their names. */
export type Lists = {
  [N in keyof Calls]: Calls[N]['answer'] extends Page<unknown> ? N : never
}[keyof Calls]
type Item<N extends Lists> = Calls[N]['answer'] extends Page<infer I> ? I : never

export interface Api {
  /**
   * Makes a call by method and path as the document names it: `call('GET /v1/leads/{id}', { params: { id } })`. Rejects
   * with a `LeadwakeError`. The record of a person that became part of another answers with where that is.
   */
  call<N extends keyof Calls>(name: N, ...asked: Given<N>): Promise<Calls[N]['answer']>
  /** Everything of a list, page after page as it is asked for. */
  each<N extends Lists>(name: N, ...asked: Given<N>): AsyncGenerator<Item<N>>
}

/** A read of a large site takes longer than a form may wait. */
const TIMEOUT_MS = 30_000

/** The whole API, typed by what its document says. Throws a `TypeError` where an option is missing. */
export function api({
  origin,
  key,
  fetch = (...args) => globalThis.fetch(...args),
  timeoutMs = TIMEOUT_MS,
}: ApiOptions): Api {
  if (!/^https?:\/\//.test(origin ?? ''))
    throw new TypeError('api: give an origin, like https://go.example.com')
  if (!key) throw new TypeError('api: give a key; `leadwake key new` makes one')
  const line: Line = { origin: origin.replace(/\/+$/, ''), key, fetch, timeoutMs }

  const made: Api = {
    call(name, ...[asked]) {
      const { params = {}, query = {}, body, idempotencyKey } = (asked ?? {}) as Loose
      const [method, path] = name.split(' ') as [string, string]
      const filled = path.replace(/\{(\w+)\}/g, (_, part) => encodeURIComponent(String(params[part])))
      const said = Object.entries(query).filter(([, value]) => value !== undefined)
      const search = new URLSearchParams(said.map(([one, value]) => [one, String(value)]))
      return call(line, `${filled}${said.length > 0 ? `?${search}` : ''}`, body, idempotencyKey, method)
    },
    async *each(name, ...[asked]) {
      const { query, ...rest } = (asked ?? {}) as Loose
      let cursor: string | null | undefined
      do {
        const next = { ...rest, query: { ...query, ...(cursor != null && { cursor }) } }
        const page = (await made.call(name, ...([next] as never))) as Page<never>
        yield* page.items
        cursor = page.next
      } while (cursor !== null)
    },
  }
  return made
}

interface Loose {
  params?: Record<string, unknown>
  query?: Record<string, unknown>
  body?: object
  idempotencyKey?: string
}

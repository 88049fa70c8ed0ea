/**
 * A new route is added by `.get('/v1/things/:id', endpoint(deps, { id, tag, summary, right, params, query, body,
 * answers, example }, handler))`: what it says is what is checked before the handler and what the document shows;
 * `npm run openapi` then writes `docs/openapi.json` and the client's types anew.
 */
import type { Context } from 'hono'
import * as v from 'valibot'
import type { Right } from '../entry.ts'
import type { HeldKey } from '../keys.ts'
import type { Memory } from '../memory.ts'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import { MAX_JSON_BYTES } from './schema.ts'
import { jsonBody, paramsOf, queryOf } from './validate.ts'

/** What calls are about, in the order of the document. */
export const TAGS = {
  Statistics: 'What visitors do on a site, in numbers.',
  Leads: 'Identified people, where they stand, and why.',
  Sales: 'What sales decides and hears.',
  People: 'Who somebody is, what servers know of them, and what they may ask for.',
  Companies: 'Buying teams: the people of one company together.',
  Reports: 'How leads become customers.',
  Rules: 'The document that scores and qualifies.',
  Sites: 'Sites, their settings and their script tags.',
  Access: 'Keys and the people who may sign in.',
  Webhooks: 'Where other systems are told of what happens.',
  Live: 'What happens now.',
  Intake: 'Where the script sends to.',
  Operation: 'What was refused, what is late, what failed.',
} as const

type Schema = v.GenericSchema
/** Entries of an object schema, by which unknown names are told the nearest known one. */
export type ObjectSchema = Schema & { entries: Record<string, Schema> }

/** A call that takes nothing of a kind says so by leaving it out. */
const NOTHING = v.strictObject({})
export type Nothing = typeof NOTHING

/** What a call is: what it takes, gives and needs. */
export interface Call<
  P extends ObjectSchema = ObjectSchema,
  Q extends ObjectSchema = ObjectSchema,
  B extends Schema = Schema,
> {
  /** The document's operationId, unique: `listLeads`. */
  id: string
  tag: keyof typeof TAGS
  summary: string
  /** Where the summary leaves something open; CommonMark. */
  description?: string
  /** What the key must be for, if for anything in particular; null where the call needs no key. */
  right: Right | 'any' | null
  /** Parts of the path. One that cannot be is a 404. */
  params?: P
  query?: Q
  /** Of a JSON body; or how the schema depends on what was posted. */
  body?: B | ((posted: unknown) => B)
  /** What the document shows where `body` is looser, or depends on what was posted. */
  shown?: Schema
  /** Media type of the body, where it is not JSON's. */
  media?: string
  /** Bytes of a body. */
  maxBytes?: number
  /** What it gives by status: a schema of JSON, or the media type of something else, or null for no body. */
  answers: Partial<Record<200 | 201 | 202 | 204 | 308, Schema | string | null>>
  /** Media types in which its list is streamed, too. */
  streams?: readonly string[]
  /** When it refuses, by status, beside what key, site, query and body may be refused for. */
  refuses?: Partial<Record<400 | 403 | 404 | 409 | 422 | 429 | 503, string>>
  /** It appends an entry and waits for its outcome: takes an `Idempotency-Key`, may answer 202 and 503. */
  appends?: boolean
  /** A call that works, which a test makes. */
  example: {
    params?: v.InferInput<P>
    query?: v.InferInput<Q>
    body?: v.InferInput<B>
  }
}

/** One that needs a key. */
export type KeyedCall<P extends ObjectSchema, Q extends ObjectSchema, B extends Schema> = Call<P, Q, B> & {
  right: Right | 'any'
}

/** What a handler is given: the key and the site that it opens, and all that was asked, checked. */
export interface Asked<P extends Schema, Q extends Schema, B extends Schema> {
  key: HeldKey
  /** Where query or body have a `site`: the one that the call is about. */
  site: string
  params: v.InferOutput<P>
  query: v.InferOutput<Q>
  body: v.InferOutput<B>
  /** The body as it came, '' without one. */
  text: string
}

export interface EndpointDeps {
  memory: Memory
  now: () => number
  /** Who is signed in to the pages, as a key of what that role may do; undefined where nobody is. */
  session?: (c: Context) => HeldKey | undefined
  /** Told of each call that a key opens. */
  used?: (key: HeldKey) => void
  /** Counts a call of a key. Sets the headers that say how many more it may make; the answer where it may not. */
  limited?: (c: Context, key: HeldKey) => Response | undefined
}

/** Id of the lead in the examples; a test puts one of its own in its place. */
export const EXAMPLE_LEAD = '9b2f6c1e-7c57-4a5e-9a39-1f4a4e1c0d11'

/** And of the webhook. */
export const EXAMPLE_WEBHOOK = 'wh_1f2e3d4c5b6a7980'

const CALL = Symbol('call')

/** What a route's handler was described by; undefined of others. */
export const callOf = (handler: unknown): Call | undefined => (handler as { [CALL]?: Call })[CALL]

/** Describes a handler that checks by itself what it is given. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the app's bindings are
export function described<H extends (c: any) => Response | Promise<Response>>(call: Call, handler: H): H {
  return Object.assign(handler, { [CALL]: call })
}

/** Checks a call by its description, then hands it on. */
export function endpoint<
  P extends ObjectSchema = Nothing,
  Q extends ObjectSchema = Nothing,
  B extends Schema = Nothing,
>(
  deps: EndpointDeps,
  call: KeyedCall<P, Q, B>,
  handle: (c: Context, asked: Asked<P, Q, B>) => Response | Promise<Response>,
): (c: Context) => Promise<Response> {
  const { params = NOTHING, query = NOTHING, body, maxBytes = MAX_JSON_BYTES } = call

  async function checked(c: Context): Promise<Response> {
    const allowed = access(c, deps, call.right)
    if ('refused' in allowed) return allowed.refused
    const { key } = allowed
    deps.used?.(key)
    const slow = deps.limited?.(c, key)
    if (slow) return slow
    const path = paramsOf(c, params)
    if ('refused' in path) return path.refused
    const asked = queryOf(c, query)
    if ('refused' in asked) return asked.refused
    let site = 'site' in query.entries ? siteNamed(key, asked.value) : undefined
    if (site === null) return noSite(c)
    const posted = body === undefined ? { value: {}, text: '' } : await jsonBody(c, body, maxBytes)
    if ('refused' in posted) return posted.refused
    if (isOfSite(posted.value)) site = siteNamed(key, posted.value)
    if (site === null) return noSite(c)
    return handle(c, {
      key,
      site: site ?? '',
      params: path.value,
      query: asked.value,
      body: posted.value,
      text: posted.text,
    } as Asked<P, Q, B>)
  }

  function siteNamed(key: HeldKey, asked: unknown): string | null {
    return siteOf(deps.memory, key, (asked as { site?: string }).site) ?? null
  }

  return described(call as unknown as Call, checked)
}

const isOfSite = (body: unknown): boolean => typeof body === 'object' && body !== null && 'site' in body
const noSite = (c: Context) => problem(c, 404, 'site: no such site for this key')

/**
 * `leadwake/server`: what a site's server code tells the collector. Needs `fetch`, Web Crypto and nothing else, so
 * that it runs on Node, Bun, Deno and at the edge.
 */
import type { EventAnswer, EventRequest, IdentifyAnswer, IdentifyRequest } from '../../shared/api.ts'
import { call, type Line } from './call.ts'
import { LeadwakeError } from './error.ts'

export type { IdentifyAnswer, Problem, SignalRequest } from '../../shared/api.ts'
export type { Calls } from '../../shared/calls.ts'
export type { Stage } from '../../shared/lead.ts'
export { type Api, type ApiOptions, api } from './api.ts'
export { LeadwakeError } from './error.ts'
export { type Handed, pageFrom, visitorFrom } from './handed.ts'
export { type OpenImage, openImage } from './open-image.ts'
export { type Signing, signIdentify } from './sign.ts'

export interface LeadwakeOptions {
  /** Where the collector is: https://go.example.com. */
  origin: string
  /** A key with the rights `link` and `events`. Secret: never in a page. */
  key: string
  /** Site id. */
  site: string
  fetch?: typeof fetch
  /** An attempt that has no answer within this fails, ms. */
  timeoutMs?: number
}

/** A time may be a `Date`. */
type Timed<T> = Omit<T, 'at'> & { at?: string | Date | undefined }

export type Person = Timed<Omit<IdentifyRequest, 'site' | 'visitor' | 'page' | 'signal'>> & {
  /** What `visitorFrom` found, if anything. */
  visitor?: string | undefined
  /** What `pageFrom` found, if anything: tells the visit of who did not consent. */
  page?: string | undefined
  signal?: Timed<NonNullable<IdentifyRequest['signal']>> | undefined
}

export type SentEvent = Timed<Omit<EventRequest, 'site' | 'contact' | 'visitor'>> &
  ({ contact: string; visitor?: undefined } | { visitor: string; contact?: undefined })

/** What became of one of many events. */
export type EventResult = ({ ok: true } & EventAnswer) | { ok: false; error: LeadwakeError }

export interface Leadwake {
  /**
   * Says who a visitor is; by e-mail, phone or external id, with or without a visitor. Gives where the person
   * stands. Safe to repeat: a signal counts once by its id, or else by the idempotency key.
   */
  identify(person: Person, options?: { idempotencyKey?: string }): Promise<IdentifyAnswer>
  /** Says what a contact (contact id, external id or e-mail) or a visitor did. */
  event(event: SentEvent): Promise<EventAnswer>
  /** The same of many; gives what became of each, in their order. Rejects only where the list itself is wrong. */
  events(events: readonly SentEvent[]): Promise<EventResult[]>
}

/** A form must not keep a person waiting for its analytics. */
const TIMEOUT_MS = 5_000
/** The most that the collector takes in one call. */
const EVENTS_A_CALL = 500
/** Calls under way at once. The collector commits together what arrives together, so more gain little. */
const EVENTS_AT_ONCE = 16

/** A line to the collector. Throws a `TypeError` where an option is missing; its calls throw `LeadwakeError`. */
export function leadwake({
  origin,
  key,
  site,
  fetch = (...args) => globalThis.fetch(...args),
  timeoutMs = TIMEOUT_MS,
}: LeadwakeOptions): Leadwake {
  if (!/^https?:\/\//.test(origin ?? ''))
    throw new TypeError('leadwake: give an origin, like https://go.example.com')
  if (!key) throw new TypeError('leadwake: give a key; `leadwake key new` makes one')
  if (!site) throw new TypeError('leadwake: give a site')
  const line: Line = { origin: origin.replace(/\/+$/, ''), key, fetch, timeoutMs }

  async function event({ at, id = crypto.randomUUID(), ...event }: SentEvent): Promise<EventAnswer> {
    return call(line, '/v1/events', { ...event, site, id, at: iso(at) }, crypto.randomUUID())
  }

  return {
    async identify({ at, signal, ...person }, { idempotencyKey = crypto.randomUUID() } = {}) {
      const body = {
        ...person,
        site,
        at: iso(at),
        ...(signal && { signal: { ...signal, id: signal.id ?? idempotencyKey, at: iso(signal.at) } }),
      }
      return call(line, '/v1/identify', body, idempotencyKey)
    },
    event,
    async events(events) {
      const results: EventResult[] = []
      for (let i = 0; i < events.length; i += EVENTS_A_CALL) {
        results.push(...(await batch(events.slice(i, i + EVENTS_A_CALL))))
      }
      return results
    },
  }

  /** One call for many. Where one of them is wrong the collector takes none, so each is sent on its own then. */
  async function batch(events: readonly SentEvent[]): Promise<EventResult[]> {
    const named = events.map(({ at, id = crypto.randomUUID(), ...event }) => ({ ...event, id, at: iso(at) }))
    try {
      const body = { site, events: named }
      const { items } = await call<{ items: BatchItem[] }>(line, '/v1/events', body, crypto.randomUUID())
      return items.map(resultOf)
    } catch (error) {
      if (!(error instanceof LeadwakeError) || error.status !== 422) throw error
    }
    const results: EventResult[] = []
    const queue = named.entries()
    const work = async () => {
      for (const [i, one] of queue) results[i] = await settled(event(one as SentEvent))
    }
    await Promise.all(Array.from({ length: EVENTS_AT_ONCE }, work))
    return results
  }
}

type BatchItem = { status: 200; stored: boolean } | { status: number; detail: string }

function resultOf(item: BatchItem): EventResult {
  if ('stored' in item) return { ok: true, stored: item.stored }
  const { status, detail } = item
  return { ok: false, error: new LeadwakeError({ type: 'about:blank', title: 'Not taken', status, detail }) }
}

async function settled(answer: Promise<EventAnswer>): Promise<EventResult> {
  try {
    return { ok: true, ...(await answer) }
  } catch (error) {
    if (error instanceof LeadwakeError) return { ok: false, error }
    throw error
  }
}

const iso = (at: string | Date | undefined): string | undefined =>
  at instanceof Date ? at.toISOString() : at

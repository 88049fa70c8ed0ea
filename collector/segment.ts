/**
 * Messages as Segment's and RudderStack's libraries send them (https://segment.com/docs/connections/spec/common/) to
 * what the log keeps. Pure but for `memory`; what cannot be taken says why in words that do not repeat it.
 */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { MAX_TEXT_LENGTH, MAX_URL_LENGTH } from '../shared/protocol.ts'
import { type AcceptMemory, type DropReason, screenOf, tracked } from './accept.ts'
import { PersonBody, Props } from './api/schema.ts'
import { checked } from './api/validate.ts'
import type { ToldItem } from './entry.ts'
import { keyAt } from './event-key.ts'
import { consentIn } from './import/columns.ts'
import type { TrackedEvent } from './lead/state.ts'
import { meaningOf } from './segment-names.ts'
import type { Site } from './store/store.ts'

/** Kinds of message that are taken, and those that have no meaning here. */
const TAKEN = ['page', 'track', 'identify', 'alias'] as const
const LEFT = ['screen', 'group'] as const
const TYPES = [...TAKEN, ...LEFT]
const TYPE = `type must be one of ${TYPES.join(', ')}`

/** Libraries say by null or an empty text what they do not know, and ids also as numbers. */
const name = (what: string) =>
  v.pipe(
    v.nullish(v.union([v.string(), v.number()], `${what} must be text`), ''),
    v.transform((value) => String(value).trim()),
    v.maxLength(256, `${what} may have at most 256 characters`),
  )
const time = (what: string) =>
  v.pipe(
    v.nullish(v.string(`${what} must be an ISO 8601 time`)),
    v.transform((value) => (value ? Date.parse(value) : undefined)),
    v.check(
      (value) => value === undefined || value >= 0,
      `${what} must be an ISO 8601 time, like 2026-11-03T09:30:00Z`,
    ),
  )
const some = (what: string) => v.nullish(v.record(v.string(), v.unknown(), `${what} must be an object`), {})

const Message = v.looseObject({
  type: v.picklist(TYPES, TYPE),
  messageId: name('messageId'),
  anonymousId: name('anonymousId'),
  userId: name('userId'),
  previousId: name('previousId'),
  event: name('event'),
  timestamp: time('timestamp'),
  sentAt: time('sentAt'),
  receivedAt: time('receivedAt'),
  properties: some('properties'),
  traits: some('traits'),
  context: some('context'),
})
type Message = v.InferOutput<typeof Message>

export type Read =
  | { item: ToldItem }
  | { dropped: DropReason | (typeof LEFT)[number] | 'names-nobody' }
  | { problem: string }

export type SegmentMemory = Pick<AcceptMemory, 'agent' | 'clean' | 'country' | 'net' | 'newId' | 'suppressed'>

export interface Receiving {
  site: Pick<Site, 'id' | 'hosts'>
  now: number
  /** When the body was sent, by the sender's clock, ms. */
  sentAt: number | undefined
}

/** Reads one message. */
export function readMessage(posted: unknown, receiving: Receiving, memory: SegmentMemory): Read {
  const result = checked(Message, posted)
  if ('problem' in result) return result
  const message = result.value
  if (message.type === 'screen' || message.type === 'group') return { dropped: message.type }
  const context = contextOf(message.context)
  const agent = context.userAgent === undefined ? undefined : memory.agent(context.userAgent)
  if (agent?.bot) return { dropped: 'bot' }
  const net = context.ip === undefined ? undefined : memory.net(context.ip)
  if (net !== undefined) return { dropped: net }
  const { site } = receiving
  const visitor = visitorOf(message)
  if (visitor !== undefined && context.consent !== true && memory.suppressed?.(site.id, 'visitor', visitor))
    return { dropped: 'suppressed' }
  const person = personOf(message)
  if (person !== undefined && 'problem' in person) return person
  if (person && isAway(person, site.id, context.consent, memory)) return { dropped: 'suppressed' }
  const at = happenedAt(message, receiving)
  const event = eventOf(message, context, at, receiving, memory)
  if (event !== undefined && 'problem' in event) return event
  if (event ? visitor === undefined : person === undefined)
    return event ? { problem: 'give anonymousId or userId' } : { dropped: 'names-nobody' }
  const country = context.ip === undefined ? null : memory.country(context.ip)
  const { language, screen, consent } = context
  return {
    item: {
      ...(visitor !== undefined && { visitor }),
      ...(agent?.label != null && { profile: { agent: agent.label, language, screen, country } }),
      ...(person && { person: { newContact: memory.newId(), ...person } }),
      ...(event && { event }),
      ...(consent !== undefined && { consent }),
      at,
    },
  }
}

interface Context {
  userAgent: string | undefined
  ip: string | undefined
  language: string | null
  screen: string | null
  consent: boolean | undefined
  page: Record<string, unknown>
}

function contextOf(context: Record<string, unknown>): Context {
  const { width } = part(context.screen)
  return {
    userAgent: textIn(context.userAgent),
    ip: textIn(context.ip),
    language: /^[a-z]{2,3}(?![a-z])/i.exec(textIn(context.locale) ?? '')?.[0].toLowerCase() ?? null,
    screen: typeof width === 'number' && width > 0 ? screenOf(width) : null,
    consent: consentOf(context.consent),
    page: part(context.page),
  }
}

/**
 * `true` or `false`, a word for either, or Segment's `categoryPreferences`, of which the one named Analytics decides.
 * What nobody can read is no yes.
 */
function consentOf(value: unknown): boolean | undefined {
  if (value == null) return undefined
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return consentIn(value) ?? false
  const preferences = Object.entries(part(part(value).categoryPreferences))
  return preferences.find(([category]) => category.toLowerCase() === 'analytics')?.[1] === true
}

/** Ids of the script's form name its visitors; others, which may be anything, are hashed. */
function visitorOf({ anonymousId, userId, previousId, type }: Message): string | undefined {
  const given = type === 'alias' ? previousId || anonymousId : anonymousId
  if (/^[A-Za-z0-9_-]{1,64}$/.test(given)) return given
  if (given !== '') return `a-${hashed(given)}`
  return userId === '' || type === 'alias' ? undefined : `u-${hashed(userId)}`
}

/** 128 bits: no two ids of a site meet. */
const hashed = (id: string): string => createHash('sha256').update(id).digest('base64url').slice(0, 22)

type Person = Omit<NonNullable<ToldItem['person']>, 'newContact'>

/** Who a message says that the visitor is; undefined of one that does not say it. */
function personOf({ type, userId, traits }: Message): Person | { problem: string } | undefined {
  const { email, phone, ...rest } = type === 'identify' ? traits : {}
  const address = textIn(email)
  const number = textIn(phone)
  // A number without its country is no identifier, and still worth knowing.
  const isNumber = number !== undefined && /^\+[1-9]\d{6,14}$/.test(number.replace(/[\s().-]/g, ''))
  if (userId === '' && address === undefined && !isNumber) return undefined
  const result = checked(PersonBody, {
    ...(userId !== '' && { externalId: userId }),
    ...(address !== undefined && { email: address }),
    ...(isNumber && { phone: number }),
    traits: { ...rest, ...(number !== undefined && !isNumber && { phone: number }) },
  })
  if ('problem' in result) return { problem: result.problem.replace('externalId', 'userId') }
  const { externalId, traits: known, ...named } = result.value
  return {
    ...(named.email !== undefined && { email: named.email }),
    ...(named.phone !== undefined && { phone: named.phone }),
    ...(externalId !== undefined && { externalId }),
    traits: known,
  }
}

function isAway(
  person: Person,
  site: string,
  consent: boolean | undefined,
  { suppressed }: SegmentMemory,
): boolean {
  if (consent === true || !suppressed) return false
  const names = [
    ['email', person.email],
    ['phone', person.phone],
    ['external', person.externalId],
  ] as const
  return names.some(([kind, value]) => value !== undefined && suppressed(site, kind, value))
}

/**
 * When it happened by the server's clock: what the sender's clock says, less its distance to ours when it sent. One
 * that says when it was received has been corrected by who received it.
 */
function happenedAt(
  { timestamp, sentAt, receivedAt }: Message,
  { now, sentAt: bodySentAt }: Receiving,
): number {
  if (timestamp === undefined) return now
  const sent = receivedAt === undefined ? (sentAt ?? bodySentAt) : undefined
  return Math.max(0, Math.min(now, sent === undefined ? timestamp : now - (sent - timestamp)))
}

function eventOf(
  message: Message,
  { page }: Context,
  at: number,
  { site }: Receiving,
  memory: SegmentMemory,
): TrackedEvent | { problem: string } | undefined {
  const { type, properties, timestamp = 0 } = message
  if (type !== 'page' && type !== 'track') return undefined
  const id = keyAt(message.messageId || memory.newId(), timestamp)
  const base = { id: '0', at }
  const kept = (event: Parameters<typeof tracked>[0]): TrackedEvent => {
    const found = tracked(event, at, undefined, site.hosts, memory.clean)
    // Only downloads and repeated adds of a browser are ever left out.
    if (typeof found === 'string') throw new Error(`a told event was left out: ${found}`)
    return { ...found, id }
  }
  if (type === 'page') {
    const of = (field: string) => textIn(properties[field]) ?? textIn(page[field])
    const url = of('url') ?? of('path')
    if (url === undefined)
      return { problem: 'a page needs properties.url, properties.path or context.page.url' }
    const title = of('title')
    const referrer = of('referrer')
    return kept({
      kind: 'page',
      ...base,
      url: cut(url, MAX_URL_LENGTH),
      ...(title !== undefined && { title: cut(title, MAX_TEXT_LENGTH) }),
      ...(referrer !== undefined && { referrer: cut(referrer, MAX_URL_LENGTH) }),
    })
  }
  const meaning = meaningOf(message.event)
  if (!meaning) return { problem: 'event must be a name with a letter from a to z, like Demo Requested' }
  if ('signal' in meaning) {
    const props = checked(v.object({ properties: Props }), { properties })
    if ('problem' in props) return props
    return {
      kind: 'signal',
      id,
      at,
      name: meaning.signal,
      ...(Object.keys(properties).length > 0 && { props: properties }),
    }
  }
  const number = (field: string, max: number) => {
    const value = Number(textIn(properties[field]) ?? Number.NaN)
    return value >= 0 && value <= max ? value : undefined
  }
  const product = ['name', 'sku', 'product_id']
    .map((field) => textIn(properties[field]))
    .find((one) => one !== undefined)
  const price = number('price', 1e12)
  const currency = textIn(properties.currency)
  return kept({
    kind: 'cart',
    ...base,
    page: '0',
    product: cut(product ?? '', MAX_TEXT_LENGTH),
    quantity: number('quantity', 1_000_000) ?? 1,
    ...(price !== undefined && { price }),
    ...(currency !== undefined && { currency: cut(currency, 8) }),
    way: 0,
  })
}

const part = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}

const textIn = (value: unknown): string | undefined => {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
  return text === '' ? undefined : text
}

/** Longer text is cut, not refused; what no store can keep as UTF-8 goes. */
const cut = (text: string, max: number): string => text.slice(0, max).toWellFormed().replaceAll('\0', '')

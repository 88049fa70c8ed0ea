/** The outbox on its way out: what is due is sent, and what came of it becomes an entry of the log. */
import type { WebhookPayload } from '../../shared/messages.ts'
import { type DeliveryEntry, ENTRY_VERSION, type Entry } from '../entry.ts'
import type { WebhookRow } from '../store/store.ts'
import { hubspotBody, isOfLead } from './hubspot.ts'
import { mailOf, type SendMail } from './mail.ts'
import type { Answer, Send } from './send.ts'
import { signedHeaders } from './sign.ts'
import { slackBody } from './slack.ts'
import { nextTry } from './tries.ts'
import type { Person } from './words.ts'

/** Requests to one webhook at the same time. Each has its own places, so a slow one delays none of the others. */
export const PLACES = 4
/** A result that could not be written (a full log) is written again after this, ms. */
const WRITE_AGAIN_MS = 1_000

/** A message that is due for a webhook. */
export interface DueDelivery {
  webhook: string
  message: string
  /** Whose; 0 of nobody. */
  contact: number
  /** Tries that were made. */
  made: number
  payload: WebhookPayload
}

export interface DeliverDeps {
  webhooks: () => readonly WebhookRow[]
  /** What is due of each of these webhooks, at most so many of each. */
  due: (asked: { webhook: string; limit: number }[]) => Promise<DueDelivery[]>
  /** Of whom a message is, as known now. */
  person: (contact: string) => Promise<Person | undefined>
  send: Send
  /** Undefined where no mail server is set. */
  mail: SendMail | undefined
  append: (entry: Entry) => Promise<number>
  /** The last entry projected. */
  projected: () => number
  /**
   * The last entry of the log when this process began to deliver: up to it there may be results of another one. Nothing
   * is sent before they are projected, for the state would have it sent again.
   */
  from?: () => number
  now: () => number
  /** In [0, 1). */
  random: () => number
  version: string
  /** Waits before a result is written again. */
  pause?: (ms: number) => Promise<unknown>
}

export interface Deliveries {
  /** Sends what is due and has a place; resolves once the requests are on their way. */
  look(): Promise<void>
  /** Resolves when nothing is on its way, and what came of it is in the log. */
  settled(): Promise<void>
  /** What happened since the start, by outcome. */
  counts(): Record<'delivered' | 'failed' | 'skipped' | 'dead', number>
  /** On their way now. */
  underWay(): number
  /** Sends no more. */
  stop(): void
}

/** Held from when it is sent until what came of it is projected: until then the state says that it is due. */
interface Held {
  contact: number
  /** Sequence number of its result; null while it is on its way. */
  seq: number | null
}

const sleep = (ms: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })

export function deliveries(deps: DeliverDeps): Deliveries {
  const { now, random, from = () => 0, pause = sleep } = deps
  const held = new Map<string, Map<string, Held>>()
  const way = new Set<Promise<void>>()
  const counts = { delivered: 0, failed: 0, skipped: 0, dead: 0 }
  let isStopped = false
  let looking: Promise<void> | undefined
  let again = false

  function release(): void {
    const projected = deps.projected()
    for (const [webhook, messages] of held) {
      for (const [message, { seq }] of messages)
        if (seq !== null && seq <= projected) messages.delete(message)
      if (messages.size === 0) held.delete(webhook)
    }
  }

  async function lookOnce(): Promise<void> {
    if (deps.projected() < from()) return
    release()
    const webhooks = new Map(deps.webhooks().map((row) => [row.id, row]))
    const asked: { webhook: string; limit: number }[] = []
    for (const { id, enabled } of webhooks.values()) {
      const mine = [...(held.get(id)?.values() ?? [])]
      const places = PLACES - mine.filter(({ seq }) => seq === null).length
      // What is held still stands among what is due.
      if (enabled && places > 0) asked.push({ webhook: id, limit: places + mine.length })
    }
    if (asked.length === 0) return
    for (const row of await deps.due(asked)) {
      const webhook = webhooks.get(row.webhook)
      if (webhook && !isStopped && hasPlace(row)) start(webhook, row)
    }
  }

  function hasPlace({ webhook, message, contact }: DueDelivery): boolean {
    const mine = held.get(webhook)
    if (!mine) return true
    if (mine.has(message)) return false
    const others = [...mine.values()]
    if (contact !== 0 && others.some((one) => one.contact === contact)) return false
    return others.filter(({ seq }) => seq === null).length < PLACES
  }

  function start(webhook: WebhookRow, row: DueDelivery): void {
    const mine = held.get(webhook.id) ?? new Map<string, Held>()
    held.set(webhook.id, mine)
    const holding: Held = { contact: row.contact, seq: null }
    mine.set(row.message, holding)
    const done = attempt(webhook, row, holding).finally(() => way.delete(done))
    way.add(done)
  }

  async function attempt(webhook: WebhookRow, row: DueDelivery, holding: Held): Promise<void> {
    const at = now()
    const answer = await answerOf(webhook, row, at).catch((): Answer => BROKEN)
    const entry = resultOf(row, answer, { at, ms: Math.max(0, now() - at) }, now(), random())
    if (entry.state === 'waiting') counts.failed++
    else counts[entry.state]++
    for (;;) {
      try {
        holding.seq = await deps.append({ v: ENTRY_VERSION, ...entry })
        return
      } catch {
        // Until it is written it is held: the message is not sent again because the disk is full.
        if (isStopped) return
        await pause(WRITE_AGAIN_MS)
      }
    }
  }

  async function answerOf(
    webhook: WebhookRow,
    { message, payload }: DueDelivery,
    at: number,
  ): Promise<Answer | 'skip'> {
    const { format, url } = webhook
    const person = format !== 'standard' && isOfLead(payload) ? await deps.person(payload.data.id) : undefined
    if (format === 'mail')
      return deps.mail ? deps.mail(mailOf(message, url, payload, person)) : { ...BROKEN, error: 'smtp' }
    const body = bodyOf(format, payload, person)
    if (body === null) return 'skip'
    const { token, secret, oldSecret, oldSecretUntil } = webhook
    const secrets = oldSecret !== null && at < oldSecretUntil ? [secret, oldSecret] : [secret]
    return deps.send({
      url,
      body,
      headers: {
        'user-agent': `Leadwake/${deps.version}`,
        ...signedHeaders({ id: message, at, body }, secrets),
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
    })
  }

  return {
    look() {
      if (isStopped) return Promise.resolve()
      if (looking) {
        again = true
        return looking
      }
      looking = (async () => {
        try {
          do {
            again = false
            await lookOnce()
          } while (again && !isStopped)
        } finally {
          looking = undefined
        }
      })()
      return looking
    },
    async settled() {
      while (way.size > 0) await Promise.all(way)
    },
    counts: () => counts,
    underWay: () => way.size,
    stop() {
      isStopped = true
    },
  }
}

const BROKEN: Answer = { status: null, error: 'broken', retryAfterMs: null }

function bodyOf(
  format: WebhookRow['format'],
  payload: WebhookPayload,
  person: Person | undefined,
): string | null {
  if (format === 'slack') return slackBody(payload, person)
  if (format === 'hubspot') return hubspotBody(payload, person)
  return JSON.stringify(payload)
}

/** What a try comes to: done, again at a time, or dead. A receiver that answers 410 wants nothing any more. */
function resultOf(
  { webhook, message, made }: DueDelivery,
  answer: Answer | 'skip',
  { at, ms }: { at: number; ms: number },
  now: number,
  random: number,
): DeliveryEntry {
  const isSkipped = answer === 'skip'
  const { status, error, retryAfterMs } = isSkipped
    ? { status: null, error: null, retryAfterMs: null }
    : answer
  const entry = { kind: 'delivery' as const, webhook, message, tried: { at, status, ms, error } }
  if (isSkipped) return { ...entry, state: 'skipped', dueAt: null }
  if (error === null) return { ...entry, state: 'delivered', dueAt: null }
  if (status === 410) return { ...entry, state: 'dead', dueAt: null, disable: GONE }
  const dueAt = nextTry(made + 1, now, random, retryAfterMs)
  return { ...entry, state: dueAt === null ? 'dead' : 'waiting', dueAt }
}

export const GONE = 'the receiver answered 410 Gone'

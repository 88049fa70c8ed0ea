import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION, type ToldItem } from '../entry.ts'
import { problem } from '../problem.ts'
import { type Receiving, readMessage } from '../segment.ts'
import { accessBy, siteOf } from './access.ts'
import { BatchAnswer } from './answers/people.ts'
import type { ApiDeps } from './deps.ts'
import { type Call, described } from './endpoint.ts'
import { performed, settled } from './performed.ts'
import { SiteQuery } from './queries.ts'
import { readBytes } from './read-body.ts'
import { BatchBody } from './schema.ts'
import { jsonIn, queryOf } from './validate.ts'

/** Bytes of a body and of one message: Segment's own limits, by which its libraries divide. */
const MAX_BODY_BYTES = 512_000
const MAX_MESSAGE_BYTES = 32_768
/** Messages of a call, so that its transaction stays short. */
const MAX_MESSAGES = 500

const unpacked = promisify(gunzip)

const REFUSES = {
  403: 'The key lacks one of the rights `events` and `link`.',
  422: 'Values do not hold; `errors` points to each. A message that is wrong by itself is named in `items` instead.',
} as const
const EXAMPLE = {
  type: 'track',
  messageId: '5d0c-1',
  anonymousId: '507f191e810c19729de860ea',
  event: 'Product Added',
  properties: { name: 'Pump', price: 99.5, currency: 'EUR', quantity: 1 },
  timestamp: '2026-11-03T08:59:58.000Z',
}

const BATCH_CALL: Call = {
  id: 'sendBatch',
  tag: 'Intake',
  summary: "Takes what Segment's and RudderStack's server libraries send",
  description:
    'The key is a Bearer token, the user name of Basic authentication, or `writeKey` in the body, and needs the rights `events` and `link`. Each message is answered in its place. Sent again with the same `messageId` it counts once. `docs/batch.md` says what becomes of what.',
  right: 'events',
  query: SiteQuery,
  body: BatchBody,
  answers: { 200: BatchAnswer },
  refuses: REFUSES,
  appends: true,
  example: { query: { site: 'main' }, body: { batch: [EXAMPLE], sentAt: '2026-11-03T09:00:00.000Z' } },
}

const text = v.exactOptional(v.string())
const some = v.exactOptional(v.record(v.string(), v.unknown()))
/** What the document shows of a message; what is taken is in `segment.ts`. */
const MessageShown = v.looseObject({
  messageId: text,
  anonymousId: text,
  userId: text,
  previousId: text,
  event: text,
  timestamp: text,
  properties: some,
  context: some,
})

const { type: _type, ...UNTYPED } = EXAMPLE
const single = (id: string, type: string, summary: string, body: object): Call => ({
  id,
  tag: 'Intake',
  summary,
  description: `As one message of \`/v1/batch\` with the type \`${type}\`.`,
  right: 'events',
  query: SiteQuery,
  body: MessageShown,
  answers: { 200: BatchAnswer },
  refuses: REFUSES,
  appends: true,
  example: { query: { site: 'main' }, body },
})

const PAGE_CALL = single('sendPage', 'page', 'A page view that a server tells of', {
  anonymousId: '507f191e810c19729de860ea',
  properties: { path: '/pricing', title: 'Pricing' },
})
const TRACK_CALL = single('sendTrack', 'track', 'Something that a visitor did, told by a server', UNTYPED)
const ALIAS_CALL = single('sendAlias', 'alias', 'Says that two ids are one person', {
  userId: 'crm-4711',
  previousId: '507f191e810c19729de860ea',
})

/** Messages of servers in the form of Segment's libraries. */
export function batchApi(deps: ApiDeps): Hono {
  const { memory, now, limited } = deps

  return new Hono()
    .post(
      '/v1/batch',
      described(BATCH_CALL, (c: Context) => taken(c)),
    )
    .post(
      '/v1/page',
      described(PAGE_CALL, (c: Context) => taken(c, 'page')),
    )
    .post(
      '/v1/track',
      described(TRACK_CALL, (c: Context) => taken(c, 'track')),
    )
    .post(
      '/v1/alias',
      described(ALIAS_CALL, (c: Context) => taken(c, 'alias')),
    )

  async function taken(c: Context, type?: string): Promise<Response> {
    // The key may stand in the body, which is read before anything is known of who sends it; it is bounded.
    const text = await textOf(c)
    if (typeof text !== 'string') return problem(c, text.status, text.detail)
    const read = jsonIn(text)
    if ('fault' in read) return problem(c, 400, read.fault)
    const { posted } = read
    const secret = secretOf(c) ?? writeKeyOf(posted)
    for (const right of ['events', 'link'] as const) {
      const allowed = accessBy(c, deps, secret, right)
      if ('refused' in allowed) return allowed.refused
    }
    const key = memory.key(secret!)!
    deps.used?.(key)
    const slow = limited?.(c, key)
    if (slow) return slow
    const query = queryOf(c, SiteQuery)
    if ('refused' in query) return query.refused
    const id = siteOf(memory, key, query.value.site)
    const site = id === undefined ? undefined : memory.site(id)
    if (!site) return problem(c, 404, 'site: no such site for this key')
    const messages = messagesOf(posted, type)
    if ('detail' in messages)
      return problem(c, messages.status, `${messages.pointer}: ${messages.detail}`, [
        { pointer: messages.pointer, detail: messages.detail },
      ])
    const { batch, sentAt } = messages
    return carriedOut(c, batch, { site, now: now(), sentAt }, text)
  }

  function carriedOut(
    c: Context,
    batch: unknown[],
    receiving: Receiving,
    text: string,
  ): Promise<Response> | Response {
    const answers: object[] = []
    const items: ToldItem[] = []
    const places: number[] = []
    for (const [index, message] of batch.entries()) {
      const read = readMessage(message, receiving, memory)
      if ('item' in read) {
        places.push(index)
        items.push(read.item)
      } else if ('problem' in read) answers[index] = { status: 422, detail: read.problem }
      else answers[index] = { status: 202, dropped: read.dropped }
    }
    if (items.length === 0) return c.json({ items: answers })
    const entry = { kind: 'told', v: ENTRY_VERSION, site: receiving.site.id, items } as const
    return performed(c, deps, entry, text, (outcome) => {
      if (outcome.status >= 400) return settled(c, outcome)
      const { body } = outcome
      for (const [i, result] of (body.items as object[]).entries()) answers[places[i]!] = result
      return c.json({ items: answers })
    })
  }
}

/** The text of a body, which libraries may send as gzip. */
async function textOf(c: Context): Promise<string | { status: 400 | 413; detail: string }> {
  const tooLarge = { status: 413, detail: `a body may have at most ${MAX_BODY_BYTES} bytes` } as const
  const bytes = await readBytes(c, MAX_BODY_BYTES)
  if (bytes === 'too-large') return tooLarge
  const encoding = c.req.header('content-encoding')
  if (encoding === undefined || encoding === 'identity') return bytes.toString('utf8')
  if (encoding !== 'gzip') return { status: 400, detail: 'content-encoding must be gzip, or missing' }
  try {
    return (await unpacked(bytes, { maxOutputLength: MAX_BODY_BYTES })).toString('utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return tooLarge
    return { status: 400, detail: 'the body is not gzip, as its content-encoding says' }
  }
}

/** A Bearer token, or the user name of Basic authentication. */
function secretOf(c: Context): string | undefined {
  const [, scheme = '', value = ''] =
    /^(Bearer|Basic) +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (scheme.toLowerCase() === 'basic') return Buffer.from(value, 'base64').toString('utf8').split(':')[0]
  return value === '' ? undefined : value
}

function writeKeyOf(posted: unknown): string | undefined {
  const { writeKey } = (posted ?? {}) as { writeKey?: unknown }
  return typeof writeKey === 'string' ? writeKey : undefined
}

/** The messages of a body, or what is wrong with it as a whole. */
function messagesOf(
  posted: unknown,
  type: string | undefined,
): { batch: unknown[]; sentAt: number | undefined } | { status: 413 | 422; pointer: string; detail: string } {
  const at = type === undefined ? (index: number) => `/batch/${index}` : () => ''
  const body = type === undefined ? posted : { batch: [{ ...(posted as object), type }] }
  const result = v.safeParse(BatchBody, body)
  if (!result.success) {
    const [issue] = result.issues
    const field = issue.path?.[0]?.key
    return { status: 422, pointer: field === undefined ? '/' : `/${String(field)}`, detail: issue.message }
  }
  const { batch, sentAt } = result.output
  if (batch.length > MAX_MESSAGES)
    return {
      status: 422,
      pointer: '/batch',
      detail: `may hold at most ${MAX_MESSAGES} messages; send it in parts`,
    }
  const long = batch.findIndex((message) => Buffer.byteLength(JSON.stringify(message)) > MAX_MESSAGE_BYTES)
  if (long >= 0)
    return {
      status: 413,
      pointer: at(long),
      detail: `a message may have at most ${MAX_MESSAGE_BYTES} bytes; nothing of this body was taken`,
    }
  return { batch, sentAt }
}

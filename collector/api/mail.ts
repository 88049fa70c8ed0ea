import { timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION, type SentSignal } from '../entry.ts'
import { eventKey } from '../event-key.ts'
import { hashOf } from '../keys.ts'
import type { MailEvent } from '../mail/event.ts'
import { postmarkEvent } from '../mail/postmark.ts'
import {
  isSigned,
  SIGNATURE_HEADER,
  sendgridEvent,
  TIMESTAMP_HEADER,
  verificationKey,
} from '../mail/sendgrid.ts'
import { problem } from '../problem.ts'
import { mailSetting } from '../project/sites.ts'
import { MailAnswer } from './answers/people.ts'
import type { ApiDeps } from './deps.ts'
import { type Call, described } from './endpoint.ts'
import { MailQuery } from './queries.ts'
import { readBytes } from './read-body.ts'
import { MAX_BATCH_BYTES } from './schema.ts'
import { jsonIn, queryOf } from './validate.ts'

/** Signals of an entry: its transaction stays short. SendGrid sends up to a thousand events at once. */
const CHUNK = 500

const ANSWERED =
  'Everything that came is answered 200, also what is of no use here or of nobody who is known: a provider would send it again.'
const REFUSES = {
  403: 'The signature does not hold, or the secret is not that of the site.',
  404: 'There is no such site, or it takes no events of this provider: `leadwake site mail`.',
} as const

const SENDGRID_CALL: Call = {
  id: 'takeSendgridEvents',
  tag: 'Intake',
  summary: "Takes SendGrid's signed event webhook",
  description: `Opens, clicks, bounces, complaints and unsubscribes become signals of the contact with that address. ${ANSWERED}`,
  right: null,
  query: MailQuery,
  body: v.array(
    v.looseObject({
      event: v.string(),
      email: v.string(),
      timestamp: v.number(),
      sg_event_id: v.exactOptional(v.string()),
    }),
  ),
  answers: { 200: MailAnswer },
  refuses: REFUSES,
  example: {
    query: { site: 'main' },
    body: [{ event: 'open', email: 'ada@acme.org', timestamp: 1_793_696_400, sg_event_id: 'c2Vn' }] as never,
  },
}

const POSTMARK_CALL: Call = {
  id: 'takePostmarkEvents',
  tag: 'Intake',
  summary: "Takes Postmark's webhooks",
  description: `The same of Postmark, which does not sign: the site's secret comes as the password of Basic authentication, or as \`token\`. ${ANSWERED}`,
  right: null,
  query: MailQuery,
  body: v.looseObject({
    RecordType: v.string(),
    Recipient: v.exactOptional(v.string()),
    ReceivedAt: v.exactOptional(v.string()),
  }),
  answers: { 200: MailAnswer },
  refuses: REFUSES,
  example: {
    query: { site: 'main', token: 'pm_...' },
    body: { RecordType: 'Open', Recipient: 'ada@acme.org', ReceivedAt: '2026-11-03T09:00:00Z' } as never,
  },
}

/** Webhooks of mail providers: what becomes of mails, as signals of those whom they went to. */
export function mailApi({ memory, now, counts, perform }: ApiDeps): Hono {
  return new Hono()
    .post(
      '/v1/mail/sendgrid',
      described(SENDGRID_CALL, (c: Context) =>
        taken(c, 'sendgrid', sendgridEvent, (kept, body) => {
          const key = verificationKey(kept)
          const [signature, timestamp] = [c.req.header(SIGNATURE_HEADER), c.req.header(TIMESTAMP_HEADER)]
          return key !== undefined && isSigned(key, body, signature, timestamp)
        }),
      ),
    )
    .post(
      '/v1/mail/postmark',
      described(POSTMARK_CALL, (c: Context) =>
        taken(c, 'postmark', postmarkEvent, (kept) => {
          const given = Buffer.from(hashOf(passwordOf(c) ?? c.req.query('token') ?? ''))
          return timingSafeEqual(given, Buffer.from(kept))
        }),
      ),
    )

  async function taken(
    c: Context,
    provider: 'sendgrid' | 'postmark',
    read: (value: unknown) => MailEvent,
    isTheirs: (kept: string, body: Buffer) => boolean,
  ): Promise<Response> {
    const query = queryOf(c, MailQuery)
    if ('refused' in query) return query.refused
    const { site } = query.value
    const kept = memory.site(site) && memory.setting(mailSetting(provider, site))
    if (kept === undefined)
      return problem(c, 404, `site: there is none of that id that takes events of ${provider}`)
    const body = await readBytes(c, MAX_BATCH_BYTES)
    if (body === 'too-large') return problem(c, 413, `a body may have at most ${MAX_BATCH_BYTES} bytes`)
    if (!isTheirs(kept, body)) {
      const what =
        provider === 'sendgrid' ? 'the signature does not hold' : 'the secret is not that of the site'
      return problem(c, 403, `${what}; \`leadwake site mail\` sets it`)
    }
    const told = jsonIn(body.toString('utf8'))
    if ('fault' in told) return problem(c, 400, told.fault)
    return c.json(await carriedOut(site, [told.posted].flat().map(read)))
  }

  async function carriedOut(site: string, events: MailEvent[]): Promise<v.InferOutput<typeof MailAnswer>> {
    const left: Record<string, number> = Object.create(null)
    const items: { contact: string; signal: SentSignal }[] = []
    let nobody = 0
    for (const event of events) {
      if ('left' in event) {
        left[event.left] = (left[event.left] ?? 0) + 1
        counts.note('mail-event-left')
      } else if (memory.suppressed?.(site, 'email', event.address)) nobody++
      else {
        const { signal: name, address, id, at, props } = event
        const signal = { id: eventKey(id), name, at: Math.min(at, now()), props }
        items.push({ contact: address, signal })
      }
    }
    const done = { stored: 0, known: 0 }
    for (let i = 0; i < items.length; i += CHUNK) {
      const entry = { kind: 'signal', v: ENTRY_VERSION, site, items: items.slice(i, i + CHUNK) } as const
      const result = await perform(entry)
      // One that is late is on disk, and will be counted.
      const results = 'outcome' in result ? ((result.outcome.body.items ?? []) as { stored?: boolean }[]) : []
      for (const { stored } of results) {
        if (stored === undefined) nobody++
        else if (stored) done.stored++
        else done.known++
      }
    }
    for (let i = 0; i < nobody; i++) counts.note('mail-to-nobody')
    return { ...done, nobody, left }
  }
}

function passwordOf(c: Context): string | undefined {
  const [, value] = /^Basic +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  return value === undefined
    ? undefined
    : Buffer.from(value, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:/, '')
}

import { randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION, type Entry, type Outcome } from '../entry.ts'
import type { HeldKey } from '../keys.ts'
import { problem } from '../problem.ts'
import { webhookAnswer } from '../read/deliveries.ts'
import type { WebhookRow } from '../store/store.ts'
import type { Guard } from '../webhook/guard.ts'
import { formatOf, settingsFault } from '../webhook/settings.ts'
import { secretOf } from '../webhook/sign.ts'
import { text, whole } from './answers/fields.ts'
import { DeliveryItem, NewWebhookAnswer, WebhookAnswer } from './answers/webhooks.ts'
import type { ApiDeps } from './deps.ts'
import { EXAMPLE_WEBHOOK, endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { performed, settled } from './performed.ts'
import {
  DeliveriesQuery,
  ReplayBody,
  RotateBody,
  WebhookBody,
  WebhookParams,
  WebhookPatchBody,
} from './webhook-schema.ts'

/** Random bytes of a secret, of which Standard Webhooks wants 24 to 64. */
const SECRET_BYTES = 32
const HOUR_MS = 3_600_000

export interface WebhookApiDeps extends ApiDeps {
  guard: Guard
  /** Whether mail can be sent. */
  mails: boolean
}

const example = { id: EXAMPLE_WEBHOOK }

/** Where other systems are told of what happens, and what came of it. */
export function webhooksApi(deps: WebhookApiDeps): Hono {
  const { memory, ask, now, guard, mails } = deps

  /** The webhook that a call is about, if its key may see it. */
  function found({ site }: HeldKey, id: string): WebhookRow | undefined {
    const row = memory.webhooks().find((one) => one.id === id)
    return row && (site === null || site === row.site) ? row : undefined
  }

  /** The webhook as it is once the entry is projected. */
  const shown =
    (c: Context, more: (row: WebhookRow) => object = () => ({})) =>
    (outcome: Outcome): Response => {
      const row = memory.webhooks().find(({ id }) => id === outcome.body.id)
      if (outcome.status >= 400 || !row) return settled(c, outcome)
      return c.json({ ...webhookAnswer(row, now()), ...more(row) }, outcome.status)
    }

  const faultOf = (row: Pick<WebhookRow, 'url' | 'events' | 'format'>): string | undefined =>
    row.format === 'mail' && !mails
      ? 'url: no mail server is set; the operator may set one with LEADWAKE_SMTP'
      : settingsFault(row, guard)

  return new Hono()
    .get(
      '/v1/webhooks',
      listing(
        deps,
        {
          id: 'listWebhooks',
          tag: 'Webhooks',
          summary: 'The webhooks, the oldest first',
          right: 'admin',
          item: WebhookAnswer,
          name: 'webhooks',
          example: {},
        },
        (_c, { key }) => {
          const items = memory.webhooks().filter(({ id }) => found(key, id) !== undefined)
          return { items: items.map((row) => webhookAnswer(row, now())), next: null }
        },
      ),
    )
    .post(
      '/v1/webhooks',
      endpoint(
        deps,
        {
          id: 'createWebhook',
          tag: 'Webhooks',
          summary: 'Makes a webhook; its secret is shown this once',
          description:
            'Messages are signed as Standard Webhooks says. A target must be public and use https unless the operator allows it.',
          right: 'admin',
          body: WebhookBody,
          answers: { 201: NewWebhookAnswer },
          refuses: { 409: 'There are as many webhooks as there may be.' },
          appends: true,
          example: { body: { url: 'https://hooks.example.org/leads', events: ['lead.sql', 'lead.won'] } },
        },
        (c, { key, site, body, text }) => {
          const { url, events, description, token } = body
          const format = formatOf(url, body.format)
          const fault = faultOf({ url, events, format })
          if (fault !== undefined) return wrong(c, fault)
          const id = `wh_${randomBytes(8).toString('hex')}`
          const secret = body.secret ?? secretOf(randomBytes(SECRET_BYTES))
          const webhook = {
            id,
            site: site === '' ? key.site : site,
            url,
            events,
            format,
            description,
            token,
            secret,
          }
          const entry: Entry = { kind: 'webhook', v: ENTRY_VERSION, webhook }
          return performed(c, deps, entry, text, shown(c, withSecret))
        },
      ),
    )
    .get(
      '/v1/webhooks/:id',
      endpoint(
        deps,
        {
          id: 'getWebhook',
          tag: 'Webhooks',
          summary: 'A webhook, without its secret',
          right: 'admin',
          params: WebhookParams,
          answers: { 200: WebhookAnswer },
          example: { params: example },
        },
        (c, { key, params }) => {
          const row = found(key, params.id)
          return row ? c.json(webhookAnswer(row, now())) : missing(c)
        },
      ),
    )
    .patch(
      '/v1/webhooks/:id',
      endpoint(
        deps,
        {
          id: 'changeWebhook',
          tag: 'Webhooks',
          summary: 'Changes what it names; enables one that was disabled',
          right: 'admin',
          params: WebhookParams,
          body: WebhookPatchBody,
          answers: { 200: WebhookAnswer },
          appends: true,
          example: { params: example, body: { events: ['*'], enabled: true } },
        },
        (c, { key, params, body, text }) => {
          const row = found(key, params.id)
          if (!row) return missing(c)
          const { url, events, description, token, enabled } = body
          const changed = {
            url: url ?? row.url,
            events: events ?? row.events,
            format: formatOf(url ?? row.url, body.format ?? row.format),
          }
          const fault = faultOf(changed)
          if (fault !== undefined) return wrong(c, fault)
          // What it does not name may be changed by another call at this moment.
          const set = {
            ...(url !== undefined && { url }),
            ...(events !== undefined && { events }),
            ...(changed.format !== row.format && { format: changed.format }),
            ...(description !== undefined && { description }),
            ...(token !== undefined && { token }),
            ...(enabled !== undefined && { enabled }),
          }
          const entry: Entry = { kind: 'webhook-set', v: ENTRY_VERSION, id: row.id, set }
          return performed(c, deps, entry, text, shown(c))
        },
      ),
    )
    .delete(
      '/v1/webhooks/:id',
      endpoint(
        deps,
        {
          id: 'deleteWebhook',
          tag: 'Webhooks',
          summary: 'Deletes a webhook, with what waits for it',
          right: 'admin',
          params: WebhookParams,
          answers: { 200: v.object({ id: text }) },
          appends: true,
          example: { params: example },
        },
        (c, { key, params }) => {
          const row = found(key, params.id)
          if (!row) return missing(c)
          return performed(c, deps, { kind: 'webhook-removed', v: ENTRY_VERSION, id: row.id }, '')
        },
      ),
    )
    .post(
      '/v1/webhooks/:id/rotate',
      endpoint(
        deps,
        {
          id: 'rotateWebhookSecret',
          tag: 'Webhooks',
          summary: 'Gives a webhook a new secret, which is shown this once',
          description: 'What is sent bears both signatures until the overlap is over.',
          right: 'admin',
          params: WebhookParams,
          body: RotateBody,
          answers: { 200: NewWebhookAnswer },
          appends: true,
          example: { params: example, body: { overlapHours: 48 } },
        },
        (c, { key, params, body, text }) => {
          const row = found(key, params.id)
          if (!row) return missing(c)
          const secret = secretOf(randomBytes(SECRET_BYTES))
          const set = { rotated: { secret, overlapMs: Math.round(body.overlapHours * HOUR_MS) } }
          const entry: Entry = { kind: 'webhook-set', v: ENTRY_VERSION, id: row.id, set }
          return performed(c, deps, entry, text, shown(c, withSecret))
        },
      ),
    )
    .post(
      '/v1/webhooks/:id/test',
      endpoint(
        deps,
        {
          id: 'testWebhook',
          tag: 'Webhooks',
          summary: 'Sends a message that says nothing but that it came',
          description: 'What becomes of it stands in the deliveries, under the id that is answered.',
          right: 'admin',
          params: WebhookParams,
          answers: { 200: v.object({ id: text, message: text }) },
          refuses: { 409: 'The webhook is disabled.' },
          appends: true,
          example: { params: example },
        },
        (c, { key, params }) => {
          const row = found(key, params.id)
          if (!row) return missing(c)
          return performed(c, deps, { kind: 'webhook-test', v: ENTRY_VERSION, id: row.id }, '')
        },
      ),
    )
    .get(
      '/v1/webhooks/:id/deliveries',
      listing(
        deps,
        {
          id: 'listDeliveries',
          tag: 'Webhooks',
          summary: 'What was sent and what came of it, the newest first',
          description: 'Of the last 30 days. No body is kept, neither of what was sent nor of an answer.',
          right: 'admin',
          params: WebhookParams,
          query: DeliveriesQuery,
          item: DeliveryItem,
          name: 'deliveries',
          example: { params: example, query: { state: 'dead' } },
        },
        (c, { key, params, query: { state, message } }, { limit, cursor }) => {
          const row = found(key, params.id)
          if (!row) return missing(c)
          return ask.deliveries({
            webhook: row.id,
            limit,
            ...(state !== undefined && { state }),
            ...(message !== undefined && { message }),
            ...(cursor !== undefined && { cursor }),
          })
        },
      ),
    )
    .post(
      '/v1/webhooks/:id/replay',
      endpoint(
        deps,
        {
          id: 'replayDeliveries',
          tag: 'Webhooks',
          summary: 'Tries dead deliveries again, all or some',
          right: 'admin',
          params: WebhookParams,
          body: ReplayBody,
          answers: { 200: v.object({ id: text, replayed: whole }) },
          appends: true,
          example: { params: example, body: {} },
        },
        (c, { key, params, body, text }) => {
          const row = found(key, params.id)
          if (!row) return missing(c)
          const messages = body.messages ?? null
          const entry: Entry = { kind: 'webhook-replay', v: ENTRY_VERSION, id: row.id, messages }
          return performed(c, deps, entry, text)
        },
      ),
    )
}

const withSecret = ({ secret }: WebhookRow) => ({ secret })
const missing = (c: Context): Response => problem(c, 404, 'there is no such webhook for this key')

function wrong(c: Context, fault: string): Response {
  const field = fault.startsWith('events') ? 'events' : 'url'
  return problem(c, 422, fault, [{ pointer: `/${field}`, detail: fault }])
}

/** What the calls about webhooks take. */
import * as v from 'valibot'
import { WEBHOOK_EVENTS, WEBHOOK_FORMATS } from '../webhook/events.ts'
import { MAX_DESCRIPTION } from '../webhook/settings.ts'
import { isSecret } from '../webhook/sign.ts'
import { cursor, limit, named } from './queries.ts'
import { id } from './schema.ts'

const MAX_URL = 2_048
const MAX_TOKEN = 512
/** A week is long enough to change a receiver. */
const MOST_OVERLAP_HOURS = 168
const MOST_MESSAGES = 500

const EVENTS = `events may hold ${WEBHOOK_EVENTS.join(', ')}, or * for all`
const FORMAT = `format must be ${WEBHOOK_FORMATS.join(', ')}`
const TOKEN = 'token must be 1 to 512 printable characters without blanks'
const OVERLAP = `overlapHours must be 0 to ${MOST_OVERLAP_HOURS}`

const url = v.pipe(
  v.string('url must be text'),
  v.maxLength(MAX_URL, `url may have at most ${MAX_URL} characters`),
  v.description('`https://...`, or `mailto:...` where a mail server is set.'),
)
const events = v.pipe(
  v.array(v.picklist([...WEBHOOK_EVENTS, '*'], EVENTS), 'events must be a list'),
  v.minLength(1, 'events must name one at least, or * for all'),
  v.transform((list): string[] => [...new Set(list)]),
)
const format = v.picklist(WEBHOOK_FORMATS, FORMAT)
const description = v.pipe(
  v.string('description must be text'),
  v.maxLength(MAX_DESCRIPTION, `description may have at most ${MAX_DESCRIPTION} characters`),
)
const token = v.nullable(
  v.pipe(
    v.string(TOKEN),
    v.maxLength(MAX_TOKEN, TOKEN),
    v.regex(/^[\x21-\x7e]+$/, TOKEN),
    v.description('Sent as `Authorization: Bearer`.'),
  ),
)

export const WebhookBody = v.strictObject({
  site: v.optional(v.pipe(id('site'), v.description('Every site that the key opens unless said.'))),
  url,
  events,
  format: v.optional(format, 'standard'),
  description: v.optional(description, ''),
  token: v.optional(token, null),
  secret: v.optional(
    v.pipe(
      v.string('secret must be text'),
      v.check(isSecret, 'secret must be whsec_ and the base64 of 24 to 64 bytes'),
      v.description('One is made unless said.'),
    ),
  ),
})

/** What is not named stays. */
export const WebhookPatchBody = v.strictObject({
  url: v.optional(url),
  events: v.optional(events),
  format: v.optional(format),
  description: v.optional(description),
  token: v.optional(token),
  enabled: v.optional(v.boolean('enabled must be true or false')),
})

export const RotateBody = v.strictObject({
  overlapHours: v.optional(
    v.pipe(
      v.number(OVERLAP),
      v.minValue(0, OVERLAP),
      v.maxValue(MOST_OVERLAP_HOURS, OVERLAP),
      v.description('For so long the old secret signs too.'),
    ),
    24,
  ),
})

export const ReplayBody = v.strictObject({
  messages: v.optional(
    v.pipe(
      v.array(id('messages'), 'messages must be a list of ids'),
      v.minLength(1, 'messages must name one at least; leave it out for all'),
      v.maxLength(MOST_MESSAGES, `messages may name at most ${MOST_MESSAGES}; leave it out for all`),
      v.description('All dead ones unless said.'),
    ),
  ),
})

export const WebhookParams = v.strictObject({ id: named('Webhook id.', 'there is no such webhook') })

export const DeliveriesQuery = v.strictObject({
  state: v.optional(
    v.picklist(
      ['waiting', 'delivered', 'skipped', 'dead'],
      'state must be waiting, delivered, skipped or dead',
    ),
  ),
  message: v.optional(id('message')),
  limit,
  cursor,
})

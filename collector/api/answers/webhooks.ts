import * as v from 'valibot'
import { number, said, text, texts, time, whole, yes } from './fields.ts'

export const WebhookAnswer = v.object({
  id: text,
  site: said(v.nullable(v.string()), 'Null: of every site.'),
  url: text,
  events: said(texts, 'Types of messages, or `*` for all.'),
  format: v.picklist(['standard', 'slack', 'hubspot', 'mail']),
  description: text,
  enabled: yes,
  disabledBecause: said(v.nullable(v.string()), 'Why it was disabled by the collector itself.'),
  createdAt: time,
  oldSecretUntil: said(v.nullable(time), 'Until when the secret of before signs too.'),
})

/** With what signs it, which is shown this once. */
export const NewWebhookAnswer = v.object({
  ...WebhookAnswer.entries,
  secret: said(v.string(), 'Signs what is sent; shown this once.'),
})

export const DeliveryTry = v.object({
  at: time,
  status: said(v.nullable(whole), 'HTTP status; null where there was no answer.'),
  ms: number,
  error: said(v.nullable(v.string()), 'Why it failed; null of one that did not.'),
})

export const DeliveryItem = v.object({
  message: said(v.string(), 'The `webhook-id` that is sent.'),
  type: text,
  createdAt: time,
  state: v.picklist(['waiting', 'delivered', 'skipped', 'dead']),
  tries: v.array(DeliveryTry),
  nextTryAt: said(v.nullable(time), 'Null where none is to come, or an earlier message is waited for.'),
})

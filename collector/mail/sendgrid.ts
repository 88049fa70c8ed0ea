/** SendGrid's Event Webhook (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event). */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import {
  addressIn,
  fieldsOf,
  leftAs,
  linkIn,
  type MailEvent,
  type MailSignal,
  propsOf,
  textIn,
} from './event.ts'

export const SIGNATURE_HEADER = 'x-twilio-email-event-webhook-signature'
export const TIMESTAMP_HEADER = 'x-twilio-email-event-webhook-timestamp'

const SIGNALS: Record<string, MailSignal> = {
  open: 'email_open',
  click: 'email_click',
  bounce: 'email_bounce',
  spamreport: 'email_complaint',
  unsubscribe: 'email_unsubscribe',
  group_unsubscribe: 'email_unsubscribe',
}

/** The key as SendGrid shows it: SPKI of a P-256 key in base64. Undefined of anything else. */
export function verificationKey(base64: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' })
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
  } catch {
    return undefined
  }
}

/** Whether SendGrid signed this body: ECDSA with SHA-256 over the timestamp and the bytes as they came. */
export function isSigned(
  key: KeyObject,
  body: Buffer,
  signature: string | undefined,
  timestamp: string | undefined,
): boolean {
  if (signature === undefined || timestamp === undefined) return false
  try {
    return verify(
      'sha256',
      Buffer.concat([Buffer.from(timestamp), body]),
      key,
      Buffer.from(signature, 'base64'),
    )
  } catch {
    return false
  }
}

/** One event of a body's list. */
export function sendgridEvent(value: unknown): MailEvent {
  const event = fieldsOf(value)
  const name = textIn(event?.event)
  if (!event || name === undefined) return { left: 'unreadable' }
  const signal = Object.hasOwn(SIGNALS, name) ? SIGNALS[name] : undefined
  if (signal === undefined) return leftAs(name)
  // Apple's Mail opens everything, whether anybody reads it or not.
  if (event.sg_machine_open === true) return { left: 'machine-open' }
  // A block is of the mail, not of the address: it is tried again.
  if (event.type === 'blocked') return { left: 'blocked' }
  const address = addressIn(event.email)
  const seconds = Number(event.timestamp)
  if (address === undefined || !(seconds > 0)) return { left: 'unreadable' }
  const id =
    textIn(event.sg_event_id) ?? [textIn(event.sg_message_id), name, seconds, textIn(event.url)].join(' ')
  const { category } = event
  const props = propsOf({
    url: linkIn(event.url),
    type: event.type,
    status: event.status,
    category: Array.isArray(category) ? category[0] : category,
  })
  return { signal, address, id: `sendgrid ${id}`, at: Math.floor(seconds * 1_000), props }
}

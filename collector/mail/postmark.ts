/** Postmark's webhooks (https://postmarkapp.com/developer/webhooks/webhooks-overview): one event a call. */
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

/** What is not about the address, or comes right again by itself. */
const PASSING = new Set([
  'Transient',
  'SoftBounce',
  'AutoResponder',
  'Subscribe',
  'Unsubscribe',
  'AddressChange',
  'ChallengeVerification',
  'OpenRelayTest',
  'DnsError',
])

interface Kind {
  signal: MailSignal
  address: string
  at: string
}

const KINDS: Record<string, Kind> = {
  Open: { signal: 'email_open', address: 'Recipient', at: 'ReceivedAt' },
  Click: { signal: 'email_click', address: 'Recipient', at: 'ReceivedAt' },
  Bounce: { signal: 'email_bounce', address: 'Email', at: 'BouncedAt' },
  SpamComplaint: { signal: 'email_complaint', address: 'Email', at: 'BouncedAt' },
  SubscriptionChange: { signal: 'email_unsubscribe', address: 'Recipient', at: 'ChangedAt' },
}

export function postmarkEvent(value: unknown): MailEvent {
  const event = fieldsOf(value)
  const name = textIn(event?.RecordType)
  if (!event || name === undefined) return { left: 'unreadable' }
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined
  if (!kind) return leftAs(name)
  const type = textIn(event.Type)
  if (name === 'Bounce' && type !== undefined && PASSING.has(type)) return leftAs(`bounce ${type}`)
  if (name === 'SubscriptionChange') {
    if (event.SuppressSending !== true) return { left: 'resubscribed' }
    // Bounces and complaints come as events of their own.
    if (event.SuppressionReason !== 'ManualSuppression') return { left: 'suppressed-by-provider' }
  }
  const address = addressIn(event[kind.address])
  const at = Date.parse(textIn(event[kind.at]) ?? '')
  if (address === undefined || !(at > 0)) return { left: 'unreadable' }
  const link = textIn(event.OriginalLink)
  // Opens and clicks have no id of their own; what is sent again is the same to the letter.
  const id = textIn(event.ID) ?? [textIn(event.MessageID), name, textIn(event[kind.at]), link].join(' ')
  const props = propsOf({ url: linkIn(link), type, tag: event.Tag, stream: event.MessageStream })
  return { signal: kind.signal, address, id: `postmark ${name} ${id}`, at, props }
}

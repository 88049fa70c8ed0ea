/**
 * What the event names of Segment's specs mean here (https://segment.com/docs/connections/spec/). Every other name is
 * a signal of its own: 'Demo Requested' is `demo_requested`.
 */
const SIGNALS: Record<string, string> = {
  email_opened: 'email_open',
  email_link_clicked: 'email_click',
  email_bounced: 'email_bounce',
  email_marked_as_spam: 'email_complaint',
  unsubscribed: 'email_unsubscribe',
  live_chat_conversation_started: 'chat_started',
  video_playback_completed: 'video_watched',
}

/** Names of events that put something into a cart. */
const CART_ADDS = new Set(['product_added', 'add_to_cart'])

const MAX_NAME_LENGTH = 64

/** A cart add, or the name of a signal; undefined of a name without any letter from a to z. */
export function meaningOf(event: string): { cart: true } | { signal: string } | undefined {
  const name = event
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '_')
    .replace(/^[\d_]+|_+$/g, '')
    .slice(0, MAX_NAME_LENGTH)
  if (name === '') return undefined
  return CART_ADDS.has(name)
    ? { cart: true }
    : { signal: Object.hasOwn(SIGNALS, name) ? SIGNALS[name]! : name }
}

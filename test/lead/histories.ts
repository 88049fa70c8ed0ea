import fc from 'fast-check'
import type { ContactFacts, TrackedEvent } from '../../collector/lead/state.ts'
import { at, facts } from './standard.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Time between two events, ms: the same moment, within a visit, around its gap, to the next day, weeks of silence. */
const GAPS = [
  0,
  1000,
  MINUTE,
  5 * MINUTE,
  20 * MINUTE,
  30 * MINUTE,
  31 * MINUTE,
  3 * HOUR,
  9 * HOUR,
  DAY,
  3 * DAY,
  9 * DAY,
  40 * DAY,
]
const PATHS = [
  '/',
  '/services/a',
  '/services/b',
  '/pricing',
  '/checkout',
  '/blog/x',
  '/careers',
  '/about',
  '/other',
]
const SERVER = [
  'demo_requested',
  'product_question',
  'callback_requested',
  'email_click',
  'email_opt_in',
  'email_unsubscribe',
  'email_complaint',
  'no_response',
  'email_bounce',
  'webinar_attended',
  'referred_by_customer',
  'constructor',
  '__proto__',
]

export interface History {
  /** Two visitors and the server-sent signals. */
  streams: TrackedEvent[][]
  facts: ContactFacts
  /** How late each event arrives, ms, by its place in the order of time. */
  delays: number[]
}

const step = fc.record({
  stream: fc.constantFrom(0, 0, 0, 1, 2),
  gap: fc.constantFrom(...GAPS),
  kind: fc.constantFrom<TrackedEvent['kind']>(
    'page',
    'page',
    'page',
    'page',
    'engage',
    'engage',
    'engage',
    'download',
    'cart',
    'outbound',
    'custom',
  ),
  pick: fc.nat(1000),
  amount: fc.nat(8 * MINUTE),
  delay: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 2000, HOUR, 20 * HOUR, 5 * DAY),
})

/** Random histories of a contact, over hours to years; `late` ones arrive out of order. */
export function histories({ late = false, steps = 70 } = {}): fc.Arbitrary<History> {
  return fc
    .record({
      steps: fc.array(step, { minLength: 1, maxLength: steps, size: 'max' }),
      identifiedAfter: fc.nat(30),
      verified: fc.constantFrom(true, true, true, false),
      email: fc.constantFrom(null, 'ann@gmail.com', 'ann@acme.example'),
    })
    .map(({ steps, identifiedAfter, verified, email }) => {
      const streams: TrackedEvent[][] = [[], [], []]
      const times: number[] = []
      let now = at(0, 8)
      for (const [i, one] of steps.entries()) {
        now += one.gap
        times.push(now)
        streams[one.stream]!.push(made(one, i, now, streams[one.stream]!))
      }
      const identifiedAt = times[Math.min(identifiedAfter, times.length - 1)]!
      return {
        streams,
        facts: facts({ identifiedAt, verified, email }),
        delays: steps.map(({ delay }) => (late ? delay : 0)),
      }
    })
}

function made(
  one: { stream: number; kind: TrackedEvent['kind']; pick: number; amount: number },
  i: number,
  now: number,
  before: TrackedEvent[],
): TrackedEvent {
  // Keys of equal moments are not in the order of making.
  const base = { id: { ms: now, key: (i * 7919) % 1000 }, at: now }
  if (one.stream === 2)
    return {
      ...base,
      kind: 'signal',
      name: SERVER[one.pick % SERVER.length]!,
      props: { size: one.pick },
    }
  const pages = before.filter(({ kind }) => kind === 'page')
  switch (one.kind) {
    case 'engage':
      // Of one of the last pages, or of one that never came.
      return {
        ...base,
        kind: 'engage',
        page: pages.at(-1 - (one.pick % 3))?.id ?? { ms: 1, key: 1 },
        ms: one.amount,
        scroll: one.pick % 101,
      }
    case 'download':
      return {
        ...base,
        kind: 'download',
        url: `https://shop.example/files/${one.pick % 5}.pdf?x=${one.pick}`,
      }
    case 'cart':
      return { ...base, kind: 'cart', product: 'pump', quantity: 1 }
    case 'outbound':
      return { ...base, kind: 'outbound', url: 'https://elsewhere.example/' }
    case 'custom':
      return { ...base, kind: 'custom', name: one.pick % 2 ? 'cta' : 'email_opt_in' }
    default:
      return { ...base, kind: 'page', path: PATHS[one.pick % PATHS.length]! }
  }
}

import fc from 'fast-check'
import { BROWSER } from '../support/user-agent.ts'
import { bytesOf, pipeline } from './wire.ts'

/** Beacons as the script sends them: one of each kind, and one of all. */
const NOW = Date.now()
const ID = `${NOW}000000001`
const EVENTS: unknown[][] = [
  [
    'p',
    ID,
    NOW,
    'https://shop.example/pricing?utm_source=x&q=1',
    'Pricing',
    'https://www.google.com/',
    'pricing',
  ],
  ['e', ID, NOW, 30_000, 80],
  ['d', ID, NOW, ID, '/files/list.pdf', 1],
  ['c', ID, NOW, ID, { product: 'Pump', quantity: 2, price: 10.5, currency: 'EUR' }],
  ['o', ID, NOW, ID, 'https://elsewhere.example/x'],
  ['f', ID, NOW, ID, 'contact', '/send'],
  ['i', ID, NOW, ID, 'ada@acme.org', 'ab'.repeat(32), NOW + 60_000],
  ['x', ID, NOW, ID, 'video', { seconds: 10, name: 'tour', done: true }],
]
const REAL = [
  ...EVENTS.map((event) => ({ s: 'main', v: 'visitor-1', t: NOW, f: 0, w: 1920, e: [event] })),
  { s: 'main', t: NOW, e: EVENTS },
]

const NAUGHTY: unknown[] = [
  null,
  '',
  '__proto__',
  'constructor',
  '\0',
  '\ud800',
  'x'.repeat(5_000),
  "'; DROP TABLE events; --",
  '%00%ff',
  '{{7*7}}',
  '😀'.repeat(200),
  -1,
  0,
  1e308,
  2 ** 53,
  Number.MIN_VALUE,
  0.1,
  true,
  [],
  {},
  [[[[[[[[]]]]]]]],
  { __proto__: null, toString: 1, length: -1 },
]

type Mutate = (value: unknown) => unknown

/** Puts something else in the place of a value somewhere inside. */
function replaced(value: unknown, path: number[], by: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined || typeof value !== 'object' || value === null) return by
  const keys = Object.keys(value)
  if (keys.length === 0) return by
  const key = keys[step % keys.length]!
  const inner = replaced((value as Record<string, unknown>)[key], rest, by)
  if (Array.isArray(value)) return value.map((item, i) => (String(i) === key ? inner : item))
  return { ...value, [key]: inner }
}

const somethingElse = fc.oneof(
  fc.constantFrom(...NAUGHTY),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
)
const mutation: fc.Arbitrary<Mutate> = fc
  .tuple(fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }), somethingElse)
  .map(
    ([path, by]) =>
      (value: unknown) =>
        replaced(value, path, by),
  )

const mutated = fc
  .tuple(fc.constantFrom(...REAL), fc.array(mutation, { maxLength: 3 }))
  .map(([beacon, steps]) => JSON.stringify(steps.reduce<unknown>((value, step) => step(value), beacon)) ?? '')

/** Text whose characters are changed, cut or doubled: mostly no JSON any more. */
const broken = fc
  .tuple(mutated, fc.nat(400), fc.nat(40), fc.string({ unit: 'binary', maxLength: 5 }))
  .map(([text, at, length, by]) => text.slice(0, at) + by + text.slice(at + length))

const body: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 6, arbitrary: mutated },
  { weight: 2, arbitrary: broken },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
)

/** Any text that a header may carry. */
const header = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((c) => c !== 0x7f)
    .map((c) => String.fromCharCode(c)),
  maxLength: 60,
})

const request = fc
  .record({
    body,
    userAgent: fc.oneof({ weight: 4, arbitrary: fc.constant(BROWSER) }, { weight: 1, arbitrary: header }),
    origin: fc.option(fc.oneof(fc.webUrl(), header)),
    forwarded: fc.option(fc.oneof(fc.ipV4(), fc.ipV6(), header)),
    gpc: fc.boolean(),
  })
  .map(({ body, userAgent, origin, forwarded, gpc }) =>
    bytesOf({
      body,
      headers: {
        'user-agent': userAgent,
        ...(origin !== null && { origin }),
        ...(forwarded !== null && { 'x-forwarded-for': forwarded }),
        ...(gpc && { 'sec-gpc': '1' }),
      },
    }),
  )

export interface Fuzzed {
  sent: number
  statuses: Record<number, number>
}

const CONNECTIONS = 4
const AT_ONCE = 250

/** Sends so many beacons that no script sends; the same seed sends the same. */
export async function fuzz(
  origin: string,
  n: number,
  seed: number,
  progress: (sent: number) => void = () => {},
): Promise<Fuzzed> {
  const result: Fuzzed = { sent: 0, statuses: {} }
  let round = 0
  const sender = async () => {
    while (result.sent < n) {
      const count = Math.min(AT_ONCE, n - result.sent)
      result.sent += count
      const requests = fc.sample(request, { numRuns: count, seed: seed + round++ })
      for (const status of await pipeline(origin, requests))
        result.statuses[status] = (result.statuses[status] ?? 0) + 1
      progress(result.sent)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, sender))
  return result
}

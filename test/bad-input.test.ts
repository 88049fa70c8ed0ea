/** Whatever a stranger sends: 4xx, dropped by name or kept; never a 5xx, a stall or memory that stays. */
import { request } from 'node:http'
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentReader } from '../collector/agent.ts'
import { cleanTexts } from '../collector/clean-texts.ts'
import { collect } from '../collector/collect.ts'
import { doorCounts } from '../collector/counts.ts'
import type { Entry } from '../collector/entry.ts'
import { sameAdds } from '../collector/same-add.ts'
import { BROWSER, eventId, START, type TestCollector, testCollector } from './support/collector.ts'
import { counts } from './support/counts.ts'
import { NAUGHTY } from './support/naughty.ts'

/** CPU of this thread that one body may take, ms: wall time would be the machine's. */
const MAX_STALL_MS = 50
const MAX_GROWTH = 64 * 2 ** 20

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void
const held = () => {
  gc()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

/** JSON and what is nearly so, by kind, in the manner of JSONTestSuite. */
const JSON_CASES: Record<string, string[]> = {
  nothing: ['', ' ', '\ufeff', '\0', '\u2060'],
  literals: [
    'true',
    'false',
    'null',
    'nul',
    'True',
    'undefined',
    'NaN',
    'Infinity',
    '-Infinity',
    'tru',
    'nulll',
  ],
  numbers: [
    '0',
    '-0',
    '1',
    '-1',
    '1.5',
    '1e5',
    '1E+2',
    '123e65',
    '0e+1',
    '1e400',
    '-1e400',
    '1e-999',
    '9'.repeat(400),
  ],
  'numbers beyond': [
    '9007199254740993',
    '18446744073709551616',
    '-9223372036854775809',
    '0.1e-7',
    '4.9e-324',
  ],
  'no numbers': [
    '01',
    '-01',
    '.5',
    '1.',
    '-',
    '+1',
    '1e',
    '1e+',
    '0x1',
    '1_000',
    '1 000',
    '--1',
    '1/2',
    '٣',
    '1a',
    '-.1',
    '2.e3',
    '0.3e',
    '++1',
    '1eE2',
  ],
  strings: [
    '""',
    '"a"',
    '"\\u0041"',
    '"\\ud83d\\ude00"',
    '"\\u0000"',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
    '"\u2028\u2029"',
    '"\u007f"',
  ],
  'lone surrogates': [
    '"\\ud800"',
    '"\\udc00"',
    '"\\ud800\\ud800x"',
    '"\\udc00\\ud800"',
    '"\\uD834\\udd"',
    '"\\u"',
    '"\\u00"',
    '"\\u00g0"',
  ],
  'no strings': [
    "'a'",
    '"',
    '"a',
    'a"',
    '"\\x41"',
    '"\\a"',
    '"\t"',
    '"\n"',
    '"\\',
    '"\\"',
    '"\\u{41}"',
    '`a`',
    '"a""b"',
    '\\u0022a\\u0022',
  ],
  lists: ['[]', '[ ]', '[1]', '[[]]', '[null]', '[""]', '[1,"a",[],{},true,null]'],
  'no lists': [
    '[',
    ']',
    '[1',
    '[,]',
    '[1,]',
    '[,1]',
    '[1,,2]',
    '[1 2]',
    '[1]]',
    '[1}',
    '[x',
    '["a",\n4\n,1,',
    '[1,2,,]',
    '[1:2]',
    '[*]',
  ],
  objects: [
    '{}',
    '{"a":1}',
    '{"":0}',
    '{"a":{"b":{}}}',
    '{"a":1,"a":2}',
    '{"\\u0061":1,"a":2}',
    '{"__proto__":{"x":1}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"toString":1,"hasOwnProperty":2,"length":-1}',
  ],
  'no objects': [
    '{',
    '}',
    '{a:1}',
    "{'a':1}",
    '{"a"}',
    '{"a":}',
    '{:1}',
    '{"a":1,}',
    '{,"a":1}',
    '{"a":1 "b":2}',
    '{"a":1}}',
    '{"a" 1}',
    '{1:1}',
    '{null:1}',
    '{"a":1,,"b":2}',
    '{"a":/**/1}',
    '{"a":1}//',
    '{"a":1}#',
    '{🇨🇭}',
  ],
  'more than one': ['1 2', '{}{}', '[][]', '{} x', '1,2', 'null null', '{"a":1}\0'],
  whitespace: [' {} ', '\t[]\n', '\u00a0{}', '\u2003[]', '\f{}', '\v{}', '\u3000[]'],
  'other formats': [
    '<a/>',
    '<?xml version="1.0"?>',
    'a=b&c=d',
    '---\na: 1',
    '%PDF-1.7',
    'GET / HTTP/1.1',
    '\x1f\x8b\x08',
    '__proto__',
    'javascript:1',
  ],
  deep: [
    '['.repeat(5_000),
    '[['.repeat(500) + ']]'.repeat(500),
    '{"a":'.repeat(3_000),
    `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
    '[{"":'.repeat(1_000),
  ],
}
const SNIPPETS = Object.entries(JSON_CASES).flatMap(([kind, cases]) => cases.map((text) => ({ kind, text })))

/** One event of each kind with everything that it may have. */
const EVENTS: unknown[][] = [
  ['p', eventId(START, 1), START, 'https://shop.example/a', 'Title', 'https://from.example/', 'pricing'],
  ['e', eventId(START, 1), START, 1_000, 50],
  ['d', eventId(START, 2), START, eventId(START, 1), 'https://shop.example/a.pdf', 1],
  [
    'c',
    eventId(START, 3),
    START,
    eventId(START, 1),
    { product: 'Pump', quantity: 1, price: 2, currency: 'EUR' },
  ],
  ['c', eventId(START, 4), START, eventId(START, 1), 'Pump', 1, 2, 'EUR'],
  ['o', eventId(START, 5), START, eventId(START, 1), 'https://elsewhere.example/'],
  ['f', eventId(START, 6), START, eventId(START, 1), 'contact', '/send'],
  ['i', eventId(START, 7), START, eventId(START, 1), 'ada@acme.org', 'signature', START],
  ['x', eventId(START, 8), START, eventId(START, 1), 'played', { a: 'b', n: 1 }],
]
const HOLE = '\u0001hole'
const hole = JSON.stringify(HOLE)
const body = (over: object) =>
  JSON.stringify({ s: 'main', v: 'visitor', t: START, f: 0, w: 1_920, e: [EVENTS[0]], ...over })

/** Bodies with one hole: the whole, each field, each place of each kind of event. */
const PLACES: string[] = [
  hole,
  ...['s', 'v', 't', 'f', 'w', 'e', 'other', '__proto__'].map((key) =>
    body({}).replace(/\}$/, `,${JSON.stringify(key)}:${hole}}`),
  ),
  body({ e: [HOLE] }),
  body({ e: [EVENTS[0], HOLE] }),
  ...EVENTS.flatMap((event) =>
    Array.from({ length: event.length + 1 }, (_, i) => body({ e: [event.toSpliced(i, 1, HOLE)] })),
  ),
  ...['product', 'quantity', 'price', 'currency', 'item_name'].map((key) =>
    body({ e: [EVENTS[3]!.toSpliced(4, 1, { [key]: HOLE })] }),
  ),
  body({ e: [EVENTS[8]!.toSpliced(5, 1, { a: HOLE })] }),
  body({ e: [EVENTS[8]!.toSpliced(5, 1, { [HOLE]: 1 })] }),
]

/** CPU of this thread, ms. */
function cpuMs(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

/** The door with a log that keeps nothing, so that tens of thousands of bodies take a second. */
function door() {
  const taken: Entry[] = []
  const deps = {
    log: { append: async (entry: Entry) => taken.push(JSON.parse(JSON.stringify(entry))) } as never,
    memory: {
      site: () => ({ consent: 'given' as const, hosts: [] }),
      agent: agentReader(),
      clean: cleanTexts(),
      secret: () => 'secret',
      newId: () => 'new',
      measured: () => '~measured',
      net: () => undefined,
      webdriver: 'refuse' as const,
      country: () => null,
      sameAdd: sameAdds(),
    },
    counts: doorCounts(),
    taken: () => {},
    limit: () => 0,
  }
  const facts = {
    receivedAt: START,
    ip: '203.0.113.7',
    userAgent: BROWSER,
    hidden: false,
    languages: undefined,
    origin: undefined,
    privacy: false,
  }
  let worst = 0
  return {
    worst: () => worst,
    async take(text: string): Promise<number> {
      let answer: ReturnType<typeof collect> | undefined
      const ms = cpuMs(() => {
        answer = collect(text, facts, deps)
      })
      worst = Math.max(worst, ms)
      return (await answer!).status
    },
  }
}

describe('at the door', () => {
  it.each(Object.keys(JSON_CASES))(
    'JSON of the kind %j in every place is kept, dropped or refused',
    async (kind) => {
      const { take, worst } = door()
      const seen = new Set<number>()
      for (const { text } of SNIPPETS.filter((snippet) => snippet.kind === kind))
        for (const place of PLACES) seen.add(await take(place.replace(hole, () => text)))
      for (const status of seen) expect([202, 204, 400]).toContain(status)
      expect(worst()).toBeLessThan(MAX_STALL_MS)
      expect(({} as { x?: unknown }).x).toBeUndefined()
    },
  )

  it.each(['literals', 'numbers', 'strings', 'lists', 'no lists', 'no objects', 'nothing', 'more than one'])(
    'no body of the kind %j is taken',
    async (kind) => {
      const { take } = door()
      for (const text of JSON_CASES[kind]!) expect(await take(text)).toBe(400)
    },
  )

  it.each<[what: string, text: string]>([
    ['nesting 60,000 deep', '['.repeat(60_000)],
    ['nesting 60,000 deep that ends', '['.repeat(60_000) + ']'.repeat(60_000)],
    [
      'nesting 60,000 deep in a property',
      body({ e: [HOLE] }).replace(hole, `${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`),
    ],
    ['100,000 keys', `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`).join()}}`],
    ['100,000 events', body({ e: Array(100_000).fill(0) })],
    ['a key 1 MB long', `{"${'k'.repeat(1_000_000)}":1}`],
  ])('%s is refused at once, also where no length had stopped it', async (_what, text) => {
    const { take, worst } = door()
    const parsing = cpuMs(() => {
      try {
        JSON.parse(text)
      } catch {
        // Not all of them end.
      }
    })
    expect(await take(text)).toBe(400)
    // The engine's own parser takes as long as the bound for some of them, where the machine is busy.
    expect(worst()).toBeLessThan(Math.max(MAX_STALL_MS, 3 * parsing))
  })

  it('text that is made to be slow is not: as long as a body, in every place', async () => {
    const { take, worst } = door()
    const units = [
      'a@',
      '%40',
      '%2540',
      'eyJ',
      'eyJaaaaa.',
      '1-',
      'a1_',
      '?utm_a=',
      '&',
      '%',
      'https://',
      '\\u0000',
      '\\ud800',
      'é',
    ]
    for (const unit of units)
      for (const place of PLACES)
        await take(place.replace(hole, () => `"${unit.repeat(14_000 / unit.length)}"`))
    expect(worst()).toBeLessThan(MAX_STALL_MS)
  })

  it('leaves no memory behind', async () => {
    const { take } = door()
    for (const place of PLACES) await take(place.replace(hole, '"warm"'))
    const before = held()
    for (let round = 0; round < 20; round++)
      for (const place of PLACES) await take(place.replace(hole, () => `"${'x'.repeat(10_000)}${round}"`))
    expect(held() - before).toBeLessThan(MAX_GROWTH)
  })
})

describe('over the wire', () => {
  let lw: TestCollector
  beforeAll(async () => {
    // All of it comes from one address.
    lw = await testCollector({ config: { rate: 0 } })
  })
  afterAll(() => lw.remove())

  it('naughty strings in every field are kept or dropped, projected, and come back as they went in', async () => {
    const places = PLACES.map((place) => JSON.stringify(JSON.parse(place)))
    const seen = new Set<number>()
    let n = 0
    for (const text of NAUGHTY) {
      const bodies = places.map((place) =>
        place
          .replaceAll(eventId(START, 1), () => eventId(START + ++n, 1))
          .replace(hole, () => JSON.stringify(text)),
      )
      for (const { status } of await Promise.all(bodies.map((one) => lw.beacon(one)))) seen.add(status)
    }
    expect([...seen].sort()).toEqual([202, 204, 400])
    await lw.until('/readyz', ({ lag }) => lag === 0)
    const list = await lw.call('GET', '/v1/stats')
    expect(list.status).toBe(200)
  }, 60_000)

  const post = (headers: Record<string, string>, bytes: string | Buffer) =>
    new Promise<{ status: number; detail: string | undefined }>((resolve, reject) => {
      const sent = request(`${lw.origin}/v1/in`, {
        method: 'POST',
        headers: { 'user-agent': BROWSER, ...headers },
      })
      sent.on('error', reject)
      sent.on('response', (response) => {
        let text = ''
        response.on('data', (chunk) => (text += chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            detail: text === '' ? undefined : JSON.parse(text).detail,
          }),
        )
      })
      sent.end(bytes)
    })

  it.each<[what: string, encoding: string, bytes: Buffer, status: number, detail: RegExp]>([
    ['a bomb', 'gzip', gzipSync(Buffer.alloc(50_000_000, 32)), 413, /at most 16384 bytes/],
    ['a byte too many', 'gzip', gzipSync(Buffer.alloc(16_385, 32)), 413, /at most 16384 bytes/],
    ['what is not gzip', 'gzip', Buffer.from(body({})), 400, /body is not gzip/],
    ['half of it', 'gzip', gzipSync(body({})).subarray(0, 40), 400, /body is not gzip/],
    ['another encoding', 'br', Buffer.from(body({})), 400, /content-encoding must be gzip, or missing/],
    ['two encodings', 'gzip, gzip', gzipSync(gzipSync(body({}))), 400, /content-encoding must be gzip/],
  ])('refuses %s (%s)', async (_what, encoding, bytes, status, detail) => {
    // Past 16 kB packed it is too large as it is.
    const sent = bytes.length > 16_384 ? bytes.subarray(0, 16_384) : bytes
    const answer = await post({ 'content-encoding': encoding }, sent)
    expect([status, 400]).toContain(answer.status)
    expect(answer.detail).toMatch(sent === bytes ? detail : /./)
  })

  it('takes gzip', async () => {
    const text = body({ e: [['p', eventId(START, 99), START, '/packed']] })
    expect(await post({ 'content-encoding': 'gzip' }, gzipSync(text))).toMatchObject({ status: 204 })
    await lw.until('/readyz', ({ lag }) => lag === 0)
    const file = new Database(lw.db, { readonly: true })
    expect(file.prepare("SELECT count(*) AS n FROM texts WHERE text = '/packed'").get()).toEqual({ n: 1 })
    file.close()
  })

  /** What the server says to raw bytes, until it ends the connection or this side has. */
  const raw = (head: string[], text: string, isWhole: boolean) =>
    new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(lw.origin).port), '127.0.0.1')
      let answer = ''
      socket.on('data', (chunk) => (answer += chunk))
      socket.on('error', () => resolve(answer))
      socket.on('close', () => resolve(answer))
      socket.write(
        `POST /v1/in HTTP/1.1\r\nhost: x\r\nuser-agent: ${BROWSER}\r\n${head.join('\r\n')}\r\n\r\n${text}`,
      )
      // Who says that no more comes may be cut off before the answer: a request that is whole stays to hear it.
      if (!isWhole) socket.end()
    })
  const good = body({ e: [['p', eventId(START, 100), START, '/length']] })
  const close = 'connection: close'

  it.each<[what: string, head: string[], text: string, status: RegExp]>([
    ['more than is sent', [`content-length: ${good.length + 100}`, close], good, /^$|^HTTP\/1\.1 4/],
    ['less than is sent', ['content-length: 20'], good, /^HTTP\/1\.1 400/],
    ['nothing, and a body', [close], good, /^HTTP\/1\.1 400/],
    ['less than nothing', ['content-length: -1', close], good, /^HTTP\/1\.1 400/],
    ['no number', ['content-length: many', close], good, /^HTTP\/1\.1 400/],
    ['more than a number holds', ['content-length: 99999999999999999999999', close], good, /^HTTP\/1\.1 400/],
    ['two lengths', [`content-length: ${good.length}`, 'content-length: 5', close], good, /^HTTP\/1\.1 400/],
    [
      'a length and chunks',
      [`content-length: ${good.length}`, 'transfer-encoding: chunked', close],
      '0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'chunks of no size',
      ['transfer-encoding: chunked', close],
      `zz\r\n${good}\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400/,
    ],
    ['chunks that stop', ['transfer-encoding: chunked', close], `ff\r\n{`, /^$|^HTTP\/1\.1 4/],
    [
      'good chunks',
      ['transfer-encoding: chunked', close],
      `${good.length.toString(16)}\r\n${good}\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 204/,
    ],
    ['the truth', [`content-length: ${good.length}`, close], good, /^HTTP\/1\.1 204/],
  ])('a length that says %s', async (_what, head, text, status) => {
    const answer = await raw(head, text, status.source.includes('204'))
    expect(answer).toMatch(status)
    expect(answer).not.toMatch(/^HTTP\/1\.1 5/m)
  })

  it('keeps the sums, with no dead letter', async () => {
    await lw.stop()
    const held = counts(lw.db)
    const parts = Object.entries(held).filter(([name]) => name !== 'received' && !name.startsWith('noted:'))
    expect(parts.reduce((sum, [, n]) => sum + n, 0)).toBe(held.received)
    expect(held.dead ?? 0).toBe(0)
  })
})

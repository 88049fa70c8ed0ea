import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scrubAddress, scrubText } from '../collector/scrub.ts'
import { SECRETS } from '../collector/secrets.ts'

const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P'
const UUID = '550e8400-e29b-41d4-a716-446655440000'
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const texts: [what: string, from: string, to: string][] = [
  ['an e-mail', 'Welcome ada@acme.org', 'Welcome [email]'],
  ['an e-mail with a tag and subdomains', 'ada+news@mail.eu.acme.co.uk', '[email]'],
  ['an e-mail in capitals', 'ADA@ACME.ORG', '[email]'],
  ['an encoded @', '/u/ada%40acme.org/settings', '/u/[email]/settings'],
  ['an @ encoded twice', '/u/ada%2540acme.org', '/u/[email]'],
  ['an e-mail outside of ASCII', 'jörg@müller.рф', '[email]'],
  ['two e-mails', '/from/a@b.de/to/c@d.com', '/from/[email]/to/[email]'],
  ['an @ without a domain', '/@ada/posts', '/@ada/posts'],
  ['a scoped package', '/package/@scope/name@1.2.3', '/package/@scope/name@1.2.3'],
  ['a JWT', `/reset/${JWT}`, '/reset/[token]'],
  ['a JWT after an equals sign', `token=${JWT}`, 'token=[token]'],
  ['a JWT of three parts without a signature', '/r/eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', '/r/[token]'],
  ['a UUID', `/orders/${UUID}`, '/orders/[token]'],
  ['a UUID in capitals', `/orders/${UUID.toUpperCase()}`, '/orders/[token]'],
  ['a UUID without dashes', `/o/${UUID.replaceAll('-', '')}`, '/o/[token]'],
  ['a SHA-256', `/i/${SHA256}`, '/i/[token]'],
  ['a hex token of 24', '/t/5f1e9a0b7c2d4e6f8a1b3c5d', '/t/[token]'],
  ['a base64url token', '/t/V1StGXR8_Z5jdHi6B-myTqWxYz01', '/t/[token]'],
  ['a key like ours', 'lw_AbCdEfGhIjKlMnOpQrStUvWx012345', '[token]'],
  ['a recovery code of short groups', '/r/ab12-cd34-ef56-gh78-ij90-kl12', '/r/[token]'],
  ['a number of 24 digits', '/n/123456789012345678901234', '/n/[token]'],
  ['a token between words', 'Invite 9f86d081884c7d659a2feaa0c55ad015 opened', 'Invite [token] opened'],
  ['a short number', '/orders/4711', '/orders/4711'],
  ['a date', '/blog/2026/11/03/pressure', '/blog/2026/11/03/pressure'],
  [
    'a long slug with a number',
    '/blog/10-ways-to-measure-pressure-drop',
    '/blog/10-ways-to-measure-pressure-drop',
  ],
  [
    'a long slug with a year',
    '/blog/trends-in-marketing-automation-2026',
    '/blog/trends-in-marketing-automation-2026',
  ],
  ['a long slug with a date', '/news/20261103-new-plant-in-hamburg', '/news/20261103-new-plant-in-hamburg'],
  [
    'a long slug with a word like b2b',
    '/blog/the-guide-to-b2b-lead-generation',
    '/blog/the-guide-to-b2b-lead-generation',
  ],
  [
    'a long slug with a standard',
    '/blog/iso9001-certification-for-suppliers',
    '/blog/iso9001-certification-for-suppliers',
  ],
  ['a file name with underscores', '/d/Datasheet_Valve_PX200_2026.pdf', '/d/Datasheet_Valve_PX200_2026.pdf'],
  ['a function name', '/docs/my_long_function_name_v2', '/docs/my_long_function_name_v2'],
  ['a long word', '/docs/internationalizationandlocalization', '/docs/internationalizationandlocalization'],
  [
    'a long slug without a number',
    '/services/industrial-pressure-measurement',
    '/services/industrial-pressure-measurement',
  ],
  [
    'encoded letters',
    '/caf%C3%A9/%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82',
    '/caf%C3%A9/%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82',
  ],
  ['nothing', '', ''],
]

describe('scrubText', () => {
  it.each(texts)('%s: %s', (_what, from, to) => {
    expect(scrubText(from)).toBe(to)
  })

  it('leaves nothing of a secret when it is scrubbed twice', () => {
    for (const [, from, to] of texts) expect(scrubText(scrubText(from))).toBe(to)
  })

  const hostile = ['%40', 'a%40', 'a@', 'eyJ', 'eyJaaaaa.', 'a', 'a1-', '-', 'a@a.']
  it.each(hostile)('takes no time for an address full of %s', (part) => {
    const address = part.repeat(Math.ceil(16_384 / part.length))
    const started = performance.now()
    for (let i = 0; i < 8; i++) scrubText(address.slice(i * 2_048, (i + 1) * 2_048))
    expect(performance.now() - started).toBeLessThan(100)
  })
})

type Address = [what: string, from: string, host: string | null, path: string, query?: Record<string, string>]
const addresses: Address[] = [
  ['an absolute address', 'https://Shop.Example/pricing', 'shop.example', '/pricing'],
  ['a port', 'http://localhost:3000/a', 'localhost:3000', '/a'],
  ['no path', 'https://shop.example', 'shop.example', '/'],
  ['no path but a query', 'https://shop.example?utm_source=x', 'shop.example', '/', { utm_source: 'x' }],
  ['a path from the root', '/pricing', null, '/pricing'],
  ['a path without a slash', 'pricing', null, '/pricing'],
  ['nothing', '', null, '/'],
  ['credentials', 'https://ada:secret@shop.example/a', 'shop.example', '/a'],
  ['a name without a password', 'https://ada@shop.example/a', 'shop.example', '/a'],
  ['a fragment', '/a#access_token=abc', null, '/a'],
  ['a fragment with a query in it', '/a#/b?utm_source=x', null, '/a'],
  ['a query before a fragment', '/a?utm_source=x#top', null, '/a', { utm_source: 'x' }],
  ['other keys', '/a?session=abc&token=xyz&q=ada', null, '/a'],
  [
    'campaign tags beside other keys',
    '/a?id=7&utm_source=news&utm_medium=mail&email=a@b.de',
    null,
    '/a',
    { utm_source: 'news', utm_medium: 'mail' },
  ],
  [
    'every campaign tag',
    '/?utm_source_platform=x&utm_id=9',
    null,
    '/',
    { utm_source_platform: 'x', utm_id: '9' },
  ],
  ['campaign tags in capitals', '/?UTM_Source=News', null, '/', { utm_source: 'News' }],
  ['a key that only ends like one', '/?my_utm_source=x', null, '/'],
  ['an empty tag', '/?utm_source=&utm_medium=mail', null, '/', { utm_medium: 'mail' }],
  ['an encoded tag', '/?utm_campaign=spring%20sale+2026', null, '/', { utm_campaign: 'spring sale 2026' }],
  ['an e-mail in a tag', '/?utm_content=ada%40acme.org&utm_source=x', null, '/', { utm_source: 'x' }],
  ['an e-mail in a tag, encoded twice', '/?utm_content=ada%2540acme.org', null, '/'],
  ['a token in a tag', `/?utm_id=${SHA256}`, null, '/'],
  ['a telephone number in a tag', '/?utm_term=%2B49+30+1234567', null, '/'],
  ['an id of an advertisement', '/?utm_id=120210000000000000', null, '/', { utm_id: '120210000000000000' }],
  ['an e-mail as a click id', '/?gclid=ada%40acme.org', null, '/'],
  ['a JWT as a click id', `/?fbclid=${JWT}`, null, '/'],
  ['words as a click id', '/?gclid=Ada+Lovelace', null, '/'],
  ...[
    'gclid',
    'gbraid',
    'wbraid',
    'dclid',
    'fbclid',
    'msclkid',
    'ttclid',
    'twclid',
    'yclid',
    'li_fat_id',
  ].map(
    (key): Address => [
      `the click id ${key}`,
      `/?x=1&${key}=Cj0KCQjw1234567890abcdefgh-_A`,
      null,
      '/',
      { [key]: 'Cj0KCQjw1234567890abcdefgh-_A' },
    ],
  ),
  [
    'a secret in the path',
    `https://shop.example/r/${UUID}?utm_source=x`,
    'shop.example',
    '/r/[token]',
    { utm_source: 'x' },
  ],
  ['an address inside a path', '/go/https://other.example/a', null, '/go/https://other.example/a'],
  ['an address inside a query', '/go?to=https://other.example/a', null, '/go'],
  ['an archived address', 'https://web.example/2026/https://a.b/c', 'web.example', '/2026/https://a.b/c'],
]

describe('scrubAddress', () => {
  it.each(addresses)('%s: %s', (_what, from, host, path, query) => {
    expect(scrubAddress(from)).toEqual({ host, path, query })
  })

  it('cuts a long tag', () => {
    expect(scrubAddress(`/?utm_term=${'x'.repeat(500)}`).query?.utm_term).toHaveLength(200)
  })
})

/** Pieces that meet every branch: words, digits, long runs, encodings, separators. */
const piece = fc.constantFrom(
  ...[
    'utm_source',
    'utm_%73ource',
    'UTM_Term',
    'gclid',
    'q',
    'a1',
    '0'.repeat(23),
    'x'.repeat(23),
    'x-9_',
    '=',
    '&',
    '?',
  ],
  ...['%20', '%', '+', ' ', '.', '/', 'é', '\u{1f600}', '40', '@', 'b.de', 'eyJhbGciOi.eyJzdWI.x', ''],
)
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))

describe('the quick ways', () => {
  it('leave nothing for a second look', () => {
    fc.assert(
      fc.property(text, (from) => {
        const clean = scrubText(from)
        expect(scrubText(clean)).toBe(clean)
      }),
    )
  })

  it('miss no secret that the whole table finds', () => {
    // Without digits, for whose sake everything is looked through.
    const parts = [
      ':',
      '//',
      'fe::dead:beef',
      'ab:c@d.de',
      'ada＠acme.org',
      '/(S(abcdefgh))',
      'eyJabcdef.ghijkl',
      'J',
      'ey',
    ]
    const more = [
      '/',
      ' ',
      'é',
      '-',
      'abCDefGHIjkLMnOpqrSTuv',
      'x'.repeat(15),
      ';sid=abc',
      'lw_',
      'acme%2',
      '(S(',
    ]
    const any = fc.array(fc.constantFrom(...parts, ...more), { maxLength: 8 })
    fc.assert(
      fc.property(any, (pieces) => {
        const from = pieces.join('')
        const scrubbed = SECRETS.reduce(
          (left, { hint, pattern, replace }) =>
            hint.test(left) ? left.replace(pattern, replace as string) : left,
          from,
        )
        expect(scrubText(from)).toBe(scrubbed)
      }),
      { numRuns: 5_000 },
    )
  })

  it('read a query as a URL does', () => {
    fc.assert(
      fc.property(text, (search) => {
        const read = [...new URLSearchParams(search)]
          .map(([name, value]): [string, string] => [name.toLowerCase(), value])
          .filter(([name, value]) => value !== '' && /^(utm_[a-z_]{1,40}|gclid)$/.test(name))
          .filter(([name, value]) =>
            name === 'gclid'
              ? /^[\w.~-]+$/.test(value) && !/^eyJ[\w-]+\./.test(value)
              : scrubText(value) === value,
          )
          .map(([name, value]) => [name, value.slice(0, 200)])
        const expected = read.length === 0 ? undefined : Object.fromEntries(read)
        expect(scrubAddress(`/x?${search}`).query).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })
})

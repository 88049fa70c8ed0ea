import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { consentIn } from '../../collector/import/columns.ts'
import { MAX_LINE_BYTES } from '../../collector/import/lines.ts'
import { type PeopleOptions, peopleOf } from '../../collector/import/people.ts'

const CSV: PeopleOptions = { format: 'csv' }

async function read(file: string | Buffer, options: PeopleOptions = CSV, chunk = Number.POSITIVE_INFINITY) {
  const bytes = Buffer.from(file as string)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunk)
    chunks.push(bytes.subarray(at, Math.min(bytes.length, at + chunk)))
  const found = []
  for await (const block of peopleOf(chunks, options)) found.push(...block)
  return found.map((one) =>
    'problem' in one ? `${one.line}: ${one.problem}` : { line: one.line, ...one.person },
  )
}

const people = async (file: string | Buffer, options?: PeopleOptions) =>
  (await read(file, options)).map((one) => (typeof one === 'string' ? one : `${one.line}: ${one.email}`))

const ADA = 'ada@acme.org'
const BOB = 'bob@acme.org'

describe('a CSV file', () => {
  it.each<[string, string | Buffer, PeopleOptions, string[]]>([
    ['plain', `email\n${ADA}\n${BOB}\n`, CSV, [`2: ${ADA}`, `3: ${BOB}`]],
    ['without a last line end', `email\n${ADA}`, CSV, [`2: ${ADA}`]],
    ['with a byte order mark', `\uFEFFemail,name\n${ADA},Ada\n`, CSV, [`2: ${ADA}`]],
    ['with semicolons', `Name;E-Mail\nAda, Countess;${ADA}\n`, CSV, [`2: ${ADA}`]],
    ['with tabs', `Name\tE-Mail\nAda\t${ADA}\n`, CSV, [`2: ${ADA}`]],
    ['with Windows line ends', `email\r\n${ADA}\r\n\r\n${BOB}\r\n`, CSV, [`2: ${ADA}`, `4: ${BOB}`]],
    ['with old Mac line ends', `email\r${ADA}\r${BOB}`, CSV, [`2: ${ADA}`, `3: ${BOB}`]],
    ['with empty lines', `\nemail\n\n${ADA}\n\n`, CSV, [`4: ${ADA}`]],
    [
      'with quotes across lines',
      `email,name\n${ADA},"Ada\nLovelace"\n${BOB},Bob\n`,
      CSV,
      [`2: ${ADA}`, `4: ${BOB}`],
    ],
    [
      'with quotes in quotes',
      `email,name\n${ADA},"Ada ""the"" first"\n${BOB},B\n`,
      CSV,
      [`2: ${ADA}`, `3: ${BOB}`],
    ],
    ['with an inch in a field', `email,name\n${ADA},5" pipe\n${BOB},B\n`, CSV, [`2: ${ADA}`, `3: ${BOB}`]],
    [
      'with a quote that never ends',
      `email,name\n${ADA},"Ada\n${BOB},B\n`,
      CSV,
      ['2: a quote is opened and never closed', `3: ${BOB}`],
    ],
    [
      'with missing and with too many columns',
      `email,name\n${ADA}\n${BOB},B\n${ADA},A,A\n`,
      CSV,
      ['2: has 1 fields where the header has 2', `3: ${BOB}`, '4: has 3 fields where the header has 2'],
    ],
    [
      'with wrong addresses and none',
      `email,phone\nnobody,\n,\n${ADA},12\n${BOB},+49 (30) 123456\n`,
      CSV,
      [
        '2: email must be an e-mail address, like ada@acme.org',
        '3: give at least one of email, phone and externalId',
        '4: phone must be in international form, like +4930123456',
        `5: ${BOB}`,
      ],
    ],
    ['in UTF-16 with a mark', Buffer.from(`\uFEFFemail\n${ADA}\n`, 'utf16le'), CSV, [`2: ${ADA}`]],
    ['in UTF-16 without one', Buffer.from(`email\n${ADA}\n`, 'utf16le'), CSV, [`2: ${ADA}`]],
    [
      'in an encoding that nobody named',
      Buffer.from(`email,name\n${ADA},Zo\xeb\n${BOB},B\n`, 'latin1'),
      CSV,
      [
        '2: is not UTF-8; save the file as UTF-8, or name its encoding (--encoding windows-1252)',
        `3: ${BOB}`,
      ],
    ],
    [
      'in an encoding that is named',
      Buffer.from(`email,name\n${ADA},Zo\xeb\n`, 'latin1'),
      { ...CSV, encoding: 'windows-1252' },
      [`2: ${ADA}`],
    ],
    [
      'with a line that never ends',
      `email\n${'x'.repeat(MAX_LINE_BYTES + 1)}\n${ADA}\n`,
      CSV,
      ['2: is longer than 1 MB; look for missing line ends', `3: ${ADA}`],
    ],
  ])('%s', async (_, file, options, expected) => {
    expect(await people(file, options)).toEqual(expected)
  })

  it('is the same however its bytes are cut', async () => {
    const file = `\uFEFFemail;name\r\n${ADA};"Zoë\r\n;""x"""\r\n\r\nbroken\r\n${BOB};"B"\r\n`
    const whole = await read(file)
    expect(whole).toHaveLength(3)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 40 }), async (chunk) => {
        expect(await read(file, CSV, chunk)).toEqual(whole)
      }),
    )
  })

  it('gives back whatever fields were written', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'ë', '"', ',', ';', ' ', '\n', "'"), maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.array(field, { minLength: 1, maxLength: 20 }), async (names) => {
        const quoted = names.map((name) => `${ADA},"${name.replaceAll('"', '""')}"`)
        const found = await read(`email,name\n${quoted.join('\n')}\n`)
        const read_ = found.map((one) => (typeof one === 'string' ? one : (one.traits.name ?? '')))
        expect(read_).toEqual(names.map((name) => name.trim()))
      }),
    )
  })

  it('takes columns by their usual names, by the map, and leaves out the rest', async () => {
    const left: string[] = []
    const map = new Map([
      ['email', 'Contact'],
      ['company.name', 'Konto'],
    ])
    const file = `Contact,First Name,Konto,Job Title,Secret notes,Consent,Created\n${ADA},Ada,Acme,CTO,hates us,yes,2026-01-02\n`
    const found = await read(file, { ...CSV, map, leftOut: (columns) => left.push(...columns) })
    expect(found).toEqual([
      {
        line: 2,
        email: ADA,
        consent: true,
        traits: { firstName: 'Ada', company: { name: 'Acme' }, title: 'CTO' },
      },
    ])
    expect(left).toEqual(['Secret notes', 'Created'])
  })

  it.each([
    ['', /the file is empty/],
    ['name,company\nAda,Acme\n', /no column names a person; the columns are name, company/],
    ['"email\n', /line 1, the header, a quote is opened/],
  ])('of which nothing can be read says why: %j', async (file, words) => {
    await expect(read(file)).rejects.toThrow(words)
  })
})

describe('an NDJSON file', () => {
  it('holds a person a line, and a wrong line costs no other', async () => {
    const lines = [
      JSON.stringify({ email: ADA, traits: { name: 'Ada' }, consent: 'no', at: '2026-01-02T03:04:05Z' }),
      '',
      '{"email":',
      '[]',
      '"text"',
      JSON.stringify({ email: BOB, nickname: 'B' }),
      JSON.stringify({ externalId: 'crm-7' }),
      `{"email":"${ADA}","traits":{"a":${'['.repeat(6_000)}${']'.repeat(6_000)}}}`,
    ]
    expect(await read(lines.join('\n'), { format: 'ndjson' })).toEqual([
      { line: 1, email: ADA, traits: { name: 'Ada' }, consent: false, at: Date.UTC(2026, 0, 2, 3, 4, 5) },
      '3: is not JSON; each line must be one JSON object',
      '4: must be a JSON object',
      '5: must be a JSON object',
      '6: nickname is not a known field',
      { line: 7, externalId: 'crm-7', traits: {} },
      '8: traits may not hold lists or objects within each other, more than 64 deep',
    ])
  })
})

describe('consent that somebody wrote', () => {
  it.each([
    ['yes', true],
    ['TRUE', true],
    ['opted-out', false],
    ['0', false],
    ['perhaps', undefined],
    ['CPz9AkAPz9AkAAKA1AENCZCsAP', undefined],
  ])('%s', (text, expected) => {
    expect(consentIn(text)).toBe(expected)
  })

  it('is refused and said where nobody can read it', async () => {
    for await (const block of peopleOf([Buffer.from(`email,consent\n${ADA},perhaps\n`)], CSV)) {
      expect(block).toEqual([
        { line: 2, person: { email: ADA, traits: {}, consent: false }, unreadableConsent: true },
      ])
    }
  })
})

import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { csvLine } from '../../collector/api/csv.ts'
import { LEAD_SORTS } from '../../shared/lead.ts'
import { beaconOf, DAY, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor } from '../support/keys.ts'

const LEADS = 24
let lw: TestCollector
/** In the order in which they were identified. */
let ids: string[]

/** Of those who are not called by their number. */
const NAMES: Record<number, string> = {
  7: '=HYPERLINK("http://evil","x")',
  9: 'Zoe Müller',
  10: 'MESUT ÖZIL',
}

beforeAll(async () => {
  lw = await testCollector({ now: START })
  await addSite(lw, 'shop')
  ids = []
  for (let n = 0; n < LEADS; n++) {
    lw.clock.now += 60_000
    const at = lw.clock.now - 1_000
    // Every third has read the prices, every fourth came from a search, each fifth reads more.
    const paths = [
      n % 3 === 0 ? '/pricing' : '/about',
      ...Array.from({ length: n % 5 }, (_, i) => `/services/${i}`),
    ]
    await lw.beacon(
      beaconOf(
        lw.clock.now,
        paths.map((path, i) => [
          'p',
          eventId(at + i, n),
          at + i,
          path,
          '',
          ...(i === 0 && n % 4 === 0 ? ['https://www.google.com/'] : []),
        ]),
        { v: `v${n}` },
      ),
    )
    const { body } = await lw.call('POST', '/v1/identify', {
      site: 'main',
      email: `lead${n}@acme${n % 2}.org`,
      visitor: `v${n}`,
      traits: {
        name: NAMES[n] ?? `Lead ${n}`,
        title: n === 8 ? '100% "CTO"' : 'Buyer',
      },
      ...(n % 6 === 0 && { signal: { name: 'demo_requested', id: `d${n}` } }),
    })
    ids.push(body.id)
  }
  for (const n of [1, 2]) await lw.call('PATCH', `/v1/leads/${ids[n]}`, { owner: 'Grace' })
})
afterAll(() => lw.remove())

type Lead = Record<string, string | number | null> & { id: string; engagement: number; stage: string }
async function all(query: string, limit = 7): Promise<Lead[]> {
  const found: Lead[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { status, body } = await lw.call(
      'GET',
      `/v1/leads?limit=${limit}&${query}${cursor && `&cursor=${cursor}`}`,
    )
    expect(status, JSON.stringify(body)).toBe(200)
    found.push(...body.items)
    cursor = body.next
  }
  return found
}
const numbers = (found: Lead[]) => found.map(({ id }) => ids.indexOf(id)).sort((a, b) => a - b)
const some = (holds: (n: number) => boolean) => ids.map((_, n) => n).filter(holds)

describe('leads', () => {
  const filtered: [query: string, holds: (n: number) => boolean][] = [
    ['stage=sql', (n) => n % 6 === 0],
    ['stage=lead,mql', (n) => n % 6 !== 0],
    ['page=/pricing', (n) => n % 3 === 0],
    ['page=/services/3', (n) => n % 5 === 4],
    ['page=/nowhere', () => false],
    ['source=search%20Google', (n) => n % 4 === 0],
    ['source=direct', (n) => n % 4 !== 0],
    ['source=nothing', () => false],
    ['owner=Grace', (n) => n === 1 || n === 2],
    ['owner=', (n) => n !== 1 && n !== 2],
    ['owner=Nobody', () => false],
    ['q=LEAD11', (n) => n === 11],
    ['q=acme1', (n) => n % 2 === 1],
    ['q=cto', (n) => n === 8],
    ['q=100%25', (n) => n === 8],
    ['q=100%25%20%22cto', (n) => n === 8],
    ['q=M%C3%9CLLER', (n) => n === 9],
    ['q=m%C3%BCller', (n) => n === 9],
    ['q=%C3%96ZIL', (n) => n === 10],
    ['q=%C3%B6zil', (n) => n === 10],
    ['q=_ead5', () => false],
    ['q=name', () => false],
    ['stage=sql&source=search%20Google&page=/pricing', (n) => n % 12 === 0],
    ['segment=call&stage=lead', () => false],
    ['segment=nothing', () => false],
    [`seenFrom=${new Date(START + 21 * 60_000).toISOString()}`, (n) => n >= 20],
    [`seenTo=${new Date(START + 3.5 * 60_000).toISOString()}`, (n) => n <= 2],
    [`seenFrom=${new Date(START).toISOString().slice(0, 10)}`, () => true],
    [`seenTo=${new Date(START - DAY).toISOString().slice(0, 10)}`, () => false],
  ]
  it.each(filtered)('?%s', async (query, holds) => {
    expect(numbers(await all(query))).toEqual(some(holds))
  })

  it('are found by their points', async () => {
    const whole = await all('')
    const points = whole.map(({ engagement }) => engagement).sort((a, b) => a - b)
    const middle = points[Math.floor(points.length / 2)]!
    for (const { id, engagement } of whole) expect(ids, `${engagement}`).toContain(id)
    expect(
      (await all(`minEngagement=${middle}`)).map(({ engagement }) => engagement).sort((a, b) => a - b),
    ).toEqual(points.filter((one) => one >= middle))
    expect((await all(`maxEngagement=${middle}`)).length).toBe(points.filter((one) => one <= middle).length)
    expect(await all('minFit=99')).toEqual(whole.filter((lead) => (lead.fit as number) >= 99))
  })

  it.each(LEAD_SORTS.flatMap((sort) => [sort, `-${sort}`]))(
    'are sorted by %s, each once, whatever the page',
    async (sort) => {
      const whole = await all(`sort=${sort}`, 500)
      expect(numbers(whole)).toEqual(some(() => true))
      for (const limit of [1, 5, 24]) expect(await all(`sort=${sort}`, limit)).toEqual(whole)
      const name = sort.replace('-', '')
      if (name === 'createdAt') return
      const values = whole.map((lead) => lead[name]!)
      const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      expect(values).toEqual(sort.startsWith('-') ? sorted.reverse() : sorted)
    },
  )

  it('move where their name puts them', async () => {
    const order = async () => (await all('sort=name', 24)).map(({ id }) => ids.indexOf(id))
    await lw.call('PATCH', `/v1/leads/${ids[23]}`, { traits: { name: 'Ärzte' } })
    // '=HYPERLINK', Ärzte, Lead 0.
    expect((await order()).slice(0, 3)).toEqual([7, 23, 0])
    await lw.call('PATCH', `/v1/leads/${ids[23]}`, { traits: { name: 'Lead 23' } })
    expect((await order()).indexOf(23)).toBeGreaterThan(2)
  })

  it('say who works them, until nobody does', async () => {
    const owner = async () => (await lw.call('GET', `/v1/leads/${ids[3]}`)).body.owner
    expect(await owner()).toBeNull()
    const audited = async () => (await lw.call('GET', '/v1/audit')).body.items.length
    const before = await audited()
    expect((await lw.call('PATCH', `/v1/leads/${ids[3]}`, { owner: ' Ada ' })).status).toBe(200)
    expect(await owner()).toBe('Ada')
    await lw.call('PATCH', `/v1/leads/${ids[3]}`, { owner: null })
    expect(await owner()).toBeNull()
    // It is nothing that is held of the person.
    expect(await audited()).toBe(before)
    expect((await lw.call('PATCH', `/v1/leads/${ids[3]}`, { owner: '' })).status).toBe(422)
  })

  it('name the next page in a header, under the same filters', async () => {
    const first = await lw.request('/v1/leads?stage=sql&limit=2&sort=fit', {
      headers: { authorization: `Bearer ${lw.key}` },
    })
    const link = first.headers.get('link')!
    expect(link).toMatch(/^<\/v1\/leads\?stage=sql&limit=2&sort=fit&cursor=[^>]+>; rel="next"$/)
    const next = await lw.call('GET', /<(.*)>/.exec(link)![1]!)
    expect(next.body.items).toHaveLength(2)
    expect(next.body.items).not.toEqual((await first.json()).items)
    const last = await lw.request('/v1/leads?limit=500', { headers: { authorization: `Bearer ${lw.key}` } })
    expect(last.headers.get('link')).toBeNull()
  })
})

describe('what is not on the lists of what may be asked', () => {
  const PAYLOADS = [
    "' OR 1=1 --",
    "'; DROP TABLE leads; --",
    'engagement; DELETE FROM contacts',
    '(SELECT hash FROM keys)',
    'contacts.email',
    '-leads.lead',
    'engagement DESC, 1',
    '__proto__',
    'constructor',
    '%',
    '\\',
    "\\' OR 'a'='a",
    '1 UNION SELECT * FROM settings',
    'x\u0000y',
    '"',
    '{{7*7}}',
  ]
  it.each(PAYLOADS)('%j is no sort key, stage, dimension or format', async (payload) => {
    const said = encodeURIComponent(payload)
    for (const path of [`/v1/leads?sort=${said}`, `/v1/leads?stage=${said}`, `/v1/leads?format=${said}`]) {
      const { status, body } = await lw.call('GET', path)
      expect(status, path).toBe(400)
      if (payload.length > 1) expect(JSON.stringify(body), path).not.toContain(payload)
    }
  })
  it.each(PAYLOADS)(
    '%j finds nobody by text, owner, source, page or segment, and harms nothing',
    async (payload) => {
      const said = encodeURIComponent(payload)
      for (const filter of ['owner', 'source', 'page', 'segment'])
        expect((await lw.call('GET', `/v1/leads?${filter}=${said}`)).body.items, filter).toEqual([])
      const found = await lw.call('GET', `/v1/leads?q=${said}`)
      expect(found.status).toBe(200)
      expect(numbers(found.body.items)).toEqual(
        payload === '%' || payload === '"' ? (payload === '%' ? [8] : [7, 8]) : [],
      )
      // A cursor that nobody gave starts over.
      const over = await lw.call('GET', `/v1/leads?limit=1&cursor=${said}`)
      expect(over.body.items[0].id).toBe((await all('', 500))[0]!.id)
      expect(await all('', 500)).toHaveLength(LEADS)
    },
  )
})

describe('lists as files', () => {
  const file = (path: string, headers: Record<string, string> = {}) =>
    lw.request(path, { headers: { authorization: `Bearer ${lw.key}`, ...headers } })

  it('are CSV of everything under the filters, without a formula', async () => {
    const answer = await file('/v1/leads?format=csv&sort=createdAt')
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="leads-2026-11-03\.csv"$/,
    )
    const text = await answer.text()
    expect(text.startsWith('id,site,stage,engagement,')).toBe(true)
    const rows = parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[]
    expect(rows.map(({ id }) => id)).toEqual(ids)
    expect(rows[7]!.name).toBe('\'=HYPERLINK("http://evil","x")')
    expect(rows[1]!.owner).toBe('Grace')
    expect(rows[0]!.owner).toBe('')
    const sql = await (await file('/v1/leads?format=csv&stage=sql')).text()
    expect(sql.split('\r\n')).toHaveLength(LEADS / 6 + 2)
  })

  it('begin with the mark of UTF-8 where that is asked for', async () => {
    const bytes = async (query: string) =>
      Buffer.from(await (await file(`/v1/leads?format=csv${query}`)).arrayBuffer()).subarray(0, 3)
    expect(await bytes('&bom=1')).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
    expect((await bytes('')).toString()).toBe('id,')
  })

  it('are NDJSON of the same items as the pages', async () => {
    const answer = await file('/v1/leads', { accept: 'application/x-ndjson' })
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await answer.text()).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(await all('', 500))
  })

  it('are what the Accept header says, unless the query says another', async () => {
    const type = async (path: string, accept: string) =>
      (await file(path, { accept })).headers.get('content-type')
    expect(await type('/v1/leads', 'text/csv')).toContain('text/csv')
    expect(await type('/v1/leads', 'text/html, */*')).toContain('application/json')
    expect(await type('/v1/leads', 'text/csv;q=0')).toContain('application/json')
    expect(await type('/v1/leads', 'Text/CSV; q=0.5, application/x-ndjson')).toContain('ndjson')
    expect(await type('/v1/leads', 'application/json, text/csv')).toContain('application/json')
    expect(await type('/v1/leads', 'text/csv;q=much')).toContain('application/json')
    expect(await type('/v1/leads?format=json', 'text/csv')).toContain('application/json')
    expect(await type('/v1/leads?format=ndjson', 'text/csv')).toContain('ndjson')
  })

  it('hold so many as are asked for', async () => {
    expect((await (await file('/v1/leads?format=ndjson&limit=3')).text()).trimEnd().split('\n')).toHaveLength(
      3,
    )
  })

  it.each(['/v1/companies', '/v1/audit', '/v1/sites', '/v1/keys', '/v1/staff', '/v1/rules/history'])(
    '%s is one, too',
    async (path) => {
      const [head, ...rows] = (await (await file(`${path}?format=csv`)).text()).trimEnd().split('\r\n')
      const { body } = await lw.call(
        'GET',
        `${path}${/companies|transitions/.test(path) ? '?limit=500' : ''}`,
      )
      if (body.items.length > 0) expect(Object.keys(body.items[0]).sort()).toEqual(head!.split(',').sort())
      expect(rows.filter((row) => row !== '')).toHaveLength(body.items.length)
    },
  )

  it('are refused like the pages', async () => {
    const { key } = await keyFor(lw, ['read'])
    expect((await callAs(lw, `Bearer ${key}`, 'GET', '/v1/leads?format=csv')).status).toBe(403)
    expect((await lw.call('GET', '/v1/leads?format=csv&site=nobody')).status).toBe(404)
    expect((await lw.call('GET', '/v1/leads/nobody/timeline?format=csv')).status).toBe(404)
  })
})

describe('a cell', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49', "'+49"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', '"\'\t=1"'],
    ['＝1', "'＝1"],
    ['a=1', 'a=1'],
    [-1, '-1'],
    [1.5, '1.5'],
    [null, ''],
    [undefined, ''],
    [true, 'true'],
    [['a', 'b'], '"a; b"'],
    [{ a: 1 }, '"{""a"":1}"'],
    ['a "b"', '"a ""b"""'],
    ['line\nbreak', '"line\nbreak"'],
  ])('%j is %s', (value, written) => {
    expect(csvLine([value])).toBe(`${written}\r\n`)
  })

  it('comes back as it went in, but for the quote before a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 }), (cells) => {
        const [row] = parse(csvLine(['x', ...cells]), {
          record_delimiter: '\r\n',
          relax_column_count: true,
        }) as string[][]
        expect(row!.slice(1).map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ''))).toEqual(
          cells.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, '')),
        )
        for (const cell of row!.slice(1)) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
      }),
    )
  })
})

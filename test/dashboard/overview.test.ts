import { describe, expect, test } from 'vitest'
import { askedOf, overviewUrl } from '../../collector/dashboard/overview-query.ts'
import type { NumbersAsked } from '../../collector/read/numbers.ts'
import { NOW, OVERVIEW, SESSION } from './fakes.ts'
import { open } from './support.ts'

const asked = (query: string) => askedOf('shop', new URLSearchParams(query), NOW)

describe('the address of the overview', () => {
  test.each<[query: string, expected: Partial<NumbersAsked>]>([
    ['', { to: NOW, period: '28d', compare: 'previous', filters: {} }],
    ['range=91d&compare=year', { to: NOW, period: '91d', compare: 'year', filters: {} }],
    ['range=today&compare=off', { from: NOW, to: NOW, filters: {} }],
    ['range=all', { to: NOW, period: 'all', filters: {} }],
    [
      'from=2025-11-03&to=2025-11-01',
      { from: { day: 20_393 }, to: { day: 20_395 }, compare: 'previous', filters: {} },
    ],
    ['from=2025-11-03', { from: { day: 20_395 }, to: { day: 20_395 }, compare: 'previous', filters: {} }],
    [
      'page=%2Fpricing&country=DE&stage=sql,nobody',
      {
        to: NOW,
        period: '28d',
        compare: 'previous',
        filters: { page: '/pricing', country: 'DE', stage: ['sql'] },
      },
    ],
  ])('%j asks for %j', (query, expected) => {
    expect(asked(query).query).toEqual(expected)
    expect(asked(query).isOdd).toBe(false)
  })

  test.each(['from=yesterday', 'from=2025-13-01&to=2025-11-02', 'stage=boss', `page=${'x'.repeat(5_000)}`])(
    'what cannot be understood is left out, and said: %.30s',
    async (query) => {
      expect(asked(query)).toMatchObject({ isOdd: true, query: { period: '28d', filters: {} } })
      expect(await open().html(`/?${query}`)).toContain('could not be understood')
    },
  )

  test('says the same again', () => {
    const query = 'site=shop&range=91d&compare=off&metric=visits&page=%2Fpricing&source=search+Google'
    expect(overviewUrl(asked(query))).toBe(`/?${query}`)
    const days = 'site=shop&from=2025-11-01&to=2025-11-03'
    expect(overviewUrl(asked(days))).toBe(`/?${days}`)
    expect(overviewUrl(asked(days), { range: '7d', from: undefined, to: undefined })).toBe(
      '/?site=shop&range=7d',
    )
  })
})

describe('overview', () => {
  test('a row narrows the page to what it names, and says so in a chip with the way back', async () => {
    expect(await open().html('/')).toContain('href="/?site=shop&amp;source=search+Google"')
    const seen: NumbersAsked[] = []
    const opened = open({
      overview: async (_site, asked) => {
        seen.push(asked)
        return OVERVIEW
      },
    })
    const html = await opened.html('/?range=7d&source=search+Google&country=DE')
    expect(seen[0]!.filters).toEqual({ source: 'search Google', country: 'DE' })
    expect(html).toMatch(
      /class="chip">.*?came by.*?Google.*?href="\/\?site=shop&amp;range=7d&amp;country=DE"/s,
    )
    expect(html).toMatch(/class="chip">.*?from<\/span> <bdi>Germany/s)
    // The other rows keep both; a second click on the chosen one takes it away.
    expect(html).toContain(
      'href="/?site=shop&amp;range=7d&amp;source=search+Google&amp;country=DE&amp;device=desktop"',
    )
    expect(html).toMatch(/href="\/\?site=shop&amp;range=7d&amp;country=DE" aria-current="true"/)
    // The form for other days keeps them, too.
    expect(html).toContain('<input type="hidden" name="source" value="search Google"/>')
  })

  test('what is not known narrows nothing', async () => {
    expect(await open().html('/')).toContain('<span class="path"><bdi>unknown</bdi></span>')
  })

  test('says how the numbers changed; more bounces are worse, and nothing is said against none', async () => {
    const html = await open().html('/')
    expect(html).toMatch(/12,345<\/span><span class="change better"[^>]*>\+12%/)
    expect(html).toMatch(/40%<\/span><span class="change worse"[^>]*>\+20%/)
    expect(html).toMatch(/412<\/span><\/dd>/)
    const { compare: _, ...alone } = OVERVIEW
    expect(await open({ overview: async () => alone }).html('/')).not.toContain('class="change')
  })

  test('the line has its values in a table, beside those before', async () => {
    const html = await open().html('/?metric=visits')
    const table = /<details class="as-table">.*?<\/details>/s.exec(html)![0]
    expect([...table.matchAll(/<tr>/g)]).toHaveLength(1 + OVERVIEW.series.length)
    expect(table).toMatch(/Friday,? 21 November 2025<\/th>/)
    expect(table).toContain(`>${OVERVIEW.series.at(-1)!.visits}<`)
    expect(html).toContain('class="line open"')
    expect(html).toContain('class="before"')
  })

  test.each([
    ['visitors', 'Visitors', '409'],
    ['bounceRate', 'Bounce rate', '39%'],
    ['downloads', 'Downloads', '16'],
    ['cartAdds', 'Cart adds', '0'],
    ['constructor', 'Visitors', '409'],
  ])('the tile of %s is a link to its line', async (metric, name, last) => {
    const html = await open().html(`/?site=shop&metric=${metric}`)
    const shown = /class="tile is-shown">.*?<dt>(.*?)<\/dt>/s.exec(html)![1]
    expect(shown).toContain(`aria-current="true">${name}</a>`)
    expect(html.match(/<dt><a /g)).toHaveLength(7)
    const table = /<details class="as-table">.*?<\/details>/s.exec(html)![0]
    expect(table).toContain(`>${name}</th>`)
    expect(
      /<td class="number">([^<]*)<\/td><td[^>]*><span title="[^"]+">[^<]*<\/span><\/td><\/tr><\/tbody>/.exec(
        table,
      )![1],
    ).toBe(last)
  })

  test.each([
    ['nothing', { series: [], compare: undefined }],
    ['one piece', { series: OVERVIEW.series.slice(-1) }],
    ['zeros', { series: OVERVIEW.series.map((item) => ({ ...item, visitors: 0 })), compare: undefined }],
    ['more before than now', { series: OVERVIEW.series.slice(0, 3) }],
  ])('a line of %s is drawn without a hole', async (_what, rest) => {
    const html = await open({ overview: async () => ({ ...OVERVIEW, ...rest }) as never }).html('/')
    expect(html).not.toMatch(/NaN|Infinity|undefined/)
  })

  test('a viewer sees no names, and no list of them', async () => {
    const headers = { cookie: `leadwake_session=${SESSION}-vera` }
    const html = await (await open().ask('/', { headers })).text()
    expect(html).not.toContain('Ada Lovelace')
    expect(html).not.toContain('href="/leads')
    expect(html).toContain('12,345')
  })

  test('says how many are there, and which site is listened to', async () => {
    const html = await open().html('/')
    expect(html).toMatch(/data-live="shop".*?<span data-live-now="true">3</s)
  })

  test('numbers of a part of the visitors are named as estimates', async () => {
    expect(await open({ overview: async () => ({ ...OVERVIEW, sample: 0.25 }) }).html('/')).toContain(
      'Estimated from 25% of the visitors',
    )
  })
})

import { createReadStream } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cleanTexts } from '../../collector/clean-texts.ts'
import { timeIn } from '../../collector/import/view.ts'
import { type FoundView, type ViewsOptions, viewsOf } from '../../collector/import/views.ts'

const NOW = Date.UTC(2026, 10, 3)
const AT = Date.UTC(2025, 2, 10, 9)
const MINUTE = 60_000

const options = (tool: ViewsOptions['tool'], more: Partial<ViewsOptions> = {}): ViewsOptions => ({
  tool,
  site: { id: 'main', hosts: [], keptFrom: 0 },
  now: NOW,
  clean: cleanTexts(),
  ...more,
})

async function found(text: string, how: ViewsOptions): Promise<FoundView[]> {
  const all: FoundView[] = []
  for await (const some of viewsOf([Buffer.from(text)] as never, how)) all.push(...some)
  return all
}

async function example(name: string, how: ViewsOptions): Promise<FoundView[]> {
  const all: FoundView[] = []
  const file = new URL(`examples/${name}`, import.meta.url)
  for await (const some of viewsOf(createReadStream(file), how)) all.push(...some)
  return all
}

/** What counts of an item, without its hashed keys. */
const shown = (one: FoundView) => {
  if (!('item' in one)) return one
  const { event, profile, at } = one.item
  const { id: _id, kind: _kind, at: _at, ...page } = event as unknown as Record<string, unknown>
  return { line: one.line, at, ...page, profile }
}

describe('page views of other tools', () => {
  it('of Google Analytics 4', async () => {
    const all = await example('ga4.ndjson', options('ga4'))
    const profile = { agent: 'desktop, Safari, Mac OS', language: 'de', screen: null, country: 'AT' }
    expect(all.map(shown)).toEqual([
      { line: 1, left: 'session_start' },
      {
        line: 2,
        at: AT,
        path: '/',
        query: { utm_source: 'news' },
        title: 'Home',
        referrer: 'www.google.com/',
        profile,
      },
      { line: 3, at: AT + MINUTE, path: '/pricing', title: 'Pricing', profile },
      { line: 4, left: 'user_engagement' },
      { line: 5, at: AT + 24 * 60 * MINUTE, path: '/pricing', title: 'Pricing', profile },
      { line: 6, left: 'page_view without user_pseudo_id' },
    ])
    const visitors = all.flatMap((one) => ('item' in one ? one.item.visitor! : []))
    expect(visitors[0]).toMatch(/^ga4-[\w-]{22}$/)
    expect(visitors[1]).toBe(visitors[0])
    expect(visitors[2]).not.toBe(visitors[0])
    expect(JSON.stringify(all)).not.toMatch(/1234\.5678|ada@/)
  })

  it('of Umami', async () => {
    const all = await example('umami.csv', options('umami'))
    const profile = { agent: 'desktop, chrome, Windows', language: 'de', screen: 'wide', country: 'AT' }
    expect(all.map(shown)).toEqual([
      {
        line: 2,
        at: AT,
        path: '/',
        query: { utm_source: 'news' },
        title: 'Home',
        referrer: 'www.google.com/search',
        profile,
      },
      { line: 3, at: AT + MINUTE + 250, path: '/pricing', title: 'Pricing, and more', profile },
      { line: 4, left: 'custom event' },
      {
        line: 5,
        at: AT + 25 * 60 * MINUTE,
        path: '/pricing',
        title: 'Pricing',
        profile: { agent: 'mobile, safari, iOS', language: 'en', screen: 'small', country: 'DE' },
      },
    ])
  })

  it('of Plausible', async () => {
    const all = await example('plausible.csv', options('plausible'))
    const profile = { agent: 'desktop, Safari, Mac OS', language: null, screen: null, country: 'AT' }
    expect(all.map(shown)).toEqual([
      {
        line: 2,
        at: AT,
        path: '/',
        query: { utm_source: 'news', utm_medium: 'email' },
        referrer: 'google.com/search',
        profile,
      },
      { line: 3, at: AT + MINUTE, path: '/pricing', profile },
      { line: 4, left: 'Signup' },
      {
        line: 5,
        at: AT + 25 * 60 * MINUTE,
        path: '/pricing',
        profile: { agent: 'mobile, Safari, iOS', language: null, screen: null, country: null },
      },
    ])
  })

  it('refuses sums of Plausible with the reason, and files of another kind', async () => {
    await expect(example('plausible-sums.csv', options('plausible'))).rejects.toThrow(
      /sums by day.*events_v2/,
    )
    await expect(example('umami.csv', options('plausible'))).rejects.toThrow(
      'no column timestamp and no user_id',
    )
    await expect(found('', options('umami'))).rejects.toThrow('the file is empty')
  })

  it('takes one website of Umami at a time', async () => {
    const header = 'website_id,session_id,created_at,url_path\n'
    const text = `${header}a,s,2025-01-01 00:00:00,/\nb,s,2025-01-01 00:00:00,/\n`
    expect((await found(text, options('umami'))).at(-1)).toEqual({
      line: 3,
      problem: 'is of another website than the first; import one website at a time, with --website ID',
    })
    expect(await found(text, options('umami', { website: 'b' }))).toMatchObject([
      { line: 2, left: 'of another website' },
      { line: 3, item: { event: { path: '/' } } },
    ])
  })

  it('leaves out what is older than a site keeps: it could not be known again', async () => {
    const site = { id: 'main', hosts: [], keptFrom: AT + MINUTE }
    const all = await example('ga4.ndjson', options('ga4', { site }))
    expect(all.filter((one) => 'left' in one && one.left === 'older than the site keeps')).toHaveLength(1)
    expect(all.filter((one) => 'item' in one)).toHaveLength(2)
  })

  const ga4 = (fields: object) =>
    JSON.stringify({
      event_name: 'page_view',
      event_timestamp: '1741597200000000',
      user_pseudo_id: '1.2',
      event_params: [{ key: 'page_location', value: { string_value: 'https://x.example/' } }],
      ...fields,
    })
  it.each([
    ['no JSON', '{', /is not JSON/],
    ['a list', '[]', /must be a JSON object/],
    ['null', 'null', /must be a JSON object/],
    ['no event', '{}', /no event_name/],
    ['no address', ga4({ event_params: [] }), /no page_location/],
    [
      'odd parameters',
      ga4({ event_params: [null, 7, { key: 'page_location', value: 'x' }] }),
      /no page_location/,
    ],
    ['a time before pages', ga4({ event_timestamp: '1' }), /before the year 2000/],
    ['a time to come', ga4({ event_timestamp: String((NOW + 1) * 1_000) }), /lies ahead/],
  ])('names what is wrong with a line and goes on: %s', async (_, line, problem) => {
    const all = await found(`${line}\n\n${ga4({})}\n`, options('ga4'))
    expect(all).toMatchObject([
      { line: 1, problem: expect.stringMatching(problem) },
      { line: 3, item: {} },
    ])
  })

  it('gives a view the same key whenever it is read, and other views others', async () => {
    const keys = async () =>
      (await example('ga4.ndjson', options('ga4'))).flatMap((one) =>
        'item' in one ? JSON.stringify([one.item.visitor, one.item.event?.id]) : [],
      )
    expect(await keys()).toEqual(await keys())
    expect(new Set(await keys()).size).toBe(3)
  })

  it.each([
    ['2025-03-10 09:00:00', AT],
    ['2025-03-10T09:00:00Z', AT],
    ['2025-03-10 09:00:00 UTC', AT],
    ['2025-03-10 10:00:00+01', AT],
    ['2025-03-10 10:00:00+01:00', AT],
    ['2025-03-10 10:00:00.123456+0100', AT + 123],
    ['2025-03-10', Number.NaN],
    ['10.3.2025 09:00', Number.NaN],
    ['', Number.NaN],
  ])('reads the time %s', (text, at) => {
    expect(timeIn(text)).toBe(at)
  })
})

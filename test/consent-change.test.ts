/** Consent that changes in the middle of a page view: the view is one, and goes along. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FLAG } from '../shared/protocol.ts'
import { SOON } from './browser/stand.ts'
import { storedVisitors } from './browser/stored-visitors.ts'
import { DAY, eventId, START, type TestCollector, testCollector } from './support/collector.ts'
import { addSite } from './support/keys.ts'

let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector()
})
afterAll(() => lw.remove())

const MINUTE = 60_000
/** Each test has a site of its own, and a day, on which the view begins at `begin`. */
let site: string
let begin = START
let VIEW: string
let EARLIER: string
/** An id that was made ten seconds into the view. */
let ID: string

async function newSite(): Promise<void> {
  begin += DAY
  lw.clock.now = begin - 2 * MINUTE
  site = `site-${begin}`
  await addSite(lw, site)
  VIEW = eventId(begin, 1)
  EARLIER = eventId(begin - MINUTE, 1)
  ID = eventId(begin + 10_000, 7)
}
beforeEach(newSite)

/** A beacon that arrives `after` ms of the view's beginning. */
async function sends(after: number, visitor: string | 0, flags: number, events: unknown[]) {
  lw.clock.now = begin + after
  const { status } = await lw.beacon({ s: site, v: visitor, t: begin + after, f: flags, e: events })
  expect(status).toBe(204)
}
const view = (id: string = VIEW, url = 'https://shop.example/pricing,?utm_source=fair') => [
  'p',
  id,
  Number(id.slice(0, 13)),
  url,
]
const total = (ms: number, after: number) => ['e', VIEW, begin + after, ms, 50]

async function stats() {
  const { body } = await lw.call('GET', `/v1/stats?site=${site}`)
  const { visitors, visits, pageViews, engagedMs, bounces, topPages, sources, entryPages } = body
  return { visitors, visits, pageViews, engagedMs, bounces, topPages, sources, entryPages }
}

describe('consent in the middle of a page view', () => {
  it('given: the view and all its time are those of the visitor that it was all along', async () => {
    await sends(0, 0, 0, [view()])
    await sends(10_000, 0, FLAG.granted, [total(10_000, 10_000)])
    await sends(65_000, ID, FLAG.granted, [total(65_000, 65_000)])
    await expect.poll(async () => (await stats()).engagedMs, SOON).toBe(65_000)
    expect(storedVisitors(lw.db, site)).toEqual([{ visitor: ID, path: '/pricing' }])
    const moved = await stats()
    expect(moved).toMatchObject({ visitors: 1, visits: 1, pageViews: 1 })
    expect(moved.topPages).toEqual([{ path: '/pricing', views: 1, engagedMs: 65_000 }])

    // The same by somebody who had an id from the beginning, elsewhere.
    await newSite()
    await sends(0, 'v1', FLAG.granted, [view()])
    await sends(10_000, 'v1', FLAG.granted, [total(10_000, 10_000)])
    await sends(65_000, 'v1', FLAG.granted, [total(65_000, 65_000)])
    await expect.poll(async () => (await stats()).engagedMs, SOON).toBe(65_000)
    expect(await stats()).toEqual(moved)
  })

  it('given: what else was measured at that address stays where it is', async () => {
    await sends(-MINUTE, 0, 0, [view(EARLIER, 'https://shop.example/')])
    await sends(0, 0, 0, [view()])
    await sends(65_000, ID, FLAG.granted, [total(65_000, 65_000)])
    await expect.poll(async () => (await stats()).engagedMs, SOON).toBe(65_000)
    expect(storedVisitors(lw.db, site)).toEqual([
      { visitor: expect.stringMatching(/^~/), path: '/' },
      { visitor: ID, path: '/pricing' },
    ])
    expect(await stats()).toMatchObject({ visitors: 2, visits: 2, pageViews: 2, bounces: 2 })
  })

  it('given: a view that is told again under the new id counts once, in one batch too', async () => {
    await Promise.all([
      sends(0, 0, 0, [view()]),
      sends(11_000, ID, FLAG.granted, [view(), total(11_000, 11_000)]),
    ])
    await sends(12_000, ID, FLAG.granted, [view()])
    await expect.poll(async () => (await stats()).pageViews, SOON).toBe(1)
    await expect.poll(async () => (await stats()).engagedMs, SOON).toBe(11_000)
    expect(storedVisitors(lw.db, site)).toEqual([{ visitor: ID, path: '/pricing' }])
  })

  it('taken back: the view leaves the id, with the time before and after', async () => {
    const before = eventId(begin - MINUTE, 9)
    await sends(-MINUTE, before, FLAG.granted, [view(EARLIER, 'https://shop.example/')])
    await sends(0, before, FLAG.granted, [view()])
    await sends(9_000, before, FLAG.granted, [total(5_000, 9_000)])
    await sends(10_000, before, FLAG.refused, [total(10_000, 10_000)])
    await sends(65_000, 0, FLAG.refused, [total(65_000, 65_000)])
    await expect.poll(async () => (await stats()).engagedMs, SOON).toBe(65_000)
    expect(storedVisitors(lw.db, site)).toEqual([
      { visitor: before, path: '/' },
      { visitor: expect.stringMatching(/^~/), path: '/pricing' },
    ])
    expect((await stats()).topPages).toEqual([
      { path: '/', views: 1, engagedMs: 0 },
      { path: '/pricing', views: 1, engagedMs: 65_000 },
    ])
    expect((await stats()).pageViews).toBe(2)
  })

  it('of somebody who is known: the lead has the view from then on, or no longer', async () => {
    await sends(0, 0, 0, [view()])
    await sends(20_000, ID, FLAG.granted, [['x', eventId(begin + 20_000, 3), begin + 20_000, VIEW, 'video']])
    const said = { site, visitor: ID, email: 'ada@acme.example' }
    const { body } = await lw.call('POST', '/v1/identify', said)
    const views = async () =>
      (await lw.call('GET', `/v1/leads/${body.id}/timeline`)).body.items.filter(
        ({ kind }: { kind: string }) => kind === 'page',
      ).length
    const points = async () => (await lw.call('GET', `/v1/leads/${body.id}`)).body.reasons
    expect(await views()).toBe(0)
    await sends(30_000, ID, FLAG.granted, [total(30_000, 30_000)])
    await expect.poll(views, SOON).toBe(1)
    expect(JSON.stringify(await points())).toContain('pricing')
    await sends(40_000, ID, FLAG.refused, [total(40_000, 40_000)])
    await expect.poll(views, SOON).toBe(0)
    expect(JSON.stringify(await points())).not.toContain('pricing')
  })

  it.each(['before the yes', 'after it'])(
    'a form from that view, sent %s, is the new visitor’s',
    async (when) => {
      await sends(0, 0, 0, [view()])
      const said = { site, page: VIEW, email: 'ada@acme.example' }
      const form = async () => (await lw.call('POST', '/v1/identify', said)).body
      let lead = when === 'before the yes' ? await form() : undefined
      await sends(30_000, ID, FLAG.granted, [total(30_000, 30_000)])
      lead ??= await form()
      const next = eventId(begin + 90_000, 1)
      await sends(90_000, ID, FLAG.granted, [view(next, 'https://shop.example/demo')])
      const paths = async () =>
        (await lw.call('GET', `/v1/leads/${lead.id}/timeline`)).body.items
          .filter(({ kind }: { kind: string }) => kind === 'page')
          .map(({ path }: { path: string }) => path)
          .sort()
      await expect.poll(paths, SOON).toEqual(['/demo', '/pricing'])
      // Whoever takes the yes back has what is measured then for itself.
      await sends(100_000, ID, FLAG.refused, [['e', next, begin + 100_000, 10_000, 50]])
      await expect.poll(paths, SOON).toEqual(['/pricing'])
    },
  )

  it('a stranger with the id of a view has nothing of it', async () => {
    await sends(0, 0, 0, [view()])
    lw.clock.now = begin + 60_000
    const events = [total(60_000, 60_000)]
    const body = { s: site, v: ID, t: begin + 60_000, f: FLAG.granted, e: events }
    const answer = await lw.beacon(body, {
      'user-agent': 'Mozilla/5.0 (Windows NT 10.0; rv:141.0) Gecko/20100101 Firefox/141.0',
    })
    expect(answer.status).toBe(204)
    // Somebody else's view, behind it in the log.
    await sends(61_000, 'v2', FLAG.granted, [view(eventId(begin + 61_000, 4), 'https://shop.example/b')])
    await expect.poll(async () => (await stats()).pageViews, SOON).toBe(2)
    expect(storedVisitors(lw.db, site)).toEqual([
      { visitor: expect.stringMatching(/^~/), path: '/pricing' },
      { visitor: 'v2', path: '/b' },
    ])
  })
})

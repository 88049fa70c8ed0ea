import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STAGES, STAGES_BY_STRENGTH } from '../../shared/lead.ts'
import { beaconOf, DAY, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor } from '../support/keys.ts'

const MINUTE = 60_000

let lw: TestCollector
let shopKey: string
beforeAll(async () => {
  lw = await testCollector()
  await addSite(lw, 'shop')
  shopKey = (await keyFor(lw, ['leads', 'link'], 'shop')).key
})
afterAll(() => lw.remove())

const get = (path: string) => lw.call('GET', path)
const iso = (at: number) => new Date(at).toISOString()
let serial = 0
/** Reads these pages, each for so many engaged ms, minutes apart. */
const reads = async (visitor: string, at: number, pages: [path: string, ms: number][]) => {
  const events = pages.flatMap(([path, ms], i) => {
    const [id, then] = [eventId(at + i * MINUTE, ++serial), at + i * MINUTE]
    return [
      ['p', id, then, path],
      // Cumulative: of several the greatest counts.
      ['e', id, then + 100, Math.floor(ms / 2)],
      ['e', id, then + 200, ms],
    ]
  })
  expect((await lw.beacon(beaconOf(lw.clock.now, events, { v: visitor }))).status).toBe(204)
}
const identify = async (body: Record<string, unknown>) => {
  const answer = await lw.call('POST', '/v1/identify', { site: 'main', ...body })
  expect(answer.status).toBeLessThan(300)
  return answer.body
}
// biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field
const listed = async (key: string): Promise<any> =>
  (await get('/v1/companies?limit=500')).body.items.find((item: { key: string }) => item.key === key)

describe('a company', () => {
  let ada: string
  let bob: string
  let cyd: string
  beforeAll(async () => {
    await reads('ada-desk', START - 2 * DAY, [
      ['/services/a', 40_000],
      ['/pricing', 60_000],
    ])
    await reads('ada-phone', START - DAY, [['/pricing', 20_000]])
    await reads('bob', START - 3 * MINUTE, [['/blog/x', 5_000]])
    await reads('nobody', START - MINUTE, [['/pricing', 90_000]])
    ada = (
      await identify({
        email: 'ada@acme.org',
        visitor: 'ada-desk',
        traits: { name: 'Ada', title: 'CTO', role: 'admin', company: { name: 'Acme, Inc.' } },
        signal: { name: 'demo_requested', id: 'd-1' },
      })
    ).id
    await identify({ email: 'ada@acme.org', visitor: 'ada-phone' })
    bob = (await identify({ email: 'bob@mail.acme.org', visitor: 'bob', traits: { role: 'Buyer' } })).id
    cyd = (await identify({ email: 'cyd@gmail.com', traits: { company: { website: 'https://acme.org' } } }))
      .id
    await identify({ email: 'dan@gmail.com' })
  })

  it('sums what its people did', async () => {
    expect(await listed('acme.org')).toEqual({
      key: 'acme.org',
      site: 'main',
      name: 'Acme, Inc.',
      peopleCount: 3,
      stage: 'sql',
      visits: 3,
      pageViews: 4,
      engagedMs: 125_000,
      lastSeenAt: iso(START),
    })
  })

  it('shows them with their roles, the strongest stage first', async () => {
    const { status, body } = await get('/v1/companies/acme.org')
    expect(status).toBe(200)
    expect(body).toMatchObject(await listed('acme.org'))
    expect(body.people.map(({ id, role }: { id: string; role: string }) => [id, role])).toEqual([
      [ada, 'CTO'],
      [bob, 'Buyer'],
      [cyd, null],
    ])
    for (const { role: _role, ...person } of body.people) {
      const lead = (await get(`/v1/leads/${person.id}`)).body
      expect(lead).toMatchObject(person)
    }
    expect(body.people[0]).toMatchObject({ stage: 'sql', visits: 2, name: 'Ada' })
    expect(body.people[0].engagement).toBeGreaterThan(body.people[1].engagement)
  })

  it('tells how they moved, the newest first, each once', async () => {
    const { moves } = (await get('/v1/companies/acme.org')).body
    const own = (lead: string) => moves.filter((move: { lead: string }) => move.lead === lead)
    expect(own(ada).map(({ to }: { to: string }) => to)).toEqual(['sql', 'mql', 'lead'])
    expect(own(bob).map(({ to }: { to: string }) => to)).toEqual(['lead'])
    const times = moves.map(({ effectiveAt }: { effectiveAt: string }) => effectiveAt)
    expect(times).toEqual(times.toSorted().toReversed())
    const { transitions } = (await get(`/v1/leads/${ada}`)).body
    expect(own(ada)).toEqual(transitions.toReversed().map((move: object) => ({ lead: ada, ...move })))
    expect((await get('/v1/companies/silent.org')).status).toBe(404)
  })

  it('sums what they read', async () => {
    expect((await get('/v1/companies/acme.org?site=main')).body.topPages).toEqual([
      { path: '/pricing', views: 2, engagedMs: 80_000 },
      { path: '/blog/x', views: 1, engagedMs: 5_000 },
      { path: '/services/a', views: 1, engagedMs: 40_000 },
    ])
  })

  it('counts of a shared browser to each only what was theirs', async () => {
    await reads('kiosk', START - 3 * DAY, [['/one', 1_000]])
    await identify({ email: 'eve@first.org', visitor: 'kiosk', at: iso(START - 2 * DAY) })
    await identify({ email: 'fay@second.org', visitor: 'kiosk', at: iso(START - DAY) })
    await reads('kiosk', START - MINUTE, [
      ['/two', 2_000],
      ['/three', 3_000],
    ])
    await lw.until('/v1/companies/second.org', ({ pageViews }) => pageViews === 2)
    expect(await listed('first.org')).toMatchObject({ visits: 1, pageViews: 1, engagedMs: 1_000 })
    expect(await listed('second.org')).toMatchObject({ visits: 1, pageViews: 2, engagedMs: 5_000 })
    const { topPages } = (await get('/v1/companies/first.org')).body
    expect(topPages).toEqual([{ path: '/one', views: 1, engagedMs: 1_000 }])
  })

  it('without a domain is known by its name', async () => {
    await identify({ email: 'gil@gmail.com', traits: { company: 'Zürich & Söhne AG' } })
    await identify({ phone: '+41441234567', traits: { company: { name: 'zürich & söhne' } } })
    const item = await listed('name:zurich-sohne')
    expect(item).toMatchObject({ peopleCount: 2, visits: 0, pageViews: 0, engagedMs: 0, stage: 'lead' })
    const { body } = await get(`/v1/companies/${encodeURIComponent(item.key)}`)
    expect(body.people).toHaveLength(2)
    expect(body.topPages).toEqual([])
  })

  it('has its domain as a name where nobody says one', async () => {
    await identify({ email: 'hal@silent.org' })
    expect((await listed('silent.org')).name).toBe('silent.org')
  })

  it('has the name that most of its people give it', async () => {
    await identify({ email: 'ann@names.org' })
    await identify({ email: 'ben@names.org' })
    await identify({ email: 'cat@names.org', traits: { company: 'Nams' } })
    for (const who of ['dee', 'eli'])
      await identify({ email: `${who}@names.org`, traits: { company: 'Names' } })
    expect((await listed('names.org')).name).toBe('Names')
  })

  it('is left by who names another, and gone when it has nobody', async () => {
    const email = 'ivy@gmail.com'
    await identify({ email, traits: { company: 'Before Ltd' } })
    expect(await listed('name:before')).toMatchObject({ name: 'Before Ltd', peopleCount: 1 })
    lw.clock.now += 1
    await identify({ email, traits: { company: { name: 'After Ltd' } } })
    expect(await listed('name:before')).toBeUndefined()
    expect((await get('/v1/companies/name:before')).status).toBe(404)
    expect(await listed('name:after')).toMatchObject({ peopleCount: 1 })
    lw.clock.now += 1
    await identify({ email, traits: { company: null } })
    expect(await listed('name:after')).toBeUndefined()
  })

  it('is another on another site', async () => {
    await callAs(lw, `Bearer ${shopKey}`, 'POST', '/v1/identify', { site: 'shop', email: 'jo@acme.org' })
    const { body } = await callAs(lw, `Bearer ${shopKey}`, 'GET', '/v1/companies')
    expect(body.items).toMatchObject([{ key: 'acme.org', site: 'shop', peopleCount: 1 }])
    expect((await listed('acme.org')).peopleCount).toBe(3)
  })
})

describe('GET /v1/companies', () => {
  it('lists the strongest stage first, then the most engaged, page by page', async () => {
    for (let n = 0; n < 7; n++) {
      // Two and two have done the same, so that engagement has ties.
      const pages = Array.from({ length: Math.floor(n / 2) }, (_, i): [string, number] => [
        `/services/${i}`,
        1_000,
      ])
      if (pages.length > 0) await reads(`page-${n}`, START - DAY, pages)
      await identify({ email: `kim@team${n}.org`, visitor: `page-${n}` })
    }
    await identify({ email: 'kim@strong.org', signal: { name: 'trial_started', id: 't' } })

    const all = (await get('/v1/companies?limit=500')).body
    expect(all.next).toBeNull()
    const strengths = all.items.map(({ stage }: { stage: never }) => STAGES_BY_STRENGTH.indexOf(stage))
    expect(strengths).toEqual([...strengths].sort((a, b) => b - a))
    expect(strengths[0]).toBe(STAGES_BY_STRENGTH.indexOf('sql'))
    const keys = all.items.map(({ key }: { key: string }) => key)
    const teams = keys.filter((key: string) => key.startsWith('team'))
    expect(teams).toEqual(['6', '4', '5', '2', '3', '0', '1'].map((n) => `team${n}.org`))

    const paged: string[] = []
    let cursor = ''
    do {
      const { body } = await get(`/v1/companies?limit=2${cursor}`)
      expect(body.items.length).toBeLessThanOrEqual(2)
      paged.push(...body.items.map(({ key }: { key: string }) => key))
      cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(body.next)}`
    } while (cursor)
    expect(paged).toEqual(keys)
  })

  it('starts over at a cursor that is none', async () => {
    const start = (await get('/v1/companies?limit=1')).body
    expect((await get('/v1/companies?limit=1&cursor=nonsense')).body).toEqual(start)
  })

  it('knows the strength of every stage', () => {
    expect([...STAGES_BY_STRENGTH].sort()).toEqual([...STAGES].sort())
  })
})

describe('companies are refused', () => {
  it.each(['/v1/companies', '/v1/companies/acme.org'])('to a key without the right: %s', async (path) => {
    const { key } = await keyFor(lw, ['read', 'link', 'events'])
    expect((await callAs(lw, `Bearer ${key}`, 'GET', path)).status).toBe(403)
    expect((await callAs(lw, undefined, 'GET', path)).status).toBe(401)
  })

  it.each<[path: string, status: number, words: RegExp]>([
    ['/v1/companies?site=nowhere', 404, /no such site/],
    ['/v1/companies/acme.org?site=nowhere', 404, /no such site/],
    ['/v1/companies/nowhere.org', 404, /nobody who is known/],
    ['/v1/companies/%E0%A4%A', 404, /nobody who is known/],
    ['/v1/companies?limit=0', 400, /at least 1/],
    ['/v1/companies?stage=sql', 400, /not a known field/],
    ['/v1/companies/acme.org?limit=5', 400, /not a known field/],
  ])('%s', async (path, status, words) => {
    const answer = await get(path)
    expect(answer.status).toBe(status)
    expect(answer.body.detail).toMatch(words)
  })

  it('to a key of another site', async () => {
    const { status } = await callAs(lw, `Bearer ${shopKey}`, 'GET', '/v1/companies/acme.org?site=main')
    expect(status).toBe(404)
  })
})

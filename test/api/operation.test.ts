import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor } from '../support/keys.ts'

let lw: TestCollector
/** In the order in which they became known. */
const ids: string[] = []
beforeAll(async () => {
  lw = await testCollector()
  await addSite(lw, 'shop')
  for (let n = 0; n < 6; n++) {
    lw.clock.now += 1_000
    const { body } = await lw.call('POST', '/v1/identify', {
      site: n === 5 ? 'shop' : 'main',
      email: `lead${n}@acme.org`,
      ...(n % 2 === 0 && { signal: { name: 'demo_requested', id: `d${n}` } }),
    })
    ids.push(body.id)
  }
})
afterAll(() => lw.remove())
const get = (path: string) => lw.call('GET', path)

describe('GET /v1/transitions', () => {
  it('tells who moved where, the last noted first, in pages', async () => {
    const { body } = await get('/v1/transitions?stage=sql')
    expect(body.items.map(({ lead }: { lead: string }) => lead)).toEqual([ids[4], ids[2], ids[0]])
    expect(body.items[0]).toMatchObject({
      to: 'sql',
      by: expect.any(String),
      why: expect.stringMatching(/demo/),
    })
    const whole = (await get('/v1/transitions?limit=500')).body.items
    const paged = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: { items: unknown[]; next: string | null } = (
        await get(`/v1/transitions?limit=2${cursor && `&cursor=${cursor}`}`)
      ).body
      paged.push(...page.items)
      cursor = page.next
    }
    expect(paged).toEqual(whole)
    expect(new Set(whole.map(({ lead }: { lead: string }) => lead))).toEqual(new Set(ids.slice(0, 5)))
  })

  it('tells a key of one site of that site', async () => {
    const { key } = await keyFor(lw, ['leads'], 'shop')
    const { body } = await callAs(lw, `Bearer ${key}`, 'GET', '/v1/transitions')
    expect(new Set(body.items.map(({ lead }: { lead: string }) => lead))).toEqual(new Set([ids[5]]))
  })
})

it('segments are those of the rules, with who is in them', async () => {
  const { items } = (await get('/v1/segments')).body
  for (const { name, leads } of items)
    expect((await get(`/v1/leads?segment=${name}&limit=500`)).body.items, name).toHaveLength(leads)
  expect(items.reduce((sum: number, one: { leads: number }) => sum + one.leads, 0)).toBeGreaterThanOrEqual(5)
})

describe('GET /v1/contacts', () => {
  it.each([
    ['email=LEAD0%40acme.org', 1],
    ['email=nobody%40acme.org', 0],
    ['externalId=x', 0],
    ['email=lead0%40acme.org&site=shop', 0],
  ])('?%s finds %i', async (query, n) => {
    const { status, body } = await get(`/v1/contacts?${query}`)
    expect(status).toBe(200)
    expect(body.items).toHaveLength(n)
    if (n === 1) expect(body.items[0]).toMatchObject({ id: ids[0], stage: 'sql' })
  })

  it('asks for a name', async () => {
    expect((await get('/v1/contacts')).body.detail).toMatch(/at least one of email/)
    expect((await get('/v1/contacts?email=x')).status).toBe(400)
  })
})

describe('what is of all sites', () => {
  it('is for keys of all sites', async () => {
    const { key } = await keyFor(lw, ['admin'], 'shop')
    for (const path of ['/v1/dead-letters', '/v1/counts'])
      expect((await callAs(lw, `Bearer ${key}`, 'GET', path)).status, path).toBe(403)
    for (const path of ['/v1/dead-letters/replay', '/v1/dead-letters/discard'])
      expect((await callAs(lw, `Bearer ${key}`, 'POST', path, { seqs: [1] })).status, path).toBe(403)
  })

  it('accounts for every event', async () => {
    const { counts } = (await get('/v1/counts')).body
    const { received = 0, ...rest } = counts as Record<string, number>
    const sum = Object.entries(rest)
      .filter(([name]) => !name.startsWith('noted:'))
      .reduce((all, [, n]) => all + n, 0)
    expect(sum).toBe(received)
    expect((await get('/v1/dead-letters')).body).toEqual({ items: [], next: null })
    expect((await lw.call('POST', '/v1/dead-letters/replay', { seqs: [4711] })).body).toEqual({
      replayed: [],
      failed: [],
      unknown: [4711],
    })
    for (const seqs of [[], [0], [1.5], [1e300], [2 ** 53], ['1'], 'all'])
      expect((await lw.call('POST', '/v1/dead-letters/replay', { seqs })).status).toBe(422)
  })
})

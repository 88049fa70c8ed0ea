import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beaconOf, DAY, eventId, type TestCollector, testCollector } from '../support/collector.ts'
import { callAs, keyFor } from '../support/keys.ts'

let lw: TestCollector
let serial = 0
beforeAll(async () => {
  lw = await testCollector()
})
afterAll(() => lw.remove())

const page = (visitor: string, path: string) => {
  const at = lw.clock.now
  return lw.beacon(beaconOf(at, [['p', eventId(at, ++serial), at, path]], { v: visitor }))
}
const identify = async (rest: Record<string, unknown>): Promise<string> =>
  (await lw.call('POST', '/v1/identify', { site: 'main', ...rest })).body.id
const lead = async (id: string) => (await lw.call('GET', `/v1/leads/${id}`)).body

describe('GET /v1/leads/{id}/export', () => {
  it('gives all that is held of the person, and nothing of others', async () => {
    await page('v-ada', '/pricing')
    const ada = await identify({ visitor: 'v-ada', email: 'ada@acme.org', traits: { title: 'Countess' } })
    await page('v-bob', '/secret-of-bob')
    await identify({ visitor: 'v-bob', email: 'bob@acme.org' })
    const { status, body } = await lw.call('GET', `/v1/leads/${ada}/export`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: ada, site: 'main', lead: { id: ada, stage: 'lead' } })
    expect(body.contacts[0]).toMatchObject({ email: 'ada@acme.org' })
    expect(body.visitors.map((one: { key: string }) => one.key)).toContain('v-ada')
    expect(body.events).toMatchObject([{ visitor: 'v-ada', kind: 'page', path: '/pricing' }])
    expect(body.visits).toHaveLength(1)
    expect(Object.keys(body)).toEqual(
      expect.arrayContaining(['identities', 'links', 'edges', 'cells', 'transitions', 'outbox']),
    )
    expect(JSON.stringify(body)).not.toMatch(/bob/)
  })

  it('gives thousands of events in parts that come together', async () => {
    for (let i = 0; i < 12; i++) {
      lw.clock.now += 4 * DAY
      const at = lw.clock.now
      const events = Array.from({ length: 100 }, (_, n) => ['p', eventId(at, ++serial), at, `/p/${n}`])
      await lw.beacon(beaconOf(at, events, { v: 'v-many' }))
    }
    const id = await identify({ visitor: 'v-many', email: 'many@acme.org' })
    expect((await lw.call('GET', `/v1/leads/${id}/export`)).body.events).toHaveLength(1_200)
  })
})

describe('POST /v1/leads/{id}/objection', () => {
  it('keeps the person and scores nothing, until it is taken back', async () => {
    await page('v-eve', '/pricing')
    const id = await identify({
      visitor: 'v-eve',
      email: 'eve@acme.org',
      traits: { title: 'CTO' },
      signal: { name: 'demo_requested', id: 'd' },
    })
    expect((await lead(id)).stage).toBe('sql')
    const answer = await lw.call('POST', `/v1/leads/${id}/objection`, { objects: true })
    expect(answer).toEqual({ status: 200, body: { id, objects: true } })
    expect(await lead(id)).toMatchObject({
      stage: 'lead',
      engagement: 0,
      // As of somebody of whom nothing is known.
      fit: 50,
      fitDetail: { known: 0 },
      reasons: [],
      flags: ['objects-to-profiling'],
    })
    await page('v-eve', '/checkout')
    await lw.call('POST', '/v1/events', { site: 'main', contact: id, name: 'trial_started', id: 't' })
    expect(await lead(id)).toMatchObject({ stage: 'lead', engagement: 0, reasons: [] })
    await lw.until(`/v1/leads/${id}/timeline`, (body) => JSON.stringify(body).includes('/checkout'))

    await lw.call('POST', `/v1/leads/${id}/objection`, { objects: false })
    const after = await lead(id)
    expect([after.stage, after.flags]).toEqual(['sql', []])
  })

  it('survives new rules', async () => {
    const id = await identify({ email: 'gil@acme.org', signal: { name: 'demo_requested', id: 'd' } })
    await lw.call('POST', `/v1/leads/${id}/objection`, { objects: true })
    const { body } = await lw.call('GET', '/v1/rules?site=main')
    await lw.call('POST', '/v1/rules', { site: 'main', document: body.document })
    expect(await lead(id)).toMatchObject({ stage: 'lead', engagement: 0 })
  })
})

describe('PATCH /v1/leads/{id}', () => {
  it('corrects, and forgets what was wrong', async () => {
    const id = await identify({ email: 'wrogn@acme.org', traits: { title: 'CTO', city: 'London' } })
    const answer = await lw.call('PATCH', `/v1/leads/${id}`, {
      email: 'right@acme.org',
      traits: { title: null, city: 'Ockham' },
    })
    expect(answer).toEqual({ status: 200, body: { id } })
    expect(await lead(id)).toMatchObject({ email: 'right@acme.org', traits: { city: 'Ockham' } })
    expect(await identify({ email: 'right@acme.org' })).toBe(id)
    expect(await identify({ email: 'wrogn@acme.org' })).not.toBe(id)
  })

  it.each([
    [{}, 422, /say what is to be corrected/],
    [{ email: 'nobody' }, 422, /email must be an e-mail address/],
    [{ stage: 'sql' }, 422, /not a known field/],
    [{ email: 'ada@acme.org' }, 409, /another contact has that/],
  ])('refuses %j', async (change, status, words) => {
    const id = await identify({ email: 'hal@acme.org' })
    const answer = await lw.call('PATCH', `/v1/leads/${id}`, change)
    expect(answer.status).toBe(status)
    expect(answer.body.detail).toMatch(words)
  })
})

describe('who may', () => {
  it.each([
    ['DELETE', '', undefined],
    ['GET', '/export', undefined],
    ['POST', '/objection', { objects: true }],
    ['PATCH', '', { traits: { a: 1 } }],
  ])('%s %s asks for a right, and knows only its own site', async (method, path, body) => {
    const id = await identify({ email: 'ivy@acme.org' })
    const { key } = await keyFor(lw, ['link', 'events', 'read'])
    expect((await callAs(lw, `Bearer ${key}`, method, `/v1/leads/${id}${path}`, body)).status).toBe(403)
    expect((await callAs(lw, undefined, method, `/v1/leads/${id}${path}`, body)).status).toBe(401)
    expect((await lw.call(method, `/v1/leads/no-such${path}`, body)).status).toBe(404)
  })
})

describe('/.well-known/gpc.json', () => {
  it('says that Global Privacy Control is honoured', async () => {
    const { status, body } = await lw.call('GET', '/.well-known/gpc.json')
    expect([status, body]).toEqual([
      200,
      { gpc: true, lastUpdate: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
    ])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api, LeadwakeError } from '../../collector/client/server.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'

let lw: TestCollector
let client: ReturnType<typeof api>
beforeAll(async () => {
  lw = await testCollector()
  client = api({
    origin: 'https://go.acme.org/',
    key: lw.key,
    fetch: async (url, init) => lw.request(String(url).replace('https://go.acme.org', ''), init),
  })
})
afterAll(() => lw.remove())

describe('the typed client', () => {
  it('makes calls of every kind', async () => {
    const made = await client.call('POST /v1/identify', {
      body: { site: 'main', email: 'ada@acme.org', signal: { name: 'demo_requested', id: '1' } },
      idempotencyKey: 'once',
    })
    const { id } = made as { id: string }
    const lead = await client.call('GET /v1/leads/{id}', { params: { id } })
    expect(lead.stage).toBe('sql')
    expect(lead.reasons.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(lead.engagement)
    await client.call('PATCH /v1/leads/{id}', { params: { id }, body: { owner: 'Grace' } })
    const { items } = await client.call('GET /v1/leads', {
      query: { owner: 'Grace', sort: '-fit', limit: 5 },
    })
    expect(items.map(({ owner }) => owner)).toEqual(['Grace'])
    expect((await client.call('GET /v1/stats/series', { query: { period: '7d' } })).items).toHaveLength(7)
    expect((await client.call('GET /v1/sites')).items[0]?.id).toBe('main')
    await client.call('DELETE /v1/leads/{id}', { params: { id } })
    await expect(client.call('GET /v1/leads/{id}', { params: { id } })).rejects.toMatchObject({ status: 404 })
  })

  it('gives everything of a list, however long it is', async () => {
    for (let n = 0; n < 7; n++)
      await client.call('POST /v1/identify', { body: { site: 'main', email: `lead${n}@acme.org` } })
    const emails: (string | null)[] = []
    for await (const { email } of client.each('GET /v1/leads', { query: { limit: 2, sort: 'createdAt' } }))
      emails.push(email)
    expect(emails).toEqual(Array.from({ length: 7 }, (_, n) => `lead${n}@acme.org`))
  })

  it('rejects with what the collector said, and what is wrong with which field', async () => {
    const refused = await client
      .call('GET /v1/leads', { query: { minEngagement: 101 } })
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(LeadwakeError)
    expect((refused as LeadwakeError).problem).toMatchObject({
      status: 400,
      errors: [{ pointer: '/minEngagement' }],
    })
  })

  it('knows what there is, and what each call needs', () => {
    const wrong = () => {
      // @ts-expect-error no such call
      client.call('GET /v1/lead')
      // @ts-expect-error without the lead
      client.call('GET /v1/leads/{id}')
      // @ts-expect-error no such filter
      client.call('GET /v1/leads', { query: { stages: 'sql' } })
      // @ts-expect-error no such order
      client.call('GET /v1/leads', { query: { sort: 'email' } })
      // @ts-expect-error without a body
      client.call('POST /v1/keys', {})
      // @ts-expect-error no list
      client.each('GET /v1/stats')
    }
    expect(wrong).toBeTypeOf('function')
    expect(() => api({ origin: 'go.acme.org', key: 'lw_x' })).toThrow(TypeError)
    expect(() => api({ origin: 'https://go.acme.org', key: '' })).toThrow(TypeError)
  })
})

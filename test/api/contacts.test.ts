import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contactsApi } from '../../collector/api/contacts.ts'
import type { ApiDeps } from '../../collector/api/deps.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'

let collector: TestCollector
beforeAll(async () => {
  collector = await testCollector()
})
afterAll(() => collector.remove())

const bring = (contacts: unknown, rest = {}) =>
  collector.call('POST', '/v1/contacts', { site: 'main', contacts, ...rest })

describe('POST /v1/contacts', () => {
  it('tells what is wrong where none of them can be projected', async () => {
    const app = contactsApi({
      memory: { key: () => ({ name: 'form', hash: 'x', rights: ['link'], site: null }), site: () => ({}) },
      now: () => 0,
      newId: () => 'new',
      perform: async () => ({ outcome: { status: 422, body: { detail: 'unexpected: a bug' } } }),
    } as unknown as ApiDeps)
    const answer = await app.request('/v1/contacts', {
      method: 'POST',
      headers: { authorization: 'Bearer lw_1' },
      body: JSON.stringify({ site: 'main', contacts: [{ email: 'ada@acme.org' }] }),
    })
    expect([answer.status, (await answer.json()).detail]).toEqual([422, 'unexpected: a bug'])
  })

  it('makes leads of known people, updates the known, and names those that are wrong', async () => {
    const first = await bring([{ email: 'Ada@acme.org', traits: { name: 'Ada' } }])
    expect(first).toEqual({ status: 200, body: { created: 1, updated: 0, refused: [] } })
    const { body } = await bring([
      { email: 'ada@acme.org', externalId: 'crm-1' },
      { email: 'nobody' },
      [],
      { email: 'bob@acme.org', externalId: 'crm-1' },
      { externalId: 'crm-2', at: '2020-01-02T03:04:05Z' },
    ])
    expect(body).toEqual({
      created: 1,
      updated: 2,
      refused: [
        { index: 1, detail: 'email must be an e-mail address, like ada@acme.org' },
        { index: 2, detail: 'must be a JSON object' },
      ],
    })
    const leads = await collector.call('GET', '/v1/leads?site=main')
    expect(leads.body.items).toHaveLength(2)
    expect(leads.body.items.map((one: { stage: string }) => one.stage)).toEqual(['lead', 'lead'])
  })

  it('sends no webhook: nobody came', async () => {
    await bring([{ email: 'quiet@acme.org' }])
    const { default: Database } = await import('better-sqlite3')
    const db = new Database(collector.db, { readonly: true })
    expect(db.prepare('SELECT count(*) FROM outbox').pluck().get()).toBe(0)
    db.close()
  })

  it.each([
    [{ contacts: {} }, /contacts must be a list/],
    [{ contacts: [] }, /at least one person/],
    [{ contacts: Array.from({ length: 501 }, () => ({})) }, /at most 500/],
    [{ contacts: [{}], site: '!' }, /site may hold/],
  ])('refuses %j', async (body, words) => {
    const answer = await collector.call('POST', '/v1/contacts', { site: 'main', ...body })
    expect(answer.status).toBe(422)
    expect(answer.body.detail).toMatch(words)
  })
})

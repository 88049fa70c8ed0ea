import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiDeps } from '../../collector/api/deps.ts'
import { keysApi } from '../../collector/api/keys.ts'
import { ENTRY_VERSION, type Entry, type Right } from '../../collector/entry.ts'
import { hashOf } from '../../collector/keys.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor, revoke } from '../support/keys.ts'

let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector()
  await addSite(lw, 'shop')
})
afterAll(() => lw.remove())

const person = { site: 'main', email: 'ada@acme.org' }
const event = { site: 'main', visitor: 'v', name: 'email_open' }
const CALLS: [call: string, right: Right, method: string, path: string, body?: unknown][] = [
  ['identify', 'link', 'POST', '/v1/identify', person],
  ['events', 'events', 'POST', '/v1/events', event],
  ['stats', 'read', 'GET', '/v1/stats'],
  ['leads', 'leads', 'GET', '/v1/leads'],
  ['a lead', 'leads', 'GET', '/v1/leads/nobody'],
  ['a timeline', 'leads', 'GET', '/v1/leads/nobody/timeline'],
]
const RIGHTS: Right[] = ['link', 'events', 'read', 'leads', 'rules', 'admin']

describe('a key', () => {
  it('is shown though its projection takes longer than a call may: it is durable, and shown but once', async () => {
    const asked: Entry[] = []
    const app = keysApi({
      memory: { key: () => ({ name: 'all', hash: 'x', rights: ['admin'], site: null }) },
      now: () => 0,
      perform: async (entry: Entry) => {
        asked.push(entry)
        return { late: true, ref: 'later' }
      },
    } as unknown as ApiDeps)
    const answer = await app.request('/v1/keys', {
      method: 'POST',
      headers: { authorization: 'Bearer lw_1' },
      body: JSON.stringify({ name: 'form', rights: ['link'] }),
    })
    const made = (await answer.json()) as { key: string }
    expect([answer.status, made]).toEqual([201, expect.objectContaining({ name: 'form', rights: ['link'] })])
    expect(asked).toMatchObject([{ kind: 'key', hash: hashOf(made.key) }])
  })

  it.each(RIGHTS)("with the right '%s' opens what it is for and nothing else", async (right) => {
    const { key } = await keyFor(lw, [right])
    for (const [call, needed, method, path, body] of CALLS) {
      const { status, body: answer } = await callAs(lw, `Bearer ${key}`, method, path, body)
      if (right === needed || right === 'admin') expect([200, 201, 404], call).toContain(status)
      else {
        expect(status, call).toBe(403)
        expect(answer.detail, call).toBe(`this call needs a key with the right '${needed}'`)
      }
    }
    // What became of its calls any key may ask.
    expect((await callAs(lw, `Bearer ${key}`, 'GET', '/v1/outcomes/none')).status).toBe(404)
  })

  it('opens in any spelling of the scheme', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER ']) {
      expect((await callAs(lw, `${scheme} ${lw.key}`, 'GET', '/v1/stats')).status).toBe(200)
    }
  })

  it('is refused from the moment on in which its revocation is projected', async () => {
    const made = await keyFor(lw, ['read'])
    const ask = () => callAs(lw, `Bearer ${made.key}`, 'GET', '/v1/stats')
    expect((await ask()).status).toBe(200)
    await revoke(lw, made)
    const { status, headers, body } = await ask()
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(body.detail).toBe('that key is unknown or revoked')
  })

  it('of one site writes to that site alone', async () => {
    const { key } = await keyFor(lw, ['link', 'events'], 'shop')
    const as = (path: string, body: unknown) => callAs(lw, `Bearer ${key}`, 'POST', path, body)
    expect((await as('/v1/identify', { ...person, site: 'shop' })).status).toBe(201)
    expect((await as('/v1/events', { ...event, site: 'shop' })).status).toBe(200)
    for (const site of ['main', 'nobody']) {
      expect(await as('/v1/identify', { ...person, site })).toMatchObject({
        status: 404,
        body: { detail: 'site: no such site for this key' },
      })
      expect((await as('/v1/events', { ...event, site })).status).toBe(404)
    }
  })

  it('is kept only as a hash', async () => {
    const { key, id } = await keyFor(lw, ['read'])
    const { withState } = await import('../../collector/cli/perform.ts')
    await withState(lw.db, async (_, reader) => {
      const row = reader.keys().find((one) => one.id === id)!
      expect(row.hash).toMatch(/^[0-9a-f]{64}$/)
      expect(JSON.stringify(reader.keys())).not.toContain(key.slice(3))
    })
  })

  it('that is revoked twice keeps the time of the first', async () => {
    const made = await keyFor(lw, ['read'])
    await revoke(lw, made)
    const { withState } = await import('../../collector/cli/perform.ts')
    const revokedAt = () =>
      withState(lw.db, async (_, reader) => reader.keys().find(({ id }) => id === made.id)!.revokedAt)
    const first = await revokedAt()
    lw.clock.now += 1_000
    await withState(lw.db, (perform) => perform({ kind: 'key-revoked', v: ENTRY_VERSION, id: made.id }))
    expect(await revokedAt()).toBe(first)
  })

  // The last one: it ends the collector that the others share.
  it('stays revoked after a restart', async () => {
    const made = await keyFor(lw, ['read'])
    await revoke(lw, made)
    await lw.stop()
    const again = await testCollector({ db: lw.db })
    try {
      expect((await callAs(again, `Bearer ${made.key}`, 'GET', '/v1/stats')).status).toBe(401)
      expect((await again.call('GET', '/v1/stats')).status).toBe(200)
    } finally {
      await again.stop()
    }
  })
})

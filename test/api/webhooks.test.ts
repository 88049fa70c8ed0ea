import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { START, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor } from '../support/keys.ts'
import { tracesOf } from '../support/traces.ts'
import { type Receiver, receiver } from '../webhook/receiver.ts'

let lw: TestCollector
let there: Receiver
beforeAll(async () => {
  there = await receiver()
  lw = await testCollector({ config: { webhookAllow: ['127.0.0.1'] } })
})
afterAll(async () => {
  await lw.remove()
  await there.close()
})

const make = async (body: Record<string, unknown> = {}) =>
  (await lw.call('POST', '/v1/webhooks', { url: there.url, events: ['*'], ...body })).body
const remove = (id: string) => lw.call('DELETE', `/v1/webhooks/${id}`)
const sqlOf = (email: string) =>
  lw.call('POST', '/v1/identify', { site: 'main', email, signal: { name: 'demo_requested', id: email } })

describe('/v1/webhooks', () => {
  it('makes one, shows its secret once, and what is signed with it is verified', async () => {
    const made = await lw.call('POST', '/v1/webhooks', {
      url: there.url,
      events: ['lead.sql', 'lead.sql'],
      description: 'CRM',
    })
    expect(made.status).toBe(201)
    const { secret, ...shown } = made.body
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(shown).toEqual({
      id: expect.stringMatching(/^wh_[0-9a-f]{16}$/),
      site: null,
      url: there.url,
      events: ['lead.sql'],
      format: 'standard',
      description: 'CRM',
      enabled: true,
      disabledBecause: null,
      createdAt: new Date(START).toISOString(),
      oldSecretUntil: null,
    })
    expect((await lw.call('GET', '/v1/webhooks')).body).toEqual({ items: [shown], next: null })
    expect((await lw.call('GET', `/v1/webhooks/${shown.id}`)).body).toEqual(shown)

    lw.clock.now = Date.now()
    const { body: ada } = await sqlOf('ada@acme.org')
    await there.until(1)
    const [{ headers, body, json }] = there.received as [(typeof there.received)[0]]
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(json)
    expect(json).toMatchObject({ type: 'lead.sql', data: { id: ada.id, site: 'main', to: 'sql' } })
    const log = await lw.until(
      `/v1/webhooks/${shown.id}/deliveries`,
      ({ items }) => items[0].tries.length > 0,
    )
    expect(log).toMatchObject({
      items: [
        {
          message: headers['webhook-id'],
          type: 'lead.sql',
          state: 'delivered',
          tries: [{ status: 204, error: null }],
          nextTryAt: null,
        },
      ],
      next: null,
    })
    expect(JSON.stringify(log)).not.toContain('ada')
    await remove(shown.id)
  })

  it('changes what is named, disables and enables', async () => {
    const { id } = await make({ events: ['lead.won'] })
    const { body } = await lw.call('PATCH', `/v1/webhooks/${id}`, { events: ['lead.lost'], enabled: false })
    expect(body).toMatchObject({ id, url: there.url, events: ['lead.lost'], enabled: false })
    expect((await lw.call('POST', `/v1/webhooks/${id}/test`)).status).toBe(409)
    const again = await lw.call('PATCH', `/v1/webhooks/${id}`, {
      enabled: true,
      token: 'abc',
      format: 'slack',
    })
    expect(again.body).toMatchObject({ events: ['lead.lost'], enabled: true, format: 'slack' })
    expect(JSON.stringify(again.body)).not.toContain('abc')
    expect((await remove(id)).body).toEqual({ id })
    expect((await lw.call('GET', `/v1/webhooks/${id}`)).status).toBe(404)
  })

  it('sends a test, and again what is dead', async () => {
    const { id } = await make({ events: ['lead.lost'] })
    there.answer = 410
    const before = there.received.length
    const { body } = await lw.call('POST', `/v1/webhooks/${id}/test`)
    await there.until(before + 1)
    expect(there.received.at(-1)).toMatchObject({ id: body.message, json: { type: 'webhook.test' } })
    const gone = await lw.until(`/v1/webhooks/${id}`, ({ enabled }) => !enabled)
    expect(gone.disabledBecause).toMatch(/410/)
    there.answer = 204
    await lw.call('PATCH', `/v1/webhooks/${id}`, { enabled: true })
    const none = await lw.call('POST', `/v1/webhooks/${id}/replay`, { messages: ['msg_other'] })
    expect(none.body).toEqual({ id, replayed: 0 })
    const all = await lw.call('POST', `/v1/webhooks/${id}/replay`, {})
    expect(all.body).toEqual({ id, replayed: 1 })
    await there.until(before + 2)
    expect(there.received.at(-1)!.id).toBe(body.message)
    await remove(id)
  })

  it('gives a new secret, with which the old one signs for a while', async () => {
    const { id, secret } = await make({ events: ['lead.lost'] })
    const { body } = await lw.call('POST', `/v1/webhooks/${id}/rotate`, { overlapHours: 2 })
    expect(body.secret).not.toBe(secret)
    expect(Date.parse(body.oldSecretUntil) - lw.clock.now).toBe(2 * 3_600_000)
    const before = there.received.length
    await lw.call('POST', `/v1/webhooks/${id}/test`)
    await there.until(before + 1)
    const { body: sent, headers } = there.received.at(-1)!
    for (const one of [secret, body.secret]) new Webhook(one).verify(sent, headers as Record<string, string>)
    await remove(id)
  })

  it('pages through the deliveries', async () => {
    const { id } = await make({ events: ['lead.lost'] })
    const before = there.received.length
    const messages: string[] = []
    for (let n = 0; n < 3; n++) messages.push((await lw.call('POST', `/v1/webhooks/${id}/test`)).body.message)
    await there.until(before + 3)
    const list = async (query: string) => (await lw.call('GET', `/v1/webhooks/${id}/deliveries${query}`)).body
    const ids = (page: { items: { message: string }[] }) => page.items.map(({ message }) => message)
    const first = await list('?limit=2')
    expect(ids(first)).toEqual([messages[2], messages[1]])
    const second = await list(`?limit=2&cursor=${first.next}`)
    expect([ids(second), second.next]).toEqual([[messages[0]], null])
    expect(ids(await list(`?message=${messages[1]}`))).toEqual([messages[1]])
    expect(ids(await list('?state=dead'))).toEqual([])
    await remove(id)
  })

  it.each([
    ['url', { url: 'http://10.0.0.1/' }, /not public/],
    ['url', { url: 'https://localhost/', events: ['*'] }, undefined],
    ['url', { url: 'ftp://x.example/' }, /https/],
    ['url', { url: 'https://user:pass@x.example/' }, /token/],
    ['url', { url: 'mailto:a@b.org' }, /LEADWAKE_SMTP/],
    ['url', { url: 7 }, /text/],
    ['events', { events: [] }, /at least/],
    ['events', { events: ['lead.moved'] }, /lead\.created/],
    ['events', { format: 'hubspot', events: ['*'] }, /HubSpot/],
    ['format', { format: 'xml' }, /standard, slack, hubspot/],
    ['secret', { secret: 'whsec_short' }, /24 to 64/],
    ['token', { token: 'a b' }, /without blanks/],
    ['color', { color: 'red' }, /not a known field/],
  ])('refuses a wrong %s: %j', async (field, body, words) => {
    const { status, body: problem } = await lw.call('POST', '/v1/webhooks', {
      url: 'https://hooks.example.org/',
      events: ['lead.sql'],
      ...body,
    })
    if (words === undefined) {
      // An allowed block may hold what such a name resolves to.
      expect(status).toBe(201)
      await remove(problem.id)
      return
    }
    expect(status).toBe(422)
    expect(problem.errors[0].pointer).toMatch(new RegExp(`^/${field}`))
    expect(problem.detail).toMatch(words)
  })

  it('is for keys with the right admin, each for its own sites', async () => {
    await addSite(lw, 'shop')
    const { id } = await make()
    const reading = await keyFor(lw, ['read', 'leads'])
    const shop = await keyFor(lw, ['admin'], 'shop')
    expect((await callAs(lw, undefined, 'GET', '/v1/webhooks')).status).toBe(401)
    expect((await callAs(lw, `Bearer ${reading.key}`, 'GET', '/v1/webhooks')).status).toBe(403)
    const as = (method: string, path: string, body?: unknown) =>
      callAs(lw, `Bearer ${shop.key}`, method, path, body)
    expect((await as('GET', '/v1/webhooks')).body.items).toEqual([])
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', {}],
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/rotate', {}],
      ['POST', '/replay', {}],
      ['GET', '/deliveries'],
    ] as const)
      expect((await as(method, `/v1/webhooks/${id}${path}`, body)).status, method + path).toBe(404)
    const body = { url: there.url, events: ['lead.sql'] }
    expect((await as('POST', '/v1/webhooks', { ...body, site: 'main' })).status).toBe(404)
    const own = await as('POST', '/v1/webhooks', body)
    expect([own.status, own.body.site]).toEqual([201, 'shop'])
    await remove(own.body.id)
    await remove(id)
  })

  it('keeps both of two changes that are made at once', async () => {
    const { id } = await make()
    await Promise.all([
      lw.call('PATCH', `/v1/webhooks/${id}`, { url: `${there.url}/other` }),
      lw.call('PATCH', `/v1/webhooks/${id}`, { events: ['lead.won'] }),
    ])
    const { body } = await lw.call('GET', `/v1/webhooks/${id}`)
    expect(body).toMatchObject({ url: `${there.url}/other`, events: ['lead.won'] })
    await remove(id)
  })

  it('carries a call out once under one Idempotency-Key', async () => {
    const call = async () => {
      const response = await lw.request('/v1/webhooks', {
        method: 'POST',
        headers: { authorization: `Bearer ${lw.key}`, 'idempotency-key': 'once' },
        body: JSON.stringify({ url: there.url, events: ['lead.sql'] }),
      })
      return (await response.json()) as { id: string; secret: string }
    }
    const first = await call()
    expect(await call()).toEqual(first)
    expect((await lw.call('GET', '/v1/webhooks')).body.items).toHaveLength(1)
    await remove(first.id)
  })
})

describe('an erasure', () => {
  it('is told by id, and nothing of it stays once that is delivered', async () => {
    const { id } = await make({ events: ['contact.erased', 'lead.created'] })
    const before = there.received.length
    const { body: eve } = await lw.call('POST', '/v1/identify', { site: 'main', email: 'eve@acme.org' })
    await there.until(before + 1)
    await lw.call('DELETE', `/v1/leads/${eve.id}`)
    await there.until(before + 2)
    expect(there.received.at(-1)!.json).toMatchObject({
      type: 'contact.erased',
      data: { id: eve.id, site: 'main', merged: [] },
    })
    const log = await lw.until(
      `/v1/webhooks/${id}/deliveries`,
      ({ items }) => items.length === 1 && items[0].state === 'delivered',
    )
    expect(log.items[0].type).toBe('contact.erased')
    await remove(id)
  })

  it('takes what waits for webhooks along, and leaves no byte of the person once it is told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leadwake-told-'))
    const other = await testCollector({
      db: join(folder, 'x.db'),
      config: { webhookAllow: ['127.0.0.1'] },
    })
    const down = await receiver()
    down.answer = (response, { json }) => {
      response.writeHead(json.type === 'contact.erased' ? 204 : 503).end()
    }
    try {
      const body = { url: down.url, events: ['*'] }
      const { body: webhook } = await other.call('POST', '/v1/webhooks', body)
      const email = 'kim@erased.example'
      const { body: kim } = await other.call('POST', '/v1/identify', {
        site: 'main',
        email,
        signal: { name: 'demo_requested', id: 'd' },
      })
      const deliveries = `/v1/webhooks/${webhook.id}/deliveries`
      await other.until(deliveries, ({ items }) => items.length === 2 && items[1].tries.length === 1)
      await other.call('DELETE', `/v1/leads/${kim.id}`)
      await other.until(deliveries, ({ items }) => items.length === 1 && items[0].state === 'delivered')
      await other.remove()
      expect(tracesOf(folder, [kim.id, email])).toEqual([])
    } finally {
      await other.remove()
      await down.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

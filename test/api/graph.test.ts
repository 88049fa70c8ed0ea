import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beaconOf, eventId, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite } from '../support/keys.ts'

let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector()
})
afterAll(() => lw.remove())

const identify = (body: Record<string, unknown>) => lw.call('POST', '/v1/identify', { site: 'main', ...body })
const lead = (id: string) => lw.call('GET', `/v1/leads/${id}`)
const once = (path: string, key: string, body: unknown) =>
  lw.request(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${lw.key}`, 'idempotency-key': key },
    body: JSON.stringify(body),
  })
let n = 0
const visit = async (visitor: string, path: string) => {
  const page = ['p', eventId(lw.clock.now, ++n), lw.clock.now, path]
  expect((await lw.beacon(beaconOf(lw.clock.now, [page], { v: visitor }))).status).toBe(204)
}

describe('one person on two devices', () => {
  it('is one contact, with what was done on both', async () => {
    await visit('ada-phone', '/pricing')
    await visit('ada-laptop', '/services/audit')
    const { body } = await identify({ visitor: ['ada-phone', 'ada-laptop'], email: 'ada@acme.org' })
    const { reasons, visitors } = (await lead(body.id)).body
    expect(visitors).toBe(2)
    expect(reasons.map(({ rule }: { rule: string }) => rule)).toEqual(
      expect.arrayContaining(['pricing', 'service']),
    )
  })
})

describe('two persons on one device', () => {
  it('stay two: the device is split at the moment of the second name', async () => {
    await visit('kiosk', '/pricing')
    const first = (await identify({ visitor: 'kiosk', email: 'first@acme.org' })).body
    lw.clock.now += 3_600_000
    const second = (await identify({ visitor: 'kiosk', email: 'second@acme.org' })).body
    await visit('kiosk', '/services/audit')
    const rules = (body: { reasons: { rule: string }[] }) => body.reasons.map(({ rule }) => rule)
    await lw.until(`/v1/leads/${second.id}`, (body) => rules(body).includes('service'))
    expect(rules((await lead(second.id)).body)).not.toContain('pricing')
    expect(rules((await lead(first.id)).body)).toContain('pricing')
    expect(rules((await lead(first.id)).body)).not.toContain('service')
  })
})

describe('two records of one person', () => {
  it('become one when a call names both: the older id survives and the other leads to it', async () => {
    const older = (await identify({ email: 'grace@acme.org', signal: { name: 'email_click', id: 'm1' } }))
      .body
    lw.clock.now += 1_000
    const newer = (await identify({ externalId: 'crm-7', signal: { name: 'callback_requested', id: 'c1' } }))
      .body
    expect(newer.id).not.toBe(older.id)
    lw.clock.now += 1_000
    const merged = await identify({ email: 'GRACE@acme.org', externalId: 'crm-7' })
    expect(merged).toMatchObject({ status: 200, body: { id: older.id, created: false, stage: 'mql' } })

    const there = await lead(older.id)
    expect(there.body).toMatchObject({ email: 'grace@acme.org', externalId: 'crm-7', mergedFrom: [newer.id] })
    expect(there.body.reasons.map(({ rule }: { rule: string }) => rule).sort()).toEqual([
      'callback',
      'email_click',
    ])
    const old = await lw.request(`/v1/leads/${newer.id}`, { headers: { authorization: `Bearer ${lw.key}` } })
    expect(old.status).toBe(308)
    expect(old.headers.get('location')).toBe(`/v1/leads/${older.id}`)
  })

  it('can be taken apart again', async () => {
    const { id } = (await identify({ externalId: 'crm-7' })).body
    const [part] = (await lead(id)).body.mergedFrom
    expect(await lw.call('POST', `/v1/contacts/${part}/unmerge`)).toMatchObject({
      status: 200,
      body: { id: part },
    })
    expect((await lead(part)).body).toMatchObject({ id: part, mergedFrom: [] })
    expect((await lead(part)).body.reasons.map(({ rule }: { rule: string }) => rule)).toEqual(['callback'])
    expect((await lead(id)).body.reasons.map(({ rule }: { rule: string }) => rule)).toEqual(['email_click'])
    expect((await lw.call('POST', `/v1/contacts/${part}/unmerge`)).status).toBe(409)
  })

  it('a signal that both were sent counts once', async () => {
    const signal = { name: 'email_reply', id: 'r1' }
    await identify({ email: 'twice@acme.org', signal })
    await identify({ externalId: 'twice', signal })
    const { body } = await identify({ email: 'twice@acme.org', externalId: 'twice', signal })
    const replies = (await lead(body.id)).body.reasons.filter(
      ({ rule }: { rule: string }) => rule === 'email_reply',
    )
    expect(replies).toMatchObject([{ count: 1, points: 10 }])
  })
})

describe('a dry run', () => {
  it('says what would be done, and does nothing', async () => {
    expect(await identify({ email: 'nobody@acme.org', dryRun: true })).toEqual({
      status: 200,
      body: { dryRun: true, would: 'create', contacts: [] },
    })
    expect((await identify({ email: 'nobody@acme.org', dryRun: true })).body.would).toBe('create')
    const { id } = (await identify({ email: 'somebody@acme.org' })).body
    const { body } = await identify({ email: 'somebody@acme.org', dryRun: true })
    expect(body).toMatchObject({ would: 'update', contacts: [{ id, stage: 'lead' }] })
  })
})

describe('Idempotency-Key', () => {
  it('carries a call out once and answers it alike', async () => {
    const body = { site: 'main', email: 'key@acme.org', signal: { name: 'callback_requested' } }
    const answers = await Promise.all([1, 2, 3].map(() => once('/v1/identify', 'k-1', body)))
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    expect(new Set(texts).size).toBe(1)
    expect(JSON.parse(texts[0]!)).toMatchObject({ created: true, engagement: 25 })
    expect(await (await once('/v1/identify', 'k-1', body)).text()).toBe(texts[0])
  })

  it('refuses another body under the same key', async () => {
    const answer = await once('/v1/identify', 'k-1', { site: 'main', email: 'other@acme.org' })
    expect(answer.status).toBe(422)
    expect((await answer.json()).detail).toContain('Idempotency-Key')
  })

  it('refuses another query under the same key', async () => {
    await addSite(lw, 'shop')
    const body = { batch: [{ type: 'identify', userId: 'u-1' }] }
    expect((await once('/v1/batch?site=main', 'k-2', body)).status).toBe(200)
    const answer = await once('/v1/batch?site=shop', 'k-2', body)
    expect([answer.status, (await answer.json()).detail]).toEqual([422, expect.stringContaining('query')])
  })
})

describe('POST /v1/events in batches', () => {
  it('takes 500 at once and answers for each', async () => {
    const { id } = (await identify({ email: 'batch@acme.org' })).body
    const events = Array.from({ length: 500 }, (_, i) => ({
      contact: id,
      name: 'email_open',
      id: `o${i % 499}`,
    }))
    const { status, body } = await lw.call('POST', '/v1/events', { site: 'main', events })
    expect(status).toBe(200)
    expect(body.items).toHaveLength(500)
    expect(body.items.filter(({ stored }: { stored: boolean }) => stored)).toHaveLength(499)
  })

  it('names the item that is wrong, and answers 404 for a contact that nobody knows', async () => {
    const wrong = await lw.call('POST', '/v1/events', {
      site: 'main',
      events: [{ contact: 'x', name: 'Bad Name' }],
    })
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/events/0/name' }] } })
    const { body } = await lw.call('POST', '/v1/events', {
      site: 'main',
      events: [{ contact: 'x', name: 'email_open' }],
    })
    expect(body.items).toMatchObject([{ status: 404 }])
  })
})

describe('a form', () => {
  it('is named in the timeline', async () => {
    const { body } = await identify({ email: 'form@acme.org', form: 'Contact us' })
    const { items } = (await lw.call('GET', `/v1/leads/${body.id}/timeline`)).body
    expect(items).toContainEqual(expect.objectContaining({ kind: 'signal', props: { form: 'Contact us' } }))
  })
})

describe('a contact with more devices than a person has', () => {
  it('is flagged', async () => {
    const visitor = Array.from({ length: 20 }, (_, i) => `many-${i}`)
    const { body } = await identify({ email: 'many@acme.org', visitor })
    expect((await lead(body.id)).body.flags).toEqual([])
    await identify({ email: 'many@acme.org', visitor: 'many-20' })
    expect((await lead(body.id)).body.flags).toEqual(['many-visitors'])
  })
})

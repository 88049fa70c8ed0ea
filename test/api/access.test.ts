import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openForReading } from '../../collector/store/sqlite/open.ts'
import type { Right } from '../../shared/access.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { addSite, callAs, keyFor } from '../support/keys.ts'

const HOUR = 3_600_000
let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector()
  await addSite(lw, 'shop')
})
afterAll(() => lw.remove())

const iso = (at: number) => new Date(at).toISOString()
const asKey = (key: string, path = '/v1/stats', method = 'GET', body?: unknown) =>
  callAs(lw, `Bearer ${key}`, method, path, body)
const made = async (more: object = {}) =>
  (await lw.call('POST', '/v1/keys', { name: 'a program', rights: ['read'], ...more })).body
const listed = async (id: string) =>
  (await lw.call('GET', '/v1/keys')).body.items.find((one: { id: string }) => one.id === id)

describe('/v1/keys', () => {
  it('makes a key, which opens what it is for at once and is shown once', async () => {
    const key = await made({ site: 'shop' })
    expect(key).toMatchObject({ name: 'a program', rights: ['read'], site: 'shop', expiresAt: null })
    expect(key.key).toMatch(/^lw_[\w-]{32}$/)
    expect((await asKey(key.key)).body.site).toBe('shop')
    expect((await asKey(key.key, '/v1/leads')).status).toBe(403)
    const list = JSON.stringify((await lw.call('GET', '/v1/keys')).body)
    expect(list).toContain(key.id)
    expect(list).not.toContain(key.key.slice(3))
    expect(list).not.toContain('hash')
  })

  it('ends with its expiry, to the millisecond', async () => {
    const key = await made({ expiresAt: iso(lw.clock.now + HOUR) })
    lw.clock.now += HOUR - 1
    expect((await asKey(key.key)).status).toBe(200)
    lw.clock.now += 1
    const { status, headers, body } = await asKey(key.key)
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toContain('invalid_token')
    expect(body.detail).toBe('that key has expired; make a new one')
    expect(await listed(key.id)).toMatchObject({ expiresAt: iso(lw.clock.now), revokedAt: null })
  })

  it('is rotated with an overlap, in which both open', async () => {
    const old = await made({ name: 'form', rights: ['read', 'link'], site: 'main' })
    const { status, body } = await lw.call('POST', `/v1/keys/${old.id}/rotate`, { overlapHours: 2 })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'form',
      rights: ['read', 'link'],
      site: 'main',
      replaces: old.id,
      until: iso(lw.clock.now + 2 * HOUR),
    })
    expect((await asKey(old.key)).status).toBe(200)
    expect((await asKey(body.key)).status).toBe(200)
    lw.clock.now += 2 * HOUR
    expect((await asKey(old.key)).status).toBe(401)
    expect((await asKey(body.key)).status).toBe(200)
    expect((await lw.call('POST', `/v1/keys/${old.id}/rotate`, {})).status).toBe(409)
  })

  it('ends at a whole ms, however short the overlap', async () => {
    const old = await made()
    await lw.call('POST', `/v1/keys/${old.id}/rotate`, { overlapHours: 0.000_001 })
    const state = openForReading(lw.db)
    const ended = state.prepare('SELECT expires_at FROM keys WHERE id = ?').pluck()
    expect(ended.get(old.id)).toBe(lw.clock.now + 4)
    state.close()
  })

  it('rotated twice keeps to the sooner end', async () => {
    const old = await made()
    await lw.call('POST', `/v1/keys/${old.id}/rotate`, { overlapHours: 1 })
    await lw.call('POST', `/v1/keys/${old.id}/rotate`, { overlapHours: 100 })
    expect((await listed(old.id)).expiresAt).toBe(iso(lw.clock.now + HOUR))
  })

  it('is revoked at once', async () => {
    const key = await made()
    expect(await lw.call('DELETE', `/v1/keys/${key.id}`)).toEqual({ status: 200, body: { id: key.id } })
    expect((await asKey(key.key)).status).toBe(401)
    expect((await listed(key.id)).revokedAt).toBe(iso(lw.clock.now))
    expect((await lw.call('DELETE', '/v1/keys/key_none')).status).toBe(404)
  })

  it('of one site sees, makes and ends keys of that site alone', async () => {
    const mine = await keyFor(lw, ['admin'], 'shop')
    const ask = (method: string, path: string, body?: unknown) => asKey(mine.key, path, method, body)
    const other = await made({ site: 'main' })
    const ids = (await ask('GET', '/v1/keys')).body.items.map(({ site }: { site: string }) => site)
    expect(new Set(ids)).toEqual(new Set(['shop']))
    expect((await ask('DELETE', `/v1/keys/${other.id}`)).status).toBe(404)
    expect((await ask('POST', `/v1/keys/${other.id}/rotate`, {})).status).toBe(404)
    expect((await ask('POST', '/v1/keys', { name: 'x', rights: ['read'] })).body.site).toBe('shop')
    expect((await ask('POST', '/v1/keys', { name: 'x', rights: ['read'], site: null })).status).toBe(403)
    expect((await ask('POST', '/v1/keys', { name: 'x', rights: ['read'], site: 'main' })).status).toBe(404)
    expect((await ask('GET', '/v1/staff')).body.items).toEqual([])
  })

  const wrong: [body: unknown, pointer: string][] = [
    [{ rights: ['read'] }, '/name'],
    [{ name: ' ', rights: ['read'] }, '/name'],
    [{ name: 'a\nb', rights: ['read'] }, '/name'],
    [{ name: 'a', rights: [] }, '/rights'],
    [{ name: 'a', rights: ['all'] }, '/rights/0'],
    [{ name: 'a', rights: 'read' }, '/rights'],
    [{ name: 'a', rights: ['read'], expiresAt: '2001-01-01T00:00:00Z' }, '/expiresAt'],
    [{ name: 'a', rights: ['read'], expiresAt: 'soon' }, '/expiresAt'],
    [{ name: 'a', rights: ['read'], expires: null }, '/expires'],
  ]
  it.each(wrong)('refuses %j', async (body, pointer) => {
    const answer = await lw.call('POST', '/v1/keys', body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((one: { pointer: string }) => one.pointer)).toContain(pointer)
  })

  it('takes no Idempotency-Key: a key that is shown again would be another one', async () => {
    const answer = await lw.request('/v1/keys', {
      method: 'POST',
      headers: { authorization: `Bearer ${lw.key}`, 'idempotency-key': 'x' },
      body: JSON.stringify({ name: 'a', rights: ['read'] }),
    })
    expect(answer.status).toBe(400)
  })
})

describe('people who sign in', () => {
  const PASSWORD = 'seven little words'
  let serial = 0
  async function person(role: string) {
    const name = `${role} ${++serial}`
    const { body } = await lw.call('POST', '/v1/staff', { name, role, password: PASSWORD })
    return { name, id: body.id as string }
  }
  const signIn = (name: string, secret = PASSWORD) =>
    lw.request('/login', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ name, secret }),
    })
  const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  const ask = (path: string, cookie: string, init: RequestInit = {}) =>
    lw.request(path, { ...init, headers: { cookie, ...(init.headers as Record<string, string>) } })

  const opened: [role: string, rights: Right[]][] = [
    ['viewer', ['read']],
    ['sales', ['read', 'leads']],
    ['marketer', ['read', 'leads', 'rules']],
    ['admin', ['read', 'leads', 'rules', 'admin']],
  ]
  it.each(opened)('a %s may do what the role is for, and nothing else', async (role, rights) => {
    const { name } = await person(role)
    const cookie = cookieOf(await signIn(name))
    const calls: [right: Right, path: string][] = [
      ['read', '/v1/stats'],
      ['leads', '/v1/leads'],
      ['rules', '/v1/rules'],
      ['admin', '/v1/keys'],
      ['read', '/'],
      ['leads', '/leads'],
      ['leads', '/companies'],
    ]
    for (const [right, path] of calls)
      expect((await ask(path, cookie)).status, path).toBe(rights.includes(right) ? 200 : 403)
  })

  it('are known whatever the case of their name, and only by their password', async () => {
    const { name } = await person('sales')
    expect((await signIn(` ${name.toUpperCase()}`)).status).toBe(303)
    for (const wrong of ['seven little word', '', lw.key]) {
      const answer = await signIn(name, wrong)
      expect(answer.status).toBe(403)
      expect(answer.headers.get('set-cookie')).toBeNull()
      // A right one between, so that none has to wait.
      await signIn(name)
    }
  })

  it('sign what they decide with their name', async () => {
    const { name } = await person('sales')
    const cookie = cookieOf(await signIn(name))
    const { body } = await lw.call('POST', '/v1/identify', { site: 'main', email: 'ada@acme.org' })
    const own = { 'sec-fetch-site': 'same-origin' }
    await ask(`/leads/${body.id}/notes`, cookie, {
      method: 'POST',
      headers: own,
      body: new URLSearchParams({ kind: 'need', text: 'wants pumps' }),
    })
    const posted = await ask(`/v1/leads/${body.id}/decision`, cookie, {
      method: 'POST',
      headers: own,
      body: JSON.stringify({ decision: 'disqualify', reason: 'a student' }),
    })
    expect(posted.status).toBe(200)
    const lead = (await lw.call('GET', `/v1/leads/${body.id}`)).body
    expect(lead.notes[0].by).toBe(name)
    expect(lead.decisions[0].by).toBe(name)
  })

  it.each([{}, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }])(
    'change nothing by a session from elsewhere: %j',
    async (headers) => {
      const cookie = cookieOf(await signIn((await person('admin')).name))
      const body = JSON.stringify({ name: 'Mallory', role: 'admin', password: PASSWORD })
      const answer = await ask('/v1/staff', cookie, { method: 'POST', headers: headers as never, body })
      expect(answer.status).toBe(401)
    },
  )

  it('are each a caller of their own under an Idempotency-Key', async () => {
    const headers = { 'sec-fetch-site': 'same-origin', 'idempotency-key': 'once' }
    const body = JSON.stringify({ decision: 'accept' })
    const { id } = (
      await lw.call('POST', '/v1/identify', {
        site: 'main',
        email: 'eve@acme.org',
        signal: { name: 'demo_requested' },
      })
    ).body
    const decide = async () => {
      const cookie = cookieOf(await signIn((await person('sales')).name))
      return (await ask(`/v1/leads/${id}/decision`, cookie, { method: 'POST', headers, body })).status
    }
    expect([await decide(), await decide()]).toEqual([200, 409])
  })

  it('stay away and as they were put, whatever was asked at the same time', async () => {
    const { id } = await person('admin')
    const password = 'another ten letters'
    const changed = () => lw.call('PATCH', `/v1/staff/${id}`, { password })
    const [first] = await Promise.all([changed(), lw.call('PATCH', `/v1/staff/${id}`, { role: 'viewer' })])
    expect(first.body.role).toBe('viewer')
    const [second] = await Promise.all([changed(), lw.call('DELETE', `/v1/staff/${id}`)])
    expect(second.status).toBe(404)
    expect((await lw.call('GET', '/v1/staff')).body.items.map((one: { id: string }) => one.id)).not.toContain(
      id,
    )
  })

  it('are added once under one Idempotency-Key, and answered alike', async () => {
    const add = async (name: string) => {
      const answer = await lw.request('/v1/staff', {
        method: 'POST',
        headers: { authorization: `Bearer ${lw.key}`, 'idempotency-key': 'add' },
        body: JSON.stringify({ name, role: 'sales', password: PASSWORD }),
      })
      return { status: answer.status, id: ((await answer.json()) as { id?: string }).id }
    }
    const both = await Promise.all([add('Once'), add('Once')])
    expect(both[1]).toEqual(both[0])
    expect((await add('Another')).status).toBe(422)
  })

  it('are out at once with another password, another role or without an account', async () => {
    const { id, name } = await person('admin')
    const cookie = cookieOf(await signIn(name))
    expect((await ask('/v1/keys', cookie)).status).toBe(200)
    await lw.call('PATCH', `/v1/staff/${id}`, { role: 'viewer' })
    expect((await ask('/v1/keys', cookie)).status).toBe(403)
    await lw.call('PATCH', `/v1/staff/${id}`, { password: 'another ten letters' })
    expect((await ask('/v1/stats', cookie)).status).toBe(401)
    const again = cookieOf(await signIn(name, 'another ten letters'))
    expect((await ask('/v1/stats', again)).status).toBe(200)
    await lw.call('DELETE', `/v1/staff/${id}`)
    expect((await ask('/v1/stats', again)).status).toBe(401)
    expect((await signIn(name, 'another ten letters')).status).toBe(403)
    expect((await lw.call('PATCH', `/v1/staff/${id}`, { role: 'admin' })).status).toBe(404)
  })

  it('are listed without their passwords, and no two bear one name', async () => {
    const { id, name } = await person('viewer')
    const { body } = await lw.call('GET', '/v1/staff')
    expect(body.items).toContainEqual({ id, name, role: 'viewer', site: null, createdAt: iso(lw.clock.now) })
    expect(JSON.stringify(body)).not.toContain('scrypt')
    const twice = { name: name.toUpperCase(), role: 'admin', password: PASSWORD }
    expect((await lw.call('POST', '/v1/staff', twice)).status).toBe(409)
    const both = { name: 'Twin', role: 'viewer', password: PASSWORD }
    const answers = await Promise.all([both, both].map((one) => lw.call('POST', '/v1/staff', one)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    const other = await person('viewer')
    expect((await lw.call('PATCH', `/v1/staff/${other.id}`, { name })).status).toBe(409)
    expect((await lw.call('PATCH', `/v1/staff/${id}`, { name: name.toUpperCase() })).status).toBe(200)
  })

  const wrong: [body: unknown, pointer: string][] = [
    [{ name: 'x', role: 'boss', password: PASSWORD }, '/role'],
    [{ name: 'x', role: 'sales', password: 'short' }, '/password'],
    [{ name: 'x', role: 'sales', password: 'x'.repeat(201) }, '/password'],
    [{ name: '', role: 'sales', password: PASSWORD }, '/name'],
    [{ name: 'x', role: 'sales' }, '/password'],
  ]
  it.each(wrong)('refuses %j without echoing it', async (body, pointer) => {
    const answer = await lw.call('POST', '/v1/staff', body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((one: { pointer: string }) => one.pointer)).toEqual([pointer])
    expect(JSON.stringify(answer.body)).not.toContain(PASSWORD)
  })
})

// The last one: it ends the collector that the others share.
it('the last use of a key is known to the hour, and is no write for each call', async () => {
  const key = await made()
  expect((await listed(key.id)).usedAt).toBeNull()
  const usedAt = lw.clock.now
  for (let i = 0; i < 20; i++) await asKey(key.key)
  await lw.stop()
  const again = await testCollector({ db: lw.db, now: lw.clock.now })
  try {
    const { items } = (await again.call('GET', '/v1/keys')).body
    const row = items.find((one: { id: string }) => one.id === key.id)
    expect(row.usedAt).toBe(iso(usedAt))
  } finally {
    await again.stop()
  }
})

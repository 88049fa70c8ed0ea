/** People who may see one site: what is of another is not there, by no call and on no page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import document from '../../docs/openapi.json' with { type: 'json' }
import { type TestCollector, testCollector } from '../support/collector.ts'
import { addSite } from '../support/keys.ts'

const PASSWORD = 'seven little words'
const OWN = { 'sec-fetch-site': 'same-origin' }
let lw: TestCollector
/** A lead of each site, and the one company of all leads. */
const leads: Record<string, string> = {}
const cookies: Record<string, string> = {}

beforeAll(async () => {
  lw = await testCollector()
  await addSite(lw, 'shop')
  for (const site of ['main', 'shop']) {
    const { body } = await lw.call('POST', '/v1/identify', {
      site,
      email: `ada@${site}-customer.org`,
      traits: { name: `Ada of ${site}` },
    })
    leads[site] = body.id
  }
  for (const [name, role] of [
    ['Sal', 'sales'],
    ['Root', 'admin'],
  ] as const) {
    const made = await lw.call('POST', '/v1/staff', { name, role, password: PASSWORD, site: 'shop' })
    expect(made).toMatchObject({ status: 201, body: { name, role, site: 'shop' } })
    cookies[name] = await cookieOf(name)
  }
})
afterAll(() => lw.remove())

async function cookieOf(name: string): Promise<string> {
  const signedIn = await lw.request('/login', {
    method: 'POST',
    headers: OWN,
    body: new URLSearchParams({ name, secret: PASSWORD }),
  })
  expect(signedIn.status).toBe(303)
  return signedIn.headers.get('set-cookie')!.split(';')[0]!
}
const ask = (who: string, path: string, init: RequestInit = {}) =>
  lw.request(path, { ...init, headers: { cookie: cookies[who]!, ...OWN } })
const call = async (who: string, method: string, path: string, body?: unknown) => {
  const answer = await ask(who, path, { method, ...(body !== undefined && { body: JSON.stringify(body) }) })
  return { status: answer.status, body: await answer.json() }
}

describe('by the API', () => {
  type Operation = { parameters?: { name: string; in: string }[] }
  const asked = Object.entries(document.paths as Record<string, { get?: Operation }>).filter(([, { get }]) =>
    get?.parameters?.some(({ name, in: place }) => name === 'site' && place === 'query'),
  )
  it.each(asked.map(([path]) => path).filter((path) => path !== '/v1/in'))(
    'nothing of another site by %s',
    async (path) => {
      const filled = path.replace('{dimension}', 'page').replace('{name}', 'funnel').replace('{key}', 'x.org')
      for (const who of ['Sal', 'Root']) {
        const { status } = await ask(
          who,
          `${filled}?site=main${path.endsWith('contacts') ? '&email=a@b.org' : ''}`,
        )
        expect([who, status]).toEqual([who, status === 403 && who === 'Sal' ? 403 : 404])
      }
    },
  )

  it.each<[method: string, rest: string, body?: unknown]>([
    ['GET', ''],
    ['GET', '/timeline'],
    ['GET', '/dossier'],
    ['GET', '/export'],
    ['PATCH', '', { owner: 'Root' }],
    ['POST', '/decision', { decision: 'disqualify' }],
    ['POST', '/notes', { kind: 'need', text: 'pumps' }],
    ['POST', '/objection', { objects: true }],
    ['DELETE', ''],
  ])('a lead of another site is not there: %s %s', async (method, rest, body) => {
    expect((await call('Root', method, `/v1/leads/${leads.main}${rest}`, body)).status).toBe(404)
  })

  it('lists of theirs are of their site', async () => {
    const of = async (who: string, path: string) => JSON.stringify((await call(who, 'GET', path)).body)
    expect(await of('Sal', '/v1/leads')).toContain(leads.shop)
    expect(await of('Sal', '/v1/leads')).not.toContain(leads.main)
    expect((await call('Sal', 'GET', '/v1/sites')).body.items.map(({ id }: { id: string }) => id)).toEqual([
      'shop',
    ])
    await lw.call('POST', '/v1/keys', { name: 'a key of all', rights: ['read'] })
    for (const site of ['main', 'shop'])
      await lw.call('POST', `/v1/leads/${leads[site]}/objection`, { objects: true })
    expect((await call('Root', 'GET', '/v1/audit')).body.items).toMatchObject([
      { what: 'object', site: 'shop' },
    ])
    for (const path of ['/v1/keys', '/v1/webhooks', '/v1/audit'])
      expect(await of('Root', path)).not.toContain('main')
    expect(await of('Root', '/v1/keys')).not.toContain('a key of all')
    for (const path of ['/v1/counts', '/v1/dead-letters'])
      expect((await call('Root', 'GET', path)).status).toBe(403)
  })
})

describe('on the pages', () => {
  const PAGES = [
    '/',
    '/leads',
    '/companies',
    '/reports',
    '/rules',
    '/setup',
    '/setup/pages',
    '/setup/access',
    '/setup/webhooks',
    '/setup/privacy',
    '/setup/check',
    '/companies/main-customer.org',
  ]
  it.each(PAGES)('%s shows their site, and no other', async (page) => {
    const own = await ask('Root', page.replace('main', 'shop'))
    expect(own.status).toBe(200)
    expect(await own.text()).not.toContain('site=main')
    const other = await ask('Root', `${page}?site=main`)
    expect(other.status).toBe(404)
    expect(await other.text()).not.toContain('Ada of main')
  })

  it('the state of the whole collector is not theirs', async () => {
    expect((await ask('Root', '/setup/system')).status).toBe(403)
    expect(await (await ask('Root', '/setup')).text()).not.toContain('/setup/system')
  })

  it.each(['', '/dossier', '/erase'])('/leads/ID%s is of their site', async (rest) => {
    expect((await ask('Root', `/leads/${leads.shop}${rest}`)).status).toBe(200)
    const other = await ask('Root', `/leads/${leads.main}${rest}`)
    expect(other.status).toBe(404)
    expect(await other.text()).not.toContain('Ada of main')
  })

  it.each([
    ['decision', { decision: 'disqualify', reason: 'x' }],
    ['notes', { kind: 'need', text: 'pumps' }],
    ['owner', { owner: 'Root' }],
    ['objection', { objects: 'yes' }],
    ['erase', {}],
  ])('a form of a lead of another site changes nothing: %s', async (form, fields) => {
    const before = (await lw.call('GET', `/v1/leads/${leads.main}`)).body
    const body = new URLSearchParams(fields as Record<string, string>)
    const answer = await ask('Root', `/leads/${leads.main}/${form}`, { method: 'POST', body })
    expect(answer.status).toBe(404)
    expect(await answer.text()).not.toContain('Ada of main')
    expect((await lw.call('GET', `/v1/leads/${leads.main}`)).body).toEqual(before)
  })

  it('a decision about several names nobody of another site', async () => {
    const body = new URLSearchParams({ id: leads.main!, decision: 'accept', back: '/leads?site=shop' })
    const answer = await ask('Sal', '/leads', { method: 'POST', body })
    expect(answer.status).toBe(409)
    expect(await answer.text()).not.toContain('Ada of main')
  })
})

describe('accounts of one site', () => {
  it('are in the hands of its admin, and no others', async () => {
    const other = await lw.call('POST', '/v1/staff', { name: 'Every', role: 'viewer', password: PASSWORD })
    expect(other.body.site).toBeNull()
    const { body } = await call('Root', 'GET', '/v1/staff')
    expect(body.items.map(({ name }: { name: string }) => name).sort()).toEqual(['Root', 'Sal'])
    const made = await call('Root', 'POST', '/v1/staff', { name: 'New', role: 'viewer', password: PASSWORD })
    expect(made).toMatchObject({ status: 201, body: { site: 'shop' } })
    for (const [site, status] of [
      [null, 403],
      ['main', 404],
      ['nowhere', 404],
    ])
      expect((await call('Root', 'PATCH', `/v1/staff/${made.body.id}`, { site })).status).toBe(status)
    for (const method of ['PATCH', 'DELETE'])
      expect((await call('Root', method, `/v1/staff/${other.body.id}`, { role: 'admin' })).status).toBe(404)
    expect((await call('Root', 'DELETE', `/v1/staff/${made.body.id}`)).status).toBe(200)
  })

  it('see another site, or every one, as soon as that is said, and keep it through other changes', async () => {
    const { id } = (await lw.call('GET', '/v1/staff')).body.items.find(
      (one: { name: string }) => one.name === 'Sal',
    )
    const sites = async () =>
      (await call('Sal', 'GET', '/v1/sites')).body.items.map((one: { id: string }) => one.id)
    await lw.call('PATCH', `/v1/staff/${id}`, { site: 'main' })
    expect(await sites()).toEqual(['main'])
    await lw.call('PATCH', `/v1/staff/${id}`, { role: 'marketer' })
    expect(await sites()).toEqual(['main'])
    const body = new URLSearchParams({ current: PASSWORD, password: PASSWORD, again: PASSWORD })
    expect((await ask('Sal', '/account', { method: 'POST', body })).status).toBe(303)
    cookies.Sal = await cookieOf('Sal')
    expect(await sites()).toEqual(['main'])
    await lw.call('PATCH', `/v1/staff/${id}`, { site: null })
    expect(await sites()).toEqual(['main', 'shop'])
    expect((await lw.call('PATCH', `/v1/staff/${id}`, { site: 'nowhere' })).status).toBe(404)
  })
})

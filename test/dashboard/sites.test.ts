import { describe, expect, test } from 'vitest'
import { fakeApi, SESSION } from './fakes.ts'
import { COOKIE, open } from './support.ts'

const SALES = { cookie: `leadwake_session=${SESSION}-sal` }

describe('a new site', () => {
  const sent = {
    name: ' Our shop',
    id: 'our-shop',
    consent: 'required',
    hosts: 'a.example b.example',
    timeZone: 'UTC',
  }

  test('is made by a form, and its set-up shown', async () => {
    const api = fakeApi()
    const { post, html } = open({}, undefined, { api })
    expect(await html('/setup?site=shop')).toContain('href="/setup/new?site=shop"')
    expect(await html('/setup/new?site=shop')).toMatch(/<option value="Europe\/Berlin"/)
    const answer = await post('/setup/new?site=shop', sent, COOKIE)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/setup?site=our-shop&saved'])
    expect(api.called.at(-1)).toEqual([
      'POST',
      '/v1/sites',
      { ...sent, name: 'Our shop', hosts: ['a.example', 'b.example'] },
    ])
  })

  test('that is refused keeps what was typed', async () => {
    const api = fakeApi({ 'POST /v1/sites': { status: 409, detail: "the site 'our-shop' exists" } })
    const answer = await open({}, undefined, { api }).post('/setup/new', { ...sent, name: '<b>' }, COOKIE)
    const html = await answer.text()
    expect(answer.status).toBe(422)
    expect(html).toContain('the site &#39;our-shop&#39; exists')
    expect(html).toContain('value="&lt;b&gt;"')
    expect(html).toContain('value="our-shop"')
  })

  test('is for who may do everything, from a page of ours', async () => {
    const api = fakeApi()
    const { ask, post } = open({}, undefined, { api })
    expect((await ask('/setup/new', { headers: SALES })).status).toBe(403)
    expect((await post('/setup/new', sent, SALES)).status).toBe(403)
    expect((await post('/setup/new', sent)).status).toBe(303)
    expect((await post('/setup/new', sent, { ...COOKIE, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(api.called).toEqual([])
    expect(await (await ask('/setup', { headers: SALES })).text()).not.toContain('/setup/new')
  })
})

describe('another time zone', () => {
  const zone = { timeZone: 'Europe/Berlin' }

  test('is asked about, then counted', async () => {
    const api = fakeApi()
    const { post, html } = open({}, undefined, { api })
    const asked = await html('/setup/zone?site=shop&timeZone=Europe%2FBerlin')
    expect(asked).toContain('Count again by the days of another time zone?')
    expect(asked).toContain('name="timeZone" value="Europe/Berlin"')
    expect(asked).not.toContain('withoutErased')
    const answer = await post('/setup/zone?site=shop', zone, COOKIE)
    expect(answer.headers.get('location')).toBe('/setup?site=shop&saved')
    expect(api.called.at(-1)).toEqual([
      'POST',
      '/v1/sites/shop/rebuild',
      { timeZone: 'Europe/Berlin', withoutErased: false },
    ])
  })

  test('says so where it takes longer than a request may', async () => {
    const api = fakeApi({ 'POST /v1/sites/shop/rebuild': { status: 202 } })
    const { post, html } = open({}, undefined, { api })
    const to = (await post('/setup/zone?site=shop', zone, COOKIE)).headers.get('location')!
    expect(to).toBe('/setup?site=shop&begun')
    expect(await html(to)).toContain('It is being done')
  })

  test('is counted without erased people only by who says so', async () => {
    const detail = "people of 'shop' were erased, and numbers made again would be lower by what they did: …"
    const api = fakeApi({ 'POST /v1/sites/shop/rebuild': { status: 422, detail } })
    const answer = await open({}, undefined, { api }).post('/setup/zone?site=shop', zone, COOKIE)
    const html = await answer.text()
    expect(answer.status).toBe(422)
    expect(html).toContain('name="withoutErased" value="yes"')
    expect(html).toContain('Count again without what erased people did')
  })

  test('is for who may do everything', async () => {
    const { ask, post } = open()
    expect((await ask('/setup/zone?timeZone=UTC', { headers: SALES })).status).toBe(403)
    expect((await post('/setup/zone', zone, SALES)).status).toBe(403)
  })
})

describe('what cannot be taken back is asked before:', () => {
  test.each([
    ['/setup/access', '/setup/access/keys/key_1/revoke', 'contact form', 'Revoke this key?'],
    ['/setup/access', '/setup/access/people/staff_1/remove', 'Sal', 'Remove this person?'],
    ['/setup/webhooks', '/setup/webhooks/wh_1/remove', 'https://crm.example/hook', 'Delete this webhook?'],
  ])('of %s, %s', async (page, path, name, title) => {
    const api = fakeApi()
    const { html, ask } = open({}, undefined, { api })
    expect(await html(`${page}?site=shop`)).toContain(`href="${path}?site=shop"`)
    const asked = await html(`${path}?site=shop`)
    expect(asked).toContain(`<h1>${title}</h1>`)
    expect(asked).toContain(`<bdi>${name}</bdi>`)
    expect(asked).toContain(`method="post" action="${path}?site=shop"`)
    expect(asked).toContain(`href="${page}?site=shop"`)
    expect(api.called.filter((call) => (call as string[])[0] !== 'GET')).toEqual([])
    expect((await ask(path, { headers: SALES })).status).toBe(403)
    const none = path.replace(/\w+\/(revoke|remove)$/, 'nobody/$1')
    expect((await ask(none, { headers: COOKIE })).status).toBe(404)
  })
})

test.each([
  ['never', null, 'Never: no backup was made by the command below.'],
  ['lately', { at: '2025-11-20T12:00:00Z', folder: '/b/<1>', bytes: 61e6 }, '/b/&lt;1&gt;'],
  [
    'long ago',
    { at: '2025-01-03T12:00:00Z', folder: '/b', bytes: 1 },
    '<p class="doubt">The last one was made',
  ],
])('the last backup: %s', async (_, backup, told) => {
  const files = { wal: { state: 0, log: 0 }, backup }
  const health = { lag: 0, state: 1, log: 1, files, alarms: [] }
  const html = await open({}, undefined, { system: async () => health }).html('/setup/system')
  expect(html).toContain(told)
})

test('where another engine keeps the data nothing is said of a last backup', async () => {
  const health = { lag: 0, state: 1, log: 1, files: undefined, alarms: [] }
  const html = await open({}, undefined, { system: async () => health }).html('/setup/system')
  expect(html).not.toMatch(/Never: no backup|The last one was made|leadwake backup|write-ahead/)
  expect(html).toContain('pg_dump --format=custom --exclude-table-data=salts &quot;$DATABASE_URL&quot;')
})

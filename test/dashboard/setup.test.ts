import { describe, expect, test } from 'vitest'
import type { DashboardDeps } from '../../collector/dashboard/deps.ts'
import { fakeApi, NOW, SESSION } from './fakes.ts'
import { COOKIE, open } from './support.ts'

const DAY = 86_400_000
const as = (name: string) => ({ cookie: `leadwake_session=${SESSION}-${name}` })
const PARTS = ['', '/pages', '/access', '/webhooks', '/privacy', '/system']

describe('who may see which part', () => {
  test.each([
    ['vera', ['']],
    ['sal', ['']],
  ])('%s', async (name, seen) => {
    const { ask } = open()
    const statuses = await Promise.all(
      PARTS.map(async (part) => (await ask(`/setup${part}`, { headers: as(name) })).status),
    )
    expect(statuses).toEqual(PARTS.map((part) => (seen.includes(part) ? 200 : 403)))
    const html = await (await ask('/setup', { headers: as(name) })).text()
    expect(html).not.toMatch(/href="\/setup\/|Settings of the site/)
  })

  test('an admin sees all', async () => {
    for (const part of PARTS) expect((await open().get(`/setup${part}`)).status).toBe(200)
  })
})

describe('the check of an installation', () => {
  const day = (ago: number) => new Date(NOW - ago * DAY).toISOString().slice(0, 10)
  const silent: Partial<DashboardDeps['queries']> = {
    present: async () => 0,
    refusals: async (site) => ({
      site,
      from: '',
      to: new Date(NOW).toISOString(),
      reasons: { 'wrong-origin': 4, bot: 9 },
      days: [
        { day: day(0), reason: 'wrong-origin', events: 4 },
        { day: day(2), reason: 'bot', events: 9 },
      ],
      elsewhere: { 'unknown-site': 2 },
    }),
  }

  test('says that it works, once somebody was there', async () => {
    const html = await open().html('/setup')
    expect(html).toContain('It works. Visitors in the last half hour: 3.')
    expect(html).not.toContain('data-check=')
  })

  test('waits, and explains what was refused today', async () => {
    const html = await open(silent).html('/setup')
    const check = html.slice(html.indexOf('id="check"')).split('</section>')[0]!
    expect(check).toContain('data-check="/setup/check?site=shop"')
    expect(check).toContain('Nothing has come in for half an hour.')
    expect(check).toMatch(/wrong-origin<\/strong> \(4\).*not among the hosts/)
    expect(check).toMatch(/unknown-site<\/strong> \(2\).*copy the tag again/)
    expect(check).not.toContain('<strong>bot')
    expect(check).toContain('content security policy')
  })

  test('is there by itself, for the script that looks again', async () => {
    const html = await open(silent).html('/setup/check?site=shop')
    expect(html).toMatch(/^<!doctype html><section class="card" id="check"/)
    expect((await open().ask('/setup/check')).status).toBe(303)
  })

  test('asks about the last half hour', async () => {
    const since: number[] = []
    await open({
      present: async (_site, from = 0) => {
        since.push(from)
        return 0
      },
    }).get('/setup')
    expect(since).toEqual([NOW - 30 * 60_000])
  })
})

test('what was refused stands by reason and day', async () => {
  const html = await open().html('/setup')
  const cells = (reason: string) =>
    [
      ...html
        .split(`<th scope="row">${reason}<`)[1]!
        .split('</tr>')[0]!
        .matchAll(/>([\d,]+)</g),
    ].map(([, n]) => n)
  expect(cells('bot')).toEqual(['1,204', '17', '0', '0', '0', '0', '0', '0'])
  expect(html).toContain('A robot, by what it says of itself.')
  expect(cells('webdriver')).toEqual(['3', '0', '0', '3', '0', '0', '0', '0'])
})

test('the most seen pages of no kind are offered, and no other', async () => {
  const html = await open().html('/setup/pages')
  const asked = [...html.matchAll(/name="path" value="([^"]+)"/g)].map(([, path]) => path)
  expect(asked).toEqual(['/rates-and-terms', '/'])
  const kinds = [...html.matchAll(/name="kind" value="([^"]+)"/g)].map(([, kind]) => kind)
  expect(kinds.slice(0, 6)).toEqual(['service', 'pricing', 'careers', 'company', 'checkout', 'blog'])
})

test('how the collector is: what waits, sizes, alarms, counts, dead letters', async () => {
  const system = {
    lag: 12_345,
    state: 61e6,
    log: 5e6,
    files: { wal: { state: 1e6, log: 0 }, backup: null },
    alarms: ['<disk> full'],
  }
  const html = await open({}, undefined, { system: async () => system }).html('/setup/system')
  for (const told of [
    '<li>&lt;disk&gt; full</li>',
    '12,345',
    '61 MB, and 1 MB of write-ahead log',
    'dropped: bot',
    'UNIQUE constraint failed',
    'name="seq" value="12"',
  ])
    expect(html).toContain(told)
  const calm = await open({}, undefined, { system: async () => ({ ...system, alarms: [] }) }).html(
    '/setup/system',
  )
  expect(calm).toContain('Nothing to look at.')
  const api = fakeApi({ 'GET /v1/counts': { status: 200, body: { counts: {}, watermark: 0 } } })
  expect(await open({}, undefined, { api }).html('/setup/system')).toContain('Nothing came in yet.')
})

test('keys and webhooks offer what can be done with them', async () => {
  const keys = await open().html('/setup/access')
  const acts = [...keys.matchAll(/(?:action|href)="\/setup\/access\/keys\/(key_\d)\/(\w+)/g)].map(
    ([, key, act]) => `${key} ${act}`,
  )
  expect(acts).toEqual(['key_1 rotate', 'key_1 revoke', 'key_4 rotate', 'key_4 revoke'])
  const hooks = await open().html('/setup/webhooks')
  expect(hooks).toContain('action="/setup/webhooks/wh_1/enable?site=shop"')
  for (const told of ['it was gone for a day', 'given up', '503 · 41 ms · one try'])
    expect(hooks).toContain(told)
})

describe('a form', () => {
  test.each<[string, string, [string, string][], unknown[]]>([
    [
      'of the settings',
      '/setup',
      [
        ['name', 'Shop'],
        ['consent', 'required'],
        ['hosts', 'a.example, b.example '],
        ['with', 'ga4'],
        ['with', 'cookie'],
        ['retention', ''],
      ],
      [
        'PATCH',
        '/v1/sites/shop',
        {
          name: 'Shop',
          consent: 'required',
          hosts: ['a.example', 'b.example'],
          with: ['ga4', 'cookie'],
          retention: null,
        },
      ],
    ],
    [
      'of a new key',
      '/setup/access/keys',
      [
        ['name', 'form'],
        ['rights', 'link'],
        ['rights', 'events'],
        ['of', 'shop'],
        ['expires', '2026-01-01'],
      ],
      [
        'POST',
        '/v1/keys',
        { name: 'form', rights: ['link', 'events'], site: 'shop', expiresAt: '2026-01-01T00:00:00Z' },
      ],
    ],
    [
      'of every site',
      '/setup/access/keys',
      [
        ['name', 'x'],
        ['rights', 'read'],
        ['of', ''],
        ['expires', ''],
      ],
      ['POST', '/v1/keys', { name: 'x', rights: ['read'], site: null }],
    ],
    ['that rotates a key', '/setup/access/keys/key_1/rotate', [], ['POST', '/v1/keys/key_1/rotate', {}]],
    ['that revokes one', '/setup/access/keys/a%2Fb/revoke', [], ['DELETE', '/v1/keys/a%2Fb']],
    [
      'of somebody new',
      '/setup/access/people',
      [
        ['name', 'Ann'],
        ['role', 'sales'],
        ['password', 'secret words'],
        ['of', 'shop'],
      ],
      ['POST', '/v1/staff', { name: 'Ann', role: 'sales', password: 'secret words', site: 'shop' }],
    ],
    [
      'of a role',
      '/setup/access/people/staff_1',
      [['role', 'admin']],
      ['PATCH', '/v1/staff/staff_1', { role: 'admin' }],
    ],
    ['that removes somebody', '/setup/access/people/staff_1/remove', [], ['DELETE', '/v1/staff/staff_1']],
    [
      'of a new webhook',
      '/setup/webhooks',
      [
        ['url', 'https://x.example/'],
        ['format', 'slack'],
        ['events', 'lead.sql'],
        ['events', 'lead.won'],
        ['description', ''],
      ],
      [
        'POST',
        '/v1/webhooks',
        {
          site: 'shop',
          url: 'https://x.example/',
          events: ['lead.sql', 'lead.won'],
          format: 'slack',
          description: '',
        },
      ],
    ],
    ['that tests one', '/setup/webhooks/wh_1/test', [], ['POST', '/v1/webhooks/wh_1/test']],
    [
      'that switches one on',
      '/setup/webhooks/wh_1/enable',
      [],
      ['PATCH', '/v1/webhooks/wh_1', { enabled: true }],
    ],
    [
      'that switches one off',
      '/setup/webhooks/wh_1/disable',
      [],
      ['PATCH', '/v1/webhooks/wh_1', { enabled: false }],
    ],
    ['that tries again', '/setup/webhooks/wh_1/replay', [], ['POST', '/v1/webhooks/wh_1/replay', {}]],
    ['that deletes one', '/setup/webhooks/wh_1/remove', [], ['DELETE', '/v1/webhooks/wh_1']],
    [
      'of dead letters',
      '/setup/system/replay',
      [['seq', '12']],
      ['POST', '/v1/dead-letters/replay', { seqs: [12] }],
    ],
  ])('%s is a call of the API', async (_, path, fields, call) => {
    const api = fakeApi()
    const { ask } = open({}, undefined, { api })
    const send = (headers: Record<string, string>) =>
      ask(`${path}?site=shop`, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin', ...headers },
        body: new URLSearchParams(fields),
      })
    expect((await send(as('sal'))).status).toBe(403)
    expect((await send({ ...COOKIE, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await send({})).status).toBe(303)
    expect(api.called).toEqual([])
    const answer = await send(COOKIE)
    expect(api.called[0]).toEqual(call)
    expect([200, 303]).toContain(answer.status)
    if (answer.status === 303)
      expect(answer.headers.get('location')).toMatch(/^\/setup[\w/]*\?site=shop&saved$/)
  })

  test('a key that was made is shown once', async () => {
    const api = fakeApi({ 'POST /v1/keys': { status: 201, body: { name: '<form>', key: 'lw_secret' } } })
    const answer = await open({}, undefined, { api }).post(
      '/setup/access/keys',
      { name: 'form', rights: 'link' },
      COOKIE,
    )
    const html = await answer.text()
    expect(html).toContain('lw_secret')
    expect(html).toContain('<strong>&lt;form&gt;</strong>')
    expect(await open({}, undefined, { api }).html('/setup/access')).not.toContain('lw_secret')
  })

  test('what is refused is told on its page', async () => {
    const api = fakeApi({ 'POST /v1/keys': { status: 422, detail: 'rights must name at least one' } })
    const answer = await open({}, undefined, { api }).post('/setup/access/keys', { name: 'form' }, COOKIE)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('role="alert">rights must name at least one')
  })

  test('that says what a page is makes a version of the rules', async () => {
    const api = fakeApi()
    const answer = await open({}, undefined, { api }).post(
      '/setup/pages?site=shop',
      { path: '/rates-and-terms', kind: 'pricing' },
      COOKIE,
    )
    expect(answer.headers.get('location')).toBe('/setup/pages?site=shop&saved')
    const [, path, body] = api.called.at(-1) as [
      string,
      string,
      { document: { pages: Record<string, string[]> } },
    ]
    expect(path).toBe('/v1/rules')
    expect(body.document.pages.pricing!.at(-1)).toBe('/rates-and-terms')
  })
})

test('a person is found for what they ask', async () => {
  const html = await open().html('/setup/privacy?q=ada')
  expect(html).toContain('href="/v1/leads/ada/export"')
  expect(html).toContain('href="/leads/ada/erase"')
  expect(html).toContain('Exported')
  expect(await open().html('/setup/privacy')).not.toContain('/export"')
})

/** The pages over a real collector: what a form does is done, and what a page shows is so. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY, START, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite } from '../support/keys.ts'
import { reader, type SignedIn, signIn } from './real.ts'

let lw: TestCollector
let admin: SignedIn
let ada: string
let bob: string

beforeAll(async () => {
  lw = await testCollector({ now: START - 3 * DAY })
  await addSite(lw, 'shop', 'given')
  ada = await reader(lw, 'shop', 'ada@acme.org', ['/', '/pricing'])
  lw.clock.now = START
  await reader(lw, 'shop', 'ada@acme.org', ['/services/a', '/services/b'])
  bob = await reader(lw, 'shop', 'bob@other.org', ['/blog/x'])
  for (const [contact, id] of [
    [ada, 'demo-a'],
    [bob, 'demo-b'],
  ])
    await lw.call('POST', '/v1/events', { site: 'shop', contact, name: 'demo_requested', id })
  admin = await signIn(lw, lw.key)
})
afterAll(() => lw.remove())

test('the list shows who was asked for, with where they came from', async () => {
  const all = await admin.html('/leads?site=shop')
  expect([all.includes('ada@acme.org'), all.includes('bob@other.org')]).toEqual([true, true])
  const found = await admin.html('/leads?site=shop&q=acme&stage=sql')
  expect([found.includes('ada@acme.org'), found.includes('bob@other.org')]).toEqual([true, false])
  expect(found).toContain('source=direct')
  const curves = [...all.matchAll(/class="spark"[^>]*><path d="([^"]+)"/g)].map(([, path]) => path!)
  expect(curves).toHaveLength(2)
  expect(curves.every((path) => path.split('L').length === 30)).toBe(true)
  expect(all).toContain('due in')
})

test('the curve of a lead ends where its score is, and a day of its timeline is that day', async () => {
  const { body: lead } = await lw.call('GET', `/v1/leads/${ada}`)
  const html = await admin.html(`/leads/${ada}`)
  expect(html).toContain('class="curve"')
  const path = /class="path-line" d="([^"]+)"/.exec(html)![1]!
  const last = Number(path.split(',').at(-1))
  // 116 px for 100 points, upwards from 146.
  expect(last).toBeCloseTo(146 - 1.16 * lead.engagement, 0)
  const first = await admin.html(`/leads/${ada}?day=${new Date(START - 3 * DAY).toISOString().slice(0, 10)}`)
  const timeline = (page: string) => page.slice(page.indexOf('id="timeline"'))
  expect(timeline(first)).toContain('/pricing')
  expect(timeline(first)).not.toContain('/services/a')
  expect(timeline(html)).toContain('/services/a')
})

test('several are decided about at once, in the name of who is signed in', async () => {
  const fields: [string, string][] = [
    ['back', '/leads?site=shop&stage=sql'],
    ['id', ada],
    ['id', bob],
    ['decision', 'accept'],
  ]
  expect(await admin.send('/leads?site=shop', fields)).toMatchObject({
    status: 303,
    to: '/leads?site=shop&stage=sql&done=2',
  })
  const again = await admin.send('/leads?site=shop', fields)
  expect(again.status).toBe(409)
  expect(again.html).toMatch(/<bdi>ada@acme.org<\/bdi>: .*accepted/)
  const { body } = await lw.call('GET', `/v1/leads/${bob}`)
  expect(body.decisions).toMatchObject([{ decision: 'accept', by: 'dashboard' }])
})

test('rules are tried, applied by name, and gone back to', async () => {
  const page = '/rules?site=shop'
  const text = '{ "extends": "standard", "stages": { "mql": { "nextStep": "Write." } } }'
  const tried = await admin.send(page, { text, do: 'preview', capacity: '3' })
  expect(tried.html).toContain('0 of 2 leads would stand elsewhere.')
  const wrong = await admin.send(page, { text: '{ "extends": "nothing" }', do: 'apply' })
  expect(wrong.html).toContain('extends: expected one of')
  const applied = await admin.send(page, { text, do: 'apply', notify: 'silent' })
  expect(applied).toMatchObject({ status: 303, to: '/rules?site=shop&view=text&applied' })
  const html = await admin.html(applied.to!)
  expect(html).toContain('These rules are in force now.')
  expect(html).toMatch(/2 · in force.*<bdi>dashboard<\/bdi>/s)
  const old = await admin.html('/rules?site=shop&view=text&version=1')
  const before = /<textarea[^>]*>\n([^<]*)<\/textarea>/.exec(old)![1]!.replaceAll('&quot;', '"')
  expect((await admin.send(page, { text: before, do: 'apply', notify: 'silent' })).status).toBe(303)
  const { body } = await lw.call('GET', '/v1/rules?site=shop')
  expect([body.version, body.document.name]).toEqual([3, 'standard'])
})

test('the set-up shows the site as it is, and its forms do what they say', async () => {
  const site = await admin.html('/setup?site=shop')
  expect(site).toContain('It works. Visitors in the last half hour: 2.')
  const settings = { name: 'Our shop', consent: 'given', hosts: 'shop.example', retention: '400' }
  expect((await admin.send('/setup?site=shop', { ...settings, with: 'ga4' })).status).toBe(303)
  expect(await admin.html('/setup?site=shop')).toContain('value="shop.example"')
  expect((await admin.send('/setup?site=shop', { ...settings, hosts: 'http://x' })).html).toContain(
    'hosts must be host names',
  )
  expect(await admin.html('/setup?site=shop')).toContain('value="ga4" checked')
  await admin.send('/setup?site=shop', { ...settings, hosts: '' })
  expect(await admin.html('/setup?site=shop')).not.toContain('value="ga4" checked')

  const zoned = await admin.send('/setup/zone?site=shop', { timeZone: 'Asia/Tokyo' })
  expect(zoned.to).toBe('/setup?site=shop&saved')
  expect(await admin.html('/?site=shop')).toContain('Times are those of Asia/Tokyo.')
  const again = await admin.send('/setup/zone?site=shop', { timeZone: 'Mars' })
  expect(again.html).toContain('timeZone must be one of the IANA database')
  const fresh = { id: 'fresh', name: 'Fresh', consent: 'required', hosts: '', timeZone: 'UTC' }
  expect((await admin.send('/setup/new?site=shop', fresh)).to).toBe('/setup?site=fresh&saved')
  expect(await admin.html('/setup?site=fresh')).toContain('l.js?s=fresh')
  expect((await admin.send('/setup/new?site=shop', fresh)).status).toBe(422)

  const made = await admin.send('/setup/access/keys?site=shop', [
    ['name', 'form'],
    ['rights', 'read'],
    ['of', 'shop'],
  ])
  const secret = /lw_[\w-]{32}/.exec(made.html)![0]
  const use = () => lw.request('/v1/stats?site=shop', { headers: { authorization: `Bearer ${secret}` } })
  expect((await use()).status).toBe(200)
  const id = [...made.html.matchAll(/keys\/(key_\w+)\/revoke/g)].at(-1)![1]!
  expect((await admin.send(`/setup/access/keys/${id}/revoke?site=shop`, {})).status).toBe(303)
  expect((await use()).status).toBe(401)

  const password = 'a few plain words'
  await admin.send('/setup/access/people?site=shop', { name: 'Vera', role: 'viewer', password })
  const vera = await signIn(lw, password, 'Vera')
  expect(await vera.html('/leads?site=shop')).toContain('This is not for your role')
  expect(await admin.html('/setup/system?site=shop')).toContain('None: all that was acknowledged')
  const hook = await admin.send('/setup/webhooks?site=shop', { url: 'http://127.0.0.1/x', events: '*' })
  expect([hook.status, hook.html.includes('role="alert"')]).toEqual([422, true])
})

test('a page that no rule knows becomes one of a kind', async () => {
  await reader(lw, 'shop', 'eve@third.org', ['/rates'])
  const html = await admin.html('/setup/pages?site=shop')
  expect(html).toContain('name="path" value="/rates"')
  const sent = await admin.send('/setup/pages?site=shop', { path: '/rates', kind: 'pricing' })
  expect(sent.to).toBe('/setup/pages?site=shop&saved')
  expect(await admin.html('/setup/pages?site=shop')).not.toContain('value="/rates"')
})

test('a lead is owned, objects and is erased by the forms of its page', async () => {
  expect((await admin.send(`/leads/${bob}/owner`, { owner: 'Ann' })).status).toBe(303)
  expect(await admin.html('/leads?site=shop&owner=Ann')).toContain('bob@other.org')
  expect((await admin.send(`/leads/${bob}/objection`, { objects: 'yes' })).status).toBe(303)
  expect(await admin.html(`/leads/${bob}`)).toContain('Objects to profiling.')
  const erased = await admin.send(`/leads/${bob}/erase`, {})
  expect(erased.html).toContain('The person is erased')
  expect((await lw.call('GET', `/v1/leads/${bob}`)).status).toBe(404)
  expect(await admin.html('/leads?site=shop')).not.toContain('bob@other.org')
  const audit = await admin.html('/setup/privacy?site=shop&q=bob')
  expect([audit.includes('Erased'), audit.includes('Nobody is like that')]).toEqual([true, true])
})

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

test('a lead is owned, objects and is erased by the forms of its page', async () => {
  expect((await admin.send(`/leads/${bob}/owner`, { owner: 'Ann' })).status).toBe(303)
  expect(await admin.html('/leads?site=shop&owner=Ann')).toContain('bob@other.org')
  expect((await admin.send(`/leads/${bob}/objection`, { objects: 'yes' })).status).toBe(303)
  expect(await admin.html(`/leads/${bob}`)).toContain('Objects to profiling.')
  const erased = await admin.send(`/leads/${bob}/erase`, {})
  expect(erased.html).toContain('The person is erased')
  expect((await lw.call('GET', `/v1/leads/${bob}`)).status).toBe(404)
  expect(await admin.html('/leads?site=shop')).not.toContain('bob@other.org')
})

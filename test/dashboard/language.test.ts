import { expect, test } from 'vitest'
import { COOKIE, open } from './support.ts'

const { ask, post } = open()
const langOf = async (headers: Record<string, string>) =>
  /<html lang="(\w+)">/.exec(await (await ask('/leads', { headers: { ...COOKIE, ...headers } })).text())?.[1]

test.each([
  ['de', 'de'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['fr, de;q=0.3, en;q=0.4', 'en'],
  ['en;q=0, de', 'de'],
  ['fr', 'en'],
  ['', 'en'],
  ['constructor, __proto__', 'en'],
  [`${'x,'.repeat(10_000)}de`, 'en'],
])('a browser that wants %.30s gets %s', async (wanted, given) => {
  expect(await langOf({ 'accept-language': wanted })).toBe(given)
})

test('who has chosen one gets it, whatever the browser wants', async () => {
  const answer = await post('/language', { language: 'de' }, { referer: 'https://x.example/leads?stage=sql' })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/leads?stage=sql'])
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!
  expect(cookie).toBe('leadwake_language=de')
  expect(await langOf({ cookie: `${COOKIE.cookie}; ${cookie}`, 'accept-language': 'en' })).toBe('de')
  const none = await post('/language', { language: '__proto__' })
  expect([none.headers.get('set-cookie'), none.headers.get('location')]).toEqual([null, '/'])
  expect((await post('/language', { language: 'de' }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
})

test('a page speaks German, in the zone of its site', async () => {
  const html = await (
    await ask('/companies?site=demo', { headers: { ...COOKIE, 'accept-language': 'de' } })
  ).text()
  for (const shown of ['Firmen', 'Noch keine Firmen', 'Uhrzeiten gelten für Europe/Berlin.'])
    expect(html).toContain(shown)
})

import { describe, expect, test } from 'vitest'
import { de } from '../../collector/dashboard/strings/de.ts'
import { en } from '../../collector/dashboard/strings/en.ts'
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

/** Texts of a catalogue by their place, without the functions. */
function texts(catalogue: object, before = ''): [place: string, text: string][] {
  return Object.entries(catalogue).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string'
      ? [[before + name, value]]
      : value !== null && typeof value === 'object'
        ? texts(value, `${before}${name}.`)
        : [],
  )
}

test('every text has its place in both catalogues, and no sentence is left in English', () => {
  const [english, german] = [texts(en), new Map(texts(de))]
  expect(english.map(([place]) => place)).toEqual([...german.keys()])
  const left = english.filter(([place, text]) => / .* /.test(text) && german.get(place) === text)
  expect(left).toEqual([])
})

const unescaped = (html: string): string => html.replaceAll('&#39;', "'")

/** Sentences of the English catalogue that a page holds as they stand. */
const englishIn = (html: string) => {
  const german = new Map(texts(de))
  const shown = unescaped(html)
  return texts(en).filter(
    ([place, text]) => text.length > 12 && german.get(place) !== text && shown.includes(`>${text}<`),
  )
}

test.each([
  '/leads',
  '/leads?q=a&done=1',
  '/leads/ada',
  '/leads/ada/dossier',
  '/leads/nobody',
  '/account',
  '/nowhere',
  '/companies/engines.org',
  '/rules',
  '/rules?view=text&version=1',
  '/setup/new',
  '/setup/zone?timeZone=UTC',
  '/setup/access/keys/key_1/revoke',
  ...['', '/pages', '/access', '/webhooks', '/privacy?q=a', '/system'].map((part) => `/setup${part}`),
])('%s has no English sentence of the catalogue in it', async (path) => {
  const answer = await ask(path, { headers: { ...COOKIE, 'accept-language': 'de' } })
  expect(englishIn(await answer.text())).toEqual([])
})

describe('who is not signed in reads German, too:', () => {
  const german = { 'accept-language': 'de' }
  const own = { ...german, 'sec-fetch-site': 'same-origin' }
  const wrong = new URLSearchParams({ secret: 'wrong' })
  const cases: [what: string, path: string, init: RequestInit, told: string][] = [
    ['the way in', '/login', { headers: german }, 'Passwort oder Admin-Schlüssel'],
    [
      'a wrong password',
      '/login',
      { method: 'POST', headers: own, body: wrong },
      'Das ist weder das Passwort',
    ],
    ['a spent link', '/login/spent', { headers: german }, 'Dieser Link geht nicht mehr'],
    [
      'a form from elsewhere',
      '/login',
      { method: 'POST', headers: { ...german, 'sec-fetch-site': 'cross-site' }, body: wrong },
      'Das kam nicht von einer unserer Seiten',
    ],
    ['what is not there', '/nowhere', { headers: german }, 'Diese Seite gibt es nicht'],
    [
      'a page of another role',
      '/leads',
      { headers: { ...german, cookie: `${COOKIE.cookie}-vera` } },
      'Das ist nicht für Ihre Rolle',
    ],
  ]
  test.each(cases)('%s', async (_what, path, init, told) => {
    const html = await (await ask(path, init)).text()
    expect(html).toContain(told)
    expect(englishIn(html)).toEqual([])
  })

  test('and chooses a language before', async () => {
    const html = await (await ask('/login')).text()
    expect(html).toMatch(/action="\/language".*value="de"/s)
  })
})

test('what is wrong with a new password is told in German', async () => {
  const headers = { ...COOKIE, 'accept-language': 'de' }
  for (const [password, again, told] of [
    ['short', 'short', 'mindestens 10 Zeichen'],
    ['a'.repeat(201), '', 'höchstens 200 Zeichen'],
    ['long enough words', 'other words', 'nicht gleich'],
  ] as const) {
    const html = await (await post('/account', { password, again }, headers)).text()
    expect(html).toContain(told)
  }
})

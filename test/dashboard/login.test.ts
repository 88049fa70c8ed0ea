import { describe, expect, test } from 'vitest'
import { localPath } from '../../collector/dashboard/origin.ts'
import { LINK, PASSWORD, SESSION } from './fakes.ts'
import { COOKIE, open } from './support.ts'

describe('without a session', () => {
  test.each([
    ['/', '/login'],
    ['/leads?stage=sql', '/login?next=%2Fleads%3Fstage%3Dsql'],
    ['/leads/ada', '/login?next=%2Fleads%2Fada'],
    ['/account', '/login?next=%2Faccount'],
  ])('%s leads to the login and back', async (path, login) => {
    const answer = await open().ask(path)
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(login)
    expect(await answer.text()).toBe('')
  })

  test('a link on another site, with which no Strict cookie comes, is followed once more by a page of ours', async () => {
    const first = await open().ask('/leads/ada', { headers: { 'sec-fetch-site': 'cross-site' } })
    expect(first.status).toBe(200)
    const html = await first.text()
    expect(html).toContain('<meta http-equiv="refresh" content="0; url=/leads/ada"/>')
    expect(html).not.toContain('Ada')
    const second = await open().ask('/leads/ada', { headers: { 'sec-fetch-site': 'same-origin' } })
    expect(second.status).toBe(303)
  })

  test('a cookie that is not ours is none', async () => {
    const answer = await open().ask('/', { headers: { cookie: 'leadwake_session=forged' } })
    expect(answer.status).toBe(303)
  })
})

describe('signing in', () => {
  test.each([PASSWORD, 'lw_admin'])('by %s sets a strict cookie and goes on', async (secret) => {
    const answer = await open().post('/login', { secret, next: '/leads?stage=sql' })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/leads?stage=sql')
    const cookie = answer.headers.get('set-cookie')!
    expect(cookie).toContain(`leadwake_session=${SESSION};`)
    expect(cookie).toContain('Path=/')
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toContain('SameSite=Strict')
    expect(cookie).not.toContain('Secure')
  })

  test('over https the cookie stays there', async () => {
    const answer = await open().post('https://go.example.com/login', { secret: PASSWORD })
    expect(answer.headers.get('set-cookie')).toContain('Secure')
  })

  test.each(['wrong', '', 'x'.repeat(10_000)])('a wrong secret gets no cookie', async (secret) => {
    const answer = await open().post('/login', { secret, next: '/leads' })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(await answer.text()).toContain('value="/leads"')
  })

  test('who is in is sent on', async () => {
    const answer = await open().get('/login?next=/leads')
    expect(answer.headers.get('location')).toBe('/leads')
  })

  test('a body past the limit is refused', async () => {
    expect((await open().post('/login', { secret: 'x'.repeat(20_000) })).status).toBe(413)
  })
})

describe('next leads to our own pages only', () => {
  test.each([
    ['/leads?stage=sql', '/leads?stage=sql'],
    ['/leads/a%20b', '/leads/a%20b'],
    [undefined, '/'],
    ['', '/'],
    ['leads', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['/.//evil.example', '/'],
    ['/..//evil.example', '/'],
    ['https://evil.example/', '/'],
    ['javascript:alert(1)', '/'],
    ['/login?next=/login', '/'],
    ['/logout', '/'],
  ])('%j goes to %s', (next, path) => {
    expect(localPath(next)).toBe(path)
  })

  test('at the login too', async () => {
    const answer = await open().post('/login', { secret: PASSWORD, next: '//evil.example/' })
    expect(answer.headers.get('location')).toBe('/')
  })
})

describe('one-time link', () => {
  test('works once', async () => {
    const { ask } = open()
    const first = await ask(`/login/${LINK}`)
    expect(first.status).toBe(303)
    expect(first.headers.get('location')).toBe('/')
    expect(first.headers.get('set-cookie')).toContain('SameSite=Strict')
    const second = await ask(`/login/${LINK}`)
    expect(second.status).toBe(410)
    expect(second.headers.get('set-cookie')).toBeNull()
    expect(await second.text()).toContain('leadwake key new')
  })

  test('followed from another site it moves on by a page of ours', async () => {
    const answer = await open().ask(`/login/${LINK}`, { headers: { 'sec-fetch-site': 'cross-site' } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('set-cookie')).toContain(SESSION)
    expect(await answer.text()).toContain('<meta http-equiv="refresh" content="0; url=/"/>')
  })

  test.each([[{ method: 'HEAD' }], [{ headers: { 'sec-purpose': 'prefetch;prerender' } }]])(
    'is not spent by a peek: %j',
    async (init) => {
      const { ask } = open()
      expect((await ask(`/login/${LINK}`, init)).headers.get('set-cookie')).toBeNull()
      expect((await ask(`/login/${LINK}`)).status).toBe(303)
    },
  )
})

describe('guessing', () => {
  test('is slowed after five wrong ones, from 1 s to 30 s', async () => {
    const opened = open()
    const guess = (secret: string) => opened.post('/login', { secret })
    for (let count = 0; count < 5; count++) expect((await guess('wrong')).status).toBe(403)

    const waits: number[] = []
    for (let count = 0; count < 7; count++) {
      const answer = await guess('wrong')
      expect(answer.status).toBe(429)
      const wait = Number(answer.headers.get('retry-after'))
      waits.push(wait)
      opened.pass(wait * 1_000)
      expect((await guess('wrong')).status).toBe(403)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30])
  })

  test('while it waits no secret is looked at, not even the right one', async () => {
    const opened = open()
    for (let count = 0; count < 5; count++) await opened.post('/login', { secret: 'wrong' })
    const looked = opened.fake.guessed.length
    expect((await opened.post('/login', { secret: PASSWORD })).status).toBe(429)
    expect(opened.fake.guessed).toHaveLength(looked)
    opened.pass(1_000)
    expect((await opened.post('/login', { secret: PASSWORD })).status).toBe(303)
    expect((await opened.post('/login', { secret: 'wrong' })).status).toBe(403)
  })

  test('many at once do not slip through', async () => {
    const opened = open()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => opened.post('/login', { secret: 'wrong' })),
    )
    expect(answers.filter((answer) => answer.status === 403)).toHaveLength(5)
    expect(opened.fake.guessed).toHaveLength(5)
  })

  test('a one-time link works meanwhile', async () => {
    const opened = open()
    for (let count = 0; count < 6; count++) await opened.post('/login', { secret: 'wrong' })
    expect((await opened.ask(`/login/${LINK}`)).status).toBe(303)
  })
})

describe('a form from elsewhere changes nothing', () => {
  test.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{}, 403],
    [{ origin: 'http://localhost' }, 303],
    [{ 'sec-fetch-site': 'same-origin' }, 303],
  ])('%j gets %i', async (headers, status) => {
    const { ask } = open()
    for (const [path, fields] of [
      ['/login', { secret: PASSWORD }],
      ['/logout', {}],
      ['/account', { current: PASSWORD, password: 'a new long one', again: 'a new long one' }],
    ] as const) {
      const init = { method: 'POST', headers: { ...COOKIE, ...headers }, body: new URLSearchParams(fields) }
      expect((await ask(path, init as RequestInit)).status).toBe(status)
    }
  })

  test('signing out takes the cookie away', async () => {
    const answer = await open().post('/logout', {}, COOKIE)
    expect(answer.headers.get('location')).toBe('/login')
    expect(answer.headers.get('set-cookie')).toMatch(/leadwake_session=; Max-Age=0; Path=\//)
  })
})

describe('password', () => {
  const NEW = 'a few more words'

  test('the first one is chosen without another', async () => {
    const opened = open({}, null)
    const answer = await opened.post('/account', { password: NEW, again: NEW }, COOKIE)
    expect(answer.status).toBe(303)
    expect(opened.fake.password).toBe(NEW)
    expect(await opened.html('/account?saved')).toContain('The password is saved.')
  })

  test.each([
    ['too short', { password: 'ninesigns', again: 'ninesigns' }, 'at least 10'],
    ['too long', { password: 'x'.repeat(201), again: 'x'.repeat(201) }, 'at most 200'],
    ['not the same', { password: NEW, again: `${NEW}!` }, 'not the same'],
  ])('%s is refused in words', async (_what, fields, words) => {
    const opened = open({}, null)
    const answer = await opened.post('/account', fields, COOKIE)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain(words)
    expect(opened.fake.password).toBeUndefined()
  })

  test('is changed only by who knows it', async () => {
    const opened = open()
    const wrong = await opened.post('/account', { current: 'wrong', password: NEW, again: NEW }, COOKIE)
    expect(wrong.status).toBe(422)
    expect(opened.fake.password).toBe(PASSWORD)
    await opened.post('/account', { current: PASSWORD, password: NEW, again: NEW }, COOKIE)
    expect(opened.fake.password).toBe(NEW)
  })

  test('needs a session', async () => {
    const opened = open({}, null)
    const answer = await opened.post('/account', { password: NEW, again: NEW })
    expect(answer.headers.get('location')).toBe('/login')
    expect(opened.fake.password).toBeUndefined()
  })
})

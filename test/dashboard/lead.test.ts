import { describe, expect, test } from 'vitest'
import { ADA, fakeApi, SESSION, TIMELINE } from './fakes.ts'
import { COOKIE, open } from './support.ts'

const as = (name: string) => ({ cookie: `leadwake_session=${SESSION}-${name}` })

describe('engagement over time', () => {
  test('is drawn with its thresholds and the moves between stages', async () => {
    const html = await open().html('/leads/ada')
    const curve = html.slice(html.indexOf('<svg class="curve"')).split('</section>')[0]!
    expect(curve.match(/class="threshold"/g)).toHaveLength(2)
    expect(curve).toMatch(/>MQL 15<.*>SQL 55</s)
    // Became a lead, then MQL, then SQL: being known is no move that a score makes.
    expect(curve.match(/<circle class="dot"/g)).toHaveLength(2)
    expect(curve).toContain('<title>SQL because: demo requested on 18 Nov</title>')
    expect(curve).toContain('11 Nov')
  })

  test('of somebody who never did anything, it is a line', async () => {
    const html = await open({ curve: async () => ({ from: '2025-11-21', points: [0] }) }).html('/leads/ada')
    expect(html).toContain('class="curve"')
    expect(html).not.toContain('NaN')
  })
})

describe('a line of the score', () => {
  test('leads to what happened on its day, which is shown alone', async () => {
    const days: (string | undefined)[] = []
    const opened = open({
      timeline: async (_id, _limit, _cursor, day) => {
        days.push(day)
        return { items: TIMELINE, next: '100' }
      },
    })
    expect(await opened.html('/leads/ada')).toContain(
      '<a href="/leads/ada?day=2025-11-20#timeline"><bdi>Demo requested</bdi></a>',
    )
    const html = await opened.html('/leads/ada?day=2025-11-20')
    expect(html).toContain('<a href="/leads/ada#timeline">')
    expect(html).toContain('href="/leads/ada?day=2025-11-20&amp;cursor=100#timeline"')
    await opened.get('/leads/ada?day=yesterday')
    expect(days).toEqual([undefined, '2025-11-20', undefined])
  })

  test('of a bound leads nowhere: nothing happened', async () => {
    const reasons = [
      { rule: 'cap:intent', label: 'no more than 30', group: 'intent', points: -4, at: ADA.createdAt },
    ]
    const html = await open({ lead: async () => ({ ...ADA, reasons }) }).html('/leads/ada')
    expect(html).toMatch(/<td><bdi>no more than 30<\/bdi>/)
  })
})

describe('what a person may ask for', () => {
  test.each<[string, string, Record<string, string>, unknown[]]>([
    [
      'not to be profiled',
      'objection',
      { objects: 'yes' },
      ['POST', '/v1/leads/ada/objection', { objects: true }],
    ],
    [
      'to be profiled again',
      'objection',
      { objects: 'no' },
      ['POST', '/v1/leads/ada/objection', { objects: false }],
    ],
    ['somebody to work on it', 'owner', { owner: ' Ann ' }, ['PATCH', '/v1/leads/ada', { owner: 'Ann' }]],
    ['nobody to', 'owner', { owner: '' }, ['PATCH', '/v1/leads/ada', { owner: null }]],
  ])('%s is a form', async (_, path, fields, call) => {
    const api = fakeApi()
    const answer = await open({}, undefined, { api }).post(`/leads/ada/${path}`, fields, COOKIE)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/leads/ada'])
    expect(api.called).toEqual([call])
  })

  test('what is refused is told on the page', async () => {
    const api = fakeApi({
      'PATCH /v1/leads/ada': { status: 400, detail: 'owner may have at most 100 characters' },
    })
    const answer = await open({}, undefined, { api }).post('/leads/ada/owner', { owner: 'x' }, COOKIE)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('role="alert">owner may have at most 100 characters')
  })

  test('to be erased is asked for once more, then done', async () => {
    const api = fakeApi()
    const opened = open({}, undefined, { api })
    expect(await opened.html('/leads/ada')).toContain('href="/leads/ada/erase"')
    const asked = await opened.html('/leads/ada/erase')
    expect(asked).toContain('Erase this person?')
    expect(asked).toContain('<form method="post" action="/leads/ada/erase"')
    expect(api.called).toEqual([])
    expect(await (await opened.post('/leads/ada/erase', {}, COOKIE)).text()).toContain('The person is erased')
    expect(api.called).toEqual([['DELETE', '/v1/leads/ada']])
    expect((await opened.get('/leads/nobody/erase')).status).toBe(404)
  })

  test('an erasure that could not be made says why', async () => {
    const api = fakeApi({ 'DELETE /v1/leads/ada': { status: 503, detail: 'the disk is full' } })
    const answer = await open({}, undefined, { api }).post('/leads/ada/erase', {}, COOKIE)
    expect(answer.status).toBe(409)
    expect(await answer.text()).toContain('the disk is full')
  })

  test('erasing and exporting are for admins alone', async () => {
    const api = fakeApi()
    const { ask, post } = open({}, undefined, { api })
    const page = await (await ask('/leads/ada', { headers: as('sal') })).text()
    expect(page).not.toMatch(/erase|export"/)
    expect(page).toContain('Do not profile')
    expect((await ask('/leads/ada/erase', { headers: as('sal') })).status).toBe(403)
    expect((await post('/leads/ada/erase', {}, as('sal'))).status).toBe(403)
    expect((await post('/leads/ada/owner', { owner: 'x' }, as('vera'))).status).toBe(403)
    expect((await post('/leads/ada/erase', {}, { ...COOKIE, 'sec-fetch-site': 'cross-site' })).status).toBe(
      403,
    )
    expect(api.called).toEqual([])
  })
})

test('the page of a lead speaks German', async () => {
  const { ask } = open()
  const html = await (await ask('/leads/ada', { headers: { ...COOKIE, 'accept-language': 'de' } })).text()
  for (const told of ['Warum 71,8 Punkte', 'Engagement im Verlauf', 'Nächster Schritt', '+39,54', 'Notizen'])
    expect(html).toContain(told)
  expect(html).not.toMatch(/>(Why|Timeline|Notes|Accept|Traits|Sales)</)
})

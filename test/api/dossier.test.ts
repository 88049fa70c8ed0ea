import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beaconOf, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'

let lw: TestCollector
let id: string
beforeAll(async () => {
  lw = await testCollector()
  const [a, b] = [eventId(START - 60_000, 1), eventId(START - 30_000, 2)]
  await lw.beacon(
    beaconOf(START, [
      ['p', a, START - 60_000, 'https://shop.example/pricing', 'Prices'],
      ['d', b, START - 30_000, a, 'https://shop.example/files/guide.pdf'],
    ]),
  )
  const made = await lw.call('POST', '/v1/identify', {
    site: 'main',
    visitor: 'visitor-1',
    email: 'ada@acme.org',
    traits: { name: 'Ada', title: 'Buyer' },
    signal: { name: 'demo_requested', id: '1' },
  })
  id = made.body.id
  await lw.call('POST', '/v1/identify', { site: 'main', email: 'bob@acme.org', traits: { role: 'Director' } })
})
afterAll(() => lw.remove())

describe('notes and the dossier', () => {
  it('tells the path, what was read and downloaded, the team, the notes and the next step', async () => {
    const note = await lw.call('POST', `/v1/leads/${id}/notes`, { kind: 'budget', text: ' 20k approved ' })
    expect(note.status).toBe(201)
    const { status, body } = await lw.call('GET', `/v1/leads/${id}/dossier`)
    expect(status).toBe(200)
    expect(body.lead).toMatchObject({
      stage: 'sql',
      trend: 'steady',
      nextStep: 'Call today: accept the lead, then offer a demo or a quote.',
      notes: [{ kind: 'budget', text: '20k approved', by: 'first key' }],
    })
    expect(body.lead.reasons.length).toBeGreaterThan(2)
    expect(body.pages).toMatchObject([{ path: '/pricing', views: 1 }])
    expect(body.content).toMatchObject([{ title: 'guide.pdf' }])
    expect(body.company.people.map(({ role }: { role: string }) => role)).toEqual(['Buyer', 'Director'])
    expect(body.path.map(({ kind }: { kind: string }) => kind).slice(0, 3)).toEqual([
      'visit',
      'page',
      'download',
    ])
  })

  it.each<[string, unknown, number, RegExp]>([
    ['an unknown kind', { kind: 'mood', text: 'x' }, 422, /kind must be one of budget/],
    ['an empty text', { kind: 'need', text: '  ' }, 422, /must not be empty/],
    ['a text of a book', { kind: 'need', text: 'x'.repeat(4001) }, 422, /at most 4000/],
  ])('refuses %s', async (_, body, status, words) => {
    const answer = await lw.call('POST', `/v1/leads/${id}/notes`, body)
    expect([answer.status, words.test(answer.body.detail)]).toEqual([status, true])
  })

  it('knows nobody else', async () => {
    expect((await lw.call('POST', '/v1/leads/nobody/notes', { kind: 'need', text: 'x' })).status).toBe(404)
    expect((await lw.call('GET', '/v1/leads/nobody/dossier')).status).toBe(404)
  })

  it('is a page too, on which a decision can be sent', async () => {
    const login = await lw.request('/login', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ secret: lw.key }),
    })
    const cookie = login.headers.get('set-cookie')!.split(';')[0]!
    const sheet = await lw.request(`/leads/${id}/dossier`, { headers: { cookie } })
    expect(await sheet.text()).toContain('20k approved')
    const post = (fields: Record<string, string>) =>
      lw.request(`/leads/${id}/decision`, {
        method: 'POST',
        headers: { cookie, 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams(fields),
      })
    expect((await post({ decision: 'accept', expectedVersion: '0' })).status).toBe(303)
    expect((await post({ decision: 'won', expectedVersion: '0' })).status).toBe(409)
    expect((await lw.call('GET', `/v1/leads/${id}`)).body.decisions).toMatchObject([
      { decision: 'accept', by: 'dashboard' },
    ])
  })
})

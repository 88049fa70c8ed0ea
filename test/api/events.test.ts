import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY, START, type TestCollector, testCollector } from '../support/collector.ts'
import { callAs, keyFor } from '../support/keys.ts'

let lw: TestCollector
let ada: string
beforeAll(async () => {
  lw = await testCollector()
  ada = (
    await lw.call('POST', '/v1/identify', {
      site: 'main',
      email: 'ada@acme.org',
      externalId: 'CRM-7',
      visitor: 'ada-1',
    })
  ).body.id
})
afterAll(() => lw.remove())

const send = (body: Record<string, unknown>) => lw.call('POST', '/v1/events', { site: 'main', ...body })
const signals = async () =>
  (await lw.call('GET', `/v1/leads/${ada}/timeline?limit=500`)).body.items.filter(
    ({ kind }: { kind: string }) => kind === 'signal',
  )

describe('POST /v1/events', () => {
  it.each([
    ['its id', () => ({ contact: ada })],
    ['its external id', () => ({ contact: 'CRM-7' })],
    ['its e-mail', () => ({ contact: 'ada@acme.org' })],
    ['its e-mail in other letters', () => ({ contact: 'Ada@Acme.org' })],
    ['its visitor', () => ({ visitor: 'ada-1' })],
  ])('takes a signal of a contact named by %s', async (what, subject) => {
    const before = (await signals()).length
    expect(await send({ ...subject(), name: 'webinar_attended', id: `by ${what}` })).toEqual({
      status: 200,
      body: { stored: true },
    })
    expect(await signals()).toHaveLength(before + 1)
  })

  it('shows it with its time and properties', async () => {
    const at = new Date(START - DAY).toISOString()
    await send({ contact: ada, name: 'webinar_registered', id: 'w', at, props: { title: 'Valves' } })
    expect(await signals()).toContainEqual({
      kind: 'signal',
      at,
      title: 'Webinar registered',
      props: { title: 'Valves' },
    })
  })

  it('says that a second one of the same id was known', async () => {
    const event = { contact: ada, name: 'email_click', id: 'mail-1' }
    expect((await send(event)).body).toEqual({ stored: true })
    const count = (await signals()).length
    expect(await send(event)).toEqual({ status: 200, body: { stored: false } })
    expect(await signals()).toHaveLength(count)
  })

  it('tells signals of different names and one id apart', async () => {
    expect((await send({ contact: ada, name: 'email_open', id: 'mail-2' })).body).toEqual({ stored: true })
    expect((await send({ contact: ada, name: 'email_click', id: 'mail-2' })).body).toEqual({ stored: true })
  })

  it('counts each one that has no id', async () => {
    const before = (await signals()).length
    for (let i = 0; i < 2; i++) await send({ contact: ada, name: 'email_open' })
    expect(await signals()).toHaveLength(before + 2)
  })

  it('moves a contact up', async () => {
    const { id } = (await lw.call('POST', '/v1/identify', { site: 'main', email: 'up@acme.org' })).body
    await send({ contact: id, name: 'demo_requested', id: 'demo' })
    expect((await lw.call('GET', `/v1/leads/${id}`)).body.stage).toBe('sql')
  })

  it('takes one of a visitor whom nobody knows yet, and gives it to whom it becomes', async () => {
    expect((await send({ visitor: 'stranger', name: 'chat_started', id: 'c' })).body).toEqual({
      stored: true,
    })
    const { body } = await lw.call('POST', '/v1/identify', {
      site: 'main',
      email: 'late@acme.org',
      visitor: 'stranger',
    })
    const { items } = (await lw.call('GET', `/v1/leads/${body.id}/timeline`)).body
    expect(items.map(({ title }: { title: string }) => title)).toContain('Chat started')
  })

  it.each(['nobody@acme.org', 'CRM-8', 'crm-7', '00000000-0000-0000-0000-000000000000'])(
    'answers 404 for the unknown contact %s',
    async (contact) => {
      const { status, body } = await send({ contact, name: 'email_open', id: 'x' })
      expect(status).toBe(404)
      expect(body.detail).toBe('no contact of this site has that id, external id or e-mail')
    },
  )

  const refused: [what: string, body: Record<string, unknown>, pointer: string, words: RegExp][] = [
    ['neither contact nor visitor', { name: 'x' }, '', /either contact or visitor/],
    ['both', { name: 'x', contact: 'a', visitor: 'b' }, '', /either contact or visitor/],
    ['no name', { contact: 'a' }, '/name', /is required/],
    ['a name with a space', { contact: 'a', name: 'demo requested' }, '/name', /lower case words with _/],
    ['an empty contact', { contact: '', name: 'x' }, '/contact', /must not be empty/],
    [
      'a contact that is too long',
      { contact: 'x'.repeat(257), name: 'x' },
      '/contact',
      /at most 256 characters/,
    ],
    ['an empty id', { contact: 'a', name: 'x', id: '' }, '/id', /must not be empty/],
    [
      'an id that is too long',
      { contact: 'a', name: 'x', id: 'x'.repeat(257) },
      '/id',
      /at most 256 characters/,
    ],
    ['an unknown field', { contact: 'a', name: 'x', properties: {} }, '/properties', /not a known field/],
    ['properties that are a list', { contact: 'a', name: 'x', props: 'y' }, '/props', /must be an object/],
  ]
  it.each(refused)('refuses %s with 422', async (_what, body, pointer, words) => {
    const answer = await send(body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toContainEqual({ pointer, detail: expect.stringMatching(words) })
  })

  it('asks for a key with its right, and for a site that is there', async () => {
    const body = { site: 'main', contact: ada, name: 'x' }
    const { key } = await keyFor(lw, ['link', 'read', 'leads'])
    expect((await callAs(lw, undefined, 'POST', '/v1/events', body)).status).toBe(401)
    const forbidden = await callAs(lw, `Bearer ${key}`, 'POST', '/v1/events', body)
    expect(forbidden.status).toBe(403)
    expect(forbidden.body.detail).toContain("'events'")
    expect((await send({ ...body, site: 'nobody' })).status).toBe(404)
  })
})

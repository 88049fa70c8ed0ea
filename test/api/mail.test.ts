import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postmarkEvent } from '../../collector/mail/postmark.ts'
import { sendgridEvent } from '../../collector/mail/sendgrid.ts'
import { START, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite } from '../support/keys.ts'

const keys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).toString('base64')
const own = keys()
const SECRET = 'pm_a-secret-of-the-tests-only'
const SECONDS = START / 1_000

let lw: TestCollector
let people = 0
beforeAll(async () => {
  lw = await testCollector()
  const mail = { sendgrid: spki(own.publicKey), postmark: SECRET }
  expect((await lw.call('PATCH', '/v1/sites/main', { mail })).status).toBe(200)
})
afterAll(() => lw.remove())

/** A contact of its own. */
async function person(): Promise<{ id: string; email: string }> {
  const email = `p${++people}@acme.org`
  const { body } = await lw.call('POST', '/v1/identify', { site: 'main', email })
  return { id: body.id, email }
}

/** Signals of a contact, by their names. */
async function signalsOf(id: string): Promise<string[]> {
  const { body } = await lw.call('GET', `/v1/leads/${id}/timeline`)
  return body.items.flatMap((item: { kind: string; title: string }) =>
    item.kind === 'signal' ? item.title : [],
  )
}

interface Signing {
  key?: KeyObject
  timestamp?: string
  site?: string
  /** What is sent in place of what was signed. */
  forged?: string
}

/** Posts events as SendGrid does: signed over the timestamp and the bytes. */
async function sendgrid(events: unknown, how: Signing = {}) {
  const { key = own.privateKey, timestamp = String(SECONDS), site = 'main', forged } = how
  // SendGrid's lists end their lines with CR LF, which are signed along.
  const body = typeof events === 'string' ? events : `${JSON.stringify(events)}\r\n`
  const response = await lw.request(`/v1/mail/sendgrid?site=${site}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-signature': sign('sha256', Buffer.from(timestamp + body), key).toString(
        'base64',
      ),
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
    body: forged ?? body,
  })
  return { status: response.status, body: await response.json() }
}

const ofSendgrid = (email: string, event: string, id: string, more: object = {}) => ({
  email,
  timestamp: SECONDS - 60,
  'smtp-id': '<14c5d75ce93.dfd.64b469@ismtpd-555>',
  event,
  category: ['newsletter'],
  sg_event_id: id,
  sg_message_id: '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0',
  ...more,
})

async function postmark(
  event: unknown,
  { auth = `Basic ${btoa(`postmark:${SECRET}`)}` as string | null, query = '?site=main' } = {},
) {
  const response = await lw.request(`/v1/mail/postmark${query}`, {
    method: 'POST',
    headers: auth === null ? {} : { authorization: auth },
    body: typeof event === 'string' ? event : JSON.stringify(event),
  })
  return { status: response.status, body: await response.json() }
}

const ofPostmark = (email: string, type: string, more: object = {}) => ({
  RecordType: type,
  MessageStream: 'outbound',
  MessageID: '00000000-0000-4000-8000-000000000000',
  Recipient: email,
  Email: email,
  Tag: 'welcome-email',
  ReceivedAt: '2026-11-03T08:59:00.1234567Z',
  BouncedAt: '2026-11-03T08:59:00Z',
  ChangedAt: '2026-11-03T08:59:00Z',
  ...more,
})

describe('POST /v1/mail/sendgrid', () => {
  it('makes signals of the contact with that address, each once', async () => {
    const { id, email } = await person()
    const events = [
      ofSendgrid(email, 'delivered', 'e0'),
      ofSendgrid(email.toUpperCase(), 'open', 'e1'),
      ofSendgrid(email, 'click', 'e2', { url: 'https://shop.example/offer?token=s3cret' }),
      ofSendgrid(email, 'bounce', 'e3', { type: 'bounce', status: '5.0.0', reason: `550 ${email} unknown` }),
      ofSendgrid(email, 'spamreport', 'e4'),
      ofSendgrid(email, 'unsubscribe', 'e5'),
    ]
    expect(await sendgrid(events)).toEqual({
      status: 200,
      body: { stored: 5, known: 0, nobody: 0, left: { delivered: 1 } },
    })
    expect((await sendgrid(events)).body).toMatchObject({ stored: 0, known: 5 })
    const names = await signalsOf(id)
    expect(names.toSorted()).toEqual(
      ['Email bounce', 'Email click', 'Email complaint', 'Email open', 'Email unsubscribe'].toSorted(),
    )
    const { body } = await lw.call('GET', `/v1/leads/${id}/timeline`)
    const click = body.items.find(({ title }: { title: string }) => title === 'Email click')
    expect(click).toMatchObject({
      at: new Date(START - 60_000).toISOString(),
      props: { url: 'shop.example/offer', category: 'newsletter' },
    })
    expect(JSON.stringify(body)).not.toMatch(/s3cret|550/)
  })

  it('moves a score', async () => {
    const { id, email } = await person()
    await sendgrid([ofSendgrid(email, 'click', 'score-1')])
    const { body } = await lw.call('GET', `/v1/leads/${id}`)
    expect(body.reasons.map(({ rule }: { rule: string }) => rule)).toContain('email_click')
  })

  it('makes nobody of an address that nobody has', async () => {
    const before = (await lw.call('GET', '/v1/stats?site=main')).body.stages
    expect((await sendgrid([ofSendgrid('stranger@else.example', 'open', 's1')])).body).toEqual({
      stored: 0,
      known: 0,
      nobody: 1,
      left: {},
    })
    expect((await lw.call('GET', '/v1/stats?site=main')).body.stages).toEqual(before)
  })

  it('brings nobody back who was erased', async () => {
    const { id, email } = await person()
    await lw.call('DELETE', `/v1/leads/${id}`)
    expect((await sendgrid([ofSendgrid(email, 'open', 'erased-1')])).body).toMatchObject({
      stored: 0,
      nobody: 1,
    })
  })

  it('answers 200 and counts what is of no use, else it came again for a day', async () => {
    const answer = await sendgrid([
      { event: 'open' },
      { event: 'open', email: 'ada@acme.org', timestamp: 'soon' },
      { event: 'A new kind!', email: 'ada@acme.org', timestamp: SECONDS },
      { event: '__proto__', email: 'ada@acme.org', timestamp: SECONDS },
      {},
      null,
      'open',
    ])
    expect(answer).toEqual({
      status: 200,
      body: { stored: 0, known: 0, nobody: 0, left: { unreadable: 5, 'a-new-kind-': 1, '-proto-': 1 } },
    })
  })

  it('takes a time between two ms as a whole one, as PostgreSQL must', () => {
    expect(sendgridEvent({ event: 'open', email: 'ada@acme.org', timestamp: 1.000_3 })).toMatchObject({
      at: 1_000,
    })
  })

  it('takes a thousand at once', async () => {
    const { email } = await person()
    const many = Array.from({ length: 1_000 }, (_, i) => ofSendgrid(email, 'open', `many-${i}`))
    expect((await sendgrid(many)).body).toMatchObject({ stored: 1_000 })
  })

  it.each([
    ['signed by another key', { key: keys().privateKey }, 403],
    ['changed on the way', { forged: '[]' }, 403],
    ['of a site without a key', { site: 'other' }, 404],
    ['of a site that is not there', { site: 'nobody' }, 404],
  ])('refuses what is %s', async (_, how, status) => {
    if (!(await lw.call('GET', '/v1/stats?site=other')).body.site) await addSite(lw, 'other')
    const { id, email } = await person()
    expect(await sendgrid([ofSendgrid(email, 'open', 'forged')], how)).toMatchObject({
      status,
      body: { status },
    })
    expect(await signalsOf(id)).toEqual([])
  })

  it.each([
    ['no signature', { 'x-twilio-email-event-webhook-timestamp': '1' }],
    ['no timestamp', { 'x-twilio-email-event-webhook-signature': 'MEUC' }],
    [
      'nonsense',
      { 'x-twilio-email-event-webhook-signature': '%', 'x-twilio-email-event-webhook-timestamp': '\t' },
    ],
  ])('refuses a body with %s', async (_, headers) => {
    const init = { method: 'POST', headers: headers as Record<string, string>, body: '[]' }
    expect((await lw.request('/v1/mail/sendgrid?site=main', init)).status).toBe(403)
  })

  it('says what is wrong with a body that was signed', async () => {
    expect(await sendgrid('{')).toMatchObject({ status: 400, body: { detail: 'the body is not JSON' } })
    expect((await sendgrid(`[${' '.repeat(1_100_000)}]`)).status).toBe(413)
    expect((await lw.request('/v1/mail/sendgrid', { method: 'POST' })).status).toBe(400)
  })
})

describe('POST /v1/mail/postmark', () => {
  it('makes signals of the contact with that address, each once', async () => {
    const { id, email } = await person()
    const events = [
      ofPostmark(email, 'Open', { FirstOpen: true }),
      ofPostmark(email, 'Click', { OriginalLink: 'https://shop.example/offer?x=1' }),
      ofPostmark(email, 'Click', { OriginalLink: 'https://shop.example/other' }),
      ofPostmark(email, 'Bounce', { ID: 692560173, Type: 'HardBounce' }),
      ofPostmark(email, 'SpamComplaint', { ID: 42, Type: 'SpamComplaint' }),
      ofPostmark(email, 'SubscriptionChange', {
        SuppressSending: true,
        SuppressionReason: 'ManualSuppression',
      }),
    ]
    for (const event of events) expect((await postmark(event)).body).toMatchObject({ stored: 1 })
    for (const event of events) expect((await postmark(event)).body).toMatchObject({ stored: 0, known: 1 })
    expect((await signalsOf(id)).toSorted()).toEqual(
      [
        'Email bounce',
        'Email click',
        'Email click',
        'Email complaint',
        'Email open',
        'Email unsubscribe',
      ].toSorted(),
    )
  })

  it('takes the secret in the address, where Basic cannot be had', async () => {
    const { email } = await person()
    const how = { auth: null, query: `?site=main&token=${SECRET}` }
    expect((await postmark(ofPostmark(email, 'Open'), how)).body).toMatchObject({ stored: 1 })
  })

  it.each([
    ['without a secret', { auth: null }, 403],
    ['with another', { auth: `Basic ${btoa('postmark:pm_other')}` }, 403],
    ['with it as the user name', { auth: `Basic ${btoa(`${SECRET}:`)}` }, 403],
    ['with an empty one', { auth: `Basic ${btoa(':')}`, query: '?site=main&token=' }, 403],
    ['for a site that is not there', { query: '?site=nobody' }, 404],
    ['with a word that nobody knows', { query: '?site=main&secret=x' }, 400],
  ])('is refused %s', async (_, how, status) => {
    const { id, email } = await person()
    expect(await postmark(ofPostmark(email, 'Open'), how)).toMatchObject({ status, body: { status } })
    expect(await signalsOf(id)).toEqual([])
  })

  it('is refused once the secret is taken away', async () => {
    await addSite(lw, 'short')
    await lw.call('PATCH', '/v1/sites/short', { mail: { postmark: SECRET } })
    expect((await postmark({}, { query: '?site=short' })).status).toBe(200)
    await lw.call('PATCH', '/v1/sites/short', { mail: { postmark: null } })
    expect((await postmark({}, { query: '?site=short' })).status).toBe(404)
  })
})

describe('what is no signal', () => {
  it.each([
    [
      'an open by a machine',
      sendgridEvent(ofSendgrid('a@b.org', 'open', '1', { sg_machine_open: true })),
      'machine-open',
    ],
    ['a block', sendgridEvent(ofSendgrid('a@b.org', 'bounce', '1', { type: 'blocked' })), 'blocked'],
    ['a drop', sendgridEvent(ofSendgrid('a@b.org', 'dropped', '1')), 'dropped'],
    ['a delivery', postmarkEvent(ofPostmark('a@b.org', 'Delivery')), 'delivery'],
    [
      'a soft bounce',
      postmarkEvent(ofPostmark('a@b.org', 'Bounce', { Type: 'SoftBounce' })),
      'bounce-softbounce',
    ],
    [
      'who comes back',
      postmarkEvent(ofPostmark('a@b.org', 'SubscriptionChange', { SuppressSending: false })),
      'resubscribed',
    ],
    [
      'what a bounce said already',
      postmarkEvent(
        ofPostmark('a@b.org', 'SubscriptionChange', {
          SuppressSending: true,
          SuppressionReason: 'HardBounce',
        }),
      ),
      'suppressed-by-provider',
    ],
    ['no time', postmarkEvent(ofPostmark('a@b.org', 'Open', { ReceivedAt: 'now' })), 'unreadable'],
    ['no address', postmarkEvent(ofPostmark('nobody', 'Open')), 'unreadable'],
    ['nothing', postmarkEvent(null), 'unreadable'],
  ])('%s', (_, event, left) => {
    expect(event).toEqual({ left })
  })
})

describe('the settings of mail', () => {
  it.each([
    ['a key that is none', { sendgrid: 'abc' }, /verification key/],
    [
      'a key of another curve',
      { sendgrid: spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey) },
      /verification key/,
    ],
    [
      'a private key',
      { sendgrid: own.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64') },
      /verification key/,
    ],
    ['a short secret', { postmark: 'short' }, /24 to 256 characters/],
  ])('refuse %s', async (_, mail, detail) => {
    const answer = await lw.call('PATCH', '/v1/sites/main', { mail })
    expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringMatching(detail) } })
  })

  it('are told to nobody', async () => {
    expect(JSON.stringify((await lw.call('GET', '/v1/sites')).body)).not.toContain('pm_')
  })
})

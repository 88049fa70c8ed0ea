/** Whatever other programs post as messages, mail events or headers of a stream: refused in words or kept, never a 5xx. */
import { generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { callAs } from '../support/keys.ts'
import { NAUGHTY } from '../support/naughty.ts'

const SECRET = 'pm_a-secret-of-the-tests-only'
const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })

let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector()
  const sendgrid = own.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  await lw.call('PATCH', '/v1/sites/main', { consent: 'given', mail: { sendgrid, postmark: SECRET } })
})
afterAll(() => lw.remove())

const strange = fc.oneof(
  fc.constantFrom(...NAUGHTY),
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1e308,
    [],
    {},
    [[]],
    { length: 1 },
    { toString: 1 },
    '2026-11-03T09:00:00Z',
  ),
  fc.jsonValue({ maxDepth: 3 }),
)
/** An object with some of these fields, each strange. */
const withFields = (...names: string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, strange])), { requiredKeys: [] })

const message = fc
  .tuple(
    fc.constantFrom('page', 'track', 'identify', 'alias', 'screen', 'other'),
    withFields(
      'messageId',
      'anonymousId',
      'userId',
      'previousId',
      'event',
      'timestamp',
      'sentAt',
      'receivedAt',
    ),
    fc.oneof(
      strange,
      withFields('url', 'path', 'title', 'referrer', 'name', 'quantity', 'price', 'currency'),
    ),
    fc.oneof(strange, withFields('email', 'phone', 'name', '__proto__')),
    fc.oneof(strange, withFields('page', 'userAgent', 'ip', 'locale', 'screen', 'consent')),
  )
  .map(([type, fields, properties, traits, context]) => ({ type, ...fields, properties, traits, context }))

describe('strange', () => {
  it('messages are answered in their places', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 5, arbitrary: message }, strange), { minLength: 1, maxLength: 8 }),
        async (batch) => {
          const { status, body } = await lw.call('POST', '/v1/batch?site=main', { batch })
          expect(status, JSON.stringify(body)).toBe(200)
          expect(body.items).toHaveLength(batch.length)
          expect(JSON.stringify(body)).not.toContain('unexpected')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('messages come in together with others, which are taken', async () => {
    const page = { type: 'page', anonymousId: 'good', properties: { path: '/' } }
    for (const text of NAUGHTY) {
      const odd = {
        type: 'track',
        anonymousId: text,
        userId: text,
        event: text,
        properties: { [text]: text },
      }
      const { body } = await lw.call('POST', '/v1/batch?site=main', { batch: [odd, page] })
      expect(body.items[1], text).toMatchObject({ status: 200, stored: true })
    }
  })

  it('events of mail are answered 200', async () => {
    const events = fc.array(
      fc.oneof(
        strange,
        withFields(
          'event',
          'email',
          'timestamp',
          'sg_event_id',
          'url',
          'type',
          'category',
          'sg_machine_open',
        ),
        withFields('url', 'category', 'status', 'sg_event_id').map((rest) => ({
          event: 'click',
          email: 'ada@acme.org',
          timestamp: 1_793_696_400,
          ...rest,
        })),
      ),
      { maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(events, async (list) => {
        const body = JSON.stringify(list)
        const answer = await lw.request('/v1/mail/sendgrid?site=main', {
          method: 'POST',
          headers: {
            'x-twilio-email-event-webhook-signature': sign(
              'sha256',
              Buffer.from(`1${body}`),
              own.privateKey,
            ).toString('base64'),
            'x-twilio-email-event-webhook-timestamp': '1',
          },
          body,
        })
        expect(answer.status).toBe(200)
      }),
      { numRuns: 150 },
    )
    const one = fc.oneof(
      strange,
      withFields(
        'RecordType',
        'Recipient',
        'Email',
        'ReceivedAt',
        'ID',
        'Type',
        'OriginalLink',
        'SuppressSending',
      ),
      withFields('ID', 'OriginalLink', 'Tag', 'MessageID').map((rest) => ({
        RecordType: 'Click',
        Recipient: 'ada@acme.org',
        ReceivedAt: '2026-11-03T09:00:00Z',
        ...rest,
      })),
    )
    const authorization = `Basic ${btoa(`postmark:${SECRET}`)}`
    await fc.assert(
      fc.asyncProperty(one, async (event) => {
        const { status } = await callAs(
          lw,
          authorization,
          'POST',
          '/v1/mail/postmark?site=main',
          JSON.stringify(event),
        )
        expect(status).toBe(200)
      }),
      { numRuns: 150 },
    )
  })

  const DEEP = `${'['.repeat(6_000)}1${']'.repeat(6_000)}`
  const deep: [path: string, body: string][] = [
    ['/v1/identify', `{"site":"main","email":"ada@acme.org","traits":{"a":${DEEP}}}`],
    ['/v1/events', `{"site":"main","contact":"x","name":"a","props":{"a":${DEEP}}}`],
    ['/v1/contacts', `{"site":"main","contacts":[{"email":"ada@acme.org","traits":{"a":${DEEP}}}]}`],
    ['/v1/batch', `{"batch":[{"type":"track","event":"Product Added","properties":{"price":${DEEP}}}]}`],
    [`/v1/mail/postmark?site=main&token=${SECRET}`, DEEP],
    ['/v1/rules', `{"site":"main","document":{"groups":${DEEP}}}`],
    ['/v1/rules/preview', `{"site":"main","document":{"groups":${DEEP}}}`],
  ]
  it.each(deep)('depths of a body to %s are refused in words', async (path, body) => {
    const answer = await callAs(lw, `Bearer ${lw.key}`, 'POST', path, body)
    expect(answer).toMatchObject({
      status: 400,
      body: { detail: 'the body holds lists or objects within each other, more than 64 deep' },
    })
  })

  it('ids of a stream begin it anew', async () => {
    for (const id of ['e.1', '-1', 'a.1e9', `${'9'.repeat(400)}`, 'a.9007199254740993', "' OR 1=1 --"]) {
      const headers = { authorization: `Bearer ${lw.key}`, 'last-event-id': id }
      const answer = await lw.request('/v1/live?site=main', { headers })
      expect(answer.status).toBe(200)
      const reader = answer.body!.getReader()
      expect(Buffer.from((await reader.read()).value!).toString()).toContain('event: reset')
      await reader.cancel()
    }
  })
})

import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { isSecret, secretOf, signedHeaders } from '../../collector/webhook/sign.ts'

const secret = secretOf(Buffer.alloc(32, 7))
const other = secretOf(Buffer.alloc(32, 8))

describe('signedHeaders', () => {
  it('are what the reference library of Standard Webhooks verifies, whatever the body', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        fc.jsonValue(),
        fc.string({ minLength: 1 }),
        (key, value, id) => {
          const body = JSON.stringify(value)
          const headers = signedHeaders({ id, at: Date.now(), body }, [secretOf(Buffer.from(key))])
          expect(new Webhook(secretOf(Buffer.from(key))).verify(body, headers)).toEqual(JSON.parse(body))
        },
      ),
    )
  })

  it('say what the example of the specification says', () => {
    const headers = signedHeaders(
      { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_000, body: '{"test": 2432232314}' },
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    )
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
    expect(headers['webhook-timestamp']).toBe('1614265330')
  })

  it('carry a signature for each secret, and the library takes either', () => {
    const headers = signedHeaders({ id: 'msg_1', at: Date.now(), body: '{}' }, [secret, other])
    expect(headers['webhook-signature']!.split(' ')).toHaveLength(2)
    for (const one of [secret, other]) expect(new Webhook(one).verify('{}', headers)).toEqual({})
  })

  it.each([
    ['another secret', (h: Record<string, string>) => h, other, '{}'],
    ['another body', (h: Record<string, string>) => h, secret, '{"a":1}'],
    ['another id', (h: Record<string, string>) => ({ ...h, 'webhook-id': 'msg_2' }), secret, '{}'],
    [
      'another time',
      (h: Record<string, string>) => ({ ...h, 'webhook-timestamp': `${Number(h['webhook-timestamp']) + 1}` }),
      secret,
      '{}',
    ],
  ] as const)('are not verified under %s', (_, change, key, body) => {
    const headers = signedHeaders({ id: 'msg_1', at: Date.now(), body: '{}' }, [secret])
    expect(() => new Webhook(key).verify(body, change(headers))).toThrow()
  })
})

it.each([
  [secret, true],
  [secretOf(Buffer.alloc(24)), true],
  [secretOf(Buffer.alloc(64)), true],
  [secretOf(Buffer.alloc(23)), false],
  [secretOf(Buffer.alloc(65)), false],
  ['whsec_', false],
  ['whsec_!!!!', false],
  [secret.slice(6), false],
])('%s as a secret: %s', (text, holds) => {
  expect(isSecret(text)).toBe(holds)
})

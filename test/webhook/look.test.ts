import { describe, expect, it } from 'vitest'
import type { DeliveryLine } from '../../collector/store/reader.ts'
import type { WebhookRow } from '../../collector/store/store.ts'
import { type Resolve, webhookGuard } from '../../collector/webhook/guard.ts'
import { webhookTrouble } from '../../collector/webhook/look.ts'

const row = (over: Partial<WebhookRow> = {}): WebhookRow => ({
  id: 'wh_1',
  site: null,
  url: 'https://hooks.example.org/in',
  events: ['*'],
  format: 'standard',
  description: '',
  token: null,
  secret: 's',
  oldSecret: null,
  oldSecretUntil: 0,
  createdAt: 0,
  enabled: true,
  disabledBecause: null,
  ...over,
})
const to =
  (address: string): Resolve =>
  (_, done) =>
    done(null, [{ address, family: 4 }])
const nowhere: Resolve = (_, done) => done(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), [])
const tried = (status: number | null, error: string | null): DeliveryLine => ({
  message: 'm',
  type: 'lead.sql',
  seq: 1,
  serial: 1,
  createdAt: 0,
  state: 'waiting',
  dueAt: null,
  tries: [{ at: 0, status, ms: 1, error }],
})

describe('the doctor finds a webhook', () => {
  it.each([
    ['in order', row(), to('8.8.8.8'), undefined, undefined],
    ['in order that was delivered to', row(), to('8.8.8.8'), tried(204, null), undefined],
    ['that its operator disabled', row({ enabled: false }), nowhere, undefined, undefined],
    [
      'that says it is gone',
      row({ enabled: false, disabledBecause: 'gone' }),
      nowhere,
      undefined,
      /is disabled: gone/,
    ],
    ['whose name is none', row(), nowhere, undefined, /does not resolve/],
    ['whose name is a private address', row(), to('10.0.0.1'), undefined, /may not be gone to/],
    ['that was never to be', row({ url: 'http://10.0.0.1/' }), nowhere, undefined, /may not be gone to/],
    ['that failed', row(), to('8.8.8.8'), tried(500, 'status'), /failed lately: 500/],
    ['that does not answer', row(), to('8.8.8.8'), tried(null, 'timeout'), /failed lately: timeout/],
    [
      'that is mail without a server',
      row({ format: 'mail', url: 'mailto:a@b.org' }),
      nowhere,
      undefined,
      /no mail server/,
    ],
  ] as const)('%s', async (_, webhook, resolve, last, words) => {
    const trouble = await webhookTrouble(webhook, { guard: webhookGuard([]), mails: false, last, resolve })
    if (words === undefined) expect(trouble).toBeUndefined()
    else expect(trouble?.found).toMatch(words)
  })
})

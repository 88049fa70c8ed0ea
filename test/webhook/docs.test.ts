import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WEBHOOK_EVENTS } from '../../collector/webhook/events.ts'
import { secretOf, signedHeaders } from '../../collector/webhook/sign.ts'
import { WAITS } from '../../collector/webhook/tries.ts'
import { type Projection, projection } from '../support/projection.ts'
import { identifyEntry, START, webhookEntry } from './support.ts'

const doc = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...doc.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text!)

describe('the verification of docs/webhooks.md', async () => {
  const { verified } = await import(`data:text/javascript,${encodeURIComponent(blocks('js')[0]!)}`)
  const [old, secret] = [secretOf(Buffer.alloc(32, 1)), secretOf(Buffer.alloc(32, 2))]
  const body = '{"type":"lead.sql"}'
  const headers = signedHeaders({ id: 'msg_1', at: START, body }, [secret, old])

  it.each([
    ['what is ours', secret, headers, body, START, true],
    ['by the secret of before', old, headers, body, START, true],
    ['no other secret', secretOf(Buffer.alloc(32, 3)), headers, body, START, false],
    ['no other body', secret, headers, '{}', START, false],
    ['nothing old', secret, headers, body, START + 301_000, false],
    ['nothing of another id', secret, { ...headers, 'webhook-id': 'msg_2' }, body, START, false],
    [
      'nothing without a signature',
      secret,
      { 'webhook-id': 'msg_1', 'webhook-timestamp': '1' },
      body,
      0,
      false,
    ],
  ])('takes %s', (_, key, given, text, now, isTaken) => {
    expect(verified(key, given, text, now) !== undefined).toBe(isTaken)
  })
})

describe('docs/webhooks.md', () => {
  let state: Projection
  beforeEach(async () => {
    state = await projection()
  })
  afterEach(() => state.remove())

  it('names every event', () => {
    for (const event of WEBHOOK_EVENTS) expect(doc).toContain(`\`${event}\``)
  })

  it('says for how long it is tried', () => {
    const hours = WAITS.reduce((sum, wait) => sum + wait, 0) / 3_600_000
    expect(Math.round(hours)).toBe(3 * 24 + 4)
  })

  it('shows messages as they are', async () => {
    const examples = blocks('json').map((text) => JSON.parse(text))
    const weekly = examples.find(({ type }) => type === 'report.weekly')
    const { site: _site, ...week } = weekly.data
    await state.project(START, [webhookEntry('wh_1'), { kind: 'report', site: 'main', report: week }])
    await state.project(START, [identifyEntry('ada@acme.org', START, 'demo_requested')])
    await state.project(START + 1, [
      { ...identifyEntry('x', START), newContact: 'b', email: undefined, phone: '+4930123456' } as never,
    ])
    await state.project(START + 2, [
      { ...identifyEntry('ada@acme.org', START + 2), phone: '+4930123456' } as never,
    ])
    const sent = (state.db.prepare('SELECT payload FROM outbox').pluck().all() as string[]).map((text) =>
      JSON.parse(text),
    )
    for (const example of examples) {
      const real = sent.find(({ type }) => type === example.type)
      expect(Object.keys(real), example.type).toEqual(Object.keys(example))
      expect(Object.keys(real.data), example.type).toEqual(Object.keys(example.data))
    }
  })
})

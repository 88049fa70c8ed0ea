import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { standardDocument } from '../collector/lead/presets/standard.ts'
import { START, type TestCollector, testCollector } from './support/collector.ts'
import { type Projection, projection } from './support/projection.ts'

/** The standard preset with other points for one rule. */
// biome-ignore lint/suspicious/noExplicitAny: a document is edited as the JSON that it is
function rulesWith(change: (document: any) => void): unknown {
  const document = structuredClone(standardDocument) as unknown
  change(document)
  return document
}
const callbackWorth = (points: number) =>
  rulesWith((document) => {
    document.rules.find(({ id }: { id: string }) => id === 'callback').points = points
  })

const caller = (n: number): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: `contact-${n}`,
  visitors: [],
  email: `caller-${n}@acme.org`,
  traits: {},
  at: START,
  signals: [{ id: { ms: 0, key: n }, name: 'callback_requested', at: START }],
})
const rulesEntry = (document: unknown, notify: 'silent' | 'sql' | 'all' = 'all') => ({
  kind: 'rules' as const,
  site: 'main',
  document,
  by: 'test',
  notify,
  ref: `ref-${Math.random()}`,
})

describe('new rules', () => {
  let state: Projection
  beforeEach(async () => {
    state = await projection()
    await state.project(
      START,
      Array.from({ length: 230 }, (_, n) => caller(n)),
    )
  })
  afterEach(() => state.remove())
  const stages = () =>
    state.db.prepare('SELECT stage, rules_version AS version, count(*) AS n FROM leads GROUP BY 1, 2').all()
  const outbox = () => (state.db.prepare('SELECT count(*) AS n FROM outbox').get() as { n: number }).n

  it('are applied to everybody, over the whole history', async () => {
    expect(stages()).toEqual([{ stage: 'mql', version: 1, n: 230 }])
    const { outcomes } = await state.project(START, [rulesEntry(callbackWorth(5))])
    expect(outcomes[0]!.outcome).toEqual({ status: 200, body: { version: 2, leads: 230 } })
    expect(stages()).toEqual([{ stage: 'lead', version: 2, n: 230 }])
  })

  it('tell nobody, of a correction downwards or when they are to be silent', async () => {
    const before = outbox()
    await state.project(START, [rulesEntry(callbackWorth(5))])
    await state.project(START, [rulesEntry(standardDocument, 'silent')])
    await state.project(START, [rulesEntry(callbackWorth(5)), rulesEntry(standardDocument, 'sql')])
    expect(outbox()).toBe(before)
    expect(stages()).toEqual([{ stage: 'mql', version: 5, n: 230 }])
  })

  it('tell of those who rise, when they are to', async () => {
    await state.project(START, [rulesEntry(callbackWorth(5), 'silent')])
    const before = outbox()
    await state.project(START, [rulesEntry(standardDocument, 'all')])
    expect(outbox()).toBe(before + 230)
  })

  it('that do not hold are refused whole, and the old ones stay', async () => {
    const wrong = rulesWith((document) => {
      document.rules[0].points = 'ten'
    })
    const { outcomes } = await state.project(START, [rulesEntry(wrong)])
    expect(outcomes[0]!.outcome).toMatchObject({ status: 422 })
    expect(stages()).toEqual([{ stage: 'mql', version: 1, n: 230 }])
  })

  it('hold for what comes after, and count as before when they are reverted', async () => {
    const before = state.db.prepare('SELECT engagement, lead FROM leads ORDER BY contact').all()
    await state.project(START, [rulesEntry(callbackWorth(5)), caller(500)])
    expect(stages()).toEqual([{ stage: 'lead', version: 2, n: 231 }])
    await state.project(START, [rulesEntry(standardDocument)])
    expect(state.db.prepare('SELECT engagement, lead FROM leads ORDER BY contact LIMIT 230').all()).toEqual(
      before,
    )
  })
})

describe('the rules by API', () => {
  let lw: TestCollector
  beforeAll(async () => {
    lw = await testCollector()
  })
  afterAll(() => lw.remove())

  it('can be read, checked, applied and looked up by version', async () => {
    const { body } = await lw.call('GET', '/v1/rules?site=main')
    expect(body).toMatchObject({ site: 'main', version: 1, document: standardDocument })
    // What is shown names the schema, and can be sent back as it is.
    const schema = await lw.request(new URL(body.document.$schema).pathname)
    expect([schema.status, schema.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    expect(await schema.json()).toMatchObject({ $id: 'urn:leadwake:rules', title: 'Leadwake rules' })
    const back = await lw.call('POST', '/v1/rules/check', { document: body.document as object })
    expect(back.body).toEqual({ ok: true, errors: [] })
    expect((await lw.call('POST', '/v1/rules/check', { document: standardDocument })).body).toEqual({
      ok: true,
      errors: [],
    })
    const who = await lw.call('POST', '/v1/identify', {
      site: 'main',
      email: 'ada@acme.org',
      signal: { name: 'callback_requested', id: '1' },
    })
    expect(who.body.stage).toBe('mql')
    const applied = await lw.call('POST', '/v1/rules', { site: 'main', document: callbackWorth(5) })
    expect(applied).toMatchObject({ status: 200, body: { version: 2, leads: 1 } })
    expect((await lw.call('GET', `/v1/leads/${who.body.id}`)).body).toMatchObject({
      stage: 'lead',
      rulesVersion: 2,
    })
    const history = (await lw.call('GET', '/v1/rules/history')).body.items
    expect(history.map(({ version }: { version: number }) => version)).toEqual([2, 1])
    expect((await lw.call('GET', '/v1/rules?version=1')).body.document).toMatchObject(
      standardDocument as object,
    )
    expect((await lw.call('GET', '/v1/rules?version=9')).status).toBe(404)
  })

  it('can be previewed: who would move, by which rules, and nothing is changed', async () => {
    const before = (await lw.call('GET', '/v1/leads')).body
    const draft = { extends: 'standard', rules: { callback: { points: 40 } } }
    const { status, body } = await lw.call('POST', '/v1/rules/preview', {
      site: 'main',
      document: draft,
      capacity: 5,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ leads: 1, moved: 1, overCapacity: { current: 0, draft: 0 }, backtest: null })
    expect(body.matrix.lead.mql).toBe(1)
    expect(body.movers).toMatchObject([
      { from: 'lead', to: 'mql', rules: [{ rule: 'callback', current: 5, draft: 40 }] },
    ])
    expect((await lw.call('GET', '/v1/leads')).body).toEqual(before)
  })

  it('are previewed beside other questions, which do not wait for it', async () => {
    const answered: string[] = []
    const draft = { extends: 'broad' }
    const asked = [1, 2].map(async () => {
      const { body } = await lw.call('POST', '/v1/rules/preview', { site: 'main', document: draft })
      answered.push('preview')
      return body
    })
    await lw.call('GET', '/v1/leads')
    answered.push('leads')
    const [one, two] = await Promise.all(asked)
    expect(answered).toEqual(['leads', 'preview', 'preview'])
    expect(one).toEqual(two)
    // The thread has ended with its last answer, and the next one starts another.
    const again = await lw.call('POST', '/v1/rules/preview', { site: 'main', document: draft })
    expect(again.body).toEqual(one)
  })

  it('are refused with the rule, the field and the mend', async () => {
    const wrong = rulesWith((document) => {
      document.rules.find(({ id }: { id: string }) => id === 'pricing').points = 'ten'
    })
    const answer = await lw.call('POST', '/v1/rules', { site: 'main', document: wrong })
    expect(answer.status).toBe(422)
    expect(answer.body.detail).toContain('rules.pricing.points: expected a number from -100 to 100')
    expect((await lw.call('POST', '/v1/rules/check', { document: wrong })).body.ok).toBe(false)
  })
})

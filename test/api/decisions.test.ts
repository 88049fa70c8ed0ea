import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DAY, START, type TestCollector, testCollector } from '../support/collector.ts'
import { callAs, keyFor } from '../support/keys.ts'

let lw: TestCollector
let id: string
let people = 0
beforeAll(async () => {
  lw = await testCollector()
})
beforeEach(async () => {
  lw.clock.now = START + ++people * 10_000
  const made = await lw.call('POST', '/v1/identify', {
    site: 'main',
    email: `ada${people}@acme.org`,
    signal: { name: 'demo_requested', id: '1' },
  })
  id = made.body.id
})
afterAll(() => lw.remove())
const decide = (body: unknown) => lw.call('POST', `/v1/leads/${id}/decision`, body)

describe('POST /v1/leads/{id}/decision', () => {
  it('answers with the outcome, and the lead tells it', async () => {
    const { status, body } = await decide({ decision: 'accept', expectedStage: 'sql', expectedVersion: 0 })
    expect([status, body]).toMatchObject([200, { id, stage: 'sql', accepted: true, version: 1 }])
    const accepted = (await lw.call('GET', `/v1/leads/${id}`)).body
    expect(accepted.nextStep).toBe(
      'Offer a demo or a quote, then say what came of it: opportunity, won or lost.',
    )
    lw.clock.now += 1000
    await decide({ decision: 'reject', reason: 'no_budget' })
    const lead = (await lw.call('GET', `/v1/leads/${id}`)).body
    expect(lead).toMatchObject({
      stage: 'mql',
      accepted: false,
      nextStep: expect.stringMatching(/^Cooling down until 3 Dec: nothing promotes before. Nurture/),
      coolUntil: new Date(lw.clock.now + 30 * DAY).toISOString(),
      decisions: [
        { decision: 'accept', by: 'first key', reason: null },
        { decision: 'reject', by: 'first key', reason: 'no_budget' },
      ],
    })
    expect(lead.transitions.at(-1)).toMatchObject({ to: 'mql', by: 'first key' })
  })

  it('reaches the backtest of a preview', async () => {
    await decide({ decision: 'won' })
    const { body } = await lw.call('POST', '/v1/rules/preview', {
      site: 'main',
      document: { extends: 'strict' },
    })
    expect(body.backtest.won).toBeGreaterThanOrEqual(1)
    expect(body.matrix.customer.customer).toBe(body.backtest.won)
  })

  it('of two people at once is carried out once', async () => {
    const [first, second] = await Promise.all([
      decide({ decision: 'won', value: 10 }),
      decide({ decision: 'lost' }),
    ])
    expect([first.status, second.status].sort()).toEqual([200, 409])
    const refused = first.status === 409 ? first : second
    expect(refused.body.detail).toMatch(
      /last decided by first key at 2026-11-03T09:\d\d:\d\d.000Z: (won|lost)/,
    )
  })

  it.each<[string, unknown, number, RegExp]>([
    ['an unknown decision', { decision: 'sell' }, 422, /decision must be one of accept, reject/],
    ['a rejection without a reason', { decision: 'reject' }, 422, /must be one of no_budget, no_authority/],
    ['... with another', { decision: 'reject', reason: 'meh' }, 422, /must be one of no_budget/],
    [
      'a date with another reason',
      { decision: 'reject', reason: 'spam', until: '2027-01-01T00:00:00Z' },
      422,
      /bad_timing only/,
    ],
    ['a value of what was not won', { decision: 'lost', value: 1 }, 422, /won only/],
    ['a negative value', { decision: 'won', value: -1 }, 422, /must not be negative/],
    [
      'a deal before first contact',
      { decision: 'won', at: '2026-11-01T00:00:00Z' },
      422,
      /before first contact/,
    ],
    ['a stage that is gone', { decision: 'won', expectedStage: 'mql' }, 409, /has moved to sql/],
    ['an unknown field', { decision: 'won', price: 1 }, 422, /not a known field/],
  ])('refuses %s, and changes nothing', async (_, body, status, words) => {
    const answer = await decide(body)
    expect(answer.status).toBe(status)
    expect(answer.body.detail).toMatch(words)
    expect((await lw.call('GET', `/v1/leads/${id}`)).body.decisions).toEqual([])
  })

  it('knows no lead of others, and needs the right', async () => {
    expect((await lw.call('POST', '/v1/leads/nobody/decision', { decision: 'won' })).status).toBe(404)
    const { key } = await keyFor(lw, ['read'])
    const path = `/v1/leads/${id}/decision`
    expect((await callAs(lw, `Bearer ${key}`, 'POST', path, { decision: 'won' })).status).toBe(403)
    expect((await callAs(lw, undefined, 'POST', path, { decision: 'won' })).status).toBe(401)
  })
})

it('the backtest of a preview: what the rules and a draft would have done with who was won and lost', async () => {
  const judged = await testCollector()
  try {
    // All ask for a demo; those who are won have answered a mail before.
    for (const [name, ending] of [
      ['ann', 'won'],
      ['bob', 'won'],
      ['cyd', 'lost'],
      ['dan', 'lost'],
    ] as const) {
      const contact = `${name}@acme.org`
      const { body } = await judged.call('POST', '/v1/identify', { site: 'main', email: contact })
      const said = (signal: string) =>
        judged.call('POST', '/v1/events', { site: 'main', contact, name: signal, id: `${name}-${signal}` })
      if (ending === 'won') await said('email_reply')
      await said('demo_requested')
      const decided = await judged.call('POST', `/v1/leads/${body.id}/decision`, { decision: ending })
      expect(decided.status).toBe(200)
    }
    const gate = { all: [{ handRaise: true }, { engagement: 45 }] }
    const { body } = await judged.call('POST', '/v1/rules/preview', {
      site: 'main',
      document: { extends: 'standard', stages: { sql: { enter: gate } } },
    })
    const { backtest } = body
    expect(backtest).toMatchObject({ outcomes: 4, won: 2, skipped: 0 })
    expect(backtest.current).toMatchObject({ sqls: 4, lift: 1, auc: { value: 1 } })
    expect([backtest.current.precision.value, backtest.current.recall.value]).toEqual([0.5, 1])
    expect(backtest.draft).toMatchObject({ sqls: 2, lift: 2, auc: { value: 1 } })
    expect([backtest.draft.precision.value, backtest.draft.recall.value]).toEqual([1, 1])
  } finally {
    await judged.remove()
  }
})

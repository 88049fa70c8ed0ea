import { describe, expect, it } from 'vitest'
import { outcomeOf } from '../../collector/lead/outcome.ts'
import { preview } from '../../collector/lead/preview.ts'
import { replayLead } from '../../collector/lead/replay.ts'
import { cellReplayer } from '../../collector/lead/replay-cells.ts'
import type { Decision } from '../../collector/lead/state.ts'
import { at, DAY_0, event, facts, standard } from './standard.ts'

const decided = (said: string): Decision[] =>
  said.split(' ').map((word, i) => {
    const [decision, reason = null] = word.split(':') as [Decision['decision'], string?]
    return { id: { ms: at(i), key: 0 }, at: at(i), decision, by: 'Ann', reason, until: null, value: null }
  })

describe('the outcome of a hand-over', () => {
  it.each<[string, boolean | undefined, number?]>([
    ['accept', undefined],
    ['recycle', undefined],
    ['accept won', true, 0],
    ['won', true, 0],
    ['accept opportunity lost', false, 0],
    ['lost accept won', true, 0],
    ['won recycle disqualify', true, 0],
    ['recycle reject:no_need', false, 1],
    ['reject:duplicate', undefined],
    ['reject:bad_timing', undefined],
    ['reject:bad_timing accept lost', false, 0],
    ['disqualify', undefined],
  ])('of %s is %s', (said, won, day = 0) => {
    expect(outcomeOf(decided(said))).toEqual(won === undefined ? undefined : { won, handedOverAt: at(day) })
  })
})

describe('a lead with decisions', () => {
  const rules = standard()
  const demo = (day: number, hour = 9) => event('signal', at(day, hour), { name: 'demo_requested' })
  const pricing = (day: number, hour = 9) => event('page', at(day, hour), { path: '/pricing' }, 1)
  const decision = (name: Decision['decision'], day: number, hour = 12): Decision => ({
    id: { ms: at(day, hour), key: 1 },
    at: at(day, hour),
    decision: name,
    by: 'Ann',
    reason: null,
    until: null,
    value: null,
  })

  it.each([
    ['accepted', [demo(0)], [decision('accept', 0)]],
    ['rejected', [demo(0), demo(20)], [decision('reject', 0)]],
    ['rejected, and back', [demo(0), demo(40)], [decision('reject', 0)]],
    ['rejected, with a demo in the cool-down', [demo(0), demo(20), pricing(31)], [decision('reject', 0)]],
    ['lost', [demo(0), pricing(30), demo(95)], [decision('opportunity', 1), decision('lost', 3)]],
    ['won between events of one day', [demo(0, 9), pricing(0, 15)], [decision('won', 0, 12)]],
    ['rejected between events of one day', [demo(0, 9), pricing(0, 15)], [decision('reject', 0, 12)]],
    ['restored', [demo(0)], [decision('disqualify', 1), decision('restore', 100)]],
  ])('%s is replayed from its cells as from its events', (_, events, decisions) => {
    const whole = replayLead([events], facts(), rules, at(150), DAY_0 + 149, decisions)
    const replayed = cellReplayer(rules)(whole.cells, facts(), at(150), DAY_0 + 149, decisions)
    expect(replayed.changes).toEqual(
      whole.changes.map(({ from, to, effectiveAt, by }) => ({ from, to, effectiveAt, by })),
    )
    expect([replayed.stage, replayed.since]).toEqual([whole.lead.stage, whole.lead.since])
  })

  it('stays what people made of it in a preview, and its outcome is looked at as of the hand-over', () => {
    const people = [1, 2, 3, 4].map((n) => {
      const isWon = n % 2 === 0
      const events = isWon ? [demo(0), pricing(0, 10)] : [demo(0)]
      const decisions = [decision('accept', 1), decision(isWon ? 'won' : 'lost', 9)]
      const { cells } = replayLead([[...events, pricing(5)]], facts(), rules, at(20), DAY_0 + 19)
      return { id: String(n), facts: facts(), cells, decisions, outcome: outcomeOf(decisions)! }
    })
    const strict = standard((document) => {
      document.stages.sql.enter = { engagement: 45 }
    })
    const steps = preview(people, rules, strict, { now: at(20) })
    const first = steps.next()
    expect(first.done).toBe(true)
    const { matrix, backtest } = first.value as Extract<typeof first, { done: true }>['value']
    expect([matrix.customer.customer, matrix.lead.lead]).toEqual([2, 2])
    expect(backtest).toMatchObject({
      outcomes: 4,
      won: 2,
      current: { sqls: 4, auc: { value: 1 } },
      draft: { sqls: 2 },
    })
  })
})

import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../collector/lead/day.ts'
import { refusal } from '../../collector/lead/decide.ts'
import { replayLead } from '../../collector/lead/replay.ts'
import type { Decision, Lead, TrackedEvent } from '../../collector/lead/state.ts'
import { DECISIONS, type Stage } from '../../shared/lead.ts'
import { at, DAY_0, event, facts, standard } from './standard.ts'

const rules = standard()
const demo = (day: number): TrackedEvent => event('signal', at(day, 9), { name: 'demo_requested' })
const pricing = (day: number): TrackedEvent => event('page', at(day, 9), { path: '/pricing' })
const blog = (day: number): TrackedEvent => event('page', at(day, 9), { path: '/blog/x' })
const decision = (name: Decision['decision'], day: number, more: Partial<Decision> = {}): Decision => ({
  id: { ms: at(day, 12), key: 1 },
  at: at(day, 12),
  decision: name,
  by: 'Ann',
  reason: null,
  until: null,
  value: null,
  ...more,
})

function play(events: TrackedEvent[], decisions: Decision[], until: number) {
  return replayLead([events], facts(), rules, at(until), DAY_0 + until - 1, decisions)
}
const path = (events: TrackedEvent[], decisions: Decision[], until = 1): string =>
  play(events, decisions, until)
    .changes.map(({ to }) => to)
    .join(' ')

describe('a decision', () => {
  it.each<[string, Decision['decision'], string]>([
    ['accept keeps an SQL where it is', 'accept', 'lead sql'],
    ['reject sends an SQL back by its score', 'reject', 'lead sql mql'],
    ['recycle does the same', 'recycle', 'lead sql mql'],
    ['opportunity moves on', 'opportunity', 'lead sql opportunity'],
    ['won makes a customer', 'won', 'lead sql customer'],
    ['lost makes a lead, whatever the score', 'lost', 'lead sql lead'],
    ['disqualify takes it out', 'disqualify', 'lead sql disqualified'],
  ])('%s', (_, name, expected) => {
    expect(path([demo(0)], [decision(name, 0)])).toBe(expected)
  })

  it('sends an SQL of few points back to lead', () => {
    const few = [event('signal', at(0, 9), { name: 'demo_requested' })]
    const rejected = play(few, [decision('reject', 120)], 121)
    expect(rejected.changes.map(({ to }) => to)).toEqual(['lead', 'sql', 'mql', 'lead'])
    // By then the score has gone by itself; of one rejected while its penalty weighs, the score decides.
    const bounced = [...few, event('signal', at(0, 10), { name: 'email_complaint' }, 1)]
    expect(path(bounced, [decision('reject', 0)])).toBe('lead sql lead')
  })

  it('names who decided, why and until when', () => {
    const { changes } = play([demo(0)], [decision('reject', 0, { reason: 'bad_timing', until: at(50) })], 1)
    expect(changes.at(-1)).toEqual({
      from: 'sql',
      to: 'mql',
      effectiveAt: at(0, 12),
      by: 'person',
      who: 'Ann',
      why: 'rejected by sales: bad timing, not before 2024-11-20',
    })
  })

  it.each<[string, Decision[], TrackedEvent[], string]>([
    ['29 days after a rejection nothing promotes', [decision('reject', 0)], [demo(29)], 'lead sql mql'],
    ['31 days after it a new demo does', [decision('reject', 0)], [demo(31)], 'lead sql mql sql'],
    ['a blog page does not', [decision('reject', 0)], [blog(31)], 'lead sql mql'],
    [
      'a demo asked for in the cool-down counts at the next sign of intent',
      [decision('reject', 0)],
      [demo(20), pricing(31)],
      'lead sql mql sql',
    ],
    ['the demo before the rejection is spent', [decision('reject', 0)], [pricing(31)], 'lead sql mql'],
    [
      'bad timing holds until the day that was named',
      [decision('reject', 0, { until: at(50) })],
      [demo(40)],
      'lead sql mql',
    ],
    ['... and not longer', [decision('reject', 0, { until: at(50) })], [demo(51)], 'lead sql mql sql'],
    ['89 days after a loss nothing promotes', [decision('lost', 0)], [demo(89)], 'lead sql lead'],
    ['91 days after it a new demo does', [decision('lost', 0)], [demo(91)], 'lead sql lead sql'],
    ['a customer stays one', [decision('won', 0)], [demo(2), demo(400)], 'lead sql customer'],
    [
      'restored by the score',
      [decision('disqualify', 0), decision('restore', 1)],
      [],
      'lead sql disqualified mql',
    ],
  ])('%s', (_, decisions, later, expected) => {
    const last = Math.max(1, ...later.map((one) => (one.at - at(0)) / DAY_MS)) + 1
    expect(path([demo(0), ...later], decisions, Math.floor(last))).toBe(expected)
  })

  it('holds an accepted SQL for good', () => {
    expect(path([demo(0)], [decision('accept', 0)], 400)).toBe('lead sql')
    expect(path([demo(0)], [], 400)).toBe('lead sql mql lead')
  })

  it('holds under rules that would not have made an SQL', () => {
    const strict = standard((document) => {
      document.stages.sql.enter = { engagement: 100 }
    })
    const { lead } = replayLead([[demo(0)]], facts(), strict, at(2), DAY_0 + 1, [decision('accept', 0)])
    expect([lead.stage, lead.accepted]).toEqual(['sql', true])
  })

  it('from before the person was known counts from then on', () => {
    const known = facts({ identifiedAt: at(3) })
    const { changes } = replayLead([[demo(0)]], known, rules, at(4), DAY_0 + 3, [decision('won', 1)])
    expect(changes.map(({ to, effectiveAt }) => [to, effectiveAt])).toEqual([
      ['lead', at(3)],
      ['sql', at(3)],
      ['customer', at(3)],
    ])
  })
})

describe('a refusal', () => {
  const CAN: Record<Stage, string> = {
    visitor: '',
    lead: 'opportunity won disqualify',
    mql: 'opportunity won disqualify',
    sql: 'accept reject recycle opportunity won lost disqualify',
    opportunity: 'recycle won lost disqualify',
    customer: 'disqualify',
    disqualified: 'restore',
  }
  const lead = play([demo(0)], [], 1).lead

  it.each(Object.entries(CAN))('leaves of a %s: %s', (stage, can) => {
    const open = DECISIONS.filter(
      (name) => refusal({ ...lead, stage: stage as Stage }, { decision: name }) === null,
    )
    expect(open.join(' ')).toBe(can)
  })

  it('says what would be possible where', () => {
    const accepted: Lead = { ...lead, accepted: true }
    expect(refusal(accepted, { decision: 'accept' })).toBe('the lead is accepted already')
    expect(refusal({ ...lead, stage: 'mql' }, { decision: 'lost' })).toBe(
      "'lost' is for the stage SQL, opportunity, and the lead stands at MQL",
    )
  })
})

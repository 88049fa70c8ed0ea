import { describe, expect, it } from 'vitest'
import { auc, aucDifference, median, share } from '../../collector/lead/auc.ts'
import {
  cellsSuffice,
  type Moved,
  type Preview,
  type PreviewLead,
  type PreviewOptions,
  preview,
} from '../../collector/lead/preview.ts'
import { replayLead } from '../../collector/lead/replay.ts'
import { type CompiledRules, compile } from '../../collector/lead/rules.ts'
import type { TrackedEvent } from '../../collector/lead/state.ts'
import { at, DAY_0, event, facts, standard } from './standard.ts'

const current = standard()
function changed(document: object): CompiledRules {
  const compiled = compile({ extends: 'standard', ...document })
  if (!compiled.ok) throw new Error(compiled.errors.join('\n'))
  return compiled.rules
}

/** A lead with its events and the cells that they make under the current rules. */
function lead(id: string, events: TrackedEvent[], more: Partial<PreviewLead> = {}): PreviewLead {
  const { cells } = replayLead([events], facts(), current, at(60), DAY_0 + 59)
  return { id, facts: facts(), cells, streams: [events], ...more }
}
const page = (day: number, path: string) => event('page', at(day, 9), { path })
const demo = (day: number) => event('signal', at(day, 10), { name: 'demo_requested' })

function run(leads: Iterable<PreviewLead>, draft: CompiledRules, options: Partial<PreviewOptions> = {}) {
  const moved: Moved[] = []
  const steps = preview(leads, current, draft, { now: at(10), ...options })
  for (;;) {
    const step = steps.next()
    if (step.done) return { moved, result: step.value as Preview }
    moved.push(step.value)
  }
}

describe('a preview', () => {
  const leads = [
    lead('prices', [page(1, '/pricing'), page(2, '/pricing')]),
    lead('asked', [demo(3)]),
    lead('idle', [page(1, '/')]),
  ]

  it('shows nothing where nothing changes', () => {
    const { moved, result } = run(leads, standard())
    expect(moved).toEqual([])
    expect(result).toMatchObject({ leads: 3, moved: 0, overCapacity: null, backtest: null })
    expect([result.matrix.mql.mql, result.matrix.sql.sql, result.matrix.lead.lead]).toEqual([1, 1, 1])
  })

  it('counts all who move, and tells of no more than were asked for', () => {
    const draft = changed({ rules: { pricing: { points: 3, perDay: 3 } } })
    const twice = [...leads, { ...leads[0]!, id: 'again' }]
    const { moved, result } = run(twice, draft, { named: 1 })
    expect(moved.map(({ id }) => id)).toEqual(['prices'])
    expect(result.moved).toBe(2)
  })

  it('shows each lead that moves, and the rules that move it', () => {
    const draft = changed({ rules: { pricing: { points: 3, perDay: 3 } } })
    const { moved, result } = run(leads, draft)
    expect(moved).toEqual([
      {
        id: 'prices',
        from: 'mql',
        to: 'lead',
        // 8 x (2^(-9/21) + 2^(-8/21)) and two visits of 30 days' half-life.
        engagement: [13.73, 6.17],
        fit: [50, 50],
        rules: [
          {
            rule: 'pricing',
            label: 'Viewed pricing',
            current: expect.closeTo(12.1, 0),
            draft: expect.closeTo(4.5, 0),
          },
        ],
      },
    ])
    expect([result.moved, result.matrix.mql.lead]).toEqual([1, 1])
  })

  it('shows a lead that only gates move without a rule', () => {
    const { moved } = run(leads, changed({ extends: 'strict' }))
    expect(moved.map(({ id, from, to, rules }) => [id, from, to, rules])).toEqual([
      ['prices', 'mql', 'lead', []],
    ])
  })

  it('counts new SQLs by week against what sales can work', () => {
    const draft = changed({ rules: { demo: { handRaise: false } } })
    const { result } = run(
      [demo(0), demo(1), demo(8)].map((one, i) => lead(`${i}`, [one])),
      draft,
      { capacity: 1, weeks: 3 },
    )
    // Day 0 is Tuesday, 1 October 2024.
    expect(result.sqlsPerWeek).toEqual([
      { monday: '2024-09-23', current: 0, draft: 0 },
      { monday: '2024-09-30', current: 2, draft: 0 },
      { monday: '2024-10-07', current: 1, draft: 0 },
    ])
    expect(result.overCapacity).toEqual({ current: 1, draft: 0 })
  })

  it('reads the events where cells do not tell enough', () => {
    const kosten = lead('kosten', [page(1, '/kosten'), page(2, '/kosten')])
    const draft = changed({ pages: { pricing: ['/kosten**'] } })
    expect(cellsSuffice(current, draft)).toBe(false)
    expect(run([kosten], draft).moved.map(({ from, to }) => [from, to])).toEqual([['lead', 'mql']])
    expect(() => run([{ ...kosten, streams: undefined }], draft)).toThrow('lead kosten needs its events')
  })

  it.each<[string, object, boolean]>([
    ['points', { rules: { cart: { points: 3 } } }, true],
    ['caps and half-lives', { groups: { intent: { cap: 9, halfLifeDays: 5 } } }, true],
    ['thresholds and gates', { extends: 'strict' }, true],
    [
      'a rule on any signal',
      { rules: { x: { label: 'x', group: 'hand', signals: ['fair'], points: 1 } } },
      true,
    ],
    ['pages', { pages: { blog: null } }, false],
    ['intent of a rule without conditions', { rules: { blog: { intent: true } } }, true],
    ['conditions', { rules: { cart: { where: { path: '/x' } } } }, false],
  ])('cells are enough for other %s: %#', (_, document, enough) => {
    expect(cellsSuffice(current, changed(document))).toBe(enough)
  })

  it('takes leads one at a time', () => {
    let open = 0
    function* many(): Generator<PreviewLead> {
      for (let i = 0; i < 1000; i++) {
        open++
        yield leads[i % 3]!
      }
    }
    const steps = preview(many(), current, changed({ rules: { pricing: { points: 3, perDay: 3 } } }), {
      now: at(10),
    })
    steps.next()
    expect(open).toBe(1)
  })
})

describe('a backtest', () => {
  const handedOverAt = at(20, 12)
  const won = { won: true, handedOverAt }
  const lost = { won: false, handedOverAt }
  const early = changed({ stages: { sql: { enter: { any: [{ intentViews: 2 }, { handRaise: true }] } } } })
  const eager = [page(6, '/pricing'), page(8, '/pricing'), demo(18)]
  const leads = [
    lead('a', eager, { outcome: won }),
    lead('b', eager, { outcome: won }),
    lead('c', [page(6, '/pricing'), page(8, '/pricing')], { outcome: won }),
    lead('d', [page(6, '/')], { outcome: lost }),
    lead('e', [page(6, '/'), demo(18)], { outcome: lost }),
    lead('f', [page(6, '/')], { outcome: lost }),
    lead('g', [page(6, '/')], { outcome: lost }),
    lead('h', [page(6, '/')]),
  ]

  it('tells precision, recall, lift, AUC and calibration of both rule sets', () => {
    const { backtest } = run(leads, early, { now: at(40) }).result
    expect(backtest).toMatchObject({ outcomes: 7, won: 3, skipped: 0 })
    expect(backtest!.current).toMatchObject({
      sqls: 3,
      precision: { value: 2 / 3 },
      recall: { value: 2 / 3 },
      daysAhead: 2,
    })
    expect(backtest!.current.lift).toBeCloseTo(2 / 3 / (3 / 7))
    expect(backtest!.draft).toMatchObject({
      sqls: 4,
      precision: { value: 0.75 },
      recall: { value: 1 },
      daysAhead: 12,
    })
    // Of 12 pairs only (c, e) is the wrong way round.
    expect(backtest!.current.auc!.value).toBeCloseTo(11 / 12)
    expect(backtest!.current.calibration.map(({ leads, won }) => [leads, won?.value ?? null])).toEqual([
      [4, 0.25],
      [1, 0],
      [2, 1],
      [0, null],
      [0, null],
    ])
    expect(backtest!.aucDifference).toEqual({ value: 0, low: 0, high: 0 })
    expect(backtest!.daysEarlier).toBe(10)
  })

  it('looks at nothing that happened after the hand-over, from cells or from events', () => {
    const later = (events: TrackedEvent[]) =>
      leads.map(({ id, outcome, streams }) =>
        lead(id, [...streams![0]!, ...(outcome ? events : [])], { outcome }),
      )
    const after = [event('signal', at(20, 13), { name: 'trial_started' }), page(21, '/checkout'), demo(22)]
    const plain = run(leads, early, { now: at(40) }).result.backtest
    expect(run(later(after), early, { now: at(40) }).result.backtest).toEqual(plain)
    const raw = later(after).map((one) => ({ ...one, cells: undefined }))
    expect(run(raw, early, { now: at(40) }).result.backtest).toEqual(plain)
  })

  it('takes the facts of then, and skips whoever was not identified', () => {
    const rival = facts({ email: 'ann@student.uni.example' })
    const then = leads.map((one) =>
      one.outcome ? { ...one, outcome: { ...one.outcome, facts: rival } } : one,
    )
    expect(run(then, early, { now: at(40) }).result.backtest!.current.sqls).toBe(0)
    const late = leads.map((one) => ({ ...one, facts: facts({ identifiedAt: at(30) }) }))
    expect(run(late, early, { now: at(40) }).result.backtest).toMatchObject({ outcomes: 0, skipped: 7 })
  })
})

describe('the figures', () => {
  it('AUC counts the pairs in the right order, equal ones half', () => {
    expect(auc([3, 4], [1, 2])).toEqual({ value: 1, low: 1, high: 1 })
    expect(auc([1, 2, 3], [1, 2, 3])!.value).toBeCloseTo(0.5)
    expect(auc([1], [0, 2])).toBeNull()
  })

  it('has the interval that counting every pair gives', () => {
    const won = Array.from({ length: 40 }, (_, i) => ((i * 37) % 50) + 12)
    const lost = Array.from({ length: 60 }, (_, i) => (i * 29) % 50)
    const psi = (x: number, y: number) => (x > y ? 1 : x === y ? 0.5 : 0)
    const mean = (list: number[]) => list.reduce((sum, one) => sum + one, 0) / list.length
    const spread = (list: number[]) => mean(list.map((one) => (one - mean(list)) ** 2)) / (list.length - 1)
    const v10 = won.map((x) => mean(lost.map((y) => psi(x, y))))
    const v01 = lost.map((y) => mean(won.map((x) => psi(x, y))))
    const half = 1.959964 * Math.sqrt(spread(v10) + spread(v01))
    const found = auc(won, lost)!
    expect(found.value).toBeCloseTo(mean(v10), 10)
    expect(found.low).toBeCloseTo(mean(v10) - half, 10)
    // Hanley and McNeil, Radiology 143 (1982) 29-36, who need no pairs, come to about the same.
    const a = found.value
    const q = (a * (1 - a) + 39 * (a / (2 - a) - a * a) + 59 * ((2 * a * a) / (1 + a) - a * a)) / 2400
    expect(half / (1.959964 * Math.sqrt(q))).toBeGreaterThan(0.8)
    expect(half / (1.959964 * Math.sqrt(q))).toBeLessThan(1.25)
  })

  it('the difference of two AUCs is paired: of one score with itself it is 0 for sure', () => {
    const scores = { won: [5, 1, 7, 9], lost: [2, 4, 6] }
    expect(aucDifference(scores, scores)).toEqual({ value: 0, low: 0, high: 0 })
    expect(aucDifference(scores, { won: [8, 7, 9, 9], lost: [2, 4, 6] })!.value).toBeGreaterThan(0.2)
  })

  it.each([
    [0, 10, 0, 0.278],
    [5, 10, 0.237, 0.763],
    [10, 10, 0.722, 1],
  ])('%d of %d is from %d to %d', (hits, of, low, high) => {
    const found = share(hits, of)!
    expect([found.low, found.high].map((one) => Math.round(one * 1000) / 1000)).toEqual([low, high])
  })

  it('the median of an even number lies between the two', () => {
    expect([median([]), median([3]), median([4, 1]), median([9, 1, 2])]).toEqual([null, 3, 2.5, 2])
  })
})

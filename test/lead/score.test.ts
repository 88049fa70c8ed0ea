import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDelta, cellDelta, foldCells } from '../../collector/lead/ledger.ts'
import { replayCells } from '../../collector/lead/replay-cells.ts'
import type { CompiledRules } from '../../collector/lead/rules.ts'
import { engagement, reasons } from '../../collector/lead/score.ts'
import type { Cell } from '../../collector/lead/state.ts'
import { at, DAY_0, facts, happen, standard } from './standard.ts'

const rules = standard()

/** Cells of signals by day: `[day, signal, count]`; engaged time in minutes. */
function cellsOf(told: [day: number, signal: string, count?: number][]): Cell[] {
  const cells = new Map<string, Cell>()
  for (const [day, signal, count] of told) {
    for (const occurrence of happen(signal, at(day, 9), count)) {
      const key = `${day} ${signal}`
      cells.set(key, addDelta(cells.get(key), cellDelta(occurrence, cells.get(key)?.keys ?? [])))
    }
  }
  return [...cells.values()]
}

/** Points by group, of those that have any. */
function groups(cells: Cell[], day: number, by: CompiledRules = rules): Record<string, number> {
  const found = Object.entries(engagement(foldCells(cells, by), DAY_0 + day, by).groups)
  return Object.fromEntries(
    found.filter(([, points]) => points !== 0).map(([id, points]) => [id, points / 100]),
  )
}

describe('points', () => {
  it.each<[string, Parameters<typeof cellsOf>[0], number, Record<string, number>]>([
    ['a visit counts once a day', [[0, 'visit', 3]], 0, { visits: 1 }],
    ['engaged minutes count with their fraction', [[0, 'engaged_minutes', 2.5]], 0, { depth: 2.5 }],
    ['engaged minutes stop at ten a day', [[0, 'engaged_minutes', 45]], 0, { depth: 10 }],
    ['service views stop at three a day', [[0, 'service_view', 5]], 0, { intent: 6 }],
    ['half is left after a half-life', [[0, 'checkout_view']], 21, { intent: 7.5 }],
    ['what a customer said does not decay', [[0, 'referred_by_customer']], 3000, { sticky: 25 }],
    ['two files count twice, a third on that day does not', [[0, 'download', 3]], 0, { content: 16 }],
    [
      'a file counts once ever',
      [
        [0, 'download', 1],
        [45, 'download', 1],
      ],
      45,
      { content: 4 },
    ],
    [
      'another file counts on another day',
      [
        [0, 'download', 1],
        [45, 'download', 2],
      ],
      45,
      { content: 12 },
    ],
    [
      'an opt-in counts once ever',
      [
        [0, 'email_opt_in'],
        [30, 'email_opt_in'],
      ],
      30,
      { email: 2.5 },
    ],
    ['an opened mail counts nothing', [[0, 'email_open', 9]], 0, {}],
    [
      'hand-raises are capped as a group',
      [
        [0, 'demo_requested'],
        [0, 'quote_requested'],
      ],
      0,
      { hand: 60 },
    ],
    [
      'a group is capped after its decay',
      [
        [0, 'checkout_view'],
        [1, 'checkout_view'],
        [2, 'checkout_view'],
      ],
      21,
      { intent: 23.26 },
    ],
    [
      'penalties are capped too',
      [
        [0, 'email_complaint'],
        [0, 'email_unsubscribe'],
      ],
      0,
      { neg: -60 },
    ],
    ['a penalty fades', [[0, 'email_unsubscribe']], 180, { neg: -12.5 }],
    [
      'an unknown signal counts nothing',
      [
        [0, 'constructor'],
        [0, '__proto__'],
      ],
      0,
      {},
    ],
  ])('%s', (_, told, day, expected) => {
    expect(groups(cellsOf(told), day)).toEqual(expected)
  })

  it('count a distinct rule once a day for each thing, and a rule of many signals under one cap', () => {
    const own = standard((document) => {
      document.rules.find(({ id }) => id === 'download')!.onceEver = false
      Object.assign(document.rules.find(({ id }) => id === 'chat')!, {
        signals: ['chat_started', 'social_message'],
      })
      document.rules = document.rules.filter(({ id }) => id !== 'social')
    })
    expect(
      groups(
        cellsOf([
          [0, 'download', 2],
          [45, 'download', 1],
        ]),
        45,
        own,
      ),
    ).toEqual({ content: 16 })
    expect(
      groups(
        cellsOf([
          [0, 'chat_started'],
          [0, 'social_message'],
        ]),
        0,
        own,
      ),
    ).toEqual({ hand: 10 })
  })

  it('take no cell from the prototype', () => {
    expect(foldCells(cellsOf([[0, 'constructor']]), rules).open).toEqual({
      constructor: { count: 1, ms: 0, keys: [] },
    })
  })

  it('lose nothing as days are folded one into the next', () => {
    const told = Array.from({ length: 200 }, (_, day): [number, string, number] => [
      day,
      'engaged_minutes',
      0.3337,
    ])
    const exact = told.reduce((sum, [day, , minutes]) => sum + minutes * 2 ** (-(210 - day) / 30), 0)
    expect(Math.abs(groups(cellsOf(told), 210).depth! - exact)).toBeLessThanOrEqual(0.005)
  })

  it('keep at most 100 keys of a cell', () => {
    expect(cellsOf([[0, 'download', 150]])[0]).toMatchObject({ count: 150, keys: { length: 100 } })
  })
})

describe('engagement', () => {
  it('is never below 0 nor above 100', () => {
    const bad = cellsOf([
      [0, 'email_complaint'],
      [0, 'visit'],
    ])
    expect(engagement(foldCells(bad, rules), DAY_0, rules).total).toBe(0)
    const good = cellsOf([
      [0, 'demo_requested'],
      [0, 'quote_requested'],
      [0, 'referred_by_customer'],
      [0, 'checkout_view'],
      [0, 'pricing_view'],
      [0, 'cart'],
    ])
    expect(engagement(foldCells(good, rules), DAY_0, rules).total).toBe(10_000)
  })
})

describe('the reasons of a score', () => {
  it('name rule, count, points then and now, and when', () => {
    expect(
      reasons(
        cellsOf([
          [0, 'service_view', 2],
          [21, 'cart'],
        ]),
        DAY_0 + 21,
        rules,
      ),
    ).toEqual([
      {
        rule: 'cart',
        label: 'Added to the cart',
        group: 'intent',
        points: 10,
        pointsThen: 10,
        count: 1,
        at: '2024-10-22T09:00:00.000Z',
      },
      {
        rule: 'service',
        label: 'Viewed a service or product page',
        group: 'intent',
        points: 2,
        pointsThen: 4,
        count: 2,
        at: '2024-10-01T09:00:00.000Z',
      },
    ])
  })

  it('count engaged minutes in minutes', () => {
    expect(reasons(cellsOf([[0, 'engaged_minutes', 7]]), DAY_0, rules)).toMatchObject([
      { rule: 'engaged', count: 7, points: 7 },
    ])
  })

  it('say what a cap, the floor and the cut do', () => {
    const lines = (told: Parameters<typeof cellsOf>[0]) =>
      reasons(cellsOf(told), DAY_0, rules).map(({ rule, points }) => `${rule} ${points}`)
    expect(
      lines([
        [0, 'demo_requested'],
        [0, 'quote_requested'],
      ]),
    ).toEqual(['quote 40', 'demo 40', 'cap:hand -20'])
    expect(
      lines([
        [0, 'visit'],
        [0, 'email_complaint'],
        [0, 'email_unsubscribe'],
      ]),
    ).toEqual(['visit 1', 'complaint -60', 'unsubscribe -25', 'cap:neg 25', 'floor 59'])
    expect(
      lines([
        [0, 'demo_requested'],
        [0, 'quote_requested'],
        [0, 'referred_by_customer'],
        [0, 'purchase_date_stated'],
      ]),
    ).toEqual(['quote 40', 'demo 40', 'cap:hand -20', 'referred 25', 'purchase_date 20', 'cap:sticky -5'])
    expect(
      lines([
        [0, 'demo_requested'],
        [0, 'trial_started'],
        [0, 'referred_by_customer'],
        [0, 'checkout_view'],
        [0, 'pricing_view'],
      ]),
    ).toContain('cut -8')
  })

  it('say when, how often, and the points before and after each cap and the decay', () => {
    const lines = reasons(
      cellsOf([
        [0, 'pricing_view', 3],
        [0, 'visit'],
      ]),
      DAY_0 + 21,
      rules,
    )
    expect(lines.find(({ rule }) => rule === 'pricing')).toEqual({
      rule: 'pricing',
      label: 'Viewed pricing',
      group: 'intent',
      count: 3,
      at: new Date(at(0, 9)).toISOString(),
      pointsUncapped: 24,
      pointsThen: 8,
      points: 4,
    })
    expect(lines.find(({ rule }) => rule === 'visit')).not.toHaveProperty('pointsUncapped')
  })

  it('name a cap by the side on which it cuts', () => {
    const labels = (told: Parameters<typeof cellsOf>[0]) =>
      reasons(cellsOf(told), DAY_0, rules).flatMap(({ rule, label }) =>
        rule.startsWith('cap:') ? label : [],
      )
    expect(
      labels([
        [0, 'email_complaint'],
        [0, 'email_unsubscribe'],
        [0, 'demo_requested'],
        [0, 'quote_requested'],
      ]).map((label) => label.replace(/^.*: /, '')),
    ).toEqual(['no more than 60', 'no less than -60'])
  })

  it('sum to 0 in a group that a cap of 0 switches off, whatever the sign of its rules', () => {
    const off = standard(({ groups, rules }) => {
      groups.neg!.cap = 0
      groups.intent!.cap = 0
      rules.find(({ id }) => id === 'cart')!.points = -10
    })
    const cells = cellsOf([
      [0, 'email_complaint'],
      [0, 'cart'],
      [1, 'pricing_view'],
      [1, 'visit'],
    ])
    const { total, groups } = engagement(foldCells(cells, off), DAY_0 + 1, off)
    expect([groups.neg, groups.intent, total]).toEqual([0, 0, 100])
    expect(
      reasons(cells, DAY_0 + 1, off).reduce((sum, { points }) => sum + Math.round(points * 100), 0),
    ).toBe(100)
    expect(replayCells(cells, facts(), off, at(1, 10), DAY_0).engagement).toBe(100)
  })

  it('put the rounding remainder into the largest line', () => {
    const cells = cellsOf([
      [0, 'visit'],
      [1, 'visit'],
      [2, 'visit'],
      [3, 'visit'],
    ])
    const lines = reasons(cells, DAY_0 + 40, rules)
    const sum = lines.reduce((total, { points }) => total + Math.round(points * 100), 0)
    expect(sum).toBe(engagement(foldCells(cells, rules), DAY_0 + 40, rules).total)
    expect(lines).toHaveLength(4)
  })

  it('are none where nothing happened', () => {
    expect(reasons([], DAY_0, rules)).toEqual([])
  })

  it('sum to the engagement exactly, whatever the cells', () => {
    const signals = [...rules.bySignal.keys()]
    const cell = fc.tuple(fc.nat(120), fc.constantFrom(...signals), fc.integer({ min: 1, max: 12 }))
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 60, size: 'max' }), fc.nat(400), (told, day) => {
        const cells = cellsOf(told)
        const { total } = engagement(
          foldCells(cells, rules),
          DAY_0 + Math.max(day, ...told.map(([d]) => d)),
          rules,
        )
        const sum = reasons(cells, DAY_0 + day, rules).reduce(
          (points, line) => points + Math.round(line.points * 100),
          0,
        )
        expect(sum).toBe(total)
        expect(total).toBeGreaterThanOrEqual(0)
        expect(total).toBeLessThanOrEqual(10_000)
      }),
      { numRuns: 200 },
    )
  })
})

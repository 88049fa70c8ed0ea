import { describe, expect, it } from 'vitest'
import { identify, stranger } from '../../collector/lead/identify.ts'
import { occur } from '../../collector/lead/occur.ts'
import type { CompiledRules } from '../../collector/lead/rules.ts'
import { engagement } from '../../collector/lead/score.ts'
import type { ContactFacts, Lead } from '../../collector/lead/state.ts'
import { evaluate, tick } from '../../collector/lead/tick.ts'
import { at, DAY_0, facts, happen, standard } from './standard.ts'

const rules = standard()
type Told = [day: number, signal: string, count?: number]

interface Tale {
  facts?: Partial<ContactFacts>
  rules?: CompiledRules
  /** Done to the lead at the start of a day, as a person's decision would. */
  decide?: [day: number, change: Partial<Lead>]
}

/**
 * Every stage that a lead comes to, as `stage@day`, up to the tick that ends the last day; what falls, falls at
 * midnight. Told twice: with each tick looking at the lead, and with those before its review day left out.
 */
function stages(told: Told[], until: number, tale: Tale = {}): string[] {
  const seen = run(told, until, tale, tick)
  const looking: typeof tick = (lead, _, day, rules) => evaluate(lead, day, rules)
  expect(run(told, until, tale, looking)).toEqual(seen)
  return seen
}

function run(told: Told[], until: number, tale: Tale, ticking: typeof tick): string[] {
  const known = facts(tale.facts)
  const by = tale.rules ?? rules
  let { lead } = identify(stranger(by), known, by)
  const seen: string[] = []
  for (let day = 0; day <= until; day++) {
    if (tale.decide?.[0] === day) lead = { ...lead, ...tale.decide[1] }
    for (const [i, [, signal, count]] of told.filter(([d]) => d === day).entries()) {
      for (const occurrence of happen(signal, at(day, 9, i), count)) {
        const step = occur(lead, occurrence, known, by)
        lead = step.lead
        seen.push(...step.changes.map(({ to }) => `${to}@${day}`))
      }
    }
    const ended = ticking(lead, known, DAY_0 + day, by)
    lead = ended.lead
    if (ended.change) seen.push(`${ended.change.to}@${(ended.change.effectiveAt - at(0)) / 86_400_000}`)
  }
  return seen
}

/** Ten engaged minutes, a visit and three service views, on each of the days: SQL on its own merit by the fifth. */
const eager = (...days: number[]): Told[] =>
  days.flatMap((day): Told[] => [
    [day, 'visit'],
    [day, 'engaged_minutes', 10],
    [day, 'service_view', 3],
    [day, 'pricing_view'],
  ])

describe('rising', () => {
  it.each<[string, Told[], number, string[]]>([
    [
      '14.99 points are no MQL',
      [
        [0, 'engaged_minutes', 9.99],
        [0, 'email_opt_in'],
      ],
      0,
      [],
    ],
    [
      '15 points are',
      [
        [0, 'engaged_minutes', 10],
        [0, 'email_opt_in'],
      ],
      0,
      ['mql@0'],
    ],
    ['a hand-raise makes an SQL that was never MQL', [[0, 'trial_started']], 0, ['sql@0']],
    ['a call-back makes none', [[0, 'callback_requested']], 0, ['mql@0']],
    ['five eager visits make an SQL', [...eager(0, 1, 2, 3, 4), [4, 'download', 2]], 4, ['mql@0', 'sql@4']],
    [
      'four do not, however many points',
      [...eager(0, 1, 2, 3), [3, 'download', 2], [3, 'callback_requested']],
      3,
      ['mql@0'],
    ],
    [
      'visits without engaged time do not',
      [0, 1, 2, 3, 4].flatMap((day): Told[] => [
        [day, 'visit'],
        [day, 'pricing_view'],
        [day, 'callback_requested'],
      ]),
      4,
      ['mql@0'],
    ],
    [
      'somebody who unsubscribed is no SQL',
      [
        [0, 'visit'],
        [0, 'email_unsubscribe'],
        [0, 'demo_requested'],
      ],
      0,
      ['mql@0'],
    ],
    [
      'until they come back',
      [
        [0, 'visit'],
        [0, 'email_unsubscribe'],
        [0, 'demo_requested'],
        [1, 'visit'],
      ],
      1,
      ['mql@0', 'sql@1'],
    ],
    [
      'or subscribe again',
      [
        [0, 'email_unsubscribe'],
        [0, 'demo_requested'],
        [1, 'email_opt_in'],
      ],
      1,
      ['mql@0', 'sql@1'],
    ],
    [
      'an older hand-raise than the window promotes nobody',
      [
        [0, 'email_unsubscribe'],
        [0, 'demo_requested'],
        [30, 'visit'],
      ],
      30,
      ['mql@0', 'lead@26'],
    ],
    [
      'one on its last day does',
      [
        [0, 'email_unsubscribe'],
        [0, 'demo_requested'],
        [29, 'visit'],
      ],
      29,
      ['mql@0', 'lead@26', 'sql@29'],
    ],
    [
      'a complaint keeps from SQL, and from much else',
      [...eager(0, 1, 2, 3), [3, 'email_complaint'], ...eager(4), [4, 'callback_requested']],
      4,
      ['mql@0'],
    ],
    [
      'a complaint keeps from SQL whoever has points enough',
      [
        ...eager(0, 1, 2, 3),
        [3, 'email_complaint'],
        ...eager(4),
        [4, 'callback_requested'],
        [4, 'chat_started'],
        [4, 'referred_by_customer'],
        [4, 'webinar_attended'],
        [4, 'download', 2],
      ],
      4,
      ['mql@0'],
    ],
    [
      'until they raise a hand',
      [
        [0, 'email_complaint'],
        [1, 'visit'],
        [1, 'demo_requested'],
      ],
      1,
      ['sql@1'],
    ],
  ])('%s', (_, told, until, seen) => {
    expect(stages(told, until)).toEqual(seen)
  })

  it('an unverified contact never becomes an SQL', () => {
    expect(
      stages([[0, 'demo_requested'], ...eager(0, 1, 2, 3, 4)], 4, { facts: { verified: false } }),
    ).toEqual(['mql@0'])
  })

  it('somebody who does not fit becomes neither', () => {
    expect(
      stages([[0, 'demo_requested'], ...eager(0)], 0, { facts: { email: 'ann@student.uni.example' } }),
    ).toEqual([])
  })

  it('a fading penalty alone promotes nobody; the next event does', () => {
    // 25 points that stay, less 15 that fade by half in 180 days.
    const told: Told[] = [
      [0, 'no_response'],
      [0, 'referred_by_customer'],
    ]
    expect(stages(told, 200)).toEqual([])
    expect(stages([...told, [200, 'trade_fair']], 200)).toEqual(['mql@200'])
  })
})

describe('falling', () => {
  const warm: Told[] = [
    [0, 'engaged_minutes', 10],
    [0, 'email_opt_in'],
  ]

  it('an MQL falls at the seventh tick in a row below 9', () => {
    // 15 x 2^(-23/30) = 8.8 on day 23 is the first below 9; 7 ticks end days 23 to 29.
    expect(stages(warm, 60)).toEqual(['mql@0', 'lead@30'])
  })

  it('a day above in between begins the count anew', () => {
    expect(stages([...warm, [28, 'visit'], [28, 'service_view']], 60)).toEqual(['mql@0', 'lead@43'])
  })

  it('an SQL by hand-raise holds for 60 days, then falls to MQL', () => {
    expect(stages([[0, 'demo_requested']], 63)).toEqual(['sql@0', 'mql@62'])
  })

  it('a newer hand-raise holds it longer', () => {
    expect(
      stages(
        [
          [0, 'quote_requested'],
          [40, 'product_question'],
        ],
        120,
      ),
    ).toEqual(['sql@0', 'mql@102'])
  })

  it('an SQL that keeps engaged holds without a hand-raise', () => {
    const visits = Array.from({ length: 24 }, (_, i) => eager(i * 5)).flat()
    expect(stages([[0, 'demo_requested'], ...visits], 118)).toEqual(['sql@0'])
  })

  it('an SQL by engagement falls when it cools on 7 ticks in a row', () => {
    // The trend is 0.60 or less from day 16 on.
    const fallen = stages([...eager(0, 1, 2, 3, 4), [4, 'download', 2]], 30)
    expect(fallen).toEqual(['mql@0', 'sql@4', 'mql@23'])
  })

  it('an SQL that unsubscribes falls at the tick of that day', () => {
    expect(
      stages(
        [
          [0, 'demo_requested'],
          [0, 'visit'],
          [3, 'email_unsubscribe'],
        ],
        3,
      ),
    ).toEqual(['sql@0', 'mql@4'])
    expect(
      stages(
        [
          [0, 'demo_requested'],
          [3, 'email_unsubscribe'],
          [3, 'visit'],
        ],
        3,
      ),
    ).toEqual(['sql@0'])
  })

  it.each<[string, Told[]]>([
    ['a visit', [...eager(50).slice(1), [50, 'visit']]],
    ['anything else', eager(50).slice(1)],
  ])('%s that warms an SQL up begins its low days anew', (_, warming) => {
    // 25 points are low from the first tick on, which the hand-raise outweighs for 60 days; 38 on day 50 are not.
    const [up, down] = stages([[0, 'product_question'], ...warming], 90)
    expect(up).toBe('sql@0')
    expect(Number(down!.split('@')[1])).toBeGreaterThan(62)
  })

  it('so does a penalty that fades', () => {
    const fading = standard((document) => {
      document.groups.neg!.halfLifeDays = 5
      document.stages.sql.leave.handRaiseDays = 38
    })
    const penalties: Told[] = [
      [0, 'no_response'],
      [0, 'email_bounce'],
      [0, 'mails_ignored'],
      [0, 'careers_view'],
    ]
    // Low on days 0 to 8, by the penalties, and from day 36 on, by decay.
    const seen = stages([[0, 'product_question'], [0, 'callback_requested'], ...penalties], 60, {
      rules: fading,
    })
    expect(seen).toEqual(['sql@0', 'mql@43'])
  })

  it('half a day more of a hand-raise changes nothing: days are whole', () => {
    const lasting = (days: number) =>
      standard((document) => {
        document.stages.sql.leave = { engagement: 30, ticks: 1, handRaiseDays: days }
      })
    const [one] = happen('demo_requested', at(0, 9))
    for (const days of [0, 3]) {
      const [whole, half] = [lasting(days), lasting(days + 0.5)].map((rules) => ({
        review: occur(identify(stranger(rules), facts(), rules).lead, one!, facts(), rules).lead.reviewDay!,
        seen: stages([[0, 'demo_requested']], 60, { rules }),
      }))
      expect(half).toEqual(whole)
      expect(whole!.review).toSatisfy(Number.isInteger)
    }
  })

  it('a hand-raise promotes once: after a fall only a newer one counts', () => {
    const told: Told[] = [
      [0, 'demo_requested'],
      [1, 'email_unsubscribe'],
      [2, 'visit'],
    ]
    expect(stages(told, 5)).toEqual(['sql@0', 'mql@2'])
    expect(stages([...told, [5, 'demo_requested']], 5)).toEqual(['sql@0', 'mql@2', 'sql@5'])
  })

  it('a hand-raise of an SQL is spent with its fall', () => {
    const told: Told[] = [
      [0, 'demo_requested'],
      [1, 'quote_requested'],
      [2, 'email_unsubscribe'],
      [3, 'visit'],
    ]
    expect(stages(told, 5)).toEqual(['sql@0', 'mql@3'])
  })

  it('rules never take an accepted SQL back', () => {
    expect(
      stages(
        [
          [0, 'demo_requested'],
          [3, 'email_unsubscribe'],
        ],
        200,
        { decide: [1, { accepted: true }] },
      ),
    ).toEqual(['sql@0'])
  })

  it.each(['opportunity', 'customer', 'disqualified'] as const)(
    'rules do not move a person who is at %s',
    (stage) => {
      expect(
        stages([[2, 'demo_requested'], ...eager(2, 3, 4, 5, 6), [9, 'email_complaint']], 200, {
          decide: [1, { stage }],
        }),
      ).toEqual([])
    },
  )

  it('a tick changes no accumulator', () => {
    const [one] = happen('demo_requested', at(0, 9))
    const { lead } = occur(identify(stranger(rules), facts(), rules).lead, one!, facts(), rules)
    const day = lead.reviewDay!
    const after = tick(lead, facts(), day, rules).lead
    expect(after).toMatchObject({
      day: lead.day,
      closed: lead.closed,
      open: lead.open,
      window: lead.window,
      trend: lead.trend,
      tickedDay: day,
    })
    expect(engagement(after, day, rules)).toEqual(engagement(lead, day, rules))
  })
})

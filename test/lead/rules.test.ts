import { describe, expect, it } from 'vitest'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import { compile, type RulesDocument } from '../../collector/lead/rules.ts'
import { SERVER_SIGNALS } from '../../shared/lead.ts'
import { standard } from './standard.ts'

// biome-ignore lint/suspicious/noExplicitAny: the mistakes under test have no type
type Loose = any
type Edit = (document: Loose, rule: (id: string) => Loose) => void

/** Errors of the standard document after an edit. */
function errorsAfter(edit: Edit): string[] {
  const document: Loose = structuredClone(standardDocument)
  edit(document, (id) => document.rules.find((one: Loose) => one.id === id))
  const compiled = compile(document)
  return compiled.ok ? [] : compiled.errors
}

describe('the standard preset', () => {
  it('compiles', () => {
    expect(compile(standardDocument)).toMatchObject({ ok: true })
  })

  it('has a rule for each server-sent signal', () => {
    const rules = standard()
    expect(SERVER_SIGNALS.filter((signal) => !rules.bySignal.has(signal))).toEqual([])
  })

  it('opens the hand-raise gate to five server-sent signals, and counts four as intent', () => {
    const { handRaise, intent, thresholds } = standard()
    expect([...handRaise].sort()).toEqual([
      'demo_requested',
      'meeting_booked',
      'product_question',
      'quote_requested',
      'trial_started',
    ])
    expect([...intent].sort()).toEqual(['cart', 'checkout_view', 'pricing_view', 'service_view'])
    expect(thresholds).toEqual({ mql: 15, sql: 55 })
  })

  it('cuts points at once a day where no cap a day is given', () => {
    const { rules } = standard()
    expect(rules.find(({ id }) => id === 'checkout')).toMatchObject({ points: 1500, perDay: 1500 })
    expect(rules.find(({ id }) => id === 'careers')).toMatchObject({ points: -1000, perDay: 1000 })
  })
})

describe('a mistake in the rules is named with its field and its mend', () => {
  it.each<[string, Edit]>([
    [
      'rules.pricing.points: expected a number from -100 to 100, got "ten"',
      (_, rule) => {
        rule('pricing').points = 'ten'
      },
    ],
    [
      'rules.pricing.points: expected a number from -100 to 100, got 101',
      (_, rule) => {
        rule('pricing').points = 101
      },
    ],
    [
      'rules.pricing.points: expected a number from -100 to 100, got nothing',
      (_, rule) => {
        delete rule('pricing').points
      },
    ],
    [
      'rules.pricing.points: expected a number from -100 to 100, got NaN',
      (_, rule) => {
        rule('pricing').points = Number.NaN
      },
    ],
    [
      'rules.pricing.perDay: expected a number from 0 to 1000, got -8',
      (_, rule) => {
        rule('pricing').perDay = -8
      },
    ],
    [
      'rules.pricing.pionts: unknown key; did you mean "points"?',
      (_, rule) => {
        rule('pricing').pionts = 1
      },
    ],
    [
      'rules.pricing.group: expected one of visits, depth, intent, content, email, hand, sticky, neg, got "intents"',
      (_, rule) => {
        rule('pricing').group = 'intents'
      },
    ],
    [
      'rules.pricing.signals: expected a list, got "pricing_view"',
      (_, rule) => {
        rule('pricing').signals = 'pricing_view'
      },
    ],
    [
      'rules.pricing.signals[0]: expected a text of 1 to 300 characters, got 7',
      (_, rule) => {
        rule('pricing').signals = [7]
      },
    ],
    [
      'rules.pricing.intent: expected true or false, got "yes"',
      (_, rule) => {
        rule('pricing').intent = 'yes'
      },
    ],
    [
      'rules.pricing.per: expected one of "count", "minute", got "hour"',
      (_, rule) => {
        rule('pricing').per = 'hour'
      },
    ],
    [
      'rules.pricing.id: another rule has this id; give each its own',
      (_, rule) => {
        rule('cart').id = 'pricing'
      },
    ],
    [
      'rules.Cart.id: expected a name of small letters, digits, "_" and "-", got "Cart"',
      (_, rule) => {
        rule('cart').id = 'Cart'
      },
    ],
    [
      'rules[0]: expected an object, got nothing',
      (document) => {
        document.rules[0] = undefined
      },
    ],
    [
      'rules.unsubscribe.points: expected a number from -100 to 0, as the cap of group "neg", got 25',
      (_, rule) => {
        rule('unsubscribe').points = 25
      },
    ],
    [
      'rules.cart.points: expected a number from 0 to 100, as the cap of group "intent", got -10',
      (_, rule) => {
        rule('cart').points = -10
      },
    ],
    [
      'rules.cart.handRaise: only server-sent signals may raise a hand, and a browser makes "cart"',
      (_, rule) => {
        rule('cart').handRaise = true
      },
    ],
    [
      'rules.video.handRaise: only server-sent signals may raise a hand, and a browser makes "custom:video_watched"',
      (_, rule) => {
        rule('video').handRaise = true
      },
    ],
    [
      'rules: expected at most 500 entries, got 10000',
      (document) => {
        document.rules = Array.from({ length: 10_000 }, () => ({}))
      },
    ],
    [
      'groups.depth.halfLifeDays: expected a number from 1 to 3650, got -30',
      (document) => {
        document.groups.depth.halfLifeDays = -30
      },
    ],
    [
      'groups.depth.cap: expected a number from -100 to 100, got nothing',
      (document) => {
        delete document.groups.depth.cap
      },
    ],
    [
      'pages.pricing[1]: "**" may only stand at the end, as in "/services/**", got "/a/**/b"',
      (document) => {
        document.pages.pricing[1] = '/a/**/b'
      },
    ],
    [
      'pages.page: page_view is a signal already; choose another name',
      (document) => {
        document.pages.page = ['/']
      },
    ],
    [
      'fit.fields.persona.weight: expected a number from 0 to 100, got "30"',
      (document) => {
        document.fit.fields[0].weight = '30'
      },
    ],
    [
      'fit.fields.persona.targets[0]: "*" may only stand at the start or the end, got "h*d of it"',
      (document) => {
        document.fit.fields[0].targets = ['h*d of it']
      },
    ],
    [
      'fit.fields.company_size.targets[0]: expected a text, a number or a range such as {"min": 50, "max": 500}',
      (document) => {
        document.fit.fields[1].targets = [{ from: 50 }]
      },
    ],
    [
      'fit.disqualify.staff.values: expected a list, got nothing',
      (document) => {
        delete document.fit.disqualify[1].values
      },
    ],
    [
      'windowDays: expected a number from 1 to 30, got 90',
      (document) => {
        document.windowDays = 90
      },
    ],
    [
      'trend.cooling: expected a number from 0 to 1, got nothing',
      (document) => {
        delete document.trend.cooling
      },
    ],
    [
      'stages.mql.enter.all[0].engagement: expected a number from 0 to 100, got "15"',
      (document) => {
        document.stages.mql.enter.all[0].engagement = '15'
      },
    ],
    [
      'stages.mql.enter.all[1].fitGood: unknown key; did you mean "fitBad"?',
      (document) => {
        document.stages.mql.enter.all[1] = { fitGood: true }
      },
    ],
    [
      'stages.mql.enter: expected exactly one condition, got 2',
      (document) => {
        document.stages.mql.enter = { engagement: 1, visits: 2 }
      },
    ],
    [
      'stages.sql.enter.any: expected at least one condition, got none',
      (document) => {
        document.stages.sql.enter.any = []
      },
    ],
    [
      'stages.sql.leave.ticks: expected a number from 1 to 365, got 0',
      (document) => {
        document.stages.sql.leave.ticks = 0
      },
    ],
    [
      'stages.lead.nextStep: expected a text of 1 to 300 characters, got nothing',
      (document) => {
        delete document.stages.lead.nextStep
      },
    ],
    [
      'stages.leed: unknown key; did you mean "lead"?',
      (document) => {
        document.stages.leed = {}
      },
    ],
    [
      'page: unknown key; did you mean "pages"?',
      (document) => {
        document.page = 'red'
      },
    ],
  ])('%s', (error, edit) => {
    expect(errorsAfter(edit)).toContain(error)
  })

  it.each([[null], ['text'], [[]], [7]])('%j is no document', (document) => {
    expect(compile(document)).toMatchObject({
      ok: false,
      errors: expect.arrayContaining([expect.stringContaining('expected an object')]),
    })
  })

  it('bounds the depth of a gate and the number of errors', () => {
    let gate: Loose = { engagement: 1 }
    for (let i = 0; i < 5000; i++) gate = { all: [gate] }
    expect(
      errorsAfter((document) => {
        document.stages.mql.enter = gate
      }).join(),
    ).toContain('at most 8 levels')
    expect(
      errorsAfter((document) => {
        document.rules = Array.from({ length: 500 }, () => ({}))
      }),
    ).toHaveLength(100)
  })

  it('lets a document say more than the standard one', () => {
    const rules = standard((document: RulesDocument) => {
      document.pages.video = ['/videos/**']
      document.stages.mql.enter = { all: [{ engagement: 30 }, { fit: 50 }, { verified: true }] }
    })
    expect(rules.pageKind('/videos/tour')).toBe('video')
    expect(rules.thresholds.mql).toBe(30)
  })
})

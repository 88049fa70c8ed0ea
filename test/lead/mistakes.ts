import { standardDocument } from '../../collector/lead/presets/standard.ts'

// biome-ignore lint/suspicious/noExplicitAny: the mistakes under test have no type
type Loose = any
export type Edit = (document: Loose, rule: (id: string) => Loose) => void

/** The standard document after an edit. */
export function edited(edit: Edit): unknown {
  const document: Loose = structuredClone(standardDocument)
  edit(document, (id) => document.rules.find((one: Loose) => one.id === id))
  return document
}

/** Mistakes in a whole document, with the sentence that names each. */
export const MISTAKES: [error: string, edit: Edit][] = [
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
    'sales.zone: expected the name of a time zone such as "Europe/Berlin", got "Mars/Base"',
    (document) => {
      document.sales.zone = 'Mars/Base'
    },
  ],
  [
    'sales.hours.mon: expected hours such as "09:00-17:00", the first before the second, got "17:00-09:00"',
    (document) => {
      document.sales.hours.mon = '17:00-09:00'
    },
  ],
  [
    'sales.hours.mon: expected hours such as "09:00-17:00", the first before the second, got "9-17"',
    (document) => {
      document.sales.hours.mon = '9-17'
    },
  ],
  [
    'sales.hours: expected at least one day with hours, such as "mon": "09:00-17:00"',
    (document) => {
      document.sales.hours = {}
    },
  ],
  [
    'sales.hours.monday: unknown key; did you mean "mon"?',
    (document) => {
      document.sales.hours.monday = '09:00-17:00'
    },
  ],
  [
    'sales.slaHours.handRaise: expected a number from 0 to 500, got "4h"',
    (document) => {
      document.sales.slaHours.handRaise = '4h'
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
    'stages.sql.nextStepAccepted: expected a text of 1 to 300 characters, got ""',
    (document) => {
      document.stages.sql.nextStepAccepted = ''
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
]

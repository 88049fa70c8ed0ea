import { describe, expect, it } from 'vitest'
import { replayLead } from '../../collector/lead/replay.ts'
import { replayCells } from '../../collector/lead/replay-cells.ts'
import { compile } from '../../collector/lead/rules.ts'
import { reasons } from '../../collector/lead/score.ts'
import type { ContactFacts, TrackedEvent } from '../../collector/lead/state.ts'
import type { WhereDocument } from '../../collector/lead/where.ts'
import { at, DAY_0, event, facts, standard } from './standard.ts'

const pricing = (query?: Record<string, string>) =>
  event('page', at(0, 9), { path: '/pricing/teams', ...(query && { query }) })
const cart = event('cart', at(0, 9, 5), { product: 'pump-200', quantity: 2, price: 900 }, 1)
const guide = event('download', at(0, 9, 6), { url: 'https://shop.example/guides/pumps.pdf' }, 2)
const survey = (props: Record<string, unknown>) =>
  event('signal', at(0, 9, 7), { name: 'survey_answered', props }, 3)

/** How often a rule on all signals of the events counts under a condition. */
function counted(where: WhereDocument, events: TrackedEvent[], known: Partial<ContactFacts> = {}): number {
  const rules = standard(({ rules }) => {
    const signals = ['page_view', 'cart', 'download', 'survey_answered', 'custom:tour']
    rules.push({ id: 'test', label: 'Test', group: 'content', signals, where, points: 1, perDay: 9 })
  })
  const { cells } = replayLead([events], facts(known), rules, at(1), DAY_0)
  return cells.find(({ signal }) => signal === 'rule:test')?.count ?? 0
}

describe('a rule with conditions counts only what satisfies them', () => {
  it.each<[string, WhereDocument, TrackedEvent[], Partial<ContactFacts>, number]>([
    ['the page of a view', { path: '/pricing/**' }, [pricing()], {}, 1],
    ['another page', { path: '/blog/**' }, [pricing()], {}, 0],
    ['any of several pages', { path: ['/blog/**', '/pricing**'] }, [pricing()], {}, 1],
    ['the page on which the cart was filled', { path: '/pricing/**' }, [pricing(), cart], {}, 2],
    ['the page of what no visitor did', { path: '/**' }, [survey({})], {}, 0],
    ['a query of the page', { query: { plan: 'team*' } }, [pricing({ plan: 'Teams' })], {}, 1],
    ['each key of the query', { query: { plan: 'x', utm_source: 'y' } }, [pricing({ plan: 'x' })], {}, 0],
    [
      'the campaign of the visit',
      { query: { utm_source: 'news' } },
      [pricing({ utm_source: 'news' }), cart],
      {},
      2,
    ],
    ['that a key is there', { query: { plan: true } }, [pricing({ plan: 'x' }), pricing()], {}, 1],
    ['that a key is not there', { query: { plan: false } }, [pricing()], {}, 1],
    ['a property that equals', { property: { purpose: 'price' } }, [survey({ purpose: 'Price' })], {}, 1],
    ['one of a list', { property: { n: [1, 3] } }, [survey({ n: 3 })], {}, 1],
    ['a range', { property: { seats: { min: 50, max: 99 } } }, [survey({ seats: 70 })], {}, 1],
    ['a number out of range', { property: { seats: { min: 50, max: 99 } } }, [survey({ seats: 100 })], {}, 0],
    ['a property that is yes', { property: { urgent: 'true' } }, [survey({ urgent: true })], {}, 1],
    ['a property from the prototype', { property: { constructor: true } }, [survey({})], {}, 0],
    [
      'the product and price of a cart',
      { property: { product: 'pump*', price: { min: 500 } } },
      [cart],
      {},
      1,
    ],
    ['the file of a download', { property: { url: '*/guides/*' } }, [guide], {}, 1],
    ['a trait in a list', { trait: { country: ['DE', 'AT'] } }, [cart], { traits: { country: 'de' } }, 1],
    ['a trait in a range', { trait: { employees: { min: 50 } } }, [cart], { traits: { employees: 20 } }, 0],
    ['a trait by a glob', { trait: { title: 'head of*' } }, [cart], { traits: { title: 'Head of IT' } }, 1],
    ['a work e-mail', { workEmail: true }, [cart], { email: 'ann@acme.example' }, 1],
    ['a free e-mail', { workEmail: false }, [cart], { email: 'ann@gmail.com' }, 1],
    ['no e-mail, which is neither', { workEmail: false }, [cart], {}, 0],
    ['a company by its domain', { emailDomain: ['acme.example'] }, [cart], { email: 'a@eu.acme.example' }, 1],
    ['no company of a list', { not: { emailDomain: ['acme.example'] } }, [cart], { email: 'a@b.example' }, 1],
    ['all of several', { all: [{ path: '/pricing**' }, { workEmail: true }] }, [pricing()], {}, 0],
    ['any of several', { any: [{ path: '/pricing**' }, { workEmail: true }] }, [pricing()], {}, 1],
    ['none of several', { not: { any: [{ path: '/x' }, { workEmail: true }] } }, [pricing()], {}, 1],
  ])('%s', (_, where, events, known, count) => {
    expect(counted(where, events, known)).toBe(count)
  })

  it('with its points among the reasons, and in minutes where it counts these', () => {
    const rules = standard(({ rules }) => {
      rules.push({
        id: 'reading_prices',
        label: 'Read the prices',
        group: 'depth',
        signals: ['engaged_minutes'],
        where: { path: '/pricing**' },
        points: 2,
        per: 'minute',
        perDay: 20,
      })
    })
    const blog = event('page', at(0, 9, 10), { path: '/blog/x' }, 5)
    const read = [
      event('engage', at(0, 9, 3), { page: pricing().id, ms: 120_000, scroll: 50 }, 4),
      event('engage', at(0, 9, 14), { page: blog.id, ms: 180_000, scroll: 50 }, 6),
    ]
    const { cells } = replayLead([[pricing(), blog, ...read]], facts(), rules, at(1), DAY_0)
    const lines = reasons(cells, DAY_0, rules)
    expect(lines.find(({ rule }) => rule === 'reading_prices')).toMatchObject({ points: 4, count: 2 })
    expect(lines.find(({ rule }) => rule === 'engaged')).toMatchObject({ points: 5, count: 5 })
  })

  it('makes nothing for documents without conditions', () => {
    expect(standard().conditional.size).toBe(0)
    expect(standard().readsTraits).toBe(false)
  })

  it('tells whether a change of traits asks for a new fold', () => {
    const reads = (where: WhereDocument) =>
      standard(({ rules }) => {
        rules[0]!.where = where
      }).readsTraits
    expect(reads({ path: '/x' })).toBe(false)
    expect(reads({ any: [{ path: '/x' }, { not: { trait: { title: true } } }] })).toBe(true)
  })
})

describe('what a rule with conditions opens', () => {
  const asking = standard(({ rules }) => {
    const { label, group, points } = rules.find(({ id }) => id === 'chat')!
    const where = { property: { topic: 'price*' } }
    rules.push({
      id: 'price_chat',
      label: 'Chat on prices',
      group,
      signals: ['chat_started'],
      where,
      points,
      handRaise: true,
    })
    expect(label).toBe('Started a chat')
  })

  it.each([
    ['prices', 'sql', 'Chat on prices on 1 Oct; fit unknown'],
    ['weather', 'lead', 'identified'],
  ])('a chat on %s: %s', (topic, stage, why) => {
    const chat = event('signal', at(0, 9), { name: 'chat_started', props: { topic } })
    const { lead, changes } = replayLead([[chat]], facts(), asking, at(1), DAY_0)
    expect([lead.stage, changes.at(-1)!.why]).toEqual([stage, why])
  })

  it('is never opened by a signal that only bears its name', () => {
    const forged = event('signal', at(0, 9), { name: 'rule:price_chat' })
    const { lead, cells } = replayLead([[forged]], facts(), asking, at(1), DAY_0)
    expect([lead.stage, cells]).toEqual(['lead', []])
  })

  it.each<[string, number, string]>([
    ['a view that is intent already', 1, '/pricing/teams'],
    ['a view that two rules with conditions say is intent', 1, '/fair/stand'],
    ['a view that one of them says is intent', 1, '/fair'],
    ['a view of which no condition holds', 0, '/'],
  ])('counts %s %d times', (_, times, path) => {
    const rules = standard((document) => {
      const one = { label: 'x', group: 'intent', points: 3, intent: true }
      const add = (id: string, signals: string[], path: string) =>
        document.rules.push({ id, signals, ...one, where: { path } })
      add('team', ['pricing_view', 'page_view'], '/pricing/teams')
      add('fair', ['page_view'], '/fair**')
      add('stand', ['visit', 'page_view'], '/fair/stand')
    })
    const view = event('page', at(0, 9), { path })
    const { lead, cells } = replayLead([[view]], facts(), rules, at(1), DAY_0)
    expect(lead.window.reduce((sum, { intent }) => sum + intent, 0)).toBe(times)
    const gated = standard((document) => {
      document.rules = structuredClone(rules.document.rules)
      document.stages.mql.enter = { intentViews: 1 }
    })
    expect(replayCells(cells, facts(), gated, at(1), DAY_0).stage).toBe(times ? 'mql' : 'lead')
  })
})

describe('a mistake in the conditions is named', () => {
  const rule = { label: 'x', group: 'content', signals: ['page_view'], points: 1 }
  it.each<[string, unknown, object?]>([
    ['rules.t.where.pth: unknown key; did you mean "path"?', { pth: '/x' }],
    ['rules.t.where: expected exactly one condition, got 2', { path: '/x', workEmail: true }],
    ['rules.t.where: expected exactly one condition, got 0', {}],
    ['rules.t.where: expected an object, got "path"', 'path'],
    ['rules.t.where.path: expected a path that starts with "/", got "pricing"', { path: 'pricing' }],
    ['rules.t.where.path[1]: at most one "*" in a segment, got "/a*b*c"', { path: ['/x', '/a*b*c'] }],
    ['rules.t.where.all: expected at least one condition, got none', { all: [] }],
    ['rules.t.where.any[0].query: expected at least one name, got none', { any: [{ query: {} }] }],
    ['rules.t.where.property.n: expected a text, a number or a range', { property: { n: { from: 1 } } }],
    [
      'rules.t.where.trait.title[0]: "*" may only stand at the start or the end',
      { trait: { title: ['a*b'] } },
    ],
    ['rules.t.where.workEmail: expected true or false, got "yes"', { workEmail: 'yes' }],
    ['rules.t.where.not.emailDomain: expected', { not: { emailDomain: 7n } }],
    ['rules.t.handRaise: only server-sent signals may raise a hand', { path: '/x' }, { handRaise: true }],
    ['rules.t.signals: "rule:visit" is made by a rule', undefined, { signals: ['rule:visit'] }],
  ])('%s', (error, where, more = {}) => {
    const compiled = compile({ extends: 'standard', rules: { t: { ...rule, where, ...more } } })
    expect(compiled.ok ? [] : compiled.errors).toContainEqual(expect.stringContaining(error))
  })

  it('bounds their depth', () => {
    let where: unknown = { path: '/x' }
    for (let i = 0; i < 5000; i++) where = { not: where }
    const compiled = compile({ extends: 'standard', rules: { t: { ...rule, where } } })
    expect(compiled.ok ? '' : compiled.errors.join()).toContain('at most 8 levels')
  })
})

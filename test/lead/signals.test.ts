import { describe, expect, it } from 'vitest'
import { foldVisit, sessionise } from '../../collector/lead/sessionise.ts'
import { occurrencesOf } from '../../collector/lead/signals.ts'
import type { TrackedEvent, Visit } from '../../collector/lead/state.ts'
import { SERVER_SIGNALS } from '../../shared/lead.ts'
import { at, DAY_0, event, standard } from './standard.ts'

const rules = standard()
/** A visit that goes on, so that an event opens none. */
const going: Visit = sessionise([event('page', at(0, 8), { path: '/' })]).visits[0]!
const signalsOf = (one: TrackedEvent, visit: Visit | null = going): string[] =>
  occurrencesOf(one, foldVisit(visit, one, null), rules).map(({ signal }) => signal)
const now = at(0, 8, 5)

describe('what an event means', () => {
  it.each<[string, TrackedEvent, string[]]>([
    ['a page', event('page', now, { path: '/x' }), ['page_view']],
    ['a service page', event('page', now, { path: '/services/a' }), ['page_view', 'service_view']],
    [
      'a page that says it is pricing',
      event('page', now, { path: '/blog/a', pageKind: 'pricing' }),
      ['page_view', 'pricing_view'],
    ],
    ['a careers page', event('page', now, { path: '/en/jobs/x' }), ['page_view', 'careers_view']],
    ['a download', event('download', now, { url: '/a.pdf' }), ['download']],
    ['a cart add', event('cart', now, { product: 'pump', quantity: 2 }), ['cart']],
    ['an outbound link', event('outbound', now, { url: 'https://x.example/' }), ['click']],
    ['a call to action', event('custom', now, { name: 'cta' }), ['click', 'custom:cta']],
    ['a form', event('form', now, { form: 'contact' }), ['form']],
    ['a custom event', event('custom', now, { name: 'video' }), ['custom:video']],
    ['a server-sent signal', event('signal', now, { name: 'demo_requested' }), ['demo_requested']],
    [
      'a server-sent signal of a name of its own',
      event('signal', now, { name: 'trade_fair' }),
      ['trade_fair'],
    ],
    [
      'engagement of a page that never came',
      event('engage', now, { page: { ms: 1, key: 1 }, ms: 9000, scroll: 1 }),
      [],
    ],
  ])('%s', (_, one, signals) => {
    expect(signalsOf(one)).toEqual(signals)
  })

  it('begins with the visit where it opens one; a server-sent signal opens none', () => {
    expect(signalsOf(event('page', now, { path: '/pricing' }), null)).toEqual([
      'visit',
      'page_view',
      'pricing_view',
    ])
    expect(signalsOf(event('signal', now, { name: 'email_click' }), null)).toEqual(['email_click'])
  })

  it.each(SERVER_SIGNALS.map((name) => [name]))('a browser cannot make %s', (name) => {
    const forged = [
      event('custom', now, { name }),
      event('page', now, { path: `/${name}`, pageKind: name }),
      event('form', now, { form: name }),
      event('cart', now, { product: name, quantity: 1 }),
    ]
    for (const one of forged) expect(signalsOf(one, null)).not.toContain(name)
  })

  it.each([
    ['https://a.example/files/guide.pdf?utm_source=x#top', '/files/guide.pdf'],
    ['//cdn.example/files/guide.pdf', '/files/guide.pdf'],
    ['/files/guide.pdf', '/files/guide.pdf'],
    ['https://a.example', '/'],
  ])('the file %s is %s', (url, key) => {
    const one = event('download', now, { url })
    expect(occurrencesOf(one, foldVisit(going, one, null), rules)[0]?.key).toBe(key)
  })

  it('calls a visit long once, at its ninth page, on the day on which it began', () => {
    const events = Array.from({ length: 12 }, (_, i) => event('page', at(0, 23, 55 + i), { path: '/' }))
    let visit: Visit | null = null
    const found = events.flatMap((one) => {
      const fold = foldVisit(visit, one, null)
      visit = fold.visit
      return occurrencesOf(one, fold, rules).filter(({ signal }) => signal === 'long_visit')
    })
    expect(found).toEqual([{ signal: 'long_visit', at: at(1, 0, 3), day: DAY_0, count: 1, ms: 0, key: null }])
  })
})

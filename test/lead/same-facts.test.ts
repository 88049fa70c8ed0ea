import { describe, expect, it } from 'vitest'
import { sameToRules } from '../../collector/lead/same-facts.ts'
import type { ContactFacts } from '../../collector/lead/state.ts'
import { facts, standard } from './standard.ts'

const plain = standard()
const reading = standard(({ rules }) => {
  rules.find(({ id }) => id === 'cart')!.where = { trait: { plan: 'pro' } }
})
const acme = facts({ email: 'ann@acme.example', traits: { title: 'Clerk' } })
const more = (traits: object): ContactFacts => ({ ...acme, traits: { ...acme.traits, ...traits } })

describe('new facts of a contact', () => {
  it.each<[string, ContactFacts, boolean, boolean]>([
    ['nothing new', more({}), true, true],
    ['a name', more({ name: 'Ann' }), true, false],
    ['another address of the company', { ...acme, email: 'ann.b@acme.example' }, true, false],
    ['a trait that a condition asks for', more({ plan: 'pro' }), true, false],
    ['a title that a list disqualifies', more({ title: 'Student' }), false, false],
    ['a student address', { ...acme, email: 'ann@student.uni.example' }, false, false],
    ['no address', { ...acme, email: null }, false, false],
    ['consent', { ...acme, consent: true }, false, false],
    ['a confirmation', { ...acme, verified: false }, false, false],
    ['an earlier form', { ...acme, identifiedAt: acme.identifiedAt - 1 }, false, false],
  ])('%s: nothing to fold again %j, where rules read traits %j', (_, after, same, sameReading) => {
    expect(sameToRules(acme, after, plain)).toBe(same)
    expect(sameToRules(acme, after, reading)).toBe(sameReading)
  })
})

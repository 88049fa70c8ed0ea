import { describe, expect, it } from 'vitest'
import { fit } from '../../collector/lead/fit.ts'
import type { ContactFacts } from '../../collector/lead/state.ts'
import { facts, standard } from './standard.ts'

const rules = standard(({ fit: { fields, disqualify } }) => {
  const field = (id: string) => fields.find((one) => one.id === id)!
  field('persona').targets = ['head of*', '*engineer*', 'CTO']
  field('company_size').targets = [{ min: 50, max: 500 }]
  field('industry').targets = ['Software', 'pharma']
  field('country').targets = ['DE', 'AT']
  field('infrastructure').targets = ['kubernetes']
  disqualify.find(({ id }) => id === 'competitor')!.values = ['rival.example']
})

type Row = [
  what: string,
  traits: Record<string, unknown>,
  email: string | null,
  score: number,
  known: number,
  bad: boolean,
]

describe('fit', () => {
  it.each<Row>([
    ['is 50 where nothing is known', {}, null, 50, 0, false],
    ['is 100 where all that is known matches', { title: 'Head of IT' }, null, 100, 1, false],
    ['reads whatever the letter case', { title: 'cto', industry: 'SOFTWARE ' }, null, 100, 2, false],
    ['finds a part of a title', { jobTitle: 'Senior Engineer, Platform' }, null, 100, 1, false],
    ['weighs what matched against what is known', { title: 'CTO', industry: 'retail' }, null, 60, 2, false],
    ['reads a number in a range', { companySize: 120 }, null, 100, 1, false],
    ['reads a range given as text', { companySize: '51-200' }, null, 100, 1, false],
    ['knows a company too large', { companySize: 9000 }, null, 0, 1, false],
    ['reads a list of values', { infrastructure: ['aws', 'Kubernetes'] }, null, 100, 1, false],
    ['a work e-mail matches', {}, 'ann@acme.example', 100, 1, false],
    ['a free mail address does not, and alone is not bad', {}, 'ann@gmail.com', 0, 1, false],
    ['takes an empty value as unknown', { title: ' ', industry: null }, null, 50, 0, false],
    ['takes no trait from the prototype', { constructor: 'x' }, null, 50, 0, false],
    [
      'is bad where half of the weight is known and below 20',
      { title: 'intern', industry: 'retail' },
      null,
      0,
      2,
      true,
    ],
    ['is not bad where less is known', { industry: 'retail', country: 'FR' }, null, 0, 2, false],
    [
      'is not bad at 20 and above',
      { title: 'intern', industry: 'retail', country: 'DE' },
      'ann@acme.example',
      29,
      4,
      false,
    ],
    ['fields without weight do not count', { budget: 'none', timing: 'never' }, null, 50, 0, false],
  ])('%s', (_, traits, email, score, known, bad) => {
    expect(fit(facts({ traits, email }), rules)).toEqual({ score, known, fields: 6, bad })
  })

  it.each<[string, Partial<ContactFacts>, string]>([
    ['a competitor', { email: 'ann@rival.example' }, 'works for a competitor'],
    ['a competitor behind a subdomain', { email: 'ann@mail.Rival.example' }, 'works for a competitor'],
    ["a student's mail", { email: 'ann@student.uni.example' }, "a student's e-mail"],
    ['a student', { traits: { role: 'CTO', title: 'Student of law' } }, 'a student'],
  ])('%s is disqualified, however well the rest fits', (_, known, disqualified) => {
    expect(fit(facts(known), rules)).toMatchObject({ bad: true, disqualified })
  })

  it('a domain that only ends alike is no competitor', () => {
    expect(fit(facts({ email: 'ann@notrival.example' }), rules).bad).toBe(false)
  })

  it('a field without targets is unknown', () => {
    expect(fit(facts({ traits: { title: 'CTO', industry: 'retail' } }), standard())).toEqual({
      score: 50,
      known: 0,
      fields: 6,
      bad: false,
    })
  })
})

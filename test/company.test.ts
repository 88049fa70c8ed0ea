import { describe, expect, it } from 'vitest'
import { companyOf } from '../collector/company.ts'

const of = (email: string | null, company?: unknown, rest: Record<string, unknown> = {}) =>
  companyOf({ email, traits: { ...rest, ...(company !== undefined && { company }) } })

describe('a company by its work e-mail', () => {
  it.each([
    ['ada@acme.org', 'acme.org'],
    ['ada@mail.acme.org', 'acme.org'],
    ['ada@Sales.ACME.co.uk', 'acme.co.uk'],
    ['ada@acme.uk.com', 'acme.uk.com'],
    ['ada@acme.onmicrosoft.com', 'acme.onmicrosoft.com'],
    ['ada@xn--mller-kva.de', 'xn--mller-kva.de'],
  ])('%s is of %s', (email, key) => {
    expect(of(email)).toEqual({ key, name: key })
  })

  it.each([
    'ada@gmail.com',
    'ada@Hotmail.co.uk',
    'ada@mail.gmail.com',
    'ada@github.io',
    'ada@corp.local',
    'ada@[10.0.0.1]',
    'ada@10.0.0.1',
    'ada@',
    'ada',
    '',
  ])('%s is of none', (email) => {
    expect(of(email)).toBeNull()
  })

  it('has the name that the traits say', () => {
    expect(of('ada@acme.org', { name: ' Acme, Inc. ' })).toEqual({ key: 'acme.org', name: 'Acme, Inc.' })
    expect(of('ada@acme.org', 'Acme')).toEqual({ key: 'acme.org', name: 'Acme' })
    expect(of('ada@acme.org', 'n/a')).toEqual({ key: 'acme.org', name: 'acme.org' })
  })

  it('may be told by a trait where the identity is another', () => {
    expect(of(null, undefined, { email: 'ada@acme.org' })?.key).toBe('acme.org')
  })
})

describe('a company by its traits', () => {
  it.each<[unknown, string]>([
    [{ domain: 'acme.org' }, 'acme.org'],
    [{ website: 'https://www.acme.org/about?x=y' }, 'acme.org'],
    [{ website: 'www.müller.de' }, 'xn--mller-kva.de'],
    [{ domain: 'not a domain', website: 'acme.org' }, 'acme.org'],
    [{ website: 'https://www.linkedin.com/company/acme', name: 'Acme' }, 'name:acme'],
    [{ website: 'gmail.com', name: 'Acme' }, 'name:acme'],
    ['Acme', 'name:acme'],
    ['  ACME,  Inc. ', 'name:acme'],
    ['Acme GmbH & Co. KG', 'name:acme'],
    ['Acme S.A.', 'name:acme'],
    ['Crédit Mutuel', 'name:credit-mutuel'],
    ["Sotheby's", 'name:sothebys'],
    ['株式会社アクメ', 'name:株式会社アクメ'],
    ['हिन्दी कंपनी', 'name:हिन्दी-कंपनी'],
    ['acme.org', 'name:acmeorg'],
    ['AG', 'name:ag'],
  ])('%j is %s', (company, key) => {
    expect(of('ada@gmail.com', company)?.key).toBe(key)
  })

  it.each<[unknown]>([
    ['none'],
    ['N/A'],
    ['Self-employed'],
    ['Privat'],
    ['-'],
    ['  '],
    [''],
    ['x'.repeat(101)],
    [7],
    [null],
    [['Acme']],
    [{}],
    [{ name: { en: 'Acme' } }],
  ])('%j is none', (company) => {
    expect(of('ada@gmail.com', company)).toBeNull()
  })

  it('never has a key that a domain could be', () => {
    for (const name of ['acme.org', 'name:acme.org', 'acme'])
      expect(of(null, name)!.key).toMatch(/^name:[^.:]+$/)
  })
})

it('knows no company of nobody', () => {
  expect(of(null)).toBeNull()
})

import type { Fit } from '../../shared/lead.ts'
import freeMail from './free-mail.json' with { type: 'json' }
import { own } from './own.ts'
import type { CompiledRules, FitField } from './rules.ts'
import type { ContactFacts } from './state.ts'
import type { Target } from './target.ts'

/** Fit of a contact of whom nothing is known: neither good nor bad. */
const UNKNOWN = 50

/** Mail providers whose addresses tell nothing about an employer; a list of our own, of the largest ones. */
const FREE_MAIL: ReadonlySet<string> = new Set(freeMail)

/**
 * How well the traits fit: 100 x weight matched / weight known, 0 to 100, rounded; 50 when nothing is known. A field
 * without targets or without a value is unknown, which is never bad by itself.
 */
export function fit(facts: ContactFacts, rules: CompiledRules): Fit {
  const weighed = rules.fit.fields.filter(({ weight }) => weight > 0)
  const answers = weighed.map((field) => ({ weight: field.weight, matched: answer(field, facts) }))
  const known = answers.filter(({ matched }) => matched !== null)
  const total = sum(weighed)
  const knownWeight = sum(known)
  const score = knownWeight > 0 ? (100 * sum(known.filter(({ matched }) => matched))) / knownWeight : UNKNOWN
  const disqualified = rules.fit.disqualify.find((list) =>
    list.emailDomain
      ? domainsOf(facts).some((domain) => list.values.some((target) => target(domain)))
      : matches(valuesOf(facts, list.traits, true), list.values),
  )?.label
  const bad =
    disqualified !== undefined || (knownWeight * 2 >= total && knownWeight > 0 && score < rules.fit.badBelow)
  return {
    score: Math.round(score),
    known: known.length,
    fields: weighed.length,
    bad,
    ...(disqualified !== undefined && { disqualified }),
  }
}

/** Whether a field matches; null where that is unknown. */
function answer(field: FitField, facts: ContactFacts): boolean | null {
  if (field.workEmail) {
    const domain = domainsOf(facts)[0]
    return domain === undefined ? null : !FREE_MAIL.has(domain)
  }
  const values = valuesOf(facts, field.traits, false)
  return field.targets.length === 0 || values.length === 0 ? null : matches(values, field.targets)
}

const matches = (values: (string | number)[], targets: readonly Target[]): boolean =>
  values.some((value) => targets.some((target) => target(value)))

/** What the traits hold, a list as its entries: of the first that has a value, or of all. */
function valuesOf(facts: ContactFacts, traits: readonly string[], all: boolean): (string | number)[] {
  const found: (string | number)[] = []
  for (const trait of traits) {
    const value = own(facts.traits, trait)
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === 'number' || (typeof one === 'string' && one.trim() !== '')) found.push(one)
      else if (typeof one === 'boolean') found.push(String(one))
    }
    if (found.length > 0 && !all) break
  }
  return found
}

/** The domain of the e-mail and those above it, so that a list of `rival.com` holds `mail.rival.com` too. */
function domainsOf(facts: ContactFacts): string[] {
  const said = facts.email ?? own(facts.traits, 'email')
  const at = typeof said === 'string' ? said.lastIndexOf('@') : -1
  const domain =
    at < 0
      ? ''
      : (said as string)
          .slice(at + 1)
          .trim()
          .toLowerCase()
  if (domain === '') return []
  const parts = domain.split('.')
  return parts.slice(0, Math.max(1, parts.length - 1)).map((_, i) => parts.slice(i).join('.'))
}

const sum = (items: readonly { weight: number }[]): number =>
  items.reduce((total, { weight }) => total + weight, 0)

import type { Fit } from '../../shared/lead.ts'
import type { CompiledRules, FitField } from './rules.ts'
import type { ContactFacts } from './state.ts'
import type { Target } from './target.ts'
import { domainsOf, hasWorkEmail, valuesOf } from './traits.ts'

/** Fit of a contact of whom nothing is known: neither good nor bad. */
const UNKNOWN = 50

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
      : matches(
          list.traits.flatMap((trait) => valuesOf(facts.traits, trait)),
          list.values,
        ),
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
  if (field.workEmail) return hasWorkEmail(facts)
  const values = firstOf(facts, field.traits)
  return field.targets.length === 0 || values.length === 0 ? null : matches(values, field.targets)
}

const matches = (values: (string | number)[], targets: readonly Target[]): boolean =>
  values.some((value) => targets.some((target) => target(value)))

/** What the first of the traits that has a value holds. */
function firstOf(facts: ContactFacts, traits: readonly string[]): (string | number)[] {
  for (const trait of traits) {
    const values = valuesOf(facts.traits, trait)
    if (values.length > 0) return values
  }
  return []
}

const sum = (items: readonly { weight: number }[]): number =>
  items.reduce((total, { weight }) => total + weight, 0)

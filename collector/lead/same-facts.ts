import { fit } from './fit.ts'
import type { CompiledRules } from './rules.ts'
import type { ContactFacts } from './state.ts'

/**
 * Whether new facts of a contact leave its lead as it is, so that it need not be folded again: a name or a phone number
 * that no rule and no field of fit asks for.
 */
export function sameToRules(before: ContactFacts, after: ContactFacts, rules: CompiledRules): boolean {
  const plain =
    before.identifiedAt === after.identifiedAt &&
    before.verified === after.verified &&
    before.consent === after.consent &&
    // It is said of whoever left an address.
    (before.email === null) === (after.email === null)
  if (!plain) return false
  if (rules.readsTraits && !same(read(before), read(after))) return false
  return same(fit(before, rules), fit(after, rules))
}

const read = ({ traits, email }: ContactFacts) => ({ traits, email })

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

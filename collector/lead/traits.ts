import freeMail from './free-mail.json' with { type: 'json' }
import { own } from './own.ts'
import type { ContactFacts } from './state.ts'

/** Mail providers whose addresses tell nothing about an employer; a list of our own, of the largest ones. */
const FREE_MAIL: ReadonlySet<string> = new Set(freeMail)

/** What a trait or property holds, a list as its entries; empty and unknown ones are left out. */
export function valuesOf(record: Record<string, unknown>, name: string): (string | number)[] {
  const value = own(record, name)
  const found: (string | number)[] = []
  for (const one of Array.isArray(value) ? value : [value]) {
    if (typeof one === 'number' || (typeof one === 'string' && one.trim() !== '')) found.push(one)
    else if (typeof one === 'boolean') found.push(String(one))
  }
  return found
}

/** The domain of the e-mail and those above it, so that a list of `rival.com` holds `mail.rival.com` too. */
export function domainsOf(facts: ContactFacts): string[] {
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

/** Whether the mail domain is a company's; null where no e-mail is known. */
export function hasWorkEmail(facts: ContactFacts): boolean | null {
  const domain = domainsOf(facts)[0]
  return domain === undefined ? null : !FREE_MAIL.has(domain)
}

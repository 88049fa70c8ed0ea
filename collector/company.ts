/** Which company a contact belongs to: what makes a buying team of its people. */
import { domainToASCII } from 'node:url'
import { parse } from 'tldts'
import freeMail from './lead/free-mail.json' with { type: 'json' }

export interface Company {
  /** The company's domain, like `acme.org`, or `name:` and its name in plain letters where no domain is known. */
  key: string
  /** As the contact's traits say it, else the domain. */
  name: string
}

export interface Employed {
  email: string | null
  /** `company`, as text or as an object with `name`, `domain`, `website`; the names are Segment's. */
  traits: Record<string, unknown>
}

const FREE_MAIL: ReadonlySet<string> = new Set(freeMail)
/** Sites on which companies have a page: a `website` there is not the company's own. */
const SHARED_SITES: ReadonlySet<string> = new Set(
  'facebook.com google.com instagram.com linkedin.com linktr.ee tiktok.com twitter.com x.com xing.com youtube.com'.split(
    ' ',
  ),
)
/** Each of its hosts is another company's mail, which the Public Suffix List does not say. */
const TENANTS = 'onmicrosoft.com'
/** What people write who have no company to name; together they are none. */
const NO_COMPANY: ReadonlySet<string> = new Set(
  'company|freelance|freelancer|home|individual|keine|me|myself|n-a|na|nil|no|none|nope|null|personal|privat|private|private-person|selbstandig|self|self-employed|student|test|undefined|unemployed|unknown|x'.split(
    '|',
  ),
)
/** Legal forms that end a name, which some of its people write and others do not. */
const LEGAL_FORM =
  /-(ab|ag|as|aps|bv|co|company|corp|corporation|eg|ek|ev|gbr|gmbh|gmbh-co-kg|inc|incorporated|kft|kg|limited|llc|llp|ltd|mbh|nv|ohg|oy|plc|pte|pty|sa|sarl|sas|se|sl|spa|srl|ug)$/
/** Code points of a key's name; longer ones are no names. */
const MAX_NAME = 100

/** The company of a contact, by its work e-mail, else by what its traits say; null where neither tells. */
export function companyOf({ email, traits }: Employed): Company | null {
  const said = traits.company
  const company = isRecord(said) ? said : { name: said }
  const name = text(company.name)
  const domain =
    mailDomain(email ?? text(traits.email)) ??
    siteDomain(text(company.domain)) ??
    siteDomain(text(company.website))
  if (domain !== null) return { key: domain, name: name !== null && plain(name) !== null ? name : domain }
  const key = name === null ? null : plain(name)
  return key === null ? null : { key: `name:${key}`, name: name! }
}

/** The registrable domain of a work e-mail. */
function mailDomain(email: string | null): string | null {
  if (email === null || !email.includes('@')) return null
  const host = email.slice(email.lastIndexOf('@') + 1).toLowerCase()
  return FREE_MAIL.has(host) ? null : ownDomain(host)
}

function siteDomain(address: string | null): string | null {
  const domain = address === null ? null : ownDomain(address)
  return domain === null || SHARED_SITES.has(domain) ? null : domain
}

/**
 * The registrable domain of a host or URL, by the Public Suffix List; null of an address or an unlisted ending.
 * Private suffixes count: `acme.uk.com` and `other.uk.com` are two companies, as are two tenants of a host.
 */
function ownDomain(address: string): string | null {
  const { domain, hostname, isIcann, isPrivate } = parse(address, { allowPrivateDomains: true })
  if (domain === null || !(isIcann || isPrivate) || FREE_MAIL.has(domain)) return null
  return domainToASCII(domain === TENANTS ? hostname! : domain)
}

/** A name in lower case without accents, punctuation and legal forms; null where nothing or no company is left. */
function plain(name: string): string | null {
  let words = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[.'’]/g, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  if (NO_COMPANY.has(words)) return null
  for (
    let shorter = words.replace(LEGAL_FORM, '');
    shorter !== words;
    shorter = words.replace(LEGAL_FORM, '')
  )
    words = shorter
  return words === '' || [...words].length > MAX_NAME ? null : words
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const text = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null

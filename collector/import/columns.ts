/** Columns of a file to what they say of a person. */

/** What a column is: an identifier, a choice, a time, or a trait by its path ('company.name'). */
export type Target = string

/** Fields of a person that are not traits. */
export const OWN_FIELDS = ['email', 'phone', 'externalId', 'consent', 'at'] as const
export type OwnField = (typeof OWN_FIELDS)[number]

/** Column names as CRMs export them, in lower case with spaces, and what they are. Traits are named as Segment names them. */
const KNOWN: Record<string, Target> = {
  email: 'email',
  'e mail': 'email',
  mail: 'email',
  'email address': 'email',
  'e mail address': 'email',
  'e mail adresse': 'email',
  'work email': 'email',
  'business email': 'email',
  phone: 'phone',
  'phone number': 'phone',
  telephone: 'phone',
  mobile: 'phone',
  'mobile phone': 'phone',
  'mobile phone number': 'phone',
  telefon: 'phone',
  externalid: 'externalId',
  'external id': 'externalId',
  'customer id': 'externalId',
  'contact id': 'externalId',
  'record id': 'externalId',
  'crm id': 'externalId',
  consent: 'consent',
  at: 'at',
  'created at': 'at',
  'create date': 'at',
  'created date': 'at',
  name: 'name',
  'full name': 'name',
  firstname: 'firstName',
  'first name': 'firstName',
  'given name': 'firstName',
  vorname: 'firstName',
  lastname: 'lastName',
  'last name': 'lastName',
  surname: 'lastName',
  'family name': 'lastName',
  nachname: 'lastName',
  company: 'company.name',
  'company name': 'company.name',
  organization: 'company.name',
  organisation: 'company.name',
  'account name': 'company.name',
  firma: 'company.name',
  website: 'company.website',
  'company domain': 'company.domain',
  'company domain name': 'company.domain',
  'job title': 'title',
  title: 'title',
  role: 'role',
  position: 'title',
  persona: 'persona',
  'company size': 'companySize',
  employees: 'companySize',
  'number of employees': 'companySize',
  country: 'country',
  industry: 'industry',
  budget: 'budget',
}

const plain = (column: string): string =>
  column
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')

export interface Columns {
  /** By position; null is a column that is left out. */
  targets: (Target | null)[]
  /** Names of the columns that nobody knows and no map names: they are not kept. */
  leftOut: string[]
}

/**
 * What each column is: by `map` (target to column name), else by its name. What nobody asked for is left out, so
 * that no export's stray notes become personal data here. Returns a sentence where the header does not do.
 */
export function columnsOf(header: readonly string[], map: ReadonlyMap<Target, string>): Columns | string {
  const targets: (Target | null)[] = header.map(() => null)
  for (const [target, column] of map) {
    const at = header.findIndex((name) => plain(name) === plain(column))
    if (at < 0) return `--map: there is no column '${column}'; there are ${header.join(', ')}`
    targets[at] = target
  }
  header.forEach((name, i) => {
    const known = Object.hasOwn(KNOWN, plain(name)) ? KNOWN[plain(name)]! : null
    if (targets[i] === null && known !== null && !targets.includes(known)) targets[i] = known
  })
  if (!targets.some((target) => target === 'email' || target === 'phone' || target === 'externalId')) {
    return `no column names a person; the columns are ${header.join(', ')}: say which is the e-mail with --map email=COLUMN (or phone, externalId)`
  }
  return { targets, leftOut: header.filter((name, i) => targets[i] === null && name.trim() !== '') }
}

/** What a record's fields say, by target; empty ones say nothing. Traits lie under `traits`, nested by their paths. */
export function said(
  fields: readonly string[],
  targets: readonly (Target | null)[],
): { [field in OwnField]?: string } & { traits: { [name: string]: unknown } } {
  const own: { [name: string]: string } = {}
  const traits: { [name: string]: unknown } = {}
  fields.forEach((field, i) => {
    const target = targets[i]
    const value = field.trim()
    if (target == null || value === '') return
    if ((OWN_FIELDS as readonly string[]).includes(target)) own[target] = value
    else nest(traits, target.split('.'), value)
  })
  return { ...own, traits }
}

function nest(holder: { [name: string]: unknown }, [name, ...inner]: string[], value: string): void {
  if (inner.length === 0) {
    holder[name!] = value
    return
  }
  const known = holder[name!]
  const below = typeof known === 'object' ? (known as { [name: string]: unknown }) : {}
  holder[name!] = below
  nest(below, inner, value)
}

const YES = new Set(['true', 'yes', 'y', '1', 'ja', 'oui', 'si', 'granted', 'given', 'opted in'])
const NO = new Set(['false', 'no', 'n', '0', 'nein', 'non', 'refused', 'denied', 'withdrawn', 'opted out'])

/** What somebody wrote of a person's consent; undefined where nobody can read it, which counts as refused. */
export function consentIn(text: string): boolean | undefined {
  const word = plain(text)
  if (YES.has(word)) return true
  return NO.has(word) ? false : undefined
}

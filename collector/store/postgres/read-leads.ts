import type { LeadSort } from '../../../shared/lead.ts'
import type { LeadPlace, LeadsAsked, ListedLead } from '../reader.ts'
import { patternOf, spellings } from '../spellings.ts'
import type { Contact, LeadRow } from '../store.ts'
import type { Asker } from './asker.ts'
import type { Value } from './bridge.ts'
import { EVENT_KINDS } from './event-row.ts'

/** By which column a list is sorted, of which an index holds the order. */
const SORTS: Record<LeadSort, string> = {
  engagement: 'leads.engagement',
  fit: 'leads.fit',
  lastSeenAt: 'leads.last_at',
  createdAt: 'contacts.identified_at',
  stageSince: 'leads.since',
  name: 'contacts.sort_name COLLATE "C"',
}
/** Those whose index is of the contacts. */
const OF_CONTACTS: ReadonlySet<LeadSort> = new Set(['createdAt', 'name'])

/** Leads whose page views are looked through for one answer; the next page goes on behind them. */
const MOST_LOOKED_THROUGH = 5_000

/** What a text is looked for in. ILIKE is not standard SQL, but all engines of the family have it. */
const LIKE = ['email', 'phone', 'external_id', 'company', 'company_name', 'names']

/** The contact has read the page while the visitor was its. */
const HAS_READ = (path: string) => `EXISTS (SELECT 1 FROM edges
   JOIN events ON events.site = edges.site AND events.visitor = edges.visitor
   AND kind = ${EVENT_KINDS.indexOf('page')} AND value = ${path}
   AND at >= from_at AND (to_at IS NULL OR at < to_at)
 WHERE edges.site = $1 AND edges.contact = found.contact)`

/** Contacts of the leads that were asked for, in their order, and where the next page begins. */
export function findLeads({ all }: Asker, asked: LeadsAsked): { contacts: number[]; next: LeadPlace | null } {
  const { page, limit } = asked
  const contacts: number[] = []
  let looked = 0
  let last = asked.after
  // Where each is looked through, few at first: most pages were read by many.
  for (let many = limit + 1; ; many *= 4) {
    const { text, values, order } = statementOf({ ...asked, after: last }, many)
    const rows = all<LeadPlace & { has: boolean }>(
      page === undefined
        ? text
        : `SELECT *, ${HAS_READ(`$${values.length + 1}`)} AS has FROM (${text}) AS found ORDER BY ${order}`,
      ...values,
      ...(page === undefined ? [] : [page]),
    )
    for (const { value, contact, has } of rows) {
      if (contacts.length === limit || looked === MOST_LOOKED_THROUGH) return { contacts, next: last! }
      last = { value, contact }
      if (page !== undefined) {
        looked++
        if (!has) continue
      }
      contacts.push(contact)
    }
    if (rows.length < many) return { contacts, next: null }
  }
}

function statementOf(asked: LeadsAsked, many: number): { text: string; values: Value[]; order: string } {
  const { site, stages, engagement, fit, seen, owner, text, source, sort, descending, after } = asked
  const column = SORTS[sort]
  const values: Value[] = [site]
  const bind = (value: Value): string => `$${values.push(value)}`
  const where = [OF_CONTACTS.has(sort) ? 'contacts.site = $1' : 'leads.site = $1']
  const bound = (condition: string, value: Value | undefined) => {
    if (value !== undefined) where.push(`${condition} ${bind(value)}`)
  }
  if (stages.length > 0) where.push(`leads.stage IN (${stages.map(bind).join(', ')})`)
  bound('leads.engagement >=', engagement?.min === undefined ? undefined : Math.ceil(engagement.min))
  bound('leads.engagement <=', engagement?.max === undefined ? undefined : Math.floor(engagement.max))
  bound('leads.fit >=', fit?.min)
  bound('leads.fit <=', fit?.max)
  bound('leads.last_at >=', seen?.from === undefined ? undefined : Math.ceil(seen.from))
  bound('leads.last_at <=', seen?.to === undefined ? undefined : Math.floor(seen.to))
  bound('milestones.source =', source)
  if (owner === null) where.push('contacts.owner IS NULL')
  else bound('contacts.owner =', owner)
  if (text !== undefined) {
    const looked = spellings(text).flatMap((spelling) => {
      const bound = bind(patternOf(spelling))
      return LIKE.map((name) => `contacts.${name} ILIKE ${bound}`)
    })
    where.push(`(${looked.join(' OR ')})`)
  }
  if (after) {
    const value = typeof after.value === 'number' && sort !== 'fit' ? Math.trunc(after.value) : after.value
    where.push(
      `(${column}, leads.contact) ${descending ? '<' : '>'} (${bind(value)}, ${bind(after.contact)})`,
    )
  }
  const direction = descending ? 'DESC' : 'ASC'
  const order = `${column} ${direction}, leads.contact ${direction}`
  const needsContact = owner !== undefined || text !== undefined || OF_CONTACTS.has(sort)
  return {
    text: `SELECT ${column} AS value, leads.contact AS contact FROM leads
      ${needsContact ? 'JOIN contacts ON contacts.site = leads.site AND contacts.no = leads.contact' : ''}
      ${source === undefined ? '' : 'JOIN milestones ON milestones.site = leads.site AND milestones.contact = leads.contact'}
      WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ${bind(many)}`,
    values,
    order: `value${sort === 'name' ? ' COLLATE "C"' : ''} ${direction}, contact ${direction}`,
  }
}

/** Columns of a lead with its contact, as `listedLeads` takes them. */
export const LISTED = 'contacts.body AS contact, leads.body AS lead'

export function listedLeads({ learn }: Asker, rows: { contact: string; lead: string }[]): ListedLead[] {
  const leads = rows.map((row) => ({
    contact: JSON.parse(row.contact) as Contact,
    row: JSON.parse(row.lead) as LeadRow,
  }))
  for (const { row } of leads) learn('contacts', row.contact, row.site)
  return leads.map(({ contact, row: { lead, rulesVersion, engagement, fit, dueAt, visits } }) => ({
    contact,
    lead,
    rulesVersion,
    engagement,
    fit,
    dueAt,
    visits,
  }))
}

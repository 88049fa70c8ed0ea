import type { Database } from 'better-sqlite3'
import type { LeadSort } from '../../../shared/lead.ts'
import type { LeadPlace, LeadsAsked, ListedLead } from '../reader.ts'
import { patternOf, spellings } from '../spellings.ts'
import type { Contact } from '../store.ts'
import { EVENT_KINDS } from './event-row.ts'
import { fromColumns } from './row.ts'
import type { Texts } from './texts.ts'

/** By which column a list is sorted, and which index holds it in that order. */
const SORTS: Record<LeadSort, string> = {
  engagement: 'leads.engagement',
  fit: 'leads.fit',
  lastSeenAt: 'leads.last_at',
  createdAt: 'contacts.identified_at',
  stageSince: 'leads.since',
  name: 'contacts.sort_name',
}
/** Those whose index is of the contacts. */
const OF_CONTACTS: ReadonlySet<LeadSort> = new Set(['createdAt', 'name'])

/** Leads whose page views are looked through for one answer; the next page goes on behind them. */
const MOST_LOOKED_THROUGH = 5_000

const LIKE = [
  'contacts.email',
  'contacts.phone',
  'contacts.external_id',
  'contacts.company',
  'contacts.company_name',
]
const NAMES = ['name', 'firstName', 'lastName', 'title']

/** Rows of leads with their contacts, as `listedLead` takes them. */
export const LISTED = `SELECT contacts.*, lead AS of, rules_version, engagement, fit, due_at, visits
  FROM leads JOIN contacts ON contacts.no = leads.contact`

/** Of a row of `LISTED`: lists and companies read hundreds. */
export function listedLead(row: unknown): ListedLead {
  const { of, rules_version, engagement, fit, due_at, visits, ...contact } = row as Record<string, unknown>
  return {
    contact: fromColumns('contacts', contact) as Contact,
    lead: JSON.parse(of as string),
    rulesVersion: rules_version as number,
    engagement: engagement as number,
    fit: fit as number,
    dueAt: due_at as number | null,
    visits: visits as number,
  }
}

/** Contacts of the leads that were asked for, in their order, and where the next page begins. */
export function leadsFinder(db: Database, texts: Texts) {
  const read = db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM edges JOIN events ON events.visitor = edges.visitor
         AND kind = ${EVENT_KINDS.indexOf('page')} AND a = ?
         AND id_ms + lag >= from_at AND (to_at IS NULL OR id_ms + lag < to_at)
       WHERE edges.contact = ?)`,
    )
    .pluck()

  return (asked: LeadsAsked): { contacts: number[]; next: LeadPlace | null } => {
    const { page, limit, source } = asked
    const path = page === undefined ? undefined : texts.find(page)
    const touch = source === undefined ? undefined : texts.find(source)
    // What nobody ever read or came by is no text.
    if ((page !== undefined && path === undefined) || (source !== undefined && touch === undefined))
      return { contacts: [], next: null }
    const { sql, values } = statementOf(asked, touch)
    const contacts: number[] = []
    let last: LeadPlace | undefined
    let looked = 0
    for (const row of db.prepare(sql).iterate(values) as Iterable<LeadPlace>) {
      if (contacts.length === limit || looked === MOST_LOOKED_THROUGH) return { contacts, next: last! }
      last = row
      if (path !== undefined) {
        looked++
        if (read.get(path, row.contact) === 0) continue
      }
      contacts.push(row.contact)
    }
    return { contacts, next: null }
  }
}

function statementOf(asked: LeadsAsked, touch: number | undefined) {
  const { site, stages, engagement, fit, seen, owner, text, sort, descending, after } = asked
  const column = SORTS[sort]
  const ofContacts = OF_CONTACTS.has(sort)
  const where = [ofContacts ? 'contacts.site = @site' : 'leads.site = @site']
  const values: Record<string, unknown> = { site }
  const bound = (name: string, condition: string, value: unknown) => {
    if (value === undefined) return
    where.push(condition)
    values[name] = value
  }
  if (stages.length > 0) {
    where.push(`leads.stage IN (${stages.map((_, i) => `@stage${i}`).join(', ')})`)
    stages.forEach((stage, i) => {
      values[`stage${i}`] = stage
    })
  }
  bound('leastEngagement', 'leads.engagement >= @leastEngagement', engagement?.min)
  bound('mostEngagement', 'leads.engagement <= @mostEngagement', engagement?.max)
  bound('leastFit', 'leads.fit >= @leastFit', fit?.min)
  bound('mostFit', 'leads.fit <= @mostFit', fit?.max)
  bound('seenFrom', 'leads.last_at >= @seenFrom', seen?.from)
  bound('seenTo', 'leads.last_at <= @seenTo', seen?.to)
  bound('touch', 'milestones.source = @touch', touch)
  if (owner === null) where.push('contacts.owner IS NULL')
  else bound('owner', 'contacts.owner = @owner', owner)
  if (text !== undefined) {
    const looked = spellings(text).map((spelling, i) => {
      values[`text${i}`] = patternOf(spelling)
      // As it stands among the traits.
      values[`json${i}`] = patternOf(JSON.stringify(spelling).slice(1, -1))
      const like = `LIKE @text${i} ESCAPE '\\'`
      const inNames = NAMES.map((name) => `contacts.traits ->> '$.${name}' ${like}`)
      return `${LIKE.map((name) => `${name} ${like}`).join(' OR ')} OR (contacts.traits LIKE @json${i} ESCAPE '\\' AND (${inNames.join(' OR ')}))`
    })
    where.push(`(${looked.join(' OR ')})`)
  }
  if (after) {
    where.push(`(${column}, leads.contact) ${descending ? '<' : '>'} (@value, @contact)`)
    values.value = after.value
    values.contact = after.contact
  }
  const direction = descending ? 'DESC' : 'ASC'
  const needsContact = owner !== undefined || text !== undefined
  const from = ofContacts
    ? 'contacts CROSS JOIN leads ON leads.contact = contacts.no'
    : `leads${needsContact ? ' CROSS JOIN contacts ON contacts.no = leads.contact' : ''}`
  const order = `${column} ${direction}, leads.contact ${direction}`
  return {
    sql: `SELECT ${column} AS value, leads.contact AS contact FROM ${from}
      ${touch === undefined ? '' : 'CROSS JOIN milestones ON milestones.contact = leads.contact'}
      WHERE ${where.join(' AND ')} ORDER BY ${order}`,
    values,
  }
}

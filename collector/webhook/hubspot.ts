import type { Stage } from '../../shared/lead.ts'
import type { LeadMessage, WebhookPayload } from '../../shared/messages.ts'
import type { Person } from './words.ts'

/** HubSpot's own names of lifecycle stages; it moves nobody back. */
const LIFECYCLE: Partial<Record<Stage, string>> = {
  lead: 'lead',
  mql: 'marketingqualifiedlead',
  sql: 'salesqualifiedlead',
  opportunity: 'opportunity',
  customer: 'customer',
}
/** And of `hs_lead_status`, its default options. */
const STATUS: Partial<Record<LeadMessage['type'], string>> = {
  'lead.sql': 'NEW',
  'lead.accepted': 'IN_PROGRESS',
  'lead.rejected': 'UNQUALIFIED',
  'lead.opportunity': 'OPEN_DEAL',
  'lead.disqualified': 'UNQUALIFIED',
}

/**
 * The body of HubSpot's `POST /crm/v3/objects/contacts/batch/upsert`, by e-mail, with its default properties alone: an
 * account refuses a property that it does not have. Null where the message is of no lead, or no e-mail is known.
 */
export function hubspotBody(payload: WebhookPayload, person: Person | undefined): string | null {
  if (!isOfLead(payload) || !person?.email) return null
  const { data, type } = payload
  const { firstName, lastName, title } = person.traits
  const [first, ...rest] = (person.name ?? '').split(' ')
  const status = data.reason === 'bad_timing' ? 'BAD_TIMING' : STATUS[type]
  const properties: Record<string, string> = { email: person.email }
  const put = (name: string, value: unknown) => {
    if (typeof value === 'string' && value !== '') properties[name] = value
  }
  put('firstname', firstName ?? first)
  put('lastname', lastName ?? rest.join(' '))
  put('jobtitle', title)
  put('company', person.company)
  put('phone', person.phone)
  put('lifecyclestage', LIFECYCLE[data.to])
  put('hs_lead_status', status)
  return JSON.stringify({ inputs: [{ idProperty: 'email', id: person.email, properties }] })
}

export const isOfLead = (payload: WebhookPayload): payload is LeadMessage => payload.type.startsWith('lead.')

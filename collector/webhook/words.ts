/** What a message says to a person: for chat and mail. Pure. */
import type { LeadMessage, WebhookPayload, WeekFigures, WeeklyMessage } from '../../shared/messages.ts'

/** Of whom a message is, as known when it is sent: the outbox itself holds ids alone. */
export interface Person {
  name: string | null
  email: string | null
  company: string | null
  phone: string | null
  traits: Record<string, unknown>
}

export interface Words {
  /** One line. */
  title: string
  /** What it says, a paragraph each. */
  lines: string[]
  /** Short facts beside it. */
  facts: [name: string, value: string][]
}

export function wordsOf(payload: WebhookPayload, person: Person | undefined): Words {
  switch (payload.type) {
    case 'contact.merged':
      return {
        title: 'Records became one',
        lines: [`${payload.data.merged.join(', ')} answer as ${payload.data.id} from now on.`],
        facts: [['Site', payload.data.site]],
      }
    case 'contact.erased':
      return {
        title: 'A person was erased',
        lines: [`Erase what you hold of ${[payload.data.id, ...payload.data.merged].join(', ')}.`],
        facts: [['Site', payload.data.site]],
      }
    case 'report.weekly':
      return weekly(payload)
    case 'webhook.test':
      return { title: 'Test of a webhook', lines: [payload.data.text], facts: [] }
    default:
      return ofLead(payload, person)
  }
}

const TITLES: Record<LeadMessage['type'], string> = {
  'lead.created': 'New lead',
  'lead.mql': 'MQL',
  'lead.sql': 'SQL',
  'lead.demoted': 'Moved down',
  'lead.accepted': 'Accepted by sales',
  'lead.rejected': 'Rejected by sales',
  'lead.recycled': 'Recycled',
  'lead.opportunity': 'Opportunity',
  'lead.won': 'Won',
  'lead.lost': 'Lost',
  'lead.disqualified': 'Disqualified',
  'lead.restored': 'Restored',
  'lead.sla_breached': 'Not answered in time',
}

function ofLead({ type, data }: LeadMessage, person: Person | undefined): Words {
  const who = [person?.name ?? person?.email ?? data.id, person?.company].filter((part) => part != null)
  const facts: Words['facts'] = [
    ['Site', data.site],
    ['Stage', data.from === data.to ? data.to : `${data.from} to ${data.to}`],
    ['Engagement', String(data.engagement)],
  ]
  if (person?.email) facts.push(['E-mail', person.email])
  if (person?.phone) facts.push(['Phone', person.phone])
  if (data.by !== undefined) facts.push(['By', data.by])
  if (data.value !== undefined) facts.push(['Value', String(data.value)])
  facts.push(['Lead', data.id])
  return {
    title: `${TITLES[type]}: ${who.join(', ')}`,
    lines: [data.why, ...(data.nextStep === '' ? [] : [`Next step: ${data.nextStep}`])],
    facts,
  }
}

const NAMES: [keyof WeekFigures, string][] = [
  ['visitors', 'Visitors'],
  ['visits', 'Visits'],
  ['pageViews', 'Page views'],
  ['leads', 'New leads'],
  ['mqls', 'MQLs'],
  ['sqls', 'SQLs'],
  ['accepted', 'Accepted'],
  ['won', 'Won'],
  ['lost', 'Lost'],
]

function weekly({ data }: WeeklyMessage): Words {
  const { week, before, topPages, topSources, stages } = data
  const listed = (rows: string[]) => (rows.length === 0 ? 'none' : rows.join(', '))
  return {
    title: `Week of ${data.site}: ${data.from} to ${data.to}`,
    lines: [
      `Pages read most: ${listed(topPages.map(({ path, views }) => `${path} (${views})`))}`,
      `Visits came from: ${listed(topSources.map(({ source, visits }) => `${source} (${visits})`))}`,
      `Now ${stages.lead} leads, ${stages.mql} MQLs, ${stages.sql} SQLs, ${stages.opportunity} opportunities, ${stages.customer} customers.`,
    ],
    facts: NAMES.map(([name, label]) => [label, `${week[name]} (${change(week[name], before[name])})`]),
  }
}

function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? 'as before' : 'none before'
  const percent = Math.round((100 * (now - before)) / before)
  return percent === 0 ? 'as before' : `${percent > 0 ? '+' : ''}${percent} %`
}

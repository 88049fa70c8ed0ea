import type { CompanyAnswer, CompanyListItem, LeadListItem, Page } from '../../shared/api.ts'
import { STAGES_BY_STRENGTH, type Transition } from '../../shared/lead.ts'
import type {
  CompanyCursor,
  ListedCompany,
  ListedLead,
  NotedTransition,
  StateReader,
} from '../store/reader.ts'
import type { Site } from '../store/store.ts'

/** People shown of one company; of more, the strongest. */
const MAX_PEOPLE = 500
const TOP_PAGES = 20
/** Whose moves are told, and how many. */
const MOVERS = 50
const MOVES = 100

/** The companies of a site whose people left their name: the strongest stage first, then the most engaged. */
export function companyList(
  state: StateReader,
  site: Site,
  limit: number,
  cursor?: string,
): Page<CompanyListItem> {
  const rows = state.companies(site.no, limit + 1, readCursor(cursor))
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const next = rows.length > limit && last ? `${last.strength}.${last.engagement}.${last.key}` : null
  return { items: summed(state, site, page), next }
}

/** One company with its people and what they read; undefined where nobody is of it. */
export function companyAnswer(
  state: StateReader,
  site: Site,
  key: string,
  item: (row: ListedLead) => LeadListItem,
  move: (row: NotedTransition) => Transition,
): CompanyAnswer | undefined {
  const row = state.company(site.no, key)
  if (!row) return undefined
  const strongest = state.companyPeople(site.no, key, MAX_PEOPLE)
  const people = strongest.map((person) => ({ ...item(person), role: roleOf(person.contact.traits) }))
  const moves = strongest.slice(0, MOVERS).flatMap(({ contact }) =>
    state
      .transitions(contact.no)
      .filter(({ supersededBy }) => supersededBy === null)
      .map((row) => ({ lead: contact.id, ...move(row) })),
  )
  return {
    ...summed(state, site, [row])[0]!,
    people,
    topPages: state.companyPages(site.no, key, TOP_PAGES),
    // One form can make two steps in one moment: what was noted later is the later.
    moves: moves
      .sort((a, b) => Date.parse(b.effectiveAt) - Date.parse(a.effectiveAt) || b.id - a.id)
      .slice(0, MOVES),
  }
}

function summed(state: StateReader, site: Site, rows: ListedCompany[]): CompanyListItem[] {
  const keys = rows.map(({ key }) => key)
  const totals = state.companyTotals(site.no, keys)
  const names = state.companyNames(site.no, keys)
  return rows.map(({ key, people, strength, lastAt }) => {
    const { visits = 0, views = 0, engagedMs = 0 } = totals.get(key) ?? {}
    return {
      key,
      site: site.id,
      // Who says no name has the domain in its place, however many they are.
      name: names.find(({ company, name }) => company === key && name !== key)?.name ?? key,
      peopleCount: people,
      stage: STAGES_BY_STRENGTH[strength]!,
      visits,
      pageViews: views,
      engagedMs,
      lastSeenAt: new Date(lastAt).toISOString(),
    }
  })
}

function roleOf({ title, role }: Record<string, unknown>): string | null {
  for (const said of [title, role]) if (typeof said === 'string' && said !== '') return said
  return null
}

function readCursor(cursor: string | undefined): CompanyCursor | undefined {
  const [, strength, engagement, key] = /^(\d)\.(-?\d{1,15})\.(.+)$/.exec(cursor ?? '') ?? []
  return key === undefined ? undefined : { strength: Number(strength), engagement: Number(engagement), key }
}

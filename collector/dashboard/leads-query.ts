import * as v from 'valibot'
import { type LeadSort, STAGES, type Stage } from '../../shared/lead.ts'
import { LeadsQuery as ApiQuery } from '../api/queries.ts'
import type { LeadsQuery } from '../read.ts'

/** Rows of a page of the list: a screen and a half. */
export const LEADS_A_PAGE = 50

/** What the list can be narrowed by, as its address and the API name it. */
export const FILTERS = [
  'q',
  'source',
  'page',
  'minEngagement',
  'maxEngagement',
  'minFit',
  'maxFit',
  'seenFrom',
  'seenTo',
  'owner',
  'segment',
] as const
export type Filter = (typeof FILTERS)[number]

/** A list as its address says it: filters, order and tab as text, and what they ask. */
export interface Asked {
  site: string
  stage: Stage | undefined
  filters: Partial<Record<Filter, string>>
  sort: string
  query: LeadsQuery
  /** Whether these are the first ones of the list. */
  first: boolean
  /** What could not be understood of the address, a sentence; the list is then that without filters. */
  problem: string | undefined
}

export const LISTED = STAGES.filter((stage) => stage !== 'visitor')
const DEFAULT_SORT = '-engagement'

/** Reads the address of a list. A stage without a list is that of all. */
export function askedOf(site: string, params: URLSearchParams): Asked {
  const stage = LISTED.find((one) => one === params.get('stage'))
  const filters: Asked['filters'] = {}
  for (const name of FILTERS) {
    const value = params.get(name)?.trim()
    // A form sends empty texts for what was not filled in; an owner of no name is nobody.
    if (value) filters[name] = value
  }
  if (params.get('owner') === '-') filters.owner = '-'
  const sort = params.get('sort') || DEFAULT_SORT
  const cursor = params.get('cursor') ?? undefined
  const parsed = v.safeParse(ApiQuery, {
    ...filters,
    ...(filters.owner === '-' && { owner: '' }),
    sort,
  })
  const about = { site, limit: LEADS_A_PAGE, ...(stage && { stage }) }
  if (!parsed.success)
    return {
      ...{ site, stage, filters: {}, sort: DEFAULT_SORT, first: true },
      query: about,
      problem: parsed.issues[0].message,
    }
  const { limit: _, cursor: __, site: ___, ...asked } = parsed.output
  return {
    ...{ site, stage, filters, sort, first: cursor === undefined, problem: undefined },
    query: { ...asked, ...about, ...(cursor !== undefined && { cursor }) },
  }
}

type Change = Partial<Record<Filter | 'stage' | 'sort', string | undefined>>

/** The address of the list with something changed: undefined takes it away. `path` is the page's or the API's. */
export function leadsUrl(
  { site, stage, filters, sort }: Pick<Asked, 'site' | 'stage' | 'filters' | 'sort'>,
  change: Change = {},
  path = '/leads',
): string {
  const all: Change = { stage, ...filters, ...(sort !== DEFAULT_SORT && { sort }), ...change }
  const url = new URLSearchParams({ site })
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.set(name, value)
  return `${path}?${url}`
}

/** Of these the first of the alphabet come first, and those who have waited longest. */
const UPWARDS: ReadonlySet<LeadSort> = new Set(['name', 'stageSince'])

/** The order that a click on a column's title leads to: the greatest first unless said, at the second click the others. */
export const sortOf = (asked: Asked, column: LeadSort) => ({
  href: leadsUrl(asked, { sort: nextSort(asked.sort, column) }),
  now:
    asked.sort === `-${column}`
      ? ('descending' as const)
      : asked.sort === column
        ? ('ascending' as const)
        : undefined,
})

function nextSort(now: string, column: LeadSort): string {
  const [first, second] = UPWARDS.has(column) ? [column, `-${column}`] : [`-${column}`, column]
  return now === first ? second : first
}

import { LEAD_SORTS, type LeadSort, STAGES } from '../../shared/lead.ts'
import type { CompiledRules } from '../lead/rules.ts'
import type { LeadsQuery } from '../read.ts'
import type { LeadPlace, LeadsAsked } from '../store/reader.ts'
import type { Site } from '../store/store.ts'
import type { Zone } from '../zone.ts'
import type { When } from './stats.ts'

/** What a query of leads asks of the state; undefined where nobody can be meant. */
export function leadsAsked(
  query: LeadsQuery,
  site: Site,
  zone: Zone,
  rules: CompiledRules,
): LeadsAsked | undefined {
  const { stage, segment, source, page, q, sort = '-engagement', limit, cursor } = query
  const named = stage === undefined ? [] : [stage].flat()
  const inSegment =
    segment === undefined ? undefined : STAGES.filter((one) => rules.stages[one].segments.includes(segment))
  const stages = inSegment ? inSegment.filter((one) => named.length === 0 || named.includes(one)) : named
  if (inSegment && stages.length === 0) return undefined
  const descending = sort.startsWith('-')
  const by = LEAD_SORTS.find((one) => one === sort.replace('-', ''))!
  return {
    site: site.no,
    stages,
    engagement: bounds(hundredths(query.minEngagement), hundredths(query.maxEngagement)),
    fit: bounds(query.minFit, query.maxFit),
    ...(source !== undefined && { source }),
    ...(page !== undefined && { page }),
    seen: {
      ...(query.seenFrom !== undefined && { from: beginning(query.seenFrom, zone) }),
      ...(query.seenTo !== undefined && { to: ending(query.seenTo, zone) }),
    },
    ...(query.owner !== undefined && { owner: query.owner === '' ? null : query.owner }),
    ...(q !== undefined && { text: q }),
    sort: by,
    descending,
    limit,
    after: placeOf(by, descending, cursor),
  }
}

const hundredths = (points: number | undefined) =>
  points === undefined ? undefined : Math.round(points * 100)

const bounds = (min: number | undefined, max: number | undefined) => ({
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
})

const beginning = (when: When, zone: Zone): number =>
  typeof when === 'number' ? when : zone.startOf(when.day)
const ending = (when: When, zone: Zone): number =>
  typeof when === 'number' ? when : zone.startOf(when.day + 1) - 1

/** Names the order that it is a place of: in another it says nothing. */
export const cursorOf = (
  { sort, descending }: Pick<LeadsAsked, 'sort' | 'descending'>,
  { value, contact }: LeadPlace,
): string => {
  const text = typeof value === 'string' ? Buffer.from(value).toString('base64url') : value
  return `${descending ? '-' : ''}${sort}.${text}.${contact}`
}

const NUMBER = /^-?\d{1,16}(\.\d{1,20})?$/

function placeOf(sort: LeadSort, descending: boolean, cursor: string | undefined): LeadPlace | undefined {
  const [, order, told = '', contact] = /^(-?[a-zA-Z]+)\.([\w.-]*)\.(\d{1,15})$/.exec(cursor ?? '') ?? []
  if (order !== `${descending ? '-' : ''}${sort}`) return undefined
  if (sort === 'name')
    return { value: Buffer.from(told, 'base64url').toString('utf8'), contact: Number(contact) }
  return NUMBER.test(told) ? { value: Number(told), contact: Number(contact) } : undefined
}

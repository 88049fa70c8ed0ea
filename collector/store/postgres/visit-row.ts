import type { Visit } from '../../lead/state.ts'
import type { Profile, Visitor } from '../store.ts'
import type { Column } from './lists.ts'

export const VISIT_COLUMNS = `start_at AS "startAt", end_at AS "endAt", views, engaged_ms AS "engagedMs", actions,
  entry AS "entryPath", exit AS "exitPath", referrer, query`

/** What an event may change of a visit that goes on. */
export const VISIT_GROWING: Column<Visit>[] = [
  ['start_at', ({ startAt }) => startAt],
  ['end_at', ({ endAt }) => endAt],
  ['views', ({ views }) => views],
  ['engaged_ms', ({ engagedMs }) => engagedMs],
  ['actions', ({ actions }) => actions],
  ['exit', ({ exitPath }) => exitPath],
]

export const VISIT_LISTS: Column<Visit>[] = [
  ...VISIT_GROWING,
  ['entry', ({ entryPath }) => entryPath],
  ['referrer', ({ referrer }) => referrer],
  ['query', ({ query }) => query && JSON.stringify(query)],
]

/** Whether nothing but `VISIT_GROWING` is another than it was. */
export const isGrownVisit = (before: Visit, after: Visit): boolean =>
  after.query === before.query && after.referrer === before.referrer && after.entryPath === before.entryPath

export function fromVisitRow({ query, ...visit }: Omit<Visit, 'query'> & { query: string | null }): Visit {
  return { ...visit, query: query === null ? null : JSON.parse(query) }
}

/** Columns of `visitors`, which bears the name `as`. */
export const visitorColumns = (as = 'visitors'): string =>
  `${as}.no, ${as}.site, ${as}.key, ${as}.first_at AS "firstAt", ${as}.last_at AS "lastAt", ${as}.last_id_ms AS "lastIdMs",
   ${as}.last_id_key AS "lastIdKey", ${as}.max_id_ms AS "maxIdMs", ${as}.contact, ${as}.visit_start AS "visitStart", ${as}.profile`

/** What an event may change of a visitor who comes again, and its key. */
export const VISITOR_GROWING: Column<Visitor>[] = [
  ['site', ({ site }) => site],
  ['no', ({ no }) => no],
  ['last_at', ({ lastAt }) => lastAt],
  ['last_id_ms', ({ lastIdMs }) => lastIdMs],
  ['last_id_key', ({ lastIdKey }) => lastIdKey],
  ['max_id_ms', ({ maxIdMs }) => maxIdMs],
  ['visit_start', ({ visitStart }) => visitStart],
]

export const VISITOR_LISTS: Column<Visitor>[] = [
  ...VISITOR_GROWING,
  ['key', ({ key }) => key],
  ['first_at', ({ firstAt }) => firstAt],
  ['contact', ({ contact }) => contact],
  ['profile', ({ profile }) => profile && profileText(profile)],
]

/** Whether nothing but `VISITOR_GROWING` is another than it was. */
export const isGrownVisitor = (before: Visitor, after: Visitor): boolean =>
  after.profile === before.profile &&
  after.contact === before.contact &&
  after.firstAt === before.firstAt &&
  after.key === before.key

export type VisitorRow = Omit<Visitor, 'profile'> & { profile: string | null }

export function fromVisitorRow({ profile, ...visitor }: VisitorRow): Visitor {
  return { ...visitor, profile: profile === null ? null : profileOf(profile) }
}

const profileText = ({ agent, language, screen, country }: Profile): string =>
  JSON.stringify([agent, language, screen, country])

export function profileOf(text: string): Profile {
  const [agent, language, screen, country] = JSON.parse(text)
  return { agent, language, screen, country }
}

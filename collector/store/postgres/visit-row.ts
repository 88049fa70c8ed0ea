import type { Visit } from '../../lead/state.ts'
import type { Profile, Visitor } from '../store.ts'

type Row = Record<string, unknown>

export const VISIT_COLUMNS = `start_at AS "startAt", end_at AS "endAt", views, engaged_ms AS "engagedMs", actions,
  entry AS "entryPath", exit AS "exitPath", referrer, query`

export const toVisitRow = (visit: Visit): Row => ({
  start_at: visit.startAt,
  end_at: visit.endAt,
  views: visit.views,
  engaged_ms: visit.engagedMs,
  actions: visit.actions,
  entry: visit.entryPath,
  exit: visit.exitPath,
  referrer: visit.referrer,
  query: visit.query && JSON.stringify(visit.query),
})

export function fromVisitRow({ query, ...visit }: Omit<Visit, 'query'> & { query: string | null }): Visit {
  return { ...visit, query: query === null ? null : JSON.parse(query) }
}

/** Columns of `visitors`, which bears the name `as`. */
export const visitorColumns = (as = 'visitors'): string =>
  `${as}.no, ${as}.site, ${as}.key, ${as}.first_at AS "firstAt", ${as}.last_at AS "lastAt", ${as}.last_id_ms AS "lastIdMs",
   ${as}.last_id_key AS "lastIdKey", ${as}.max_id_ms AS "maxIdMs", ${as}.contact, ${as}.visit_start AS "visitStart", ${as}.profile`

export const toVisitorRow = (visitor: Visitor): Row => ({
  no: visitor.no,
  site: visitor.site,
  key: visitor.key,
  first_at: visitor.firstAt,
  last_at: visitor.lastAt,
  last_id_ms: visitor.lastIdMs,
  last_id_key: visitor.lastIdKey,
  max_id_ms: visitor.maxIdMs,
  contact: visitor.contact,
  visit_start: visitor.visitStart,
  profile: visitor.profile && profileText(visitor.profile),
})

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

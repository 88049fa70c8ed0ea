import type { Profile, Visitor } from '../store.ts'
import type { Texts } from './texts.ts'

/**
 * The row of a visitor. Its clocks but the first are distances, which take two to four bytes where a clock takes six:
 * a site that only measures has a visitor for every few events.
 */
export interface VisitorRow {
  no: number
  site: number
  key: string
  firstAt: number
  /** `lastAt` less `firstAt`. */
  lastAfter: number
  /** `lastAt` less the ms of that event's id. */
  lastLag: number
  lastIdKey: number
  /** `lastAt` less the greatest ms of an id. */
  maxLag: number
  contact: number | null
  /** `lastAt` less the start of the latest visit. */
  visitAgo: number | null
  /** Number of a text: JSON of its values in their order. */
  profile: number | null
}

export const VISITOR_COLUMNS = `no, site, key, first_at AS firstAt, last_after AS lastAfter, last_lag AS lastLag,
  last_id_key AS lastIdKey, max_lag AS maxLag, contact, visit_ago AS visitAgo, profile`

export function toVisitorRow(visitor: Visitor, texts: Texts): VisitorRow {
  const { no, site, key, firstAt, lastAt, lastIdMs, lastIdKey, maxIdMs, contact, visitStart, profile } =
    visitor
  return {
    no,
    site,
    key,
    firstAt,
    lastAfter: lastAt - firstAt,
    lastLag: lastAt - lastIdMs,
    lastIdKey,
    maxLag: lastAt - maxIdMs,
    contact,
    visitAgo: visitStart === null ? null : lastAt - visitStart,
    profile: profile && texts.noOf(profile, toText),
  }
}

export function fromVisitorRow(row: VisitorRow, texts: Texts): Visitor {
  const { no, site, key, firstAt, lastIdKey, contact, visitAgo, profile } = row
  const lastAt = firstAt + row.lastAfter
  return {
    no,
    site,
    key,
    firstAt,
    lastAt,
    lastIdMs: lastAt - row.lastLag,
    lastIdKey,
    maxIdMs: lastAt - row.maxLag,
    contact,
    visitStart: visitAgo === null ? null : lastAt - visitAgo,
    profile: profile === null ? null : fromText(texts.text(profile)),
  }
}

const toText = ({ agent, language, screen, country }: Profile): string =>
  JSON.stringify([agent, language, screen, country])

export function fromText(text: string): Profile {
  const [agent, language, screen, country] = JSON.parse(text)
  return { agent, language, screen, country }
}

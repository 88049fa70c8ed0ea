/**
 * The visitor's cookie as the collector sets it, by a site's option: it outlives the seven days for which Safari keeps
 * what scripts store. https://webkit.org/tracking-prevention/#intelligent-tracking-prevention-itp
 */
import { parse } from 'tldts'
import { FLAG } from '../shared/protocol.ts'
import type { RequestFacts } from './accept.ts'
import type { Beacon } from './parse.ts'

/** As long as the script's own: 389 days, see `snippet/identify.ts`. */
const MAX_AGE_S = 33_600_000

/**
 * The `Set-Cookie` for the answer to a beacon of a site with that option; undefined where none is to be set. `kept` is
 * the visitor's key as it was accepted, undefined where nothing was: only an id that consent allows is put into a
 * cookie, and a no takes it out again. Only for pages beside the collector, under one registrable domain: nobody
 * else's page may hand an id to a visitor. The script reads it, so it is not HttpOnly.
 */
export function visitorCookie(
  beacon: Beacon,
  kept: string | undefined,
  facts: RequestFacts,
): string | undefined {
  const domain = sharedDomain(facts.origin, facts.host)
  if (domain === undefined) return undefined
  const isOver = (beacon.flags & (FLAG.refused | FLAG.optOut | FLAG.privacy)) !== 0
  if (!isOver && (beacon.visitor === null || kept !== beacon.visitor)) return undefined
  const [value, age] = isOver ? ['0', 0] : [beacon.visitor, MAX_AGE_S]
  return `leadwake_visitor=${value}; Path=/;${domain} Max-Age=${age}; Secure; SameSite=Lax`
}

/** The cookie's `Domain` for a page and its collector, empty where they are one host; undefined where they share none. */
function sharedDomain(origin: string | undefined, host: string | undefined): string | undefined {
  const page = URL.parse(origin ?? '')?.hostname
  const own = URL.parse(`http://${host}`)?.hostname
  if (!page || !own) return undefined
  if (page === own) return ''
  const [a, b] = [page, own].map((name) => parse(name, { allowPrivateDomains: true }).domain)
  return a != null && a === b ? ` Domain=${a};` : undefined
}

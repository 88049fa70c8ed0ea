/**
 * `GET /v1/in`: beacons where no script runs, as the address of an image. Of a page, `?s=SITE` (and `u`, its address,
 * where the browser says no more than its host); of an e-mail that was opened, `?s=SITE&o=TOKEN`.
 */
import type { RequestFacts } from './accept.ts'
import { openHolds } from './claims.ts'
import { type CollectAnswer, type CollectDeps, take, tooMany } from './collect.ts'
import { ENTRY_VERSION } from './entry.ts'
import { eventKey } from './event-key.ts'
import { parse } from './parse.ts'

/** One transparent pixel. */
export const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

export interface ImageDeps extends CollectDeps {
  newId: () => string
}

/** Takes what an image's address says. Answers as `collect` does. */
export function collectImage(
  query: Record<string, string>,
  referer: string | undefined,
  facts: RequestFacts,
  deps: ImageDeps,
): CollectAnswer | Promise<CollectAnswer> {
  const many = tooMany(facts, deps)
  if (many) return many
  return query.o === undefined
    ? pageWithoutScript(query, referer, facts, deps)
    : openedMail(query, query.o, facts, deps)
}

/** A page view in measure mode: without a script nobody was asked. */
function pageWithoutScript(
  query: Record<string, string>,
  referer: string | undefined,
  facts: RequestFacts,
  deps: ImageDeps,
): CollectAnswer | Promise<CollectAnswer> {
  const { receivedAt: at } = facts
  const page = ['p', ownId(at, deps.newId()), at, query.u || referer, query.t, query.r]
  const parsed = parse(JSON.stringify({ s: query.s, t: at, e: [page] }))
  if (!parsed.ok) {
    deps.counts.reject('malformed')
    const field = parsed.field.startsWith('e[0]') ? 'u' : parsed.field
    return { status: 400, field, problem: field === 'u' ? 'must be the address of the page' : parsed.problem }
  }
  // An image is asked for without an Origin; where it stands is said by the Referer.
  return take(parsed.beacon, { ...facts, origin: facts.origin ?? originOf(referer) }, deps)
}

/**
 * No bot check: what asks for the images of a mail is mostly the proxy of a mail service, on behalf of its reader.
 * The mail's id makes it count once.
 */
function openedMail(
  { s: site = '' }: Record<string, string>,
  token: string,
  { receivedAt: at }: RequestFacts,
  { memory, counts, log }: ImageDeps,
): CollectAnswer | Promise<CollectAnswer> {
  if (!memory.site(site)) {
    counts.drop('unknown-site', 1)
    return { status: 202, dropped: 'unknown-site' }
  }
  const secret = memory.secret(site)
  const opened = secret === undefined ? undefined : openHolds(secret, site, token)
  if (!opened) {
    counts.drop('bad-signature', 1, site)
    return { status: 202, dropped: 'bad-signature' }
  }
  const signal = { id: eventKey(`email_open:${opened.mail}`), name: 'email_open' as const, at }
  return log
    .append({ kind: 'signal', v: ENTRY_VERSION, site, items: [{ contact: opened.contact, signal }] })
    .then(() => ({ status: 204 }))
}

/** An id in the script's form: thirteen digits of the clock in ms, nine that are random. */
function ownId(at: number, uuid: string): string {
  const random = Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16) % 1e9
  return `${at}`.padStart(13, '0') + `${random}`.padStart(9, '0')
}

function originOf(referer: string | undefined): string | undefined {
  return /^[a-z][a-z\d+.-]*:\/\/[^/?#]+/i.exec(referer ?? '')?.[0]
}

/** Decides whether a beacon is taken, and turns it into the entry that the log keeps. Reads only memory. */
import type { Consent } from '../shared/lead.ts'
import { FLAG } from '../shared/protocol.ts'
import { isAddress } from './address.ts'
import type { Agent } from './agent.ts'
import { claimHolds } from './claims.ts'
import type { CleanTexts } from './clean-texts.ts'
import type { Note } from './counts.ts'
import { isDownload } from './downloads.ts'
import { type BeaconEntry, type Claim, ENTRY_VERSION, type Entry } from './entry.ts'
import { engageKey, eventKey } from './event-key.ts'
import type { TrackedEvent } from './lead/state.ts'
import type { Beacon, BeaconEvent } from './parse.ts'
import { refusal } from './refuse.ts'
import type { SameAdd } from './same-add.ts'
import { scrubAddress, scrubText } from './scrub.ts'

/** Why a well-formed beacon is not kept; the names are the values of `x-leadwake-dropped`. */
export type DropReason =
  | 'unknown-site'
  | 'opt-out'
  | 'no-user-agent'
  | 'bot'
  | 'webdriver'
  | 'staff'
  | 'data-centre'
  | 'referrer-spam'
  | 'wrong-origin'
  | 'not-a-download'
  | 'same-add'
  | 'no-address'
  | 'no-consent'
  | 'bad-signature'
  | 'suppressed'

export interface RequestFacts {
  receivedAt: number
  ip: string
  userAgent: string | undefined
  /** `Origin` header. */
  origin: string | undefined
  /** `Host` header. */
  host?: string | undefined
  /** `Sec-GPC: 1` or `DNT: 1`. */
  privacy: boolean
  /** Somebody's `X-Forwarded-For` came over a private address that is no trusted proxy. */
  hidden?: boolean
  /** `Accept-Language` header. */
  languages: string | undefined
}

export interface SiteFacts {
  consent: 'required' | 'given'
  /** Host names whose pages may send; empty allows all. */
  hosts: string[]
  /** What its script takes on. */
  with?: string[]
}

export interface AcceptMemory {
  site(id: string): SiteFacts | undefined
  agent(userAgent: string | undefined): Agent
  /** Why an address is refused: it is the operator's own people's, or a data centre's. */
  net(ip: string): 'staff' | 'data-centre' | undefined
  /** What becomes of beacons of browsers that a program drives. */
  webdriver: 'refuse' | 'count'
  /** The secret by which a site signs who a visitor is. */
  secret(site: string): string | undefined
  /** ISO code of the country that an address is in; null where that is not known. */
  country(ip: string): string | null
  /** An id for a contact that nobody knows yet. */
  newId(): string
  /** Whether a cart add was told before, in another way. */
  sameAdd: SameAdd
  /** Whether somebody of that name was erased and stays away; absent where nobody ever is. */
  suppressed?(site: string, kind: 'visitor' | 'email' | 'phone' | 'external', value: string): boolean
  /** Texts that are known to hold no secret. */
  clean: CleanTexts
  /** Measure mode's visitor: a hash that nobody can reverse or repeat tomorrow. */
  measured(site: string, ip: string, userAgent: string, at: number): string
}

/** Events older than this by their own clocks are taken as this old. */
const MAX_AGE_MS = 7 * 86_400_000

/**
 * `left` are the events of the beacon that were not kept, each for its reason; `noted` what is to be counted besides.
 * `lastWord` is all that is kept of a visitor who ends all measuring: that it does.
 */
export type Accepted =
  | { entry: Entry & BeaconEntry; left: DropReason[]; noted: Note[] }
  | { drop: DropReason; lastWord?: Entry & BeaconEntry }

export function accept(beacon: Beacon, facts: RequestFacts, memory: AcceptMemory): Accepted {
  const site = memory.site(beacon.site)
  if (!site) return { drop: 'unknown-site' }
  if (beacon.flags & FLAG.optOut) {
    const { visitor } = beacon
    if (visitor === null) return { drop: 'opt-out' }
    const said = { kind: 'beacon', v: ENTRY_VERSION, site: beacon.site, visitor, agent: null } as const
    return { drop: 'opt-out', lastWord: { ...said, consent: 'opt-out', events: [] } }
  }
  const agent = memory.agent(facts.userAgent)
  const refused = refusal(beacon, facts, agent, memory)
  if (refused !== undefined) return { drop: refused }
  if (!hostAllowed(site.hosts, facts.origin)) return { drop: 'wrong-origin' }
  const said = consentOf(beacon.flags, facts)
  const visitor = visitorKey(beacon, site.consent, facts, memory)
  if (memory.suppressed?.(beacon.site, 'visitor', visitor)) return { drop: 'suppressed' }
  const events: TrackedEvent[] = []
  const claims: Claim[] = []
  const left: DropReason[] = []
  const noted: Note[] = said.unreadable ? ['unreadable-consent'] : []
  for (const event of beacon.events) {
    if (event.kind === 'identify') {
      const claim = claimed(event, beacon, visitor, facts, memory)
      if (typeof claim === 'string') left.push(claim)
      else {
        claims.push(claim)
        if (event.signature !== undefined && !claim.signed) noted.push('bad-signature')
      }
      continue
    }
    const at = happenedAt(event.at, beacon.sentAt, facts.receivedAt)
    const isTold = event.kind === 'cart' && memory.sameAdd(`${beacon.site} ${visitor}`, at, event.way)
    const kept = isTold ? 'same-add' : tracked(event, at, facts.origin, site.hosts, memory.clean)
    if (typeof kept === 'string') left.push(kept)
    else events.push(kept)
  }
  if (events.length === 0 && claims.length === 0) return { drop: left[0]! }
  const from = visitorBefore(beacon, visitor, facts, memory)
  // Filled in, not spread: each spread of nothing costs as much as a field.
  const entry: Entry & BeaconEntry = {
    kind: 'beacon',
    v: ENTRY_VERSION,
    site: beacon.site,
    visitor,
    agent: agent.label,
    events,
  }
  if (from !== undefined) entry.from = from
  profile(entry, beacon, facts, memory)
  if (said.consent !== undefined) entry.consent = said.consent
  if (said.consent === 'refused' && beacon.visitor !== null) entry.withdrew = beacon.visitor
  if (claims.length > 0) entry.claims = claims
  return { entry, left, noted }
}

/** What a beacon says of consent. A visitor cannot have said yes and no at once: that is taken as a no, and counted. */
function consentOf(flags: number, facts: RequestFacts): { consent?: Consent; unreadable: boolean } {
  const unreadable = (flags & FLAG.granted) !== 0 && (flags & FLAG.refused) !== 0
  if (flags & FLAG.refused) return { consent: 'refused', unreadable }
  if (flags & FLAG.granted) return { consent: 'granted', unreadable }
  return flags & FLAG.privacy || facts.privacy ? { consent: 'privacy', unreadable } : { unreadable }
}

/** Widths of screens, CSS px, below which they are of a class: phones, tablets, notebooks; wider ones are `wide`. */
const SCREENS: [below: number, name: string][] = [
  [600, 'small'],
  [1_024, 'medium'],
  [1_600, 'large'],
]

/** The class of a screen by its width, CSS px. */
export const screenOf = (width: number): string => SCREENS.find(([below]) => width < below)?.[1] ?? 'wide'

/** Fills in what is kept of the request itself beside its agent, coarse enough to tell nobody from another. */
function profile(
  entry: BeaconEntry,
  { screen }: Beacon,
  { ip, languages }: RequestFacts,
  memory: AcceptMemory,
): void {
  const language = languages === undefined ? undefined : /^ *([a-z]{2,3})\b/i.exec(languages)?.[1]
  const country = memory.country(ip)
  if (language !== undefined) entry.language = language.toLowerCase()
  if (screen !== null) entry.screen = screenOf(screen)
  if (country !== null) entry.country = country
}

/** What a browser says of who its visitor is; a signature that does not hold makes it no worse than none. */
function claimed(
  event: BeaconEvent & { kind: 'identify' },
  beacon: Beacon,
  visitor: string,
  facts: RequestFacts,
  memory: AcceptMemory,
): Claim | DropReason {
  if (visitor.startsWith('~')) return 'no-consent'
  if (!isAddress(event.email)) return 'no-address'
  if (memory.suppressed?.(beacon.site, 'email', event.email)) return 'suppressed'
  const { email, signature, expires } = event
  const secret = memory.secret(beacon.site)
  const signed =
    secret !== undefined &&
    signature !== undefined &&
    expires !== undefined &&
    claimHolds(secret, beacon.site, { email, signature, expires }, facts.receivedAt)
  return {
    email,
    at: happenedAt(event.at, beacon.sentAt, facts.receivedAt),
    signed,
    newContact: memory.newId(),
  }
}

function hostAllowed(hosts: string[], origin: string | undefined): boolean {
  if (hosts.length === 0) return true
  if (origin === undefined) return false
  const host = scrubAddress(origin).host
  return host !== null && hosts.includes(host)
}

function visitorKey(
  beacon: Beacon,
  consent: SiteFacts['consent'],
  facts: RequestFacts,
  memory: AcceptMemory,
): string {
  // The browser's wish for all sites gives way only to a yes on this one.
  const asks = (facts.privacy && !(beacon.flags & FLAG.granted)) || (beacon.flags & FLAG.privacy) !== 0
  // A copy of the script may be older than the site's setting: of the two the stricter wins.
  const unasked = beacon.flags & FLAG.given && !(beacon.flags & FLAG.granted)
  // A refusal still names the visitor that it ends, see `visitorBefore`.
  const refused = (beacon.flags & FLAG.refused) !== 0
  const measure = beacon.visitor === null || refused || asks || (unasked && consent === 'required')
  if (!measure) return beacon.visitor!
  return memory.measured(beacon.site, facts.ip, facts.userAgent ?? '', facts.receivedAt)
}

/**
 * The visitor that the browser was until consent changed in the middle of a page view, which goes along: after a yes
 * the day's measured one, after a no the one that ends. A page view that is older than its visitor's id began before
 * there was an id.
 */
function visitorBefore(
  { visitor: said, site, flags, events }: Beacon,
  visitor: string,
  { ip, userAgent = '', receivedAt }: RequestFacts,
  { measured }: AcceptMemory,
): string | undefined {
  if (said === null) return undefined
  if (flags & FLAG.refused) return said
  if (!(flags & FLAG.granted) || said !== visitor || eventKey(said).ms === 0) return undefined
  const isOlder = events.some(
    (event) => (event.kind === 'page' && event.id < said) || (event.kind === 'engage' && event.page < said),
  )
  return isOlder ? measured(site, ip, userAgent, receivedAt) : undefined
}

/** The server's time of an event: only the distance to the sending is the browser's word, so a wrong clock does no harm. */
function happenedAt(at: number, sentAt: number, receivedAt: number): number {
  return Math.min(receivedAt, Math.max(receivedAt - MAX_AGE_MS, receivedAt - (sentAt - at)))
}

/** The event as it is kept, or why it is not. `origin` is the page's. */
export function tracked(
  event: Exclude<BeaconEvent, { kind: 'identify' }>,
  at: number,
  origin: string | undefined,
  hosts: readonly string[],
  clean: CleanTexts,
): TrackedEvent | DropReason {
  switch (event.kind) {
    case 'page': {
      const { host, path, query } = scrubAddress(event.url, clean)
      // Filled in, not spread: most events are pages, and four spreads took a tenth of this file's time.
      const page: TrackedEvent & { kind: 'page' } = { kind: 'page', id: eventKey(event.id), at, path }
      if (query) page.query = query
      if (event.title !== undefined) page.title = scrubText(event.title, clean)
      // The browser sends also where its own pages lead from; nobody comes from the site itself, nor its other hosts.
      if (event.referrer !== undefined) {
        const from = scrubAddress(event.referrer, clean)
        if (from.host !== host && !hosts.includes(from.host ?? ''))
          page.referrer = foreignAddress(event.referrer, clean, from)
      }
      if (event.pageKind !== undefined) page.pageKind = scrubText(event.pageKind, clean)
      return page
    }
    case 'engage': {
      const page = eventKey(event.page)
      return {
        kind: 'engage',
        id: engageKey(page, event.ms, event.scroll),
        at,
        page,
        ms: event.ms,
        scroll: event.scroll,
      }
    }
    case 'download': {
      const address = scrubAddress(event.url, clean)
      const url = foreignAddress(event.url, clean)
      if (event.marked || isDownload(address.path))
        return { kind: 'download', id: eventKey(event.id), at, url }
      const host = origin === undefined ? null : scrubAddress(origin).host
      const elsewhere = host !== null && address.host !== null && address.host !== host
      return elsewhere ? { kind: 'outbound', id: eventKey(event.id), at, url } : 'not-a-download'
    }
    case 'cart': {
      const { product, quantity, price, currency } = event
      return {
        kind: 'cart',
        id: eventKey(event.id),
        at,
        product: scrubText(product, clean),
        quantity,
        ...(price !== undefined && { price }),
        ...(currency !== undefined && { currency }),
      }
    }
    case 'outbound':
      return { kind: 'outbound', id: eventKey(event.id), at, url: foreignAddress(event.url, clean) }
    case 'form':
      return {
        kind: 'form',
        id: eventKey(event.id),
        at,
        form: scrubText(event.form, clean),
        ...(event.action !== undefined && { action: foreignAddress(event.action, clean) }),
      }
    case 'custom':
      return {
        kind: 'custom',
        id: eventKey(event.id),
        at,
        name: scrubText(event.name, clean),
        ...(event.props && { props: scrubProps(event.props, clean) }),
      }
    default:
      return event satisfies never
  }
}

/** A scheme without an authority: `tel:`, `mailto:`. */
const OPAQUE = /^([a-z][a-z\d+.-]*:)(?!\/\/)/i

/** Host and path, without the query: what a link or referrer carries behind `?` is somebody's secret. */
function foreignAddress(
  address: string,
  clean: CleanTexts,
  { host, path } = scrubAddress(address, clean),
): string {
  // What follows tel: or mailto: is somebody's.
  const scheme = address.startsWith('https://') ? undefined : OPAQUE.exec(address)?.[1]
  if (scheme !== undefined) return scheme.toLowerCase()
  return host === null ? path : host + path
}

function scrubProps(
  props: Record<string, string | number | boolean>,
  clean: CleanTexts,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(props).map(([key, value]) => [
      scrubText(key, clean),
      typeof value === 'string' ? scrubText(value, clean) : value,
    ]),
  )
}

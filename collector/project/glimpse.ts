/** What a batch shows to those who watch a site live: who was there, the last things done, and the changes of stage. */
import type { Stage } from '../../shared/lead.ts'
import type { TrackedEvent } from '../lead/state.ts'
import type { Visitor } from '../store/store.ts'
import type { Batch } from './batch.ts'

/** For so long after its last event a visitor is there, ms. */
export const PRESENT_MS = 300_000
/** Things done that one batch shows; the rest is a number. Nobody reads more in a moment. */
export const MOST_SHOWN = 20

/** A lead as a stream names it. */
export interface SeenLead {
  id: string
  name: string | null
}

export interface SeenEvent {
  at: number
  kind: Exclude<TrackedEvent['kind'], 'engage'>
  /** Path or address; null of what has none. */
  path: string | null
  /** What was put into the cart, or the name of a form, an event or a signal. */
  what: string | null
  /** Whose it is, where that is known and the person does not object to profiling. */
  lead: SeenLead | null
}

export interface SeenMove {
  at: number
  from: Stage
  to: Stage
  lead: SeenLead
}

export interface Glimpse {
  site: string
  /** Number of a visitor and time of its last sign of life, ms, one pair after the other. */
  seen: Float64Array
  /** The latest, oldest first. */
  events: SeenEvent[]
  /** How many were done beside those. */
  more: number
  moves: SeenMove[]
}

/** What is new in a batch since a moment, ms, by site; what happened long ago is nobody's who is there now. */
export async function glimpsesOf(
  batch: Batch,
  siteOf: (no: number) => { id: string },
  since: number,
): Promise<Glimpse[]> {
  const sites = new Map<number, { seen: number[]; done: [Visitor, TrackedEvent][]; moves: SeenMove[] }>()
  const of = (no: number) => {
    const known = sites.get(no) ?? { seen: [], done: [], moves: [] }
    sites.set(no, known)
    return known
  }
  for (const { visitor: no, site, events } of batch.newEvents()) {
    const visitor = await batch.visitorByNo(no)
    let last = 0
    for (const event of events) {
      if (event.at < since) continue
      // A signal is what a server says; whoever it is of need not be there.
      if (event.kind !== 'signal') last = Math.max(last, event.at)
      if (event.kind !== 'engage') of(site).done.push([visitor, event])
    }
    if (last > 0) of(site).seen.push(no, last)
  }
  for (const { contact, site, from, to, at } of batch.appended.moves)
    of(site).moves.push({ at, from, to, lead: await leadOf(batch, contact) })
  const found: Glimpse[] = []
  for (const [no, { seen, done, moves }] of sites) {
    const latest = done.sort(([, a], [, b]) => a.at - b.at).slice(-MOST_SHOWN)
    const events: SeenEvent[] = []
    for (const [visitor, event] of latest) events.push(await shown(batch, visitor, event))
    const more = done.length - latest.length
    found.push({ site: siteOf(no).id, seen: Float64Array.from(seen), events, more, moves })
  }
  return found
}

async function shown(batch: Batch, { contact }: Visitor, event: TrackedEvent): Promise<SeenEvent> {
  const { at } = event
  const kind = event.kind as SeenEvent['kind']
  const knownAs = contact === null ? undefined : await batch.standing(contact)
  const lead = knownAs && knownAs.objectedAt === null ? await leadOf(batch, knownAs.no) : null
  return { at, kind, ...said(event), lead }
}

function said(event: TrackedEvent): Pick<SeenEvent, 'path' | 'what'> {
  switch (event.kind) {
    case 'page':
      return { path: event.path, what: null }
    case 'download':
    case 'outbound':
      return { path: event.url, what: null }
    case 'cart':
      return { path: null, what: event.product }
    case 'form':
      return { path: null, what: event.form }
    case 'custom':
    case 'signal':
      return { path: null, what: event.name }
    case 'engage':
      return { path: null, what: null }
    default:
      return event satisfies never
  }
}

async function leadOf(batch: Batch, no: number): Promise<SeenLead> {
  const { id, email, traits } = await batch.standing(no)
  return { id, name: typeof traits.name === 'string' ? traits.name : email }
}

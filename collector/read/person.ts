/** All that is held of one person, in parts, so that no part has to be kept whole in memory. */
import type { ConsentAnswer } from '../../shared/api.ts'
import type { StateReader } from '../store/reader.ts'

/** Events of one part, at least, where there are so many. */
const EVENTS = 1_000
/** Events are read by so much time at once, ms. */
const WINDOW_MS = 31 * 86_400_000

/** Where the export goes on: the visitor's place in the list and a time. */
export interface PartCursor {
  visitor: number
  at: number
}

export interface PersonPart {
  /** Name of what these are. */
  name: string
  items: unknown[]
  next: PartCursor | null
}

export interface PersonFacts {
  no: number
  id: string
  site: string
}

/** The first part has no cursor and holds every table but the events; the others are events, visitor by visitor. */
export function personParts(state: StateReader, contact: number, cursor: PartCursor | null): PersonPart[] {
  const visitors = state.visitors(contact)
  const parts: PersonPart[] = []
  let { visitor, at } = cursor ?? { visitor: 0, at: 0 }
  if (cursor === null) {
    const held = state.heldOf(contact)
    for (const [name, rows] of Object.entries(held)) parts.push({ name, items: rows, next: null })
    const visits = visitors.flatMap((one) => state.visits(one.visitor.no, one.from, one.to))
    parts.push({ name: 'visits', items: visits, next: null })
    parts.push({ name: 'consents', items: consentsOf(state, visitors), next: null })
  }
  const items: unknown[] = []
  for (; visitor < visitors.length && items.length < EVENTS; visitor++, at = 0) {
    const { visitor: row, from, to } = visitors[visitor]!
    const end = Math.min(to ?? Number.MAX_SAFE_INTEGER, row.lastAt + 1)
    for (let begin = Math.max(at, from, row.firstAt); begin < end; begin += WINDOW_MS) {
      if (items.length >= EVENTS) {
        parts.push({ name: 'events', items, next: { visitor, at: begin } })
        return parts
      }
      const found = state.events(row.no, begin, Math.min(end, begin + WINDOW_MS))
      for (const event of found) items.push({ visitor: row.key, ...event })
    }
  }
  const next = visitor < visitors.length ? { visitor, at: 0 } : null
  parts.push({ name: 'events', items, next })
  return parts
}

/** What was said of being followed, the oldest first, by whom it was while they were the person's. */
export function consentsOf(
  state: StateReader,
  visitors: ReturnType<StateReader['visitors']>,
): ConsentAnswer[] {
  return visitors
    .flatMap(({ visitor, from, to }) =>
      state.consents(visitor.no, from, to).map((row) => ({
        state: row.state,
        source: row.source,
        at: new Date(row.at).toISOString(),
        visitor: visitor.key.startsWith('@') ? null : visitor.key,
      })),
    )
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/**
 * The export as text: one JSON object, whose fields are lists. `part` asks for the parts, one after the other.
 */
export async function* exportOf(
  head: Record<string, unknown>,
  part: (cursor: PartCursor | null) => PersonPart[] | Promise<PersonPart[]>,
): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1)
  let open: string | undefined
  let isEmpty = true
  let cursor: PartCursor | null = null
  do {
    const parts: PersonPart[] = await part(cursor)
    for (const { name, items, next } of parts) {
      cursor = next
      if (open !== name) {
        yield `${open === undefined ? '' : ']'},\n${JSON.stringify(name)}:[`
        open = name
        isEmpty = true
      }
      if (items.length === 0) continue
      yield `${isEmpty ? '' : ','}\n${items.map((item) => JSON.stringify(item)).join(',\n')}`
      isEmpty = false
    }
  } while (cursor !== null)
  yield `${open === undefined ? '' : ']'}}\n`
}

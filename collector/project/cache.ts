import type { Visit } from '../lead/state.ts'
import type { Visitor } from '../store/store.ts'

/** Visitors remembered between batches. Two look-ups an event are a fifth of the projection. */
const REMEMBERED = 20_000

/**
 * Visitors and their latest visits as committed, remembered from batch to batch: the projector is the only writer,
 * so its memory is the truth. Forgotten whole after a failed commit.
 */
export interface Cache {
  visitor(name: string): Visitor | undefined
  visit(visitor: number, startAt: number): Visit | undefined
  putVisitor(name: string, visitor: Visitor): void
  putVisit(visitor: number, visit: Visit): void
  dropVisit(visitor: number): void
  clear(): void
}

export function createCache(): Cache {
  const visitors = new Map<string, Visitor>()
  const visits = new Map<number, Visit>()
  return {
    visitor: (name) => visitors.get(name),
    visit(visitor, startAt) {
      const latest = visits.get(visitor)
      return latest?.startAt === startAt ? latest : undefined
    },
    putVisitor: (name, visitor) => remember(visitors, name, visitor),
    putVisit: (visitor, visit) => remember(visits, visitor, visit),
    dropVisit: (visitor) => {
      visits.delete(visitor)
    },
    clear() {
      visitors.clear()
      visits.clear()
    },
  }
}

/** The one that was written longest ago is forgotten first. */
function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > REMEMBERED) map.delete(map.keys().next().value!)
}

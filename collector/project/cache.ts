import type { Visit } from '../lead/state.ts'
import type { Visitor } from '../store/store.ts'

/** Visitors remembered between batches, at least, and at most twice as many. Two look-ups an event are a fifth of the projection. */
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
  const visitors = memory<string, Visitor>()
  const visits = memory<number, Visit>()
  return {
    visitor: visitors.get,
    visit(visitor, startAt) {
      const latest = visits.get(visitor)
      return latest?.startAt === startAt ? latest : undefined
    },
    putVisitor: visitors.put,
    putVisit: visits.put,
    dropVisit: visits.drop,
    clear() {
      visitors.clear()
      visits.clear()
    },
  }
}

/**
 * What was written or asked for lately, in two generations: the older is forgotten whole when the younger is full.
 * (A single map that forgets its first key walks over all that were forgotten before it.)
 */
function memory<K, V>() {
  let young = new Map<K, V>()
  let old = new Map<K, V>()
  function put(key: K, value: V): void {
    if (young.size >= REMEMBERED) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  return {
    put,
    get(key: K): V | undefined {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older !== undefined) put(key, older)
      return older
    },
    drop(key: K): void {
      young.delete(key)
      old.delete(key)
    },
    clear(): void {
      young.clear()
      old.clear()
    },
  }
}

/** What a projector remembers that holds some of the partitions alone: visitors of these. */
import type { Visit } from '../lead/state.ts'
import type { Visitor } from '../store/store.ts'
import { type Cache, memory, noCache, sharing } from './cache.ts'

export interface HeldCache extends Cache {
  /** These were changed by somebody else. */
  forget(visitors: readonly number[]): void
}

interface Known {
  visitor: Visitor
  /** The one that changed last. */
  visit: Visit | undefined
}

/**
 * Visitors of whom `isHeld` and their latest visits as committed. Others may change them all the same, in the name of a person
 * who is several visitors: who looks on says of whom (`forget`). Histories with late events are folded whole: what they came to
 * may be another's to change.
 */
export function heldCache(isHeld: (visitor: Visitor) => boolean, newestMark?: number): HeldCache {
  /** One memory holds all there is of a visitor, so that what is forgotten is forgotten whole. */
  const known = memory<number, Known>()
  /** Who bore a key last; two sites may know one. */
  const numbers = memory<string, number>()
  const queries = sharing<Visit['query']>()
  const profiles = sharing<Visitor['profile']>()

  return {
    ...noCache(newestMark),
    visitor(site, key) {
      const no = numbers.get(key)
      const found = no === undefined ? undefined : known.get(no)?.visitor
      return found?.site === site ? found : undefined
    },
    visit(visitor, startAt) {
      const visit = known.get(visitor)?.visit
      return visit?.startAt === startAt ? visit : undefined
    },
    putVisitor(visitor) {
      const { no, key } = visitor
      const before = known.peek(no)
      if (!before && !isHeld(visitor)) return
      const profile = profiles(before?.visitor.profile, visitor.profile)
      const shared = profile === visitor.profile ? visitor : { ...visitor, profile }
      known.put(no, { visitor: shared, visit: before?.visit })
      if (numbers.peek(key) !== no) numbers.put(key, no)
    },
    putVisit(no, visit) {
      const before = known.peek(no)
      if (!before) return
      const query = queries(before.visit?.query, visit.query)
      known.put(no, { ...before, visit: query === visit.query ? visit : { ...visit, query } })
    },
    dropVisit(no) {
      const before = known.peek(no)
      if (before) known.put(no, { ...before, visit: undefined })
    },
    clear() {
      known.clear()
      numbers.clear()
    },
    forget(visitors) {
      for (const no of visitors) known.drop(no)
    },
  }
}

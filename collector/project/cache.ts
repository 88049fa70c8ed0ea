import { NEWEST_MARK } from '../lead/mark.ts'
import type { VisitMark } from '../lead/sessionise.ts'
import type { Visit } from '../lead/state.ts'
import type { Profile, Visitor } from '../store/store.ts'
import type { LeadMarks } from './marks.ts'

/** Visitors remembered between batches, at least, and at most twice as many. Two look-ups an event are a fifth of the projection. */
const REMEMBERED = 20_000
/**
 * What the marks of leads and visitors hold, at most, in cells and visits: some 80 bytes each. Only histories that a late
 * event came into have any, and those of hundreds fit.
 */
const MARKED = 500_000

/**
 * Visitors and their latest visits as committed, remembered from batch to batch: the projector is the only writer,
 * so its memory is the truth (where there are several, they have `heldCache`). Forgotten whole after a failed commit.
 */
export interface Cache {
  /** How many events before the end of a history its newest mark is set. */
  newestMark: number
  visitor(site: number, key: string): Visitor | undefined
  visit(visitor: number, startAt: number): Visit | undefined
  putVisitor(visitor: Visitor): void
  putVisit(visitor: number, visit: Visit): void
  dropVisit(visitor: number): void
  leadMarks(contact: number): LeadMarks | undefined
  visitMarks(visitor: number): readonly VisitMark[] | undefined
  putLeadMarks(contact: number, marks: LeadMarks): void
  putVisitMarks(visitor: number, marks: readonly VisitMark[]): void
  clear(): void
}

export function createCache(newestMark = NEWEST_MARK): Cache {
  const known = knownVisitors()
  const leadMarks = weighed<number, LeadMarks>(({ marks }) => sum(marks, ({ cells }) => cells.size))
  const visitMarks = weighed<number, readonly VisitMark[]>((marks) => sum(marks, (mark) => mark.visits.size))
  return {
    ...known,
    newestMark,
    leadMarks: leadMarks.get,
    visitMarks: visitMarks.get,
    putLeadMarks: leadMarks.put,
    putVisitMarks: visitMarks.put,
    clear() {
      known.clear()
      leadMarks.clear()
      visitMarks.clear()
    },
  }
}

/** All there is of a visitor, so that what is forgotten is forgotten whole. */
interface Known {
  visitor: Visitor
  /** The one that changed last. */
  visit: Visit | undefined
}

/** Visitors of whom `isHeld`, and the latest visit of each. */
export function knownVisitors(isHeld: (visitor: Visitor) => boolean = () => true) {
  /** By number: a key is a string of its own in each entry, which would be hashed and compared at every turn. */
  const known = memory<number, Known>()
  /** Who bore a key last; two sites may know one. */
  const numbers = memory<string, number>()
  const queries = sharing<Visit['query']>()
  const profiles = sharing<Profile | null>()
  return {
    visitor(site: number, key: string): Visitor | undefined {
      const no = numbers.get(key)
      const found = no === undefined ? undefined : known.get(no)?.visitor
      return found?.site === site ? found : undefined
    },
    visit(visitor: number, startAt: number): Visit | undefined {
      const visit = known.get(visitor)?.visit
      return visit?.startAt === startAt ? visit : undefined
    },
    putVisitor(visitor: Visitor): void {
      const { no, key } = visitor
      const before = known.peek(no)
      if (!before && !isHeld(visitor)) return
      const profile = profiles(before?.visitor.profile, visitor.profile)
      const shared = profile === visitor.profile ? visitor : { ...visitor, profile }
      if (before) before.visitor = shared
      else known.put(no, { visitor: shared, visit: undefined })
      if (numbers.peek(key) !== no) numbers.put(key, no)
    },
    putVisit(no: number, visit: Visit): void {
      const one = known.peek(no)
      if (!one) return
      const query = queries(one.visit?.query, visit.query)
      one.visit = query === visit.query ? visit : { ...visit, query }
    },
    dropVisit(no: number): void {
      const one = known.peek(no)
      if (one) one.visit = undefined
    },
    forget(visitors: readonly number[]): void {
      for (const no of visitors) known.drop(no)
    },
    clear(): void {
      known.clear()
      numbers.clear()
    },
  }
}

/** Remembers nothing. */
export const noCache = (newestMark = NEWEST_MARK): Cache => ({
  newestMark,
  visitor: () => undefined,
  visit: () => undefined,
  putVisitor() {},
  putVisit() {},
  dropVisit() {},
  leadMarks: () => undefined,
  visitMarks: () => undefined,
  putLeadMarks() {},
  putVisitMarks() {},
  clear() {},
})

/** Values remembered that many share. */
const SHARED = 1_000

/**
 * Gives equal values as one: thousands of visitors come with the same browser and from the same campaign, and each
 * entry brings its own copy. What is `held` already is given back without a look.
 */
function sharing<T extends object | null>() {
  const known = new Map<string, T>()
  return (held: T | undefined, value: T): T => {
    if (value === null || value === held) return value
    const name = JSON.stringify(value)
    const one = known.get(name)
    if (one !== undefined) return one
    if (known.size >= SHARED) known.clear()
    known.set(name, value)
    return value
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
    peek: (key: K): V | undefined => young.get(key) ?? old.get(key),
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

/** What was put last, up to a weight of `MARKED` in all; what weighs nothing is not kept. */
function weighed<K, V>(weigh: (value: V) => number) {
  const kept = new Map<K, { value: V; weight: number }>()
  let total = 0
  function drop(key: K): void {
    total -= kept.get(key)?.weight ?? 0
    kept.delete(key)
  }
  return {
    get: (key: K): V | undefined => kept.get(key)?.value,
    put(key: K, value: V): void {
      drop(key)
      const weight = weigh(value)
      if (weight === 0 || weight > MARKED) return
      kept.set(key, { value, weight })
      total += weight
      for (const oldest of kept.keys()) {
        if (total <= MARKED) break
        drop(oldest)
      }
    },
    clear(): void {
      kept.clear()
      total = 0
    },
  }
}

const sum = <T>(of: readonly T[], weigh: (one: T) => number): number =>
  of.reduce((total, one) => total + weigh(one), 0)

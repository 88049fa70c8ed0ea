/**
 * A shop tells of one cart add in several ways: its markup, Google's `dataLayer`, the request that it makes, the form
 * that it submits, also on the next page. They name the product differently, so it cannot be compared. The rule: an
 * add by another way than the visitor's last one, within 10 s of it, is the same add and is dropped; one by the same
 * way is another. Who tells first is the one that counts.
 */

/** A form's page may take as long to be followed by the page that tells again. */
const SAME_MS = 10_000
/** Visitors that are remembered; more than fill a cart within 10 s. */
const MAX_VISITORS = 10_000

/**
 * Whether an add that a visitor (by site) made at `at` (ms) and that was seen in a `way` is told again. Knows what
 * this process was told: a restart between two tellings counts both.
 */
export type SameAdd = (visitor: string, at: number, way: number) => boolean

export function sameAdds(): SameAdd {
  const last = new Map<string, { at: number; way: number }>()
  return (visitor, at, way) => {
    const before = last.get(visitor)
    if (before && before.way !== way && Math.abs(at - before.at) <= SAME_MS) return true
    // Behind the others, so that the first is the one to forget.
    last.delete(visitor)
    last.set(visitor, { at, way })
    if (last.size > MAX_VISITORS) last.delete(last.keys().next().value!)
    return false
  }
}

/** What a projector remembers that holds some of the partitions alone: visitors of these. */
import type { Visitor } from '../store/store.ts'
import { type Cache, knownVisitors, noCache } from './cache.ts'

export interface HeldCache extends Cache {
  /** These were changed by somebody else. */
  forget(visitors: readonly number[]): void
}

/**
 * Visitors of whom `isHeld` and their latest visits as committed. Others may change them all the same, in the name of a person
 * who is several visitors: who looks on says of whom (`forget`). Histories with late events are folded whole: what they came to
 * may be another's to change.
 */
export const heldCache = (isHeld: (visitor: Visitor) => boolean, newestMark?: number): HeldCache => ({
  ...noCache(newestMark),
  ...knownVisitors(isHeld),
})

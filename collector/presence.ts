/** Who is there: the visitors of a site by their last sign of life, in the order in which it came. */
export interface Presence {
  /** A visitor by its number was there at `at`, ms. */
  see(visitor: number, at: number): void
  /** How many were there since a moment, ms; `full` says that there may be more. */
  count(since: number): { visitors: number; full: boolean }
}

/** Holds at most `limit` visitors: some 5 MB of 100,000. Of more, those who were seen first are let go. */
export function presence(limit = 100_000): Presence {
  const last = new Map<number, number>()
  let letGoAt = Number.NEGATIVE_INFINITY

  return {
    see(visitor, at) {
      const before = last.get(visitor)
      if (before !== undefined) {
        if (before >= at) return
        last.delete(visitor)
      } else if (last.size >= limit) {
        const [first, when] = last.entries().next().value!
        last.delete(first)
        letGoAt = Math.max(letGoAt, when)
      }
      last.set(visitor, at)
    },
    count(since) {
      // Signs of life come nearly in the order of time: those who have gone stand at the front.
      for (const [visitor, at] of last) {
        if (at >= since) break
        last.delete(visitor)
      }
      return { visitors: last.size, full: letGoAt >= since }
    },
  }
}

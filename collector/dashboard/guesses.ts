/** Wrong guesses that cost nothing: people mistype. */
const FREE_GUESSES = 5
/** The first wait; each further wrong guess doubles it. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
/** After this long without a guess the count starts over. */
const FORGET_AFTER_MS = 15 * 60_000

export interface Guesses {
  /** Milliseconds until the next guess is looked at; 0 when it may be made now. */
  wait(now: number): number
  /**
   * Looks at a guess. It counts as wrong until it is known to be right: else a hundred guesses sent at once would
   * all pass before the first is found wrong.
   */
  guess(now: number, check: () => Promise<boolean>): Promise<boolean>
}

/** Slows down guessing, for the whole process: there is one password, and an address is cheap to change. */
export function guesses(): Guesses {
  let wrong = 0
  let last = Number.NEGATIVE_INFINITY

  return {
    wait(now) {
      if (now - last > FORGET_AFTER_MS) wrong = 0
      if (wrong < FREE_GUESSES) return 0
      const pause = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (wrong - FREE_GUESSES))
      return Math.max(0, last + pause - now)
    },
    async guess(now, check) {
      wrong += 1
      last = now
      const right = await check()
      if (right) wrong = 0
      return right
    },
  }
}

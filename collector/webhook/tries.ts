/** When a delivery is tried again. Pure. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Wait before each try, ms: those of Standard Webhooks, 75 hours and 35 minutes in all. */
export const WAITS: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]
/** A wait is longer by up to this share, so that what failed together does not come back together. */
export const JITTER = 0.1
/** A receiver cannot ask for more than this, ms. */
const LONGEST_WAIT = 24 * HOUR

/**
 * When to try again after `made` tries of which the last failed at `now`, ms; null once there were ten. `random` is in
 * [0, 1); `retryAfter` is what the receiver asked for, ms.
 */
export function nextTry(
  made: number,
  now: number,
  random: number,
  retryAfter: number | null = null,
): number | null {
  const wait = WAITS[made]
  if (wait === undefined) return null
  const planned = wait * (1 + JITTER * random)
  return Math.round(now + Math.max(planned, Math.min(retryAfter ?? 0, LONGEST_WAIT)))
}

/** A `Retry-After` header, seconds or a date, as ms from `now`; null where there is none that can be read. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * SECOND
  // A date begins with a day's name: Date.parse alone takes much that is none.
  const at = /^\s*[A-Z][a-z]{2},/.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

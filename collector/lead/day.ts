/** ms of a UTC day. JavaScript's clock has no leap seconds, so each has the same. */
export const DAY_MS = 86_400_000

/** The whole UTC days since 1970 at a moment in ms. */
export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS)

/** The moment, in ms, at which a day's tick takes effect: the midnight that ends it. */
export const endOfDay = (day: number): number => (day + 1) * DAY_MS

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A UTC day as sentences name it: 3 Nov. */
export function shortDate(ms: number): string {
  const moment = new Date(ms)
  return `${moment.getUTCDate()} ${MONTHS[moment.getUTCMonth()]}`
}

/** Random base-36 digits of an id: odds of 1 in 10^14 that two agree. */
const RANGE = 36 ** 9

/**
 * Eight digits of the clock, which grow with time (until 2059), and nine random ones. An id opens nothing, it only
 * tells whose events belong together: `Math.random`, which is there in every frame of every browser, will do.
 */
export const newId = () =>
  // The number is between one and two ranges: always a 1, then the nine digits.
  Date.now().toString(36) + ((1 + Math.random()) * RANGE).toString(36).slice(1, 10)

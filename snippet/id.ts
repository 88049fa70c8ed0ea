/**
 * Thirteen digits of the clock in ms, which grow with time (until 2286), and nine random ones: odds of 1 in
 * 10^9 that two ids of one ms agree. An id opens nothing, it only tells whose events belong together:
 * `Math.random`, which is there in every frame of every browser, will do.
 */
export const newId = () => Date.now() + Math.random().toFixed(9).slice(2)

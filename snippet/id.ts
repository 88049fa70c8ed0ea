/** Random base-36 digits; a browser without `crypto` keeps those of the weaker source. */
export const random = (length: number): string => {
  const bytes = new Uint8Array(length).map(() => Math.random() * 256)
  window.crypto?.getRandomValues(bytes)
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join('')
}

/**
 * Eight digits of the clock, which grow with time (until 2059), and nine random ones: two events of one
 * visitor in the same ms collide with odds of 1 in 10^14.
 */
export const newId = () => Date.now().toString(36) + random(9)

/** Numbers of visitors as bits: 32 neighbours a word. */

/** Visitors of a word. */
export const WORD = 32
/** Some of the visitors whose numbers are `word * WORD` and the next, by a bit each. */
export type KnownWord = readonly [word: number, bits: number]

/** Their numbers. */
export function numbersOf([word, bits]: KnownWord): number[] {
  const numbers: number[] = []
  for (let left = bits | 0; left !== 0; left &= left - 1)
    numbers.push(word * WORD + 31 - Math.clz32(left & -left))
  return numbers
}

/** How many of 32 bits are set (Warren, Hacker's Delight, 5-1). */
export function bitsOf(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

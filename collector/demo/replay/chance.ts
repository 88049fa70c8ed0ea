/** Choices that come out the same for the same seed: the demo's past must not differ from run to run. */
export interface Chance {
  /** From 0 up to 1. */
  next(): number
  /** Whether something of this probability happens. */
  happens(probability: number): boolean
  /** A whole number, both ends included. */
  between(least: number, most: number): number
  pick<T>(from: readonly T[]): T
  /** By weight. */
  weighted<T>(from: readonly (readonly [weight: number, value: T])[]): T
  /** A positive number around a median, with the long tail that times of people have (log-normal). */
  around(median: number, spread: number): number
}

/** Mulberry32 by Tommy Ettinger, public domain. */
export function chance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  /** Near enough to a normal one: twelve of variance 1/12. */
  const normal = (): number => Array.from({ length: 12 }, next).reduce((sum, one) => sum + one, -6)
  return {
    next,
    happens: (probability) => next() < probability,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: (from) => from[Math.floor(next() * from.length)]!,
    weighted(from) {
      let left = next() * from.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, value] of from) {
        left -= weight
        if (left < 0) return value
      }
      return from.at(-1)![1]
    },
    around: (median, spread) => median * Math.exp(normal() * spread),
  }
}

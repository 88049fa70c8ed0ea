/** An estimate with its 95 % confidence interval. */
export interface Estimate {
  value: number
  low: number
  high: number
}

/** Standard errors to either side of a 95 % interval. */
const Z95 = 1.959964

/** Of each won one the share of lost ones that it is scored above, and the reverse; equal scores count half. */
interface Placements {
  auc: number
  won: Float64Array
  lost: Float64Array
}

/**
 * The chance that somebody who was won is scored above somebody who was lost, with its interval after DeLong, DeLong
 * and Clarke-Pearson, Biometrics 44 (1988) 837-845, computed from ranks as Sun and Xu, IEEE Signal Processing Letters
 * 21 (2014) 1389-1393. Null with fewer than two of either: there is no interval then.
 */
export function auc(won: readonly number[], lost: readonly number[]): Estimate | null {
  if (won.length < 2 || lost.length < 2) return null
  const placed = placements(won, lost)
  return estimate(placed.auc, variance(placed.won) / won.length + variance(placed.lost) / lost.length, 0)
}

/** How much better the second score of the same people is than the first: the difference of the two AUCs, paired as in the same paper. */
export function aucDifference(
  first: { won: readonly number[]; lost: readonly number[] },
  second: { won: readonly number[]; lost: readonly number[] },
): Estimate | null {
  if (first.won.length < 2 || first.lost.length < 2) return null
  const a = placements(first.won, first.lost)
  const b = placements(second.won, second.lost)
  const spread =
    variance(a.won.map((one, i) => b.won[i]! - one)) / a.won.length +
    variance(a.lost.map((one, i) => b.lost[i]! - one)) / a.lost.length
  return estimate(b.auc - a.auc, spread, -1)
}

/** A share with its interval after Wilson, JASA 22 (1927) 209-212, which holds for few cases too; null of none. */
export function share(hits: number, of: number): Estimate | null {
  if (of === 0) return null
  const p = hits / of
  const z = Z95 * Z95
  const middle = (p + z / (2 * of)) / (1 + z / of)
  const half = (Z95 * Math.sqrt((p * (1 - p)) / of + z / (4 * of * of))) / (1 + z / of)
  return { value: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** The middle value, or the mean of the two; null of none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = Float64Array.from(values).sort()
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

const estimate = (value: number, spread: number, least: number): Estimate => {
  const half = Z95 * Math.sqrt(spread)
  return { value, low: Math.max(least, value - half), high: Math.min(1, value + half) }
}

function placements(won: readonly number[], lost: readonly number[]): Placements {
  const above = shareBelow(won, lost)
  const below = shareBelow(lost, won).map((one) => 1 - one)
  return { auc: mean(above), won: above, lost: below }
}

/** For each of `values` the share of `others` that is smaller, equal ones half. */
function shareBelow(values: readonly number[], others: readonly number[]): Float64Array {
  const sorted = Float64Array.from(others).sort()
  return Float64Array.from(
    values,
    (value) =>
      (firstFrom(sorted, (one) => one >= value) + firstFrom(sorted, (one) => one > value)) /
      (2 * sorted.length),
  )
}

function firstFrom(sorted: Float64Array, holds: (one: number) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(sorted[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

const mean = (values: Float64Array): number => values.reduce((sum, one) => sum + one, 0) / values.length

function variance(values: Float64Array): number {
  const middle = mean(values)
  return values.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (values.length - 1)
}

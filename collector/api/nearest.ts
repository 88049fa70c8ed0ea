/** The name that takes the fewest changes of a letter (Levenshtein), at most two thirds of the longer; undefined where none does. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const start = name.slice(0, MAX_LENGTH)
  let best: { name: string; distance: number } | undefined
  for (const one of known) {
    const distance = changes(start, one)
    if (!best || distance < best.distance) best = { name: one, distance }
  }
  return best && best.distance <= (2 / 3) * Math.max(start.length, best.name.length) ? best.name : undefined
}

/** Of a longer name the rest tells nothing. */
const MAX_LENGTH = 40

function changes(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const other = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(other, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}

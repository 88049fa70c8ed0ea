/** Lists and objects within each other in a body. Writing JSON fails at some four thousand, and SQLite reads a thousand. */
export const MOST_DEEP = 64

export const TOO_DEEP = `lists or objects within each other, more than ${MOST_DEEP} deep`

/** Whether a value is deeper than may be; looks no further down than that. */
export function isTooDeep(value: unknown, left = MOST_DEEP): boolean {
  if (typeof value !== 'object' || value === null) return false
  return left === 0 || Object.values(value).some((inner) => isTooDeep(inner, left - 1))
}

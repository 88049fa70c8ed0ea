/** Says whether a trait's value is what the rules look for. */
export type Target = (value: string | number) => boolean

/** Why a target of a fit field or a list cannot be used, in words, or null. */
export function targetProblem(target: unknown): string | null {
  const range = 'a text, a number or a range such as {"min": 50, "max": 500}'
  if (typeof target === 'number') return null
  if (typeof target === 'string') {
    if (target.trim() === '' || target.length > 200) return 'expected a text of 1 to 200 characters'
    return target.slice(1, -1).includes('*')
      ? `"*" may only stand at the start or the end, got "${target}"`
      : null
  }
  if (typeof target !== 'object' || target === null || Array.isArray(target)) return `expected ${range}`
  const bounds = Object.entries(target)
  const sound = bounds.every(([key, bound]) => (key === 'min' || key === 'max') && typeof bound === 'number')
  return sound && bounds.length > 0 ? null : `expected ${range}`
}

/** A target without a `targetProblem`. Letter case does not matter; `head of*` is a beginning, `*engineer*` a part. */
export function compileTarget(target: unknown): Target {
  if (typeof target === 'number') return (value) => Number(value) === target
  if (typeof target === 'string') return textTarget(target.trim().toLowerCase())
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = target as {
    min?: number
    max?: number
  }
  return (value) => {
    const number = typeof value === 'number' ? value : Number.parseFloat(value)
    return number >= min && number <= max
  }
}

function textTarget(target: string): Target {
  const starts = target.endsWith('*')
  const ends = target.startsWith('*')
  const core = target.replace(/^\*|\*$/g, '')
  return (value) => {
    const text = String(value).trim().toLowerCase()
    if (starts && ends) return text.includes(core)
    if (starts) return text.startsWith(core)
    return ends ? text.endsWith(core) : text === core
  }
}

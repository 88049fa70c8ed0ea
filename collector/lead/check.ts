/** Reads a document of unknown shape and notes what is wrong with it: where, what was expected, what was there. */
export interface Check {
  errors: string[]
  /** An object with no key but the known ones; `{}` where there is none. Null stands for "an error was noted". */
  object(path: string, value: unknown, known: readonly string[] | 'any'): Record<string, unknown>
  list(path: string, value: unknown, most: number): unknown[]
  /** A finite number from `least` to `most`; `otherwise` where the key is absent, if there is such a default. */
  number(path: string, value: unknown, least: number, most: number, otherwise?: number): number
  text(path: string, value: unknown, otherwise?: string): string
  texts(path: string, value: unknown, most: number): string[]
  /** A name of small letters, digits, `_` and `-`, as ids of rules, groups and page kinds are. */
  id(path: string, value: unknown): string
  flag(path: string, value: unknown): boolean
  oneOf<T extends string>(path: string, value: unknown, choices: readonly T[], otherwise: T): T
  fail(path: string, problem: string): void
}

/** Characters of a label or a sentence in a document. */
const MAX_TEXT = 300
/** Errors that are noted; whoever has more mends these first. */
const MAX_ERRORS = 100

export function checker(): Check {
  const errors: string[] = []
  const fail = (path: string, problem: string): void => {
    if (errors.length < MAX_ERRORS) errors.push(path ? `${path}: ${problem}` : problem)
  }
  const expected = (path: string, what: string, value: unknown): void =>
    fail(path, `expected ${what}, got ${show(value)}`)

  const text = (path: string, value: unknown, otherwise?: string): string => {
    if (value === undefined && otherwise !== undefined) return otherwise
    if (typeof value === 'string' && value !== '' && value.length <= MAX_TEXT) return value
    expected(path, `a text of 1 to ${MAX_TEXT} characters`, value)
    return ''
  }
  const list = (path: string, value: unknown, most: number): unknown[] => {
    if (!Array.isArray(value)) {
      expected(path, 'a list', value)
      return []
    }
    if (value.length <= most) return value
    fail(path, `expected at most ${most} entries, got ${value.length}`)
    return []
  }

  return {
    errors,
    fail,
    text,
    list,
    object(path, value, known) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        expected(path, 'an object', value)
        return {}
      }
      if (known !== 'any') {
        for (const key of Object.keys(value).filter((name) => !known.includes(name))) {
          const name = key.slice(0, 64)
          fail(path ? `${path}.${name}` : name, `unknown key; ${suggestion(key, known)}`)
        }
      }
      return value as Record<string, unknown>
    },
    number(path, value, least, most, otherwise) {
      if (value === undefined && otherwise !== undefined) return otherwise
      if (typeof value === 'number' && value >= least && value <= most) return value
      expected(path, `a number from ${least} to ${most}`, value)
      return otherwise ?? least
    },
    texts: (path, value, most) => list(path, value, most).map((entry, i) => text(`${path}[${i}]`, entry)),
    id(path, value) {
      if (typeof value === 'string' && /^[a-z0-9][a-z0-9_-]{0,63}$/.test(value)) return value
      expected(path, 'a name of small letters, digits, "_" and "-"', value)
      return ''
    },
    flag(path, value) {
      if (value === undefined) return false
      if (typeof value !== 'boolean') expected(path, 'true or false', value)
      return value === true
    },
    oneOf(path, value, choices, otherwise) {
      if (value === undefined) return otherwise
      const choice = choices.find((one) => one === value)
      if (choice === undefined) expected(path, `one of ${choices.map(show).join(', ')}`, value)
      return choice ?? otherwise
    },
  }
}

/** A value as an error shows it. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
}

/** The known name with the fewest single-letter edits from a mistyped one; all of them where none is near. */
function suggestion(name: string, known: readonly string[]): string {
  const typed = name.slice(0, 40)
  const far = Math.max(2, Math.ceil(typed.length / 2))
  let best = { name: '', edits: far + 1 }
  for (const next of known) {
    const distance = edits(typed, next)
    if (distance < best.edits) best = { name: next, edits: distance }
  }
  return best.name ? `did you mean "${best.name}"?` : `expected one of ${known.join(', ')}`
}

/** Levenshtein's distance, row by row. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, swap))
    }
    row = next
  }
  return row[b.length]!
}

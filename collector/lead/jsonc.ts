/** A file's value with the lines on which its parts stand; or the first mistake, in words with line and column. */
export type Jsonc = { ok: true; value: unknown; lineOf(path: string): number } | { ok: false; error: string }

/** Characters of a file. The standard preset has 9,000. */
const MAX_LENGTH = 2_000_000
/** Levels of lists and objects; a rules document needs 20. */
const MAX_DEPTH = 64

const LITERALS: Record<string, unknown> = { true: true, false: false, null: null }
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /[A-Za-z_$][\w$]*/y
/** Up to the closing quote; what is between is left to JSON.parse, which knows all escapes. */
const TEXT = /"[^"\\\n]*(?:\\.[^"\\\n]*)*"/y
const SPACE = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y

/**
 * Reads JSON with `//` and block comments and a comma after a last entry (RFC 8259 otherwise). A key given twice in
 * one object is refused: JSON.parse would keep the last in silence. `lineOf` takes a path as the errors of the rules
 * write it (`rules.pricing.points`, `stages.mql.enter.all[0]`), in which a list's entry goes by its index or its `id`,
 * and answers with the line, from 1, of the longest part of it that is there.
 */
export function readJsonc(text: string): Jsonc {
  if (text.length > MAX_LENGTH)
    return { ok: false, error: `expected at most ${MAX_LENGTH} characters, got ${text.length}` }
  const lines = new Map<string, number>()
  try {
    const value = new Reader(text, lines).document()
    return { ok: true, value, lineOf: (path) => lineOf(lines, path) }
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, error: error.message }
    throw error
  }
}

class Mistake extends Error {}

class Reader {
  private at = 0
  private line = 1
  private counted = 0
  private readonly text: string
  private readonly lines: Map<string, number>

  constructor(text: string, lines: Map<string, number>) {
    // A byte order mark is what Windows editors put first.
    this.text = text.replace(/^\uFEFF/, '')
    this.lines = lines
  }

  document(): unknown {
    const value = this.value('', 0)
    this.skip()
    if (this.at < this.text.length) this.fail('expected the end of the file')
    return value
  }

  private value(path: string, depth: number): unknown {
    this.skip()
    this.lines.set(path, this.lineNow())
    if (depth > MAX_DEPTH) this.fail(`expected at most ${MAX_DEPTH} levels`)
    const next = this.text[this.at]
    if (next === '{') return this.object(path, depth)
    if (next === '[') return this.array(path, depth)
    if (next === '"') return this.string()
    const number = this.take(NUMBER)
    if (number !== null) return Number(number)
    const start = this.at
    const word = this.take(WORD)
    if (word !== null && Object.hasOwn(LITERALS, word)) return LITERALS[word]
    this.at = start
    return this.fail('expected a value')
  }

  private object(path: string, depth: number): Record<string, unknown> {
    const found: Record<string, unknown> = {}
    this.entries('}', () => {
      const key = this.text[this.at] === '"' ? this.string() : this.fail('expected a key in double quotes')
      if (Object.hasOwn(found, key)) this.fail(`the key "${key.slice(0, 60)}" stands here a second time`)
      this.skip()
      if (this.text[this.at] !== ':') this.fail('expected ":"')
      this.at++
      const value = this.value(path ? `${path}.${key}` : key, depth + 1)
      // Not by assignment, which would set the prototype where the key is `__proto__`.
      Object.defineProperty(found, key, { value, writable: true, enumerable: true, configurable: true })
    })
    return found
  }

  private array(path: string, depth: number): unknown[] {
    const found: unknown[] = []
    this.entries(']', () => {
      const mine = new Map<string, number>()
      const entry = new Reader(this.text, mine).entry(this.at, this.lineNow(), depth + 1)
      const id = (entry.value as { id?: unknown } | null)?.id
      const names = [`${path}[${found.length}]`, ...(typeof id === 'string' ? [`${path}.${id}`] : [])]
      for (const name of names) for (const [part, line] of mine) this.lines.set(joined(name, part), line)
      this.at = entry.at
      found.push(entry.value)
    })
    return found
  }

  /** One entry of a list, with paths of its own: what it is called is known once its `id` is. */
  private entry(at: number, line: number, depth: number): { value: unknown; at: number } {
    this.at = this.counted = at
    this.line = line
    return { value: this.value('', depth), at: this.at }
  }

  private entries(close: string, one: () => void): void {
    this.at++
    for (;;) {
      this.skip()
      if (this.text[this.at] === close) break
      one()
      this.skip()
      if (this.text[this.at] === close) break
      if (this.text[this.at] !== ',') this.fail(`expected "," or "${close}"`)
      this.at++
    }
    this.at++
  }

  private string(): string {
    const raw = this.take(TEXT)
    if (raw === null) return this.fail('expected a text that ends on its line')
    try {
      return JSON.parse(raw)
    } catch {
      return this.fail('this text holds a character or an escape that JSON does not know')
    }
  }

  private skip(): void {
    this.take(SPACE)
    if (this.text.startsWith('/*', this.at)) this.fail('this comment does not end')
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found) this.at = pattern.lastIndex
    return found?.[0] ?? null
  }

  /** The line of the place reached, counted on from the last place asked for. */
  private lineNow(): number {
    for (; this.counted < this.at; this.counted++) if (this.text[this.counted] === '\n') this.line++
    return this.line
  }

  private fail(problem: string): never {
    const line = this.lineNow()
    const column = this.at - this.text.lastIndexOf('\n', this.at - 1)
    const here = this.text.slice(this.at, this.at + 20).split('\n')[0]
    const got = problem.startsWith('expected') ? `, got ${here ? `"${here}"` : 'the end'}` : ''
    throw new Mistake(`line ${line}, column ${column}: ${problem}${got}`)
  }
}

const joined = (path: string, part: string): string =>
  part === '' || part.startsWith('[') ? path + part : `${path}.${part}`

/** The line of a path or of the longest part of it that the file has. */
function lineOf(lines: Map<string, number>, path: string): number {
  for (
    let part = path;
    part !== '';
    part = part.slice(0, Math.max(part.lastIndexOf('.'), part.lastIndexOf('[')))
  ) {
    const line = lines.get(part)
    if (line !== undefined) return line
    if (!/[.[]/.test(part)) break
  }
  return lines.get('') ?? 1
}

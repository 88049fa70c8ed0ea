import type { Database } from 'better-sqlite3'

/** Strings by number: paths, referrers, campaigns, names. Each is stored once and events bear its number. */
export interface Texts {
  /** Number of a string, which is added where it is new. */
  no(text: string): number
  /** Number of a value's text. It is not edited afterwards, and has one text: many visitors and visits share one. */
  noOf<T extends object>(value: T, toText: (value: T) => string): number
  /** Number of a string; undefined where nobody used it. */
  find(text: string): number | undefined
  text(no: number): string
  /** Forgets what it remembers: numbers that were rolled back are no longer true. */
  clear(): void
}

/** Strings remembered in memory so that an event costs no look-up of its own: 20,000 of them are about 5 MB. */
const REMEMBERED = 20_000

export function sqliteTexts(db: Database): Texts {
  const find = db.prepare('SELECT no FROM texts WHERE hash = ? AND text = ?').pluck()
  const add = db.prepare('INSERT INTO texts (hash, text) VALUES (?, ?)')
  const get = db.prepare('SELECT text FROM texts WHERE no = ?').pluck()
  const numbers = new Map<string, number>()
  const names = new Map<number, string>()
  let values = new WeakMap<object, number>()

  const texts: Texts = {
    no(text) {
      let no = numbers.get(text)
      if (no !== undefined) return no
      const hash = hash32(text)
      no = (find.get(hash, text) as number | undefined) ?? Number(add.run(hash, text).lastInsertRowid)
      if (numbers.size >= REMEMBERED) numbers.clear()
      numbers.set(text, no)
      return no
    },
    noOf(value, toText) {
      const known = values.get(value)
      if (known !== undefined) return known
      const no = texts.no(toText(value))
      values.set(value, no)
      return no
    },
    find: (text) => numbers.get(text) ?? (find.get(hash32(text), text) as number | undefined),
    text(no) {
      let text = names.get(no)
      if (text !== undefined) return text
      text = get.get(no) as string | undefined
      if (text === undefined) throw new Error(`text ${no} is gone`)
      if (names.size >= REMEMBERED) names.clear()
      names.set(no, text)
      return text
    },
    clear() {
      numbers.clear()
      names.clear()
      values = new WeakMap()
    },
  }
  return texts
}

/**
 * FNV-1a (public domain). The index holds this and not the string, which would lie on disk twice; strings that share
 * a hash are told apart by the row.
 */
function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

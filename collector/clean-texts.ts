import { type Recent, recent } from './recent.ts'

/** Texts remembered in one generation. A site has fewer titles and campaigns that are seen often. */
const REMEMBERED = 2_000
/** Longer ones are looked through again each time: with this all that is remembered takes at most 5 MB. */
const MAX_LENGTH = 256

/**
 * Texts that were looked through and held no secret. The same titles and campaigns come with beacon after beacon, and
 * to look costs 4 us a text. What held a secret is never remembered.
 */
export interface CleanTexts {
  has(text: string): boolean
  add(text: string): void
  /** What a query says, where all of it may be kept. */
  query(search: string): Readonly<Record<string, string>> | undefined
  addQuery(search: string, kept: Record<string, string>): void
}

export function cleanTexts({ remembered = REMEMBERED } = {}): CleanTexts {
  const texts: Recent<true> = recent(remembered, ownCopy)
  const queries: Recent<Readonly<Record<string, string>>> = recent(remembered, ownCopy)
  return {
    has: (text) => texts.get(text) === true,
    add(text) {
      if (text.length <= MAX_LENGTH) texts.set(text, true)
    },
    query: queries.get,
    addQuery(search, kept) {
      if (search.length > MAX_LENGTH) return
      const own = Object.entries(kept).map(([name, value]) => [ownCopy(name), ownCopy(value)])
      queries.set(search, Object.freeze(Object.fromEntries(own)))
    },
  }
}

/** A piece of a body would keep the whole of it in memory. */
const ownCopy = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le')

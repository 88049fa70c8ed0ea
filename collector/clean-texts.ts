/** Texts remembered in one generation; two are held. A site has fewer titles and campaigns that are seen often. */
const REMEMBERED = 2_000
/** Longer ones are looked through again each time: with this all that is remembered takes at most 2 MB. */
const MAX_LENGTH = 256

/**
 * Texts that were looked through and held no secret. The same titles and campaigns come with beacon after beacon, and
 * to look costs 4 us a text. What held a secret is never remembered.
 */
export interface CleanTexts {
  has(text: string): boolean
  add(text: string): void
}

export function cleanTexts({ remembered = REMEMBERED } = {}): CleanTexts {
  let young = new Set<string>()
  let old = new Set<string>()

  function add(text: string): void {
    if (text.length > MAX_LENGTH) return
    if (young.size >= remembered) {
      old = young
      young = new Set()
    }
    // A copy: a piece of a body would keep the whole of it in memory.
    young.add(Buffer.from(text, 'utf16le').toString('utf16le'))
  }

  return {
    has(text) {
      if (young.has(text)) return true
      if (!old.has(text)) return false
      add(text)
      return true
    },
    add,
  }
}

/** Beyond A to Z. */
const WIDE = /[^\0-\x7f]/

/**
 * As what a text is looked for where LIKE tells upper from lower case but of A to Z: SQLite's does, and PostgreSQL's by the collation of
 * its database. Texts of mixed case beyond these are found as they are, and with their first letter large.
 */
export function spellings(text: string): string[] {
  if (!WIDE.test(text)) return [text]
  const small = text.toLowerCase()
  const [first = ''] = small
  return [...new Set([text, small, small.toUpperCase(), first.toUpperCase() + small.slice(first.length)])]
}

/** A pattern of LIKE for what holds the text, with `\` before what means something there. */
export const patternOf = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`

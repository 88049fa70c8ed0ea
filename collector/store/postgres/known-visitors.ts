/**
 * Who of a site's visitors belongs to a contact: a bit each, 32 neighbours a row, so that to tell how many of a year's visitors are
 * nobody's reads some thousand numbers and not a row of everybody who ever left a name. It follows from `edges`, with which it is written.
 */
import { type KnownWord, WORD } from '../known-words.ts'
import type { Changes } from '../store.ts'
import type { SiteOf } from './sites-of.ts'
import { list, type Writer } from './writing.ts'

interface Word {
  site: number
  word: number
  bits: number
}

const ROWS =
  '(SELECT * FROM json_to_recordset($1::text::json) AS list (site bigint, word bigint, bits bigint))'

export function writeKnown({ send }: Writer, { edgesReplaced }: Changes, siteOf: SiteOf): void {
  const [known, unknown] = [new Map<string, Word>(), new Map<string, Word>()]
  for (const { visitor, edges } of edgesReplaced) {
    const words = edges.length > 0 ? known : unknown
    const at = { site: siteOf.visitor(visitor), word: Math.floor(visitor / WORD) }
    const name = `${at.site} ${at.word}`
    words.set(name, { ...at, bits: ((words.get(name)?.bits ?? 0) | (1 << (visitor % WORD))) >>> 0 })
  }
  if (unknown.size > 0)
    send(
      `UPDATE known_visitors SET bits = known_visitors.bits & ~rows.bits FROM ${ROWS} AS rows
       WHERE known_visitors.site = rows.site AND known_visitors.word = rows.word`,
      [list([...unknown.values()] as never)],
    )
  if (known.size > 0)
    send(
      `INSERT INTO known_visitors (site, word, bits) SELECT site, word, bits FROM ${ROWS} AS rows
       ON CONFLICT (site, word) DO UPDATE SET bits = known_visitors.bits | excluded.bits`,
      [list([...known.values()] as never)],
    )
}

/** Of a visitor (`$2`) of the site `$1` who goes. */
export const FORGET_KNOWN = `UPDATE known_visitors SET bits = bits & ~(1::bigint << ($2::bigint % ${WORD})::integer)
  WHERE site = $1 AND word = $2::bigint / ${WORD}`

/** Of the site `$1`, as one text: as rows they cost more on their way than to be counted. */
export const KNOWN = `SELECT string_agg(word || ' ' || bits, ',') AS words FROM known_visitors WHERE site = $1 AND bits <> 0`

export const wordsOf = (words: string | null): KnownWord[] =>
  words === null ? [] : words.split(',').map((word) => word.split(' ').map(Number) as [number, number])

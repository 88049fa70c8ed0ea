/** Texts as every store can hold them: without NUL and halves of surrogate pairs, which no UTF-8 text has. */

/** Of these an escape can make what UTF-8 itself cannot bring. */
const ODD = /\\u(?:0000|d[89a-f])/i
const ESCAPES = /\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u([0-9a-f]{4})|\\./gis

/** What JSON says, names of fields and all. Throws where it is none. */
export function parseJson(text: string): unknown {
  return JSON.parse(ODD.test(text) ? text.replace(ESCAPES, storable) : text)
}

function storable(said: string, _high: string, _low: string, code?: string): string {
  if (code === undefined) return said
  if (code === '0000') return ''
  return /^d[89a-f]/i.test(code) ? '\\ufffd' : said
}

/** A text of an address, whose escapes are read already. */
export const withoutNul = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '') : text)

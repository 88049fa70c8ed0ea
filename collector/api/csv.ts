/** Rows as CSV (RFC 4180), in which no cell is a formula to the spreadsheet that opens it. */

/** What begins a formula, also in the full width of East Asian keyboards (OWASP, CSV Injection). */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/
const QUOTED = /[",;\t\r\n]/

/** A line with its end. Numbers stay numbers; lists are joined, other things are JSON. */
export const csvLine = (values: readonly unknown[]): string => `${values.map(cell).join(',')}\r\n`

/** UTF-8's mark, by which Excel knows it from the code page of the machine. */
export const BOM = '\ufeff'

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = safe(textOf(value))
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.join('; ')
  return JSON.stringify(value)
}

/** A quote in front makes text of it in every spreadsheet; it shows in none. */
const safe = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)

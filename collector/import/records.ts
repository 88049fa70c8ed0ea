/** Lines of a CSV file to its records, with the number of the line on which each begins. */
import { parse } from 'csv-parse/sync'
import type { Line } from './lines.ts'

export type Record =
  | { line: number; fields: string[] }
  /** What is wrong, in words, without the data. */
  | { line: number; problem: string }

/** A quote that is still open after so many lines is a slip of the pen: its line fails, those after it are read. */
const MAX_RECORD_LINES = 200

const PROBLEMS = {
  encoding: 'is not UTF-8; save the file as UTF-8, or name its encoding (--encoding windows-1252)',
  'too-long': 'is longer than 1 MB; look for missing line ends',
}

/** Why a line could not be read. */
export const unreadable = (line: Line): string => PROBLEMS[line.problem ?? 'encoding']

interface Whole {
  line: number
  text: string
}

/**
 * The records of RFC 4180, a list for each block of lines; also where a quote stands in the middle of a field.
 * Quotes may hold line ends. Empty lines are no records.
 */
export async function* recordsOf(blocks: AsyncIterable<Line[]>, delimiter: string): AsyncGenerator<Record[]> {
  /** Lines of the record that an open quote holds together. */
  let pending: Line[] = []

  function assemble(lines: readonly Line[], isLast: boolean): Record[] {
    const whole: Whole[] = []
    const failed: Record[] = []
    const queue = [...lines].reverse()
    const giveUp = () => {
      const [first, ...others] = pending
      pending = []
      failed.push({ line: first!.no, problem: 'a quote is opened and never closed' })
      queue.push(...others.reverse())
    }
    for (;;) {
      const line = queue.pop()
      if (!line) {
        if (!isLast || pending.length === 0) break
        giveUp()
        continue
      }
      if (line.text === null) {
        if (pending.length > 0) {
          queue.push(line)
          giveUp()
        } else failed.push({ line: line.no, problem: unreadable(line) })
        continue
      }
      if (pending.length === 0 && line.text.trim() === '') continue
      const isOpen = opens(line.text, delimiter, pending.length > 0)
      if (!isOpen && pending.length === 0) {
        whole.push({ line: line.no, text: line.text })
        continue
      }
      pending.push(line)
      if (!isOpen) {
        whole.push({ line: pending[0]!.no, text: pending.map(({ text }) => text).join('\n') })
        pending = []
      } else if (pending.length >= MAX_RECORD_LINES) giveUp()
    }
    const records = parsed(whole, delimiter)
    return failed.length === 0 ? records : [...records, ...failed].sort((a, b) => a.line - b.line)
  }

  for await (const block of blocks) {
    const records = assemble(block, false)
    if (records.length > 0) yield records
  }
  const last = assemble([], true)
  if (last.length > 0) yield last
}

/** Whether a quoted field is open at the end of a line, if one was at its beginning. */
function opens(text: string, delimiter: string, before: boolean): boolean {
  if (!text.includes('"')) return before
  let isQuoted = before
  let isStart = !before
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]
    if (isQuoted) {
      if (letter !== '"') continue
      if (text[i + 1] === '"') i++
      else isQuoted = false
    } else if (letter === '"' && isStart) {
      isQuoted = true
      isStart = false
    } else isStart = letter === delimiter || (isStart && letter === ' ')
  }
  return isQuoted
}

/** All records of a block at once, which is five times faster than one by one; one by one where they do not come out even. */
function parsed(whole: readonly Whole[], delimiter: string): Record[] {
  if (whole.length === 0) return []
  const rows = fieldsOf(whole.map(({ text }) => text).join('\n'), delimiter)
  if (rows?.length === whole.length) return whole.map(({ line }, i) => ({ line, fields: rows[i]! }))
  return whole.map(({ line, text }) => {
    const [fields, ...others] = fieldsOf(text, delimiter) ?? []
    return fields && others.length === 0 ? { line, fields } : { line, problem: 'its quotes do not pair up' }
  })
}

function fieldsOf(text: string, delimiter: string): string[][] | undefined {
  try {
    return parse(text, {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      relax_quotes: true,
      ltrim: true,
    })
  } catch {
    return undefined
  }
}

const DELIMITERS = [',', ';', '\t', '|']

/** The delimiter that splits a header into most fields; a comma where none does. */
export function delimiterOf(header: string): string {
  const fields = (delimiter: string) => fieldsOf(header, delimiter)?.[0]?.length ?? 0
  return DELIMITERS.reduce((best, one) => (fields(one) > fields(best) ? one : best))
}

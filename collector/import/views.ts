/** The page views of another tool's file. */
import type { ToldItem } from '../entry.ts'
import { readGa4 } from './ga4.ts'
import { UnreadableFile, withHeader } from './header.ts'
import { type Line, linesOf } from './lines.ts'
import { isPlausibleSums, PLAUSIBLE_COLUMNS, PLAUSIBLE_SUMS, readPlausible } from './plausible.ts'
import { delimiterOf, recordsOf, unreadable } from './records.ts'
import { UMAMI_COLUMNS, umamiReader } from './umami.ts'
import { type ReadView, toItem, type ViewOptions } from './view.ts'

export type FoundView =
  | { line: number; item: ToldItem }
  /** No page view; what it is. */
  | { line: number; left: string }
  /** What is wrong with the line, in words that do not repeat it. */
  | { line: number; problem: string }

export interface ViewsOptions extends ViewOptions {
  /** Umami's website, where a file holds several. */
  website?: string
}

/** A list for each chunk that was read. Throws `UnreadableFile` where the file is of another kind. */
export async function* viewsOf(
  chunks: AsyncIterable<Uint8Array>,
  options: ViewsOptions,
): AsyncGenerator<FoundView[]> {
  const lines = linesOf(chunks)
  const found = (line: number, read: ReadView): FoundView =>
    'view' in read ? { line, ...toItem(read.view, options) } : { line, ...read }
  switch (options.tool) {
    case 'ga4':
      for await (const block of lines)
        yield block.flatMap((line) => (line.text?.trim() === '' ? [] : [found(line.no, fromJson(line))]))
      return
    case 'umami':
      yield* rowsOf(lines, UMAMI_COLUMNS, umamiReader(options.website), found)
      return
    case 'plausible':
      yield* rowsOf(lines, PLAUSIBLE_COLUMNS, readPlausible, found, (columns) => {
        if (isPlausibleSums(columns)) throw new UnreadableFile(PLAUSIBLE_SUMS)
      })
      return
    default:
      options.tool satisfies never
  }
}

function fromJson(line: Line): ReadView {
  if (line.text === null) return { problem: unreadable(line) }
  let event: unknown
  try {
    event = JSON.parse(line.text)
  } catch {
    return { problem: 'is not JSON; each line must be one event of the BigQuery export' }
  }
  return readGa4(event)
}

/** Rows of a CSV file whose first line names its columns. */
async function* rowsOf(
  lines: AsyncIterable<Line[]>,
  needed: readonly string[],
  read: (field: (name: string) => string) => ReadView,
  found: (line: number, read: ReadView) => FoundView,
  look: (columns: string[]) => void = () => {},
): AsyncGenerator<FoundView[]> {
  const source = withHeader(lines)
  const separator = delimiterOf((await source.header) ?? '')
  let places: Map<string, number> | undefined
  let width = 0
  for await (const records of recordsOf(source.lines, separator)) {
    const block: FoundView[] = []
    for (const record of records) {
      if ('problem' in record) {
        if (!places) throw new UnreadableFile(`line ${record.line}, the header, ${record.problem}`)
        block.push(record)
        continue
      }
      const { line, fields } = record
      if (!places) {
        const columns = fields.map((name) => name.trim().toLowerCase())
        look(columns)
        const missing = needed.filter((name) => !columns.includes(name))
        if (missing.length > 0)
          throw new UnreadableFile(
            `its first line names no column ${missing.join(' and no ')}: it is another kind of file`,
          )
        places = new Map(columns.map((name, i) => [name, i]))
        width = columns.length
        continue
      }
      const its = places
      // ClickHouse and PostgreSQL write what is not there in these ways.
      const field = (name: string) => (fields[its.get(name) ?? -1] ?? '').replace(/^(?:\\N|NULL)$/, '').trim()
      if (fields.length === width) block.push(found(line, read(field)))
      else block.push({ line, problem: `has ${fields.length} fields where the header has ${width}` })
    }
    if (block.length > 0) yield block
  }
  if (!places) throw new UnreadableFile('the file is empty; its first line must name the columns')
}

/** A file's records to people, each checked as an identify call is. */

import { PersonBody } from '../api/schema.ts'
import { checked } from '../api/validate.ts'
import { parseJson } from '../json-text.ts'
import { type Columns, columnsOf, consentIn, said, type Target } from './columns.ts'
import { UnreadableFile, withHeader } from './header.ts'
import { type Line, linesOf } from './lines.ts'
import { delimiterOf, recordsOf, unreadable } from './records.ts'

export type Found =
  | { line: number; person: PersonBody; unreadableConsent: boolean }
  /** What is wrong with the line, in words that do not repeat it. */
  | { line: number; problem: string }

export interface PeopleOptions {
  format: 'csv' | 'ndjson'
  /** Of a file without a byte order mark. */
  encoding?: string
  /** Of a CSV file; found in its header unless given. */
  delimiter?: string
  /** Which column is what, where its name does not say: target to column. */
  map?: ReadonlyMap<Target, string>
  /** Called once with the columns of a CSV file that are not kept. */
  leftOut?: (columns: string[]) => void
}

/** The people of a file, a list for each chunk that was read. Throws `UnreadableFile` where its header does not do. */
export async function* peopleOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: PeopleOptions,
): AsyncGenerator<Found[]> {
  const lines = linesOf(chunks, options.encoding)
  if (options.format === 'csv') yield* peopleOfCsv(lines, options)
  else for await (const block of lines) yield block.flatMap(fromJson)
}

async function* peopleOfCsv(
  lines: AsyncIterable<Line[]>,
  { delimiter, map = new Map(), leftOut = () => {} }: PeopleOptions,
): AsyncGenerator<Found[]> {
  const source = withHeader(lines)
  const header = (await source.header) ?? ''
  const separator = delimiter ?? delimiterOf(header)
  let columns: Columns | undefined
  for await (const records of recordsOf(source.lines, separator)) {
    const found: Found[] = []
    for (const record of records) {
      if ('problem' in record) {
        if (!columns) throw new UnreadableFile(`line ${record.line}, the header, ${record.problem}`)
        found.push(record)
      } else if (columns) found.push(fromRecord(record, columns))
      else {
        const named = columnsOf(record.fields, map)
        if (typeof named === 'string') throw new UnreadableFile(named)
        columns = named
        leftOut(named.leftOut)
      }
    }
    if (found.length > 0) yield found
  }
  if (!columns) throw new UnreadableFile('the file is empty; its first line must name the columns')
}

function fromRecord({ line, fields }: { line: number; fields: string[] }, { targets }: Columns): Found {
  if (fields.length !== targets.length) {
    return { line, problem: `has ${fields.length} fields where the header has ${targets.length}` }
  }
  const { consent, at, email, phone, externalId, traits } = said(fields, targets)
  const read = consent === undefined ? undefined : consentIn(consent)
  return person(
    line,
    {
      ...(email !== undefined && { email }),
      ...(phone !== undefined && { phone }),
      ...(externalId !== undefined && { externalId }),
      ...(at !== undefined && { at: dated(at) }),
      ...(consent !== undefined && { consent: read ?? false }),
      traits,
    },
    consent !== undefined && read === undefined,
  )
}

/** A day alone is its beginning, UTC. */
const dated = (at: string): string => (/^\d{4}-\d{2}-\d{2}$/.test(at) ? `${at}T00:00:00Z` : at)

function fromJson(line: Line): Found[] {
  if (line.text === null) return [{ line: line.no, problem: unreadable(line) }]
  if (line.text.trim() === '') return []
  let value: unknown
  try {
    value = parseJson(line.text)
  } catch {
    return [{ line: line.no, problem: 'is not JSON; each line must be one JSON object' }]
  }
  const consent =
    typeof value === 'object' && value !== null ? (value as { consent?: unknown }).consent : undefined
  const isOdd = consent !== undefined && typeof consent !== 'boolean'
  if (!isOdd) return [person(line.no, value, false)]
  const read =
    typeof consent === 'string' || typeof consent === 'number' ? consentIn(`${consent}`) : undefined
  return [person(line.no, { ...(value as object), consent: read ?? false }, read === undefined)]
}

function person(line: number, value: unknown, unreadableConsent: boolean): Found {
  const result = checked(PersonBody, value)
  return 'problem' in result
    ? { line, problem: result.problem }
    : { line, person: result.value, unreadableConsent }
}

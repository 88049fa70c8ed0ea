/** All rows that are held of a person, by table: for the export of what is held. Follows the tables as `erase.ts` does. */
import { type Asker, numberList } from './asker.ts'
import { NAMED_IN, tablesWith } from './erase.ts'
import { isBySite, TABLES, type TableName } from './tables.ts'

type Row = Record<string, unknown>

/** Tables that the export gives in better words, or of which it says all by the events. */
const TOLD_APART: ReadonlySet<string> = new Set([
  'events',
  'visits',
  'consents',
  'measured_views',
  'outcomes',
])

export function heldOf({ all, siteOf }: Asker, contact: number): Record<string, Row[]> {
  // All of a person are of one site.
  const site = siteOf('contacts', contact)
  const OF_SITE = 'site = $1'
  const numbers = (text: string, of: number[]) =>
    all<{ no: number }>(text, site, numberList(of)).map(({ no }) => no)
  const contacts = numbers(
    `SELECT no FROM contacts WHERE ${OF_SITE} AND (no = ANY ($2::text::bigint[]) OR merged_into = ANY ($2::text::bigint[]))`,
    [contact],
  )
  const visitors = numbers(
    `SELECT DISTINCT visitor AS no FROM edges WHERE ${OF_SITE} AND contact = ANY ($2::text::bigint[])`,
    contacts,
  )
  const names = all<{ value: string }>(
    `SELECT value FROM identities WHERE ${OF_SITE} AND contact = ANY ($2::text::bigint[])`,
    site,
    numberList(contacts),
  ).map(({ value }) => JSON.stringify(value).slice(1, -1))

  const [ofContact, ofVisitor] = [tablesWith('contact'), tablesWith('visitor')]
  function rowsOf(table: TableName): Row[] | undefined {
    const select = `SELECT ${Object.keys(TABLES[table].columns)} FROM ${table} WHERE`
    const rowsWith = (column: string, of: number[]): Row[] =>
      isBySite(table)
        ? all(`${select} ${OF_SITE} AND ${column} = ANY ($2::text::bigint[])`, site, numberList(of))
        : all(`${select} ${column} = ANY ($1::text::bigint[])`, numberList(of))
    if (table === 'contacts') return rowsWith('no', contacts)
    if (table === 'visitors') return rowsWith('no', visitors)
    // By the contact alone: the visitor may have been somebody else's too.
    if (ofContact.includes(table)) return rowsWith('contact', contacts)
    if (ofVisitor.includes(table)) return rowsWith('visitor', visitors)
    if (table === 'superseded')
      return all(
        `${select} ${OF_SITE} AND transition IN
           (SELECT no FROM transitions WHERE ${OF_SITE} AND contact = ANY ($2::text::bigint[]))`,
        site,
        numberList(contacts),
      )
    if (NAMED_IN.includes(table))
      return all(
        `${select} EXISTS (SELECT 1 FROM json_array_elements_text($1::text::json) AS name WHERE position(name IN body) > 0)`,
        JSON.stringify(names),
      )
    return undefined
  }

  const found: Record<string, Row[]> = {}
  for (const table of Object.keys(TABLES) as TableName[]) {
    const rows = TOLD_APART.has(table) ? undefined : rowsOf(table)
    if (rows) found[table] = rows.map(told)
  }
  return found
}

/** What lies as JSON in `body` is the whole row, in words. */
function told({ body, ...columns }: Row): Row {
  if (typeof body !== 'string') return columns
  return 'reason' in columns && 'bytes' in columns
    ? { ...columns, body }
    : { ...columns, ...JSON.parse(body) }
}

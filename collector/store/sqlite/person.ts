/** All rows that are held of a person, by table: for the export of what is held. Follows the schema as `erase.ts` does. */
import type { Database } from 'better-sqlite3'
import { getTableName } from 'drizzle-orm'
import { holding, NAMED_IN } from './erase.ts'
import * as schema from './schema.ts'

export type Row = Record<string, unknown>

/** Tables that the export gives in better words, or of which it says all by the events. */
const TOLD_APART = new Set(['events', 'visits', 'consents', 'measured_views', 'outcomes'])

/** Rows by table; names are those of `Person`. */
export function rowsOfPerson(
  db: Database,
  { contacts, visitors, names }: { contacts: number[]; visitors: number[]; names: string[] },
): Record<string, Row[]> {
  const found: Record<string, Row[]> = {}
  for (const table of Object.values(schema)) {
    const name = getTableName(table)
    const held = holding(table)
    if (held === null || TOLD_APART.has(name)) continue
    const rows = new Map<string, Row>()
    const add = (where: string, values: readonly unknown[]) => {
      const query = db.prepare(`SELECT * FROM ${name} WHERE ${where}`)
      for (const value of values)
        for (const row of query.all(value) as Row[]) rows.set(JSON.stringify(row), row)
    }
    if (held === 'text')
      add(
        `instr(${NAMED_IN[name]}, ?) > 0`,
        names.map((one) => JSON.stringify(one).slice(1, -1)),
      )
    if (held === 'itself') add('no = ?', name === 'contacts' ? contacts : visitors)
    // By the contact alone: the visitor may have been somebody else's too.
    if (held === 'contact' || held === 'both') add('contact = ?', contacts)
    if (held === 'visitor') add('visitor = ?', visitors)
    if (held === 'transition') add('transition IN (SELECT no FROM transitions WHERE contact = ?)', contacts)
    found[name] = [...rows.values()]
  }
  return found
}

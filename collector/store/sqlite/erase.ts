/**
 * Removes a person from every table, by what the schema says: a table with a column `contact` or `visitor` holds
 * rows of people. A new table is so covered without a word here; a test holds that no other table does.
 */
import type { Database, Statement } from 'better-sqlite3'
import { getTableName } from 'drizzle-orm'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { EventKey } from '../../lead/state.ts'
import type { Named, NamePlace, Person } from '../store.ts'
import * as schema from './schema.ts'

/** Tables whose rows hold people's names in a text: its column. Removed where any of a person's names stands in it. */
export const NAMED_IN: Record<string, string> = { dead_letters: 'body', outcomes: 'outcome' }

/** How a table's rows are people's; null where they are nobody's. */
export function holding(
  table: SQLiteTable,
): 'contact' | 'visitor' | 'both' | 'transition' | 'text' | 'itself' | null {
  const name = getTableName(table)
  if (name === 'contacts' || name === 'visitors') return 'itself'
  if (name === 'superseded') return 'transition'
  if (Object.hasOwn(NAMED_IN, name)) return 'text'
  const columns = new Set(getTableConfig(table).columns.map((column) => column.name))
  if (columns.has('contact') && columns.has('visitor')) return 'both'
  if (columns.has('contact')) return 'contact'
  return columns.has('visitor') ? 'visitor' : null
}

export function eraser(
  db: Database,
  /** Of whom something is removed. */
  blocks: { write(): void },
): {
  some(person: Person, limit: number): number
  events(visitor: number, ids: readonly EventKey[]): void
  part(part: Person['parts'][number]): void
  namesAfter(after: NamePlace | null, limit: number): { names: Named[]; place: NamePlace | null }
} {
  /** Removes at most so many rows whose column has that value. */
  const removers = (by: 'contact' | 'visitor'): { name: string; remove: Statement }[] =>
    Object.values(schema).flatMap((table) => {
      const held = holding(table)
      const name = getTableName(table)
      if (held !== by && held !== 'both') return []
      const key = keyOf(table)
      const remove = db.prepare(
        `DELETE FROM ${name} WHERE (${key}) IN (SELECT ${key} FROM ${name} WHERE ${by} = ? LIMIT ?)`,
      )
      return [{ name, remove }]
    })
  const byVisitor = removers('visitor')
  const byContact = removers('contact')
  const visitor = db.prepare('DELETE FROM visitors WHERE no = ?')
  const contact = db.prepare('DELETE FROM contacts WHERE no = ?')
  const inText = Object.entries(NAMED_IN).map(([table, column]) =>
    db.prepare(`DELETE FROM ${table} WHERE instr(${column}, ?) > 0`),
  )
  // They bear numbers of transitions, so they go before these.
  const superseded = db.prepare(
    'DELETE FROM superseded WHERE transition IN (SELECT no FROM transitions WHERE contact = ?)',
  )
  const event = db.prepare('DELETE FROM events WHERE visitor = ? AND id_ms = ? AND id_key = ?')

  const inTime = ['consents', 'measured_views'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE visitor = ? AND at >= ? AND at < ?`),
  )

  const some = db.transaction((person: Person, limit: number): number => {
    let left = limit
    const all = (statements: { remove: Statement }[], numbers: readonly number[]): void => {
      for (const { remove } of statements)
        for (const no of numbers) if (left > 0) left -= remove.run(no, left).changes
    }
    all(byVisitor, person.visitors)
    for (const no of person.contacts) superseded.run(no)
    if (left > 0) all(byContact, person.contacts)
    blocks.write()
    if (left <= 0) return limit
    for (const no of person.visitors) left -= visitor.run(no).changes
    for (const no of person.contacts) left -= contact.run(no).changes
    // A name as JSON spells it, without the quotes around it.
    for (const statement of inText)
      for (const name of person.names) left -= statement.run(JSON.stringify(name).slice(1, -1)).changes
    return limit - left
  })

  const identities = db.prepare(
    'SELECT site, kind, value, contact AS no FROM identities WHERE (site, kind, value) > (?, ?, ?) ORDER BY site, kind, value LIMIT ?',
  )
  const visitors = db.prepare(
    "SELECT site, 'visitor' AS kind, key AS value, no FROM visitors WHERE no > ? ORDER BY no LIMIT ?",
  )

  return {
    some: (person, limit) => some.immediate(person, limit),
    events: db.transaction((no: number, ids: readonly EventKey[]) => {
      for (const { ms, key } of ids) event.run(no, ms, key)
    }),
    part: db.transaction(({ visitor: no, from, to }: Person['parts'][number]) => {
      for (const statement of inTime) statement.run(no, from, to ?? Number.MAX_SAFE_INTEGER)
    }),
    namesAfter(after, limit) {
      const [of, ...place] = after === null ? ['identities', 0, '', ''] : JSON.parse(after)
      const found = (
        of === 'identities' ? identities.all(...place, limit) : visitors.all(...place, limit)
      ) as Named[]
      const last = found.at(-1)
      if (last && found.length === limit) {
        const next = of === 'identities' ? [of, last.site, last.kind, last.value] : [of, last.no]
        return { names: found, place: JSON.stringify(next) }
      }
      return { names: found, place: of === 'identities' ? JSON.stringify(['visitors', 0]) : null }
    },
  }
}

/** The columns of a table's primary key. */
function keyOf(table: SQLiteTable): string {
  const { columns, primaryKeys } = getTableConfig(table)
  const key = primaryKeys[0]?.columns ?? columns.filter((column) => column.primary)
  return key.map(({ name }) => name).join(', ')
}

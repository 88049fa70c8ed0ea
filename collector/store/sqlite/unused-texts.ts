import type { Database } from 'better-sqlite3'
import { getTableName } from 'drizzle-orm'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { TrackedEvent } from '../../lead/state.ts'
import { EVENT_KINDS } from './event-row.ts'
import * as schema from './schema.ts'

/** The columns that name texts, by what the schema says. A title goes with its path, so it keeps none. */
const NAMING = Object.values(schema).flatMap((table: SQLiteTable) =>
  table === schema.titles
    ? []
    : getTableConfig(table)
        .columns.filter(({ columnType }) => columnType === 'SQLiteCustomColumn')
        .map(({ name }) => ({ table: getTableName(table), column: name })),
)

/** Kinds of events that hold another number than a text's in a column, see `event-row.ts`. */
const OTHER_NUMBERS = {
  a: ['engage'],
  b: ['engage', 'cart'],
  c: ['engage', 'cart'],
} satisfies Record<string, TrackedEvent['kind'][]>

/** Finds and removes texts that no row names: what was erased or forgotten was the last to use them. */
export function unusedTexts(db: Database): {
  find(): number[]
  /** With the titles of such paths. */
  remove(numbers: readonly number[]): void
} {
  const named = NAMING.map(({ table, column }) => {
    const others = table === 'events' ? OTHER_NUMBERS[column as keyof typeof OTHER_NUMBERS] : []
    const kinds = others.map((kind) => EVENT_KINDS.indexOf(kind))
    const isText = kinds.length > 0 ? ` AND kind NOT IN (${kinds})` : ''
    return db.prepare(`SELECT DISTINCT ${column} FROM ${table} WHERE ${column} IS NOT NULL${isText}`).pluck()
  })
  const all = db.prepare("SELECT no FROM texts WHERE text <> '' ORDER BY no").pluck()
  const removals = [
    'DELETE FROM titles WHERE path IN (SELECT value FROM json_each(?))',
    // The greatest number stays: it would be given to another string, and who reads may know this one by it.
    `UPDATE texts SET text = '', hash = 0
     WHERE no = (SELECT max(no) FROM texts) AND no IN (SELECT value FROM json_each(?))`,
    "DELETE FROM texts WHERE no IN (SELECT value FROM json_each(?)) AND text <> ''",
  ].map((removal) => db.prepare(removal))

  return {
    find() {
      const used = new Set<unknown>()
      for (const statement of named) for (const no of statement.iterate()) used.add(no)
      return (all.all() as number[]).filter((no) => !used.has(no))
    },
    remove: db.transaction((numbers: readonly number[]) => {
      for (const removal of removals) removal.run(JSON.stringify(numbers))
    }),
  }
}

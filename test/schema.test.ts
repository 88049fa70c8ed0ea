import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api'
import { getTableColumns, getTableName } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { describe, expect, it } from 'vitest'
import { migrateState } from '../collector/store/sqlite/open.ts'
import * as schema from '../collector/store/sqlite/schema.ts'

const MIGRATIONS = new URL('../collector/store/sqlite/migrations/', import.meta.url)
const tables: [string, SQLiteTable][] = Object.values(schema).map((table) => [getTableName(table), table])

const db = new Database(':memory:')
migrateState(db)

interface ColumnInfo {
  name: string
  type: string
  notnull: number
  pk: number
}

describe('the migrations', () => {
  it('make the tables of the schema and no others', () => {
    const made = db
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '__*'",
      )
      .pluck()
      .all()
    expect(made.sort()).toEqual(tables.map(([name]) => name).sort())
  })

  it.each(tables)('give the table %s exactly the columns that the schema says', (name, table) => {
    const made = (db.pragma(`table_info(${name})`) as ColumnInfo[]).map(({ name, type, notnull, pk }) => ({
      name,
      type: type.toLowerCase(),
      notNull: notnull === 1 || pk > 0,
    }))
    const said = Object.values(getTableColumns(table)).map((column) => ({
      name: column.name,
      type: column.getSQLType(),
      notNull: column.notNull || column.primary,
    }))
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)
    const compositeKey = new Set(
      (db.pragma(`table_info(${name})`) as ColumnInfo[])
        .filter(({ pk }) => pk > 0)
        .map((column) => column.name),
    )
    const keyed = said.map((column) => ({
      ...column,
      notNull: column.notNull || compositeKey.has(column.name),
    }))
    expect(made.sort(byName)).toEqual(keyed.sort(byName))
  })

  it('are complete: generating again would find nothing to do', async () => {
    const journal = JSON.parse(readFileSync(new URL('meta/_journal.json', MIGRATIONS), 'utf8')) as {
      entries: { tag: string }[]
    }
    const number = journal.entries.at(-1)!.tag.split('_')[0]
    const snapshot = JSON.parse(readFileSync(new URL(`meta/${number}_snapshot.json`, MIGRATIONS), 'utf8'))
    const current = await generateSQLiteDrizzleJson(schema, snapshot.id)
    expect(await generateSQLiteMigration(snapshot, current)).toEqual([])
  })

  it('do nothing the second time', () => {
    const count = () => db.prepare('SELECT count(*) FROM __drizzle_migrations').pluck().get()
    const before = count()
    migrateState(db)
    expect(count()).toBe(before)
  })

  it('refuse a database of a newer program, in words', () => {
    const newer = new Database(':memory:')
    migrateState(newer)
    newer.prepare('UPDATE __drizzle_migrations SET created_at = created_at + 1').run()
    expect(() => migrateState(newer)).toThrow(/newer Leadwake/)
  })

  it('keep in key order what is read in key order', () => {
    for (const name of [
      'events',
      'visits',
      'quarters',
      'slices',
      'slice_visitors',
      'week_slices',
      'week_changes',
      'identities',
      'edges',
      'cells',
    ]) {
      const sql = db.prepare('SELECT sql FROM sqlite_master WHERE name = ?').pluck().get(name)
      expect(sql, name).toMatch(/WITHOUT ROWID/i)
    }
  })
})

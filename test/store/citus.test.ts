/** What Citus asks of tables that it is to distribute, held by the catalogue of the tables as they are made. */
import { readFileSync } from 'node:fs'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepareDatabase } from '../../collector/engine/prepare-database.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

const FILE = readFileSync(new URL('../../deploy/citus.sql', import.meta.url), 'utf8')
const named = (pattern: RegExp) => [...FILE.matchAll(pattern)].map(([, name]) => name!)
const distributed = named(/^SELECT create_distributed_table\('(\w+)', 'site'/gm)
const everywhere = named(/^SELECT create_reference_table\('(\w+)'\)/gm)
const staying = named(/^--\s+stays: (.*)$/gm).flatMap((list) => list.split(', '))

let at: TestDatabase
let sql: postgres.Sql
beforeAll(async () => {
  at = await database()
  await prepareDatabase(at.url, { partitions: 2, logHere: true })
  sql = at.connect()
})
afterAll(async () => {
  await sql.end()
  await at.remove()
})

const names = (rows: readonly postgres.Row[]) => rows.map(({ name }) => name as string).sort()

describe('deploy/citus.sql', () => {
  it('names every table once', async () => {
    const tables = await sql`
      SELECT relname AS name FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`
    expect([...distributed, ...everywhere, ...staying].sort()).toEqual(names(tables))
  })

  it('puts all that lies by site together', () => {
    const [first, ...others] = FILE.split('\n').filter((line) => line.includes('create_distributed_table'))
    expect(first).toBe("SELECT create_distributed_table('visitors', 'site');")
    for (const line of others) expect(line).toMatch(/colocate_with => 'visitors'\);$/)
  })

  it('distributes by a column of one type that is never null', async () => {
    const columns = await sql`
      SELECT DISTINCT format_type(atttypid, atttypmod) AS type, attnotnull AS "isThere" FROM pg_attribute
      WHERE attrelid = ANY (${distributed}::text[]::regclass[]) AND attname = 'site'`
    expect([...columns]).toEqual([{ type: 'bigint', isThere: true }])
  })

  it('distributes tables whose unique indexes all bear the site', async () => {
    const lacking = await sql`
      SELECT i.indexrelid::regclass::text AS name FROM pg_index AS i
      WHERE i.indrelid = ANY (${distributed}::text[]::regclass[]) AND i.indisunique
        AND NOT EXISTS (SELECT 1 FROM pg_attribute AS a
          WHERE a.attrelid = i.indrelid AND a.attname = 'site' AND a.attnum = ANY (i.indkey))`
    expect(names(lacking)).toEqual([])
    const keyless = await sql`
      SELECT c.relname AS name FROM pg_class AS c WHERE c.oid = ANY (${distributed}::text[]::regclass[])
        AND NOT EXISTS (SELECT 1 FROM pg_index WHERE indrelid = c.oid AND indisprimary)`
    expect(names(keyless)).toEqual([])
  })

  it('finds every index of them by the site first, but for what is asked of all sites at once', async () => {
    const others = await sql`
      SELECT i.indexrelid::regclass::text AS name FROM pg_index AS i
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attname = 'site'
      WHERE i.indrelid = ANY (${distributed}::text[]::regclass[]) AND i.indkey[0] <> a.attnum`
    // Who names a lead by its id; who is overdue.
    expect(names(others)).toEqual(['contacts_id_idx', 'leads_due_at_idx'])
  })

  it('meets no foreign key, sequence, trigger or inheritance of two levels', async () => {
    const foreign = await sql`
      SELECT conname AS name FROM pg_constraint
      WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`
    const sequences = await sql`
      SELECT relname AS name FROM pg_class
      WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace`
    const triggers = await sql`
      SELECT tgname AS name FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
      WHERE relnamespace = current_schema()::regnamespace`
    const nested = await sql`
      SELECT relname AS name FROM pg_class
      WHERE relkind = 'p' AND relispartition AND relnamespace = current_schema()::regnamespace`
    expect([foreign, sequences, triggers, nested].map(names)).toEqual([[], [], [], []])
  })
})

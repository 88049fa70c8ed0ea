/** Makes the tables of a shared state where there are none, whoever comes first, and says what does not fit. */
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql, TransactionSql } from 'postgres'
import type { IntakeLog } from '../log/log.ts'
import { createTables as createLogTables, LOG_TABLES } from '../log/postgres.ts'
import { type Connections, connect } from '../postgres-connection.ts'
import { Sentence } from '../sentence.ts'
import { HALF_MOVED, type Holding, MOVING } from '../store/copy.ts'
import { endedWithin } from '../store/postgres/leases.ts'
import { SCHEMA, TABLES } from '../store/postgres/tables.ts'
import { databaseSentence } from './database-error.ts'
import { MIGRATIONS, type Migration, oldestOfAll, TOO_OLD, VERSION, versionOfAll } from './schema-versions.ts'

/** The oldest PostgreSQL that its makers look after. */
const OLDEST = 14
/** Class of the advisory lock under which tables are made: 'lead'. */
const MAKING = 0x6c656164
/** Between two statements of it. */
const MADE_WITHIN_MS = 10_000

/** A migration waits so long for others' locks, ms: meanwhile nobody else gets them. Then it lets them go on, and begins anew. */
const LOCKED_MS = 2_000
/** For so long. Who projects ends within a fraction of a second, so this is a table that somebody else holds. */
const MIGRATED_WITHIN_MS = 60_000
/** A deadlock, a conflict, a lock that was not to be had. */
const BEGIN_ANEW = /^(40|55P03)/

/** What all collectors of a database share beside log and state. */
export interface Shared {
  partitions: number
  /** Key of the suppressions' hashes. */
  suppressionKey: Buffer
}

/**
 * `salts` is not logged: it is in no copy of the server's log, and gone after its crash, when whoever still knows the
 * day's salt writes it again.
 */
const OWN = `
  CREATE TABLE leadwake (version integer NOT NULL, oldest integer NOT NULL, partitions integer NOT NULL, suppression_key text NOT NULL);
  CREATE UNLOGGED TABLE salts (day bigint PRIMARY KEY, salt text NOT NULL);
`

interface Made {
  version: number
  oldest: number
  partitions: number
  key: string
}

/** Throws a `Sentence` where the database cannot be used. */
export async function prepareDatabase(
  url: string,
  {
    partitions,
    logHere,
    migrations = MIGRATIONS,
  }: { partitions: number; logHere: boolean; migrations?: readonly Migration[] },
): Promise<Shared> {
  // Others that start meanwhile wait for this one, and not for long where it is suspended.
  const sql = connect(url, { max: 1, connection: endedWithin(MADE_WITHIN_MS) as never })
  try {
    await mustBeNew(sql)
    const found = await patiently(() =>
      sql.begin(async (sql) => {
        // Of the schema, not of the database: several may live in one.
        await sql`SELECT pg_advisory_xact_lock(${MAKING}, hashtext(current_schema()))`
        if (!(await isThere(sql as unknown as Sql, 'leadwake'))) await make(sql, partitions)
        if (logHere && !(await isThere(sql as unknown as Sql, 'intake_log')))
          await createLogTables(sql, randomUUID())
        const [row] = await sql<Made[]>`
          SELECT version, oldest, partitions, suppression_key AS key FROM leadwake`
        if (row!.oldest > versionOfAll(migrations)) throw new Sentence(TOO_OLD)
        await mustBeWhole(sql as unknown as Sql)
        await bringUpToDate(sql, row!, migrations)
        return row!
      }),
    )
    return { partitions: found.partitions, suppressionKey: Buffer.from(found.key, 'base64url') }
  } catch (error) {
    throw databaseSentence(error)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function make(sql: TransactionSql, partitions: number): Promise<void> {
  if (await isThere(sql as unknown as Sql, 'visitors')) {
    throw new Sentence(
      'the database of DATABASE_URL holds tables of these names already: give Leadwake a database or a schema of its own (?search_path=leadwake)',
    )
  }
  await sql.unsafe(`${OWN};${SCHEMA}`)
  const key = randomBytes(32).toString('base64url')
  // What the schema is made of is that of version 1 with all migrations since.
  await sql`INSERT INTO leadwake VALUES (${VERSION}, ${VERSION}, ${partitions}, ${key})`
}

/** Runs the migrations that are missing. A program that a newer one has overtaken, and not broken, finds none. */
async function bringUpToDate(
  sql: TransactionSql,
  { version, oldest }: Made,
  migrations: readonly Migration[],
): Promise<void> {
  if (version >= versionOfAll(migrations)) return
  await sql.unsafe(`SET LOCAL lock_timeout = ${LOCKED_MS}`)
  const stillWorks = Math.max(oldest, oldestOfAll(migrations))
  // What projectors of broken programs have under way ends first, and nothing that they begin is committed.
  if (stillWorks > oldest) await sql`UPDATE watermarks SET epoch = coalesce(epoch, 0) + 1`
  for (const migration of migrations.slice(version - 1)) await sql.unsafe(migration.sql)
  await sql`UPDATE leadwake SET version = ${versionOfAll(migrations)}, oldest = ${stillWorks}`
}

/** Again where others were in the way, after a pause in which they go on. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + MIGRATED_WITHIN_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const { code = '' } = error as { code?: string }
      if (!BEGIN_ANEW.test(code) || performance.now() > until) throw error
      await sleep(Math.random() * LOCKED_MS)
    }
  }
}

/** A state that was not moved here to its end is served by nobody. */
async function mustBeWhole(sql: Sql): Promise<void> {
  const [row] = await sql`SELECT 1 FROM settings WHERE name = ${MOVING}`
  if (row) throw new Sentence(`the database of DATABASE_URL ${HALF_MOVED}`)
}

/** What a database holds: nothing, what a move that did not end left there, or somebody's state. */
export async function holdingOf(sql: Connections): Promise<Holding> {
  if (!(await isThere(sql as unknown as Sql, 'leadwake'))) return 'nothing'
  const [row] = await sql<{ moving: boolean; used: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM settings WHERE name = ${MOVING}) AS moving, EXISTS (SELECT 1 FROM sites) AS used`
  return row!.moving ? 'half' : row!.used ? 'state' : 'nothing'
}

/** Removes every table of Leadwake. */
export async function emptyDatabase(sql: Connections): Promise<void> {
  await sql.unsafe(
    `DROP TABLE IF EXISTS ${['leadwake', 'salts', ...LOG_TABLES, ...Object.keys(TABLES)]} CASCADE`,
  )
}

/** The version and the partitions of a state that is there; undefined where there is none. */
export async function versionOf(
  sql: Connections,
): Promise<{ version: number; partitions: number; suppressionKey: Buffer } | undefined> {
  if (!(await isThere(sql as unknown as Sql, 'leadwake'))) return undefined
  const [row] = await sql<{ version: number; partitions: number; key: string }[]>`
    SELECT version, partitions, suppression_key AS key FROM leadwake`
  return row && { ...row, suppressionKey: Buffer.from(row.key, 'base64url') }
}

async function mustBeNew(sql: Sql): Promise<void> {
  const [{ number, name } = { number: 0, name: '' }] = await sql<{ number: number; name: string }[]>`
    SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS name`
  if (number < OLDEST * 10_000)
    throw new Sentence(`PostgreSQL ${name} is too old for Leadwake: it needs ${OLDEST} or newer`)
}

async function isThere(sql: Sql, table: string): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ${table}) AS found`
  return row!.found
}

/**
 * Throws a `Sentence` where the log is another than the one that was projected, or lacks what is not projected.
 * Resolves with the last entry that all partitions have projected.
 */
export async function mustFitLog(url: string, log: Pick<IntakeLog, 'id' | 'bounds'>): Promise<number> {
  const sql = connect(url, { max: 1 })
  try {
    // Other collectors go on meanwhile: what was there before is looked for before, what is there since after.
    const { first } = await log.bounds()
    const rows = await sql<{ log_id: string | null; seq: number }[]>`SELECT log_id, seq FROM watermarks`
    const { last } = await log.bounds()
    if (rows.some(({ log_id: id }) => id !== null && id !== log.id)) {
      throw new Sentence(
        'the state in DATABASE_URL was projected from another intake log: set LEADWAKE_INTAKE_LOG as it was before',
      )
    }
    const seqs = rows.map(({ seq }) => seq)
    if (Math.max(0, ...seqs) > last) {
      throw new Sentence(
        `the state in DATABASE_URL has seen entry ${Math.max(...seqs)}, its intake log ends at ${last}: restore both from one moment`,
      )
    }
    const least = rows.length === 0 ? 0 : Math.min(...seqs)
    if (first > least + 1) {
      throw new Sentence(
        `entries ${least + 1} to ${first - 1} are missing from the intake log: restore log and state from one moment`,
      )
    }
    return least
  } catch (error) {
    throw databaseSentence(error)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

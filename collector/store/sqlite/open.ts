import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'

/** Beside this file in the source, beside the bundle in a build. */
const MIGRATIONS = new URL('./migrations/', import.meta.url).pathname

/** A write-ahead log that was longer is cut to this when it starts anew, bytes. */
const WAL_KEPT = 16 * 2 ** 20

/** Opens a state file for writing; `fileMustExist` unless it is to be created. */
export function openState(path: string, create: boolean): Database.Database {
  const db = new Database(path, { fileMustExist: !create, timeout: 5_000 })
  db.pragma('journal_mode = WAL')
  // What a power cut can take from the state is projected again from the log, which loses nothing.
  db.pragma('synchronous = NORMAL')
  db.pragma('wal_autocheckpoint = 0')
  db.pragma(`journal_size_limit = ${WAL_KEPT}`)
  db.pragma('secure_delete = ON')
  db.pragma('cache_size = -16000')
  return db
}

/** The newest migration that a state has, and the newest that this program knows; 0 in a file without any. */
export function migrationsOf(db: Database.Database): { applied: number; known: number } {
  const journal = JSON.parse(readFileSync(`${MIGRATIONS}meta/_journal.json`, 'utf8')) as {
    entries: { when: number }[]
  }
  const known = journal.entries.at(-1)!.when
  const table = db.prepare("SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'").get()
  if (!table) return { applied: 0, known }
  const row = db.prepare('SELECT max(created_at) AS applied FROM __drizzle_migrations').get()
  return { applied: (row as { applied: number | null }).applied ?? 0, known }
}

/** Brings the schema up to date, in one transaction. Throws, in words, on a newer schema. */
export function migrateState(db: Database.Database): void {
  const { applied, known } = migrationsOf(db)
  if (applied > known)
    throw new Error('was written by a newer Leadwake: start that version, or restore an older backup')
  migrate(drizzle(db), { migrationsFolder: MIGRATIONS })
}

/** Opens a state file for reading only. */
export function openForReading(path: string): Database.Database {
  const db = new Database(path, { fileMustExist: true, readonly: true, timeout: 5_000 })
  db.pragma('cache_size = -16000')
  return db
}

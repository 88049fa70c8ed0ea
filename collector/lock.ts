import { closeSync, existsSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Sentence } from './sentence.ts'

/**
 * Holds a collector's files for one process. The lock is the operating system's on an empty SQLite file, so it
 * dies with its process and never has to be cleaned up. Returns undefined where another process holds it.
 * Throws a `Sentence` where the folder does not let it be made.
 */
export function takeLock(path: string): { release(): void } | undefined {
  const db = open(path)
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined
    throw unusable(path, error)
  }
  return {
    release() {
      db.close()
    },
  }
}

function open(path: string): Database.Database {
  try {
    // Whoever can read the file can hold the lock. Only where there is none: closing it would drop our own lock.
    if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600))
    return new Database(path, { timeout: 0 })
  } catch (error) {
    throw unusable(path, error)
  }
}

function unusable(path: string, error: unknown): Sentence {
  const why = error instanceof Error ? error.message : String(error)
  return new Sentence(
    `cannot open ${path}: ${why}; let this user write to its folder, or choose another place with LEADWAKE_DB or --db`,
  )
}

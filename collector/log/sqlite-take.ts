/** Fills a log in SQLite with the entries of another, under their numbers and times. */
import type { LoggedEntry } from './log.ts'
import { runsOf } from './runs.ts'
import { openLogFile } from './sqlite-write.ts'

export interface Taker {
  /** Durable when it returns. */
  take(entries: readonly LoggedEntry[]): void | Promise<void>
  close(): void | Promise<void>
}

/** Of a new log: its numbers begin behind `after`. */
export function sqliteTaker(path: string, after: number): Taker {
  const db = openLogFile(path, 1_000)
  db.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('entries', ?)").run(after)
  const insert = db.prepare('INSERT INTO entries (seq, n, received_at, body) VALUES (?, ?, ?, ?)')
  const all = db.transaction((entries: readonly LoggedEntry[]) => {
    for (const { seq, n, receivedAt, body } of runsOf(entries)) insert.run(seq, n, receivedAt, body)
  })
  return {
    take: (entries) => all.immediate(entries),
    close: () => {
      db.pragma('wal_checkpoint(PASSIVE)')
      db.close()
    },
  }
}

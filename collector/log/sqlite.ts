import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Entry } from '../entry.ts'
import { type FileLog, type LoggedEntry, LogUnavailable } from './log.ts'
import { type Appender, startAppender } from './sqlite-appender.ts'
import { type Commit, type Committed, logWriter, openLogFile, shred, WAL_KEPT } from './sqlite-write.ts'

/** A commit of this many says that there is load: the next one is let grow for so long, ms. */
const LOADED_BATCH = 8
const LINGER_MS = 2
/** How full the file is, is looked up after so many commits: a look costs a tenth of a commit. */
const COMMITS_PER_LOOK = 64
/** What the log may hold unless told otherwise, bytes. */
export const LOG_LIMIT = 2 ** 30
/** An fsync that takes longer than this, ms, in the median of so many commits, goes to a thread of its own. */
const SLOW_COMMIT_MS = 0.5
const COMMITS_TIMED = 32
/** Where nothing is appended, what may go goes without it: some rows each time, ms. */
const IDLE_TRIM_MS = 1_000
/** `user_version` of the file. */
export const LOG_SCHEMA = 1

/**
 * A row holds the entries of one commit, as a JSON list: under load that is a third cheaper than a row for each.
 * `seq` is the number of the last of them, `n` how many they are.
 */
const SCHEMA = `
  CREATE TABLE log (id TEXT NOT NULL) STRICT;
  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    n INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  PRAGMA user_version = ${LOG_SCHEMA};
`

/** The commit that is coming: its entries as JSON, and what all who appended one wait for. */
interface Coming extends PromiseWithResolvers<number> {
  entries: string[]
}

/** Creates the file of a new log. Throws if one is there. */
export function createLogFile(path: string, id: string): void {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.transaction(() => {
    db.exec(SCHEMA)
    db.prepare('INSERT INTO log (id) VALUES (?)').run(id)
  })()
  db.close()
}

export interface AppenderOptions {
  /** The thread's module. */
  module: URL
  /** A commit that takes longer, ms, in the median of `timed` of them, is slow. With `timed` 0 all go to the thread. */
  slowMs?: number
  timed?: number
  /** Commits go to the thread from now on, or no more. */
  moved?: (toThread: boolean) => void
}

export interface SqliteLogOptions {
  now?: () => number
  /** Called after each commit with its last sequence number. */
  committed?: (seq: number) => void
  /** How long a commit waits for another process's (the CLI's) to end, ms. */
  waitMs?: number
  /** Bytes that it may hold; past them it takes no entries until it is trimmed. */
  limit?: number
  /** Where commits go when they take long; without it they stay on this thread. */
  appender?: AppenderOptions
}

/** The log in an SQLite file of its own: no second index, WAL, and an fsync before every acknowledgement. */
export function openSqliteLog(
  path: string,
  {
    now = Date.now,
    committed = () => {},
    waitMs = 1_000,
    limit = LOG_LIMIT,
    appender,
  }: SqliteLogOptions = {},
): FileLog {
  const db = openLogFile(path, waitMs)
  const writer = logWriter(db)

  const id = (db.prepare('SELECT id FROM log').get() as { id: string }).id
  const after = db.prepare(
    'SELECT seq, n, received_at AS receivedAt, body FROM entries WHERE seq > ? ORDER BY seq',
  )
  const first = db.prepare('SELECT seq - n + 1 FROM entries ORDER BY seq LIMIT 1').pluck()
  const last = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").pluck()

  let coming: Coming | undefined
  /** The commit that the thread is at. */
  let away: Promise<void> | undefined
  /** Set once it takes commits. */
  let thread: Appender | undefined
  let starting: Appender | undefined
  /** How long the latest commits took, ms. */
  let times: number[] = []
  let isShredding = false
  let trimTo = 0
  let lastBatch = 0
  let commits = 0
  let full = heldBytes() > limit
  let idleTrim: NodeJS.Timeout | undefined
  let fullTrim: NodeJS.Immediate | undefined
  let commitsThen = 0

  function heldBytes(): number {
    const pages = (name: string) => db.pragma(name, { simple: true }) as number
    return (pages('page_count') - pages('freelist_count')) * pages('page_size')
  }

  const walBytes = () => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0

  /** A commit is on disk: tells who waits. */
  function stored({ resolve }: Coming, { seq, trimmed }: Committed, trimmedTo: number): void {
    if (trimmed && trimTo === trimmedTo) trimTo = 0
    if (++commits % COMMITS_PER_LOOK === 0) full = heldBytes() > limit
    resolve(seq)
    committed(seq)
  }

  const failed = ({ reject }: Coming, cause: unknown) =>
    reject(new LogUnavailable('the intake log cannot be written', { cause }))

  const commitOf = ({ entries }: Coming): Commit => ({
    n: entries.length,
    at: now(),
    body: `[${entries.join()}]`,
    trimTo,
  })

  function commit(): void {
    if (!coming || away) return
    const one = coming
    coming = undefined
    lastBatch = one.entries.length
    if (thread) {
      commitAway(one, thread)
      return
    }
    const began = performance.now()
    try {
      const what = commitOf(one)
      stored(one, writer.commit(what), what.trimTo)
    } catch (error) {
      failed(one, error)
    }
    time(performance.now() - began)
  }

  /** In the thread; what arrives meanwhile shares the next one. */
  function commitAway(one: Coming, { commit: send }: Appender): void {
    const what = commitOf(one)
    away = send(what)
      .then(
        (done) => stored(one, done, what.trimTo),
        (error) => failed(one, error),
      )
      .then(() => {
        away = undefined
        commit()
      })
  }

  /** Where commits are slow, a thread takes them over: the loop that answers does not wait for a disk. */
  function time(ms: number): void {
    if (!appender || starting) return
    const { slowMs = SLOW_COMMIT_MS, timed = COMMITS_TIMED } = appender
    times.push(ms)
    if (times.length < timed) return
    const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!
    times = []
    if (median > slowMs) move(appender)
  }

  function move({ module, moved = () => {} }: AppenderOptions): void {
    const started = startAppender(
      module,
      { path, waitMs },
      {
        ready() {
          if (isShredding) started.shred()
          thread = started
          moved(true)
        },
        // One that died leaves the commits to this thread, until they are found slow again.
        ended() {
          thread = undefined
          starting = undefined
          moved(false)
        },
      },
    )
    starting = started
  }

  /** A trim goes with the next append; at night there is none, and what was acknowledged last would lie there till morning. */
  function trimIdle(): void {
    idleTrim = undefined
    if (commits === commitsThen && !coming && !away) {
      db.pragma('busy_timeout = 0')
      try {
        if (trimTo > 0 && writer.trim(trimTo)) trimTo = 0
      } catch {
        // Another process appends, or the disk is full: the next one tries again.
      }
      db.pragma(`busy_timeout = ${waitMs}`)
    }
    trimSoon()
  }

  function trimSoon(): void {
    if (trimTo === 0 || idleTrim) return
    commitsThen = commits
    idleTrim = setTimeout(trimIdle, IDLE_TRIM_MS).unref()
  }

  /**
   * A full log has no appends that a trim could go with. One commit a turn of the loop, until it takes entries again:
   * a gigabyte behind the watermark would hold the loop for half a second.
   */
  function trimFull(): void {
    fullTrim = undefined
    try {
      if (writer.trim(trimTo)) trimTo = 0
      full = heldBytes() > limit
      if (full && trimTo > 0) fullTrim = setImmediate(trimFull)
    } catch {
      // Locked or failing: appends are refused as it is, and the next trim tries again.
    }
  }

  if (appender?.timed === 0) move(appender)

  return {
    id,
    append(entry: Entry) {
      if (full) return Promise.reject(new LogUnavailable('the intake log is full'))
      const text = JSON.stringify(entry)
      if (coming) {
        coming.entries.push(text)
        return coming.promise
      }
      coming = { entries: [text], ...Promise.withResolvers<number>() }
      // setImmediate runs after this turn's reads: whatever arrived together shares the fsync. Where many do,
      // two milliseconds bring more of them (a commit costs 80 us of CPU, an entry 2); a lone one never waits.
      // While the thread is at one, the next one comes after it.
      if (away) return coming.promise
      if (lastBatch < LOADED_BATCH || thread) setImmediate(commit)
      else setTimeout(commit, LINGER_MS)
      return coming.promise
    },
    read(seq, limit) {
      const found: LoggedEntry[] = []
      for (const row of after.iterate(seq) as Iterable<Row>) {
        const entries = JSON.parse(row.body) as Entry[]
        // Where a batch ended within a commit, the next one begins there.
        const begin = Math.max(0, seq - (row.seq - row.n))
        const end = Math.min(row.n, begin + limit - found.length)
        for (let i = begin; i < end; i++)
          found.push({ seq: row.seq - row.n + i + 1, receivedAt: row.receivedAt, entry: entries[i]! })
        if (found.length >= limit) break
      }
      return found
    },
    bounds() {
      const high = (last.get() as number | undefined) ?? 0
      return { first: (first.get() as number | undefined) ?? high + 1, last: high }
    },
    trim(seq) {
      trimTo = Math.max(trimTo, seq)
      if (full && trimTo > 0 && !fullTrim) trimFull()
      trimSoon()
    },
    isFull: () => full,
    shred() {
      isShredding = true
      shred(db)
      thread?.shred()
    },
    checkpoint() {
      db.pragma('wal_checkpoint(PASSIVE)')
      // Appends that came meanwhile keep it from starting anew; that takes a moment in which there are none. Not
      // even that where somebody reads: the appends would wait for the reader.
      if (!isShredding && walBytes() <= WAL_KEPT) return
      db.pragma('busy_timeout = 0')
      // What was removed still lies in the write-ahead log, until that is cut.
      db.pragma(`wal_checkpoint(${isShredding ? 'TRUNCATE' : 'RESTART'})`)
      db.pragma(`busy_timeout = ${waitMs}`)
    },
    walBytes,
    async close() {
      clearTimeout(idleTrim)
      clearImmediate(fullTrim)
      commit()
      // The last commit may have to wait for the one before it.
      while (away) await away
      // At once where nothing is under way: a start closes it again before it goes on.
      if (starting) await starting.close()
      db.close()
    },
  }
}

interface Row {
  seq: number
  n: number
  receivedAt: number
  body: string
}

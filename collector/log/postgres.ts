import postgres from 'postgres'
import type { Entry } from '../entry.ts'
import { connect } from '../postgres-connection.ts'
import { type IntakeLog, type LoggedEntry, LogUnavailable } from './log.ts'
import { visitorHash } from './visitor-partition.ts'

/** Commits read with one query: they are larger the more load there is. */
const READ_ROWS = 100
/** Commits removed with one transaction. */
const TRIM_ROWS = 100
/** Beside the log's id the name of the advisory lock of whoever copies it: while it is held, nothing is trimmed. */
export const HELD = 1_000_003
/** Entries that may wait while a commit is under way: an engine that stands still must not fill the memory. */
const MOST_WAITING = 10_000
/**
 * `last` is counted on in the very statement that inserts, and its row stays locked until that commits: so numbers
 * have no gaps, and they become visible in their order. (A sequence gives neither: its readers would have to stop at
 * the oldest open transaction, by functions that not every compatible engine has.) No transaction waits for a
 * client, so the lock is held for one fsync; what comes meanwhile shares the next commit of its appender. What
 * trimming takes away is counted in a row of its own, so that appends never wait for it.
 *
 * `visitors` says of whom each entry of a commit is, so that of several who read it each parses its own alone; null where
 * all are parsed.
 */
const SCHEMA = `
  CREATE TABLE intake_log (id text NOT NULL, last bigint NOT NULL, bytes bigint NOT NULL);
  CREATE TABLE intake_trimmed (bytes bigint NOT NULL);
  CREATE TABLE intake_entries (
    seq bigint PRIMARY KEY,
    n integer NOT NULL,
    received_at bigint NOT NULL,
    body text NOT NULL,
    visitors text
  );
  INSERT INTO intake_trimmed VALUES (0);
`

export const LOG_TABLES = ['intake_log', 'intake_trimmed', 'intake_entries']

/** The commit that is coming: its entries as JSON, of whom they are, and what all who appended one wait for. */
interface Coming extends PromiseWithResolvers<number> {
  entries: string[]
  visitors: string[]
}

/** Between the entries of a body: JSON as it is written has no line break inside of an entry. */
const BETWEEN = ',\n'
/** Numbers of visitors are written so. */
const RADIX = 36

/** Whether a server was built with a compression that takes a tenth of the time of its own one. */
const HAS_LZ4 = `SELECT EXISTS (SELECT 1 FROM pg_settings
  WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) AS "hasLz4"`

/** Creates the tables of a new log in a transaction. Rejects if they are there. */
export async function createTables(sql: Pick<postgres.TransactionSql, 'unsafe'>, id: string): Promise<void> {
  await sql.unsafe(SCHEMA)
  const [row] = await sql.unsafe<{ hasLz4: boolean }[]>(HAS_LZ4)
  // A commit is compressed while its appender holds the row that all count on: a fifth of what an append takes of the server.
  if (row!.hasLz4) await sql.unsafe('ALTER TABLE intake_entries ALTER COLUMN body SET COMPRESSION lz4')
  await sql.unsafe('INSERT INTO intake_log VALUES ($1, 0, 0)', [id])
}

/** The same, in a transaction of its own. */
export async function createPostgresLog(url: string, id: string): Promise<void> {
  const sql = postgres(url, { max: 1 })
  try {
    await sql.begin((sql) => createTables(sql, id))
  } finally {
    await sql.end()
  }
}

/** A log of PostgreSQL. */
export interface PostgresLog extends IntakeLog {
  /** Removes what lies before `seq`, also of commits that hold later entries too, and leaves no dead row of it behind. */
  forget(seq: number): Promise<void>
}

export interface PostgresLogOptions {
  now?: () => number
  /** Called after each commit of this appender with its last sequence number. */
  committed?: (seq: number) => void
  /** How long a commit waits for those of other appenders to end, ms. */
  waitMs?: number
  /** Bytes of entries that it may hold; past them it takes none until it is trimmed. */
  limit?: number
}

/** The log in tables of PostgreSQL, for any number of appenders. Rejects where the log's tables are not there. */
export async function openPostgresLog(
  url: string,
  { now = Date.now, committed = () => {}, waitMs = 1_000, limit = 2 ** 30 }: PostgresLogOptions = {},
): Promise<PostgresLog> {
  const sql = connect(url, {
    max: 2,
    connection: {
      // Whatever the server's defaults are: `off` acknowledges what a crash takes back.
      synchronous_commit: 'on',
      default_transaction_isolation: 'read committed',
      lock_timeout: waitMs,
    },
  })
  const found = await sql<{ id: string }[]>`SELECT id FROM intake_log`.catch(async (error) => {
    await sql.end()
    throw error
  })
  const { id } = found[0]!

  let coming: Coming | undefined
  let underWay: Promise<void> | undefined
  let full = false

  async function write(entries: string[], visitors: string[]): Promise<number> {
    const body = `[${entries.join(BETWEEN)}]`
    const rows = await sql<{ seq: number }[]>`
      WITH counted AS (
        UPDATE intake_log SET last = last + ${entries.length}, bytes = bytes + ${Buffer.byteLength(body)}
        WHERE bytes - (SELECT bytes FROM intake_trimmed) < ${limit} RETURNING last
      )
      INSERT INTO intake_entries (seq, n, received_at, body, visitors)
      SELECT last, ${entries.length}, ${now()}, ${body}, ${visitors.join()} FROM counted RETURNING seq`
    full = rows.length === 0
    if (full) throw new LogUnavailable('the intake log is full')
    return rows[0]!.seq
  }

  /** One commit at a time: what an appender appends lies in its order, and what comes meanwhile shares the next. */
  async function commit(): Promise<void> {
    while (coming) {
      const { entries, visitors, resolve, reject } = coming
      coming = undefined
      try {
        const seq = await write(entries, visitors)
        resolve(seq)
        committed(seq)
      } catch (cause) {
        const known = cause instanceof LogUnavailable
        reject(known ? cause : new LogUnavailable('the intake log cannot be written', { cause }))
      }
    }
    underWay = undefined
  }

  async function trim(seq: number, isHeldBack = true): Promise<void> {
    for (let removed = TRIM_ROWS; removed === TRIM_ROWS; ) {
      const [row] = await sql<{ removed: number }[]>`
        WITH gone AS (
          DELETE FROM intake_entries WHERE seq IN (
            SELECT seq FROM intake_entries WHERE seq <= ${seq}
              AND (${!isHeldBack} OR (SELECT pg_try_advisory_xact_lock_shared(hashtext(${id}), ${HELD})))
            ORDER BY seq LIMIT ${TRIM_ROWS}
          ) RETURNING octet_length(body) AS bytes
        ), counted AS (
          UPDATE intake_trimmed SET bytes = bytes + (SELECT sum(gone.bytes) FROM gone) WHERE EXISTS (SELECT 1 FROM gone)
        )
        SELECT count(*) AS removed FROM gone`
      removed = row!.removed
      if (removed > 0) full = false
    }
  }

  return {
    id,
    append(entry) {
      if (coming && coming.entries.length >= MOST_WAITING)
        return Promise.reject(new LogUnavailable('the intake log does not keep up'))
      coming ??= { entries: [], visitors: [], ...Promise.withResolvers<number>() }
      coming.entries.push(JSON.stringify(entry))
      coming.visitors.push(entry.kind === 'beacon' ? visitorHash(entry).toString(RADIX) : '')
      // After this turn's reads: whatever arrived together shares the commit.
      underWay ??= new Promise((done) => setImmediate(() => done(commit())))
      return coming.promise
    },
    async read(seq, limit) {
      const found: LoggedEntry[] = []
      while (found.length < limit) {
        const rows = await sql<(Row & Named)[]>`
          SELECT seq, n, received_at, body, visitors FROM intake_entries
          WHERE seq > ${seq} ORDER BY seq LIMIT ${READ_ROWS}`
        for (const row of rows) found.push(...entriesOf(row, seq))
        if (rows.length < READ_ROWS) break
        seq = rows.at(-1)!.seq
      }
      return found.slice(0, limit)
    },
    async bounds() {
      const [row] = await sql<{ first: number; last: number; hasRoom: boolean }[]>`
        SELECT coalesce((SELECT seq - n + 1 FROM intake_entries ORDER BY seq LIMIT 1), last + 1) AS first, last,
          bytes - (SELECT bytes FROM intake_trimmed) < ${limit} AS "hasRoom"
        FROM intake_log`
      const { first, last, hasRoom } = row!
      // Another appender has trimmed it: a collector that is not ready because of it is sent nothing to find that out by.
      if (hasRoom) full = false
      return { first, last }
    },
    trim: (seq) => trim(seq),
    async forget(seq) {
      await trim(seq - 1, false)
      const [row] = await sql<Row[]>`
        SELECT seq, n, received_at, body FROM intake_entries WHERE seq >= ${seq} ORDER BY seq LIMIT 1`
      const before = row && seq - (row.seq - row.n + 1)
      if (row && before! > 0) {
        // What lies before them is projected and never read again: nothing stands in its place.
        const rest = JSON.stringify((JSON.parse(row.body) as Entry[]).slice(before))
        const bytes = Buffer.byteLength(row.body) - Buffer.byteLength(rest)
        await sql`
          WITH shortened AS (
            UPDATE intake_entries SET body = ${rest}, n = ${row.n - before!}, visitors = NULL WHERE seq = ${row.seq}
            RETURNING seq
          )
          UPDATE intake_trimmed SET bytes = bytes + ${bytes} WHERE EXISTS (SELECT 1 FROM shortened)`
      }
      await sql.unsafe('VACUUM intake_entries')
    },
    isFull: () => full,
    checkpoint() {},
    walBytes: () => 0,
    async close() {
      await underWay
      await sql.end()
    },
  }
}

interface Row {
  seq: number
  n: number
  received_at: number
  body: string
}

interface Named {
  visitors: string | null
}

/** A beacon that is parsed once somebody asks for it. */
class Beacon implements LoggedEntry {
  readonly seq: number
  readonly receivedAt: number
  readonly visitor: number
  private text: string
  private parsed: Entry | undefined

  constructor(seq: number, receivedAt: number, visitor: number, text: string) {
    this.seq = seq
    this.receivedAt = receivedAt
    this.visitor = visitor
    this.text = text
  }

  get entry(): Entry {
    if (!this.parsed) {
      this.parsed = JSON.parse(this.text) as Entry
      this.text = ''
    }
    return this.parsed
  }
}

/** The entries of a commit behind `after`: where a batch ended within a commit, the next one begins there. */
function entriesOf(
  { seq, n, received_at: receivedAt, body, visitors }: Row & Named,
  after: number,
): LoggedEntry[] {
  const first = seq - n + 1
  const from = Math.max(0, after - first + 1)
  const texts = visitors === null ? [] : body.slice(1, -1).split(BETWEEN)
  if (texts.length !== n)
    return (JSON.parse(body) as Entry[])
      .slice(from)
      .map((entry, i) => ({ seq: first + from + i, receivedAt, entry }))
  const named = visitors!.split(',')
  return texts.slice(from).map((text, i) => {
    const [place, visitor] = [first + from + i, named[from + i]!]
    return visitor === ''
      ? { seq: place, receivedAt, entry: JSON.parse(text) as Entry }
      : new Beacon(place, receivedAt, Number.parseInt(visitor, RADIX), text)
  })
}

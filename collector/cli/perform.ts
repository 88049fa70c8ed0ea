import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { pino } from 'pino'
import type { Config } from '../config.ts'
import { openPostgres } from '../engine/postgres.ts'
import type { Entry, Outcome } from '../entry.ts'
import { erasingOf } from '../erasing.ts'
import { filesOf, prepareFiles } from '../files.ts'
import { takeLock } from '../lock.ts'
import type { IntakeLog } from '../log/log.ts'
import { openSqliteLog } from '../log/sqlite.ts'
import type { Erasing } from '../project/suppressing.ts'
import { createProjector } from '../project.ts'
import type { ProjectorThread } from '../projecting.ts'
import type { Perform } from '../seed.ts'
import { Sentence } from '../sentence.ts'
import { postgresReader } from '../store/postgres/read.ts'
import type { StateReader } from '../store/reader.ts'
import { openForReading, openState } from '../store/sqlite/open.ts'
import { sqliteReader } from '../store/sqlite/read.ts'
import { sqliteStore } from '../store/sqlite/store.ts'
import type { StateStore } from '../store/store.ts'
import { threadModule } from '../thread-module.ts'
import { trimmedLater } from '../trim.ts'

/** How long a running collector may stand still while a command waits for it, ms; it looks every 200 ms. */
const PATIENCE_MS = 10_000
const LOOK_EVERY_MS = 50
const BATCH = 4_096
/** No collector runs that would move the write-ahead logs into their files: after so many entries it is done here. */
const CHECKPOINT_ENTRIES = 16

/**
 * Runs commands that change the state, as entries like everything else: appended to the log, then projected by
 * the collector that runs on these files, or here where none does.
 */
export function withState<T>(
  at: string | StateAt,
  work: (perform: Perform, reader: StateReader) => Promise<T>,
  options: StateOptions = {},
): Promise<T> {
  const { db, database, ...rest } = typeof at === 'string' ? { db: at } : at
  return database === undefined
    ? withFiles(db, work, options)
    : withDatabase({ ...rest, db, database }, work, options)
}

/** Where the state is: a file, or a database that several collectors share. */
type StateAt = Pick<Config, 'db'> & Partial<Config>

/** Throws a `Sentence` for what is done with files alone. */
export function filesOnly<C extends StateAt>(config: C, instead: string): C {
  if (config.database === undefined) return config
  throw new Sentence(`with DATABASE_URL the data lie in PostgreSQL: ${instead}`)
}

async function withFiles<T>(
  db: string,
  work: (perform: Perform, reader: StateReader) => Promise<T>,
  { watch, now = Date.now }: StateOptions = {},
): Promise<T> {
  const files = filesOf(db)
  if (!existsSync(files.state)) {
    throw new Sentence(
      `there is no database at ${db}; start the collector once (leadwake serve), or name its file with LEADWAKE_DB or --db`,
    )
  }
  const lock = takeLock(files.lock)
  const open: { close(): unknown }[] = [{ close: () => lock?.release() }]
  try {
    if (lock) prepareFiles(files)
    const reading = openForReading(files.state)
    open.push(reading)
    const reader = sqliteReader(reading)
    // A backup may be copying the two files meanwhile.
    const log = trimmedLater(openSqliteLog(files.log, { now }), { hold: files.hold })
    open.push(log)
    if (!lock) return await work(there(log, reader, watch), reader)
    const store = sqliteStore(openState(files.state, false))
    open.push(store)
    return await work(await here(store, log, erasingOf(files), watch), reader)
  } finally {
    for (const opened of open.reverse()) await opened.close()
  }
}

/**
 * The same on a shared database: what is appended is projected by the collectors that run on it, and where none does,
 * by a thread of this process.
 */
async function withDatabase<T>(
  config: StateAt & { database: string },
  work: (perform: Perform, reader: StateReader) => Promise<T>,
  { watch, now }: StateOptions,
): Promise<T> {
  const engine = await openPostgres({
    config: { ...config, logLimit: config.logLimit ?? 1_024, logKeep: config.logKeep ?? 0 },
    logger: pino({ level: 'silent' }),
    now,
  })
  const reading = postgresReader(config.database, { thread: threadModule('query-thread') })
  const reader = fresh(reading.state, reading.within)
  let projector: ProjectorThread | undefined
  try {
    if ((await engine.collectors()) === 0) {
      projector = engine.project({
        log: engine.log,
        newRef: randomUUID,
        configured: () => {},
        died: () => {},
      })
    }
    return await work(there(engine.log, reader, watch), reader)
  } finally {
    await projector?.stop()
    reading.close()
    await engine.close()
  }
}

/** A reader of which each question looks at the state as it is then. */
function fresh<R extends object>(of: R, within: <A>(answer: () => A) => A): R {
  return new Proxy(of, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name)
      if (typeof found === 'function')
        return (...args: unknown[]) => within(() => found.apply(target, args) as unknown)
      return typeof found === 'object' && found !== null ? fresh(found, within) : found
    },
  })
}

export interface StateOptions {
  watch?: Watch
  /** The clock by which entries are received, ms. */
  now?: () => number
}

/** For commands that touch everybody and take long. */
export interface Watch {
  /** Called with how many leads are done. */
  folded: (leads: number) => void
  /** The same of a collector that runs elsewhere, by what it has committed so far; 0 before it has begun. */
  committed: (reader: StateReader) => number
}

async function here(store: StateStore, log: IntakeLog, erasing: Erasing, watch?: Watch): Promise<Perform> {
  const projector = await createProjector(store, log.id, {
    erasing,
    ...(watch && { folded: watch.folded }),
  })
  /** One after the other: there is one projector. */
  let last: Promise<unknown> = Promise.resolve()
  let performed = 0
  const inTurn = (entry: Entry): Promise<Outcome> => {
    const turn = last.then(() => projected(entry))
    last = turn.catch(() => {})
    return turn
  }
  return inTurn

  async function projected(entry: Entry): Promise<Outcome> {
    const ref = randomUUID()
    if (++performed % CHECKPOINT_ENTRIES === 0) {
      log.checkpoint()
      log.trim(await store.checkpoint())
    }
    await log.append({ ...entry, ref })
    for (;;) {
      const entries = await log.read(projector.watermark().seq, BATCH)
      const { outcomes } = await projector.project(entries)
      const own = outcomes.find((outcome) => outcome.ref === ref)
      if (own) return settled(own.outcome)
      if (entries.length === 0) throw new Sentence('the entry was projected without an outcome')
    }
  }
}

function there(log: IntakeLog, reader: StateReader, watch?: Watch): Perform {
  return async (entry: Entry) => {
    const ref = randomUUID()
    await log.append({ ...entry, ref })
    let until = Date.now() + PATIENCE_MS
    let done = 0
    let seen = 0
    while (Date.now() < until) {
      const outcome = reader.outcome(ref) as Outcome | undefined
      if (outcome) return settled(outcome)
      const [folded, projected] = [watch?.committed(reader) ?? 0, reader.watermark()]
      // As long as it goes on, it is waited for: the entry's turn comes.
      if (folded > done || projected > seen) until = Date.now() + PATIENCE_MS
      done = folded
      seen = projected
      watch?.folded(done)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
    throw new Sentence(
      'the running collector has not taken this yet; it is in its log and will be done when projection goes on (see /readyz)',
    )
  }
}

function settled(outcome: Outcome): Outcome {
  if (outcome.status >= 400) throw new Sentence(String(outcome.body.detail))
  return outcome
}

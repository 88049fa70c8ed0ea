import { randomUUID } from 'node:crypto'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { createLogFile, LOG_SCHEMA, openSqliteLog } from './log/sqlite.ts'
import { Sentence } from './sentence.ts'
import { HALF_MOVED, MOVING } from './store/copy.ts'
import { migrateState, openState } from './store/sqlite/open.ts'
import { sqliteStore } from './store/sqlite/store.ts'

/** A collector's files: `x.db` is the state, `x.intake.db` its log, `x.salt`, `x.lock`, `x.hold`, `x.backup.json` and the folder `x.scripts` beside them. */
export interface Files {
  state: string
  log: string
  salt: string
  lock: string
  /** Locked by whoever copies state and log: while it is, the log is not trimmed. */
  hold: string
  /** Key of the suppressions' hashes, and their list; neither is ever in a backup. */
  suppressionKey: string
  suppressions: string
  scripts: string
  /** When the last backup was made. */
  backup: string
}

export function filesOf(statePath: string): Files {
  const stem = statePath.replace(/\.db$/, '')
  return {
    state: statePath,
    log: `${stem}.intake.db`,
    salt: `${stem}.salt`,
    lock: `${stem}.lock`,
    hold: `${stem}.hold`,
    suppressionKey: `${stem}.suppression.key`,
    suppressions: `${stem}.suppressions`,
    scripts: `${stem}.scripts`,
    backup: `${stem}.backup.json`,
  }
}

/** Personal data: nobody but the owner reads it. SQLite gives the mode to the files that it makes beside one. */
const PRIVATE = 0o600
const HEADER = 'SQLite format 3\0'

/**
 * Makes the files where there are none, checks that log and state belong together, and brings the schema up to
 * date. Throws a `Sentence` where they do not; never writes over a file that it cannot read.
 */
export function prepareFiles(files: Files): void {
  mkdirSync(dirname(files.state), { recursive: true, mode: 0o700 })
  for (const path of [files.state, files.log]) if (existsSync(path)) mustBeDatabase(path)
  const hasState = existsSync(files.state)
  if (!existsSync(files.log)) {
    if (hasState) {
      throw new Sentence(
        `${files.state} is there but its intake log ${files.log} is not; put the log of the same collector beside it, or restore both from one backup`,
      )
    }
    create(files.log, (path) => createLogFile(path, randomUUID()))
  }
  if (!hasState) create(files.state, (path) => openState(path, true).close())
  inWords(files.state, () => checkTogether(files))
}

/** Made under another name and then renamed: a start that is killed meanwhile leaves no half-made file behind. */
function create(path: string, make: (path: string) => void): void {
  const unfinished = `${path}.new`
  try {
    for (const suffix of ['', '-wal', '-shm']) rmSync(unfinished + suffix, { force: true })
    closeSync(openSync(unfinished, 'wx', PRIVATE))
    make(unfinished)
    chmodSync(unfinished, PRIVATE)
    renameSync(unfinished, path)
  } catch (error) {
    throw new Sentence(
      `cannot create ${path}: ${messageOf(error)}; choose another place with LEADWAKE_DB or --db`,
    )
  }
}

function checkTogether(files: Files): void {
  const db = openState(files.state, false)
  try {
    migrateState(db)
    mustFit(db, files)
  } finally {
    db.close()
  }
}

/** Throws a `Sentence` where the log is of another collector, or state and log do not join without a gap. */
export function mustFit(db: Database.Database, files: Pick<Files, 'state' | 'log'>): void {
  const store = sqliteStore(db)
  if (store.setting(MOVING) !== undefined) throw new Sentence(`${files.state} ${HALF_MOVED}`)
  const watermark = store.watermark() as { logId: string | null; seq: number }
  const version = logVersion(files.log)
  if (version > LOG_SCHEMA) throw new Error('the log was written by a newer Leadwake: start that version')
  const log = openSqliteLog(files.log)
  const { first, last } = log.bounds()
  void log.close()
  const together = `${files.state} and ${files.log}`
  if (watermark.logId !== null && watermark.logId !== log.id) {
    throw new Sentence(`${together} are of two different collectors; put the pair of one backup together`)
  }
  if (watermark.seq > last) {
    throw new Sentence(
      `${together} do not fit: the state has seen entry ${watermark.seq}, the log ends at ${last}; put the pair of one backup together`,
    )
  }
  if (first > watermark.seq + 1) {
    throw new Sentence(
      `${together} do not fit: entries ${watermark.seq + 1} to ${first - 1} are missing from the log; put the pair of one backup together`,
    )
  }
}

function logVersion(path: string): number {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    return db.pragma('user_version', { simple: true }) as number
  } finally {
    db.close()
  }
}

/** A file with something else in it is somebody's; SQLite would only find out later. */
export function mustBeDatabase(path: string): void {
  const start = Buffer.alloc(HEADER.length)
  let length = 0
  try {
    const file = openSync(path, 'r')
    length = readSync(file, start)
    closeSync(file)
  } catch (error) {
    throw new Sentence(
      `cannot open ${path}: ${messageOf(error)}; mend its permissions or choose another place with LEADWAKE_DB or --db`,
    )
  }
  if (length === 0) {
    throw new Sentence(
      `${path} is empty; restore a backup over it, or choose another place with LEADWAKE_DB or --db`,
    )
  }
  if (start.toString('latin1', 0, length) === HEADER) return
  throw new Sentence(
    `${path} is not a Leadwake database; choose another place with LEADWAKE_DB or --db, or restore a backup over it`,
  )
}

function inWords(path: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (error instanceof Sentence) throw error
    const damaged = error instanceof Database.SqliteError && /CORRUPT|NOTADB/.test(error.code)
    const mend = damaged ? '; restore a backup: leadwake restore FOLDER --force' : ''
    throw new Sentence(`cannot open ${path}: ${messageOf(error)}${mend}`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

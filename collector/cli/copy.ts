/** Copies of a collector's two files: made from one snapshot each, state first, and verified by opening them. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { type Files, mustBeDatabase, mustFit } from '../files.ts'
import { openSqliteLog } from '../log/sqlite.ts'
import { Sentence } from '../sentence.ts'
import { soundness } from '../soundness.ts'
import { sqliteStore } from '../store/sqlite/store.ts'

/** What a backup says of itself, in `backup.json`. */
export interface Manifest {
  version: string
  /** When it was made, ISO 8601. */
  at: string
  /** Last entry that its state has seen, and the last one in its log. */
  projected: number
  lastEntry: number
  stateBytes: number
  logBytes: number
}

/**
 * Pages copied in one step (4 kB each), and progress is told after each. A step is brought to disk before the next one,
 * and followed by a rest that is as long: a commit of the collector's log waits for one step at most, where a whole
 * copy that is synced at its end holds it for half a second.
 */
const PAGES_A_STEP = 128
/** Of nice(1): whoever serves goes first. */
const LAST_IN_LINE = 19
const MANIFEST = 'backup.json'
const NAMES = { state: 'leadwake.db', log: 'leadwake.intake.db' } as const

/** Where state and log lie in the folder of a backup. */
export function filesIn(folder: string): { state: string; log: string } {
  return { state: join(folder, NAMES.state), log: join(folder, NAMES.log) }
}

/**
 * Copies a database that others write to, as it stands at the first look: within one read transaction, so that
 * writers neither wait nor make it begin anew. Durable when it resolves.
 */
export async function copyDatabase(from: string, to: string, share: (done: number) => void): Promise<void> {
  const db = new Database(from, { readonly: true, fileMustExist: true, timeout: 5_000 })
  try {
    // SQLite gives its own files the mode of the database beside which they lie: nobody but the owner reads it.
    closeSync(openSync(to, 'wx', 0o600))
    db.exec('BEGIN')
    db.prepare('SELECT count(*) FROM sqlite_master').get()
    let since = performance.now()
    await db.backup(to, {
      progress({ totalPages, remainingPages }) {
        sync(to)
        share(totalPages === 0 ? 1 : 1 - remainingPages / totalPages)
        rest(performance.now() - since)
        since = performance.now()
        return PAGES_A_STEP
      },
    })
    db.exec('COMMIT')
  } finally {
    db.close()
  }
  chmodSync(to, 0o600)
  sync(to)
}

/** This process gives way to the others of its machine, as far as the system lets it. */
export function giveWay(): void {
  try {
    setPriority(LAST_IN_LINE)
  } catch {}
}

/** Does nothing for so long, ms. */
function rest(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Waits until a file, or a folder's names, are on disk. */
export function sync(path: string): void {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}

/** Opens both files of a copy and looks at every page. Throws a `Sentence` where they are damaged or do not fit. */
export function verify(files: Pick<Files, 'state' | 'log'>): { projected: number; lastEntry: number } {
  for (const path of [files.state, files.log]) {
    if (!existsSync(path)) throw new Sentence(`${path} is not there: that is not a whole backup`)
    mustBeDatabase(path)
    mustBeSound(path)
  }
  const state = new Database(files.state, { fileMustExist: true })
  try {
    mustFit(state, files)
    const watermark = sqliteStore(state).watermark() as { seq: number }
    const log = openSqliteLog(files.log)
    const { last } = log.bounds()
    void log.close()
    return { projected: watermark.seq, lastEntry: last }
  } catch (error) {
    if (error instanceof Sentence) throw error
    throw new Sentence(`${files.state} cannot be opened: ${error instanceof Error ? error.message : error}`)
  } finally {
    state.close()
  }
}

/** Reads the whole file and checks that it holds together. Throws a `Sentence` where it does not. */
export function mustBeSound(path: string): void {
  const found = soundness(path)
  if (found !== 'ok') throw new Sentence(`${path} is damaged (${found}); restore another backup`)
}

export function writeManifest(folder: string, version: string, now: Date): Manifest {
  const files = filesIn(folder)
  const manifest: Manifest = {
    version,
    at: now.toISOString(),
    ...verify(files),
    stateBytes: statSync(files.state).size,
    logBytes: statSync(files.log).size,
  }
  // Opening them to look leaves empty files beside them.
  for (const path of [files.state, files.log])
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
  writeFileSync(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
  return manifest
}

export function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'))
  } catch {
    return undefined
  }
}

/** Makes the folder in which another is to be made. */
export function makeParent(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Sentence(
      `cannot make ${dirname(path)}: ${error instanceof Error ? error.message : error}; name another folder`,
    )
  }
}

/** The projector's thread: reads the log behind the watermark and projects it, batch after batch. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Outcome } from './entry.ts'
import { erasingOf } from './erasing.ts'
import { filesOf } from './files.ts'
import { openSqliteLog } from './log/sqlite.ts'
import type { Glimpse } from './project/glimpse.ts'
import { REVIVED_AT_ONCE } from './project/revivals.ts'
import { createProjector } from './project.ts'
import { heard, isStopping, isWatched, linger, type Signal, sleep } from './signal.ts'
import { openState } from './store/sqlite/open.ts'
import { sqliteStore } from './store/sqlite/store.ts'

export interface ProjectorData {
  statePath: string
  logPath: string
  signal: Signal
  /** How often a thread has died at the watermark where this one starts. */
  deaths: number
}

export type FromProjector =
  /** A batch is committed that somebody waits for, that changed sites, keys or login secrets, or that posted messages. */
  | {
      kind: 'projected'
      outcomes: { ref: string; outcome: Outcome }[]
      configured: boolean
      erased: boolean
      posted: boolean
    }
  /** What a transaction holds, while somebody looks on. */
  | { kind: 'shown'; glimpses: Glimpse[] }
  /** Entries up to here are surely on disk in the state: the log may drop them. */
  | { kind: 'durable'; seq: number }
  /** How long the write-ahead logs are, bytes. */
  | { kind: 'wal'; state: number; log: number }
  /** Projection stands still; intake goes on. */
  | { kind: 'stalled'; message: string }
  /** It goes on, or has begun. */
  | { kind: 'going' }
  /** Of several collectors: which partitions are projected here, whether this one leads, and how many there are. */
  | ({ kind: 'leases' } & Leases)
  | { kind: 'stopped' }

export interface Leases {
  held: number[]
  isLeader: boolean
  live: number
}

/** Batches: small when idle, so that a stage shows at once; large under load, where an index row costs a fifth. */
const MIN_BATCH = 64
/** More lives past two scavenges: entries and rows of 4,096 cost half as much again an event, and 20 MB. */
const MAX_BATCH = 512
/** A batch of this many says that there is load: then the next one is let grow for so long, ms. */
const LOADED_BATCH = 8
const LINGER_MS = 25
/** Entries can also come from another process (the CLI), which cannot wake this thread. */
const POLL_MS = 200
/**
 * A checkpoint costs three fsyncs, so not with each batch: this long after the first entry that is not in one yet, or
 * after this many entries, fewer where the write-ahead log was longer than it should be by then.
 */
const CHECKPOINT_MS = 1_000
const MAX_CHECKPOINT_ENTRIES = 20_000
const MIN_CHECKPOINT_ENTRIES = 500
const LONG_WAL = 32 * 2 ** 20
/** The thread died this often at one watermark: entries one by one, so that it is known which it dies of. */
const CAREFUL_AFTER = 2
/** And this often: the entry is left. */
const BURIED_AFTER = 3
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000

const { statePath, logPath, signal, deaths } = workerData as ProjectorData
const store = sqliteStore(openState(statePath, false))
const log = openSqliteLog(logPath)
const erasing = erasingOf(filesOf(statePath))
// From an erasure on, what is trimmed may be of somebody who was erased: its write-ahead log is cut, too.
if (erasing.list.standing().size > 0) log.shred()
const projector = await createProjector(store, log.id, {
  isWatched: () => isWatched(signal),
  shown: (glimpses) => post({ kind: 'shown', glimpses }),
  erasing: {
    ...erasing,
    eraseFromLog(names, through) {
      log.shred()
      return erasing.eraseFromLog(names, through)
    },
  },
})

const post = (message: FromProjector) => parentPort!.postMessage(message)

let batchSize = deaths >= CAREFUL_AFTER ? 1 : MIN_BATCH
let checkpointEntries = MAX_CHECKPOINT_ENTRIES
let sinceCheckpoint = 0
let checkpointAt = 0
let durable = 0
let retryMs = 0
let isGoing = false

report()
if (deaths >= BURIED_AFTER) await leave()
if (deaths === 0) going()
while (!isStopping(signal)) {
  const since = heard(signal)
  const entries = await turn()
  if (checkpointIsDue()) await checkpoint()
  if (entries === 'failed') linger(signal, retryMs)
  else if (entries === 0) sleep(signal, since, POLL_MS)
  else if (entries >= LOADED_BATCH && entries < MIN_BATCH) linger(signal, LINGER_MS)
}
// The last appends of a stop, the counts of the door among them; a longer backlog waits for the next start.
await turn()
await checkpoint()
await store.close()
await log.close()
post({ kind: 'stopped' })

/** What the thread has died of is left; a control entry is tried again, however often. */
async function leave(): Promise<void> {
  const [entry] = log.read(projector.watermark().seq, 1)
  if (!entry) return
  if (await projector.bury(entry, `the projector died of it ${deaths} times`)) report()
}

function going(): void {
  if (!isGoing) post({ kind: 'going' })
  isGoing = true
}

function report(): void {
  Atomics.store(signal.projected, 0, BigInt(projector.watermark().seq))
}

/**
 * One batch, and some of what is done beside; how many entries it had, at least one where there is more to do. Its size doubles
 * while there is a backlog and falls back when there is none.
 */
async function turn(): Promise<number | 'failed'> {
  const entries = log.read(projector.watermark().seq, batchSize)
  if (entries.length === 0 && !projector.isBusy()) {
    going()
    return 0
  }
  try {
    if (projector.isBusy()) {
      const { posted } = await projector.goOn()
      if (posted) post({ kind: 'projected', outcomes: [], configured: false, erased: false, posted })
      worked(REVIVED_AT_ONCE)
      if (entries.length === 0) return 1
    }
    const { outcomes, configured, erased, posted } = await projector.project(entries)
    going()
    retryMs = 0
    report()
    if (outcomes.length > 0 || configured || posted)
      post({ kind: 'projected', outcomes, configured, erased, posted })
  } catch (error) {
    isGoing = false
    retryMs = Math.min(LAST_RETRY_MS, Math.max(FIRST_RETRY_MS, retryMs * 2))
    post({ kind: 'stalled', message: error instanceof Error ? error.message : String(error) })
    return 'failed'
  }
  batchSize = entries.length === batchSize ? Math.min(MAX_BATCH, batchSize * 2) : MIN_BATCH
  // A list of people writes as much as so many entries.
  worked(entries.reduce((sum, { entry }) => sum + (entry.kind === 'contacts' ? entry.people.length : 1), 0))
  return entries.length
}

/** As much as by so many entries is written that a checkpoint has yet to bring to disk. */
function worked(entries: number): void {
  if (sinceCheckpoint === 0) checkpointAt = performance.now() + CHECKPOINT_MS
  sinceCheckpoint += entries
}

function checkpointIsDue(): boolean {
  return sinceCheckpoint >= checkpointEntries || (sinceCheckpoint > 0 && performance.now() >= checkpointAt)
}

/** One that fails (a full disk) is tried again; projection goes on as long as it can. */
async function checkpoint(): Promise<void> {
  try {
    await moveWal()
  } catch (error) {
    isGoing = false
    sinceCheckpoint = 1
    checkpointAt = performance.now() + CHECKPOINT_MS
    post({ kind: 'stalled', message: error instanceof Error ? error.message : String(error) })
  }
}

async function moveWal(): Promise<void> {
  sinceCheckpoint = 0
  log.checkpoint()
  const seq = await store.checkpoint()
  const [state, logged] = [await store.walBytes(), log.walBytes()]
  post({ kind: 'wal', state, log: logged })
  const wanted = state > LONG_WAL || logged > LONG_WAL ? checkpointEntries / 2 : checkpointEntries * 1.25
  checkpointEntries = Math.min(MAX_CHECKPOINT_ENTRIES, Math.max(MIN_CHECKPOINT_ENTRIES, Math.round(wanted)))
  if (seq <= durable) return
  durable = seq
  post({ kind: 'durable', seq })
}

/**
 * The projecting thread of a collector that shares its state: takes partitions of visitors, projects those that it
 * holds, and gives back what others are short of.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { TOO_OLD, VERSION } from './engine/schema-versions.ts'
import { openSharedLog, type SharedLogAt } from './engine/shared-log.ts'
import { erasingTogether } from './engine/together.ts'
import { sharedReads } from './log/shared-reads.ts'
import { NewerEntry } from './project/entry-error.ts'
import { createPartition, type Partition } from './project/partition.ts'
import type { Projected } from './project.ts'
import type { FromProjector } from './projector-thread.ts'
import { heard, isStopping, isWatched, type Signal } from './signal.ts'
import { leasesOf, TakenOver } from './store/postgres/leases.ts'
import { postgresStore } from './store/postgres/store.ts'

export interface PartitionsData extends SharedLogAt {
  signal: Signal
  /** How often a thread has died at the watermark where this one starts. */
  deaths: number
  url: string
  partitions: number
  /** Number of the log among the locks of the database. */
  space: number
  suppressionKey: Uint8Array
  /** File of those who were erased, outside the database. */
  suppressions: string
}

/** Batches: small when idle, so that a stage shows at once; large under load, where a round trip is shared by more. */
const MIN_BATCH = 64
const MAX_BATCH = 512
/** A step over this many entries says that there is load: what comes is let grow for so long, ms, unless a barrier waits. */
const LOADED_STEP = 8
const LINGER_MS = 25
/** What others appended is looked for this often, ms; what this collector appended wakes the thread. */
const POLL_MS = 100
/** So long a partition that stands before a barrier waits to be told that the others have come to it, ms. */
const BARRIER_MS = 5
/** How often leases are looked at, and how far all partitions are, ms. */
const LEASES_MS = 250
/** A partition that another is to have is given back after its batch, or after this, ms. */
const GIVE_BACK_MS = 1_000
const WATERMARKS_MS = 100
/** What was projected by all may go from the log this often, ms. */
const TRIM_MS = 1_000
const FIRST_RETRY_MS = 5
const LAST_RETRY_MS = 1_000
/** Conflicts of projectors end within a few tries: projection stands still when it fails for longer than this, ms. */
const STALLED_AFTER_MS = 3_000
/** What may stand still beside a partition: the look at all of them, and this program on what newer ones made. */
const LOOK = -1
const SCHEMA = -2
const ENTRY = -3
/** The thread died this often at one place, or a batch failed this often: entries one by one. */
const CAREFUL_AFTER = 2
const CAREFUL_AFTER_FAILURES = 8
/** Of transactions that touched the same rows (class 40 of SQLSTATE): one of them goes on. */
const CONFLICT = /^40/

const data = workerData as PartitionsData
const { signal, url, partitions, space } = data
const post = (message: FromProjector) => parentPort!.postMessage(message)
const log = await openSharedLog(data)
const reads = sharedReads(log)
const running = new Map<number, Running>()
const leases = leasesOf(url, { space, partitions, lost: letGo, version: VERSION })
const looking = postgresStore(url, { partitions })
/** Resolves when any partition here has moved: those before a barrier look again. */
let moved = Promise.withResolvers<void>()
/** Resolves when a partition here stands before a barrier: the others come to it at once. */
let barred = Promise.withResolvers<void>()
const stalls = new Map<number, string>()
let isGoing = false

interface Running {
  end(): Promise<void>
}

// Waiting for the signal alone keeps no thread alive.
const alive = setInterval(() => {}, 2 ** 30)
await Promise.all([held(), watermarks()])
for (const one of [...running.values()]) await one.end()
await Promise.allSettled([looking.close(), leases.close(), log.close()])
clearInterval(alive)
post({ kind: 'stopped' })

/** Takes and gives back leases until the thread is to stop. */
async function held(): Promise<void> {
  while (!isStopping(signal)) {
    try {
      const { held, surplus, isLeader, live, isTooOld } = await leases.look()
      noteStall(SCHEMA, isTooOld ? new Error(TOO_OLD) : undefined)
      for (const partition of running.keys()) if (!held.includes(partition)) drop(partition)
      for (const partition of held) {
        if (partition === surplus || running.has(partition)) continue
        const epoch = await leases.begin(partition)
        if (epoch !== undefined) running.set(partition, run(partition, epoch))
      }
      if (surplus !== undefined) {
        // A batch that takes longer is refused once another has begun.
        await Promise.race([running.get(surplus)?.end(), wait(GIVE_BACK_MS)])
        await leases.giveBack(surplus)
      }
      post({ kind: 'leases', held: held.filter((one) => one !== surplus), isLeader, live })
    } catch {
      // The engine is away: whoever projects says so.
    }
    await pause(LEASES_MS)
  }
}

/** The connection that held them broke. What is under way here cannot be committed where another has taken over. */
function letGo(): void {
  for (const partition of running.keys()) drop(partition)
  post({ kind: 'leases', held: [], isLeader: false, live: 0 })
}

function drop(partition: number): void {
  void running.get(partition)?.end()
  running.delete(partition)
}

/** Tells how far all partitions are, and the log what it may drop. */
async function watermarks(): Promise<void> {
  let trimmed = 0
  let trimAt = 0
  while (!isStopping(signal)) {
    try {
      const least = Math.min(...(await looking.watermarks()))
      Atomics.store(signal.projected, 0, BigInt(least))
      if (least > trimmed && performance.now() >= trimAt) {
        trimmed = least
        trimAt = performance.now() + TRIM_MS
        post({ kind: 'durable', seq: least })
      }
      noteStall(LOOK, undefined)
    } catch (error) {
      noteStall(LOOK, error)
    }
    await pause(WATERMARKS_MS)
  }
}

/** Projects a partition until it is ended, or another has taken it over. */
function run(partition: number, epoch: number): Running {
  const store = postgresStore(url, { partition, partitions, epoch })
  const erasing = erasingTogether({ ...data, log })
  let isEnded = false
  const ended = (async () => {
    let part: Partition | undefined
    let size = data.deaths >= CAREFUL_AFTER ? 1 : MIN_BATCH
    let failures = 0
    let failingSince = 0
    while (!isEnded && !isStopping(signal)) {
      const since = heard(signal)
      const others = moved.promise
      try {
        part ??= await createPartition({
          log: reads,
          store,
          partition,
          partitions,
          erasing,
          isWatched: () => isWatched(signal),
          shown: (glimpses) => post({ kind: 'shown', glimpses }),
        })
        const before = part.projected()
        const done = await part.step(failures >= CAREFUL_AFTER_FAILURES ? 1 : size)
        failures = 0
        noteStall(partition, undefined)
        if (done === 'waiting') {
          barred.resolve()
          barred = Promise.withResolvers()
          await Promise.race([others, wait(BARRIER_MS)])
        } else if (done === undefined) await changed(since)
        else {
          tell(done)
          const entries = part.projected() - before
          // A transaction costs as much as a dozen entries.
          if (entries >= LOADED_STEP && entries < size) await Promise.race([barred.promise, wait(LINGER_MS)])
          // Fewer than were asked for: there is no more, or a barrier is next.
          size = entries >= size ? Math.min(MAX_BATCH, size * 2) : MIN_BATCH
        }
      } catch (error) {
        if (isEnded || error instanceof TakenOver) break
        // A newer collector goes on with all of it; until one is there, it stands here.
        if (error instanceof NewerEntry) {
          noteStall(ENTRY, error)
          await leases.retire().catch(() => {})
          break
        }
        if (failures++ === 0) failingSince = performance.now()
        if (performance.now() - failingSince > STALLED_AFTER_MS) noteStall(partition, error)
        // After a conflict it goes on where it was; else another may have moved its watermark, and it begins anew.
        if (!isConflict(error)) part = undefined
        await wait(Math.random() * Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10)))
      }
    }
    noteStall(partition, undefined)
    await Promise.resolve(store.close()).catch(() => {})
  })()
  const here: Running = {
    end() {
      isEnded = true
      moved.resolve()
      return ended
    },
  }
  void ended.then(() => {
    if (running.get(partition) === here) running.delete(partition)
  })
  return here
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CONFLICT.test(String(error.code))
}

function tell({ outcomes, configured, erased, posted }: Projected): void {
  moved.resolve()
  moved = Promise.withResolvers()
  if (outcomes.length > 0 || configured || erased || posted)
    post({ kind: 'projected', outcomes, configured, erased, posted })
}

function noteStall(of: number, error: unknown): void {
  if (error === undefined) stalls.delete(of)
  else stalls.set(of, error instanceof Error ? error.message : String(error))
  const [first] = stalls.values()
  if (first === undefined && !isGoing) post({ kind: 'going' })
  if (first !== undefined && isGoing) post({ kind: 'stalled', message: first })
  isGoing = first === undefined
}

/** Until the log has grown beyond what was `heard`, or it is to be looked at. */
async function changed(since: number): Promise<void> {
  const waiting = Atomics.waitAsync(signal.commits, 0, since, POLL_MS)
  if (waiting.async) await waiting.value
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Ends early when the thread is to stop. */
async function pause(ms: number): Promise<void> {
  const waiting = Atomics.waitAsync(signal.commits, 1, 0, ms)
  if (waiting.async) await waiting.value
}

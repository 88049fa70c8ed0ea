/**
 * The projecting thread of a collector that shares its state: takes partitions of visitors, projects those that it
 * holds, and gives back what others are short of.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { TOO_OLD, VERSION } from './engine/schema-versions.ts'
import { openSharedLog, type SharedLogAt } from './engine/shared-log.ts'
import { erasingTogether } from './engine/together.ts'
import { readOn } from './log/read-on.ts'
import { NewerEntry } from './project/entry-error.ts'
import { createPartition, type Partition } from './project/partition.ts'
import type { Projected } from './project.ts'
import type { FromProjector } from './projector-thread.ts'
import { heard, hurries, isStopping, isWatched, lingered, type Signal, standingOf } from './signal.ts'
import { leasesOf, TakenOver } from './store/postgres/leases.ts'
import { postgresStore } from './store/postgres/store.ts'
import { Overtaken } from './store/postgres/visitor-sets.ts'

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
const MAX_BATCH = 1_024
/**
 * Of who projects all partitions, and so meets nobody: each row of sums is written for more entries. (Of twice as many, half lives
 * on among the old of the heap, which costs more than that.)
 */
const MAX_ALONE = 2_048
/** Where others hold partitions, their entries lie between: so many times as many are looked at for a batch of that size, at most. */
const MOST_BETWEEN = 4
/**
 * A step over this many entries says that there is load: what comes is let grow for so long, ms, unless somebody waits for it. A
 * transaction of 128 entries costs twice of one of 1,024 an entry, one of 1,500 some 5 % more than one of 3,000.
 */
const LOADED_STEP = 8
const LINGER_MS = 200
/** What others appended is looked for this often, ms; what this collector appended wakes the thread. */
const POLL_MS = 100
/** So long who stands before a barrier waits for the others to come to it, ms. */
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
/** The thread died this often at one place, or a batch failed this often: entries one by one. */
const CAREFUL_AFTER = 2
/** And this often, one by one: the entry is left. */
const BURIED_AFTER = 3
const CAREFUL_AFTER_FAILURES = 8
/** Of transactions that touched the same rows (class 40 of SQLSTATE): one of them goes on. */
const CONFLICT = /^40/

const data = workerData as PartitionsData
const { signal, url, partitions, space } = data
/** Others may have gone on there since. */
const diedAt = standingOf(signal)
const post = (message: FromProjector) => parentPort!.postMessage(message)
const log = await openSharedLog(data)
/** One projector for all partitions that are held: they share its transactions. */
let running: Running | undefined
const leases = leasesOf(url, { space, partitions, lost: letGo, version: VERSION })
const looking = postgresStore(url, { partitions })
const stalls = new Map<Stalled, string>()
let isGoing = false

/** What may stand still: its own projecting, the look at all partitions, and this program on what newer ones made. */
type Stalled = 'projecting' | 'looking' | 'schema' | 'entry'

interface Running {
  held: readonly number[]
  end(): Promise<void>
}

// Waiting for the signal alone keeps no thread alive.
const alive = setInterval(() => {}, 2 ** 30)
await Promise.all([held(), watermarks()])
await running?.end()
await Promise.allSettled([looking.close(), leases.close(), log.close()])
clearInterval(alive)
post({ kind: 'stopped' })

/** Takes and gives back leases until the thread is to stop. */
async function held(): Promise<void> {
  while (!isStopping(signal)) {
    try {
      const { held, surplus, isLeader, live, isTooOld } = await leases.look()
      noteStall('schema', isTooOld ? new Error(TOO_OLD) : undefined)
      const kept = held.filter((one) => one !== surplus)
      if (running?.held.join() !== kept.join()) {
        // A batch that takes longer is refused once another has begun.
        await Promise.race([drop(), wait(GIVE_BACK_MS)])
        const epochs: number[] = []
        for (const partition of kept) {
          const epoch = await leases.begin(partition)
          if (epoch !== undefined) epochs.push(epoch)
        }
        // Where one was lost meanwhile, the next look says so.
        if (kept.length > 0 && epochs.length === kept.length) running = run(kept, epochs)
      }
      if (surplus !== undefined) await leases.giveBack(surplus)
      post({ kind: 'leases', held: kept, isLeader, live })
    } catch {
      // The engine is away: whoever projects says so.
    }
    await pause(LEASES_MS)
  }
}

/** The connection that held them broke. What is under way here cannot be committed where another has taken over. */
function letGo(): void {
  void drop()
  post({ kind: 'leases', held: [], isLeader: false, live: 0 })
}

function drop(): Promise<void> | undefined {
  const ended = running?.end()
  running = undefined
  return ended
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
      noteStall('looking', undefined)
    } catch (error) {
      noteStall('looking', error)
    }
    await pause(WATERMARKS_MS)
  }
}

/** Projects partitions until it is ended, or another has taken one of them over. */
function run(held: readonly number[], epochs: readonly number[]): Running {
  const store = postgresStore(url, { held, partitions, epochs })
  const reads = readOn(log)
  const erasing = erasingTogether({ ...data, log })
  const isAlone = held.length === partitions
  const most = isAlone ? MAX_ALONE : MAX_BATCH * Math.min(MOST_BETWEEN, partitions / held.length)
  let isEnded = false
  const ended = (async () => {
    let part: Partition | undefined
    let size = data.deaths >= CAREFUL_AFTER ? 1 : MIN_BATCH
    let failures = 0
    let failingSince = 0
    while (!isEnded && !isStopping(signal)) {
      const since = heard(signal)
      const hurried = hurries(signal)
      try {
        part ??= await createPartition({
          log: reads,
          store,
          held,
          partitions,
          erasing,
          isEnding: () => isEnded || isStopping(signal),
          isWatched: () => isWatched(signal),
          shown: (glimpses) => post({ kind: 'shown', glimpses }),
        })
        if (data.deaths >= BURIED_AFTER && part.projected() === diedAt)
          await part.leave(`the projector died of it ${data.deaths} times`)
        const before = part.projected()
        stands(before)
        const done = await part.step(failures >= CAREFUL_AFTER_FAILURES ? 1 : size)
        stands(part.projected())
        if (part.isBusy()) {
          const { posted } = await part.goOn()
          if (posted) post({ kind: 'projected', outcomes: [], configured: false, erased: false, posted })
        }
        failures = 0
        noteStall('projecting', undefined)
        if (done === 'waiting') await wait(BARRIER_MS)
        else if (done === undefined) {
          if (!part.isBusy()) await changed(since)
        } else {
          tell(done)
          const entries = part.projected() - before
          // Fewer than were asked for: there is no more, unless a barrier is next.
          const isLoaded = entries >= LOADED_STEP && entries < size && !done.isBarred
          if (isLoaded) await lingered(signal, hurried, LINGER_MS)
          if (isLoaded) size = most
          else size = entries >= size ? Math.min(most, size * 2) : MIN_BATCH
        }
      } catch (error) {
        if (isEnded || error instanceof TakenOver) break
        // A newer collector goes on with all of it; until one is there, it stands here.
        if (error instanceof NewerEntry) {
          noteStall('entry', error)
          await leases.retire().catch(() => {})
          break
        }
        if (failures++ === 0) failingSince = performance.now()
        if (performance.now() - failingSince > STALLED_AFTER_MS) noteStall('projecting', error)
        // The longer a transaction, the sooner it meets another.
        if (isConflict(error)) size = Math.max(MIN_BATCH, size >> 1)
        // After a conflict it goes on where it was; else another may have moved its watermark, and it begins anew.
        if (!isConflict(error)) part = undefined
        await wait(Math.random() * Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10)))
      }
    }
    noteStall('projecting', undefined)
    await Promise.resolve(store.close()).catch(() => {})
  })()
  const here: Running = {
    held,
    end() {
      isEnded = true
      return ended
    },
  }
  void ended.then(() => {
    if (running === here) running = undefined
  })
  return here
}

function stands(seq: number): void {
  Atomics.store(signal.projected, 1, BigInt(seq))
}

function isConflict(error: unknown): boolean {
  if (error instanceof Overtaken) return true
  return error instanceof Error && 'code' in error && CONFLICT.test(String(error.code))
}

function tell({ outcomes, configured, erased, posted }: Projected): void {
  if (outcomes.length > 0 || configured || erased || posted)
    post({ kind: 'projected', outcomes, configured, erased, posted })
}

function noteStall(of: Stalled, error: unknown): void {
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

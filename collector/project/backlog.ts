/**
 * A backlog of beacons: while the store writes what came of some of them, what comes of the next is worked out upon it. Nothing of
 * those is written before what they stand upon is on disk, and all of it is thrown away where that fails.
 */
import type { LoggedEntry } from '../log/log.ts'
import type { Changes, Expected, StateStore, Watermark } from '../store/store.ts'
import { Batch, type Numbers } from './batch.ts'
import type { Cache } from './cache.ts'

/** Transactions until those who wait are told what came of it. */
const MOST = 16

export interface BacklogOptions {
  store: StateStore
  cache: Cache
  /** As committed. */
  watermark: Watermark
  numbers: Numbers
  expectedOf(entries: readonly LoggedEntry[]): Iterable<Expected>
  /** Works out what entries come to; gives the watermark behind them. */
  fill(batch: Batch, entries: readonly LoggedEntry[], from: Watermark): Promise<Watermark>
  changesOf(batch: Batch, next: Watermark): Promise<Changes>
  /** A batch is committed. */
  landed(batch: Batch, changes: Changes, next: Watermark): void
  /** Entries behind that number of which the same may be done; none where there are none, or others come first. */
  more(seq: number): Promise<readonly LoggedEntry[]>
}

/** Resolves when the store may be asked; of what is worked out it is asked nothing more. */
type Ready = (isWorkedOut?: boolean) => Promise<void>

/** Resolves when all is on disk; rejects with what the store throws, when what was written before that has `landed`. */
export async function projectBacklog(
  entries: readonly LoggedEntry[],
  { store, cache, watermark, numbers, expectedOf, fill, changesOf, landed, more }: BacklogOptions,
): Promise<void> {
  let written: Promise<void> = Promise.resolve()
  let [reached, given] = [watermark, numbers]
  let part = entries
  try {
    for (let n = 0; part.length > 0; n++) {
      const ready = whenWritten(written, part)
      const batch = new Batch(behind(store, ready), given, cache)
      const next = await fill(batch, part, reached)
      const changes = await changesOf(batch, next)
      await ready(true)
      const sent = Promise.withResolvers<void>()
      const committed = Promise.resolve(store.commit(changes, undefined, sent.resolve))
      written = committed.then(() => landed(batch, changes, next))
      // Whoever waits for it next is told.
      written.catch(() => {})
      batch.settle()
      reached = next
      given = batch.numbers
      // What is worked out before that keeps the store waiting for it.
      await Promise.race([sent.promise, written])
      part = n + 1 < MOST ? await more(next.seq) : []
    }
  } catch (error) {
    await written.catch(() => {})
    throw error
  }
  await written

  /** The store has written what came before, and reads of all of them as soon as it is asked about one. */
  function whenWritten(before: Promise<void>, part: readonly LoggedEntry[]): Ready {
    let begun: Promise<void> | undefined
    return (isWorkedOut = false) => {
      begun ??= before.then(() => store.begin(isWorkedOut ? [] : expectedOf(part), true))
      return begun
    }
  }
}

/** The store as a batch reads it that stands upon what is being written: what it asks waits for that. Most ask nothing. */
function behind(store: StateStore, ready: Ready): StateStore {
  return new Proxy(store, {
    get(_, name: keyof StateStore) {
      const asked = store[name] as (...args: unknown[]) => unknown
      return async (...args: unknown[]) => {
        await ready()
        return asked(...args)
      }
    },
  })
}

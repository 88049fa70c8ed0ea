import type { Entry } from '../entry.ts'
import type { StateStore } from '../store/store.ts'
import type { Batch } from './batch.ts'

/** Dead letters of one entry: keeps its transaction below 100 ms. */
export const REPLAYED_AT_ONCE = 200
/** How long a dead letter is kept, ms: a quarter, in which a release that mends it should be found. */
export const DEAD_LETTERS_KEPT_MS = 90 * 86_400_000

/** Messages bear places behind their entry: more than the batch in which it failed can have told there. */
const PLACES_BEFORE = 1_000_000

export interface Replaying {
  batch: Batch
  store: StateStore
  project: (entry: Entry) => Promise<unknown>
  /** What is wrong with the entry itself; undefined where it is not at fault. */
  fault: (error: unknown, entry: Entry) => string | undefined
  now: number
}

export interface Replayed {
  replayed: number[]
  /** They stay dead letters, with the reason of this time. */
  failed: { seq: number; reason: string }[]
  unknown: number[]
}

/** Projects dead letters again. What they said happened when it happened; what follows from it is recorded now. */
export async function replayDead(
  { batch, store, project, fault, now }: Replaying,
  seqs: number[],
): Promise<Replayed> {
  const done: Replayed = { replayed: [], failed: [], unknown: [] }
  for (const seq of new Set(seqs)) {
    const letter = await store.deadLetter(seq)
    if (!letter) {
      done.unknown.push(seq)
      continue
    }
    const entry = JSON.parse(letter.body) as Entry
    batch.savepoint(seq, undefined, { last: PLACES_BEFORE })
    batch.deadLettersRemoved.push(seq)
    try {
      await project(entry)
      // It was received once, and is no longer dead.
      const events = eventsOf(entry)
      batch.count('received', -events)
      batch.count('dead', -events)
      done.replayed.push(seq)
    } catch (error) {
      const reason = fault(error, entry)
      if (reason === undefined) throw error
      batch.rollback()
      batch.deadLetters.push({ seq, at: now, body: letter.body, reason })
      done.failed.push({ seq, reason })
    }
  }
  return done
}

/** How many events an entry counts as; only beacons count. */
export function eventsOf(entry: Entry): number {
  return entry.kind === 'beacon' ? entry.events.length + (entry.claims?.length ?? 0) : 0
}

import type { IntakeLog, LoggedEntry } from './log.ts'

/** Entries kept for who comes to them a little later; behind them each reads for itself. */
const KEPT = 8_192
/** Entries asked for at once: those of one partition are few among them. */
const AT_ONCE = 1_024

/**
 * A log that several read at their own pace, each a little behind the other: what one has read the others are given
 * from memory. Entries are given out as they are; nobody may change them.
 */
export function sharedReads(log: Pick<IntakeLog, 'id' | 'read'>): Pick<IntakeLog, 'id' | 'read'> {
  /** The latest, without a gap. */
  let kept: LoggedEntry[] = []
  /** Number before the first of them. */
  let behind = -1
  let underWay: { after: number; entries: Promise<LoggedEntry[]> } | undefined

  async function fetch(after: number): Promise<LoggedEntry[]> {
    const found = await log.read(after, AT_ONCE)
    if (found.length === 0) return found
    mustBeWhole(after, found)
    const end = kept.at(-1)?.seq ?? behind
    if (after !== end) {
      // Somebody far behind does not push out what the others read.
      if (after < end) return found
      kept = []
      behind = after
    }
    kept = kept.concat(found)
    if (kept.length > KEPT) {
      behind = kept[kept.length - KEPT - 1]!.seq
      kept = kept.slice(-KEPT)
    }
    return found
  }

  function ask(after: number): Promise<LoggedEntry[]> {
    if (underWay?.after === after) return underWay.entries
    const entries = fetch(after)
    const asked = { after, entries }
    underWay = asked
    const done = () => {
      if (underWay === asked) underWay = undefined
    }
    entries.then(done, done)
    return entries
  }

  return {
    id: log.id,
    async read(seq, limit) {
      if (kept.length > 0 && seq >= behind && seq < kept.at(-1)!.seq) {
        const from = firstAfter(kept, seq)
        return kept.slice(from, from + limit)
      }
      return (await ask(seq)).slice(0, limit)
    },
  }
}

/**
 * Numbers have no gaps, and what is not projected is not trimmed. What a log leaves out all the same (a server that is
 * behind the others) must not be passed over: the caller tries again.
 */
function mustBeWhole(after: number, found: readonly LoggedEntry[]): void {
  let expected = after + 1
  for (const { seq } of found)
    if (seq !== expected++)
      throw new Error(`the intake log gave entry ${seq} where ${expected - 1} was to come`)
}

/** Index of the first entry behind `seq`. */
function firstAfter(entries: readonly LoggedEntry[], seq: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.seq <= seq) low = middle + 1
    else high = middle
  }
  return low
}

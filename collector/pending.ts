/** Commits told apart; above it neighbours are counted as one, which are then pending until the last of them is projected. */
const HELD = 50_000
/** What is projected is let go after so many additions. */
const LET_GO_AFTER = 1_024

export interface PendingEvents {
  /** These events were acknowledged with the entry of this sequence number. */
  add(seq: number, events: number): void
  /** Events that are acknowledged and not yet projected. What an earlier process left behind counts one an entry. */
  count(): number
  /** Events acknowledged since the start. */
  acknowledged(): number
}

/** Knows how many events lie behind the watermark. `projected` is the watermark; `last` the log's end at the start. */
export function pendingEvents(projected: () => number, last: number): PendingEvents {
  let seqs: number[] = []
  let events: number[] = []
  let sum = 0
  let total = 0
  let since = 0

  function letGo(): void {
    const upTo = projected()
    let done = 0
    while (done < seqs.length && seqs[done]! <= upTo) sum -= events[done++]!
    seqs = seqs.slice(done)
    events = events.slice(done)
    since = 0
  }

  return {
    add(seq, n) {
      total += n
      sum += n
      const newest = seqs.length - 1
      if (newest >= 0 && (seqs[newest] === seq || seqs.length >= HELD)) {
        seqs[newest] = seq
        events[newest]! += n
      } else {
        seqs.push(seq)
        events.push(n)
      }
      if (++since >= LET_GO_AFTER) letGo()
    },
    count() {
      letGo()
      return sum + Math.max(0, last - projected())
    },
    acknowledged: () => total,
  }
}

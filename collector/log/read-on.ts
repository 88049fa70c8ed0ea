import type { IntakeLog, LoggedEntry } from './log.ts'

/** Entries asked for at once: a log gives whole commits, and what of them a batch does not take waits for the next. */
const AT_ONCE = 1_024

/**
 * A log as one reads it from one end to the other: what was read of it and not yet asked for is given from memory,
 * what was asked for is kept for nobody, and behind a backlog the next is on its way while the last is projected. (Entries
 * that outlive a few batches cost the garbage collector more than all else that is done with them.)
 */
export function readOn(log: Pick<IntakeLog, 'id' | 'read'>): Pick<IntakeLog, 'id' | 'read'> {
  /** Behind `behind`, without a gap. */
  let left: readonly LoggedEntry[] = []
  let behind = -1
  /** The log gave as much as was asked for: there is more. */
  let isBacklog = false
  let coming: { after: number; entries: Promise<LoggedEntry[]> } | undefined

  async function entriesAfter(seq: number, limit: number): Promise<LoggedEntry[]> {
    const ahead = coming
    coming = undefined
    const found = ahead?.after === seq ? await ahead.entries : []
    // Where there were none then, there may be some now.
    return found.length > 0 ? found : log.read(seq, limit)
  }

  return {
    id: log.id,
    /** May give fewer than there are, but of a backlog; none only where there are none. */
    async read(seq, limit) {
      const most = Math.max(limit, AT_ONCE)
      const from = seq - behind
      if (from < 0 || from >= left.length) {
        left = []
        const found = await entriesAfter(seq, most)
        mustBeWhole(seq, found)
        left = found
        isBacklog = found.length >= most
      } else if (from > 0) left = left.slice(from)
      behind = seq
      if (isBacklog && left.length < limit) {
        // A smaller batch would look like the end of it.
        const after = seq + left.length
        const found = await entriesAfter(after, most)
        mustBeWhole(after, found)
        left = [...left, ...found]
        isBacklog = found.length >= most
      }
      const last = seq + left.length
      if (isBacklog && left.length <= limit && coming?.after !== last) {
        // While these are projected.
        coming = { after: last, entries: Promise.resolve(log.read(last, most)) }
        coming.entries.catch(() => {})
      }
      return left.slice(0, limit)
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

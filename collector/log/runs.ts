import type { LoggedEntry } from './log.ts'

/** Entries of one row at most: about what a commit holds under load. */
const A_ROW = 64

/** Entries received at one time, which one row of a log holds as one commit. */
export interface Run {
  /** Number of the last of them. */
  seq: number
  n: number
  receivedAt: number
  /** A JSON list. */
  body: string
}

/** Entries of another log as rows: their numbers and times stay as they are. */
export function runsOf(entries: readonly LoggedEntry[]): Run[] {
  const runs: Run[] = []
  for (let i = 0; i < entries.length; ) {
    const { receivedAt } = entries[i]!
    let end = i + 1
    while (end < entries.length && end - i < A_ROW && entries[end]!.receivedAt === receivedAt) end++
    const some = entries.slice(i, end)
    const body = JSON.stringify(some.map(({ entry }) => entry))
    runs.push({ seq: some.at(-1)!.seq, n: some.length, receivedAt, body })
    i = end
  }
  return runs
}

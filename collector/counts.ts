import type { DropReason } from './accept.ts'
import { ENTRY_VERSION, type Entry } from './entry.ts'

export type Note = 'bad-signature'
export type RejectReason = 'malformed' | 'too-large'

/** Counts, in events, what the door did not let in, until the next append carries them into the log. */
export interface DoorCounts {
  drop(reason: DropReason, events: number): void
  reject(reason: RejectReason): void
  /** Something that was kept and yet is worth a number. */
  note(what: Note): void
  /** The entry that carries the counts so far, which then start from nothing; undefined when there are none. */
  take(): Entry | undefined
}

export function doorCounts(): DoorCounts {
  let dropped: Record<string, number> = {}
  let rejected: Record<string, number> = {}
  let noted: Record<string, number> = {}
  let any = false
  return {
    drop(reason, events) {
      dropped[reason] = (dropped[reason] ?? 0) + events
      any = true
    },
    reject(reason) {
      rejected[reason] = (rejected[reason] ?? 0) + 1
      any = true
    },
    note(what) {
      noted[what] = (noted[what] ?? 0) + 1
      any = true
    },
    take() {
      if (!any) return undefined
      const entry: Entry = { kind: 'counts', v: ENTRY_VERSION, dropped, rejected, noted }
      dropped = {}
      rejected = {}
      noted = {}
      any = false
      return entry
    },
  }
}

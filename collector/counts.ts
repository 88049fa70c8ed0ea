import type { DropReason } from './accept.ts'
import { type CountsEntry, ENTRY_VERSION, type Entry } from './entry.ts'

export type Note =
  | 'bad-signature'
  | 'untrusted-proxy'
  | 'unreadable-consent'
  | 'mail-event-left'
  | 'mail-to-nobody'
export type RejectReason = 'malformed' | 'too-large' | 'too-many'

/** Counts, in events, what the door did not let in, until the next append carries them into the log. */
export interface DoorCounts {
  /** `site` where it is a known one. */
  drop(reason: DropReason, events: number, site?: string): void
  reject(reason: RejectReason): void
  /** Something that was kept and yet is worth a number. */
  note(what: Note): void
  /** Counts that no entry has taken yet. */
  unwritten(): Pick<CountsEntry, 'dropped' | 'rejected'>
  /** The entry that carries the counts so far, which then start from nothing; undefined when there are none. */
  take(): (Entry & CountsEntry) | undefined
  /** Takes back what `take` gave and the log could not store. */
  giveBack(entry: CountsEntry): void
}

export function doorCounts(): DoorCounts {
  let dropped: Record<string, number> = {}
  let rejected: Record<string, number> = {}
  let noted: Record<string, number> = {}
  let sites: Record<string, Record<string, number>> = {}
  let any = false

  return {
    drop(reason, events, site) {
      dropped[reason] = (dropped[reason] ?? 0) + events
      if (site !== undefined) {
        sites[site] ??= {}
        sites[site][reason] = (sites[site][reason] ?? 0) + events
      }
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
    unwritten: () => ({ dropped, rejected }),
    take() {
      if (!any) return undefined
      const entry: Entry & CountsEntry = { kind: 'counts', v: ENTRY_VERSION, dropped, rejected, noted, sites }
      dropped = {}
      rejected = {}
      noted = {}
      sites = {}
      any = false
      return entry
    },
    giveBack(entry) {
      add(dropped, entry.dropped)
      add(rejected, entry.rejected)
      add(noted, entry.noted)
      for (const [site, reasons] of Object.entries(entry.sites ?? {})) {
        sites[site] ??= {}
        add(sites[site], reasons)
      }
      any = true
    },
  }
}

function add(to: Record<string, number>, more: Record<string, number>): void {
  for (const [name, n] of Object.entries(more)) to[name] = (to[name] ?? 0) + n
}

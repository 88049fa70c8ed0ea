import type { AcceptMemory } from '../accept.ts'
import type { BackupNote } from '../backup-note.ts'
import type { IntakeLog } from '../log/log.ts'
import type { Erasing } from '../project/suppressing.ts'
import type { ProjectHooks, ProjectorThread } from '../projecting.ts'
import type { Leases } from '../projector-thread.ts'
import type { ReaderData } from '../reader-thread.ts'

/** What a collector keeps its log and its state in. */
export interface Engine {
  /** Where what is acknowledged lies. */
  readonly log: IntakeLog
  /** The clock by which it receives, ms: the same for all that share it. */
  readonly now: () => number
  /** What the reader's threads open. */
  readonly reader: ReaderData
  /** By what an erased person is known again, and the list of them outside the state and its backups. */
  readonly erasing: Pick<Erasing, 'hash' | 'list'>
  /** Measure mode's visitor, see `salt.ts`. */
  readonly measured: AcceptMemory['measured']
  /** Folder of the scripts that were handed out. */
  readonly scripts: string
  /** State and log as files of this machine; undefined where they are none. */
  readonly files: { state: string; log: string } | undefined
  /** Starts what projects the log into the state. Called once. */
  project(hooks: ProjectHooks): ProjectorThread
  /** These keyed hashes are of who was erased: told when the memory was read anew. */
  suppressed(hashes: readonly string[]): void
  /** Runs what only one collector may do at a time. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** What this collector holds of what several share; undefined where it is the only one. */
  leases?: () => Leases
  /** Whether this collector does what is done once for all of them: ticks of quiet days, webhooks, weekly reports. */
  isLeader(): boolean
  /** Looks at every page of the state, where the last stop was not a clean one; undefined where nothing is to be looked at. */
  check: (() => { found: Promise<string>; stop(): Promise<unknown> }) | undefined
  /** Bytes of state and log. */
  sizes(): Promise<{ state: number; log: number }>
  /** The last backup that `leadwake backup` made, null before the first; undefined where it makes none of this engine. */
  lastBackup?(): BackupNote | null
  /** Closes what is open; the projector was stopped before. */
  close(): Promise<void>
}

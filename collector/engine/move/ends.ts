/** From where a state is moved, and to where. Each engine has both ends. */
import type { IntakeLog, LoggedEntry } from '../../log/log.ts'
import type { Projector } from '../../project.ts'
import type { StateSink, StateSource } from '../../store/copy.ts'
import type { Watermark } from '../../store/store.ts'

/** What lies beside a state and has to come along. */
export interface Secrets {
  /** Key of the suppressions' hashes. */
  suppressionKey: Buffer
  /** Salts of measure mode, of today and of days to come. */
  salts: { day: number; salt: string }[]
}

/** A state in use. Nothing of it is changed. */
export interface Origin {
  /** The state as it is now. Its log keeps what comes after, until the origin is closed. */
  state(): Promise<StateSource>
  log: Pick<IntakeLog, 'read' | 'bounds'>
  /** Partition whose projector projects an entry, from 0. */
  partitionOf(entry: LoggedEntry['entry']): number
  /** Last entry that all its projectors have projected, as of now. */
  projected(): Promise<number>
  /** Id of the contact with this row number, as it is now; undefined where there is none. */
  contactId(no: number): Promise<string | undefined>
  secrets(now: number): Promise<Secrets>
  /** Takes it from its collectors. True once none of them runs and nobody appends any more, until the origin is closed. */
  take(): Promise<boolean>
  /** Folder of the scripts that were handed out. */
  scripts: string
  close(): Promise<void>
}

/** A new state. Until it is finished, it says that it is not whole and nobody serves it. */
export interface Destination {
  /** Makes it. `at` is where the copied state stands: the log goes on there. Throws a `Sentence` where another state is there. */
  begin(at: Omit<Watermark, 'logId'>, secrets: Secrets): Promise<Filling>
  scripts: string
  close(): Promise<void>
}

export interface Filling {
  sink: StateSink
  /** What it holds now. */
  state(): Promise<StateSource>
  /** Appends entries of the origin's log under their numbers. */
  take(entries: readonly LoggedEntry[]): Promise<void>
  /** Projects what was taken; one that knows which entries are `done` passes them over. To be made after all rows are in. */
  projector(done: ((entry: LoggedEntry['entry']) => boolean) | undefined): Promise<Projector>
  contactNo(site: string, id: string): Promise<number | undefined>
  /** From now on it is served. */
  finish(secrets: Secrets): Promise<void>
}

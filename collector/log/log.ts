import type { Entry } from '../entry.ts'

export type Maybe<T> = T | Promise<T>

/** An entry as the log gives it back. */
export interface LoggedEntry {
  /** Position in commit order, from 1; never goes back and never repeats. */
  seq: number
  /** When it was received, ms; the appender's clock. */
  receivedAt: number
  entry: Entry
  /** Whose beacon it is, as `visitorHash` gives it, where the log says so: then `entry` is read from its text when it is asked for. */
  visitor?: number
}

/**
 * Where acknowledged entries lie: an append-only sequence, durable once `append` resolves. Several may append at the
 * same time, each through a log of its own; a number is visible only once all smaller ones are, so a reader who goes
 * on behind the last one that it saw misses nothing. Logs behind a network answer reads with a promise.
 */
export interface IntakeLog {
  /** Names this log; the state carries the same id, so that neither is used with a stranger. */
  readonly id: string
  /**
   * Appends one entry. Resolves when it is on disk (fsync done), with the sequence number of the last entry of its
   * commit; appends made in the same turn of the event loop share one commit and its promise. Those of one appender
   * lie in the order in which they were made. Rejects with `LogUnavailable` when it is full or cannot be written:
   * nothing was stored then, unless the connection to an engine behind a network broke during the commit. Then
   * nobody knows, and whoever sends it again does so under the same ids.
   */
  append(entry: Entry): Promise<number>
  /** Entries after `seq`, oldest first, at most `limit`. */
  read(seq: number, limit: number): Maybe<LoggedEntry[]>
  /** First and last sequence number held; last is 0 in a new log. */
  bounds(): Maybe<{ first: number; last: number }>
  /**
   * Allows entries up to `seq` to be removed, in small steps, some of them with later appends; where a commit is one
   * row, its entries go with the last one of them. Call it only behind a watermark that is itself on disk.
   */
  trim(seq: number): Maybe<void>
  /** Whether it holds as much as it may: `append` rejects then, until enough was trimmed, which may be some steps after `trim`. */
  isFull(): boolean
  /** Moves the write-ahead log into the file. Called beside the projector, never on the thread that acknowledges. */
  checkpoint(): Maybe<void>
  /** Bytes of the write-ahead log's file; 0 where the engine looks after it. */
  walBytes(): Maybe<number>
  /** Commits what is pending and closes the log. */
  close(): Promise<void>
}

/** A log in a file of this machine: what is read is there at once. */
export interface FileLog extends IntakeLog {
  read(seq: number, limit: number): LoggedEntry[]
  bounds(): { first: number; last: number }
  trim(seq: number): void
  checkpoint(): void
  walBytes(): number
  /**
   * From now on what is trimmed is overwritten with zeros. For when somebody was erased, of whom more may come; it
   * doubles what a trim writes.
   */
  shred(): void
}

/** The collector cannot take entries now: its log is full, locked or failing, or what projects it does not answer. The HTTP answer is 503 with Retry-After. */
export class LogUnavailable extends Error {}

/** An entry is larger than the log's server takes: sent again it is no smaller. The HTTP answer is 413. */
export class EntryTooLarge extends LogUnavailable {}

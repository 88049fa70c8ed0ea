/**
 * One of several projectors of a log, with the partitions that it holds. Beacons are projected by the partition of their
 * visitor, those of different projectors at the same time; every other entry (people, decisions, rules, sites) is a
 * barrier: who holds the first partition projects it, after all have come to it and before any goes on. Where two visitors
 * are one person, the store's transactions keep their projectors from each other.
 */
import type { Entry } from '../entry.ts'
import type { IntakeLog, LoggedEntry } from '../log/log.ts'
import { visitorPartition } from '../log/visitor-partition.ts'
import { createProjector, type Projected, type Projector, type ProjectorOptions } from '../project.ts'
import type { SharedStore } from '../store/store.ts'
import { FIRST } from './touched.ts'

/** Steps of at least so many entries, all of which are there, are followed by the next while they are written. */
const BACKLOG = 512

export interface PartitionOptions extends Pick<ProjectorOptions, 'erasing' | 'isWatched' | 'shown'> {
  log: Pick<IntakeLog, 'id' | 'read'>
  store: SharedStore
  /** Those that are projected together here, of `partitions`, from 0, in order: of the same as the store's. */
  held: readonly number[]
  partitions: number
  /** A step that goes on ends with what it has begun. */
  isEnding?: () => boolean
}

/** `isBarred`: a barrier is next. */
export type Stepped = Projected & { isBarred: boolean }

export interface Partition extends Pick<Projector, 'isBusy' | 'goOn'> {
  /** Last entry that is projected or another projector's. */
  projected(): number
  /**
   * Projects at most `limit` entries. `waiting` where there is a barrier that this or another partition has not come
   * to; undefined where the log has no more. Throws what the store throws; nothing is half done then.
   */
  step(limit: number): Promise<Stepped | 'waiting' | undefined>
  /** Makes the next entry a dead letter without trying it, where it is this one's and may be skipped. */
  leave(reason: string): Promise<void>
}

export async function createPartition(options: PartitionOptions): Promise<Partition> {
  const { log, store, held, partitions, isEnding = () => false, ...rest } = options
  const { watermark: from, of } = await store.place()
  /** Partitions that were projected by different ones before need not have come equally far. */
  const share = (logged: LoggedEntry) => {
    const { seq, visitor } = logged
    const part = visitor === undefined ? partitionOf(logged.entry, partitions) : visitor % partitions
    return held.includes(part) && seq > (of.get(part) ?? 0) ? part : undefined
  }
  const isAlone = held.length === partitions
  const divided = isAlone ? undefined : { held, partitions, touched: store.touched }
  const projector = await createProjector(store, log.id, {
    ...rest,
    share,
    from,
    ...(divided && { divided }),
  })

  /**
   * How many of the entries may be projected now. A barrier may be passed by the first when all others stand before it
   * or are behind it, by them when the first is behind it.
   */
  async function open(entries: readonly LoggedEntry[]): Promise<number> {
    if (isAlone) return entries.length
    let marks: number[] | undefined
    /** Where the others must have come to: to the first of entries that follow each other without a beacon. */
    let before: number | undefined
    for (const [i, logged] of entries.entries()) {
      const { seq } = logged
      if (isBeacon(logged)) {
        before = undefined
        continue
      }
      before ??= seq - 1
      const needed = before
      marks ??= await store.watermarks()
      const isOpen =
        held[0] === FIRST
          ? marks.every((mark, of) => held.includes(of) || mark >= needed)
          : marks[FIRST]! >= seq
      if (!isOpen) return i
    }
    return entries.length
  }

  /**
   * Without the beacons of others, which are not even parsed; but for the last, up to which all is projected. What is received is received
   * after what lies before it, whosever that is.
   */
  function ownOf(entries: readonly LoggedEntry[]): LoggedEntry[] {
    if (isAlone) return [...entries]
    const own: LoggedEntry[] = []
    let now = 0
    for (const [i, logged] of entries.entries()) {
      now = Math.max(now, logged.receivedAt)
      if (i < entries.length - 1 && isBeacon(logged) && share(logged) === undefined) continue
      const { seq, visitor, entry } = logged
      own.push({ seq, receivedAt: now, entry, ...(visitor !== undefined && { visitor }) })
    }
    return own
  }

  return {
    projected: () => projector.watermark().seq,
    // Who holds the first partition projects what began it, and goes on.
    isBusy: () => held[0] === FIRST && projector.isBusy(),
    goOn: projector.goOn,
    async step(limit) {
      const entries = await log.read(projector.watermark().seq, limit)
      if (entries.length === 0) return undefined
      const some = await open(entries)
      if (some === 0) return 'waiting'
      // Entries that are tried one by one, or a few, are told of one by one.
      const isBacklog = isAlone && limit >= BACKLOG && entries.length >= limit
      const more = async (seq: number) => {
        if (isEnding()) return []
        const next = await log.read(seq, limit)
        return next.length < limit ? [] : next
      }
      const projected = await projector.project(ownOf(entries.slice(0, some)), isBacklog ? more : undefined)
      return { ...projected, isBarred: some < entries.length }
    },
    async leave(reason) {
      const [next] = await log.read(projector.watermark().seq, 1)
      if (next && share(next) !== undefined && (await open([next])) === 1) await projector.bury(next, reason)
    },
  }
}

const isBeacon = (logged: LoggedEntry): boolean =>
  logged.visitor !== undefined || logged.entry.kind === 'beacon'

/** The partition of an entry, from 0. */
export function partitionOf(entry: Entry, partitions: number): number {
  return entry.kind === 'beacon' ? visitorPartition(entry, partitions) : FIRST
}

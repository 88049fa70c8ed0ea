/**
 * One of several projectors of a log. Beacons are projected by the partition of their visitor, all of them at the same
 * time; every other entry (people, decisions, rules, sites) is a barrier: the first partition projects it, after all have come
 * to it and before any goes on. Where two visitors are one person, the store's transactions keep their projectors
 * from each other.
 */
import type { Entry } from '../entry.ts'
import type { IntakeLog, LoggedEntry } from '../log/log.ts'
import { visitorPartition } from '../log/visitor-partition.ts'
import { createProjector, type Projected, type ProjectorOptions } from '../project.ts'
import type { SharedStore } from '../store/store.ts'

export interface PartitionOptions extends Pick<ProjectorOptions, 'erasing' | 'isWatched' | 'shown'> {
  log: Pick<IntakeLog, 'id' | 'read'>
  store: SharedStore
  /** Of `partitions`, from 0. */
  partition: number
  partitions: number
}

export interface Partition {
  /** Last entry that is projected or another partition's. */
  projected(): number
  /**
   * Projects at most `limit` entries. `waiting` where there is a barrier that this or another partition has not come
   * to; undefined where the log has no more. Throws what the store throws; nothing is half done then.
   */
  step(limit: number): Promise<Projected | 'waiting' | undefined>
}

/** The first partition, which projects all that is not of one visitor. */
const FIRST = 0

export async function createPartition(options: PartitionOptions): Promise<Partition> {
  const { log, store, partition, partitions, ...rest } = options
  const share = (entry: Entry) => partitionOf(entry, partitions) === partition
  const projector = await createProjector(store, log.id, { ...rest, share })

  /**
   * How many of the entries may be projected now. A barrier may be passed by the first when all others stand before it
   * or are behind it, by them when the first is behind it.
   */
  async function open(entries: readonly LoggedEntry[]): Promise<number> {
    let marks: number[] | undefined
    /** Where the others must have come to: to the first of entries that follow each other without a beacon. */
    let before: number | undefined
    for (const [i, { seq, entry }] of entries.entries()) {
      if (entry.kind === 'beacon') {
        before = undefined
        continue
      }
      before ??= seq - 1
      const needed = before
      marks ??= await store.watermarks()
      const isOpen =
        partition === FIRST ? marks.every((mark, of) => of === FIRST || mark >= needed) : marks[FIRST]! >= seq
      if (!isOpen) return i
    }
    return entries.length
  }

  return {
    projected: () => projector.watermark().seq,
    async step(limit) {
      const entries = await log.read(projector.watermark().seq, limit)
      if (entries.length === 0) return undefined
      const some = await open(entries)
      return some === 0 ? 'waiting' : projector.project(entries.slice(0, some))
    },
  }
}

/** The partition of an entry, from 0. */
export function partitionOf(entry: Entry, partitions: number): number {
  return entry.kind === 'beacon' ? visitorPartition(entry, partitions) : FIRST
}

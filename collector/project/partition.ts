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

  /** Whether the barrier may be passed here: by the first when all others stand before it, by them when it is behind. */
  async function isOpen({ seq }: LoggedEntry): Promise<boolean> {
    const marks = await store.watermarks()
    return partition === FIRST ? marks.every((mark) => mark >= seq - 1) : marks[FIRST]! >= seq
  }

  return {
    projected: () => projector.watermark().seq,
    async step(limit) {
      const entries = await log.read(projector.watermark().seq, limit)
      if (entries.length === 0) return undefined
      const barrier = entries.findIndex(({ entry }) => entry.kind !== 'beacon')
      if (barrier !== 0) return projector.project(barrier < 0 ? entries : entries.slice(0, barrier))
      return (await isOpen(entries[0]!)) ? projector.project(entries.slice(0, 1)) : 'waiting'
    },
  }
}

/** The partition of an entry, from 0. */
export function partitionOf(entry: Entry, partitions: number): number {
  return entry.kind === 'beacon' ? visitorPartition(entry, partitions) : FIRST
}

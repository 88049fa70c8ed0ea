import type { IntakeLog } from './log/log.ts'
import type { ProjectorThread } from './projecting.ts'

/** What `GET /readyz` tells. */
export interface Health {
  /** Whether it can store. Projection may lag or stand still; what is acknowledged waits for it. */
  ready: boolean
  /** Entries that are acknowledged and not projected. */
  lag: number
  /** Why projection stands still. */
  stalled?: string
  /** Bytes of the write-ahead logs of state and log. */
  wal: { state: number; log: number }
  /** What an operator has to look at, a sentence each. */
  alarms: string[]
}

/** A write-ahead log of this many bytes is not the load's doing: somebody reads and does not end. */
export const WAL_ALARM = 64 * 2 ** 20

/** Tells how the collector is. `walAlarm` in bytes. */
export function healthOf(
  log: Pick<IntakeLog, 'bounds' | 'isFull'>,
  projector: Pick<ProjectorThread, 'projected' | 'stalled' | 'wal'>,
  walAlarm = WAL_ALARM,
): () => Promise<Health> {
  /** As of when the log last answered. */
  let last = 0
  return async () => {
    const stalled = projector.stalled()
    const wal = projector.wal()
    const alarms: string[] = []
    const isThere = await Promise.resolve()
      .then(() => log.bounds())
      .then(
        (bounds) => {
          last = bounds.last
          return true
        },
        () => false,
      )
    if (!isThere) alarms.push('the intake log does not answer: beacons are refused until it does')
    if (log.isFull())
      alarms.push(
        'the intake log is full: beacons are refused until projection has caught up (LEADWAKE_LOG_LIMIT)',
      )
    if (stalled !== undefined) alarms.push(`projection stands still: ${stalled}`)
    for (const [file, bytes] of Object.entries(wal)) {
      if (bytes <= walAlarm) continue
      const size = Math.round(bytes / 2 ** 20)
      alarms.push(
        `the write-ahead log of the ${file} has grown to ${size} MiB: end whoever reads that file for so long`,
      )
    }
    return {
      ready: isThere && !log.isFull(),
      lag: Math.max(0, last - projector.projected()),
      ...(stalled !== undefined && { stalled }),
      wal,
      alarms,
    }
  }
}

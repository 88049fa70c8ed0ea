import { existsSync } from 'node:fs'
import { takeLock } from './lock.ts'
import type { IntakeLog } from './log/log.ts'

export interface TrimOptions {
  /** While another process holds the lock on this file (a backup does), nothing is trimmed. */
  hold: string
  /** Entries are kept for this long after they are surely in the state, ms: for what replicates the two files apart. */
  keepMs?: number
  now?: () => number
}

/**
 * A log that is trimmed later than it could be. What was allowed to go before a hold began is in any copy of the
 * state that is made during the hold, so that state and log of a backup always join.
 */
export function trimmedLater(log: IntakeLog, { hold, keepMs = 0, now = Date.now }: TrimOptions): IntakeLog {
  const waiting: { seq: number; at: number }[] = []
  return {
    ...log,
    trim(seq) {
      waiting.push({ seq, at: now() })
      if (isHeld(hold)) return
      let allowed = 0
      while (waiting.length > 0 && waiting[0]!.at <= now() - keepMs) allowed = waiting.shift()!.seq
      if (allowed > 0) log.trim(allowed)
    },
  }
}

function isHeld(path: string): boolean {
  if (!existsSync(path)) return false
  const lock = takeLock(path)
  lock?.release()
  return lock === undefined
}

import { ENTRY_VERSION } from './entry.ts'
import type { IntakeLog } from './log/log.ts'

const DAY_MS = 86_400_000

/**
 * Puts the ticks into the log: each UTC day's end before the first entry of the next day, days that were missed
 * in order. Returns the log that does so, and `due`, which is called now and then so that a quiet night ticks too.
 */
export function withTicks(
  log: IntakeLog,
  lastTicked: number,
  now: () => number,
): { log: IntakeLog; due(): Promise<void> } {
  let ticked = lastTicked

  async function due(): Promise<void> {
    const appended: Promise<number>[] = []
    const before = ticked
    while ((ticked + 2) * DAY_MS <= now()) {
      ticked++
      appended.push(log.append({ kind: 'tick', v: ENTRY_VERSION, day: ticked }))
    }
    try {
      await Promise.all(appended)
    } catch (error) {
      // A day ticked twice is harmless, one never ticked is not.
      ticked = before
      throw error
    }
  }

  return {
    due,
    log: {
      ...log,
      append(entry) {
        if ((ticked + 2) * DAY_MS <= now()) due().catch(() => {})
        return log.append(entry)
      },
    },
  }
}

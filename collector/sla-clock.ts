import { ENTRY_VERSION } from './entry.ts'
import type { IntakeLog } from './log/log.ts'

/** Puts the clock of sales into the log, where somebody is overdue: the projector itself reads no clock. */
export function slaClock(
  overdue: () => Promise<boolean>,
  log: Pick<IntakeLog, 'append'>,
): () => Promise<void> {
  return async () => {
    if (await overdue()) await log.append({ kind: 'sla', v: ENTRY_VERSION })
  }
}

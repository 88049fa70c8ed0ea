import { existsSync } from 'node:fs'
import type { Files } from '../files.ts'
import { takeLock } from '../lock.ts'

/** Whether a process holds these files. */
export function isRunning(files: Pick<Files, 'lock'>): boolean {
  if (!existsSync(files.lock)) return false
  const lock = takeLock(files.lock)
  lock?.release()
  return lock === undefined
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { takeLock } from '../collector/lock.ts'
import type { IntakeLog } from '../collector/log/log.ts'
import { trimmedLater } from '../collector/trim.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-trim-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function logged(keepMs = 0) {
  const trimmed: number[] = []
  const clock = { now: 1_000 }
  const hold = join(folder, 'x.hold')
  const inner = { trim: (seq: number) => trimmed.push(seq) } as unknown as IntakeLog
  return { log: trimmedLater(inner, { hold, keepMs, now: () => clock.now }), trimmed, clock, hold }
}

it('trims nothing while a copy of the files is made, and everything after it', () => {
  const { log, trimmed, hold } = logged()
  log.trim(5)
  const copying = takeLock(hold)!
  log.trim(9)
  log.trim(12)
  expect(trimmed).toEqual([5])
  copying.release()
  log.trim(14)
  expect(trimmed).toEqual([5, 14])
})

it('keeps entries for as long as it was told after they are in the state', () => {
  const { log, trimmed, clock } = logged(60_000)
  log.trim(5)
  clock.now += 59_999
  log.trim(9)
  expect(trimmed).toEqual([])
  clock.now += 1
  log.trim(12)
  expect(trimmed).toEqual([5])
})

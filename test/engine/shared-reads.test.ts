import { describe, expect, it } from 'vitest'
import { ENTRY_VERSION } from '../../collector/entry.ts'
import type { LoggedEntry } from '../../collector/log/log.ts'
import { sharedReads } from '../../collector/log/shared-reads.ts'
import { randomFrom } from '../fault/random.ts'

const entryOf = (seq: number): LoggedEntry => ({
  seq,
  receivedAt: seq,
  entry: { kind: 'tick', v: ENTRY_VERSION, day: seq },
})

function logOf(length: number) {
  const log = { id: 'log-1', length, asked: 0, read }
  async function read(seq: number, limit: number): Promise<LoggedEntry[]> {
    log.asked++
    return Array.from({ length: Math.max(0, Math.min(limit, log.length - seq)) }, (_, i) =>
      entryOf(seq + 1 + i),
    )
  }
  return log
}

describe('a log that several read', () => {
  it('is asked once for what all of them read', async () => {
    const log = logOf(100)
    const shared = sharedReads(log)
    const read = await Promise.all([1, 2, 3].map(() => shared.read(0, 50)))
    for (const entries of read) expect(entries).toEqual(await log.read(0, 50))
    await shared.read(50, 50)
    expect(log.asked).toBe(1 + 3)
  })

  it.each([1, 2])('gives each what the log gives, wherever it stands (%i)', async (seed) => {
    const random = randomFrom(seed)
    const log = logOf(1_000)
    const shared = sharedReads(log)
    const at = [0, 0, 0, 0]
    for (let turn = 0; turn < 800; turn++) {
      log.length += Math.floor(random() * 60)
      const who = Math.floor(random() * at.length)
      const limit = 1 + Math.floor(random() * 100)
      const entries = await shared.read(at[who]!, limit)
      expect(entries).toEqual((await log.read(at[who]!, 1_024)).slice(0, entries.length))
      // Fewer than there are is a smaller batch; none where there are some would be an end.
      if (log.length > at[who]!) expect(entries.length).toBeGreaterThan(0)
      expect(entries.length).toBeLessThanOrEqual(limit)
      // One of them stays far behind.
      if (who > 0 || random() < 0.05) at[who] = entries.at(-1)?.seq ?? at[who]!
    }
  })
})

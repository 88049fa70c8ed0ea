import { describe, expect, it } from 'vitest'
import { ENTRY_VERSION } from '../../collector/entry.ts'
import type { LoggedEntry } from '../../collector/log/log.ts'
import { readOn } from '../../collector/log/read-on.ts'
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

describe('a log that is read on', () => {
  it('is asked once for what several batches take', async () => {
    const log = logOf(100)
    const reading = readOn(log)
    const read = [await reading.read(0, 50), await reading.read(50, 30), await reading.read(80, 50)]
    expect(read.flat().map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(log.asked).toBe(1)
    expect(await reading.read(100, 50)).toEqual([])
  })

  it.each([1, 2])('gives what the log gives, also again after a batch that failed (%i)', async (seed) => {
    const random = randomFrom(seed)
    const log = logOf(1_000)
    const reading = readOn(log)
    let at = 0
    for (let turn = 0; turn < 800; turn++) {
      log.length += Math.floor(random() * 60)
      const limit = 1 + Math.floor(random() * 100)
      const entries = await reading.read(at, limit)
      expect(entries).toEqual((await log.read(at, 1_024)).slice(0, entries.length))
      // Fewer than there are is a smaller batch; none where there are some would be an end.
      if (log.length > at) expect(entries.length).toBeGreaterThan(0)
      expect(entries.length).toBeLessThanOrEqual(limit)
      if (random() < 0.7) at = entries.at(-1)?.seq ?? at
      else if (random() < 0.1) at = Math.floor(random() * at)
    }
  })

  it('gives of a backlog as many as were asked for, whatever is left in memory', async () => {
    const reading = readOn(logOf(6_000))
    let at = 0
    for (const limit of [64, 128, 256, 512, 1_024, 2_048]) {
      const entries = await reading.read(at, limit)
      expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: limit }, (_, i) => at + 1 + i))
      at += limit
    }
    expect(await reading.read(at, 2_048)).toHaveLength(6_000 - at)
  })

  it('behind a backlog asks for the next while a batch is projected, and what fails then fails where it is read', async () => {
    const log = logOf(3_000)
    const reading = readOn(log)
    expect(await reading.read(0, 2_000)).toHaveLength(2_000)
    expect(log.asked).toBe(2)
    // What came since is not missed, and what was asked for ahead not asked for twice.
    log.length = 3_500
    const next = await reading.read(2_000, 2_000)
    expect([log.asked, next.at(-1)!.seq]).toEqual([2, 3_000])
    expect((await reading.read(3_000, 2_000)).at(-1)!.seq).toBe(3_500)

    const exact = logOf(2_000)
    const ending = readOn(exact)
    await ending.read(0, 2_000)
    exact.length = 2_001
    expect((await ending.read(2_000, 2_000)).map(({ seq }) => seq)).toEqual([2_001])

    let isAway = false
    const log3 = logOf(9_000)
    const away = readOn({
      ...log3,
      read: async (seq, limit) => {
        if (isAway) throw new Error('away')
        return log3.read(seq, limit)
      },
    })
    isAway = true
    await expect(away.read(0, 2_000)).rejects.toThrow('away')
    isAway = false
    expect(await away.read(0, 2_000)).toHaveLength(2_000)
    isAway = true
    await away.read(2_000, 2_000)
    await expect(away.read(4_000, 2_000)).rejects.toThrow('away')
    isAway = false
    expect((await away.read(4_000, 2_000))[0]!.seq).toBe(4_001)
  })

  it('passes over nothing that the log leaves out', async () => {
    const log = { id: 'log-1', read: async () => [entryOf(1), entryOf(3)] }
    await expect(readOn(log).read(0, 10)).rejects.toThrow('gave entry 3 where 2 was to come')
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry } from '../../collector/entry.ts'
import { type IntakeLog, LogUnavailable } from '../../collector/log/log.ts'

const entry = (n: number): Entry => ({ kind: 'tick', v: ENTRY_VERSION, day: n })

export interface LogUnderTest {
  /** A new, empty log. */
  create(): Promise<IntakeLog>
  /** The same log, opened once more, as after a restart; it may hold so many bytes. */
  reopen(limit?: number): Promise<IntakeLog>
  /** Makes appends fail until the returned function is called. */
  block(): Promise<() => Promise<void>>
  remove(): Promise<void>
}

/** 10 kB. */
const bulky: Entry = {
  kind: 'counts',
  v: ENTRY_VERSION,
  dropped: { ['x'.repeat(10_000)]: 1 },
  rejected: {},
  noted: {},
}

/** What every log promises; each runs it on its real storage. */
export function logContract(name: string, subject: () => LogUnderTest): void {
  describe(`log contract: ${name}`, () => {
    let under: LogUnderTest
    let log: IntakeLog
    beforeEach(async () => {
      under = subject()
      log = await under.create()
    })
    afterEach(() => under.remove())

    it('starts empty, with an id', async () => {
      expect(await log.bounds()).toEqual({ first: 1, last: 0 })
      expect(await log.read(0, 10)).toEqual([])
      expect(log.id).not.toBe('')
    })

    it('gives entries back in the order of their sequence numbers, which grow by one', async () => {
      const seqs = await Promise.all([1, 2, 3].map((n) => log.append(entry(n))))
      // They shared a commit, and each is told where that ends.
      expect(seqs).toEqual([3, 3, 3])
      expect(await log.append(entry(4))).toBe(4)
      expect(
        (await log.read(0, 10)).map(({ seq, entry: { kind, ...rest } }) => ({ seq, kind, ...rest })),
      ).toEqual([1, 2, 3, 4].map((n) => ({ seq: n, kind: 'tick', v: 1, day: n })))
    })

    it('reads after a sequence number, at most so many', async () => {
      await Promise.all([1, 2, 3, 4].map((n) => log.append(entry(n))))
      expect((await log.read(1, 2)).map(({ seq }) => seq)).toEqual([2, 3])
    })

    it('reads on from the middle of a commit', async () => {
      await Promise.all([1, 2, 3].map((n) => log.append(entry(n))))
      await Promise.all([4, 5, 6].map((n) => log.append(entry(n))))
      const all = [1, 2, 3, 4, 5, 6].map((seq) => ({ seq, day: seq }))
      for (let after = 0; after <= 6; after++)
        for (let limit = 1; limit <= 7; limit++)
          expect(
            (await log.read(after, limit)).map(({ seq, entry }) => ({
              seq,
              day: (entry as { day?: number }).day,
            })),
          ).toEqual(all.slice(after, after + limit))
    })

    it('keeps what lies behind the number up to which it is trimmed, in the middle of a commit too', async () => {
      await Promise.all([1, 2, 3].map((n) => log.append(entry(n))))
      await log.trim(2)
      await log.append(entry(4))
      expect((await log.read(2, 10)).map(({ seq }) => seq)).toEqual([3, 4])
      expect((await log.bounds()).first).toBeLessThanOrEqual(3)
      await log.trim(3)
      await log.append(entry(5))
      expect(await log.bounds()).toEqual({ first: 4, last: 5 })
    })

    it('takes nothing while it is full, and goes on once it is trimmed', async () => {
      const small = await under.reopen(200_000)
      let taken = 0
      const full = async () => {
        for (;;) taken = await small.append(bulky)
      }
      await expect(full()).rejects.toBeInstanceOf(LogUnavailable)
      expect(small.isFull()).toBe(true)
      await expect(small.append(entry(1))).rejects.toBeInstanceOf(LogUnavailable)
      expect((await small.bounds()).last).toBe(taken)
      await small.trim(taken)
      await expect.poll(small.isFull).toBe(false)
      expect(await small.append(entry(1))).toBe(taken + 1)
      await small.close()
    })

    it('stamps each entry with the time of its receipt', async () => {
      await log.append(entry(1))
      expect((await log.read(0, 1))[0]!.receivedAt).toBe(1_000)
    })

    it('holds what it acknowledged when it is opened again, under the same id', async () => {
      await log.append(entry(1))
      const { id } = log
      await log.close()
      const again = await under.reopen()
      expect(again.id).toBe(id)
      expect(await again.read(0, 10)).toHaveLength(1)
      expect(await again.append(entry(2))).toBe(2)
      await again.close()
    })

    it('commits what is pending when it is closed', async () => {
      const pending = log.append(entry(1))
      await log.close()
      expect(await pending).toBe(1)
    })

    it('trims behind a sequence number with later appends, and never gives a number twice', async () => {
      await Promise.all([1, 2, 3].map((n) => log.append(entry(n))))
      await log.trim(3)
      await log.append(entry(4))
      expect(await log.bounds()).toEqual({ first: 4, last: 4 })
      await log.trim(4)
      expect(await log.append(entry(5))).toBe(5)
      await log.close()
      const again = await under.reopen()
      expect(await again.append(entry(6))).toBe(6)
      await again.close()
    })

    it('rejects with LogUnavailable while it cannot write, stores nothing then, and goes on after', async () => {
      const release = await under.block()
      await expect(log.append(entry(1))).rejects.toBeInstanceOf(LogUnavailable)
      await release()
      expect(await log.append(entry(2))).toBe(1)
      expect(await log.read(0, 10)).toHaveLength(1)
    })
  })
}

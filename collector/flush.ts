import type { DoorCounts } from './counts.ts'
import type { CountsEntry, Entry } from './entry.ts'

export interface Flush {
  /** Writes the counts of the door into the log; keeps them where it cannot. Rejects with what the log says. */
  write(): Promise<void>
  /** What the door counted and the state does not hold yet, by `dropped:REASON` and `rejected:REASON`. */
  unprojected(): Record<string, number>
}

/** Carries what was counted at the door into the log. `projected` is the watermark. */
export function flushOf(
  counts: DoorCounts,
  append: (entry: Entry) => Promise<number>,
  projected: () => number,
): Flush {
  let underWay: { entry: CountsEntry; seq: number }[] = []

  return {
    async write() {
      const entry = counts.take()
      if (!entry) return
      const written = { entry, seq: Number.POSITIVE_INFINITY }
      underWay.push(written)
      try {
        written.seq = await append(entry)
      } catch (error) {
        underWay = underWay.filter((one) => one !== written)
        counts.giveBack(entry)
        throw error
      }
    },
    unprojected() {
      underWay = underWay.filter(({ seq }) => seq > projected())
      const sum: Record<string, number> = {}
      for (const { dropped, rejected } of [...underWay.map(({ entry }) => entry), counts.unwritten()]) {
        for (const [kind, reasons] of [
          ['dropped', dropped],
          ['rejected', rejected],
        ] as const)
          for (const [reason, n] of Object.entries(reasons))
            sum[`${kind}:${reason}`] = (sum[`${kind}:${reason}`] ?? 0) + n
      }
      return sum
    },
  }
}

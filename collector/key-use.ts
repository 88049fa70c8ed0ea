import { ENTRY_VERSION, type Entry } from './entry.ts'
import type { HeldKey } from './keys.ts'

/** A use is written down once in so long, ms: nobody asks for more, and a write for each call would be one too many. */
const COARSE_MS = 3_600_000

/** Which keys were used: noted in memory, written down now and then. */
export function keyUseOf(log: { append(entry: Entry): Promise<number> }, now: () => number) {
  const noted = new Map<string, number>()
  const written = new Map<string, number>()
  return {
    note({ id }: HeldKey): void {
      if (id?.startsWith('key_')) noted.set(id, now())
    },
    /** Appends what is new by an hour. Rejects with what the log says; it is tried again the next time. */
    async write(): Promise<void> {
      const due = [...noted].filter(([id, at]) => at - (written.get(id) ?? 0) >= COARSE_MS)
      if (due.length === 0) return
      await log.append({ kind: 'keys-used', v: ENTRY_VERSION, keys: Object.fromEntries(due) })
      for (const [id, at] of due) {
        written.set(id, at)
        if (noted.get(id) === at) noted.delete(id)
      }
    },
  }
}

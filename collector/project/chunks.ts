import type { Outcome } from '../entry.ts'
import type { StateStore } from '../store/store.ts'
import type { Zone } from '../zone.ts'
import type { Batch } from './batch.ts'
import type { RollUps } from './roll-ups.ts'
import type { Sites } from './sites.ts'

/**
 * An entry that touches much, at work in transactions of its own: none takes longer than 100 ms, and after a crash it goes on
 * where it was. The watermark passes it with the last one.
 */
export interface Chunks {
  store: StateStore
  sites: Sites
  zoneOf: (site: number) => Zone
  /** Number and time of the entry. */
  seq: number
  now: number
  /** A batch for one transaction. */
  batch(): Batch
  /** Commits it; the watermark stays. */
  commit(batch: Batch, sums?: RollUps): Promise<void>
  /** Forgets visitors and visits that are remembered: some may be no more. */
  forget(): void
}

/** What is left to do with the transaction that moves the watermark. */
export interface Last {
  /** Told to whoever waits for the entry. */
  outcome?: Outcome
  fill?: (batch: Batch) => void
}

import { setFlagsFromString } from 'node:v8'

/** A heap grows by this much of what lives in it before it is collected again, %. */
const GROWTH = 25
/**
 * The same of a collector that shares its state: its batches live while the database is waited for, and what grows old with
 * them made the collection of it a quarter of the collector's CPU.
 */
const SHARED_GROWTH = 100
/** Half of the young generation of a thread's heap, MiB, from its start on: what a batch makes and drops fits into it. */
const YOUNG_MIB = 8
/**
 * The same where the state is shared: a batch waits for the database, and what lives through two collections of the young is
 * garbage among the old. It cost a fifth of the CPU of catching up, of all threads.
 */
const SHARED_YOUNG_MIB = 32
/** A young generation is these two halves and room for as much of what is large. */
const THIRDS = 3

/** Of threads that hold no batches, however the others are. */
export const SMALL_YOUNG = { maxYoungGenerationSizeMb: THIRDS * YOUNG_MIB }

/**
 * Lets the heaps of this process, and of threads that start later, hold little garbage. On a machine with much memory
 * V8 lets a young generation grow to 64 MiB and an old one to four times of what lives in it: the projector's had
 * 300 MiB for 45 that lived, the main thread's 89 for 18. The main thread's young generation is made before this is read:
 * `bin.js` says how large.
 */
export function keepHeapsSmall({ isShared = false } = {}): void {
  setFlagsFromString(`--heap-growing-percent=${isShared ? SHARED_GROWTH : GROWTH}`)
  setFlagsFromString(`--min-semi-space-size=${isShared ? SHARED_YOUNG_MIB : YOUNG_MIB}`)
  setFlagsFromString('--semi-space-growth-factor=1')
}

import type { Erasing } from '../../collector/project/suppressing.ts'

/** No log to erase from, and nobody who is held to have been erased before. */
export const ERASING: Erasing = {
  hash: (...parts) => parts.join(' '),
  list: { add: () => {}, lift: () => {}, standing: () => new Set() },
  eraseFromLog() {},
}

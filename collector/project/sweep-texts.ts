import type { StateStore } from '../store/store.ts'

/** Says that rows went whose strings may be nobody's any more, and why; removed once those are looked for. */
export const TEXTS_LEFT = 'texts-left'
export const BY_ERASURE = 'erasure'
export const BY_RETENTION = 'retention'

/** Strings of one transaction: keeps it below 100 ms. */
const TEXTS = 2_000
/** Days since 1970 that are Sundays leave this of seven. */
const SUNDAY = 3

/**
 * Removes strings (addresses, campaign values, names of forms) that no row names any more, at the end of a day: of an
 * erased person at the end of that day, of what grew too old at the end of the week, since all events are looked at
 * for it (some 2 s for ten million). Returns whether it did. Safe to begin again after a crash.
 */
export async function sweepTexts(store: StateStore, day: number): Promise<boolean> {
  const left = await store.setting(TEXTS_LEFT)
  if (left === undefined || (left === BY_RETENTION && day % 7 !== SUNDAY)) return false
  const unused = await store.unusedTexts()
  for (let i = 0; i < unused.length; i += TEXTS) await store.eraseTexts(unused.slice(i, i + TEXTS))
  return true
}

import type { EventKey } from './state.ts'

/** Events behind the newest mark when marks are set: folding so few again is less work than one commit. */
export const NEWEST_MARK = 64

/** Where folding in the order of time stood once: what came up to this event is folded, what comes after it is left. */
export interface Mark {
  at: number
  id: EventKey
  /** How many events were folded by then. */
  folded: number
}

/**
 * Whether to set a mark where so many events are left: at 64, 128, 256 and so on before the end. So a late event finds
 * one that lies at most twice as far back as it does itself, and a history of a million events has fifteen.
 */
export const isMarked = (left: number, newest: number): boolean =>
  left >= newest && Number.isInteger(Math.log2(left / newest))

/** Of marks in the order of time, by now behind so many events, one of each distance: as many as were set at once. */
export function thinned<M extends Mark>(marks: readonly M[], folded: number, newest: number): M[] {
  const distance = (mark: M): number => Math.floor(Math.log2((folded - mark.folded) / newest + 1))
  return marks.filter((mark, i) => i === 0 || distance(mark) !== distance(marks[i - 1]!))
}

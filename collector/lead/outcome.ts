import { takes } from './hand-over.ts'
import type { Outcome } from './preview.ts'
import type { Decision } from './state.ts'

/** Rejections that tell nothing of the lead's interest: of a right one at the wrong time, or of a record. */
const TELLS_NOTHING: ReadonlySet<string | null> = new Set(['duplicate', 'bad_timing'])

/**
 * How the hand-over of a lead ended, from all that was decided of it, the oldest first; undefined while it is open. A deal
 * that was won stands, whatever came before or after it. The hand-over is the first moment at which sales took the lead
 * in hand: what happened later is known to sales and says nothing about the rules.
 */
export function outcomeOf(decisions: readonly Decision[]): Outcome | undefined {
  const taken = decisions.find(takes)
  if (!taken) return undefined
  if (decisions.some(({ decision }) => decision === 'won')) return { won: true, handedOverAt: taken.at }
  const last = decisions.findLast(
    ({ decision, reason }) =>
      decision === 'lost' ||
      (decision === 'reject' && !TELLS_NOTHING.has(reason)) ||
      decision === 'disqualify',
  )
  return last && { won: false, handedOverAt: taken.at }
}

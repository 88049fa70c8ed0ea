import type { CompiledRules } from './rules.ts'
import { reasons } from './score.ts'
import type { Cell, Decision } from './state.ts'

/** Decisions that say that sales has the lead in hand. */
const TAKEN: ReadonlySet<Decision['decision']> = new Set(['accept', 'reject', 'opportunity', 'won', 'lost'])

/** Whether a decision takes a lead in hand; the first that does is its hand-over. */
export const takes = ({ decision }: Pick<Decision, 'decision'>): boolean => TAKEN.has(decision)

/** Ids of the rules of which points are left on a day, sorted: lines of caps and bounds are no rules. */
export function standingRules(cells: readonly Cell[], day: number, rules: CompiledRules): string[] {
  const known = new Set(rules.rules.map(({ id }) => id))
  const standing = new Set(reasons(cells, day, rules).map(({ rule }) => rule))
  return [...standing].filter((id) => known.has(id)).sort()
}

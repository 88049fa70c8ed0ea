import type { Stage } from '../../shared/lead.ts'
import type { StageChange } from './state.ts'

/** A change of stage that was written down and holds so far. */
export interface Noted {
  no: number
  from: Stage
  to: Stage
  effectiveAt: number
}

/** What to write down so that a history says what a replay found. */
export interface Revision {
  /** Numbers of those that no longer hold. */
  supersedes: number[]
  /** In the order of their effect. The first of them takes the place of what is superseded. */
  added: StageChange[]
}

/**
 * A corrected past: the changes that hold so far, against those that a replay of the whole history found. What they
 * begin with alike stays; from the first difference on the new ones stand for the old. Where nothing new takes their
 * place, the last that stays is written down again, so that a row says since when the rest is gone.
 */
export function revise(noted: readonly Noted[], found: readonly StageChange[]): Revision {
  let alike = 0
  while (alike < noted.length && alike < found.length && isSame(noted[alike]!, found[alike]!)) alike++
  if (alike === noted.length) return { supersedes: [], added: found.slice(alike) }
  const from = alike === found.length ? Math.max(0, alike - 1) : alike
  return { supersedes: noted.slice(from).map(({ no }) => no), added: found.slice(from) }
}

const isSame = (noted: Noted, found: StageChange): boolean =>
  noted.from === found.from && noted.to === found.to && noted.effectiveAt === found.effectiveAt

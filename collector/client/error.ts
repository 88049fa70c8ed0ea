import type { Problem } from '../../shared/api.ts'

/** A call that the collector refused or that did not reach it. Holds nothing of what was posted, and no key. */
export class LeadwakeError extends Error {
  /** HTTP's; 202 where the call is stored but its outcome was not known in time, 0 where no answer came. */
  readonly status: number
  /** What the collector said (RFC 9457): `errors` points to each field that is wrong. */
  readonly problem: Problem

  constructor(problem: Problem, options?: { cause?: unknown }) {
    super(problem.detail, options)
    this.name = 'LeadwakeError'
    this.status = problem.status
    this.problem = problem
  }
}

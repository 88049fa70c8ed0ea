import { Hono } from 'hono'
import { problem } from '../problem.ts'
import { OutcomeAnswer } from './answers/people.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { OutcomeParams } from './queries.ts'

/** Where a call that was answered 202 is asked after. */
export function outcomesApi(deps: ApiDeps): Hono {
  return new Hono().get(
    '/v1/outcomes/:ref',
    endpoint(
      deps,
      {
        id: 'getOutcome',
        tag: 'Operation',
        summary: 'What became of a call that was answered 202',
        right: 'any',
        params: OutcomeParams,
        answers: { 200: OutcomeAnswer },
        example: { params: { ref: 'once_4711' } },
      },
      async (c, { params }) => {
        const outcome = await deps.ask.outcome(params.ref)
        return outcome
          ? c.json(outcome)
          : problem(c, 404, 'no outcome yet, or it was given more than a day ago')
      },
    ),
  )
}

import { Hono } from 'hono'
import { problem } from '../problem.ts'
import { access } from './access.ts'
import type { ApiDeps } from './deps.ts'

/** Where a call that was answered 202 is asked after. */
export function outcomesApi({ memory, ask }: ApiDeps): Hono {
  return new Hono().get('/v1/outcomes/:ref', async (c) => {
    const allowed = access(c, memory, 'link')
    if ('refused' in allowed) return allowed.refused
    const outcome = await ask.outcome(c.req.param('ref'))
    return outcome ? c.json(outcome) : problem(c, 404, 'no outcome yet, or it was given more than a day ago')
  })
}

import { Hono } from 'hono'
import type { RefusalsAnswer as Refusals } from '../../shared/api.ts'
import { problem } from '../problem.ts'
import { RefusalsAnswer } from './answers/stats.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { RefusalsQuery } from './queries.ts'

const DEFAULT_DAYS = 30
const DAY_MS = 86_400_000

/** What was refused, apart from everything that is counted. */
export function refusalsApi(deps: ApiDeps): Hono {
  const { ask, now } = deps
  return new Hono().get(
    '/v1/refusals',
    endpoint(
      deps,
      {
        id: 'getRefusals',
        tag: 'Operation',
        summary: 'What was refused at the door, by reason and day',
        right: 'read',
        query: RefusalsQuery,
        answers: { 200: RefusalsAnswer },
        example: { query: { from: '2026-11-01', to: '2026-11-03' } },
      },
      async (c, { key, site, query }) => {
        const to = query.to ?? now()
        const from = query.from ?? to - (DEFAULT_DAYS - 1) * DAY_MS
        if (from > to) return problem(c, 400, 'from must not be after to')
        const { elsewhere, ...answer } = (await ask.refusals(site, from, to)) as Refusals
        return c.json(key.site === null ? { ...answer, elsewhere } : answer)
      },
    ),
  )
}

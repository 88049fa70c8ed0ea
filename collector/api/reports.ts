import { Hono } from 'hono'
import { problem } from '../problem.ts'
import { ReportAnswer } from './answers/reports.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { ReportParams, ReportQuery } from './queries.ts'

/** Days of a report unless told, today included: a quarter. */
const DEFAULT_DAYS = 90
/** Longer ranges are a mistake. */
const MOST_DAYS = 3660
const DAY_MS = 86_400_000

/** How leads become customers: the funnel, the stages by day, how fast, and what sales makes of it. */
export function reportsApi(deps: ApiDeps): Hono {
  const { ask, now } = deps
  return new Hono().get(
    '/v1/reports/:name',
    endpoint(
      deps,
      {
        id: 'getReport',
        tag: 'Reports',
        summary: 'How leads become customers',
        description:
          'About the leads that became known in the range, as they stand now. `from` and `to` are whole UTC days; the last 90 unless said.',
        right: 'read',
        params: ReportParams,
        query: ReportQuery,
        answers: { 200: ReportAnswer },
        example: { params: { name: 'funnel' }, query: { from: '2026-10-01', to: '2026-11-30' } },
      },
      async (c, { site, params: { name }, query }) => {
        // Whole UTC days, the last one included.
        const last = Math.floor((query.to ?? now()) / DAY_MS)
        const first = query.from === undefined ? last - DEFAULT_DAYS + 1 : Math.floor(query.from / DAY_MS)
        const [from, to] = [first * DAY_MS, (last + 1) * DAY_MS - 1]
        if (from > to) return problem(c, 400, 'from must not be after to')
        if (to - from > MOST_DAYS * DAY_MS)
          return problem(c, 400, `a report covers at most ${MOST_DAYS} days`)
        return c.json((await ask.report(name, site, from, to)) as object)
      },
    ),
  )
}

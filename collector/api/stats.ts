import { Hono } from 'hono'
import * as v from 'valibot'
import { problem } from '../problem.ts'
import type { When } from '../read/stats.ts'
import { SliceAnswer, StatsAnswer } from './answers/stats.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { StatsQuery } from './schema.ts'

const DAY_MS = 86_400_000

/** The small dashboard endpoint. */
export function statsApi(deps: ApiDeps): Hono {
  const { ask, now } = deps
  return new Hono().get(
    '/v1/stats',
    endpoint(
      deps,
      {
        id: 'getStats',
        tag: 'Statistics',
        summary: "A site's numbers: visitors, visits, page views, engaged time, and what was on top",
        description: 'The last 30 days unless said. With `page` or `source` the numbers of that one.',
        right: 'read',
        query: StatsQuery,
        answers: { 200: v.union([StatsAnswer, SliceAnswer]) },
        example: { query: { site: 'main', from: '2026-11-01', to: '2026-11-03' } },
      },
      async (c, { site, query }) => {
        const { from, to = now(), page, source } = query
        if (from !== undefined && begins(from) > begins(to))
          return problem(c, 400, 'from must not be after to')
        if (page !== undefined && source !== undefined)
          return problem(c, 400, 'page and source cannot be asked together; ask for one of them')
        if (page !== undefined) return c.json(await ask.slice(site, from, to, { page }))
        if (source !== undefined) return c.json(await ask.slice(site, from, to, { source }))
        return c.json(await ask.stats(site, from, to))
      },
    ),
  )
}

const begins = (when: When): number => (typeof when === 'number' ? when : when.day * DAY_MS)

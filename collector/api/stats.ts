import { Hono } from 'hono'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { StatsQuery } from './schema.ts'
import { queryOf } from './validate.ts'

/** Days that `/v1/stats` counts unless told, today included. */
const DEFAULT_DAYS = 30
const DAY_MS = 86_400_000

/** The small dashboard endpoint. */
export function statsApi({ memory, ask, now }: ApiDeps): Hono {
  return new Hono().get('/v1/stats', async (c) => {
    const allowed = access(c, memory, 'read')
    if ('refused' in allowed) return allowed.refused
    const query = queryOf(c, StatsQuery)
    if ('refused' in query) return query.refused
    const site = siteOf(memory, allowed.key, query.value.site)
    if (site === undefined) return problem(c, 404, 'site: no such site for this key')
    const to = query.value.to ?? now()
    const from = query.value.from ?? to - (DEFAULT_DAYS - 1) * DAY_MS
    if (from > to) return problem(c, 400, 'from must not be after to')
    return c.json(await ask.stats(site, from, to))
  })
}

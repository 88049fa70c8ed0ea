import { Hono } from 'hono'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { REPORTS, ReportQuery } from './schema.ts'
import { queryOf } from './validate.ts'

/** Days of a report unless told, today included: a quarter. */
const DEFAULT_DAYS = 90
/** Longer ranges are a mistake. */
const MOST_DAYS = 3660
const DAY_MS = 86_400_000

/** How leads become customers: the funnel, the stages by day, how fast, and what sales makes of it. */
export function reportsApi({ memory, ask, now }: ApiDeps): Hono {
  return new Hono().get('/v1/reports/:name', async (c) => {
    const allowed = access(c, memory, 'read')
    if ('refused' in allowed) return allowed.refused
    const name = REPORTS.find((one) => one === c.req.param('name'))
    if (!name) return problem(c, 404, `there is no such report; there are ${REPORTS.join(', ')}`)
    const query = queryOf(c, ReportQuery)
    if ('refused' in query) return query.refused
    const site = siteOf(memory, allowed.key, query.value.site)
    if (site === undefined) return problem(c, 404, 'site: no such site for this key')
    // Whole UTC days, the last one included.
    const last = Math.floor((query.value.to ?? now()) / DAY_MS)
    const first =
      query.value.from === undefined ? last - DEFAULT_DAYS + 1 : Math.floor(query.value.from / DAY_MS)
    const [from, to] = [first * DAY_MS, (last + 1) * DAY_MS - 1]
    if (from > to) return problem(c, 400, 'from must not be after to')
    if (to - from > MOST_DAYS * DAY_MS) return problem(c, 400, `a report covers at most ${MOST_DAYS} days`)
    return c.json((await ask.report(name, site, from, to)) as object)
  })
}

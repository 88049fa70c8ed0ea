import { Hono } from 'hono'
import type { RefusalsAnswer } from '../../shared/api.ts'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { RefusalsQuery } from './schema.ts'
import { queryOf } from './validate.ts'

const DEFAULT_DAYS = 30
const DAY_MS = 86_400_000

/** What was refused, apart from everything that is counted. */
export function refusalsApi({ memory, ask, now }: ApiDeps): Hono {
  return new Hono().get('/v1/refusals', async (c) => {
    const allowed = access(c, memory, 'read')
    if ('refused' in allowed) return allowed.refused
    const query = queryOf(c, RefusalsQuery)
    if ('refused' in query) return query.refused
    const site = siteOf(memory, allowed.key, query.value.site)
    if (site === undefined) return problem(c, 404, 'site: no such site for this key')
    const to = query.value.to ?? now()
    const from = query.value.from ?? to - (DEFAULT_DAYS - 1) * DAY_MS
    if (from > to) return problem(c, 400, 'from must not be after to')
    const { elsewhere, ...answer } = (await ask.refusals(site, from, to)) as RefusalsAnswer
    return c.json(allowed.key.site === null ? { ...answer, elsewhere } : answer)
  })
}

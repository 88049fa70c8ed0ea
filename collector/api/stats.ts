import { Hono } from 'hono'
import { problem } from '../problem.ts'
import type { When } from '../read/stats.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { StatsQuery } from './schema.ts'
import { queryOf } from './validate.ts'

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
    const { from, to = now(), page, source } = query.value
    if (from !== undefined && begins(from) > begins(to)) return problem(c, 400, 'from must not be after to')
    if (page !== undefined && source !== undefined)
      return problem(c, 400, 'page and source cannot be asked together; ask for one of them')
    if (page !== undefined) return c.json(await ask.slice(site, from, to, { page }))
    if (source !== undefined) return c.json(await ask.slice(site, from, to, { source }))
    return c.json(await ask.stats(site, from, to))
  })
}

const begins = (when: When): number => (typeof when === 'number' ? when : when.day * DAY_MS)

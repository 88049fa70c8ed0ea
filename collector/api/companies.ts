import { Hono } from 'hono'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { CompaniesQuery, CompanyQuery } from './schema.ts'
import { queryOf } from './validate.ts'

/** Buying teams: the people of one company together, and one company with its people. */
export function companiesApi({ memory, ask }: ApiDeps): Hono {
  return new Hono()
    .get('/v1/companies', async (c) => {
      const allowed = access(c, memory, 'leads')
      if ('refused' in allowed) return allowed.refused
      const query = queryOf(c, CompaniesQuery)
      if ('refused' in query) return query.refused
      const site = siteOf(memory, allowed.key, query.value.site)
      if (site === undefined) return problem(c, 404, 'site: no such site for this key')
      return c.json(await ask.companies(site, query.value.limit, query.value.cursor))
    })
    .get('/v1/companies/:key', async (c) => {
      const allowed = access(c, memory, 'leads')
      if ('refused' in allowed) return allowed.refused
      const query = queryOf(c, CompanyQuery)
      if ('refused' in query) return query.refused
      const site = siteOf(memory, allowed.key, query.value.site)
      if (site === undefined) return problem(c, 404, 'site: no such site for this key')
      const company = await ask.company(site, c.req.param('key'))
      return company ? c.json(company) : problem(c, 404, 'nobody who is known is of that company')
    })
}

import { Hono } from 'hono'
import { problem } from '../problem.ts'
import { CompanyAnswer, CompanyListItem } from './answers/leads.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { CompaniesQuery, CompanyParams, CompanyQuery } from './queries.ts'

/** Buying teams: the people of one company together, and one company with its people. */
export function companiesApi(deps: ApiDeps): Hono {
  const { ask } = deps
  return new Hono()
    .get(
      '/v1/companies',
      listing(
        deps,
        {
          id: 'listCompanies',
          tag: 'Companies',
          summary: 'Companies, the strongest stage first',
          description: 'The people of one work-e-mail domain, or of one company trait, together.',
          right: 'leads',
          query: CompaniesQuery,
          item: CompanyListItem,
          name: 'companies',
          example: { query: { limit: '20' } },
        },
        async (_c, { site }, { limit, cursor }) => (await ask.companies(site, limit, cursor))!,
      ),
    )
    .get(
      '/v1/companies/:key',
      endpoint(
        deps,
        {
          id: 'getCompany',
          tag: 'Companies',
          summary: 'A company with its people and what they read',
          right: 'leads',
          params: CompanyParams,
          query: CompanyQuery,
          answers: { 200: CompanyAnswer },
          example: { params: { key: 'acme.org' } },
        },
        async (c, { site, params }) => {
          const company = await ask.company(site, params.key)
          return company ? c.json(company) : problem(c, 404, 'nobody who is known is of that company')
        },
      ),
    )
}

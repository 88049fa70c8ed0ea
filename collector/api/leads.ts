import { type Context, Hono } from 'hono'
import type { HeldKey } from '../keys.ts'
import { problem } from '../problem.ts'
import { siteOf } from './access.ts'
import { DossierAnswer, LeadAnswer, LeadListItem, TimelineItem } from './answers/leads.ts'
import type { ApiDeps } from './deps.ts'
import { EXAMPLE_LEAD, endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { LeadParams, LeadsQuery, TimelineQuery } from './queries.ts'

/** Identified people: the list, one of them with the reasons of its score, and what it did. */
export function leadsApi(deps: ApiDeps): Hono {
  const { memory, ask } = deps

  /** A merged contact keeps answering: its id leads to the one that it has become part of. */
  async function elsewhere(
    c: Context,
    key: HeldKey,
    id: string,
    path: (id: string) => string,
  ): Promise<Response> {
    const merged = await ask.contact(id)
    if (!merged?.mergedInto || siteOf(memory, key, merged.site) === undefined)
      return problem(c, 404, 'no such lead')
    return c.redirect(path(merged.mergedInto), 308)
  }

  return new Hono()
    .get(
      '/v1/leads',
      listing(
        deps,
        {
          id: 'listLeads',
          tag: 'Leads',
          summary: 'Identified people, the most engaged first',
          description:
            'Filters hold together. While a list is being read its leads go on to move: one may then be missing or be there twice.',
          right: 'leads',
          query: LeadsQuery,
          item: LeadListItem,
          name: 'leads',
          example: { query: { stage: 'lead,mql,sql', minEngagement: '0', limit: '20' } },
        },
        async (_c, { site, query: { limit: _, cursor: __, site: ___, ...filters } }, part) =>
          (await ask.leads({ ...filters, ...part, site }))!,
      ),
    )
    .get(
      '/v1/leads/:id',
      endpoint(
        deps,
        {
          id: 'getLead',
          tag: 'Leads',
          summary: 'One lead: stage, score with its reasons, transitions, next step',
          description: 'Redirects where the record has become part of another.',
          right: 'leads',
          params: LeadParams,
          answers: { 200: LeadAnswer, 308: null },
          example: { params: { id: EXAMPLE_LEAD } },
        },
        async (c, { key, params: { id } }) => {
          const lead = await ask.lead(id)
          if (!lead) return elsewhere(c, key, id, (other) => `/v1/leads/${other}`)
          if (siteOf(memory, key, lead.site) === undefined) return problem(c, 404, 'no such lead')
          return c.json(lead)
        },
      ),
    )
    .get(
      '/v1/leads/:id/dossier',
      endpoint(
        deps,
        {
          id: 'getDossier',
          tag: 'Leads',
          summary: 'All for the call: the path, what was read and downloaded, company, notes, reasons',
          right: 'leads',
          params: LeadParams,
          answers: { 200: DossierAnswer, 308: null },
          example: { params: { id: EXAMPLE_LEAD } },
        },
        async (c, { key, params: { id } }) => {
          const dossier = await ask.dossier(id)
          if (!dossier) return elsewhere(c, key, id, (other) => `/v1/leads/${other}/dossier`)
          if (siteOf(memory, key, dossier.lead.site) === undefined) return problem(c, 404, 'no such lead')
          return c.json(dossier)
        },
      ),
    )
    .get(
      '/v1/leads/:id/timeline',
      listing(
        deps,
        {
          id: 'getTimeline',
          tag: 'Leads',
          summary: 'What a lead did and what became of it, the newest first',
          right: 'leads',
          params: LeadParams,
          query: TimelineQuery,
          item: TimelineItem,
          name: 'timeline',
          also: { 308: null },
          example: { params: { id: EXAMPLE_LEAD }, query: { limit: '20' } },
        },
        async (c, { key, params: { id } }, { limit, cursor }) => {
          const lead = await ask.contact(id)
          if (!lead || lead.mergedInto) return elsewhere(c, key, id, (other) => `/v1/leads/${other}/timeline`)
          if (siteOf(memory, key, lead.site) === undefined) return problem(c, 404, 'no such lead')
          return (await ask.timeline(id, limit, cursor)) ?? problem(c, 404, 'no such lead')
        },
      ),
    )
}

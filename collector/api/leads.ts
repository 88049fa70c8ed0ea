import { type Context, Hono } from 'hono'
import type { HeldKey } from '../keys.ts'
import { problem } from '../problem.ts'
import { siteOf } from './access.ts'
import { pageOf } from './answers/fields.ts'
import { DossierAnswer, LeadAnswer, LeadListItem, TimelineItem } from './answers/leads.ts'
import type { ApiDeps } from './deps.ts'
import { EXAMPLE_LEAD, endpoint } from './endpoint.ts'
import { LeadParams, LeadsQuery, TimelineQuery } from './schema.ts'

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
      endpoint(
        deps,
        {
          id: 'listLeads',
          tag: 'Leads',
          summary: 'Identified people, the most engaged first',
          right: 'leads',
          query: LeadsQuery,
          answers: { 200: pageOf(LeadListItem) },
          example: { query: { stage: 'sql', limit: '20' } },
        },
        async (c, { site, query: { stage, limit, cursor } }) =>
          c.json(
            await ask.leads({
              site,
              limit,
              ...(stage && { stage }),
              ...(cursor !== undefined && { cursor }),
            }),
          ),
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
      endpoint(
        deps,
        {
          id: 'getTimeline',
          tag: 'Leads',
          summary: 'What a lead did and what became of it, the newest first',
          right: 'leads',
          params: LeadParams,
          query: TimelineQuery,
          answers: { 200: pageOf(TimelineItem), 308: null },
          example: { params: { id: EXAMPLE_LEAD }, query: { limit: '20' } },
        },
        async (c, { key, params: { id }, query }) => {
          const lead = await ask.contact(id)
          if (!lead || lead.mergedInto) return elsewhere(c, key, id, (other) => `/v1/leads/${other}/timeline`)
          if (siteOf(memory, key, lead.site) === undefined) return problem(c, 404, 'no such lead')
          const timeline = await ask.timeline(id, query.limit, query.cursor)
          return timeline ? c.json(timeline) : problem(c, 404, 'no such lead')
        },
      ),
    )
}

import { type Context, Hono } from 'hono'
import type { HeldKey } from '../keys.ts'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { LeadsQuery, TimelineQuery } from './schema.ts'
import { queryOf } from './validate.ts'

/** Identified people: the list, one of them with the reasons of its score, and what it did. */
export function leadsApi({ memory, ask }: ApiDeps): Hono {
  /** A merged contact keeps answering: its id leads to the one that it has become part of. */
  async function elsewhere(c: Context, key: HeldKey, path: (id: string) => string): Promise<Response> {
    const merged = await ask.contact(c.req.param('id') ?? '')
    if (!merged?.mergedInto || siteOf(memory, key, merged.site) === undefined)
      return problem(c, 404, 'no such lead')
    return c.redirect(path(merged.mergedInto), 308)
  }

  return new Hono()
    .get('/v1/leads', async (c) => {
      const allowed = access(c, memory, 'leads')
      if ('refused' in allowed) return allowed.refused
      const query = queryOf(c, LeadsQuery)
      if ('refused' in query) return query.refused
      const site = siteOf(memory, allowed.key, query.value.site)
      if (site === undefined) return problem(c, 404, 'site: no such site for this key')
      const { stage, limit, cursor } = query.value
      return c.json(
        await ask.leads({ site, limit, ...(stage && { stage }), ...(cursor !== undefined && { cursor }) }),
      )
    })
    .get('/v1/leads/:id', async (c) => {
      const allowed = access(c, memory, 'leads')
      if ('refused' in allowed) return allowed.refused
      const lead = await ask.lead(c.req.param('id'))
      if (!lead) return elsewhere(c, allowed.key, (id) => `/v1/leads/${id}`)
      if (siteOf(memory, allowed.key, lead.site) === undefined) return problem(c, 404, 'no such lead')
      return c.json(lead)
    })
    .get('/v1/leads/:id/dossier', async (c) => {
      const allowed = access(c, memory, 'leads')
      if ('refused' in allowed) return allowed.refused
      const dossier = await ask.dossier(c.req.param('id'))
      if (!dossier) return elsewhere(c, allowed.key, (id) => `/v1/leads/${id}/dossier`)
      if (siteOf(memory, allowed.key, dossier.lead.site) === undefined) return problem(c, 404, 'no such lead')
      return c.json(dossier)
    })
    .get('/v1/leads/:id/timeline', async (c) => {
      const allowed = access(c, memory, 'leads')
      if ('refused' in allowed) return allowed.refused
      const query = queryOf(c, TimelineQuery)
      if ('refused' in query) return query.refused
      const lead = await ask.lead(c.req.param('id'))
      if (!lead) return elsewhere(c, allowed.key, (id) => `/v1/leads/${id}/timeline`)
      if (siteOf(memory, allowed.key, lead.site) === undefined) return problem(c, 404, 'no such lead')
      return c.json(await ask.timeline(lead.id, query.value.limit, query.value.cursor))
    })
}

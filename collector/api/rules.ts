import { type Context, Hono } from 'hono'
import { ENTRY_VERSION } from '../entry.ts'
import { compile } from '../lead/rules.ts'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { performed } from './performed.ts'
import {
  MAX_RULES_BYTES,
  RulesBody,
  RulesCheckBody,
  RulesLearnBody,
  RulesPreviewBody,
  RulesQuery,
} from './schema.ts'
import { jsonBody, queryOf } from './validate.ts'

/** Where the JSON Schema of a rules document lies, by which an editor completes and checks one. */
export const RULES_SCHEMA_PATH = '/rules.schema.json'

/** The rules of a site: what is in force, what was, whether a draft holds, and putting one into force. */
export function rulesApi(deps: ApiDeps): Hono {
  const { memory, ask } = deps
  return new Hono()
    .get('/v1/rules', async (c) => {
      const allowed = access(c, memory, 'rules')
      if ('refused' in allowed) return allowed.refused
      const query = queryOf(c, RulesQuery)
      if ('refused' in query) return query.refused
      const site = siteOf(memory, allowed.key, query.value.site)
      if (site === undefined) return problem(c, 404, 'site: no such site for this key')
      const rules = await ask.rules(site, query.value.version)
      if (!rules) return problem(c, 404, 'version: the site has no such version of its rules')
      const $schema = new URL(RULES_SCHEMA_PATH, c.req.url).href
      return c.json({ site, version: rules.version, document: { $schema, ...(rules.document as object) } })
    })
    .get('/v1/rules/history', async (c) => {
      const allowed = access(c, memory, 'rules')
      if ('refused' in allowed) return allowed.refused
      const query = queryOf(c, RulesQuery)
      if ('refused' in query) return query.refused
      const site = siteOf(memory, allowed.key, query.value.site)
      if (site === undefined) return problem(c, 404, 'site: no such site for this key')
      return c.json({ items: await ask.rulesHistory(site), next: null })
    })
    .post('/v1/rules/check', async (c) => {
      const allowed = access(c, memory, 'rules')
      if ('refused' in allowed) return allowed.refused
      const body = await jsonBody(c, RulesCheckBody, MAX_RULES_BYTES)
      if ('refused' in body) return body.refused
      const result = compile(body.value.document)
      return c.json(result.ok ? { ok: true, errors: [] } : result)
    })
    .post('/v1/rules/preview', async (c) => {
      const allowed = access(c, memory, 'rules')
      if ('refused' in allowed) return allowed.refused
      const body = await jsonBody(c, RulesPreviewBody, MAX_RULES_BYTES)
      if ('refused' in body) return body.refused
      const { site, document, capacity, movers } = body.value
      if (siteOf(memory, allowed.key, site) === undefined)
        return problem(c, 404, 'site: no such site for this key')
      const draft = compile(document)
      if (!draft.ok) return wrongRules(c, draft.errors)
      return c.json(
        await ask.preview(site, document, { movers, ...(capacity !== undefined && { capacity }) }),
      )
    })
    .post('/v1/rules/learn', async (c) => {
      const allowed = access(c, memory, 'rules')
      if ('refused' in allowed) return allowed.refused
      const body = await jsonBody(c, RulesLearnBody)
      if ('refused' in body) return body.refused
      const { site } = body.value
      if (siteOf(memory, allowed.key, site) === undefined)
        return problem(c, 404, 'site: no such site for this key')
      const learned = (await ask.learn(site))!
      return learned.ok ? c.json(learned) : problem(c, 409, learned.reason)
    })
    .post('/v1/rules', async (c) => {
      const allowed = access(c, memory, 'rules')
      if ('refused' in allowed) return allowed.refused
      const body = await jsonBody(c, RulesBody, MAX_RULES_BYTES)
      if ('refused' in body) return body.refused
      const { site, document, notify } = body.value
      if (siteOf(memory, allowed.key, site) === undefined)
        return problem(c, 404, 'site: no such site for this key')
      const result = compile(document)
      if (!result.ok) return wrongRules(c, result.errors)
      return performed(
        c,
        deps,
        { kind: 'rules', v: ENTRY_VERSION, site, document, by: 'api', notify },
        body.text,
      )
    })
}

function wrongRules(c: Context, found: string[]): Response {
  const errors = found.map((detail) => ({ pointer: '/document', detail }))
  return problem(c, 422, found.join('; '), errors)
}

import { type Context, Hono } from 'hono'
import { ENTRY_VERSION } from '../entry.ts'
import type { HeldKey } from '../keys.ts'
import { compile } from '../lead/rules.ts'
import { problem } from '../problem.ts'
import {
  LearnedAnswer,
  PreviewAnswer,
  RulesAnswer,
  RulesAppliedAnswer,
  RulesCheckAnswer,
  RulesVersion,
} from './answers/rules.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { performed } from './performed.ts'
import { RulesQuery } from './queries.ts'
import { MAX_RULES_BYTES, RulesBody, RulesCheckBody, RulesLearnBody, RulesPreviewBody } from './schema.ts'

/** Where the JSON Schema of a rules document lies, by which an editor completes and checks one. */
export const RULES_SCHEMA_PATH = '/rules.schema.json'

const EXAMPLE = { extends: 'standard' }

/** The rules of a site: what is in force, what was, whether a draft holds, and putting one into force. */
export function rulesApi(deps: ApiDeps): Hono {
  const { ask } = deps
  return new Hono()
    .get(
      '/v1/rules',
      endpoint(
        deps,
        {
          id: 'getRules',
          tag: 'Rules',
          summary: "A site's rules in force, or a version of them",
          right: 'rules',
          query: RulesQuery,
          answers: { 200: RulesAnswer },
          example: { query: { site: 'main' } },
        },
        async (c, { site, query }) => {
          const rules = await ask.rules(site, query.version)
          if (!rules) return problem(c, 404, 'version: the site has no such version of its rules')
          const $schema = new URL(RULES_SCHEMA_PATH, c.req.url).href
          return c.json({
            site,
            version: rules.version,
            document: { $schema, ...(rules.document as object) },
          })
        },
      ),
    )
    .get(
      '/v1/rules/history',
      listing(
        deps,
        {
          id: 'listRulesVersions',
          tag: 'Rules',
          summary: 'All versions, the newest first',
          right: 'rules',
          query: RulesQuery,
          item: RulesVersion,
          name: 'rules',
          example: {},
        },
        async (_c, { site }) => ({ items: (await ask.rulesHistory(site))!, next: null }),
      ),
    )
    .post(
      '/v1/rules/check',
      endpoint(
        deps,
        {
          id: 'checkRules',
          tag: 'Rules',
          summary: 'Whether a draft holds; each error names the rule, the field and the mend',
          right: 'rules',
          body: RulesCheckBody,
          maxBytes: MAX_RULES_BYTES,
          answers: { 200: RulesCheckAnswer },
          example: { body: { document: EXAMPLE } },
        },
        (c, { body }) => {
          const result = compile(body.document)
          return c.json(result.ok ? { ok: true, errors: [] } : result)
        },
      ),
    )
    .post(
      '/v1/rules/preview',
      endpoint(
        deps,
        {
          id: 'previewRules',
          tag: 'Rules',
          summary: 'Who would move under a draft, and by which rules, before anything changes',
          right: 'rules',
          body: RulesPreviewBody,
          maxBytes: MAX_RULES_BYTES,
          answers: { 200: PreviewAnswer },
          example: { body: { site: 'main', document: { extends: 'strict' } } },
        },
        async (c, { site, body: { document, capacity, movers } }) => {
          const draft = compile(document)
          if (!draft.ok) return wrongRules(c, draft.errors)
          return c.json(
            await ask.preview(site, document, { movers, ...(capacity !== undefined && { capacity }) }),
          )
        },
      ),
    )
    .post(
      '/v1/rules/learn',
      endpoint(
        deps,
        {
          id: 'learnRules',
          tag: 'Rules',
          summary: 'Points as won and lost suggest them; changes nothing',
          right: 'rules',
          body: RulesLearnBody,
          answers: { 200: LearnedAnswer },
          refuses: { 409: 'Too few outcomes say anything yet.' },
          example: { body: { site: 'main' } },
        },
        async (c, { site }) => {
          const learned = (await ask.learn(site))!
          return learned.ok ? c.json(learned) : problem(c, 409, learned.reason)
        },
      ),
    )
    .post(
      '/v1/rules',
      endpoint(
        deps,
        {
          id: 'applyRules',
          tag: 'Rules',
          summary: "Puts rules into force: everybody's score and stage are made again from their history",
          right: 'rules',
          body: RulesBody,
          maxBytes: MAX_RULES_BYTES,
          answers: { 200: RulesAppliedAnswer },
          appends: true,
          example: { body: { site: 'main', document: EXAMPLE, notify: 'silent' } },
        },
        (c, { key, body: { site, document, notify }, text }) => {
          const result = compile(document)
          if (!result.ok) return wrongRules(c, result.errors)
          const entry = {
            kind: 'rules',
            v: ENTRY_VERSION,
            site,
            document,
            by: authorOf(key),
            notify,
          } as const
          return performed(c, deps, entry, text)
        },
      ),
    )
}

/** Versions made by somebody who is signed in bear that name. */
const authorOf = ({ id, name }: HeldKey): string => (id === undefined || id.startsWith('key_') ? 'api' : name)

function wrongRules(c: Context, found: string[]): Response {
  const errors = found.map((detail) => ({ pointer: '/document', detail }))
  return problem(c, 422, found.join('; '), errors)
}

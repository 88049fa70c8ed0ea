import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION } from '../entry.ts'
import { hashOf } from '../keys.ts'
import { problem } from '../problem.ts'
import { type ScriptServer, settingsOf } from '../script.ts'
import type { Site } from '../store/store.ts'
import { scriptTag, versionedTag } from '../tag.ts'
import { siteOf } from './access.ts'
import { SiteAnswer, TagAnswer } from './answers/sites.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { performed } from './performed.ts'
import { SiteParams } from './queries.ts'
import { SiteBody } from './schema.ts'

/** The sites that a key opens, their settings and their script tags. */
export function sitesApi(deps: ApiDeps & { script: ScriptServer; origin: (c: Context) => string }): Hono {
  const { memory, script } = deps
  const { rulesVersion: _, ...changed } = SiteAnswer.entries
  return new Hono()
    .get(
      '/v1/sites',
      listing(
        deps,
        {
          id: 'listSites',
          tag: 'Sites',
          summary: 'The sites that the key opens, with their settings',
          right: 'read',
          item: SiteAnswer,
          name: 'sites',
          example: {},
        },
        (_c, { key: { site } }) => {
          const items = memory.sites().filter(({ id }) => site === null || site === id)
          return { items: items.map(settings), next: null }
        },
      ),
    )
    .patch(
      '/v1/sites/:id',
      endpoint(
        deps,
        {
          id: 'changeSite',
          tag: 'Sites',
          summary: 'Changes the settings that it names',
          right: 'admin',
          params: SiteParams,
          body: SiteBody,
          answers: { 200: v.object(changed) },
          appends: true,
          example: { params: { id: 'main' }, body: { name: 'Our shop' } },
        },
        (c, { key, params, body, text }) => {
          const id = siteOf(memory, key, params.id)
          if (id === undefined) return problem(c, 404, 'there is no such site for this key')
          const { mail, ...rest } = body
          const { postmark } = mail ?? {}
          const entry = {
            kind: 'site-set',
            v: ENTRY_VERSION,
            id,
            ...rest,
            ...(mail && { mail: { ...mail, ...(postmark && { postmark: hashOf(postmark) }) } }),
          } as const
          return performed(c, deps, entry, text)
        },
      ),
    )
    .get(
      '/v1/sites/:id/tag',
      endpoint(
        deps,
        {
          id: 'getTag',
          tag: 'Sites',
          summary: 'The script tags of a site, one of them versioned',
          right: 'read',
          params: SiteParams,
          answers: { 200: TagAnswer },
          example: { params: { id: 'main' } },
        },
        (c, { key, params }) => {
          const id = siteOf(memory, key, params.id)
          const site = id === undefined ? undefined : memory.site(id)
          if (!site) return problem(c, 404, 'there is no such site for this key')
          const origin = deps.origin(c)
          const { hash, integrity } = script.handOut(settingsOf(site))
          return c.json({
            tag: scriptTag(origin, site.id),
            versioned: {
              tag: versionedTag(origin, { hash, integrity }),
              src: `${origin}/l.${hash}.js`,
              integrity,
            },
          })
        },
      ),
    )
}

const settings = ({ id, name, consent, hosts, with: pieces, rulesVersion, retention }: Site) => ({
  id,
  name,
  consent,
  hosts,
  with: pieces,
  rulesVersion,
  retention,
})

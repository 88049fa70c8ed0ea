import { Hono } from 'hono'
import { ENTRY_VERSION } from '../entry.ts'
import { problem } from '../problem.ts'
import { type ScriptServer, settingsOf } from '../script.ts'
import type { Site } from '../store/store.ts'
import { scriptTag, versionedTag } from '../tag.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { performed } from './performed.ts'
import { SiteBody } from './schema.ts'
import { jsonBody } from './validate.ts'

/** The sites that a key opens, their settings and their script tags. */
export function sitesApi(deps: ApiDeps & { script: ScriptServer }): Hono {
  const { memory, script } = deps
  return new Hono()
    .get('/v1/sites', (c) => {
      const allowed = access(c, memory, 'read')
      if ('refused' in allowed) return allowed.refused
      const { site } = allowed.key
      const items = memory.sites().filter(({ id }) => site === null || site === id)
      return c.json({ items: items.map(settings), next: null })
    })
    .patch('/v1/sites/:id', async (c) => {
      const allowed = access(c, memory, 'admin')
      if ('refused' in allowed) return allowed.refused
      const id = siteOf(memory, allowed.key, c.req.param('id'))
      if (id === undefined) return problem(c, 404, 'there is no such site for this key')
      const body = await jsonBody(c, SiteBody)
      if ('refused' in body) return body.refused
      return performed(c, deps, { kind: 'site-set', v: ENTRY_VERSION, id, ...body.value }, body.text)
    })
    .get('/v1/sites/:id/tag', (c) => {
      const allowed = access(c, memory, 'read')
      if ('refused' in allowed) return allowed.refused
      const id = siteOf(memory, allowed.key, c.req.param('id'))
      const site = id === undefined ? undefined : memory.site(id)
      if (!site) return problem(c, 404, 'there is no such site for this key')
      const { origin } = new URL(c.req.url)
      const { hash, integrity } = script.handOut(settingsOf(site))
      return c.json({
        tag: scriptTag(origin, site.id),
        versioned: {
          tag: versionedTag(origin, { hash, integrity }),
          src: `${origin}/l.${hash}.js`,
          integrity,
        },
      })
    })
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

import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION, type Entry } from '../entry.ts'
import { hashOf } from '../keys.ts'
import { problem } from '../problem.ts'
import { MAIL_PROVIDERS, mailSetting } from '../project/sites.ts'
import { type ScriptServer, settingsOf } from '../script.ts'
import { siteEntry } from '../seed.ts'
import type { Site } from '../store/store.ts'
import { scriptTag, versionedTag } from '../tag.ts'
import { siteOf } from './access.ts'
import { RebuiltAnswer, SiteAnswer, TagAnswer } from './answers/sites.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { performed } from './performed.ts'
import { SiteParams } from './queries.ts'
import { NewSiteBody, RebuildBody, SiteBody } from './schema.ts'

/** The sites that a key opens, their settings and their script tags. */
export function sitesApi(
  deps: ApiDeps & {
    script: ScriptServer
    origin: (c: Context) => string
    /** Version 1 of a new site's rules; the standard preset unless said. */
    siteRules?: unknown
  },
): Hono {
  const { memory, script } = deps
  const { rulesVersion: _, mail: __, ...changed } = SiteAnswer.entries
  const shown = (site: Site) => ({
    ...settings(site),
    mail: MAIL_PROVIDERS.filter((provider) => memory.setting(mailSetting(provider, site.id)) !== undefined),
  })

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
          return { items: items.map(shown), next: null }
        },
      ),
    )
    .post(
      '/v1/sites',
      endpoint(
        deps,
        {
          id: 'makeSite',
          tag: 'Sites',
          summary: 'Makes a site, with the rules of new sites',
          right: 'admin',
          body: NewSiteBody,
          answers: { 201: v.object({ id: v.string() }) },
          refuses: { 409: 'There is a site of that id.' },
          appends: true,
          example: { body: { id: 'shop', name: 'Our shop', timeZone: 'Europe/Berlin' } },
        },
        (c, { key, body: { id, name, consent, ...rest }, text }) => {
          if (key.site !== null) return problem(c, 403, `this key opens the site '${key.site}' alone`)
          const entry = { ...siteEntry(id, name, consent, deps.siteRules), ...rest } as Entry
          return performed(c, deps, entry, text)
        },
      ),
    )
    .post(
      '/v1/sites/:id/rebuild',
      endpoint(
        deps,
        {
          id: 'rebuildSite',
          tag: 'Sites',
          summary:
            "Makes a site's numbers again from its events, with days of another time zone where one is named",
          description:
            'Beacons are taken meanwhile and projected when it is done; ten million events take some minutes.',
          right: 'admin',
          params: SiteParams,
          body: RebuildBody,
          answers: { 200: RebuiltAnswer },
          appends: true,
          example: { params: { id: 'main' }, body: { timeZone: 'Europe/Berlin' } },
        },
        (c, { key, params, body: { timeZone, withoutErased }, text }) => {
          const site = siteOf(memory, key, params.id)
          if (site === undefined) return problem(c, 404, 'there is no such site for this key')
          const entry = {
            kind: 'rebuild',
            v: ENTRY_VERSION,
            site,
            ...(timeZone !== undefined && { timeZone }),
            ...(withoutErased && { withoutErased }),
          } as const
          return performed(c, deps, entry, text)
        },
      ),
    )
    .get(
      '/v1/sites/:id',
      endpoint(
        deps,
        {
          id: 'getSite',
          tag: 'Sites',
          summary: 'A site with its settings',
          right: 'read',
          params: SiteParams,
          answers: { 200: SiteAnswer },
          example: { params: { id: 'main' } },
        },
        (c, { key, params }) => {
          const id = siteOf(memory, key, params.id)
          if (id === undefined) return problem(c, 404, 'there is no such site for this key')
          return c.json(shown(memory.site(id)!))
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

const settings = ({ id, name, consent, hosts, with: pieces, rulesVersion, retention, timeZone }: Site) => ({
  id,
  name,
  consent,
  hosts,
  with: pieces,
  rulesVersion,
  retention,
  timeZone,
})

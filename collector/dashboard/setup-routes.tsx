import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { WebhookAnswer } from '../../shared/api.ts'
import { compile } from '../lead/rules.ts'
import type { Person } from '../staff.ts'
import { answer } from './answer.tsx'
import { Confirm } from './confirm.tsx'
import type { DashboardDeps } from './deps.ts'
import { DAY } from './format.ts'
import type { Gate } from './gate.tsx'
import { type Frame, may, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Told } from './message.tsx'
import { withPage } from './rules-form.ts'
import type { SetUpProps } from './setup.tsx'
import { type KeyItem, SetUpAccess, type StaffItem } from './setup-access.tsx'
import { InstallCheck } from './setup-check.tsx'
import { OF_ALL_SITES, type Said, SET_UP, type SetUpPart } from './setup-frame.tsx'
import { SetUpPages } from './setup-pages.tsx'
import { SetUpPrivacy } from './setup-privacy.tsx'
import { SetUpSite, type SiteSettings } from './setup-site.tsx'
import { SetUpWebhooks, type WebhooksProps } from './setup-webhooks.tsx'
import { hostsIn, siteRoutes } from './site-routes.tsx'
import type { Strings } from './strings/en.ts'
import { SetUpSystem } from './system.tsx'

const MAX_FORM_BYTES = 65_536
/** For so long it is known what was refused. */
const REFUSALS_DAYS = 30
/** A page that was seen in this time shows that the tag works, ms. */
const JUST_NOW_MS = 30 * 60_000
/** Paths that are looked through for such as are of no kind, and of them shown. */
const LOOKED_THROUGH = 300
const SHOWN = 20
/** Deliveries shown of a webhook, rows of the audit log, dead letters. */
const ROWS = 20

type Framed = Frame & { site: string }
type Call = [method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown]

export interface SetUpRoutes extends Pick<DashboardDeps, 'queries' | 'api' | 'now' | 'system'> {
  gate: Gate
  siteFrame(c: Context, person: Person, active: Frame['active']): Promise<Framed | Response>
  setUpOf(c: Context, site: string): SetUpProps
}

/** The set-up: each part is a page, and each of its forms is a call of the API. */
export function setUpRoutes({ queries, api, now, system, gate, siteFrame, setUpOf }: SetUpRoutes): Hono {
  const { own, signedIn } = gate
  const app = new Hono()
  const form = bodyLimit({ maxSize: MAX_FORM_BYTES })

  const firstOf = (days: number): number => Math.floor(now() / DAY) * DAY - (days - 1) * DAY
  const today = (): string => new Date(now()).toISOString().slice(0, 10)
  const checked = async (site: string) => {
    const [present, refusals] = await Promise.all([
      queries.present(site, now() - JUST_NOW_MS),
      queries.refusals(site, firstOf(REFUSALS_DAYS), now()),
    ])
    return { visitors: present, refusals }
  }

  /** What each part shows. */
  const parts: Record<
    SetUpPart,
    (c: Context, frame: Framed, said: Said) => Promise<ReturnType<typeof SetUpSite>>
  > = {
    async site(c, frame, said) {
      const { site } = frame
      const { visitors, refusals } = await checked(site)
      const sites = may(frame, 'admin') ? await api(c, 'GET', '/v1/sites') : undefined
      const settings = (sites?.body.items as SiteSettings[] | undefined)?.find(({ id }) => id === site)
      const setUp = setUpOf(c, site)
      return <SetUpSite {...{ frame, said, setUp, refusals, visitors, settings, today: today() }} />
    },
    async pages(c, frame, said) {
      const [rules, paths] = await Promise.all([
        rulesOf(c, frame.site),
        queries.paths(frame.site, LOOKED_THROUGH),
      ])
      const pages = paths.filter(({ value }) => rules.pageKind(value) === null).slice(0, SHOWN)
      return <SetUpPages {...{ frame, said, pages, kinds: Object.keys(rules.document.pages) }} />
    },
    async access(c, frame, said) {
      const [keys, staff] = await Promise.all([api(c, 'GET', '/v1/keys'), api(c, 'GET', '/v1/staff')])
      return <SetUpAccess {...{ frame, said, keys: keys.body.items, staff: staff.body.items, now: now() }} />
    },
    async webhooks(c, frame, said) {
      const { body } = await api(c, 'GET', '/v1/webhooks')
      const webhooks = await Promise.all(
        (body.items as WebhooksProps['webhooks']).map(async (webhook) => {
          const path = `/v1/webhooks/${encodeURIComponent(webhook.id)}/deliveries?limit=${ROWS}`
          return { ...webhook, deliveries: (await api(c, 'GET', path)).body.items ?? [] }
        }),
      )
      return <SetUpWebhooks {...{ frame, said, webhooks, now: now() }} />
    },
    async privacy(c, frame, said) {
      const q = (c.req.query('q') ?? '').trim().slice(0, 100)
      const cursor = c.req.query('cursor')
      const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const [audit, found] = await Promise.all([
        api(c, 'GET', `/v1/audit?limit=${ROWS}${more}`),
        q === '' ? { items: [] } : queries.shownLeads({ site: frame.site, q, limit: ROWS }),
      ])
      const about = { q, found: found.items, audit: audit.body, first: cursor === undefined, now: now() }
      return <SetUpPrivacy {...{ frame, said, ...about }} />
    },
    async system(c, frame, said) {
      const [counts, dead, health] = await Promise.all([
        api(c, 'GET', '/v1/counts'),
        api(c, 'GET', `/v1/dead-letters?limit=${ROWS}`),
        system?.(),
      ])
      const about = { system: health, counts: counts.body.counts, deadLetters: dead.body.items, now: now() }
      return <SetUpSystem {...{ frame, said, ...about }} />
    },
  }

  async function rulesOf(c: Context, site: string) {
    const { body } = await api(c, 'GET', `/v1/rules?site=${encodeURIComponent(site)}`)
    const whole = compile(body.document)
    if (!whole.ok) throw new Error('the rules in force do not hold')
    return whole.rules
  }

  async function show(c: Context, person: Person, part: SetUpPart, said: Said = {}): Promise<Response> {
    if (person.site !== null && OF_ALL_SITES.has(part)) return answer(c, <Told what="notYours" />, 403)
    const frame = await siteFrame(c, person, 'setup')
    if (frame instanceof Response) return frame
    const told = (name: string) => c.req.method === 'GET' && c.req.query(name) !== undefined
    const page = await parts[part](c, frame, { saved: told('saved'), begun: told('begun'), ...said })
    return answer(c, page, said.error === undefined ? 200 : 422)
  }

  for (const part of Object.keys(SET_UP) as SetUpPart[])
    app.get(
      SET_UP[part].path,
      signedIn((c, person) => show(c, person, part), SET_UP[part].right),
    )

  /** A form of a part: a call of the API, and back; or what it has made, which is shown this once. */
  function acting(
    part: SetUpPart,
    path: string,
    call: (posted: URLSearchParams, c: Context, site: string) => Call | Promise<Call>,
    made?: (body: Record<string, string>) => NonNullable<Said['made']>,
  ): void {
    const right = part === 'site' ? 'admin' : SET_UP[part].right
    app.post(
      path,
      form,
      own(
        signedIn(async (c, person) => {
          const frame = await siteFrame(c, person, 'setup')
          if (frame instanceof Response) return frame
          const posted = new URLSearchParams(await c.req.text())
          const { status, detail, body } = await api(c, ...(await call(posted, c, frame.site)))
          if (status >= 300) return show(c, person, part, { error: detail })
          if (made) return show(c, person, part, { made: made(body) })
          return c.redirect(done(part, frame.site, status), 303)
        }, right),
      ),
    )
  }

  const done = (part: SetUpPart, site: string, status: number): string =>
    `${siteUrl(SET_UP[part].path, site)}&${status === 202 ? 'begun' : 'saved'}`

  /** Asks before a form of a part does what cannot be taken back. Of whom or what it is there no more is told as missing. */
  function asking(
    part: SetUpPart,
    path: string,
    name: (c: Context) => Promise<string | undefined>,
    words: (t: Strings) => { title: string; text: string; button: string },
  ): void {
    app.get(
      path,
      signedIn(async (c, person) => {
        const frame = await siteFrame(c, person, 'setup')
        if (frame instanceof Response) return frame
        const named = await name(c)
        if (named === undefined) return answer(c, <Told what="missing" frame={frame} />, 404)
        const { pathname } = new URL(c.req.url)
        return answer(
          c,
          <Asking
            {...{ frame, words, name: named }}
            action={siteUrl(pathname, frame.site)}
            back={siteUrl(SET_UP[part].path, frame.site)}
          />,
        )
      }, SET_UP[part].right),
    )
  }

  const listed = async <T,>(c: Context, path: string): Promise<T[]> =>
    (await api(c, 'GET', path)).body.items ?? []
  const byId = <T extends { id: string }>(c: Context, items: T[]): T | undefined =>
    items.find((item) => item.id === c.req.param('id'))

  const id = (c: Context): string => encodeURIComponent(c.req.param('id') ?? '')

  acting('site', '/setup', (posted, _c, site) => {
    const retention = posted.get('retention')?.trim()
    const hosts = hostsIn(posted)
    const body = {
      name: posted.get('name'),
      consent: posted.get('consent'),
      hosts,
      with: posted.getAll('with'),
      retention: retention ? Number(retention) : null,
    }
    return ['PATCH', `/v1/sites/${encodeURIComponent(site)}`, body]
  })

  acting('pages', '/setup/pages', async (posted, c, site) => {
    const { document } = await rulesOf(c, site)
    const changed = withPage(document, posted.get('kind') ?? '', posted.get('path') ?? '')
    return ['POST', '/v1/rules', { site, document: changed, notify: 'silent' }]
  })

  const key = ({ name = '', key: secret = '' }: Record<string, string>) => ({ name, secret })
  acting(
    'access',
    '/setup/access/keys',
    (posted) => {
      const expires = posted.get('expires')
      const body = {
        name: posted.get('name'),
        rights: posted.getAll('rights'),
        site: posted.get('of') || null,
        ...(expires && { expiresAt: `${expires}T00:00:00Z` }),
      }
      return ['POST', '/v1/keys', body]
    },
    key,
  )
  acting('access', '/setup/access/keys/:id/rotate', (_, c) => ['POST', `/v1/keys/${id(c)}/rotate`, {}], key)
  acting('access', '/setup/access/keys/:id/revoke', (_, c) => ['DELETE', `/v1/keys/${id(c)}`])
  asking(
    'access',
    '/setup/access/keys/:id/revoke',
    async (c) => byId(c, await listed<KeyItem>(c, '/v1/keys'))?.name,
    (t) => ({ title: t.access.revokeSure, text: t.access.revokeText, button: t.access.revoke }),
  )
  acting('access', '/setup/access/people', (posted) => [
    'POST',
    '/v1/staff',
    {
      name: posted.get('name'),
      role: posted.get('role'),
      password: posted.get('password'),
      site: posted.get('of') || null,
    },
  ])
  acting('access', '/setup/access/people/:id', (posted, c) => [
    'PATCH',
    `/v1/staff/${id(c)}`,
    { role: posted.get('role') },
  ])
  acting('access', '/setup/access/people/:id/remove', (_, c) => ['DELETE', `/v1/staff/${id(c)}`])

  asking(
    'access',
    '/setup/access/people/:id/remove',
    async (c) => byId(c, await listed<StaffItem>(c, '/v1/staff'))?.name,
    (t) => ({ title: t.access.removeSure, text: t.access.removeText, button: t.access.remove }),
  )

  const secretOf = ({ url = '', secret = '' }: Record<string, string>) => ({ name: url, secret })
  acting(
    'webhooks',
    '/setup/webhooks',
    (posted, _c, site) => [
      'POST',
      '/v1/webhooks',
      {
        site,
        url: posted.get('url'),
        events: posted.getAll('events'),
        format: posted.get('format') ?? undefined,
        description: posted.get('description') ?? '',
      },
    ],
    secretOf,
  )
  const hook = (c: Context): string => `/v1/webhooks/${id(c)}`
  acting('webhooks', '/setup/webhooks/:id/rotate', (_, c) => ['POST', `${hook(c)}/rotate`, {}], secretOf)
  acting('webhooks', '/setup/webhooks/:id/test', (_, c) => ['POST', `${hook(c)}/test`])
  acting('webhooks', '/setup/webhooks/:id/replay', (_, c) => ['POST', `${hook(c)}/replay`, {}])
  acting('webhooks', '/setup/webhooks/:id/enable', (_, c) => ['PATCH', hook(c), { enabled: true }])
  acting('webhooks', '/setup/webhooks/:id/disable', (_, c) => ['PATCH', hook(c), { enabled: false }])
  acting('webhooks', '/setup/webhooks/:id/remove', (_, c) => ['DELETE', hook(c)])
  asking(
    'webhooks',
    '/setup/webhooks/:id/remove',
    async (c) => byId(c, await listed<WebhookAnswer>(c, '/v1/webhooks'))?.url,
    (t) => ({ title: t.webhooks.removeSure, text: t.webhooks.removeText, button: t.webhooks.remove }),
  )
  acting('system', '/setup/system/replay', (posted) => [
    'POST',
    '/v1/dead-letters/replay',
    { seqs: posted.getAll('seq').map(Number) },
  ])

  app.route('/', siteRoutes({ api, gate, siteFrame }))

  /* A part of the page, for the script that looks again. */
  app.get(
    '/setup/check',
    signedIn(async (c, person) => {
      const frame = await siteFrame(c, person, 'setup')
      if (frame instanceof Response) return frame
      const check = await checked(frame.site)
      return answer(c, <InstallCheck check={check} site={frame.site} today={today()} />)
    }),
  )
  return app
}

function Asking(props: {
  frame: Framed
  words: (t: Strings) => { title: string; text: string; button: string }
  name: string
  action: string
  back: string
}) {
  const { t } = useLocale()
  const { words, ...rest } = props
  return <Confirm {...rest} {...words(t)} />
}

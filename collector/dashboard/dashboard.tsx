import type { Context } from 'hono'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import openapi from '../../docs/openapi.json' with { type: 'json' }
import { type Person, sees } from '../staff.ts'
import { versionedTag } from '../tag.ts'
import { answer, ZONE } from './answer.tsx'
import { apiDocs, type Document } from './api-docs.tsx'
import { assets } from './assets.ts'
import { COMPANIES_A_PAGE, Companies } from './companies.tsx'
import { Company } from './company.tsx'
import type { DashboardDeps } from './deps.ts'
import { Dossier } from './dossier.tsx'
import { entry } from './entry.tsx'
import { gate as gateOf } from './gate.tsx'
import { languageRoute } from './language-route.ts'
import { type Frame, may } from './layout.tsx'
import { Lead } from './lead.tsx'
import { leadsRoutes } from './leads-routes.tsx'
import { notFound, Told } from './message.tsx'
import { Overview } from './overview.tsx'
import { askedOf } from './overview-query.ts'
import { personRoutes } from './person-routes.tsx'
import { DEFAULT_REPORT_RANGE, REPORT_RANGES, ReportsPage, reportRange } from './reports.tsx'
import { rulesRoutes } from './rules-routes.tsx'
import { salesRoutes } from './sales-routes.tsx'
import type { SetUpProps } from './setup.tsx'
import { setUpRoutes } from './setup-routes.tsx'
import { TIMELINE_A_PAGE } from './timeline.tsx'

export type { DashboardDeps } from './deps.ts'

/** Leads of a stage on the overview. */
const HOTTEST = { sql: 5, mql: 3 }
/** Whom a viewer sees of the people. */
const NOBODY = { items: [], next: null }

/** The pages, for mounting at `/` behind everything else: what nobody answered is told that it is not here. */
export function dashboard(deps: DashboardDeps): Hono {
  const { queries, api, auth, now, version } = deps
  const app = new Hono()
  const { origin = (c: Context) => new URL(c.req.url).origin } = deps
  const gate = gateOf({ auth, now, origin })
  const { signedIn } = gate

  async function frameOf(c: Context, person: Person, rest: Partial<Frame> = {}): Promise<Frame> {
    const sites = (await queries.sites()).filter(({ id }) => sees(person, id))
    c.set(ZONE, sites.find(({ id }) => id === rest.site)?.timeZone)
    return {
      sites,
      hasPassword: person.id !== null || auth.hasPassword(),
      person,
      version,
      demo: deps.demo,
      ...rest,
    }
  }

  /** The frame with the site that the request asks for, the first one when it asks for none. */
  async function siteFrame(
    c: Context,
    person: Person,
    active: Frame['active'],
  ): Promise<(Frame & { site: string }) | Response> {
    const frame = await frameOf(c, person, { active })
    const site = c.req.query('site') ?? frame.sites[0]?.id
    if (site === undefined) return answer(c, <Told what="noSite" frame={frame} />)
    const found = frame.sites.find(({ id }) => id === site)
    if (!found) return missing(c, person)
    c.set(ZONE, found.timeZone)
    return { ...frame, site }
  }

  const missing = async (c: Context, person: Person) =>
    answer(c, <Told what="missing" frame={await frameOf(c, person)} />, 404)

  function setUpOf(c: Context, site: string): SetUpProps {
    const handed = deps.versioned?.(site)
    const versioned = handed && versionedTag(origin(c), handed)
    return { origin: origin(c), site, demo: deps.demo, versioned }
  }

  // No page holds a secret that its answers repeat beside what a stranger may send: nothing can be guessed by length.
  app.use(compress())
  app.route('/', assets())
  // Like the document itself it is for whoever asks.
  app.route('/', apiDocs(openapi as unknown as Document))
  app.route('/', languageRoute(gate))
  app.route('/', entry({ auth, now, gate, frameOf }))

  app.get(
    '/',
    signedIn(async (c, person) => {
      const frame = await siteFrame(c, person, 'overview')
      if (frame instanceof Response) return frame
      const { site } = frame
      const at = now()
      const asked = askedOf(site, new URL(c.req.url).searchParams, at)
      const named = may(frame, 'leads')
      const [found, present, sql, mql] = await Promise.all([
        queries.overview(site, asked.query),
        queries.present(site),
        named ? queries.leads({ site, stage: 'sql', limit: HOTTEST.sql }) : NOBODY,
        named ? queries.leads({ site, stage: 'mql', limit: HOTTEST.mql }) : NOBODY,
      ])
      const name = frame.sites.find((each) => each.id === site)?.name ?? site
      const hottest = named ? { sql: sql.items, mql: mql.items } : undefined
      const about = {
        frame,
        name,
        asked,
        present,
        hottest,
        origin: origin(c),
        setUp: setUpOf(c, site),
        now: at,
      }
      return answer(c, <Overview {...about} answer={found} />)
    }),
  )

  app.route('/', leadsRoutes({ queries, api, now, gate, origin, siteFrame }))

  app.get(
    '/leads/:id',
    signedIn((c, person) => leadPage(c, person, c.req.param('id') ?? ''), 'leads'),
  )

  async function leadPage(
    c: Context,
    person: Person,
    id: string,
    error?: string,
    status: 200 | 404 | 409 | 422 = 200,
  ): Promise<Response> {
    const lead = await queries.lead(id)
    if (!lead || !sees(person, lead.site)) return missing(c, person)
    const cursor = c.req.query('cursor')
    const day = /^\d{4}-\d\d-\d\d$/.exec(c.req.query('day') ?? '')?.[0]
    const [frame, curve, timeline] = await Promise.all([
      frameOf(c, person, { site: lead.site, active: 'leads' }),
      queries.curve(lead.id),
      queries.timeline(lead.id, TIMELINE_A_PAGE, cursor, day),
    ])
    // Erased between the two questions.
    if (!curve) return missing(c, person)
    const first = cursor === undefined
    return answer(c, <Lead {...{ frame, lead, curve, timeline, day, first, now: now(), error }} />, status)
  }

  app.route('/', rulesRoutes({ queries, api, now, gate, siteFrame }))
  app.route('/', personRoutes({ queries, api, gate, frameOf, missing, lead: leadPage }))
  app.route('/', salesRoutes({ sales: deps.sales, gate, lead: leadPage }))

  app.get(
    '/leads/:id/dossier',
    signedIn(async (c, person) => {
      const dossier = await queries.dossier(c.req.param('id') ?? '')
      if (!dossier || !sees(person, dossier.lead.site)) return missing(c, person)
      const frame = await frameOf(c, person, { site: dossier.lead.site, active: 'leads' })
      return answer(c, <Dossier {...{ frame, dossier, now: now() }} />)
    }, 'leads'),
  )

  app.get(
    '/companies',
    signedIn(async (c, person) => {
      const frame = await siteFrame(c, person, 'companies')
      if (frame instanceof Response) return frame
      const cursor = c.req.query('cursor')
      const companies = await queries.companies(frame.site, COMPANIES_A_PAGE, cursor)
      return answer(
        c,
        <Companies {...{ frame, companies, first: cursor === undefined, origin: origin(c), now: now() }} />,
      )
    }, 'leads'),
  )

  app.get(
    '/companies/:key',
    signedIn(async (c, person) => {
      const frame = await siteFrame(c, person, 'companies')
      if (frame instanceof Response) return frame
      const company = await queries.company(frame.site, c.req.param('key') ?? '')
      return company ? answer(c, <Company {...{ frame, company, now: now() }} />) : missing(c, person)
    }, 'leads'),
  )

  app.get(
    '/reports',
    signedIn(async (c, person) => {
      const frame = await siteFrame(c, person, 'reports')
      if (frame instanceof Response) return frame
      const days =
        REPORT_RANGES.find((range) => String(range) === c.req.query('days')) ?? DEFAULT_REPORT_RANGE
      const at = now()
      const reports = await queries.reports(frame.site, ...reportRange(days, at))
      return answer(c, <ReportsPage {...{ frame, days, reports, now: at }} />)
    }),
  )

  app.route('/', setUpRoutes({ queries, api, now, system: deps.system, gate, siteFrame, setUpOf }))

  /* A route, since the app that this one is mounted in would not ask its `notFound`. */
  app.all('*', notFound)
  return app
}

/** All routes, and the one table that turns errors into answers. */
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import openapi from '../docs/openapi.json' with { type: 'json' }
import { MAX_BODY_BYTES } from '../shared/protocol.ts'
import { batchApi } from './api/batch.ts'
import { companiesApi } from './api/companies.ts'
import { contactsApi } from './api/contacts.ts'
import { deadLettersApi } from './api/dead-letters.ts'
import { decisionsApi } from './api/decisions.ts'
import type { ApiDeps } from './api/deps.ts'
import { described } from './api/endpoint.ts'
import { identifyApi } from './api/identify.ts'
import { BEACON_CALL, IMAGE_CALL } from './api/intake-calls.ts'
import { keysApi } from './api/keys.ts'
import { leadsApi } from './api/leads.ts'
import { type LiveApiDeps, liveApi } from './api/live.ts'
import { mailApi } from './api/mail.ts'
import { otherMethods } from './api/methods.ts'
import { type MetricsApiDeps, metricsApi } from './api/metrics.ts'
import { outcomesApi } from './api/outcomes.ts'
import { peopleApi } from './api/people.ts'
import { readBytes } from './api/read-body.ts'
import { refusalsApi } from './api/refusals.ts'
import { reportsApi } from './api/reports.ts'
import { RULES_SCHEMA_PATH, rulesApi } from './api/rules.ts'
import { sitesApi } from './api/sites.ts'
import { staffApi } from './api/staff.ts'
import { statsApi } from './api/stats.ts'
import { transitionsApi } from './api/transitions.ts'
import { type WebhookApiDeps, webhooksApi } from './api/webhooks.ts'
import type { Health } from './health.ts'
import {
  bodyOf,
  CORS,
  INTAKE_PATH,
  type IntakeDeps,
  imageIntake,
  intake,
  RETRY_AFTER,
  TOO_LARGE,
} from './intake.ts'
import rulesSchema from './lead/rules.schema.json' with { type: 'json' }
import { EntryTooLarge, LogUnavailable } from './log/log.ts'
import { problem } from './problem.ts'
import { type ScriptServer, settingsOf } from './script.ts'

export interface AppDeps
  extends ApiDeps,
    WebhookApiDeps,
    IntakeDeps,
    Pick<MetricsApiDeps, 'metrics'>,
    LiveApiDeps {
  memory: ApiDeps['memory']
  now: () => number
  /** Under which origin a browser sees the collector. */
  origin: (c: Context) => string
  script: ScriptServer
  /** Version 1 of a new site's rules; the standard preset unless said. */
  siteRules?: unknown
  health: () => Promise<Health>
  /** What is wrong with the state's file, where a look after an unclean stop found something. */
  damage: () => string | undefined
  /** The dashboard's pages; mounted last, they answer what nothing else did. */
  pages: Hono
  /** The demo site, where it is served. */
  demo: Hono | undefined
}

/** Where pages load the script from: short, and on no block list. */
export const SCRIPT_PATH = '/l.js'

/** The OpenAPI document of the API. */
export const DOCUMENT_PATH = '/openapi.json'

/** Since when the header and the property of GPC are honoured. */
const GPC_SINCE = '2026-11-01'

type Env = { Bindings: Partial<HttpBindings> }

export function createApp(deps: AppDeps): Hono<Env> {
  const app = new Hono<Env>()
  const { script } = deps

  app.post(
    INTAKE_PATH,
    described(BEACON_CALL, async (c: Context<Env>) => {
      const bytes = await readBytes(c, MAX_BODY_BYTES)
      const read = bytes === 'too-large' ? TOO_LARGE : bodyOf(bytes, c.req.header('content-encoding'))
      const { status, headers, body } = await intake(read, c.req.header(), socketOf(c), deps)
      return new Response(body, { status, headers })
    }),
  )
  app.get(
    INTAKE_PATH,
    described(IMAGE_CALL, async (c: Context<Env>) => {
      const { status, headers, body } = await imageIntake(c.req.query(), c.req.header(), socketOf(c), deps)
      return new Response(body as BodyInit | null, { status, headers })
    }),
  )
  // Nothing in the snippet asks for a preflight; a server or an old browser that does gets its answer.
  app.options(INTAKE_PATH, (c) =>
    c.body(null, 204, {
      ...CORS,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '86400',
    }),
  )
  app.get(SCRIPT_PATH, (c) => {
    const site = deps.memory.site(c.req.query('s') ?? '')
    const more = (c.req.query('with') ?? '').split(',')
    return script.serve(c, site ? settingsOf(site, more) : { site: undefined, given: false, composed: more })
  })
  app.get('/l.debug.js', (c) => script.serveDebug(c))
  app.get('/:file{l\\.[\\w-]+\\.js}', (c) => {
    const hash = c.req.param('file').slice(2, -3)
    return script.serveHash(c, hash) ?? problem(c, 404, `there is no script ${hash}`)
  })

  // https://www.w3.org/TR/gpc/#gpc-support-resource: a browser's wish is honoured by every site served here.
  app.get('/.well-known/gpc.json', (c) => c.json({ gpc: true, lastUpdate: GPC_SINCE }))
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', async (c) => {
    const health = await deps.health()
    const damage = deps.damage()
    if (!health.ready) c.header('retry-after', RETRY_AFTER)
    return c.json({ ...health, ...(damage !== undefined && { damage }) }, health.ready ? 200 : 503)
  })

  // Editors fetch it from other origins, and without a key: it tells nothing of this collector.
  app.get(RULES_SCHEMA_PATH, (c) =>
    c.json(rulesSchema, 200, {
      'content-type': 'application/schema+json',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=3600',
    }),
  )

  // As the rules' schema: tools fetch it from anywhere, and it tells what the source does.
  app.get(DOCUMENT_PATH, (c) =>
    c.json(openapi, 200, { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=3600' }),
  )

  app.route('/', metricsApi({ ...deps, socketOf }))
  app.route('/', identifyApi(deps))
  app.route('/', contactsApi(deps))
  app.route('/', batchApi(deps))
  app.route('/', statsApi(deps))
  app.route('/', refusalsApi(deps))
  app.route('/', leadsApi(deps))
  app.route('/', decisionsApi(deps))
  app.route('/', peopleApi(deps))
  app.route('/', companiesApi(deps))
  app.route('/', reportsApi(deps))
  app.route('/', rulesApi(deps))
  app.route('/', outcomesApi(deps))
  app.route('/', sitesApi(deps))
  app.route('/', webhooksApi(deps))
  app.route('/', liveApi(deps))
  app.route('/', mailApi(deps))
  app.route('/', transitionsApi(deps))
  app.route('/', deadLettersApi(deps))
  app.route('/', keysApi(deps))
  app.route('/', staffApi(deps))
  app.all('*', otherMethods([...app.routes]))
  app.all('/v1/*', (c) => problem(c, 404, `there is no ${c.req.method} ${c.req.path}`))
  if (deps.demo) app.route('/demo', deps.demo)
  app.route('/', deps.pages)

  app.onError((error, c) => {
    if (error instanceof EntryTooLarge) return problem(c, 413, error.message)
    if (error instanceof LogUnavailable) {
      c.header('retry-after', RETRY_AFTER)
      return problem(c, 503, 'the collector cannot store this now; send it again later')
    }
    deps.unexpected(error)
    return problem(c, 500, 'an error that nobody expected; it is in the log of the collector')
  })
  return app
}

const socketOf = (c: Context<Env>): string => c.env?.incoming?.socket.remoteAddress ?? ''

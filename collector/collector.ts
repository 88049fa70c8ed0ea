/** The collector's process: files, threads, first run, missed ticks, app, listening, and the way down. */
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Logger } from 'pino'
import type { RefusalsAnswer } from '../shared/api.ts'
import { decisionEntry, noteEntry, type Said } from './api/decisions.ts'
import { keyRate } from './api/key-rate.ts'
import { type AppDeps, createApp } from './app.ts'
import { authOf } from './auth.ts'
import { clientIp } from './client-ip.ts'
import type { Config } from './config.ts'
import { countryReader } from './country.ts'
import { doorCounts } from './counts.ts'
import { withTicks } from './daily.ts'
import { apiOf } from './dashboard/api.ts'
import { type DashboardDeps, dashboard } from './dashboard/dashboard.tsx'
import { sessionKey } from './dashboard/gate.tsx'
import { demo } from './demo/demo.tsx'
import type { Engine } from './engine/engine.ts'
import { openEngine } from './engine/open.ts'
import { ENTRY_VERSION, type Entry } from './entry.ts'
import { forgotten } from './erasing.ts'
import { explainer } from './explain.ts'
import { flushOf } from './flush.ts'
import { healthOf } from './health.ts'
import { intakeFirst } from './intake.ts'
import { keyUseOf } from './key-use.ts'
import { hashOf, newKey } from './keys.ts'
import { liveFeed } from './live-feed.ts'
import { LogUnavailable } from './log/log.ts'
import { createMemory, type Memory } from './memory.ts'
import { metrics } from './metrics.ts'
import { patiently, untilTaken } from './patient.ts'
import { pendingEvents } from './pending.ts'
import { PRESENT_MS } from './project/glimpse.ts'
import { publicOrigin } from './public-origin.ts'
import { rateLimit } from './rate.ts'
import { startReader } from './reader.ts'
import { refusedNets } from './refused-nets.ts'
import { rulesInFile } from './rules-file.ts'
import { scriptServer, settingsOf } from './script.ts'
import { DEMO_SITE, type FirstRun, firstRun, type Perform, siteEntry } from './seed.ts'
import { Sentence } from './sentence.ts'
import { slaClock } from './sla-clock.ts'
import { type Person as StaffMember, sees } from './staff.ts'
import { deliveries } from './webhook/deliver.ts'
import { webhookGuard } from './webhook/guard.ts'
import { mailer } from './webhook/mail.ts'
import { sender } from './webhook/send.ts'
import type { Person } from './webhook/words.ts'
import { weeklyReports } from './weekly.ts'

export interface CollectorOptions {
  config: Config
  /** The built snippet, with the place for its settings. */
  snippet: string
  version: string
  logger: Logger
  /** ms; by default the engine's. */
  now?: () => number
  /** Bytes of a write-ahead log past which the operator is told. */
  walAlarm?: number
}

export interface Collector {
  /** Where it listens. */
  origin: string
  /** The app itself, for asking it without a socket. */
  request: ReturnType<typeof createApp>['request']
  /** What the first run made; undefined on any other. */
  first: FirstRun | undefined
  /** The first site. */
  site: string
  /** Stops taking, commits its appends, ends the current batch, closes the files. The backlog waits for the next start. */
  stop(): Promise<void>
}

/** Counts of what the door refused reach the log within this, ms. */
const COUNTS_EVERY_MS = 10_000
const TICK_CHECK_MS = 30_000
/** How often it is written down which keys were used. */
const KEY_USE_MS = 10 * 60_000
const ALARM_CHECK_MS = 10_000
const SLA_CHECK_MS = 30_000
/** How often it is looked whether a delivery is due again; what is new is sent at once. */
const DELIVER_EVERY_MS = 1_000
const WEEK_CHECK_MS = 60_000
/** How long a stop waits for what webhooks answer, ms; what came of the rest is asked again. */
const LAST_DELIVERIES_MS = 2_000
/** A request must be whole within this, ms; slow senders do not hold a place. */
const REQUEST_TIMEOUT_MS = 30_000
const HEADERS_TIMEOUT_MS = 10_000
/** How often connections are looked at for both; Node's own 30 s would make 40 s of ten. */
const TIMEOUT_CHECK_MS = 1_000
/** How long a stop waits for the answers of requests that it has taken, ms. */
const LAST_ANSWERS_MS = 5_000
/** For so long a stop ends no open connection that is not told so with an answer, ms: a request may be on its way. */
const GRACE_MS = 250
/** How often a stop looks for connections that have become idle, ms. */
const IDLE_CHECK_MS = 50
const DAY_MS = 86_400_000

/** Starts a collector. Throws a `Sentence` where the operator has to mend something first. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { config, snippet, version, logger, walAlarm } = options
  const rules = config.rules === undefined ? undefined : rulesInFile(config.rules)
  const ipOf = clientIp(config.trustProxy)
  const seenAs = publicOrigin(config.trustProxy)
  const net = refusedNets(config.staff, config.refuseNets)
  const countryOf = countryReader(config.geo)
  const engine = await openEngine({ config, logger, now: options.now })
  const { now } = engine
  let deliver = () => {}
  const happened = { unavailable: 0, restarts: 0 }
  const reader = startReader(engine.reader, now)
  const memory = await createMemory(reader.ask, {
    measured: engine.measured,
    country: countryOf,
    net,
    erasing: engine.erasing,
    webdriver: config.webdriver,
  })
  engine.suppressed(memory.suppressions())
  const { log, due } = withTicks(engine.log, lastTicked(memory, now()), now)
  const keyUse = keyUseOf(log, now)
  const thread = engine.project({
    log,
    newRef: randomUUID,
    async configured() {
      await memory.refresh()
      engine.suppressed(memory.suppressions())
      live.review()
    },
    shown: (glimpses) => live.take(glimpses),
    erased: () => live.forget(),
    posted: () => deliver(),
    died: (error) => {
      happened.restarts++
      logger.error({ error: error.message }, 'the projector died and is started again')
    },
  })
  const live = liveFeed({
    now,
    watch: thread.watch,
    present: reader.ask.present,
    newEpoch: () => randomUUID().slice(0, 8),
  })
  // The thread says where it stands once it has begun.
  const { watermark } = await reader.ask.counts()
  const projected = () => Math.max(watermark, thread.projected())
  const perform: Perform = async (entry) => {
    const result = await thread.perform(entry)
    if ('outcome' in result) return result.outcome
    throw new LogUnavailable('the projector did not answer within two seconds')
  }

  const settle = patiently(thread.perform, async (ref) => {
    const outcome = await reader.ask.outcome(ref)
    // Whoever goes on finds the site and the key that were made.
    if (outcome) await memory.refresh()
    return outcome
  })
  const first = await engine.alone(async () => {
    await memory.refresh()
    const made =
      memory.sites().length === 0 ? await firstRun(settle, config.site, rules, config.adminKey) : undefined
    if (config.demo && !memory.site(DEMO_SITE)) await settle(siteEntry(DEMO_SITE, 'Demo', 'given', rules))
    return made
  })
  await untilTaken(due)
  const again = forgotten(engine.erasing, memory.suppressions())
  if (again.length > 0)
    await untilTaken(() => log.append({ kind: 'suppress', v: ENTRY_VERSION, hashes: again }))

  const counts = doorCounts()
  const flush = flushOf(counts, (entry) => log.append(entry), projected)
  // What waits in a shared log was acknowledged by others, too: it is told as the lag.
  const { last } = await log.bounds()
  const pending = pendingEvents(projected, engine.files === undefined ? 0 : last)
  const health = healthOf(log, { projected, stalled: thread.stalled, wal: thread.wal }, walAlarm)
  let alarmed = ''
  const alarm = async () => {
    const alarms = (await health()).alarms.join('; ')
    if (alarms !== alarmed && alarms !== '') logger.warn(alarms)
    alarmed = alarms
  }
  const quietly = (work: () => Promise<unknown>) => () => {
    work().catch((error: Error) => logger.warn({ error: error.message }, 'not written yet'))
  }
  const guard = webhookGuard(config.webhookAllow)
  /** The log's end when this collector began to deliver for all. */
  let ledFrom = last
  let isLeading = engine.isLeader()
  const out = deliveries({
    webhooks: memory.webhooks,
    due: reader.ask.due,
    person: personOf(reader.ask),
    send: sender({ guard, now }),
    mail: config.smtp === undefined ? undefined : mailer({ smtp: config.smtp, from: config.mailFrom }),
    append: (entry) => log.append(entry),
    projected,
    from: () => ledFrom,
    now,
    random: Math.random,
    version,
  })
  /** What is done once for all collectors. */
  const led = (work: () => Promise<void>) => quietly(async () => engine.isLeader() && work())
  deliver = quietly(async () => {
    const leads = engine.isLeader()
    // What the one before it sent, and wrote down, may not be projected yet.
    if (leads && !isLeading) ledFrom = (await log.bounds()).last
    isLeading = leads
    if (leads) await out.look()
  })
  const timers = [
    setInterval(deliver, DELIVER_EVERY_MS),
    setInterval(led(weeklyReports({ memory, ask: reader.ask, log, now })), WEEK_CHECK_MS),
    setInterval(quietly(flush.write), COUNTS_EVERY_MS),
    setInterval(led(due), TICK_CHECK_MS),
    setInterval(quietly(keyUse.write), KEY_USE_MS),
    setInterval(quietly(alarm), ALARM_CHECK_MS),
    setInterval(led(slaClock(reader.ask.overdue, log)), SLA_CHECK_MS),
  ]

  const demoKey = newKey()
  memory.lend({ name: 'demo', hash: hashOf(demoKey), rights: ['link', 'events'], site: DEMO_SITE })
  const script = scriptServer(snippet, engine.scripts)
  let origin = ''
  const auth = authOf(memory, perform)
  const appDeps: AppDeps = {
    session: sessionKey(auth, now),
    siteRules: rules,
    log,
    memory,
    counts,
    taken: pending.add,
    unavailable: () => {
      happened.unavailable++
    },
    limit: rateLimit({ perSecond: config.rate }),
    used: keyUse.note,
    guard,
    mails: config.smtp !== undefined,
    limited: keyRate({ perMinute: config.apiRate, now }),
    explain: explainer(memory),
    ask: reader.ask,
    perform: (entry: Entry) => thread.perform(entry),
    newId: randomUUID,
    now,
    live,
    origin: seenAs,
    script,
    clientIp: ipOf,
    damage: () => damage,
    health,
    metrics: metrics({
      version,
      files: engine.files,
      pending,
      door: flush.unprojected,
      stored: async () => (await reader.ask.counts()).counts,
      log: async () => log.bounds(),
      leases: engine.leases,
      projected,
      durable: thread.durable,
      stalled: thread.stalled,
      happened,
      webhooks: { counts: out.counts, underWay: out.underWay, stored: reader.ask.deliveryCounts },
    }),
    pages: dashboard({
      queries: queriesOf(reader.ask, now),
      api: apiOf((path, init) => app.request(path, init)),
      auth,
      sales: salesOf(reader.ask, perform, now),
      now,
      version,
      origin: seenAs,
      system: async () => {
        const { lag, wal, alarms } = await health()
        return {
          lag,
          alarms,
          ...(await engine.sizes()),
          files: engine.lastBackup && { wal, backup: engine.lastBackup() },
        }
      },
      demo: config.demo ? DEMO_SITE : undefined,
      versioned: (id) => {
        const site = memory.site(id)
        return site && script.handOut(settingsOf(site))
      },
    }),
    demo: config.demo
      ? demo({ collector: () => origin, site: DEMO_SITE, key: () => demoKey, now })
      : undefined,
    unexpected: (error) => logger.error({ error: error.message, stack: error.stack }, 'unexpected error'),
  }
  const app = createApp(appDeps)

  const answer = intakeFirst(appDeps, getRequestListener(app.fetch))
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    (request, response) => {
      // Whoever is answered during a stop is told to come back over another connection.
      if (stopping) response.shouldKeepAlive = false
      answer(request, response)
    },
  )
  server.maxConnections = config.connections

  let stopping: Promise<void> | undefined

  async function down(): Promise<void> {
    for (const timer of timers) clearInterval(timer)
    out.stop()
    await within(LAST_DELIVERIES_MS, out.settled())
    await checking?.stop()
    await flush.write().catch(() => {})
    await keyUse.write().catch(() => {})
    // The last connection to close empties the write-ahead log, which the reader's cannot.
    await reader.stop()
    await thread.stop()
    await engine.close()
  }

  let damage: string | undefined
  let checking: { stop(): Promise<unknown> } | undefined
  function checkState(check: NonNullable<Engine['check']>): void {
    logger.warn('the last stop was not a clean one: the database is being looked at')
    const begun = check()
    checking = begun
    begun.found.then((found) => {
      if (found === 'ok') return logger.info('the database holds together')
      damage = found
      logger.error({ found }, 'the database is damaged: restore a backup')
    })
  }

  try {
    origin = await listen(server, config)
    if (engine.check) checkState(engine.check)
  } catch (error) {
    await down()
    throw error
  }

  return {
    origin,
    request: app.request,
    first,
    site: memory.sites().find(({ id }) => id !== DEMO_SITE)?.id ?? config.site,
    stop() {
      stopping ??= new Promise<void>((resolve) => {
        // A stream has no end of its own that could be waited for.
        live.close()
        // Requests under way get their answer, and so do those that are on their way over an open connection:
        // HTTP's own close ends what is idle at this moment, which under load is most of them.
        let idle: NodeJS.Timeout | undefined
        const grace = setTimeout(() => {
          idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS)
        }, GRACE_MS)
        const last = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS)
        NetServer.prototype.close.call(server, () => {
          clearTimeout(grace)
          clearInterval(idle)
          clearTimeout(last)
          server.close(() => {})
          resolve()
        })
      }).then(down)
      return stopping
    },
  }
}

/** Resolves with the work, or after so many ms. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  await Promise.race([work, late.promise])
  clearTimeout(timer)
}

/** Before its first tick a state owes none: the first that it can owe is today's. */
function lastTicked(memory: Memory, now: number): number {
  const stored = memory.setting('ticked-day')
  return stored === undefined ? Math.floor(now / DAY_MS) - 1 : Number(stored)
}

function listen(server: Server, { host, port }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        reject(new Sentence(`port ${port} on ${host} is taken; choose another with PORT or --port`))
      } else if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
        reject(
          new Sentence(`cannot listen on ${host}:${port} (${error.code}); choose another with HOST and PORT`),
        )
      } else reject(error)
    })
    server.listen(port, host, () => {
      const { address, port: bound, family } = server.address() as AddressInfo
      const anyone = address === '0.0.0.0' || address === '::'
      const name = anyone ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
      resolve(`http://${name}:${bound}`)
    })
  })
}

/** What the pages read, asked of the reader. */
export function queriesOf(
  ask: ReturnType<typeof startReader>['ask'],
  now: () => number,
): DashboardDeps['queries'] {
  const there = async <T>(answer: Promise<T | undefined>): Promise<T> => {
    const value = await answer
    if (value === undefined) throw new Error('asked of a site that is not there')
    return value
  }
  return {
    sites: () => ask.sites(),
    overview: (site, asked) => there(ask.overview(site, asked)),
    // A visitor and a time each.
    present: async (site, since = now() - PRESENT_MS) => (await ask.present(site, since)).length / 2,
    leads: (query) => there(ask.leads(query)),
    stageCounts: (site) => there(ask.stageCounts(site)),
    shownLeads: (query) => there(ask.shownLeads(query)),
    lead: async (id) => {
      const found = await ask.lead(id)
      if (found) return found
      const merged = (await ask.contact(id))?.mergedInto
      return merged ? ask.lead(merged) : undefined
    },
    curve: (id) => ask.curve(id),
    timeline: async (id, limit, cursor, day) =>
      (await ask.timeline(id, limit, cursor, day)) ?? { items: [], next: null },
    dossier: async (id) => {
      const found = await ask.dossier(id)
      if (found) return found
      const merged = (await ask.contact(id))?.mergedInto
      return merged ? ask.dossier(merged) : undefined
    },
    companies: (site, limit, cursor) => there(ask.companies(site, limit, cursor)),
    paths: async (site, limit) =>
      (await there(ask.top(site, { to: now(), filters: {} }, 'page', limit))).items,
    refusals: async (site, from, to) => (await ask.refusals(site, from, to)) as RefusalsAnswer,
    company: (site, key) => ask.company(site, key),
    async reports(site, from, to) {
      const names = ['funnel', 'velocity', 'cohorts', 'sales', 'channels', 'content', 'rules'] as const
      const found = await Promise.all(
        names.map(async (name) => [name, await there(ask.report(name, site, from, to))]),
      )
      return Object.fromEntries(found)
    },
  }
}

/** Of whom a message is, as known now: who was merged answers as the survivor. */
function personOf(ask: ReturnType<typeof startReader>['ask']): (id: string) => Promise<Person | undefined> {
  return async (id) => {
    const lead = await ask.lead(id)
    if (lead) return lead
    const merged = (await ask.contact(id))?.mergedInto
    return merged ? ask.lead(merged) : undefined
  }
}

function salesOf(
  ask: ReturnType<typeof startReader>['ask'],
  perform: Perform,
  now: () => number,
): DashboardDeps['sales'] {
  const deps = { now, newId: randomUUID }
  const say =
    <B>(entry: (said: Said, body: B, how: typeof deps) => Entry) =>
    async (id: string, body: B, by: Pick<StaffMember, 'name' | 'site'>) => {
      const contact = await ask.contact(id)
      if (!contact || !sees(by, contact.site)) return { status: 404 as const, detail: 'no such lead' }
      const outcome = await perform(entry({ contact, by: by.name }, body, deps))
      if (outcome.status < 400) return undefined
      return { status: outcome.status as 404 | 409 | 422, detail: String(outcome.body.detail) }
    }
  return { decide: say(decisionEntry), note: say(noteEntry) }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { prepareDatabase } from '../../collector/engine/prepare-database.ts'
import { connect } from '../../collector/postgres-connection.ts'
import { randomFrom } from '../fault/random.ts'
import { type NatsServer, natsCluster } from '../support/nats.ts'
import { type CollectorProcess, serveBuilt } from '../support/process.ts'
import { BROWSER } from '../support/user-agent.ts'
import { receiver } from '../webhook/receiver.ts'
import { compare, type Sums } from './compare.ts'
import { type Arrived, compareDeliveries, type Deliveries } from './compare-deliveries.ts'
import { postgresServer } from './postgres-process.ts'

export interface ClusterResult extends Sums, Deliveries {
  log: 'postgres' | 'nats'
  /** Events, each sent until it was acknowledged. */
  sent: number
  /** Answers of 503, of which each was sent again. */
  unavailable: number
  faults: string[]
  /** The longest that a collector went without acknowledging anything after the fault was over, ms. */
  slowest: number
  /** Faults after which that was longer than it may be. */
  late: string[]
}

const KEY = 'lw_a-key-for-the-cluster-test'
const COLLECTORS = 4
const SENDERS = 12
const VISITORS = 400
/** Of a version after this one, beside which these collectors go on, and are started again. */
const NEXT = {
  sql: 'ALTER TABLE visitors ADD COLUMN shoe_size bigint; CREATE INDEX ON contacts (site, no)',
}
/** How far each one's clock is ahead, ms: five minutes before and behind the others. */
const CLOCKS_AHEAD_MS = [300_000, -300_000, 0, 0]
/** The webhook's receiver takes so long, ms: some are on their way whenever the leader is ended. */
const ANSWERED_AFTER_MS = 50
/** Between two beacons of a sender, ms: what is asked here is whether all comes to its place, not how fast. */
const PAUSE_MS = 60
/** Load between two faults, ms. */
const BETWEEN_MS = 2_500
/** How long a suspended collector stands still: longer than a lease, ms. */
const SUSPENDED_MS = 6_000
/** How long two of three servers of the log stay away, ms. */
const AWAY_MS = 3_000
/** After a fault each collector acknowledges again within this, ms. */
const BACK_MS = 5_000
/** Where the servers of the log must elect a leader, which waits for up to nine seconds, within this. */
const ELECTED_MS = 15_000
const DRAIN_MS = 60_000
const ANSWER_MS = 10_000

/** Starts all, loads, disturbs, waits until all is projected, and compares what was sent with what is there. */
export async function clusterRun({
  log,
  seed,
}: {
  log: 'postgres' | 'nats'
  seed: number
}): Promise<ClusterResult> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-cluster-'))
  const database = await postgresServer()
  const hook = await receiver()
  const arrived: Arrived[] = []
  hook.answer = (response, { id, headers }) => {
    arrived.push({ id, headers, at: Date.now() })
    setTimeout(() => response.writeHead(204).end(), ANSWERED_AFTER_MS)
  }
  const nats = log === 'nats' ? await natsCluster(3) : []
  /** `isAway`: a balancer has noticed that it does not answer. */
  const collectors: (CollectorProcess & { isAway: boolean })[] = []
  const faults: string[] = []
  const late: string[] = []
  let running = true
  let serial = 0
  let unavailable = 0
  const sent = new Set<number>()

  async function start(i: number): Promise<void> {
    const env = {
      LEADWAKE_DB: join(folder, `c${i}.db`),
      LEADWAKE_ADMIN_KEY: KEY,
      LEADWAKE_RATE: '0',
      LEADWAKE_WEBHOOK_ALLOW: '127.0.0.1',
      ...clockAhead(CLOCKS_AHEAD_MS[i]!),
      DATABASE_URL: database.url,
      ...(nats.length > 0 && {
        LEADWAKE_INTAKE_LOG: `${nats.map(({ url }) => url).join(',')}?replicas=3`,
      }),
    }
    collectors[i] = { ...(await serveBuilt(env)), isAway: false }
  }

  /** Sends until it is acknowledged, by whichever collector answers; as browsers and balancers do. */
  async function deliver(body: string, path: string, headers: Record<string, string>): Promise<void> {
    for (;;) {
      const some = collectors.filter(({ isAway }) => !isAway)
      const { origin } = some[Math.floor(random() * some.length)]!
      const answer = await post(origin + path, body, headers)
      if (answer === 503) unavailable++
      if (answer !== undefined && answer < 300) return
      if (answer !== undefined && answer !== 503) throw new Error(`${path} answered ${answer}`)
      await sleep(50)
    }
  }

  /** Which collector leads now. */
  async function leader(): Promise<number> {
    for (;;) {
      const texts = await Promise.all(
        collectors.map(async ({ origin }) => (await fetch(`${origin}/metrics`)).text()),
      )
      const i = texts.findIndex((text) => /^leadwake_leader 1$/m.test(text))
      if (i >= 0) return i
      await sleep(20)
    }
  }

  async function sender(): Promise<void> {
    while (running) {
      const n = ++serial
      const body = beacon(n)
      await deliver(body, '/v1/in', { 'user-agent': BROWSER })
      sent.add(n)
      if (n % 25 === 0) await deliver(identify(n), '/v1/identify', API)
      // Some come again, as from a browser that saw no answer.
      else if (n % 10 === 0) await deliver(body, '/v1/in', { 'user-agent': BROWSER })
      await sleep(PAUSE_MS)
    }
  }

  /** How long after `begin` each collector that runs needs to acknowledge something, at most, ms. */
  async function back(begin: number): Promise<number> {
    const waits = collectors.map(async ({ origin, child, output }) => {
      for (;;) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`a collector ended: ${output()}`)
        const n = ++serial
        const answer = await post(`${origin}/v1/in`, beacon(n), { 'user-agent': BROWSER })
        if (answer === 204) {
          sent.add(n)
          return performance.now() - begin
        }
        // Whoever got no answer sends it again.
        await deliver(beacon(n), '/v1/in', { 'user-agent': BROWSER })
        sent.add(n)
        await sleep(20)
      }
    })
    return Math.round(Math.max(...(await Promise.all(waits))))
  }

  let slowest = 0
  /** Does what is wrong, and measures from when it is right again. */
  async function fault(name: string, work: () => Promise<unknown>, within = BACK_MS): Promise<void> {
    await sleep(BETWEEN_MS)
    await work()
    const took = await back(performance.now())
    faults.push(`${name}: ${took} ms`)
    slowest = Math.max(slowest, took)
    if (took > within) late.push(name)
  }

  /** A collector that stands still, and is there: others have what it held, and it notices when it goes on. */
  async function suspended(i: number): Promise<void> {
    await sleep(BETWEEN_MS)
    const stopped = collectors[i]!
    stopped.isAway = true
    stopped.child.kill('SIGSTOP')
    const begin = performance.now()
    await goesOn(database.url)
    const took = Math.round(performance.now() - begin)
    faults.push(`others go on for a suspended collector: ${took} ms`)
    slowest = Math.max(slowest, took)
    if (took > BACK_MS) late.push('others go on for a suspended collector')
    await sleep(SUSPENDED_MS - took)
    stopped.child.kill('SIGCONT')
    stopped.isAway = false
    const again = await back(performance.now())
    faults.push(`suspended collector goes on: ${again} ms`)
    if (again > BACK_MS) late.push('suspended collector goes on')
  }

  try {
    await Promise.all(Array.from({ length: COLLECTORS }, (_, i) => start(i)))
    await addWebhook(collectors[0]!.origin, hook.url)
    const senders = Array.from({ length: SENDERS }, sender)
    for (const which of ['leading collector', 'collector']) {
      await fault(`${which} killed`, async () => {
        const i = ((await leader()) + (which === 'collector' ? 1 : 0)) % COLLECTORS
        collectors[i]!.child.kill('SIGKILL')
        await collectors[i]!.ended
        await start(i)
      })
    }
    await suspended(await leader())
    await fault('database restarted', () => database.restart())
    await fault('schema brought up to date by a newer version', () =>
      prepareDatabase(database.url, { partitions: 4, logHere: nats.length === 0, migrations: [NEXT] }),
    )
    await fault('leading collector stopped and started', async () => {
      const i = await leader()
      collectors[i]!.child.kill('SIGTERM')
      await collectors[i]!.ended
      await start(i)
    })
    if (nats.length > 0) {
      await fault('one of three NATS servers killed', () => nats[0]!.kill(), ELECTED_MS)
      await fault('two of three NATS servers away', () => away(nats), ELECTED_MS)
      await fault('database away while intake goes on', async () => {
        await database.kill()
        await takesOn(collectors, () => ++serial, sent)
        await database.start()
      })
    }
    await fault('database restarted again', () => database.restart())
    await sleep(BETWEEN_MS)
    running = false
    await Promise.all(senders)
    await projected(collectors)
    return {
      log,
      sent: sent.size,
      unavailable,
      faults,
      slowest,
      late,
      ...(await compare(database.url, sent)),
      ...(await compareDeliveries(database.url, arrived)),
    }
  } finally {
    running = false
    // One that did not start is none.
    for (const { child, ended } of collectors.filter(Boolean)) {
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      await ended
    }
    await hook.close()
    for (const server of nats) await server.remove()
    await database.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One is away already: another goes, and both come back. */
async function away([first, second]: NatsServer[]): Promise<void> {
  await second!.kill()
  await sleep(AWAY_MS)
  await Promise.all([first!.start(), second!.start()])
}

/** With the log elsewhere, a beacon is acknowledged while the database is away. */
async function takesOn(
  collectors: readonly CollectorProcess[],
  next: () => number,
  sent: Set<number>,
): Promise<void> {
  for (const { origin } of collectors) {
    const n = next()
    const answer = await post(`${origin}/v1/in`, beacon(n), { 'user-agent': BROWSER })
    if (answer !== 204) throw new Error(`without the database a beacon is answered ${answer}`)
    sent.add(n)
  }
}

async function projected(collectors: readonly CollectorProcess[]): Promise<void> {
  const until = performance.now() + DRAIN_MS
  for (;;) {
    const lags = await Promise.all(
      collectors.map(async ({ origin }) => {
        const answer = await fetch(`${origin}/readyz`)
        return (await answer.json()) as { lag: number; stalled?: string }
      }),
    )
    if (lags.every(({ lag }) => lag === 0)) return
    if (performance.now() > until) throw new Error(`not projected: ${JSON.stringify(lags)}`)
    await sleep(50)
  }
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<number | undefined> {
  try {
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_MS) })
    await answer.arrayBuffer()
    return answer.status
  } catch {
    return undefined
  }
}

const API = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
const visitorOf = (n: number) => `v${n % VISITORS}`

/** Days of visits, so that none has all of a visitor's views. */
const START = Date.now() - 6 * 86_400_000
const BETWEEN_VIEWS_MS = 5_000

/** A page view whose path bears the number; sent again it is the same. */
function beacon(n: number): string {
  const at = START + n * BETWEEN_VIEWS_MS
  const id = `${at}`.padStart(13, '0') + `${n}`.padStart(9, '0')
  return JSON.stringify({ s: 'main', v: visitorOf(n), t: Date.now(), e: [['p', id, at, `/page/${n}`]] })
}

function identify(n: number): string {
  const visitor = visitorOf(n)
  return JSON.stringify({
    site: 'main',
    visitor,
    email: `${visitor}@acme.org`,
    consent: true,
    signal: { name: 'demo_requested', id: `form-${n}` },
  })
}

const clockAhead = (ms: number): Record<string, string> =>
  ms === 0
    ? {}
    : {
        NODE_OPTIONS: `--import ${new URL('skewed-clock.js', import.meta.url).href}`,
        CLOCK_AHEAD_MS: String(ms),
      }

async function addWebhook(origin: string, url: string): Promise<void> {
  const body = JSON.stringify({ url, events: ['*'] })
  const answer = await fetch(`${origin}/v1/webhooks`, { method: 'POST', headers: API, body })
  if (answer.status !== 201) throw new Error(`no webhook was made: ${await answer.text()}`)
}

/** Until its batch under way is certainly over, ms. */
const STANDS_STILL_MS = 1_000

/** Resolves when all partitions have moved on from where a suspended projector left them. */
async function goesOn(url: string): Promise<void> {
  const sql = connect(url, { max: 1 })
  const least = async () => (await sql<{ seq: number }[]>`SELECT min(seq) AS seq FROM watermarks`)[0]!.seq
  await sleep(STANDS_STILL_MS)
  const before = await least()
  while ((await least()) === before) await sleep(20)
  await sql.end()
}

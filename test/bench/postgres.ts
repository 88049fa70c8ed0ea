/**
 * A year of a site in PostgreSQL beside the same year in SQLite: what projecting an event costs of both sides of the
 * connection, and how long answers take. `EVENTS=1000000 VISITORS=10000` for a larger one.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import postgres from 'postgres'
import type { EntryBody } from '../../collector/entry.ts'
import { createProjector } from '../../collector/project.ts'
import { type Answers, answers } from '../../collector/read.ts'
import { postgresReader } from '../../collector/store/postgres/read.ts'
import { createPostgresState, postgresStore } from '../../collector/store/postgres/store.ts'
import { migrateState, openState } from '../../collector/store/sqlite/open.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import type { StateStore } from '../../collector/store/store.ts'
import { feeding } from '../support/feeding.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { people } from './stats.ts'
import { pathNumber, YEAR_DAYS, YEAR_START, year } from './year.ts'

const EVENTS = Number(process.env.EVENTS ?? 200_000)
const VISITORS = Number(process.env.VISITORS ?? Math.ceil(EVENTS / 100))
const BATCH = 4_096
const DAY_MS = 86_400_000
const ASKED = 40
/** Of a clock tick of `/proc`, s. */
const TICK_S = 0.01

/** CPU that a process and those that it has started took, s. */
function cpuOf(pid: number): number {
  let ticks = 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
      const isOurs = Number(name) === pid
      if (!isOurs && Number(fields[1]) !== pid) continue
      ticks += Number(fields[11]) + Number(fields[12])
      // Of the connections that have ended.
      if (isOurs) ticks += Number(fields[13]) + Number(fields[14])
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks * TICK_S
}

const ownCpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Projects the year; returns events a second of CPU, by `cpu`, and of the clock. */
async function made(store: StateStore, cpu: () => number): Promise<{ perCore: number; byClock: number }> {
  const projector = await createProjector(store, 'log-1')
  const project = await feeding(projector)
  let spent = 0
  let clock = 0
  let events = 0
  // As from a backlog: days of a small site are put together.
  let waiting: { at: number; bodies: EntryBody[] }[] = []
  const flush = async () => {
    const before = { cpu: cpu(), clock: performance.now() }
    const bodies = waiting.flatMap((part) => part.bodies)
    for (let i = 0; i < bodies.length; i += BATCH)
      await project(waiting.at(-1)!.at, bodies.slice(i, i + BATCH))
    spent += cpu() - before.cpu
    clock += (performance.now() - before.clock) / 1e3
    waiting = []
  }
  for (const { day, entries } of year(EVENTS, VISITORS)) {
    const end = YEAR_START + (day + 1) * DAY_MS - 1
    waiting.push({ at: end, bodies: [...entries, ...people(day, VISITORS)] })
    events += entries.length
    if (waiting.reduce((sum, { bodies }) => sum + bodies.length, 0) >= BATCH || day === YEAR_DAYS - 1)
      await flush()
    if (process.env.VERBOSE && day % 30 === 0)
      console.error(`day ${day}, ${events} events, ${Math.round(events / spent)} a second of CPU`)
  }
  return { perCore: Math.round(events / spent), byClock: Math.round(events / clock) }
}

function p95(ask: (n: number) => unknown): number {
  ask(0)
  const times = Array.from({ length: ASKED }, (_, n) => {
    const began = performance.now()
    ask(n)
    return performance.now() - began
  })
  return Math.round(times.sort((a, b) => a - b)[Math.ceil(ASKED * 0.95) - 1]! * 100) / 100
}

function asked(answer: Answers, now: number): Record<string, number> {
  const day = Math.floor(now / DAY_MS)
  const span = (days: number, n: number, filters = {}) => ({
    from: { day: day - (n % 5) - days + 1 },
    to: { day: day - (n % 5) },
    filters,
  })
  return {
    stats30Days: p95((n) => answer.stats('main', undefined, now - n * DAY_MS)),
    statsYear: p95((n) => answer.stats('main', YEAR_START, now - (n % 5) * DAY_MS)),
    statsPage: p95((n) => answer.slice('main', YEAR_START, now, { page: pathNumber(n) })),
    overview28Days: p95((n) => answer.overview('main', { ...span(28, n), compare: 'previous' })),
    overviewYear: p95((n) => answer.overview('main', span(360, n))),
    filtered30Days: p95((n) => answer.numbers('main', span(30, n, { device: 'mobile' }))),
    filteredYear: p95((n) => answer.numbers('main', span(365, n, { device: 'mobile' }))),
    filteredPageYear: p95((n) =>
      answer.numbers('main', span(365, n, { page: pathNumber(n), source: 'direct' })),
    ),
    topYear: p95((n) => answer.top('main', span(365, n), 'page', 50)),
    leads: p95((n) => answer.leads({ site: 'main', limit: 50, sort: n % 2 ? '-engagement' : 'lastSeenAt' })),
    shownLeads: p95(() => answer.shownLeads({ site: 'main', limit: 50 })),
    leadsOfPage: p95((n) => answer.leads({ site: 'main', limit: 50, page: pathNumber(n) })),
    lead: p95((n) => {
      const { items } = answer.leads({ site: 'main', limit: 40 })!
      answer.lead(items[n % items.length]!.id)
    }),
  }
}

async function ready(url: string): Promise<void> {
  for (;;) {
    const sql = postgres(url, { max: 1 })
    try {
      await sql`SELECT 1`
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      await sql.end()
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'leadwake-year-'))
const server = await startPostgres(['shared_buffers=512MB', 'max_wal_size=4GB'])
const url = `postgres://leadwake@127.0.0.1:${server.port}/postgres`
try {
  const { pid } = await server.started
  await ready(url)
  const now = YEAR_START + YEAR_DAYS * DAY_MS - 1
  const db = openState(join(folder, 'year.db'), true)
  migrateState(db)
  const sqlite = await made(sqliteStore(db), ownCpu)
  await createPostgresState(url)
  const store = postgresStore(url)
  const shared = await made(store, () => ownCpu() + cpuOf(pid!))
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql`VACUUM ANALYZE`
  const [size] = await sql<{ bytes: string }[]>`SELECT pg_database_size(current_database()) AS bytes`
  await sql.end()
  await store.close()
  const reader = postgresReader(url, { thread: new URL('../../collector/query-thread.ts', import.meta.url) })
  const [one, other] = [sqliteReader(db), reader.state].map((state) => answers({ state, now: () => now }))
  const within = new Proxy(other!, {
    get:
      (_, name: keyof Answers) =>
      (...args: unknown[]) =>
        reader.within(() => (other![name] as (...args: unknown[]) => unknown)(...args)),
  })
  const figures = {
    events: EVENTS,
    sqlite,
    postgres: shared,
    ratioPerCore: Math.round((shared.perCore / sqlite.perCore) * 100) / 100,
    bytesPerEvent: Math.round(Number(size!.bytes) / EVENTS),
    sqliteP95Ms: asked(one!, now),
    postgresP95Ms: asked(within, now),
  }
  reader.close()
  db.close()
  console.log(figures)
  console.log(JSON.stringify(figures))
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}

/**
 * What an event costs on each store, acknowledged and projected: one collector on SQLite, one on PostgreSQL, and two on
 * the same PostgreSQL. CPU is that of the collectors and of the database's processes together; a figure a core is events
 * by its seconds, which holds on machines where the load, the collectors and the database share two cores. The last line
 * is JSON.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initialise, run } from '../support/postgres-server.ts'
import { type CollectorProcess, cpuOf, drained, freePort, serveBuilt } from '../support/process.ts'
import { load } from './load.ts'
import { treeCpu } from './tree-cpu.ts'

const SECONDS = Number(process.env.SECONDS ?? 10)
const ROUNDS = Number(process.env.ROUNDS ?? 3)
const KEY = 'lw_a-key-for-the-bench-only'
/** As a database that is meant to keep what it says it has. */
const SETTINGS = ['max_connections=100', 'shared_buffers=256MB', 'max_wal_size=4GB']

interface Run {
  /** Acknowledged, a second. */
  rate: number
  p99: number
  /** Until all was projected, s, from the first beacon. */
  seconds: number
  /** CPU an event, us: of the collectors, and of the database. */
  collectorUs: number
  databaseUs: number
  perCore: number
}

const folder = mkdtempSync(join(tmpdir(), 'leadwake-stores-'))
const port = await freePort()
await initialise(folder)
const postgres = run(folder, port, SETTINGS)
const env = { LEADWAKE_ADMIN_KEY: KEY, LEADWAKE_RATE: '0' }
const shared = { ...env, DATABASE_URL: `postgres://leadwake@127.0.0.1:${port}/postgres` }
const running: CollectorProcess[] = []

const collectorCpu = (collectors: readonly CollectorProcess[]) =>
  collectors.reduce((sum, { pid }) => sum + cpuOf(pid).all, 0)

async function measured(collectors: readonly CollectorProcess[], database?: ChildProcess): Promise<Run> {
  const [cpu, engine] = [collectorCpu(collectors), database ? treeCpu(database.pid!) : 0]
  const began = performance.now()
  const loads = await Promise.all(
    collectors.map(({ origin }) => load(origin, SECONDS, 'main', 64 / collectors.length)),
  )
  await Promise.all(collectors.map(({ origin }) => drained(origin)))
  const events = loads.reduce((sum, { total }) => sum + total, 0)
  const collectorUs = (collectorCpu(collectors) - cpu) / events
  const databaseUs = database ? (treeCpu(database.pid!) - engine) / events : 0
  return {
    rate: loads.reduce((sum, { rate }) => sum + rate, 0),
    p99: Math.max(...loads.map(({ p99 }) => p99)),
    seconds: (performance.now() - began) / 1_000,
    collectorUs,
    databaseUs,
    perCore: 1e6 / (collectorUs + databaseUs),
  }
}

const serve = async (env: Record<string, string>): Promise<CollectorProcess> => {
  const collector = await serveBuilt(env)
  running.push(collector)
  return collector
}

/** The run of median cost. */
const median = (runs: Run[]): Run => runs.toSorted((a, b) => a.perCore - b.perCore)[runs.length >> 1]!

try {
  const sqlite = await serve({ ...env, LEADWAKE_DB: join(folder, 'x.db') })
  const one = await serve(shared)
  const runs: Record<'sqlite' | 'postgres' | 'two', Run[]> = { sqlite: [], postgres: [], two: [] }
  await Promise.all([sqlite, one].map(({ origin }) => load(origin, 2)))
  await Promise.all([sqlite, one].map(({ origin }) => drained(origin)))
  for (let round = 0; round < ROUNDS; round++) {
    runs.sqlite.push(await measured([sqlite]))
    runs.postgres.push(await measured([one], postgres))
  }
  const two = [one, await serve(shared)]
  for (let round = 0; round < ROUNDS; round++) runs.two.push(await measured(two, postgres))
  const figures = {
    sqlite: median(runs.sqlite),
    postgres: median(runs.postgres),
    two: median(runs.two),
  }
  console.table(
    Object.fromEntries(
      Object.entries(figures).map(([name, run]) => [
        name,
        Object.fromEntries(Object.entries(run).map(([key, n]) => [key, Math.round(n * 10) / 10])),
      ]),
    ),
  )
  const toSqlite = figures.postgres.perCore / figures.sqlite.perCore
  const twoToOne = figures.two.rate / figures.postgres.rate
  console.log(
    `a core, PostgreSQL to SQLite: ${toSqlite.toFixed(2)}; two collectors to one: ${twoToOne.toFixed(2)}`,
  )
  console.log(JSON.stringify({ ...figures, toSqlite, twoToOne }))
} finally {
  for (const { child, ended } of running) {
    child.kill('SIGTERM')
    await ended
  }
  postgres.kill('SIGINT')
  rmSync(folder, { recursive: true, force: true })
}

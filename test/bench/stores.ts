/**
 * What an event costs on each store, acknowledged and projected: one collector on SQLite, one on PostgreSQL, and two on
 * the same PostgreSQL. CPU is that of the collectors and of the database's processes together; a figure a core is events
 * by its seconds, which holds on machines where the load, the collectors and the database share two cores. There two collectors
 * take no more than one: what a second one brings that has a core of its own, and what is full then, is told by what an
 * event costs each of two, and one that takes as many as each of them did. The last line is JSON.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { initialise, run } from '../support/postgres-server.ts'
import { type CollectorProcess, cpuOf, drained, freePort, serveBuilt } from '../support/process.ts'
import { load } from './load.ts'
import { treeCpu } from './tree-cpu.ts'

const SECONDS = Number(process.env.SECONDS ?? 10)
const WARM_SECONDS = 4
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
  /** Events a second: of a core that collectors and database share, of one of the collectors', and of one of the database's. */
  perCore: number
  perCollectorCore: number
  perDatabaseCore: number
  /** Of the cores of this machine, what collectors and database took; the load took of the rest. */
  collectorShare: number
  databaseShare: number
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

/** `rate`: events a second that each is sent; as many as it takes where left out. */
async function measured(
  collectors: readonly CollectorProcess[],
  database?: ChildProcess,
  rate?: number,
): Promise<Run> {
  const [cpu, engine] = [collectorCpu(collectors), database ? treeCpu(database.pid!) : 0]
  const began = performance.now()
  const loads = await Promise.all(
    collectors.map(({ origin }) =>
      load(origin, SECONDS, 'main', rate === undefined ? 64 / collectors.length : 32, undefined, 1, rate),
    ),
  )
  await Promise.all(collectors.map(({ origin }) => drained(origin)))
  const events = loads.reduce((sum, { total }) => sum + total, 0)
  const collectorUs = (collectorCpu(collectors) - cpu) / events
  const databaseUs = database ? (treeCpu(database.pid!) - engine) / events : 0
  const seconds = (performance.now() - began) / 1_000
  const shareOf = (us: number) => (us * events) / (seconds * 1e6 * availableParallelism())
  return {
    rate: loads.reduce((sum, { rate }) => sum + rate, 0),
    p99: Math.max(...loads.map(({ p99 }) => p99)),
    seconds,
    collectorUs,
    databaseUs,
    perCore: 1e6 / (collectorUs + databaseUs),
    perCollectorCore: 1e6 / collectorUs,
    perDatabaseCore: 1e6 / databaseUs,
    collectorShare: shareOf(collectorUs),
    databaseShare: shareOf(databaseUs),
  }
}

const serve = async (env: Record<string, string>): Promise<CollectorProcess> => {
  const collector = await serveBuilt(env)
  running.push(collector)
  return collector
}

/** What runs for the first time is compiled, which is no event's cost. */
async function warm(collectors: readonly CollectorProcess[]): Promise<void> {
  await Promise.all(collectors.map(({ origin }) => load(origin, WARM_SECONDS)))
  await Promise.all(collectors.map(({ origin }) => drained(origin)))
}

/** The run of median cost. */
const median = (runs: Run[]): Run => runs.toSorted((a, b) => a.perCore - b.perCore)[runs.length >> 1]!

try {
  const sqlite = await serve({ ...env, LEADWAKE_DB: join(folder, 'x.db') })
  const one = await serve(shared)
  const runs: Record<'sqlite' | 'postgres' | 'two' | 'half', Run[]> = {
    sqlite: [],
    postgres: [],
    two: [],
    half: [],
  }
  await warm([sqlite, one])
  for (let round = 0; round < ROUNDS; round++) {
    runs.sqlite.push(await measured([sqlite]))
    runs.postgres.push(await measured([one], postgres))
  }
  const two = [one, await serve(shared)]
  await warm(two)
  for (let round = 0; round < ROUNDS; round++) runs.two.push(await measured(two, postgres))
  const each = median(runs.two).rate / 2
  two[1]!.child.kill('SIGTERM')
  await two[1]!.ended
  // Until it projects the other's partitions, too.
  await warm([one])
  for (let round = 0; round < ROUNDS; round++) runs.half.push(await measured([one], postgres, each))
  const figures = {
    sqlite: median(runs.sqlite),
    postgres: median(runs.postgres),
    two: median(runs.two),
    half: median(runs.half),
  }
  console.table(
    Object.fromEntries(
      Object.entries(figures).map(([name, run]) => [
        name,
        Object.fromEntries(Object.entries(run).map(([key, n]) => [key, Math.round(n * 100) / 100])),
      ]),
    ),
  )
  const { sqlite: ofSqlite, postgres: alone, two: both, half } = figures
  const toSqlite = alone.perCore / ofSqlite.perCore
  /** On this machine, and where each has a core of its own. */
  const twoToOne = both.rate / alone.rate
  const twoToOneByCpu = (2 * half.collectorUs) / both.collectorUs
  const whole = (n: number) => Math.round(n).toLocaleString('en')
  const percent = (share: number) => `${Math.round(share * 100)} %`
  console.log(`a core, PostgreSQL to SQLite: ${toSqlite.toFixed(2)}`)
  console.log(
    `two collectors to one, with a core each: ${twoToOneByCpu.toFixed(2)} (an event takes ${whole(both.collectorUs)} us of theirs, ${whole(half.collectorUs)} of one that is sent as many as each), until the database is full: ${whole(both.perDatabaseCore)} events/s of each of its cores`,
  )
  console.log(
    `on this machine's ${availableParallelism()} cores: ${twoToOne.toFixed(2)}; of them the collectors took ${percent(both.collectorShare)}, the database ${percent(both.databaseShare)}, the load and others the rest`,
  )
  console.log(JSON.stringify({ ...figures, toSqlite, twoToOne, twoToOneByCpu }))
} finally {
  for (const { child, ended } of running) {
    child.kill('SIGTERM')
    await ended
  }
  postgres.kill('SIGINT')
  rmSync(folder, { recursive: true, force: true })
}

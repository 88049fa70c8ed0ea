/**
 * How fast a collector catches up with what it took while nothing could be projected, against what it takes in while all is
 * well: on PostgreSQL, and with the log in NATS where a `nats-server` is installed. For the outage this holds the
 * watermarks' table locked: beacons are acknowledged, and no transaction of a projector ends. `SECONDS=10` of each;
 * `ROUNDS=3`, of which the median counts; `ONLY=nats`. The last line is JSON.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { connect } from '../../collector/postgres-connection.ts'
import { natsServer, natsVersion } from '../support/nats.ts'
import { initialise, isReady, run } from '../support/postgres-server.ts'
import { type CollectorProcess, cpuOf, drained, freePort, serveBuilt } from '../support/process.ts'
import { load } from './load.ts'
import { treeCpu } from './tree-cpu.ts'

const SECONDS = Number(process.env.SECONDS ?? 10)
const ROUNDS = Number(process.env.ROUNDS ?? 3)
const ONLY = process.env.ONLY
const KEY = 'lw_a-key-for-the-bench-only'
const SETTINGS = ['max_connections=100', 'shared_buffers=256MB', 'max_wal_size=4GB']

interface Round {
  /** Acknowledged a second while they are projected, and while they are not. */
  intake: number
  intakeInOutage: number
  entries: number
  /** Projected a second from the end of the outage on. */
  catchUp: number
  toIntake: number
  /** CPU of the collector and of the database for an entry that is caught up with, us. */
  collectorUs: number
  databaseUs: number
}

const folder = mkdtempSync(join(tmpdir(), 'leadwake-catch-up-'))
const port = await freePort()
await initialise(folder)
const postgres = run(folder, port, SETTINGS)
const server = `postgres://leadwake@127.0.0.1:${port}`
const nats = natsVersion ? await natsServer() : undefined
const figures: Record<string, Round> = {}
try {
  await isReady(`${server}/postgres`)
  if (ONLY !== 'nats') figures.postgres = await measured('own', {})
  if (nats && ONLY !== 'postgres')
    figures.nats = await measured('streamed', { LEADWAKE_INTAKE_LOG: nats.url })
  console.table(figures)
  console.log(JSON.stringify(figures))
} finally {
  postgres.kill('SIGINT')
  await nats?.remove()
  rmSync(folder, { recursive: true, force: true })
}

async function measured(name: string, env: Record<string, string>): Promise<Round> {
  const admin = connect(`${server}/postgres`, { max: 1 })
  await admin.unsafe(`CREATE DATABASE ${name}`)
  await admin.end()
  const url = `${server}/${name}`
  const collector = await serveBuilt({
    LEADWAKE_ADMIN_KEY: KEY,
    LEADWAKE_RATE: '0',
    DATABASE_URL: url,
    LEADWAKE_DB: join(folder, name, 'x.db'),
    ...env,
  })
  try {
    await load(collector.origin, 3)
    await drained(collector.origin)
    const rounds: Round[] = []
    for (let n = 0; n < ROUNDS; n++) rounds.push(await outage(collector, url, postgres))
    return rounds.toSorted((a, b) => a.toIntake - b.toIntake)[ROUNDS >> 1]!
  } finally {
    collector.child.kill('SIGTERM')
    await collector.ended
  }
}

async function outage(
  { origin, pid }: CollectorProcess,
  url: string,
  database: ChildProcess,
): Promise<Round> {
  const well = await load(origin, SECONDS)
  await drained(origin)
  const sql = connect(url, { max: 1 })
  const ending = Promise.withResolvers<void>()
  const locked = Promise.withResolvers<void>()
  const over = sql.begin(async (sql) => {
    await sql`LOCK TABLE watermarks IN SHARE MODE`
    locked.resolve()
    await ending.promise
  })
  await locked.promise
  const lost = await load(origin, SECONDS)
  const cpu = { collector: cpuOf(pid).all, database: treeCpu(database.pid!) }
  const began = performance.now()
  ending.resolve()
  await over
  await drained(origin)
  const seconds = (performance.now() - began) / 1e3
  await sql.end()
  const us = (now: number, before: number) => round((now - before) / lost.total)
  return {
    intake: Math.round(well.rate),
    intakeInOutage: Math.round(lost.rate),
    entries: lost.total,
    catchUp: Math.round(lost.total / seconds),
    toIntake: round(lost.total / seconds / well.rate),
    collectorUs: us(cpuOf(pid).all, cpu.collector),
    databaseUs: us(treeCpu(database.pid!), cpu.database),
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

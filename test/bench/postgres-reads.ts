/**
 * What each reading call of the API takes of a year in PostgreSQL, which is made in SQLite as `stats.ts` makes it and moved as
 * `leadwake migrate` moves it. p95, ms: by the clock, and of the CPU of both sides of the connection, which is what tells while the machine
 * has other work, too. `EVENTS=1000000 VISITORS=10000 LEADS=10000` for a smaller one; `BENCH_FOLDER=FOLDER` keeps both, and what is
 * there already is not made again; `ONLY=leads` asks what has this in its name. The last line is JSON.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { filesOrigin } from '../../collector/engine/move/files.ts'
import { move } from '../../collector/engine/move/move.ts'
import { postgresDestination } from '../../collector/engine/move/postgres.ts'
import { filesOf } from '../../collector/files.ts'
import { createLogFile } from '../../collector/log/sqlite.ts'
import { sqliteTaker } from '../../collector/log/sqlite-take.ts'
import { connect } from '../../collector/postgres-connection.ts'
import { type Answers, answers } from '../../collector/read.ts'
import { postgresReader } from '../../collector/store/postgres/read.ts'
import { openForReading } from '../../collector/store/sqlite/open.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import { LEAD_SORTS, STAGES } from '../../shared/lead.ts'
import { initialise, isReady, run } from '../support/postgres-server.ts'
import { freePort } from '../support/process.ts'
import { askEach, type Call, NOW, ownCpu } from './reads.ts'
import { makeYear } from './stats.ts'

/** A node of 16 GB would have more; the whole of the year does not fit into this. */
const SETTINGS = ['max_connections=50', 'shared_buffers=1GB', 'effective_cache_size=4GB', 'max_wal_size=4GB']
const ONLY = process.env.ONLY ?? ''

/** Every order of the list, up and down, of each stage, and from the middle on: beside what reads.ts asks. */
const LISTS: Call[] = LEAD_SORTS.flatMap((sort) => [
  [`/v1/leads, ${sort}`, (n) => `/v1/leads?site=main&limit=50&sort=${n % 2 ? '-' : ''}${sort}`],
  ...STAGES.slice(1).map(
    (stage): Call => [
      `/v1/leads, ${sort}, ${stage}`,
      (n) => `/v1/leads?site=main&limit=50&sort=${n % 2 ? '-' : ''}${sort}&stage=${stage}`,
    ],
  ),
])

const folder = process.env.BENCH_FOLDER ?? mkdtempSync(join(tmpdir(), 'leadwake-year-'))
const isThere = existsSync(join(folder, 'data'))
if (!isThere) await initialise(folder)
const port = await freePort()
const server = run(folder, port, SETTINGS)
const url = `postgres://leadwake@127.0.0.1:${port}/postgres`
try {
  await isReady(url)
  const moved = isThere ? undefined : await filled()
  const sql = connect(url, { max: 1 })
  const [size] = await sql<{ bytes: number; events: number }[]>`
    SELECT pg_database_size(current_database())::bigint AS bytes, (SELECT count(*) FROM events) AS events`
  const reader = postgresReader(url, { thread: new URL('../../collector/query-thread.ts', import.meta.url) })
  const state = answers({ state: reader.state, now: () => NOW })
  const answer = new Proxy(state, {
    get:
      (_, name: keyof Answers) =>
      (...args: unknown[]) =>
        reader.within(() => (state[name] as (...args: unknown[]) => unknown)(...args)),
  })
  // So that its connection is there.
  answer.sites()
  const [backend] = await sql<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`
  await sql.end()
  const figures: Record<string, { ms: number; collectorMs: number; databaseMs: number }> = {}
  await askEach(answer, {
    began: () => {
      const [at, client, engine] = [performance.now(), ownCpu(), cpuMs(backend!.pid)]
      return () => [performance.now() - at, ...client(), cpuMs(backend!.pid) - engine]
    },
    tell(what, [ms, collectorMs, databaseMs]) {
      figures[what] = { ms: ms!, collectorMs: collectorMs!, databaseMs: databaseMs! }
      const row = [what.padEnd(52), ms, collectorMs, databaseMs]
        .map((one) => String(one).padStart(9))
        .join('')
      console.log(`${row}${collectorMs! + databaseMs! > 50 ? '  <' : ''}`)
    },
    more: LISTS,
    isAsked: (what) => what.includes(ONLY),
  })
  reader.close()
  console.log(
    JSON.stringify({
      events: size!.events,
      bytesPerEvent: Math.round(size!.bytes / size!.events),
      moved,
      readsP95: figures,
    }),
  )
} finally {
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGINT')
  await ended
  if (!process.env.BENCH_FOLDER) rmSync(folder, { recursive: true, force: true })
}

/** The year in SQLite, and what moving it took. */
async function filled(): Promise<{ seconds: number; copyMs: number }> {
  const files = filesOf(join(folder, 'year.db'))
  if (!existsSync(files.state)) await makeYear(files.state)
  if (!existsSync(files.log)) {
    const state = openForReading(files.state)
    const { seq } = (await sqliteStore(state).watermark()) as { seq: number }
    state.close()
    createLogFile(files.log, 'log-1')
    await sqliteTaker(files.log, seq).close()
  }
  const origin = filesOrigin(files.state)
  const destination = postgresDestination(url, { isForced: false, partitions: 4, scripts: files.scripts })
  const began = performance.now()
  const { copyMs, events } = await move({
    origin,
    destination,
    now: Date.now,
    waitMs: 0,
    say: (line) => console.error(line),
    copied: (done, of) => {
      if (process.env.VERBOSE && done % 200_000 < 2_000) console.error(`${done} of ${of}`)
    },
  })
  await destination.close()
  await origin.close()
  const seconds = Math.round((performance.now() - began) / 1e3)
  console.log(`${events} events moved in ${seconds} s, ${Math.round(copyMs / 1e3)} s of them the copy`)
  return { seconds, copyMs: Math.round(copyMs) }
}

/** What a process has had of the processors, ms. */
function cpuMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

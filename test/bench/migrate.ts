/**
 * How long a site's year takes to move from SQLite to PostgreSQL and back: copied, read again and compared, row by row.
 * `EVENTS=1000000 VISITORS=10000` for a larger one. The last line is JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Destination, Origin } from '../../collector/engine/move/ends.ts'
import { filesDestination, filesOrigin } from '../../collector/engine/move/files.ts'
import { type Moved, move } from '../../collector/engine/move/move.ts'
import { postgresDestination, postgresOrigin } from '../../collector/engine/move/postgres.ts'
import { filesOf } from '../../collector/files.ts'
import { createLogFile } from '../../collector/log/sqlite.ts'
import { sqliteTaker } from '../../collector/log/sqlite-take.ts'
import { openForReading } from '../../collector/store/sqlite/open.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import { isReady, startPostgres } from '../support/postgres-server.ts'
import { makeYear } from './stats.ts'

const folder = mkdtempSync(join(tmpdir(), 'leadwake-migrate-'))
const postgres = await startPostgres(['shared_buffers=256MB', 'max_wal_size=4GB'])
try {
  await postgres.started
  const url = `postgres://leadwake@127.0.0.1:${postgres.port}/postgres`
  await isReady(url)
  const files = filesOf(join(folder, 'year.db'))
  await makeYear(files.state)
  const state = openForReading(files.state)
  const { seq } = (await sqliteStore(state).watermark()) as { seq: number }
  state.close()
  createLogFile(files.log, 'log-1')
  await sqliteTaker(files.log, seq).close()

  const scripts = join(folder, 'scripts')
  const there = await timed(
    filesOrigin(files.state),
    postgresDestination(url, { isForced: false, partitions: 4, scripts }),
  )
  const back = await timed(
    await postgresOrigin(url, { scripts }),
    filesDestination(join(folder, 'back.db'), { isForced: false }),
  )
  for (const [name, one] of Object.entries({ 'to PostgreSQL': there, 'to SQLite': back }))
    console.log(
      `${name.padEnd(14)} ${one.events} events in ${one.seconds.toFixed(1)} s: ${one.copiedPerSecond} copied a second, ${one.movedPerSecond} with the comparison; RSS ${one.rssMiB} MiB`,
    )
  console.log(JSON.stringify({ there, back }))
} finally {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function timed(origin: Origin, destination: Destination) {
  const began = performance.now()
  const moved: Moved = await move({
    origin,
    destination,
    now: Date.now,
    waitMs: 0,
    say: () => {},
    copied: () => {},
  })
  const seconds = (performance.now() - began) / 1_000
  await destination.close()
  await origin.close()
  const { events, copyMs } = moved
  return {
    events,
    leads: moved.leads,
    seconds,
    copiedPerSecond: Math.round(events / (copyMs / 1_000)),
    movedPerSecond: Math.round(events / seconds),
    rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  }
}

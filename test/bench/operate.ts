/**
 * What an operator waits for: the acknowledgement while a backup is made, the first answer after a kill -9 with entries
 * that are not projected, and the transactions of a retention. `EVENTS` (1 million) are stored, `PENDING` (100,000) wait;
 * the last line is JSON.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ENTRY_VERSION, type Entry } from '../../collector/entry.ts'
import { openSqliteLog } from '../../collector/log/sqlite.ts'
import { drained, run, serveBuilt } from '../support/process.ts'
import { beaconEntry } from '../support/projection.ts'
import { traffic } from '../support/traffic.ts'
import { retentionFigures } from './retain.ts'

const EVENTS = Number(process.env.EVENTS ?? 1_000_000)
const PENDING = Number(process.env.PENDING ?? 100_000)
/** Of a visitor, so that there are as many visitors as a site has. */
const EVENTS_AN_ENTRY = 20
const AT_ONCE = 1_000
const CONNECTIONS = 4
const PAUSE_MS = 5
const QUIET_SECONDS = 5

const folder = mkdtempSync(join(tmpdir(), 'leadwake-operate-'))
const env = { LEADWAKE_DB: join(folder, 'x.db'), LEADWAKE_RATE: '0' }
let serial = 0

const entryOf = (events: number): Entry => {
  const visitor = randomUUID()
  const views = Array.from({ length: events }, () => {
    const at = Date.now() - 86_400_000 + ++serial
    return { kind: 'page' as const, id: { ms: at, key: serial }, at, path: `/page/${serial % 500}` }
  })
  return { v: ENTRY_VERSION, ...beaconEntry(visitor, views) } as Entry
}

/** Puts entries into the log of a collector that does not run. */
async function fill(entries: number, events: number): Promise<void> {
  const log = openSqliteLog(join(folder, 'x.intake.db'), {
    now: Date.now,
    committed: () => {},
    limit: 2 ** 40,
  })
  for (let done = 0; done < entries; done += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, entries - done) }, () => log.append(entryOf(events))),
    )
  await log.close()
}

async function stopped(collector: Awaited<ReturnType<typeof serveBuilt>>, signal: NodeJS.Signals) {
  collector.child.kill(signal)
  await collector.ended
}

const percentile = (times: number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)]!

try {
  await stopped(await serveBuilt(env), 'SIGTERM')
  await fill(EVENTS / EVENTS_AN_ENTRY, EVENTS_AN_ENTRY)
  let collector = await serveBuilt(env)
  await drained(collector.origin)

  const quiet = traffic(collector.origin, CONNECTIONS, { pauseMs: PAUSE_MS })
  await new Promise((resolve) => setTimeout(resolve, QUIET_SECONDS * 1_000))
  await quiet.stop()
  const busy = traffic(collector.origin, CONNECTIONS, { pauseMs: PAUSE_MS })
  const began = performance.now()
  const backup = run(['backup', join(folder, 'backup')], env)
  const code = await backup.ended
  const seconds = (performance.now() - began) / 1_000
  await busy.stop()
  if (code !== 0) throw new Error(backup.output())
  const [before, during] = [percentile(quiet.times, 0.99), percentile(busy.times, 0.99)]

  await drained(collector.origin)
  await stopped(collector, 'SIGKILL')
  await fill(PENDING, 1)
  const start = performance.now()
  collector = await serveBuilt(env)
  const ready = (performance.now() - start) / 1_000
  await stopped(collector, 'SIGKILL')

  const retention = await retentionFigures(EVENTS / 2)
  console.table({
    'acknowledgement p99, ms': before,
    'the same during a backup, ms': during,
    'backup, s': seconds,
    'ready after kill -9, s': ready,
    'longest transaction of a retention, ms': retention.longest,
  })
  const mb = statSync(join(folder, 'x.db')).size / 1e6
  const ratio = during / before
  const figures = { events: EVENTS, pending: PENDING, mb, before, during, ratio, seconds, ready, retention }
  console.log(JSON.stringify(figures))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

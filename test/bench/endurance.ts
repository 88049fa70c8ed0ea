/** Memory after a million beacons, and how fast what was left behind is caught up with. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ENTRY_VERSION, type Entry } from '../../collector/entry.ts'
import { filesOf, prepareFiles } from '../../collector/files.ts'
import { openSqliteLog } from '../../collector/log/sqlite.ts'
import { siteEntry } from '../../collector/seed.ts'
import { cpuOf, drained, serveBuilt } from '../support/process.ts'
import { beaconEntry } from '../support/projection.ts'
import { load } from './load.ts'

const BEACONS = Number(process.env.BENCH_BEACONS ?? 1_000_000)
/** So long that the start, which is in its time, is a small part of it. */
const BACKLOG = 500_000
const KEY = 'lw_a-key-for-the-bench-only'

export interface EnduranceFigures {
  beacons: number
  /** Resident memory of all threads, MiB: at half of them, and at the end. */
  rssHalfMiB: number
  rssMiB: number
  /** The longest that a write-ahead log's file was, MiB. */
  walMiB: number
  /** Entries a second that a collector with nothing else to do projects, and CPU of it each, us. */
  catchUpPerSecond: number
  catchUpCpuUs: number
}

const MIB = 2 ** 20

function rssMiB(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(line![1]) / 1_024)
}

export async function enduranceFigures(): Promise<EnduranceFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-endurance-'))
  try {
    return { ...(await million(folder)), ...(await catchUp(folder)) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function million(folder: string) {
  const collector = await serveBuilt({ LEADWAKE_DB: join(folder, 'million.db'), LEADWAKE_ADMIN_KEY: KEY })
  let beacons = 0
  let rssHalfMiB = 0
  let wal = 0
  while (beacons < BEACONS) {
    beacons += (await load(collector.origin, 5)).total
    for (const name of readdirSync(folder))
      if (name.endsWith('-wal')) wal = Math.max(wal, statSync(join(folder, name)).size)
    if (rssHalfMiB === 0 && beacons >= BEACONS / 2) rssHalfMiB = rssMiB(collector.pid)
  }
  await drained(collector.origin)
  const figures = { beacons, rssHalfMiB, rssMiB: rssMiB(collector.pid), walMiB: Math.round(wal / MIB) }
  collector.child.kill('SIGTERM')
  await collector.ended
  return figures
}

/** A log that nobody has projected, as after a stop of the projection, and a collector that starts on it. */
async function catchUp(folder: string) {
  const db = join(folder, 'backlog.db')
  const files = filesOf(db)
  prepareFiles(files)
  const log = openSqliteLog(files.log)
  const append = (body: object) => log.append({ v: ENTRY_VERSION, ...body } as Entry)
  await append(siteEntry('main', 'Main', 'given'))
  const now = Date.now()
  for (let n = 0; n < BACKLOG; n += 40)
    await Promise.all(Array.from({ length: 40 }, (_, i) => append(view(now, n + i))))
  await log.close()
  // From the start on: it does not listen before it has projected its own first entries, which lie behind these.
  const began = performance.now()
  const collector = await serveBuilt({ LEADWAKE_DB: db, LEADWAKE_ADMIN_KEY: KEY })
  await drained(collector.origin)
  const [ms, spent] = [performance.now() - began, cpuOf(collector.pid).all]
  collector.child.kill('SIGTERM')
  await collector.ended
  return {
    catchUpPerSecond: Math.round((BACKLOG / ms) * 1_000),
    catchUpCpuUs: Math.round((spent / BACKLOG) * 10) / 10,
  }
}

/** The same events as the load's, of as many visitors. */
function view(now: number, n: number): object {
  const at = now + n
  return beaconEntry(`v${(n * 7_919) % 20_000}`.padEnd(22, 'x'), [
    {
      kind: 'page',
      id: { ms: at, key: n },
      at,
      path: `/products/${n % 8}`,
      query: { utm_source: 'newsletter', utm_medium: 'email', utm_campaign: 'autumn-2026-product-launch' },
      title: 'Industrial supplies for people who build machines: pumps, valves, sensors and spare parts',
      referrer: 'www.google.com/search/results/industrial',
      pageKind: 'page',
    },
  ])
}

if (import.meta.main) console.log(JSON.stringify(await enduranceFigures()))

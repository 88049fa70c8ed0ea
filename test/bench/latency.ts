/** How long an acknowledgement takes at 2,000 beacons a second: beside a server without a log, and on a slow disk. */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, serveBuilt } from '../support/process.ts'
import { paced, quantile } from './paced.ts'

const RATE = 2_000
/** A process that has just begun compiles its code, and of a new site everybody is new. */
const WARM_S = 10
const SYNCS = 500
const PIECE = Buffer.alloc(8_192, 1)
const KEY = 'lw_a-key-for-the-bench-only'

export interface LatencyFigures {
  pacedP99Ms: number
  pacedBareP99Ms: number
  pacedP99ToBare: number
  /** Of the disk itself: 8 kB written and synced, one after the other. No acknowledgement is sooner than its own. */
  fsyncP99Ms: number
  /** Null where there is no C compiler to slow fsync down with. */
  slowFsyncP99Ms: number | null
}

const median = (numbers: number[]): number => quantile(numbers, 0.5)

export async function latencyFigures(rounds: number, seconds: number): Promise<LatencyFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-latency-'))
  const env = (name: string) => ({ LEADWAKE_DB: join(folder, `${name}.db`), LEADWAKE_ADMIN_KEY: KEY })
  const collector = await serveBuilt(env('quick'))
  const slow = await slowDisk(folder, env('slow'))
  const bare = await withoutLog()
  try {
    const [ours, theirs, slowed, synced]: number[][] = [[], [], [], []]
    for (const { origin } of [collector, bare]) await paced(origin, RATE, WARM_S)
    for (let round = 0; round < rounds; round++) {
      theirs!.push((await paced(bare.origin, RATE, seconds)).p99)
      synced!.push(fsyncP99(folder))
      ours!.push((await paced(collector.origin, RATE, seconds)).p99)
      if (slow) slowed!.push((await paced(slow.origin, RATE, seconds)).p99)
    }
    return {
      pacedP99Ms: median(ours!),
      pacedBareP99Ms: median(theirs!),
      pacedP99ToBare: median(ours!.map((ms, i) => ms / theirs![i]!)),
      fsyncP99Ms: median(synced!),
      slowFsyncP99Ms: slow ? median(slowed!) : null,
    }
  } finally {
    bare.stop()
    for (const one of [collector, slow]) {
      one?.child.kill('SIGTERM')
      await one?.ended
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

function fsyncP99(folder: string): number {
  const file = openSync(join(folder, 'synced'), 'w')
  const times = Array.from({ length: SYNCS }, () => {
    const began = performance.now()
    writeSync(file, PIECE)
    fdatasyncSync(file)
    return performance.now() - began
  })
  closeSync(file)
  return quantile(times, 0.99)
}

async function slowDisk(folder: string, env: Record<string, string>) {
  const library = join(folder, 'slow-fsync.so')
  const source = new URL('slow-fsync.c', import.meta.url).pathname
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return serveBuilt({ ...env, LD_PRELOAD: library })
}

async function withoutLog(): Promise<{ origin: string; stop(): void }> {
  const port = await freePort()
  const child = spawn(process.execPath, [new URL('without-log.ts', import.meta.url).pathname, String(port)], {
    stdio: 'ignore',
  })
  const origin = `http://127.0.0.1:${port}`
  while (!(await fetch(origin).catch(() => undefined)))
    await new Promise((resolve) => setTimeout(resolve, 20))
  return { origin, stop: () => child.kill() }
}

if (import.meta.main) console.log(JSON.stringify(await latencyFigures(3, 3)))

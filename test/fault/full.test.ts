import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { conservation } from '../support/metrics.ts'
import { type CollectorProcess, drained, serveBuilt } from '../support/process.ts'
import { pageBeacon, post, traffic, until } from '../support/traffic.ts'

const KEY = 'lw_a-key-for-the-fault-tests'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-full-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const stats = (origin: string) => fetch(`${origin}/v1/stats`, { headers: { authorization: `Bearer ${KEY}` } })

async function end(collector: CollectorProcess): Promise<void> {
  collector.child.kill('SIGTERM')
  await collector.ended
}

/** A file system of its own, of so many MB; undefined where this user may not make one. */
function smallDisk(megabytes: number): string | undefined {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk], { stdio: 'ignore' })
    return disk
  } catch {
    return undefined
  }
}

describe('a full disk', () => {
  it('is answered 503, leaves reading, and takes again within 5 s of room without a restart', async ({
    skip,
  }) => {
    const disk = smallDisk(24)
    if (disk === undefined) return skip('this user may not mount a small disk')
    try {
      const db = join(disk, 'x.db')
      const collector = await serveBuilt({ LEADWAKE_DB: db, LEADWAKE_ADMIN_KEY: KEY })
      expect((await post(collector.origin, pageBeacon()))?.status).toBe(204)
      await drained(collector.origin)
      const { bavail, bsize } = statfsSync(disk)
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - 2_000_000))

      const load = traffic(collector.origin, 4)
      await until(() => (load.statuses[503] ?? 0) > 50)
      await load.stop()
      expect(Object.keys(load.statuses).sort()).toEqual(['204', '503'])
      const refused = await post(collector.origin, pageBeacon())
      expect(refused?.status).toBe(503)
      expect(refused?.headers.get('retry-after')).toBe('5')
      expect((await stats(collector.origin)).status).toBe(200)
      expect((await fetch(`${collector.origin}/metrics`)).status).toBe(200)

      rmSync(join(disk, 'ballast'))
      const room = performance.now()
      await until(async () => (await post(collector.origin, pageBeacon()))?.status === 204)
      expect(performance.now() - room).toBeLessThan(5_000)
      await drained(collector.origin)
      const held = await conservation(collector.origin)
      expect(held).toMatchObject({ unaccounted: 0, pending: 0, 'dead-lettered': 0 })
      expect(held.stored).toBe(load.taken + 2)
      await end(collector)
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  }, 60_000)
})

describe('a write lock that another process holds', () => {
  /** For 30 s in the long form. */
  const HELD_MS = Number(process.env.LOCK_SECONDS ?? 3) * 1_000

  async function held(file: string, work: () => Promise<void>): Promise<void> {
    const other = new Database(file, { timeout: 10_000 })
    other.exec('BEGIN IMMEDIATE')
    try {
      await work()
    } finally {
      other.exec('ROLLBACK')
      other.close()
    }
  }

  it('on the log is answered 503; what is sent again is taken when it ends', async () => {
    const collector = await serveBuilt({ LEADWAKE_DB: join(folder, 'x.db'), LEADWAKE_ADMIN_KEY: KEY })
    await held(join(folder, 'x.intake.db'), async () => {
      const until = performance.now() + HELD_MS
      while (performance.now() < until) {
        const answer = await post(collector.origin, pageBeacon())
        expect([answer?.status, answer?.headers.get('retry-after')]).toEqual([503, '5'])
      }
    })
    expect((await post(collector.origin, pageBeacon()))?.status).toBe(204)
    await drained(collector.origin)
    expect(await conservation(collector.origin)).toMatchObject({ stored: 1, unaccounted: 0 })
    await end(collector)
  }, 90_000)

  it('on the state lets intake and reading go on, and is caught up with when it ends', async () => {
    const collector = await serveBuilt({ LEADWAKE_DB: join(folder, 'x.db'), LEADWAKE_ADMIN_KEY: KEY })
    let taken = 0
    await held(join(folder, 'x.db'), async () => {
      const load = traffic(collector.origin, 2, { pauseMs: 20 })
      const began = performance.now()
      await until(() => performance.now() - began > HELD_MS)
      expect((await stats(collector.origin)).status).toBe(200)
      await load.stop()
      expect(load.statuses).toEqual({ 204: load.taken })
      taken = load.taken
      expect((await conservation(collector.origin)).pending).toBe(taken)
    })
    await drained(collector.origin)
    expect(await conservation(collector.origin)).toMatchObject({ stored: taken, pending: 0, unaccounted: 0 })
    await end(collector)
  }, 90_000)
})

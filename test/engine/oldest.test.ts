/**
 * A story on an older PostgreSQL, where one is installed beside the one out of npm. All suites run on it with
 * `LEADWAKE_TEST_POSTGRES=/usr/lib/postgresql/15/bin npm test`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookAtDatabase } from '../../collector/engine/look-at-database.ts'
import { beaconOf, DAY, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { installedPostgres, startPostgres } from '../support/postgres-server.ts'

const installed = installedPostgres()
const name = installed
  ? `PostgreSQL ${installed.version}`
  : 'an older PostgreSQL: skipped, none is installed (Debian has a package postgresql)'

describe.skipIf(!installed)(name, () => {
  let server: Awaited<ReturnType<typeof startPostgres>>
  let at: TestDatabase
  let folder: string
  let lw: TestCollector
  beforeAll(async () => {
    server = await startPostgres(['fsync=off'], installed!.bin)
    await server.started
    at = await database(server.port)
    folder = mkdtempSync(join(tmpdir(), 'leadwake-oldest-'))
    lw = await testCollector({ db: join(folder, 'x.db'), config: { database: at.url, partitions: 2 } })
  })
  afterAll(async () => {
    await lw.stop()
    await at.remove()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is what it says', async () => {
    const { version, schema } = await lookAtDatabase(at.url)
    expect([Number.parseInt(version, 10), schema]).toEqual([installed!.version, 'current'])
  })

  it('compresses the log by what costs it least of what it was built with', async () => {
    const sql = at.connect()
    const [found] = await sql`
      SELECT attcompression::text = 'l' AS "isLz4", (SELECT 'lz4' = ANY (enumvals) FROM pg_settings
        WHERE name = 'default_toast_compression') AS "hasLz4"
      FROM pg_attribute WHERE attrelid = to_regclass('intake_entries') AND attname = 'body'`
    expect(found!.isLz4).toBe(found!.hasLz4)
    await sql.end()
  })

  it('counts, qualifies, says why, ends days and forgets', async () => {
    for (let n = 0; n < 6; n++) {
      const sent = beaconOf(START, [['p', eventId(START + n, n), START + n, `/p/${n}`]], {
        v: `v${n % 3}`,
        c: 1,
      })
      expect((await lw.beacon(sent)).status).toBe(204)
      // As from a browser that saw no answer.
      expect((await lw.beacon(sent)).status).toBe(204)
    }
    const said = { site: 'main', visitor: 'v1', email: 'v1@acme.org', consent: true }
    const { status, body } = await lw.call('POST', '/v1/identify', {
      ...said,
      signal: { name: 'demo_requested', id: 'demo-1' },
    })
    expect([status, body.stage]).toEqual([201, 'sql'])
    const stats = await lw.until(
      '/v1/stats?site=main&from=2026-11-01&to=2026-11-04',
      ({ pageViews }) => pageViews === 6,
    )
    expect(stats).toMatchObject({ visitors: 3, stages: { sql: 1 } })
    const lead = (await lw.call('GET', `/v1/leads/${body.id}`)).body
    expect(lead.reasons.map(({ rule }: { rule: string }) => rule)).toContain('demo')
    lw.clock.now += 3 * DAY
    await lw.beacon(
      beaconOf(lw.clock.now, [['p', eventId(lw.clock.now, 9), lw.clock.now, '/']], { v: 'v9', c: 1 }),
    )
    const sql = at.connect()
    await expect
      .poll(async () => [...(await sql`SELECT value FROM settings WHERE name = 'ticked-day'`)], {
        timeout: 10_000,
      })
      .toEqual([{ value: String(Math.floor(lw.clock.now / DAY) - 1) }])
    expect((await lw.call('DELETE', `/v1/leads/${body.id}`)).status).toBe(200)
    expect([...(await sql`SELECT no FROM contacts`)]).toEqual([])
    await sql.end()
  })
})

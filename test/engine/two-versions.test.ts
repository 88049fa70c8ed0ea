/** An upgrade while collectors run: what a newer one makes of the schema, and what the older ones do then. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lookAtDatabase } from '../../collector/engine/look-at-database.ts'
import { prepareDatabase } from '../../collector/engine/prepare-database.ts'
import { type Migration, oldestOfAll, TOO_OLD, VERSION } from '../../collector/engine/schema-versions.ts'
import { ENTRY_VERSION } from '../../collector/entry.ts'
import { openPostgresLog } from '../../collector/log/postgres.ts'
import { beaconOf, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

const SOON = { timeout: 10_000 }
const ADDS: Migration = { sql: 'ALTER TABLE visitors ADD COLUMN shoe_size bigint' }
const BREAKS: Migration = { sql: 'ALTER TABLE visits ADD COLUMN mood text', breaks: true }

const prepare = (at: TestDatabase, migrations: readonly Migration[]) =>
  prepareDatabase(at.url, { partitions: 2, logHere: true, migrations })

it.each<[number, Migration[]]>([
  [1, []],
  [1, [ADDS]],
  [2, [BREAKS]],
  [2, [BREAKS, ADDS]],
  [3, [ADDS, BREAKS]],
])('the oldest program that works is %i', (oldest, migrations) => {
  expect(oldestOfAll(migrations)).toBe(oldest)
})

describe('the schema of a shared database', () => {
  let at: TestDatabase
  beforeEach(async () => {
    at = await database()
    await prepare(at, [])
  })
  afterEach(() => at.remove())

  async function made(): Promise<unknown> {
    const sql = at.connect()
    const [row] = await sql`SELECT version, oldest FROM leadwake`
    await sql.end()
    return { ...row }
  }

  it('is brought up to date once, by whichever of many comes first', async () => {
    await Promise.all([1, 2, 3, 4, 5].map(() => prepare(at, [ADDS])))
    expect(await made()).toEqual({ version: 2, oldest: 1 })
    await Promise.all([1, 2, 3].map(() => prepare(at, [ADDS, BREAKS])))
    expect(await made()).toEqual({ version: 3, oldest: 3 })
  })

  it('that a newer program has only added to is used by the older one, and left as it is', async () => {
    await prepare(at, [ADDS])
    expect((await prepare(at, [])).partitions).toBe(2)
    expect(await lookAtDatabase(at.url)).toMatchObject({ schema: 'overtaken' })
    expect(await made()).toEqual({ version: 2, oldest: 1 })
  })

  it('that was changed under the older program is refused by it in a sentence', async () => {
    await prepare(at, [BREAKS])
    await expect(prepare(at, [])).rejects.toThrow(TOO_OLD)
    expect(await lookAtDatabase(at.url)).toMatchObject({ schema: 'newer' })
  })

  it('stays as it was where a migration fails, and nobody is locked out', async () => {
    const fails = [BREAKS, { sql: 'ALTER TABLE nothing ADD COLUMN n bigint' }]
    await expect(prepare(at, fails)).rejects.toThrow('relation "nothing" does not exist')
    expect(await made()).toEqual({ version: 1, oldest: 1 })
    await prepare(at, [])
  })
})

describe('while an older collector runs', () => {
  let at: TestDatabase
  let folder: string
  let older: TestCollector
  let n = 0
  beforeAll(async () => {
    at = await database()
    folder = mkdtempSync(join(tmpdir(), 'leadwake-versions-'))
    older = await testCollector({
      db: join(folder, 'x.db'),
      config: { database: at.url, partitions: 2, rate: 0 },
    })
  })
  afterAll(async () => {
    await older.stop()
    await at.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const send = async () => {
    n++
    const sent = beaconOf(START, [['p', eventId(START, n), START, `/p/${n}`]], { v: `v${n % 9}`, c: 1 })
    expect((await older.beacon(sent)).status).toBe(204)
  }
  async function views(): Promise<number> {
    const sql = at.connect()
    const [row] = await sql`SELECT count(*)::int AS n FROM events WHERE id_ms > 0`
    await sql.end()
    return row!.n
  }
  async function sql(query: string): Promise<void> {
    const sql = at.connect()
    await sql.unsafe(query)
    await sql.end()
  }
  const standing = async () => (await older.call('GET', '/readyz')).body

  it('it goes on when a newer one has only added to the schema, in the midst of its work', async () => {
    let isMigrated = false
    const newer = prepare(at, [ADDS]).then(() => {
      isMigrated = true
    })
    while (!isMigrated) await send()
    await newer
    for (let i = 0; i < 20; i++) await send()
    await expect.poll(views, SOON).toBe(n)
    expect(await standing()).toMatchObject({ ready: true, alarms: [] })
  })

  it('it projects nothing any more when a newer one has changed the schema, says so, and still takes beacons', async () => {
    let isMigrated = false
    const newer = prepare(at, [ADDS, BREAKS]).then(() => {
      isMigrated = true
    })
    while (!isMigrated) await send()
    await newer
    const projected = await views()
    for (let i = 0; i < 20; i++) await send()
    await expect.poll(standing, SOON).toMatchObject({ ready: true, stalled: TOO_OLD })
    expect(await views()).toBe(projected)
    // It stands in nobody's way: no partition and no lead is held.
    const held = at.connect()
    expect([
      ...(await held`SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND database =
      (SELECT oid FROM pg_database WHERE datname = current_database()) AND classid = ${await spaceOfLog()}`),
    ]).toEqual([])
    await held.end()
  })

  it('nothing of what it took meanwhile is lost', async () => {
    // As a program does that works with it.
    await sql(`UPDATE leadwake SET oldest = ${VERSION}`)
    await expect.poll(views, SOON).toBe(n)
    await expect.poll(standing, SOON).toMatchObject({ ready: true, alarms: [] })
  })

  it('it leaves what a newer one has put into the log to that one', async () => {
    const log = await openPostgresLog(at.url)
    await log.append({ kind: 'tick', v: (ENTRY_VERSION + 1) as never, day: 1 })
    await log.close()
    await expect
      .poll(standing, SOON)
      .toMatchObject({ ready: true, stalled: expect.stringContaining('newer than this program') })
    const held = at.connect()
    const space = await spaceOfLog()
    await expect
      .poll(
        async () => [
          ...(await held`SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = ${space}`),
        ],
        SOON,
      )
      .toEqual([])
    await held.end()
    await send()
  })

  async function spaceOfLog(): Promise<number> {
    const { spaceOf } = await import('../../collector/engine/postgres.ts')
    const sql = at.connect()
    const [row] = await sql`SELECT id FROM intake_log`
    await sql.end()
    return spaceOf(row!.id)
  }
})

/** What the projecting threads of several collectors die of is left by each in its turn, as on one machine. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { prepareDatabase } from '../../collector/engine/prepare-database.ts'
import { ENTRY_VERSION, type Entry } from '../../collector/entry.ts'
import { openPostgresLog, type PostgresLog } from '../../collector/log/postgres.ts'
import { type ProjectorThread, startProjector } from '../../collector/projecting.ts'
import { siteEntry } from '../../collector/seed.ts'
import { START } from '../support/collector.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { beaconEntry } from '../support/projection.ts'

const MORTAL = new URL('../fault/mortal-partitions-thread.ts', import.meta.url)
const PARTITIONS = 2

let at: TestDatabase
let folder: string
let log: PostgresLog
const threads: ProjectorThread[] = []
let deaths = 0
beforeEach(async () => {
  at = await database()
  folder = mkdtempSync(join(tmpdir(), 'leadwake-deaths-'))
  deaths = 0
})
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.stop()))
  await log.close()
  await at.remove()
  rmSync(folder, { recursive: true, force: true })
})

async function start(collectors: number): Promise<void> {
  const { suppressionKey } = await prepareDatabase(at.url, { partitions: PARTITIONS, logHere: true })
  log = await openPostgresLog(at.url, {
    now: () => START,
    committed: () => {
      for (const one of threads) one.wake()
    },
  })
  for (let i = 0; i < collectors; i++) {
    threads.push(
      startProjector({
        data: {
          url: at.url,
          partitions: PARTITIONS,
          space: 1,
          suppressionKey,
          suppressions: join(folder, `s${i}`),
        },
        log,
        newRef: () => 'ref',
        configured: () => {},
        died: () => deaths++,
        restartMs: 1,
        module: MORTAL,
      }),
    )
  }
  await append(siteEntry('main', 'Main', 'given'))
  await expect.poll(() => threads.every((one) => one.projected() === 1), { timeout: 10_000 }).toBe(true)
}

const append = (...bodies: object[]) =>
  Promise.all(bodies.map((body) => log.append({ v: ENTRY_VERSION, ...body } as Entry)))
const view = (visitor: string, n: number) =>
  beaconEntry(visitor, [{ kind: 'page', id: { ms: START, key: n }, at: START, path: '/' }])

it('a beacon is left after three deaths, and nothing else, whoever of two has its partition', async () => {
  await start(2)
  await append(...Array.from({ length: 40 }, (_, n) => view(n === 20 ? 'poison' : `v${n % 7}`, n)))
  await expect.poll(() => threads.every((one) => one.projected() === 41), { timeout: 30_000 }).toBe(true)
  expect(deaths).toBeGreaterThanOrEqual(3)
  const sql = at.connect()
  const letters = await sql`SELECT reason, body FROM dead_letters`
  expect(letters).toHaveLength(1)
  expect(letters[0]!.reason).toMatch(/^the projector died of it \d+ times$/)
  expect(JSON.parse(letters[0]!.body)).toMatchObject({ kind: 'beacon', visitor: 'poison' })
  const counts = await sql`SELECT name, sum(n) AS n FROM counts GROUP BY name`
  expect(Object.fromEntries(counts.map(({ name, n }) => [name, n]))).toMatchObject({
    received: 40,
    stored: 39,
    dead: 1,
  })
  await sql.end()
}, 60_000)

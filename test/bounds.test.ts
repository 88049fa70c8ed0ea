import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry } from '../collector/entry.ts'
import { type Files, filesOf, prepareFiles } from '../collector/files.ts'
import { healthOf } from '../collector/health.ts'
import type { FileLog } from '../collector/log/log.ts'
import { openSqliteLog } from '../collector/log/sqlite.ts'
import { type ProjectorThread, startProjector } from '../collector/projecting.ts'
import { siteEntry } from '../collector/seed.ts'
import { beaconOf, eventId, START, type TestCollector, testCollector } from './support/collector.ts'
import { counts } from './support/counts.ts'
import { beaconEntry } from './support/projection.ts'

const MORTAL = new URL('./fault/mortal-thread.ts', import.meta.url)

describe('a projector', () => {
  let folder: string
  let files: Files
  let log: FileLog
  let thread: ProjectorThread
  let deaths: number
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leadwake-bounds-'))
    files = filesOf(join(folder, 'x.db'))
    prepareFiles(files)
  })
  afterEach(async () => {
    await thread.stop()
    await log.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function start(module?: URL): Promise<void> {
    deaths = 0
    log = openSqliteLog(files.log, { now: () => START, committed: () => thread?.wake() })
    thread = startProjector({
      data: { statePath: files.state, logPath: files.log },
      log,
      newRef: () => 'ref',
      configured: () => {},
      died: () => deaths++,
      restartMs: 1,
      ...(module && { module }),
    })
    await append(siteEntry('main', 'Main', 'given'))
    await until(() => thread.projected() === 1)
  }

  const append = (...bodies: object[]) =>
    Promise.all(bodies.map((body) => log.append({ v: ENTRY_VERSION, ...body } as Entry)))
  const view = (visitor: string, n: number) =>
    beaconEntry(visitor, [{ kind: 'page', id: { ms: START, key: n }, at: START, path: '/' }])
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  it('that dies is started again, and leaves the beacon of which it died three times', async () => {
    await start(MORTAL)
    await append(...[1, 2, 3, 4, 5].map((n) => view(n === 3 ? 'poison' : 'ada', n)))
    await until(() => thread.projected() === log.bounds().last)
    await until(() => thread.stalled() === undefined)
    expect(deaths).toBeGreaterThanOrEqual(3)
    await thread.stop()
    expect(counts(files.state)).toMatchObject({ received: 5, stored: 4, dead: 1 })
    const file = new Database(files.state, { readonly: true })
    const letters = file.prepare('SELECT reason, body FROM dead_letters').all() as {
      reason: string
      body: string
    }[]
    file.close()
    expect(letters).toHaveLength(1)
    expect(letters[0]!.reason).toMatch(/^the projector died of it \d times$/)
    expect(JSON.parse(letters[0]!.body)).toMatchObject({ kind: 'beacon', visitor: 'poison' })
  }, 120_000)

  it('that dies never leaves a control entry: it stands still and says so, while the log takes on', async () => {
    await start(MORTAL)
    await append(siteEntry('poison', 'Poison', 'given'), view('ada', 1))
    await until(() => deaths === 5)
    expect(thread.projected()).toBe(1)
    expect(thread.stalled()).toBeDefined()
    await append(view('ada', 2))
    expect(log.bounds().last).toBe(4)
    const file = new Database(files.state, { readonly: true })
    expect(file.prepare('SELECT count(*) AS n FROM dead_letters').get()).toEqual({ n: 0 })
    file.close()
  }, 120_000)

  it('tells of a reader for whom the write-ahead log grows, and that it is over', async () => {
    await start()
    // More than what is kept of the file once it starts anew, or the end could not be seen.
    const health = healthOf(log, thread, 40 * 2 ** 20)
    let n = 0
    const bulky = () => {
      const at = START + ++n
      const referrer = 'word/'.repeat(390)
      return beaconEntry('ada', [{ kind: 'page', id: { ms: at, key: n }, at, path: '/', referrer }])
    }
    const reader = new Database(files.state, { readonly: true })
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM events').get()
    // The log's own may grow meanwhile too: no collector takes 2 kB entries as fast as this loop.
    const alarm = async () =>
      (await health()).alarms.find((one) => one.startsWith('the write-ahead log of the state'))
    while ((await alarm()) === undefined) await append(...Array.from({ length: 50 }, bulky))
    expect(await alarm()).toMatch(/has grown to [4-9]\d+ MiB: end whoever reads that file for so long$/)
    reader.close()
    while ((await health()).alarms.length > 0) await append(bulky())
  }, 120_000)
})

describe('a full log', () => {
  let lw: TestCollector
  afterEach(() => lw.remove())

  it('refuses beacons with 503, and takes them again when what it holds is projected', async () => {
    lw = await testCollector({ config: { logLimit: 1, rate: 0 } })
    let n = 0
    const bulky = () => {
      const at = START + ++n
      const url = `https://elsewhere.example/${'word/'.repeat(390)}`
      return beaconOf(at, Array(7).fill(['p', eventId(at, n), at, '/', '', url]))
    }
    const holder = new Database(lw.db)
    holder.exec('BEGIN IMMEDIATE')
    let answer: Response
    do answer = await lw.beacon(bulky())
    while (answer.status === 204)
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    const full = await lw.request('/readyz')
    expect(full.status).toBe(503)
    expect(await full.json()).toMatchObject({
      ready: false,
      alarms: [expect.stringMatching(/^the intake log is full/)],
    })
    holder.exec('ROLLBACK')
    holder.close()
    while ((await lw.beacon(bulky())).status !== 204) await new Promise((resolve) => setImmediate(resolve))
    expect((await lw.request('/readyz')).status).toBe(200)
  }, 120_000)
})

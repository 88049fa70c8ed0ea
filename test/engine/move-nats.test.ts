/** A move to and from a log in NATS: what is in the stream comes along, and its numbers go on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { filesDestination, filesOrigin } from '../../collector/engine/move/files.ts'
import { keptWhileMoving } from '../../collector/engine/move/moving.ts'
import { postgresDestination, postgresOrigin } from '../../collector/engine/move/postgres.ts'
import { mustFitLog, prepareDatabase } from '../../collector/engine/prepare-database.ts'
import { openSharedLog, prepareStream } from '../../collector/engine/shared-log.ts'
import type { EntryBody } from '../../collector/entry.ts'
import { LogUnavailable } from '../../collector/log/log.ts'
import { sealStream } from '../../collector/log/nats-move.ts'
import { openSqliteLog } from '../../collector/log/sqlite.ts'
import { connect } from '../../collector/postgres-connection.ts'
import { postgresSource } from '../../collector/store/postgres/copy-out.ts'
import { postgresStore } from '../../collector/store/postgres/store.ts'
import { sqliteSource } from '../../collector/store/sqlite/copy-out.ts'
import { openForReading } from '../../collector/store/sqlite/open.ts'
import { SITES } from '../store/history.ts'
import { entryOf, fileWith, moving, person, projecting, T, view } from '../support/moving.ts'
import { type NatsServer, natsServer, natsVersion, onNats } from '../support/nats.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

const PARTITIONS = 2
const LIMIT = 10_000_000
const free = async () => false

describe.skipIf(!natsVersion)(onNats, () => {
  let server: NatsServer
  let folder: string
  let at: TestDatabase
  let stream: string
  let streams = 0
  let open: { close(): unknown }[] = []
  beforeAll(async () => {
    server = await natsServer()
  })
  afterAll(() => server.remove())
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'leadwake-move-'))
    at = await database()
    stream = `${server.url}?stream=s${++streams}`
  })
  afterEach(async () => {
    for (const one of open.reverse()) await one.close()
    open = []
    rmSync(folder, { recursive: true, force: true })
    await at.remove()
  })
  const opened = <T extends { close(): unknown }>(one: T): T => {
    open.push(one)
    return one
  }

  const there = () =>
    postgresDestination(at.url, {
      isForced: false,
      partitions: PARTITIONS,
      scripts: join(folder, 'scripts'),
      stream,
      limit: LIMIT,
    })

  it('a file moves there, and the numbers of its log go on in the stream', async () => {
    const files = await fileWith(folder, [...SITES, view(1, 1), person(1)])
    const log = openSqliteLog(files.log, { now: () => T })
    // What is not projected yet comes along, too.
    const last = await log.append(entryOf(view(2, 2)))
    await log.close()
    const [origin, destination] = [filesOrigin(files.state), there()]
    const moved = await moving(origin, destination)
    await destination.close()
    await origin.close()
    expect(moved).toMatchObject({ entries: 1, leads: 1 })
    await prepareDatabase(at.url, { partitions: PARTITIONS, logHere: false })
    await prepareStream(stream, LIMIT, free)
    const taken = opened(await openSharedLog({ url: at.url, stream }, { now: () => T }))
    expect(await mustFitLog(at.url, taken)).toBe(last)
    expect(await taken.append(entryOf(view(3, 3)))).toBe(last + 1)
    const stores = [0, 1].map((held) =>
      opened(postgresStore(at.url, { held: [held], partitions: PARTITIONS })),
    )
    await projecting(taken, stores, folder)([0, 1])
    const state = opened(await postgresSource(at.url, PARTITIONS))
    expect(await state.count('events')).toBe(3)
  })

  it('a stream of which entries came before is refused, and so is one that is being moved', async () => {
    const files = await fileWith(folder, [...SITES])
    await prepareStream(stream, LIMIT, free)
    const taken = opened(await openSharedLog({ url: at.url, stream }))
    await taken.append(entryOf(view(1, 1)))
    await taken.trim(1)
    const origin = opened(filesOrigin(files.state))
    const refused = async (words: RegExp) => {
      const destination = there()
      await expect(moving(origin, destination)).rejects.toThrow(words)
      await destination.close()
      const sql = at.connect()
      expect(await sql`SELECT 1 FROM pg_tables WHERE schemaname = current_schema()`).toHaveLength(0)
      await sql.end()
    }
    await refused(/^the stream of LEADWAKE_INTAKE_LOG holds or held another log, up to entry 1: name one/)
    await sealStream(server.url, `s${streams}`, 0)
    await refused(/^LEADWAKE_INTAKE_LOG: the stream s\d+ takes no entries: it is being moved/)
  })

  it('what waits in the stream comes back to a file, and nobody adds to it meanwhile', async () => {
    const { partitions } = await prepareDatabase(at.url, { partitions: PARTITIONS, logHere: false })
    await prepareStream(stream, LIMIT, free)
    const sql = opened({ ...connectTo(at.url) }).sql
    const log = opened(await openSharedLog({ url: at.url, stream }, { now: () => T + 1_000 }))
    const stores = [0, 1].map((held) => opened(postgresStore(at.url, { held: [held], partitions })))
    const project = projecting(log, stores, folder)
    const append = (bodies: EntryBody[]) => Promise.all(bodies.map((body) => log.append(entryOf(body))))
    await append([...SITES, ...Array.from({ length: 20 }, (_, n) => view(n % 10, n)), person(1)])
    await project([0, 1])
    // One stands behind the other, and some is projected by neither.
    await append(Array.from({ length: 20 }, (_, n) => view(n % 10, 100 + n)))
    await project([1])
    await append(Array.from({ length: 10 }, (_, n) => view(n % 10, 200 + n)))
    const { last } = await log.bounds()

    const origin = await postgresOrigin(at.url, { scripts: join(folder, 'scripts'), stream, quietMs: 0 })
    await expect(postgresOrigin(at.url, { scripts: join(folder, 'scripts'), stream })).rejects.toThrow(
      'another move from the database of DATABASE_URL is under way',
    )
    await keptWhileMoving(log, sql).trim(last)
    expect((await log.bounds()).first).toBe(1)
    const destination = filesDestination(join(folder, 'x.db'), { isForced: false })
    const moved = await moving(origin, destination)
    // From its end on nothing was taken, by whoever did not stop, and nobody starts.
    await expect(log.append(entryOf(view(1, 300)))).rejects.toBeInstanceOf(LogUnavailable)
    await expect(prepareStream(stream, LIMIT, async () => true)).rejects.toThrow(
      'it is being moved elsewhere',
    )
    await destination.close()
    await origin.close()
    expect(moved.entries).toBe(30)
    const state = opened(sqliteSource(openForReading(join(folder, 'x.db'))))
    expect(await state.count('events')).toBe(50)
    const back = opened(openSqliteLog(join(folder, 'x.intake.db'), { now: () => T }))
    expect(await back.append(entryOf(view(1, 301)))).toBe(last + 1)

    // The origin is as it was.
    expect(await log.append(entryOf(view(1, 302)))).toBe(last + 1)
    await keptWhileMoving(log, sql).trim(last)
    expect((await log.bounds()).first).toBe(last + 1)
  })

  it('a move that was killed left the stream closed: the next collector opens it', async () => {
    await prepareStream(stream, LIMIT, free)
    await sealStream(server.url, `s${streams}`, 0)
    await expect(prepareStream(stream, LIMIT, async () => true)).rejects.toThrow('takes no entries')
    await prepareStream(stream, LIMIT, free)
    const log = opened(await openSharedLog({ url: at.url, stream }))
    expect(await log.append(entryOf(view(1, 1)))).toBe(1)
  })
})

function connectTo(url: string) {
  const sql = connect(url, { max: 1 })
  return { sql, close: () => sql.end({ timeout: 1 }) }
}

/** A move that cannot be left to chance: projectors that stand at different entries, and a copy that is not the same. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Destination } from '../../collector/engine/move/ends.ts'
import { filesDestination, filesOrigin } from '../../collector/engine/move/files.ts'
import { postgresDestination, postgresOrigin } from '../../collector/engine/move/postgres.ts'
import { leadsTallied } from '../../collector/engine/move/tally.ts'
import { prepareDatabase } from '../../collector/engine/prepare-database.ts'
import type { EntryBody } from '../../collector/entry.ts'
import { takeLock } from '../../collector/lock.ts'
import { openPostgresLog } from '../../collector/log/postgres.ts'
import { openSqliteLog } from '../../collector/log/sqlite.ts'
import { postgresSource } from '../../collector/store/postgres/copy-out.ts'
import { postgresStore } from '../../collector/store/postgres/store.ts'
import { sqliteSource } from '../../collector/store/sqlite/copy-out.ts'
import { openForReading } from '../../collector/store/sqlite/open.ts'
import { NUMBERS } from '../../collector/store/visitor-set.ts'
import { SITES } from '../store/history.ts'
import { counted, entryOf, fileWith, moving, person, projecting, T, view } from '../support/moving.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

const PARTITIONS = 2

let folder: string
let at: TestDatabase
let open: { close(): unknown }[] = []
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-move-'))
  at = await database()
})
afterEach(async () => {
  for (const one of open.reverse()) await one.close()
  open = []
  rmSync(folder, { recursive: true, force: true })
  await at.remove()
})

describe('a move', () => {
  it('from projectors that stand at different entries does what each has left, once', async () => {
    const { partitions } = await prepareDatabase(at.url, { partitions: PARTITIONS, logHere: true })
    const log = await openPostgresLog(at.url, { now: () => T + 1_000 })
    const stores = [0, 1].map((partition) => postgresStore(at.url, { held: [partition], partitions }))
    open.push(log, ...stores)
    const project = projecting(log, stores, folder)
    const append = (bodies: EntryBody[]) => Promise.all(bodies.map((body) => log.append(entryOf(body))))
    await append(SITES)
    await append(Array.from({ length: 30 }, (_, n) => view(n % 10, n)))
    await append([person(1), person(2), person(3)])
    await project([0, 1])
    await append(Array.from({ length: 30 }, (_, n) => view(n % 10, 100 + n)))
    await project([1])
    const before = await postgresSource(at.url, partitions)
    expect(new Set(before.watermarks.seqs).size).toBe(2)
    await before.close()

    const origin = await postgresOrigin(at.url, { scripts: join(folder, 'scripts') })
    const path = join(folder, 'x.db')
    const destination = filesDestination(path, { isForced: false })
    const moved = await moving(origin, destination)
    await destination.close()
    await origin.close()
    expect(moved.entries).toBe(30)
    await project([0, 1])
    const there = sqliteSource(openForReading(path))
    const here = await postgresSource(at.url, partitions)
    open.push(there, here)
    expect(await there.count('events')).toBe(60)
    for (const kind of ['events', 'visitors', 'contacts', 'leads'] as const)
      expect(await there.count(kind), kind).toBe(await here.count(kind))
    expect(await leadsTallied(there)).toEqual(await leadsTallied(here))
    expect(await counted(there)).toEqual(await counted(here))
  })

  it('finds who came meanwhile by the id, whatever number the person has here and there', async () => {
    const { partitions } = await prepareDatabase(at.url, { partitions: PARTITIONS, logHere: true })
    const log = await openPostgresLog(at.url, { now: () => T + 1_000 })
    const stores = [0, 1].map((partition) => postgresStore(at.url, { held: [partition], partitions }))
    const project = projecting(log, stores, folder)
    const append = (bodies: EntryBody[]) => Promise.all(bodies.map((body) => log.append(entryOf(body))))
    // The second projector gives its own numbers to who only says who they are.
    const claims = Array.from({ length: 8 }, (_, n): EntryBody => {
      const claim = { email: `claim${n}@acme.org`, at: T, signed: false, newContact: `claim-${n}` }
      return { ...view(20 + n, 900 + n), claims: [claim] } as EntryBody
    })
    await append([...SITES, ...claims, person(1)])
    await project([0, 1])
    const sql = at.connect()
    const [greatest] = await sql<{ no: number }[]>`SELECT max(no) AS no FROM contacts`
    expect(greatest!.no).toBeGreaterThan(NUMBERS)

    const origin = await postgresOrigin(at.url, { scripts: join(folder, 'scripts') })
    const destination = filesDestination(join(folder, 'x.db'), { isForced: false })
    let isLater = false
    const later = async () => {
      if (isLater) return origin.projected()
      isLater = true
      await append([person(2)])
      await project([0, 1])
      const [row] = await sql<{ no: number }[]>`SELECT no FROM contacts WHERE id = 'c-2'`
      await append([
        { kind: 'object', site: 'main', contact: row!.no, objects: true, at: T, by: 'key-1' },
        { kind: 'object', site: 'main', contact: greatest!.no, objects: true, at: T, by: 'key-1' },
      ])
      await project([0, 1])
      // What is projected is kept all the same, until the move has it.
      await log.trim(await origin.projected())
      return origin.projected()
    }
    open.push(log, ...stores, { close: () => sql.end() })
    await moving({ ...origin, projected: later }, destination)
    await destination.close()
    await origin.close()
    const there = sqliteSource(openForReading(join(folder, 'x.db')))
    open.push(there)
    const objecting: string[] = []
    for await (const rows of there.rows('contacts'))
      for (const { id, no, objectedAt } of rows)
        if (objectedAt !== null) objecting.push(no === greatest!.no ? 'the greatest' : id)
    expect(objecting.sort()).toEqual(['c-2', 'the greatest'])
    const { last } = await log.bounds()
    await log.trim(last)
    expect((await log.bounds()).first).toBe(last + 1)
  })

  it('begins anew where an entry names somebody whom nobody knows any more', async () => {
    const files = await fileWith(folder, [...SITES, person(1)])
    const log = openSqliteLog(files.log, { now: () => T })
    await log.append(
      entryOf({ kind: 'object', site: 'main', contact: 77, objects: true, at: T, by: 'key-1' }),
    )
    await log.close()
    const origin = filesOrigin(files.state)
    // Nothing is trimmed, and no backup is made beside it.
    expect(takeLock(files.hold)).toBeUndefined()
    expect(() => filesOrigin(files.state)).toThrow('a backup of')
    const destination = postgresDestination(at.url, {
      isForced: false,
      partitions: 2,
      scripts: files.scripts,
    })
    open.push(origin, destination)
    await expect(moving(origin, destination)).rejects.toThrow(
      /^somebody who came meanwhile was erased meanwhile: run it again with --force/,
    )
  })

  it('of which the copy is not the same ends in a sentence, and nobody serves it', async () => {
    const files = await fileWith(folder, [...SITES, person(1)])
    const origin = filesOrigin(files.state)
    const real = postgresDestination(at.url, { isForced: false, partitions: 2, scripts: files.scripts })
    const broken: Destination = {
      ...real,
      async begin(...given) {
        const filling = await real.begin(...given)
        return {
          ...filling,
          sink: {
            put: async (kind, rows) => {
              if (kind !== 'leads') await filling.sink.put(kind, rows)
            },
          },
        }
      },
    }
    await expect(moving(origin, broken)).rejects.toThrow(
      /^the copy is not the same in leads \(1 rows, 0 there\), .*nothing was switched/,
    )
    await real.close()
    await origin.close()
    await expect(prepareDatabase(at.url, { partitions: 2, logHere: true })).rejects.toThrow(
      'holds a state that was not moved here to its end',
    )
  })
})

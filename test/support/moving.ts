/** States that are moved, and what moves them. */
import { join } from 'node:path'
import type { Destination, Origin } from '../../collector/engine/move/ends.ts'
import { type Moved, move } from '../../collector/engine/move/move.ts'
import { erasingTogether } from '../../collector/engine/together.ts'
import { ENTRY_VERSION, type Entry, type EntryBody } from '../../collector/entry.ts'
import { type Files, filesOf, prepareFiles } from '../../collector/files.ts'
import type { IntakeLog } from '../../collector/log/log.ts'
import { openSqliteLog } from '../../collector/log/sqlite.ts'
import { createPartition } from '../../collector/project/partition.ts'
import { createProjector } from '../../collector/project.ts'
import type { StateSource } from '../../collector/store/copy.ts'
import { openState } from '../../collector/store/sqlite/open.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import type { SharedStore } from '../../collector/store/store.ts'
import { DAY, FIRST_DAY } from '../store/history.ts'

export const T = FIRST_DAY * DAY

export const entryOf = (body: EntryBody): Entry => ({ v: ENTRY_VERSION, ...body }) as Entry

export const view = (visitor: number, n: number): EntryBody => ({
  kind: 'beacon',
  site: 'main',
  visitor: `visitor-${visitor}`,
  agent: 'desktop, Firefox, Linux',
  events: [{ kind: 'page', id: { ms: T + n, key: n }, at: T + n, path: `/${n % 3}` }],
})

export const person = (n: number): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: `c-${n}`,
  visitors: [`visitor-${n}`],
  email: `p${n}@acme.org`,
  traits: {},
  at: T + 500 + n,
  signals: [],
})

export const moving = (origin: Origin, destination: Destination): Promise<Moved> =>
  move({
    origin,
    destination,
    now: () => T,
    waitMs: 0,
    say: () => {},
    copied: () => {},
  })

/** Steps of the projectors of these partitions until none of them has more, or waits for one that does not go on. */
export function projecting(log: IntakeLog, stores: SharedStore[], folder: string) {
  const erasing = erasingTogether({
    suppressionKey: new Uint8Array(32),
    suppressions: join(folder, 'list'),
    log: log as never,
  })
  const projectors = Promise.all(
    stores.map((store, partition) =>
      createPartition({ log, store, held: [partition], partitions: stores.length, erasing }),
    ),
  )
  return async (some: number[]): Promise<void> => {
    const made = await projectors
    for (let idle = 0; idle < 2; idle++)
      for (const one of some)
        for (let done = await made[one]!.step(64); done && done !== 'waiting'; idle = 0)
          done = await made[one]!.step(64)
  }
}

/** A state in a file that has projected these. */
export async function fileWith(folder: string, bodies: EntryBody[]): Promise<Files> {
  const files = filesOf(join(folder, 'x.db'))
  prepareFiles(files)
  const log = openSqliteLog(files.log, { now: () => T })
  const store = sqliteStore(openState(files.state, false))
  const projector = await createProjector(store, log.id)
  await Promise.all(bodies.map((body) => log.append(entryOf(body))))
  await projector.project(log.read(0, 100))
  await store.close()
  await log.close()
  return files
}

export async function counted(source: StateSource): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for await (const rows of source.rows('counts')) for (const { name, n } of rows) found[name] = n
  return found
}

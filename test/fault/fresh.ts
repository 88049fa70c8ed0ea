import Database from 'better-sqlite3'
import type { Files } from '../../collector/files.ts'
import { openSqliteLog } from '../../collector/log/sqlite.ts'
import { startProjector } from '../../collector/projecting.ts'
import { dump } from '../support/projection.ts'

/** Projects the log on a new state beside it; `module` is the thread's. Returns how often it died. */
export async function project(files: Files, module?: URL): Promise<number> {
  let deaths = 0
  const log = openSqliteLog(files.log)
  const thread = startProjector({
    data: { statePath: files.state, logPath: files.log },
    // What a kill could undo stays in the log: it is not trimmed.
    log: { ...log, trim: () => {} },
    newRef: () => 'ref',
    configured: () => {},
    died: () => deaths++,
    ...(module && { module }),
  })
  while (thread.projected() < log.bounds().last) await new Promise((resolve) => setTimeout(resolve, 20))
  await thread.stop()
  await log.close()
  return deaths
}

/** All that a projection comes to, without row numbers. */
export function stateOf({ state }: Files) {
  const db = new Database(state, { readonly: true })
  try {
    const rows = (sql: string) => db.prepare(sql).all()
    return {
      ...dump(db),
      counts: rows('SELECT name, n FROM counts ORDER BY name'),
      transitions: rows(
        'SELECT contact, from_stage, to_stage, effective_at, recorded_at, why FROM transitions ORDER BY no',
      ),
      outbox: rows('SELECT id, payload FROM outbox ORDER BY id'),
    }
  } finally {
    db.close()
  }
}

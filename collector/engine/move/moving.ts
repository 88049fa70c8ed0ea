import type { IntakeLog } from '../../log/log.ts'
import { HELD } from '../../log/postgres.ts'
import type { Connections } from '../../postgres-connection.ts'

/** Takes the lock of whoever moves the log of this id, for as long as the connection lasts; false where another has it. */
export async function beginMoving(sql: Connections, id: string): Promise<boolean> {
  const [row] = await sql<{ held: boolean }[]>`SELECT pg_try_advisory_lock(hashtext(${id}), ${HELD}) AS held`
  return row!.held
}

/** Whether somebody moves the log of this id. */
export async function isMoving(sql: Connections, id: string): Promise<boolean> {
  const [row] = await sql<
    { free: boolean }[]
  >`SELECT pg_try_advisory_xact_lock_shared(hashtext(${id}), ${HELD}) AS free`
  return !row!.free
}

/**
 * A log that lies elsewhere than the state, which keeps what it holds while both are moved. (That in the database looks
 * for itself.)
 */
export function keptWhileMoving<L extends IntakeLog>(log: L, sql: Connections): L {
  return {
    ...log,
    async trim(seq) {
      if (!(await isMoving(sql, log.id))) await log.trim(seq)
    },
  }
}

/** Fills a log in PostgreSQL with the entries of another, under their numbers and times. */
import { connect } from '../postgres-connection.ts'
import { runsOf } from './runs.ts'
import type { Taker } from './sqlite-take.ts'

/** Of a new log: its numbers begin behind `after`. */
export async function postgresTaker(url: string, after: number): Promise<Taker> {
  const sql = connect(url, { max: 1, connection: { synchronous_commit: 'on' } })
  await sql`UPDATE intake_log SET last = ${after}`
  return {
    async take(entries) {
      const runs = runsOf(entries)
      if (runs.length === 0) return
      await sql`
        WITH taken AS (
          INSERT INTO intake_entries (seq, n, received_at, body)
          SELECT seq, n, "receivedAt", body FROM json_to_recordset(${JSON.stringify(runs)}::text::json)
            AS rows (seq bigint, n integer, "receivedAt" bigint, body text)
        )
        UPDATE intake_log SET last = ${runs.at(-1)!.seq},
          bytes = bytes + ${runs.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0)}`
    },
    close: () => sql.end({ timeout: 1 }),
  }
}

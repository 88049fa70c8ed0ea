import { connect } from '../postgres-connection.ts'
import { VERSION } from './prepare-database.ts'

export interface SeenDatabase {
  /** Of PostgreSQL. */
  version: string
  /** Its clock, ms. */
  now: number
  schema: 'none' | 'older' | 'current' | 'newer'
  /** The last entry that all partitions have projected. */
  projected: number
  deadLetters: number
}

/** Looks at a shared database and makes nothing. Rejects where it cannot be reached. */
export async function lookAtDatabase(url: string): Promise<SeenDatabase> {
  const sql = connect(url, { max: 1 })
  try {
    const [server] = await sql<{ version: string; now: number; isMade: boolean }[]>`
      SELECT current_setting('server_version') AS version,
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now, to_regclass('leadwake') IS NOT NULL AS "isMade"`
    const { version, now, isMade } = server!
    if (!isMade) return { version, now, schema: 'none', projected: 0, deadLetters: 0 }
    const [made] = await sql<{ schema: number; projected: number; letters: number }[]>`
      SELECT version AS schema, (SELECT coalesce(min(seq), 0) FROM watermarks) AS projected,
        (SELECT count(*) FROM dead_letters) AS letters FROM leadwake`
    const { schema, projected, letters } = made!
    const is = schema > VERSION ? 'newer' : schema < VERSION ? 'older' : 'current'
    return { version, now, schema: is, projected, deadLetters: letters }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

import { connect } from '../postgres-connection.ts'
import { VERSION } from './schema-versions.ts'

export interface SeenDatabase {
  /** Of PostgreSQL. */
  version: string
  /** Its clock, ms. */
  now: number
  /** `overtaken`: of a newer Leadwake, and this one still works with it. */
  schema: 'none' | 'older' | 'current' | 'overtaken' | 'newer'
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
    const [made] = await sql<{ schema: number; oldest: number; projected: number; letters: number }[]>`
      SELECT version AS schema, oldest, (SELECT coalesce(min(seq), 0) FROM watermarks) AS projected,
        (SELECT count(*) FROM dead_letters) AS letters FROM leadwake`
    const { schema, oldest, projected, letters } = made!
    return { version, now, schema: standing(schema, oldest), projected, deadLetters: letters }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function standing(version: number, oldest: number): SeenDatabase['schema'] {
  if (version === VERSION) return 'current'
  if (version < VERSION) return 'older'
  return oldest > VERSION ? 'newer' : 'overtaken'
}

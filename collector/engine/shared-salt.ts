/** The day's salt of measure mode where several collectors share it, see `salt.ts`. */
import { randomBytes } from 'node:crypto'
import type { connect } from '../postgres-connection.ts'
import { hashedVisitor } from '../salt.ts'

const DAY_MS = 86_400_000
/** Collectors' clocks are a second apart at most (`shared-clock.ts`), and agree this often. */
const GRACE_MS = 60_000

export interface SharedSalt {
  measured(site: string, ip: string, userAgent: string, at: number): string
  /** Agrees with the others on today's salt and tomorrow's, and destroys those of days that are over. Rejects while the database is away. */
  agree(now: number): Promise<void>
}

/**
 * Whoever comes first makes a day's salt, and all read it before the day begins: at midnight nobody waits for the
 * database. Where it was away for a whole day, each collector has a salt of its own, and a visitor who comes to two
 * of them is two.
 */
export function sharedSalt(sql: ReturnType<typeof connect>): SharedSalt {
  const known = new Map<number, string>()

  function saltOf(day: number): string {
    const salt = known.get(day) ?? randomBytes(32).toString('base64url')
    known.set(day, salt)
    return salt
  }

  return {
    measured: (site, ip, userAgent, at) =>
      hashedVisitor(saltOf(Math.floor(at / DAY_MS)), site, ip, userAgent),
    async agree(now) {
      const today = Math.floor(now / DAY_MS)
      for (const day of [today, today + 1]) {
        // After a crash of the server the table is empty: whoever knows the salt writes it again.
        const own = saltOf(day)
        await sql`INSERT INTO salts VALUES (${day}, ${own}) ON CONFLICT DO NOTHING`
        const [row] = await sql<{ salt: string }[]>`SELECT salt FROM salts WHERE day = ${day}`
        if (row) known.set(day, row.salt)
      }
      // Another may not have come to the end of the day yet.
      const kept = Math.floor((now - GRACE_MS) / DAY_MS)
      await sql`DELETE FROM salts WHERE day < ${kept}`
      for (const day of known.keys()) if (day < kept) known.delete(day)
    },
  }
}

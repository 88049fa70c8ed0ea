/** One clock for all collectors of a database: each its machine's, put right by the database's where the two are apart. */
import type { connect } from '../postgres-connection.ts'

/** What NTP keeps machines within: a clock that is no further off is taken as it is, and does not jump. */
const SLACK_MS = 1_000
/** An answer that took longer says too little of when it was given. */
const SOON_MS = 2_000

export interface SharedClock {
  /** ms. */
  now(): number
  /** Looks at the database's clock again. Resolves with how far this machine's is ahead, ms; 0 where it is right. Rejects while the database is away. */
  agree(): Promise<number>
}

/**
 * A day ends, a message is due, a signature is of its time and a salt is destroyed by the collectors' clock; of two that are
 * five minutes apart each would do it at another time, and a receiver refuses what is signed then.
 */
export function sharedClock(sql: ReturnType<typeof connect>, own: () => number = Date.now): SharedClock {
  let ahead = 0
  return {
    now: () => own() - ahead,
    async agree() {
      const before = own()
      const [row] = await sql<
        { now: number }[]
      >`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now`
      const took = own() - before
      // The clock was set meanwhile, or the answer was late: the next one tells.
      if (took < 0 || took > SOON_MS) return ahead
      const apart = Math.round(before + took / 2 - row!.now)
      ahead = Math.abs(apart) <= SLACK_MS + took / 2 ? 0 : apart
      return ahead
    },
  }
}

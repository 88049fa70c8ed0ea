/**
 * Events lie by the month that their ids bear, each month in a table of its own: one that is no longer kept is given back
 * whole. Declarative partitions are PostgreSQL's (and Citus's, and YugabyteDB's); CockroachDB has others.
 */
import type postgres from 'postgres'

/** Class of the advisory lock under which a month is made, or dropped: 'mont'. */
const MAKING = 0x6d6f6e74
/** Ids of other times (hashed ones, wrong clocks, forged ones) lie together, so that nobody can make tables at will. */
export const OTHER = 0
/** Months before the present one that have tables: imports bring years. */
const BEHIND = 120
/** Browsers' clocks may be so much ahead, ms. */
const AHEAD_MS = 86_400_000
/** How long whoever reads and writes is waited for when a month is dropped, ms: it can go tomorrow as well. */
const DROP_WAIT_MS = 500

/** Months since the year 0 of a moment, ms. */
export function monthOf(ms: number): number {
  const date = new Date(ms)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/** In which month's table an event is put whose id bears this ms, at `now`. */
export function tableMonth(ms: number, now: number): number {
  if (ms > now + AHEAD_MS || !Number.isSafeInteger(ms)) return OTHER
  const month = monthOf(ms)
  return month < monthOf(now) - BEHIND ? OTHER : month
}

/** The same of many at one `now`: those of a batch are mostly of the month of the one before. */
export function tableMonths(now: number): (ms: number) => number {
  let [from, to, month] = [0, 0, OTHER]
  return (ms) => {
    if (ms >= from && ms < to) return month
    month = tableMonth(ms, now)
    const date = new Date(ms)
    if (month === OTHER) return month
    from = Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
    to = Math.min(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1), now + AHEAD_MS + 1)
    return month
  }
}

const tableOf = (month: number): string => `events_${month}`

/** The months that have a table, as this process knows; whoever else makes or drops one, it is told by the engine. */
export function monthTables(sql: postgres.Sql) {
  const known = new Set<number>([OTHER])

  /** Makes what is missing, whoever comes first. What is attached here is there for transactions that are open already, too. */
  async function make(months: Iterable<number>): Promise<void> {
    for (const month of months) {
      if (known.has(month)) continue
      const name = tableOf(month)
      await sql.begin(async (sql) => {
        await sql`SELECT pg_advisory_xact_lock(${MAKING}, hashtext(current_schema()))`
        if (await isThere(sql, name)) return
        await sql.unsafe(`CREATE TABLE ${name} (LIKE events INCLUDING ALL)`)
        // Locks no reader and no writer of the other months.
        await sql.unsafe(`ALTER TABLE events ATTACH PARTITION ${name} FOR VALUES IN (${month})`)
      })
      known.add(month)
    }
  }

  /** Drops the months before this one of which nothing is left. One that somebody uses just now stays for the next time. */
  async function dropBefore(month: number): Promise<void> {
    const tables = await sql<{ name: string }[]>`
      SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE 'events\\_%'`
    for (const { name } of tables) {
      const of = Number(name.slice(tableOf(0).length - 1))
      if (of === OTHER || !(of < month)) continue
      await sql
        .begin(async (sql) => {
          await sql.unsafe(`SET LOCAL lock_timeout = ${DROP_WAIT_MS}`)
          await sql`SELECT pg_advisory_xact_lock(${MAKING}, hashtext(current_schema()))`
          // From here on nobody writes it.
          await sql.unsafe(`LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`)
          const [row] = await sql.unsafe(`SELECT EXISTS (SELECT 1 FROM ${name}) AS "any"`)
          if (!row!.any) await sql.unsafe(`DROP TABLE ${name}`)
        })
        .catch((error) => {
          if (error.code !== '55P03') throw error
        })
      known.delete(of)
    }
  }

  return { make, dropBefore, forget: () => known.clear() }
}

async function isThere(sql: postgres.TransactionSql, table: string): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`SELECT to_regclass(${table}) IS NOT NULL AS found`
  return row!.found
}

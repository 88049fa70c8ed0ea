/** Which collector projects which partitions, and which one leads: advisory locks, which the engine takes back with the connection. */
import { type Connections, connect } from '../../postgres-connection.ts'

/** Every collector holds this one, shared: it says how many there are. */
const ALIVE = 1_000_000
const LEADER = 1_000_001
/** A partition that nobody took for so long is anybody's, ms: whose turn it is may not be able to. */
const ANYBODYS_AFTER_MS = 3_000
/** A machine that is gone without a word loses its locks after 5 + 3 * 2 s, where TCP alone would wait for two hours. */
const KEEPALIVES = { tcp_keepalives_idle: 5, tcp_keepalives_interval: 2, tcp_keepalives_count: 3 }

export interface Leases {
  /** Takes what is this collector's to take, and gives back what another is short of. Rejects while the engine is away. */
  look(): Promise<Standing>
  /** Gives a partition back, once nothing projects it here any more. */
  giveBack(partition: number): Promise<void>
  close(): Promise<void>
}

export interface Standing {
  /** Partitions that are held here, in order. */
  held: number[]
  /** One of them that another collector is to have: stop projecting it, then `giveBack`. */
  surplus: number | undefined
  isLeader: boolean
  /** Collectors that are there, this one among them. */
  live: number
}

interface Held {
  pid: number
  objid: number
}

export interface LeasesOptions {
  /** A number of the log, below 2^31: another Leadwake may live in the same database. */
  space: number
  partitions: number
  /** The connection broke: nothing is held any more. */
  lost: () => void
  now?: () => number
}

/** Leases of one collector. */
export function leasesOf(url: string, { space, partitions, lost, now = Date.now }: LeasesOptions): Leases {
  const sql = connect(url, {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connection: KEEPALIVES as never,
    onclose: () => {
      isAlive = false
      if (!isClosed) lost()
    },
  })
  let isAlive = false
  let isClosed = false
  /** Since when nobody has held a partition. */
  const freeSince = new Map<number, number>()

  async function take(what: number): Promise<boolean> {
    const [row] = await sql<{ taken: boolean }[]>`SELECT pg_try_advisory_lock(${space}, ${what}) AS taken`
    return row!.taken
  }

  return {
    async look() {
      if (!isAlive) {
        await sql`SELECT pg_try_advisory_lock_shared(${space}, ${ALIVE})`
        isAlive = true
      }
      const [own] = await sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
      const rows = await sql<Held[]>`
        SELECT pid, objid::int AS objid FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = ${space}
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
      const mine = rows.filter(({ pid }) => pid === own!.pid).map(({ objid }) => objid)
      const held = mine.filter((objid) => objid < partitions)
      const live = rows.filter(({ objid }) => objid === ALIVE).map(({ pid }) => pid)
      const countOf = (pid: number) => rows.filter((row) => row.pid === pid && row.objid < partitions).length
      const least = Math.min(...live.map(countOf))
      const share = Math.ceil(partitions / live.length)

      // Who has given one back for another's sake has more than the least, and leaves it.
      const isMyTurn = held.length <= least
      const taken = new Set(rows.map(({ objid }) => objid))
      for (let partition = 0; partition < partitions; partition++) {
        if (taken.has(partition)) {
          freeSince.delete(partition)
          continue
        }
        const since = freeSince.get(partition) ?? now()
        freeSince.set(partition, since)
        if ((isMyTurn && held.length < share) || now() - since >= ANYBODYS_AFTER_MS)
          if (await take(partition)) held.push(partition)
      }
      const isLeader = mine.includes(LEADER) || (!taken.has(LEADER) && (await take(LEADER)))
      const isOver = held.length - least >= 2 && live.length > 1
      return {
        held: held.sort((a, b) => a - b),
        surplus: isOver ? held.at(-1) : undefined,
        isLeader,
        live: live.length,
      }
    },
    async giveBack(partition) {
      freeSince.set(partition, now())
      await sql`SELECT pg_advisory_unlock(${space}, ${partition})`
    },
    async close() {
      isClosed = true
      await sql.end()
    },
  }
}

/** How many collectors of a log are there. */
export async function liveCollectors(sql: Connections, space: number): Promise<number> {
  const [row] = await sql<{ live: number }[]>`
    SELECT count(*) AS live FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = ${space} AND objid = ${ALIVE}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  return row!.live
}

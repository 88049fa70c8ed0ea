/**
 * Which collector projects which partitions, and which one leads: advisory locks, which the engine takes back with the
 * connection, and it ends the connection of whoever has not looked for the time of a lease, by its own clock. Who was
 * suspended meanwhile does not know that yet: so whoever takes a partition counts up its epoch, and what is committed under an
 * earlier one is refused in the very transaction that would write it.
 */
import { type Connections, connect } from '../../postgres-connection.ts'

/** Every collector holds this one, shared: it says how many there are. */
const ALIVE = 1_000_000
const LEADER = 1_000_001
/** Who does not look for so long has lost what it held, ms: 12 looks, and within what a takeover may take. */
export const LEASE_MS = 3_000
/** A partition that nobody took for so long is anybody's, ms: whose turn it is may not be able to. */
const ANYBODYS_AFTER_MS = 3_000
/** A machine that is gone without a word loses its locks after 5 + 3 * 2 s, where TCP alone would wait for two hours. */
const KEEPALIVES = { tcp_keepalives_idle: 5, tcp_keepalives_interval: 2, tcp_keepalives_count: 3 }

/** Another has taken the partition over: this projector must end. */
export class TakenOver extends Error {
  constructor(partition: number) {
    super(`another projector has taken over partition ${partition}`)
  }
}

/**
 * Settings of a connection over which transactions are made: the server ends one whose client falls silent in the
 * midst of it, and with it its locks, also where that client takes no more of an answer.
 */
export const endedWithin = (ms: number) => ({
  idle_in_transaction_session_timeout: ms,
  tcp_user_timeout: ms,
})

export interface Leases {
  /** Takes what is this collector's to take, and gives back what another is short of. Rejects while the engine is away. */
  look(): Promise<Standing>
  /**
   * Of a partition that is held here: from now on nobody commits under an earlier epoch, and what is under way is waited for.
   * Resolves with the new one; undefined where it is not held any more. Rejects where somebody's transaction takes too long.
   */
  begin(partition: number): Promise<number | undefined>
  /** Gives all back and takes nothing any more: there is something here that this program cannot project. */
  retire(): Promise<void>
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
  /** A newer program has changed the schema so that this one cannot work with it: it holds nothing, and counts as none. */
  isTooOld: boolean
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
  /** Of this program's schema. */
  version: number
  now?: () => number
  leaseMs?: number
}

/** Leases of one collector. */
export function leasesOf(
  url: string,
  { space, partitions, lost, version, now = () => performance.now(), leaseMs = LEASE_MS }: LeasesOptions,
): Leases {
  const sql = connect(url, {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connection: { ...KEEPALIVES, idle_session_timeout: leaseMs, lock_timeout: leaseMs } as never,
    onclose: () => {
      isAlive = false
      if (!isClosed) lost()
    },
  })
  let isAlive = false
  let isClosed = false
  let isRetired = false
  /** Since when nobody has held a partition. */
  const freeSince = new Map<number, number>()

  async function take(what: number): Promise<boolean> {
    const [row] = await sql<{ taken: boolean }[]>`SELECT pg_try_advisory_lock(${space}, ${what}) AS taken`
    return row!.taken
  }

  async function release(): Promise<void> {
    if (isAlive) await sql`SELECT pg_advisory_unlock_all()`
    isAlive = false
  }

  return {
    async look() {
      const [own] = await sql<{ pid: number; isTooOld: boolean }[]>`
        SELECT pg_backend_pid() AS pid, oldest > ${version} AS "isTooOld" FROM leadwake`
      if (own!.isTooOld || isRetired) {
        await release()
        return { held: [], surplus: undefined, isLeader: false, live: 0, isTooOld: own!.isTooOld }
      }
      if (!isAlive) {
        await sql`SELECT pg_try_advisory_lock_shared(${space}, ${ALIVE})`
        isAlive = true
      }
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
        isTooOld: false,
      }
    },
    async begin(partition) {
      const [row] = await sql<{ epoch: number }[]>`
        INSERT INTO watermarks (part, seq, now, epoch)
        SELECT ${partition}, 0, 0, 1 WHERE EXISTS (
          SELECT 1 FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND objsubid = 2
            AND granted AND classid = ${space} AND objid = ${partition}
        ) AND NOT EXISTS (SELECT 1 FROM leadwake WHERE oldest > ${version})
        ON CONFLICT (part) DO UPDATE SET epoch = coalesce(watermarks.epoch, 0) + 1 RETURNING epoch`
      return row?.epoch
    },
    async retire() {
      isRetired = true
      await release()
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

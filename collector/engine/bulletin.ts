/**
 * What the collectors of one database tell each other: what was projected, what somebody who looks on is shown. It is
 * a hint alone: whoever misses one finds the same in the tables a moment later.
 */
import type { Outcome } from '../entry.ts'
import { connect } from '../postgres-connection.ts'
import type { Glimpse, SeenEvent, SeenMove } from '../project/glimpse.ts'

export type Notice =
  /** Something that somebody waits for was appended. */
  | { kind: 'appended' }
  /** Awaited entries were projected, or what collectors hold in memory changed. */
  | { kind: 'projected'; refs: string[]; configured: boolean; erased: boolean; posted: boolean }
  /** Somebody looks on at a collector. */
  | { kind: 'watched' }
  | { kind: 'shown'; site: string; seen: number[]; events: SeenEvent[]; more: number; moves: SeenMove[] }

/** A notice has at most 8,000 bytes (https://www.postgresql.org/docs/current/sql-notify.html). */
const MOST_BYTES = 7_900
/** References of one notice, of at most 64 bytes; pairs of visitor and time; things done, with paths of up to 2 kB each. */
const REFS_AT_ONCE = 100
const SEEN_AT_ONCE = 400
const DONE_AT_ONCE = 2

export interface Bulletin {
  /** Tells the others. Never rejects: who does not hear of it looks for itself. */
  tell(notice: Notice): void
  /** Listens again where the connection was made anew, and reads what the notices are hints of. Rejects while the database is away. */
  look(awaited: readonly string[]): Promise<Seen>
  close(): Promise<void>
}

export interface Seen {
  /** How far the first partition, which projects all that configures, has come. */
  configured: number
  /** Of those that are awaited. */
  outcomes: { ref: string; outcome: Outcome }[]
}

export interface BulletinOptions {
  /** Number of the log: channels are the database's, and another Leadwake may live there. */
  space: number
  /** Of this collector, which does not hear itself. */
  name: string
  heard: (notice: Notice) => void
}

export function bulletin(url: string, { space, name, heard }: BulletinOptions): Bulletin {
  const channel = `leadwake_${space}`
  const options = {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    // The driver's own `listen` tries once to come back, and not again.
    onnotify(_channel: string, payload: string) {
      const { from, notice } = JSON.parse(payload) as { from: string; notice: Notice }
      if (from !== name) heard(notice)
    },
  }
  const sql = connect(url, options as never)

  return {
    tell(notice) {
      const payload = JSON.stringify({ from: name, notice })
      if (Buffer.byteLength(payload) > MOST_BYTES) return
      sql`SELECT pg_notify(${channel}, ${payload})`.catch(() => {})
    },
    async look(awaited) {
      await sql.unsafe(`LISTEN ${channel}`)
      const [first] = await sql<{ seq: number }[]>`SELECT seq FROM watermarks WHERE part = 0`
      const rows =
        awaited.length === 0
          ? []
          : await sql<
              { ref: string; body: string }[]
            >`SELECT ref, body FROM outcomes WHERE ref IN ${sql(awaited as string[])}`
      return {
        configured: first?.seq ?? 0,
        outcomes: rows.map(({ ref, body }) => ({ ref, outcome: JSON.parse(body) as Outcome })),
      }
    },
    async close() {
      await sql.end({ timeout: 1 })
    },
  }
}

/** As notices that fit: of long lists several. */
export function projectedNotices(
  refs: readonly string[],
  flags: { configured: boolean; erased: boolean; posted: boolean },
): Notice[] {
  const notices: Notice[] = []
  for (let i = 0; i === 0 || i < refs.length; i += REFS_AT_ONCE)
    notices.push({ kind: 'projected', refs: refs.slice(i, i + REFS_AT_ONCE), ...flags })
  return notices
}

/** The same of what is shown. */
export function shownNotices(glimpses: readonly Glimpse[]): Notice[] {
  return glimpses.flatMap(({ site, seen, events, more, moves }) => {
    const notices: Notice[] = []
    const add = (part: Partial<Notice & { kind: 'shown' }>) =>
      notices.push({ kind: 'shown', site, seen: [], events: [], more: 0, moves: [], ...part })
    for (let i = 0; i < seen.length; i += SEEN_AT_ONCE)
      add({ seen: Array.from(seen.subarray(i, i + SEEN_AT_ONCE)) })
    for (let i = 0; i < events.length; i += DONE_AT_ONCE) add({ events: events.slice(i, i + DONE_AT_ONCE) })
    for (let i = 0; i < moves.length; i += DONE_AT_ONCE) add({ moves: moves.slice(i, i + DONE_AT_ONCE) })
    if (more > 0) add({ more })
    return notices
  })
}

export const glimpseOf = ({ site, seen, events, more, moves }: Notice & { kind: 'shown' }): Glimpse => ({
  site,
  seen: Float64Array.from(seen),
  events,
  more,
  moves,
})

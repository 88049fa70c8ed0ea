import { connect } from '../../collector/postgres-connection.ts'
import type { Received } from '../webhook/receiver.ts'

export interface Deliveries {
  /** Messages that never came. */
  missed: number
  /** Messages that are in the outbox twice, under two ids. */
  again: number
  /** Signed or recorded at a time that is not theirs: receivers refuse what is five minutes off. */
  untimely: number
  /** Requests beyond the first of a message: at least once is what is promised. */
  repeated: number
}

const DELIVERED_WITHIN_MS = 30_000
const TIMELY_S = 60

export type Arrived = Pick<Received, 'id' | 'headers'> & { at: number }

/** What came to a webhook beside what the outbox says was to come. */
export async function compareDeliveries(url: string, arrived: readonly Arrived[]): Promise<Deliveries> {
  const sql = connect(url, { max: 1 })
  try {
    await delivered(sql)
    const messages = await sql<{ id: string; payload: string }[]>`
      SELECT id, (body::json -> 'payload')::text AS payload FROM outbox`
    // Nobody's clock has led the projectors into the future.
    const [ahead] = await sql<{ n: number }[]>`
      SELECT count(*) AS n FROM transitions WHERE recorded_at / 1000 > extract(epoch FROM now()) + ${TIMELY_S}`
    const ids = new Set(arrived.map(({ id }) => id))
    return {
      missed: messages.filter(({ id }) => !ids.has(id)).length,
      again: messages.length - new Set(messages.map(({ payload }) => payload)).size,
      untimely:
        ahead!.n +
        arrived.filter(
          ({ headers, at }) => Math.abs(Number(headers['webhook-timestamp']) - at / 1_000) > TIMELY_S,
        ).length,
      repeated: arrived.length - ids.size,
    }
  } finally {
    await sql.end()
  }
}

async function delivered(sql: ReturnType<typeof connect>): Promise<void> {
  const until = performance.now() + DELIVERED_WITHIN_MS
  for (;;) {
    const rows = await sql<{ state: string; n: number }[]>`
      SELECT state, count(*)::bigint AS n FROM deliveries WHERE state <> 'delivered' GROUP BY state`
    if (rows.length === 0) return
    if (performance.now() > until) throw new Error(`not delivered: ${JSON.stringify(rows)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

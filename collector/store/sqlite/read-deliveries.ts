/** What is asked of webhooks and their deliveries. */
import type { Database } from 'better-sqlite3'
import type { DeliveryLine, DeliveryReader, DueRow } from '../reader.ts'

export function deliveryReader(db: Database): DeliveryReader {
  const webhooks = db.prepare("SELECT body FROM webhooks ORDER BY body ->> 'createdAt', id").pluck()
  const due = db.prepare(
    `SELECT webhook, message, d.contact, json_array_length(tries) AS made, payload FROM deliveries AS d
     JOIN outbox ON outbox.id = d.message WHERE webhook = ? AND due_at <= ?
     ORDER BY due_at, d.seq, d.serial LIMIT ?`,
  )
  const lines = (where: string) =>
    db.prepare(
      `SELECT message, payload ->> 'type' AS type, d.seq, d.serial, d.created_at AS createdAt, state, due_at AS dueAt, tries
       FROM deliveries AS d LEFT JOIN outbox ON outbox.id = d.message
       WHERE webhook = @webhook AND ${where} ORDER BY d.seq DESC, d.serial DESC, message DESC LIMIT @limit`,
    )
  const list = lines(
    `(@state IS NULL OR state = @state) AND (@message IS NULL OR message = @message) AND (d.seq, d.serial, message) < (@seq, @serial, @place)`,
  )
  const last = lines("tries <> '[]'")
  const counts = db.prepare('SELECT webhook, state, count(*) AS n FROM deliveries GROUP BY webhook, state')
  const line = (row: unknown): DeliveryLine => {
    const { tries, ...rest } = row as Omit<DeliveryLine, 'tries'> & { tries: string }
    return { ...rest, tries: JSON.parse(tries) }
  }
  return {
    webhooks: () => (webhooks.all() as string[]).map((body) => JSON.parse(body)),
    due: (webhook, at, limit) =>
      (due.all(webhook, at, limit) as (Omit<DueRow, 'payload'> & { payload: string })[]).map((row) => ({
        ...row,
        payload: JSON.parse(row.payload),
      })),
    list: (webhook, { state = null, message = null, before }, limit) =>
      list
        .all({
          webhook,
          state,
          message,
          seq: before?.seq ?? Number.MAX_SAFE_INTEGER,
          serial: before?.serial ?? 0,
          place: before?.message ?? '',
          limit,
        } as object)
        .map(line),
    last: (webhook) => last.all({ webhook, limit: 1 }).map(line)[0],
    counts: () => counts.all() as ReturnType<DeliveryReader['counts']>,
  }
}

/** What is asked of webhooks and their deliveries. */
import type { Database } from 'better-sqlite3'
import type { DeliveryState, DeliveryTry, WebhookRow } from '../store.ts'

/** A message that is due. */
export interface DueRow {
  webhook: string
  message: string
  contact: number
  /** Tries that were made. */
  made: number
  payload: Record<string, unknown>
}

export interface DeliveryLine {
  message: string
  type: string | null
  seq: number
  serial: number
  createdAt: number
  state: DeliveryState
  dueAt: number | null
  tries: DeliveryTry[]
}

/** Where a page of deliveries goes on: behind this place. */
export interface DeliveryPlace {
  seq: number
  serial: number
}

export interface DeliveryReader {
  webhooks(): WebhookRow[]
  /** What is due of a webhook at a moment, ms, longest due first. */
  due(webhook: string, at: number, limit: number): DueRow[]
  /** The newest first. */
  list(
    webhook: string,
    of: { state?: DeliveryState; message?: string; before?: DeliveryPlace },
    limit: number,
  ): DeliveryLine[]
  /** The newest one that was tried; undefined where none was. */
  last(webhook: string): DeliveryLine | undefined
  /** How many there are by webhook and state. */
  counts(): { webhook: string; state: DeliveryState; n: number }[]
}

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
       WHERE webhook = @webhook AND ${where} ORDER BY d.seq DESC, d.serial DESC LIMIT @limit`,
    )
  const list = lines(
    `(@state IS NULL OR state = @state) AND (@message IS NULL OR message = @message) AND (d.seq, d.serial) < (@seq, @serial)`,
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
          limit,
        } as object)
        .map(line),
    last: (webhook) => last.all({ webhook, limit: 1 }).map(line)[0],
    counts: () => counts.all() as ReturnType<DeliveryReader['counts']>,
  }
}

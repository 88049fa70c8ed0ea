/** What is asked of webhooks and their deliveries. */
import type { DeliveryLine, DeliveryReader, DueRow } from '../reader.ts'
import type { Asker } from './asker.ts'

const payloadOf = (text: string) => JSON.parse(text).payload

export function deliveryReader({ all }: Asker): DeliveryReader {
  const lines = (where: string, ...args: (string | number | null)[]): DeliveryLine[] =>
    all<Omit<DeliveryLine, 'tries'> & { tries: string }>(
      `SELECT message, (outbox.body::json -> 'payload') ->> 'type' AS type, d.seq, d.serial, d.created_at AS "createdAt", state,
         due_at AS "dueAt", tries
       FROM deliveries AS d LEFT JOIN outbox ON outbox.id = d.message
       WHERE webhook = $1 AND ${where} ORDER BY d.seq DESC, d.serial DESC, message COLLATE "C" DESC LIMIT $2`,
      ...args,
    ).map(({ tries, ...row }) => ({ ...row, tries: JSON.parse(tries) }))

  return {
    webhooks: () =>
      all<{ body: string }>('SELECT body FROM webhooks ORDER BY created_at, id COLLATE "C"').map(({ body }) =>
        JSON.parse(body),
      ),
    due: (webhook, at, limit) =>
      all<Omit<DueRow, 'payload'> & { body: string }>(
        `SELECT webhook, message, d.contact, json_array_length(tries::json) AS made, body FROM deliveries AS d
         JOIN outbox ON outbox.id = d.message WHERE webhook = $1 AND due_at <= $2
         ORDER BY due_at, d.seq, d.serial LIMIT $3`,
        webhook,
        at,
        limit,
      ).map(({ body, ...row }) => ({ ...row, payload: payloadOf(body) })),
    list: (webhook, { state = null, message = null, before }, limit) =>
      lines(
        `($3::text IS NULL OR state = $3) AND ($4::text IS NULL OR message = $4) AND (d.seq, d.serial, message COLLATE "C") < ($5::bigint, $6::bigint, $7)`,
        webhook,
        limit,
        state,
        message,
        before?.seq ?? Number.MAX_SAFE_INTEGER,
        before?.serial ?? 0,
        before?.message ?? '',
      ),
    last: (webhook) => lines("tries <> '[]'", webhook, 1)[0],
    counts: () => all('SELECT webhook, state, count(*) AS n FROM deliveries GROUP BY webhook, state'),
  }
}

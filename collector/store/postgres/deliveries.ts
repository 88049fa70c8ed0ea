/** Webhooks and what is delivered to them, as the projector writes it. */
import { type Changes, MESSAGES_AT_ONCE } from '../store.ts'
import { textsIn } from './asker.ts'
import { removingSome } from './tables.ts'
import type { Writer } from './writing.ts'

/** The next of a webhook's messages of each contact is due: no earlier one of it waits. */
const NEXT = `UPDATE deliveries AS d SET due_at = $1 WHERE d.webhook = $2 AND d.contact = $3
  AND d.state = 'waiting' AND d.due_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM deliveries AS e WHERE e.webhook = d.webhook AND e.contact = d.contact AND d.contact <> 0
      AND e.state = 'waiting' AND (e.seq, e.serial) < (d.seq, d.serial))`

const IS_REVIVED = (row: string) =>
  `${row}.message = ANY (${textsIn('$3')}) AND EXISTS (SELECT 1 FROM outbox WHERE id = ${row}.message)`

/**
 * Those of these that are dead wait again, each behind what waits of the same contact, revived with it or not: written once, for every
 * index of the table is written with it. By their keys, not by the index of all that are dead, of which the engine may think that
 * they are few: it then looked through them for each.
 */
const REVIVE = `UPDATE deliveries AS d SET state = 'waiting', tries = '[]', due_at = CASE
    WHEN d.contact <> 0 AND EXISTS (SELECT 1 FROM deliveries AS e WHERE e.webhook = d.webhook AND e.contact = d.contact
      AND (e.seq, e.serial) < (d.seq, d.serial) AND (e.state = 'waiting' OR e.state = 'dead' AND ${IS_REVIVED('e')})) THEN NULL
    ELSE $1::bigint END
  WHERE d.webhook = $2 AND coalesce(d.state, '') = 'dead' AND ${IS_REVIVED('d')}`

/** What a collector that led before tells late of an earlier try opens nothing again that is done; that it arrived holds. */
const IS_OPEN = `(state = 'waiting' OR $1::text = 'delivered')`

export async function writeDeliveries({ write, send, put }: Writer, c: Changes): Promise<void> {
  const { now } = c.watermark
  put(
    'webhooks',
    c.webhooks.map((row) => ({ id: row.id, created_at: row.createdAt, body: JSON.stringify(row) })),
  )
  put(
    'outbox',
    c.outbox.map((row) => ({
      id: row.id,
      contact: row.contact,
      created_at: row.createdAt,
      is_brief: row.isBrief,
      body: JSON.stringify(row),
    })),
    'fail',
  )
  if (c.deliveries.length > 0) {
    put(
      'deliveries',
      c.deliveries.map(({ createdAt, ...row }) => ({
        ...row,
        created_at: createdAt,
        state: 'waiting',
        due_at: null,
        tries: '[]',
      })),
      'ignore',
    )
    const lanes = new Map(c.deliveries.map((row) => [`${row.webhook} ${row.contact}`, row]))
    for (const { webhook, contact } of lanes.values()) send(NEXT, [now, webhook, contact])
  }
  for (const { webhook, message, tried, state, dueAt } of c.deliveryResults) {
    const found = await write(
      `UPDATE deliveries SET state = CASE WHEN ${IS_OPEN} THEN $1::text ELSE state END,
         due_at = CASE WHEN ${IS_OPEN} THEN $2::bigint ELSE due_at END,
         tries = CASE tries WHEN '[]' THEN '[' ELSE rtrim(tries, ']') || ',' END || $3 || ']'
       WHERE webhook = $4 AND message = $5`,
      [state, dueAt, JSON.stringify(tried), webhook, message],
    )
    if (found === 0 || state === 'waiting') continue
    send(
      NEXT.replace(
        'd.contact = $3',
        'd.contact = (SELECT contact FROM deliveries WHERE webhook = $2 AND message = $3)',
      ),
      [now, webhook, message],
    )
    send(
      `DELETE FROM outbox WHERE id = $1 AND is_brief
         AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message = $1 AND state IN ('waiting', 'dead'))`,
      [message],
    )
  }
  for (const { webhook, messages } of c.deliveriesRevived)
    send(REVIVE, [now, webhook, JSON.stringify(messages)])
  for (const id of c.webhooksRemoved) {
    send(removingSome('deliveries', 'webhook = $1', MESSAGES_AT_ONCE), [id])
    send('DELETE FROM webhooks WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE webhook = $1)', [
      id,
    ])
  }
  if (c.messagesBefore > 0)
    for (const table of ['deliveries', 'outbox'] as const)
      send(removingSome(table, 'created_at < $1', MESSAGES_AT_ONCE), [c.messagesBefore])
}

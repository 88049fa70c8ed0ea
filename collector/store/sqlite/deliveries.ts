/** Webhooks and what is delivered to them, as the projector writes it. */
import type { Database } from 'better-sqlite3'
import {
  type Changes,
  MESSAGES_AT_ONCE,
  type MessagePlace,
  type StateStore,
  type WebhookRow,
} from '../store.ts'

type Part = Pick<
  Changes,
  | 'outbox'
  | 'webhooks'
  | 'webhooksRemoved'
  | 'deliveries'
  | 'deliveryResults'
  | 'deliveriesRevived'
  | 'messagesBefore'
>

/** Another of the same contact that waits and lies before it. What is nobody's waits for nothing. */
const EARLIER = `SELECT 1 FROM deliveries AS e WHERE e.webhook = d.webhook AND e.contact = d.contact
  AND d.contact <> 0 AND e.state = 'waiting' AND (e.seq, e.serial) < (d.seq, d.serial)`

interface Delivery {
  contact: number
  tries: string
  state: string
  dueAt: number | null
}

export function sqliteDeliveries(db: Database): {
  write(changes: Part, now: number): void
  webhooks(): WebhookRow[]
  dead: (webhook: string, messages: readonly string[] | null) => number
  deadAfter: StateStore['deadAfter']
  hasBefore(at: number): boolean
} {
  const all = db.prepare("SELECT body FROM webhooks ORDER BY body ->> 'createdAt', id").pluck()
  const put = db.prepare('INSERT OR REPLACE INTO webhooks (id, body) VALUES (?, ?)')
  const drop = db.prepare(
    'DELETE FROM webhooks WHERE id = ? AND NOT EXISTS (SELECT 1 FROM deliveries WHERE webhook = webhooks.id)',
  )
  const dropDeliveries = db.prepare(
    `DELETE FROM deliveries WHERE (webhook, message) IN
       (SELECT webhook, message FROM deliveries WHERE webhook = ? LIMIT ${MESSAGES_AT_ONCE})`,
  )
  const addMessage = db.prepare(
    `INSERT INTO outbox (id, site, contact, seq, serial, created_at, is_brief, payload)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const add = db.prepare(
    `INSERT OR IGNORE INTO deliveries (webhook, message, contact, seq, serial, created_at, state, due_at, tries)
     VALUES (?, ?, ?, ?, ?, ?, 'waiting', NULL, '[]')`,
  )
  const delivery = db.prepare(
    'SELECT contact, tries, state, due_at AS dueAt FROM deliveries WHERE webhook = ? AND message = ?',
  )
  const settle = db.prepare(
    'UPDATE deliveries SET state = ?, due_at = ?, tries = ? WHERE webhook = ? AND message = ?',
  )
  const next = (of: string) =>
    db.prepare(
      `UPDATE deliveries AS d SET due_at = ? WHERE d.webhook = ? AND ${of} AND d.state = 'waiting' AND d.due_at IS NULL
         AND NOT EXISTS (${EARLIER})`,
    )
  const nextOfContact = next('d.contact = ?')
  const revive = db
    .prepare(
      `UPDATE deliveries SET state = 'waiting', due_at = NULL, tries = '[]' WHERE webhook = ? AND message = ? AND state = 'dead'
         AND EXISTS (SELECT 1 FROM outbox WHERE id = message) RETURNING contact`,
    )
    .pluck()
  const deadAfter = db.prepare(
    `SELECT message, seq, serial FROM deliveries WHERE webhook = ? AND (seq, serial, message) > (?, ?, ?) AND state = 'dead'
     ORDER BY seq, serial, message LIMIT ?`,
  )
  const deadAll = db.prepare("SELECT count(*) FROM deliveries WHERE webhook = ? AND state = 'dead'").pluck()
  const deadOne = db
    .prepare("SELECT count(*) FROM deliveries WHERE webhook = ? AND state = 'dead' AND message = ?")
    .pluck()
  // Whom it names is erased: it stays no longer than it must.
  const dropBrief = db.prepare(
    `DELETE FROM outbox WHERE id = ? AND is_brief = 1
       AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message = outbox.id AND state IN ('waiting', 'dead'))`,
  )
  const aged = [
    ['deliveries', 'webhook, message'],
    ['outbox', 'id'],
  ] as const
  const forget = aged.map(([table, key]) =>
    db.prepare(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE created_at < ? LIMIT ${MESSAGES_AT_ONCE})`,
    ),
  )
  const older = aged.map(([table]) => db.prepare(`SELECT 1 FROM ${table} WHERE created_at < ? LIMIT 1`))

  return {
    webhooks: () => (all.all() as string[]).map((body) => JSON.parse(body)),
    hasBefore: (at) => older.some((statement) => statement.get(at) !== undefined),
    dead: (webhook, messages) =>
      messages === null
        ? (deadAll.get(webhook) as number)
        : messages.reduce((sum, message) => sum + (deadOne.get(webhook, message) as number), 0),
    deadAfter: (webhook, { seq, serial, message }, limit) =>
      deadAfter.all(webhook, seq, serial, message, limit) as MessagePlace[],
    write(changes, now) {
      for (const row of changes.webhooks) put.run(row.id, JSON.stringify(row))
      for (const { id, site, contact, seq, serial, createdAt, isBrief, payload } of changes.outbox)
        addMessage.run(id, site, contact, seq, serial, createdAt, Number(isBrief), JSON.stringify(payload))
      for (const { webhook, message, contact, seq, serial, createdAt } of changes.deliveries) {
        add.run(webhook, message, contact, seq, serial, createdAt)
        nextOfContact.run(now, webhook, contact)
      }
      for (const { webhook, message, tried, state, dueAt } of changes.deliveryResults) {
        const row = delivery.get(webhook, message) as Delivery | undefined
        if (!row) continue
        const tries = [...JSON.parse(row.tries), tried]
        // What is told late of an earlier try opens nothing again that is done; that it arrived holds.
        const last = row.state === 'waiting' || state === 'delivered' ? { state, dueAt } : row
        settle.run(last.state, last.dueAt, JSON.stringify(tries), webhook, message)
        if (state === 'waiting') continue
        nextOfContact.run(now, webhook, row.contact)
        dropBrief.run(message)
      }
      for (const { webhook, messages } of changes.deliveriesRevived) {
        const revived = messages.map((message) => revive.get(webhook, message) as number | undefined)
        for (const contact of new Set(revived))
          if (contact !== undefined) nextOfContact.run(now, webhook, contact)
      }
      for (const id of changes.webhooksRemoved) {
        dropDeliveries.run(id)
        drop.run(id)
      }
      if (changes.messagesBefore > 0) for (const statement of forget) statement.run(changes.messagesBefore)
    },
  }
}

import type { EntryBody } from '../../collector/entry.ts'
import type { WebhookRow } from '../../collector/store/store.ts'
import type { Projection } from '../support/projection.ts'

export const START = Date.UTC(2026, 10, 3, 9)
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

export const webhookEntry = (id: string, over: Partial<WebhookRow> = {}): EntryBody => ({
  kind: 'webhook',
  webhook: {
    id,
    site: null,
    url: 'https://hooks.example.org/in',
    events: ['*'],
    format: 'standard',
    description: '',
    token: null,
    secret: SECRET,
    ...over,
  },
})

/** A person leaves a name; with `signal` as a hand-raise, which makes an SQL. */
export const identifyEntry = (email: string, at: number, signal?: string): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: `contact-of-${email}`,
  visitors: [],
  email,
  traits: {},
  at,
  signals: signal === undefined ? [] : [{ id: { ms: at, key: signal.length }, name: signal, at }],
})

export interface Told {
  id: string
  type: string
  contact: number
}

export const outboxOf = ({ db }: Projection): Told[] =>
  db
    .prepare("SELECT id, payload ->> 'type' AS type, contact FROM outbox ORDER BY seq, serial")
    .all() as Told[]

export const deliveriesOf = ({ db }: Projection, webhook?: string): string[] =>
  (
    db
      .prepare(
        `SELECT webhook, payload ->> 'type' AS type, state FROM deliveries AS d LEFT JOIN outbox ON outbox.id = message
         WHERE ? IS NULL OR webhook = ? ORDER BY webhook, d.seq, d.serial`,
      )
      .all(webhook ?? null, webhook ?? null) as { webhook: string; type: string; state: string }[]
  ).map(({ webhook: of, type, state }) => `${of} ${type} ${state}`)

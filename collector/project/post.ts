import { createHash } from 'node:crypto'
import type { WebhookPayload } from '../../shared/messages.ts'
import type { Batch } from './batch.ts'

/** Characters of a message's id behind `msg_`: 132 bits. */
const ID_LENGTH = 22

export interface Post {
  /** Number of the site. */
  site: number
  /** Whose it is; null of what is nobody's. It waits for what was told of the same contact before. */
  contact: { no: number; id: string } | null
  payload: WebhookPayload
  now: number
  /** Kept no longer than until every webhook that wants it has it. */
  isBrief?: boolean
}

/** Puts a message into the outbox, under an id that is the same whenever its entry is projected again. */
export function post(batch: Batch, { site, contact, payload, now, isBrief = false }: Post): void {
  const [seq, serial] = batch.nextPlace()
  // What is nobody's is told apart by what it says: one entry may erase several people, and after a crash count from one again.
  const of = contact?.id ?? JSON.stringify(payload)
  batch.appended.outbox.push({
    id: messageId(`${of} ${site} ${seq} ${serial}`),
    site,
    contact: contact?.no ?? 0,
    seq,
    serial,
    createdAt: now,
    isBrief,
    payload: { ...payload },
  })
}

/** A hash: it stands in logs of receivers, and is not to tell whom it is about. */
const messageId = (name: string): string =>
  `msg_${createHash('sha256').update(name).digest('base64url').slice(0, ID_LENGTH)}`

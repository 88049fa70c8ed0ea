/** What is done to all messages of a webhook at once. */
import { MESSAGES_AT_ONCE } from '../store/store.ts'
import type { Chunks, Last } from './chunks.ts'

/** Forgets what was sent to a webhook, and the webhook. */
export async function forgetMessages({ store, batch: part, commit }: Chunks, id: string): Promise<void> {
  const isThere = async () => (await store.webhooks()).some((row) => row.id === id)
  while (await isThere()) {
    const batch = part()
    batch.appended.webhooksRemoved.push(id)
    await commit(batch)
  }
}

/**
 * All dead deliveries of a webhook are tried again: the oldest first, so that those of a lead stay in order. After a crash
 * it goes on with those that are still dead.
 */
export async function reviveAll({ store, batch: part, commit }: Chunks, id: string): Promise<Last> {
  let replayed = 0
  for (let place = { seq: -1, serial: 0 }; ; ) {
    const dead = await store.deadAfter(id, place, MESSAGES_AT_ONCE)
    if (dead.length === 0) return { outcome: { status: 200, body: { id, replayed } } }
    const batch = part()
    batch.appended.deliveriesRevived.push({ webhook: id, messages: dead.map(({ message }) => message) })
    await commit(batch)
    replayed += dead.length
    place = dead.at(-1)!
  }
}

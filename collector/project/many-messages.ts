/** What is done to all messages of a webhook at once. */
import type { Chunks } from './chunks.ts'

/** Forgets what was sent to a webhook, and the webhook. */
export async function forgetMessages({ store, batch: part, commit }: Chunks, id: string): Promise<void> {
  const isThere = async () => (await store.webhooks()).some((row) => row.id === id)
  while (await isThere()) {
    const batch = part()
    batch.appended.webhooksRemoved.push(id)
    await commit(batch)
  }
}

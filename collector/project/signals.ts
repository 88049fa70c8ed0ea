import type { Outcome, SignalEntry } from '../entry.ts'
import type { Batch } from './batch.ts'
import { signal } from './identify.ts'
import { foldStale } from './leads.ts'
import type { RuledSite } from './sites.ts'
import type { Suppressing } from './suppressing.ts'

/** Signals of a server, each with an outcome of its own. */
export async function signals(
  batch: Batch,
  site: RuledSite,
  entry: SignalEntry,
  now: number,
  suppressing: Suppressing,
): Promise<Outcome> {
  const items: Record<string, unknown>[] = []
  // In the order of time each of them is O(1); they are answered in the order in which they were given.
  const inTime = entry.items
    .map((item, i) => ({ item, i }))
    .sort((a, b) => a.item.signal.at - b.item.signal.at || a.item.signal.id.key - b.item.signal.id.key)
  for (const { item, i } of inTime) {
    const isAway = item.visitor !== undefined && suppressing.has(site.id, 'visitor', item.visitor)
    const { status, body } = isAway ? AWAY : await signal(batch, site, item, now)
    items[i] = { status, ...body }
  }
  await foldStale(batch, () => site)
  return { status: 200, body: { items } }
}

const AWAY: Outcome = { status: 404, body: { detail: 'that visitor was erased and stays away' } }

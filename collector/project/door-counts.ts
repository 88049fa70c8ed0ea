import type { CountsEntry } from '../entry.ts'
import type { Batch } from './batch.ts'

const DAY_MS = 86_400_000

/** What was refused at the door since it was last told. */
export function doorCounts(batch: Batch, entry: CountsEntry, now: number): void {
  refused(batch, entry, Math.floor(now / DAY_MS))
  for (const [kind, reasons] of [
    ['dropped', entry.dropped],
    ['rejected', entry.rejected],
  ] as const) {
    for (const [reason, n] of Object.entries(reasons)) {
      batch.count('received', n)
      batch.count(`${kind}:${reason}`, n)
    }
  }
  for (const [what, n] of Object.entries(entry.noted)) batch.count(`noted:${what}`, n)
}

/** Keeps by day what the door refused: of each site, and what is of none. */
function refused(batch: Batch, { dropped, rejected, sites = {} }: CountsEntry, day: number): void {
  const rest = { ...dropped }
  for (const [site, reasons] of Object.entries(sites)) {
    for (const [reason, n] of Object.entries(reasons)) {
      batch.appended.refusals.push({ day, site, reason, n })
      rest[reason] = (rest[reason] ?? 0) - n
    }
  }
  for (const [reason, n] of [...Object.entries(rest), ...Object.entries(rejected)])
    if (n > 0) batch.appended.refusals.push({ day, site: '', reason, n })
}

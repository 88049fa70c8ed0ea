import type { Database } from 'better-sqlite3'
import type { PresentReader } from '../reader.ts'
import { VisitorSet } from '../visitor-set.ts'

const QUARTER_MS = 900_000
/** Where a quarter hour had more visitors than a set lists, the latest of all visitors are looked at: so many. */
const LOOKED_AT = 20_000

/** Asks the sets of the last quarter hours, so that nobody has to look through all visitors. */
export function presentReader(db: Database): PresentReader {
  const sets = db
    .prepare(
      'SELECT visitors FROM quarters WHERE site = ? AND quarter BETWEEN ? AND ? AND visitors IS NOT NULL',
    )
    .pluck()
  const lastOf = db.prepare('SELECT first_at + last_after FROM visitors WHERE no = ?').pluck()
  const latest = db
    .prepare('SELECT no FROM visitors WHERE site = ? AND no > (SELECT max(no) FROM visitors) - ?')
    .pluck()

  return (site, since, now) => {
    const candidates = new Set<number>()
    const quarters = [Math.floor(since / QUARTER_MS), Math.floor(now / QUARTER_MS)]
    for (const bytes of sets.all(site, ...quarters) as Uint8Array[]) {
      const members = VisitorSet.decode(bytes).members()
      for (const no of members ?? (latest.all(site, LOOKED_AT) as number[])) candidates.add(no)
    }
    const found: [no: number, at: number][] = []
    for (const no of candidates) {
      const at = (lastOf.get(no) as number | undefined) ?? 0
      if (at >= since) found.push([no, at])
    }
    return found.sort(([, a], [, b]) => a - b).flat()
  }
}

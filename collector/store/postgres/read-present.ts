import type { PresentReader } from '../reader.ts'
import { NUMBERS, VisitorSet } from '../visitor-set.ts'
import { type Asker, numberList } from './asker.ts'

const QUARTER_MS = 900_000
/** Where a quarter hour had more visitors than a set lists, the latest of a projector's visitors are looked at: so many. */
const LOOKED_AT = 20_000

/** Asks the sets of the last quarter hours, so that nobody has to look through all visitors. */
export function presentReader({ all }: Asker): PresentReader {
  /** The latest visitors of a site that a projector has numbered. */
  const latest = (site: number, part: number): number[] =>
    all<{ no: number }>(
      `SELECT no FROM visitors WHERE site = $1 AND no < $2
         AND no > (SELECT coalesce(max(no), 0) FROM visitors WHERE site = $1 AND no >= $3 AND no < $2) - $4::bigint AND no >= $3`,
      site,
      (part + 1) * NUMBERS,
      part * NUMBERS,
      LOOKED_AT,
    ).map(({ no }) => no)

  return (site, since, now) => {
    const candidates = new Set<number>()
    const crowded = new Set<number>()
    const sets = all<{ part: number; visitors: Uint8Array }>(
      'SELECT part, visitors FROM quarter_visitors WHERE site = $1 AND quarter BETWEEN $2 AND $3',
      site,
      Math.floor(since / QUARTER_MS),
      Math.floor(now / QUARTER_MS),
    )
    for (const { part, visitors } of sets) {
      const members = VisitorSet.decode(visitors).members()
      if (!members) crowded.add(part)
      for (const no of members ?? []) candidates.add(no)
    }
    for (const part of crowded) for (const no of latest(site, part)) candidates.add(no)
    if (candidates.size === 0) return []
    return all<{ no: number; at: number }>(
      `SELECT no, last_at AS at FROM visitors
       WHERE site = $3 AND no = ANY ($1::text::bigint[]) AND last_at >= $2 ORDER BY last_at, no`,
      numberList(candidates),
      since,
      site,
    ).flatMap(({ no, at }) => [no, at])
  }
}

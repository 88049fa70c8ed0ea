/** How many leads stand at each stage: kept by whatever statement changes a lead, for to count a hundred thousand takes 4 ms each time. */
import type { Database } from 'better-sqlite3'
import type { Stage } from '../../../shared/lead.ts'

/** To be called once on a connection that writes. */
export function keepStageCounts(db: Database): void {
  const count = (row: 'old' | 'new', n: 1 | -1) =>
    `INSERT INTO stage_counts (site, stage, n) SELECT ${row}.site, ${row}.stage, ${n} WHERE true
     ON CONFLICT (site, stage) DO UPDATE SET n = n + excluded.n;`
  const triggers = [
    ['INSERT', 'true', count('new', 1)],
    ['UPDATE OF stage', 'old.stage <> new.stage', count('old', -1) + count('new', 1)],
    ['DELETE', 'true', count('old', -1)],
  ]
  for (const [i, [what, when, change]] of triggers.entries())
    db.exec(
      `CREATE TEMP TRIGGER IF NOT EXISTS stage_counts_${i} AFTER ${what} ON main.leads WHEN ${when} BEGIN ${change} END`,
    )
}

/** Of a site, those at which anybody stands. */
export function stageCounts(db: Database): (site: number) => { stage: Stage; n: number }[] {
  const counts = db.prepare('SELECT stage, n FROM stage_counts WHERE site = ? AND n > 0 ORDER BY stage')
  return (site) => counts.all(site) as { stage: Stage; n: number }[]
}

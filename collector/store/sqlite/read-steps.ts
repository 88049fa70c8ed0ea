/** How far leads came, by values: of their first visit, or of what they downloaded. */
import type { Database } from 'better-sqlite3'
import type { ValueSteps } from '../reader.ts'
import { mostFirst, stepsOf, WAYS } from '../steps.ts'
import type { Texts } from './texts.ts'

type Range = [site: number, from: number, to: number]

const BY = ['source', 'entry', 'campaign'] as const
/** One scan for all values, counted here: a GROUP BY for each costs twice as much. */
export function stepsByTouch(
  db: Database,
  texts: Texts,
  range: Range,
  limit: number,
): Record<(typeof BY)[number], ValueSteps[]> {
  const scan = db
    .prepare(
      `SELECT ${BY.join(', ')}, (mql IS NOT NULL) + 2 * (sql IS NOT NULL) + 4 * (accepted IS NOT NULL) + 8 * (won IS NOT NULL)
         + 16 * ifnull(sql >= mql, 0) FROM milestones WHERE site = ? AND lead BETWEEN ? AND ?`,
    )
    .raw()
  // Leads by how far they came, by number of the value's text; 0 where there is none.
  const ways = BY.map(() => new Map<number, Uint32Array>())
  for (const row of scan.all(...range) as number[][]) {
    for (let i = 0; i < BY.length; i++) {
      const no = row[i] ?? 0
      let counts = ways[i]!.get(no)
      if (!counts) {
        counts = new Uint32Array(WAYS)
        ways[i]!.set(no, counts)
      }
      counts[row[BY.length]!]!++
    }
  }
  const lists = ways.map((byText) =>
    [...byText]
      .map(([no, counts]) => ({ no, ...stepsOf(counts) }))
      .sort((a, b) => b.lead - a.lead || a.no - b.no)
      .slice(0, limit)
      .map(({ no, ...steps }) => ({ value: no === 0 ? null : texts.text(no), ...steps }))
      .sort(mostFirst),
  )
  return { source: lists[0]!, entry: lists[1]!, campaign: lists[2]! }
}

/** The files of most leads. Steps that a lead had taken before it downloaded the file are not counted. */
export function stepsByContent(db: Database, range: Range, limit: number): ValueSteps[] {
  const rows = db
    .prepare(
      `SELECT text AS value, lead, mql, "sql", accepted, won, mqlFirst, mqlToSql, sqlToAccepted, acceptedToWon FROM (
         SELECT path, count(*) AS lead, total(mql >= at) AS mql, total(sql >= at) AS "sql", total(accepted >= at) AS accepted,
           total(won >= at) AS won, total(mql >= at AND ifnull(sql >= mql, true)) AS mqlFirst,
           total(mql >= at AND sql >= mql) AS mqlToSql, total(sql >= at AND accepted >= at) AS sqlToAccepted,
           total(accepted >= at AND won >= at) AS acceptedToWon
         FROM seen_content JOIN milestones USING (contact) WHERE site = ? AND lead BETWEEN ? AND ?
         GROUP BY path ORDER BY count(*) DESC, path LIMIT ?) JOIN texts ON texts.no = path`,
    )
    .all(...range, limit) as ValueSteps[]
  return rows.sort(mostFirst)
}

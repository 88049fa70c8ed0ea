/**
 * Who of a site's visitors is somebody's: a bit each, 32 neighbours a row, so that to tell how many of a year's visitors are nobody's
 * reads some thousand numbers and not a row of everybody who ever left a name. Kept by whatever statement changes a visitor.
 */
import type { Database } from 'better-sqlite3'
import { type KnownWord, WORD } from '../known-words.ts'

/** To be called once on a connection that writes. */
export function keepKnownVisitors(db: Database): void {
  const PLACE = (row: string) => `${row}.site, ${row}.no / ${WORD}, 1 << (${row}.no % ${WORD})`
  const note = `INSERT INTO known_visitors (site, word, bits) SELECT ${PLACE('new')} WHERE true
    ON CONFLICT (site, word) DO UPDATE SET bits = bits | excluded.bits`
  const drop = `UPDATE known_visitors SET bits = bits & ~(1 << (old.no % ${WORD})) WHERE site = old.site AND word = old.no / ${WORD}`
  const triggers = [
    ['INSERT', 'new.contact IS NOT NULL', note],
    ['UPDATE OF contact', 'old.contact IS NULL AND new.contact IS NOT NULL', note],
    ['UPDATE OF contact', 'old.contact IS NOT NULL AND new.contact IS NULL', drop],
    ['DELETE', 'old.contact IS NOT NULL', drop],
  ]
  for (const [i, [what, when, change]] of triggers.entries())
    db.exec(
      `CREATE TEMP TRIGGER IF NOT EXISTS known_visitors_${i} AFTER ${what} ON main.visitors WHEN ${when} BEGIN ${change}; END`,
    )
}

/** The visitors of a site that are somebody's. */
export function knownVisitors(db: Database): (site: number) => KnownWord[] {
  const words = db
    .prepare('SELECT word, bits FROM known_visitors WHERE site = ? AND bits <> 0 ORDER BY word')
    .raw()
  return (site) => words.all(site) as KnownWord[]
}

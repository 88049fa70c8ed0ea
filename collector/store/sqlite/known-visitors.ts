/**
 * Who of a site's visitors is somebody's: a bit each, 48 neighbours a row, so that to tell how many of a year's visitors are nobody's
 * reads some thousand numbers and not a row of everybody who ever left a name. Kept by whatever statement changes a visitor.
 */
import type { Database } from 'better-sqlite3'

/** Bits of a row: as many whole bytes as a number of JavaScript holds. */
const BITS = 48
/** Bits that its operators work on at once. */
const HALF = BITS / 2

/** To be called once on a connection that writes. */
export function keepKnownVisitors(db: Database): void {
  const PLACE = (row: string) => `${row}.site, ${row}.no / ${BITS}, 1 << (${row}.no % ${BITS})`
  const note = `INSERT INTO known_visitors (site, word, bits) SELECT ${PLACE('new')} WHERE true
    ON CONFLICT (site, word) DO UPDATE SET bits = bits | excluded.bits`
  const drop = `UPDATE known_visitors SET bits = bits & ~(1 << (old.no % ${BITS})) WHERE site = old.site AND word = old.no / ${BITS}`
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

/** Numbers of the visitors of a site that are somebody's, the first of them first. */
export function knownVisitors(db: Database): (site: number) => number[] {
  const words = db.prepare('SELECT word, bits FROM known_visitors WHERE site = ? ORDER BY word').raw()
  return (site) => {
    const known: number[] = []
    for (const [word, bits] of words.all(site) as [number, number][]) {
      const first = word * BITS
      for (let low = bits % 2 ** HALF; low > 0; low &= low - 1) known.push(first + lowestOf(low))
      for (let high = Math.floor(bits / 2 ** HALF); high > 0; high &= high - 1)
        known.push(first + HALF + lowestOf(high))
    }
    return known
  }
}

/** Place of the lowest bit that is set. */
const lowestOf = (bits: number): number => 31 - Math.clz32(bits & -bits)

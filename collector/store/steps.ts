/** How far leads came, counted by the ways that there are to have come there. */
import type { ValueSteps } from './reader.ts'

/** Bits of what a lead has come to; IN_ORDER of one who was an MQL before it was an SQL. */
const [MQL, SQL, ACCEPTED, WON, IN_ORDER] = [1, 2, 4, 8, 16]
/** A way is a sum of such bits, below this. */
export const WAYS = 32

/** Steps of one value; `counts` are leads by way. */
export function stepsOf(counts: Uint32Array): Omit<ValueSteps, 'value'> {
  const where = (holds: (way: number) => boolean): number =>
    counts.reduce((sum, count, way) => (holds(way) ? sum + count : sum), 0)
  const all = (bits: number) => where((way) => (way & bits) === bits)
  return {
    lead: all(0),
    mql: all(MQL),
    sql: all(SQL),
    accepted: all(ACCEPTED),
    won: all(WON),
    mqlFirst: where((way) => (way & MQL) !== 0 && ((way & SQL) === 0 || (way & IN_ORDER) !== 0)),
    mqlToSql: all(IN_ORDER),
    sqlToAccepted: all(SQL | ACCEPTED),
    acceptedToWon: all(ACCEPTED | WON),
  }
}

/** The values of most leads, and by name where they are equal. */
export const mostFirst = (a: ValueSteps, b: ValueSteps): number =>
  b.lead - a.lead || ((a.value ?? '') < (b.value ?? '') ? -1 : 1)

/**
 * What a projector remembers of the visitors of its partitions is theirs alone to change, but for what is done in the name of a
 * person who is several visitors: whoever writes rows of another's visitors says so beside that one's watermark, in the same
 * transaction. The holder looks there before each batch, and its commit finds out whether anybody has said so since.
 */
/** `touched` counts them, `touched_last` are the last, each with a comma before it: so many characters, some 70 numbers. Who has missed more forgets all. */
const KEPT = 1_000
/** In the place of a number: any of the partition's. */
const ANY = '*'

/** Names these in a partition. Its row is made where nobody has begun it: whoever does that just now must wait for this. */
export const TOUCH = `
  INSERT INTO watermarks (part, seq, now, touched, touched_last) VALUES ($1, 0, 0, $2, $3)
  ON CONFLICT (part) DO UPDATE SET touched = coalesce(watermarks.touched, 0) + excluded.touched,
    touched_last = right(coalesce(watermarks.touched_last, '') || excluded.touched_last, ${KEPT})`

/** Its arguments; null names all. */
export function touching(part: number, visitors: readonly number[] | null): [number, number, string] {
  const named = visitors ?? [ANY]
  return [
    part,
    named.length,
    named
      .map((one) => `,${one}`)
      .join('')
      .slice(-KEPT),
  ]
}

export const TOUCHED = `
  SELECT part, coalesce(touched, 0) AS touched, touched_last AS last FROM watermarks WHERE part = ANY ($1::text::bigint[])`

export interface TouchedRow {
  part: number
  touched: number
  last: string | null
}

/** Who was named after the first `seen`; null where it may be anybody. */
export function namedSince({ touched, last }: TouchedRow, seen: number): number[] | null {
  const missed = touched - seen
  if (missed === 0) return []
  // What stands before the first comma was cut.
  const named = (last ?? '').split(',').slice(1)
  if (missed < 0 || missed > named.length) return null
  const some = named.slice(-missed)
  return some.includes(ANY) ? null : some.map(Number)
}

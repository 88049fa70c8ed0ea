import type { Span } from '../reader.ts'
import type { Query } from './bridge.ts'

/** Bytes of sets that a reader keeps: the days of a large site's year take 2 MB of each projector. */
const MOST_BYTES = 16 * 2 ** 20

interface Head {
  day: number
  part: number
  /** Another one where the row was written since: how often, how long, and by which transaction, for rows can be made anew. */
  stamp: string
}

interface KeptSet {
  stamp: string
  bytes: Uint8Array
}

const OF_ALL = `FROM slice_visitors WHERE site = $1 AND dimension = 'all' AND value_hash = md5('')`

/**
 * Who was there on each day of a site, of which the days that are over hardly change: what a reader has once read is not sent
 * again. (On its way a year's sets cost more of the CPU than all that is done with them.)
 */
export function keptSets(mostBytes = MOST_BYTES) {
  const kept = new Map<string, KeptSet>()
  let bytesKept = 0

  function keep(name: string, set: KeptSet): void {
    bytesKept += set.bytes.length - (kept.get(name)?.bytes.length ?? 0)
    kept.set(name, set)
    for (const [oldest, { bytes }] of kept) {
      if (bytesKept <= mostBytes) return
      kept.delete(oldest)
      bytesKept -= bytes.length
    }
  }

  return {
    /** To be asked first, then given to `of`. */
    heads: ({ site, from, to }: Span): Query => [
      `SELECT day, part, concat_ws(' ', version, octet_length(visitors), xmin) AS stamp ${OF_ALL}
       AND day BETWEEN $2 AND $3 ORDER BY day, part`,
      site,
      from,
      to,
    ],
    /** The sets of these heads; `ask` is for those that are not known, of the same moment. */
    of(
      site: number,
      heads: readonly Head[],
      ask: (query: Query) => { day: number; part: number; bytes: Uint8Array }[],
    ): { day: number; bytes: Uint8Array }[] {
      const nameOf = ({ day, part }: Pick<Head, 'day' | 'part'>) => `${site} ${day} ${part}`
      const found = new Map<string, Uint8Array>()
      const stamps = new Map<string, string>()
      const missing = new Set<number>()
      for (const head of heads) {
        const name = nameOf(head)
        const known = kept.get(name)
        stamps.set(name, head.stamp)
        if (known?.stamp === head.stamp) found.set(name, known.bytes)
        else missing.add(head.day)
      }
      if (missing.size > 0)
        for (const { day, part, bytes } of ask([
          `SELECT day, part, visitors AS bytes ${OF_ALL} AND day = ANY ($2::text::bigint[])`,
          site,
          `{${[...missing]}}`,
        ])) {
          const name = nameOf({ day, part })
          found.set(name, bytes)
          // A copy: what came in one message lies in one piece of memory, which a part of it would hold.
          keep(name, { stamp: stamps.get(name)!, bytes: bytes.slice() })
        }
      return heads.map((head) => ({ day: head.day, bytes: found.get(nameOf(head))! }))
    },
  }
}

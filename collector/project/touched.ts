/** Of whose visitors a batch writes rows: their own projectors remember them, and are to hear of it with the commit. */
import { visitorPartition } from '../log/visitor-partition.ts'
import type { Changes, Touched, Visitor } from '../store/store.ts'

/** How visitors are divided among the projectors of a log. */
export interface Division {
  /** The partitions that are projected here, of `partitions`, from 0, in order. */
  held: readonly number[]
  partitions: number
}

/** The first partition, which projects all that is not of one visitor. */
export const FIRST = 0

/** Who projects a visitor; of a contact's own stream, which browsers know nothing of, whoever projects what servers say. */
export function partitionOfVisitor(site: string, key: string, partitions: number): number {
  return key.startsWith('@') ? FIRST : visitorPartition({ site, visitor: key }, partitions)
}

/**
 * Visitors of others whose rows the changes are, by partition. Where a number is not `known` it could be anybody's: then all
 * of all others.
 */
export function touchedBy(
  changes: Changes,
  known: (visitor: number) => Visitor | undefined,
  siteOf: (no: number) => string,
  { held, partitions }: Division,
): Touched {
  const touched = new Map<number, Set<number>>()
  for (const no of new Set(visitorsOf(changes))) {
    const visitor = known(no)
    if (!visitor) return everybody({ held, partitions })
    const part = partitionOfVisitor(siteOf(visitor.site), visitor.key, partitions)
    if (held.includes(part)) continue
    const some = touched.get(part) ?? new Set()
    touched.set(part, some.add(no))
  }
  return new Map([...touched].map(([part, some]) => [part, [...some]]))
}

/** All visitors of all others. */
export function everybody({ held, partitions }: Division): Touched {
  const parts = Array.from({ length: partitions }, (_, part) => part)
  return new Map(parts.filter((part) => !held.includes(part)).map((part) => [part, null]))
}

/** Whose rows change, but for those that nobody remembers. */
function* visitorsOf(c: Changes): Generator<number> {
  for (const { no } of c.visitors) yield no
  for (const rows of [
    c.visits,
    c.visitsRemoved,
    c.events,
    c.eventsRemoved,
    c.links,
    c.linksRemoved,
    c.edgesReplaced,
    c.consents,
    c.forgotten,
    c.pastCells,
  ])
    for (const { visitor } of rows) yield visitor
}

import type { RollUpReader, Span, VisitorCount } from '../store/reader.ts'
import { VisitorUnion } from '../store/visitor-set.ts'

/** How many were there; who of them is known takes longer to tell (`people`). */
export function visitorsOf(rollUps: RollUpReader, span: Span): VisitorCount {
  const visitors = new VisitorUnion()
  for (const { bytes } of rollUps.visitorDays(span)) visitors.add(bytes)
  return visitors.count()
}

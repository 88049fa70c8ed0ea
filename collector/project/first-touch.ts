import type { Visit } from '../lead/state.ts'
import { sourceOf } from '../source.ts'
import type { Touch } from '../store/store.ts'
import type { Batch, ChangedVisit } from './batch.ts'

/** What the first visits of leads came by, of all whom a batch has folded or whose visits it has changed. */
export async function firstTouches(
  batch: Batch,
  changed: readonly ChangedVisit[],
): Promise<{ contact: number; touch: Touch | null }[]> {
  const due = new Set(batch.folded())
  for (const { visitor, before, after } of changed) {
    if (visitor.contact === null || (before && after && cameAlike(before, after))) continue
    for (const { contact } of await batch.edgesOfVisitor(visitor.no)) {
      if (due.has(contact)) continue
      // Most new visits are not the first.
      const known = before || !after ? null : await batch.touchedAt(contact)
      if (known === null || known > after!.startAt) due.add(contact)
    }
  }
  const touches: { contact: number; touch: Touch | null }[] = []
  for (const contact of due)
    if (await batch.lead(contact)) touches.push({ contact, touch: await firstTouch(batch, contact) })
  return touches
}

async function firstTouch(batch: Batch, no: number): Promise<Touch | null> {
  const { objectedAt, ownVisitor } = await batch.contact(no)
  // Who objects to profiling is kept, and nothing is made of it.
  if (objectedAt !== null) return null
  let first: Touch | null = null
  for (const { visitor, from, to } of await batch.edges(no)) {
    if (visitor === ownVisitor) continue
    for (const visit of await batch.visitList(visitor)) {
      if (visit.startAt < from || (to !== null && visit.startAt >= to)) continue
      const touch = touchOf(visit)
      if (!first || touch.at < first.at || (touch.at === first.at && touch.source < first.source))
        first = touch
      break
    }
  }
  return first
}

function touchOf(visit: Visit): Touch {
  const { kind, name, campaign } = sourceOf(visit)
  const source = name === '' ? kind : `${kind} ${name}`
  return { at: visit.startAt, source, entry: visit.entryPath, campaign }
}

const cameAlike = (a: Visit, b: Visit): boolean =>
  a.startAt === b.startAt &&
  a.entryPath === b.entryPath &&
  a.referrer === b.referrer &&
  JSON.stringify(a.query) === JSON.stringify(b.query)

/** Page views that began under another visitor, because consent changed in the middle of them. */
import { inOrder, pageKey } from '../lead/sessionise.ts'
import type { TrackedEvent } from '../lead/state.ts'
import type { LinkRow, Visitor } from '../store/store.ts'
import type { Batch } from './batch.ts'
import { relink } from './graph.ts'
import { cutMarks } from './marks.ts'
import type { RuledSite } from './sites.ts'
import { ownerOf, pageView, track } from './track.ts'

/**
 * Moves the page views that the events tell of, with their engaged time, from the visitor of that key to this one.
 * By their ids alone: what else the other did may be somebody else's, who has the same address and browser.
 */
export async function takeOver(
  batch: Batch,
  site: RuledSite,
  from: string,
  to: Visitor,
  events: readonly TrackedEvent[],
  now: number,
): Promise<Visitor> {
  let visitor = to
  const before = await batch.visitor(site.no, from)
  if (!before || before.no === to.no) return visitor
  const keys = new Map(
    events.flatMap((event) => pageKey(event) ?? []).map((key) => [`${key.ms} ${key.key}`, key]),
  )
  const taken: TrackedEvent[] = []
  const links: LinkRow[] = []
  for (const id of keys.values()) {
    const about = (await batch.eventsWithMs(before.no, id.ms)).filter(
      (event) => pageKey(event)?.key === id.key,
    )
    const view = pageView(id, about)
    // Without the view itself there is nothing whose time this could be.
    if (view?.at == null || view.path === null) continue
    const { at } = view
    // A form that was sent from the view says who its visitor is, and so does one that is yet to come.
    if (before.key.startsWith('~')) {
      batch.appended.measuredViews.push({ visitor: to.no, id, at })
      for (const link of await batch.links(before.no))
        if (link.viewAt === at) links.push({ ...link, visitor: to.no, viewAt: null })
    }
    const owner = await ownerOf(batch, before, at)
    if (owner) batch.foldLater(owner.contact, now)
    for (const event of about) await cutMarks(batch, before.no, owner?.contact, event)
    batch.removeEvents(before.no, site.no, about)
    if (view.engagedMs > 0)
      batch.appended.engaged.push({ site: site.no, at: at, path: view.path, ms: -view.engagedMs })
    taken.push(...about)
  }
  if (taken.length === 0) return visitor
  batch.foldVisitsLater(before.no)
  for (const event of taken.sort(inOrder)) visitor = (await track(batch, site, visitor, event, now)).visitor
  if (links.length === 0) return visitor
  for (const link of links) batch.putLink(link)
  for (const contact of await relink(batch, to.no)) batch.foldLater(contact, now)
  return batch.visitorByNo(to.no)
}

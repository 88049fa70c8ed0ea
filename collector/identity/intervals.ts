/** A moment at which a visitor said who it is. Canonical: everything else about whose an event is follows from these. */
export interface Link {
  at: number
  contact: number
}

/** The visitor is the contact's in [from, to); null has no end. */
export interface Interval {
  contact: number
  from: number
  to: number | null
}

/** How far back a first link reaches, ms: what the visitor did before it left its name. */
export const LOOK_BACK_MS = 90 * 86_400_000

/**
 * Whose a visitor was, and when. The first link reaches back 90 days; a visitor that says it is somebody else is
 * split at that moment, so two people never merge by a shared browser. In any order of the links the same.
 * `root` names the contact that a merged one has become.
 */
export function intervals(links: readonly Link[], root: (contact: number) => number): Interval[] {
  const found: Interval[] = []
  for (const { at, contact } of links.toSorted((a, b) => a.at - b.at || a.contact - b.contact)) {
    const owner = root(contact)
    const last = found.at(-1)
    if (last?.contact === owner) continue
    if (last) last.to = at
    found.push({ contact: owner, from: last ? at : Math.max(0, at - LOOK_BACK_MS), to: null })
  }
  return found.filter(({ from, to }) => to === null || to > from)
}

/** A link of a visitor in measure mode, by the time of a page view. */
export interface VisitLink extends Link {
  viewAt: number
}

/**
 * The same of a visitor that was only measured: several people may share its address and browser, so a link reaches
 * over the visit that holds the page view and no other. `visits` are in any order; one lasts until the next begins. Whoever says in one visit that it is somebody else has the rest of it.
 */
export function visitIntervals(
  links: readonly VisitLink[],
  visits: readonly { startAt: number; endAt: number }[],
  root: (contact: number) => number,
): Interval[] {
  const ordered = visits.toSorted((a, b) => a.startAt - b.startAt)
  const found: Interval[] = []
  for (const [i, { startAt: start, endAt }] of ordered.entries()) {
    const end = ordered[i + 1]?.startAt ?? null
    const own = links.filter(({ viewAt }) => viewAt >= start && viewAt <= endAt)
    let last: Interval | undefined
    for (const { at, contact } of own.toSorted((a, b) => a.at - b.at || a.contact - b.contact)) {
      const owner = root(contact)
      if (last?.contact === owner || (end !== null && last && at >= end)) continue
      if (last) last.to = Math.max(at, last.from)
      last = { contact: owner, from: last ? Math.max(at, start) : start, to: end }
      found.push(last)
    }
  }
  return found.filter(({ from, to }) => to === null || to > from)
}

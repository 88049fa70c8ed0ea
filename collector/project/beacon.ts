import type { BeaconEntry, Claim } from '../entry.ts'
import type { Profile, Visitor } from '../store/store.ts'
import type { Batch } from './batch.ts'
import { consented } from './consent.ts'
import { claim, identify } from './identify.ts'
import { foldStale } from './leads.ts'
import type { RuledSite, Sites } from './sites.ts'
import type { Suppressing } from './suppressing.ts'
import { takeOver } from './take-over.ts'
import { track } from './track.ts'

/** What a browser told: its events, what its visitor consented to, and who it says that that is. */
export async function beacon(
  { batch, sites, suppressing }: { batch: Batch; sites: Sites; suppressing: Suppressing },
  entry: BeaconEntry,
  now: number,
): Promise<undefined> {
  const site = sites.get(entry.site)
  const claims = entry.claims ?? []
  const there =
    batch.rememberedVisitor(site.no, entry.visitor) ?? (await batch.visitor(site.no, entry.visitor))
  if (!there && suppressing.has(site.id, 'visitor', entry.visitor)) {
    drop(batch, entry.events.length + claims.length, 'suppressed')
    return
  }
  let visitor = known(there ?? batch.newVisitor(site.no, entry.visitor), entry)
  if (entry.from !== undefined) visitor = await takeOver(batch, site, entry.from, visitor, entry.events, now)
  let stored = 0
  for (const event of entry.events) {
    const result = await track(batch, site, visitor, event, now)
    visitor = result.visitor
    if (result.stored) stored++
  }
  const before = entry.withdrew === undefined ? undefined : await batch.visitor(site.no, entry.withdrew)
  if (before) await consented(batch, before, 'refused', now)
  // A visitor of whom nothing was stored yet is no row that could say anything.
  if (entry.consent !== undefined && (there || stored > 0))
    await consented(batch, visitor, entry.consent, now)
  if (claims.length > 0) await foldStale(batch, (no) => sites.byNo(no))
  const believed = claims.filter(({ email }) => !suppressing.has(site.id, 'email', email))
  for (const word of believed) await believe(batch, site, visitor.key, word, now)
  drop(batch, claims.length - believed.length, 'suppressed')
  batch.count('received', entry.events.length + believed.length)
  batch.count('stored', stored + believed.length)
  batch.count('duplicate', entry.events.length - stored)
}

/** A visitor whose browser has not told of itself yet learns it; once it has a visit, the visit's sums stand under it. */
function known(visitor: Visitor, { agent, language, screen, country }: BeaconEntry): Visitor {
  if (visitor.profile !== null || visitor.visitStart !== null || agent === null) return visitor
  const profile: Profile = {
    agent,
    language: language ?? null,
    screen: screen ?? null,
    country: country ?? null,
  }
  return { ...visitor, profile }
}

/** A signed word is as good as a form handler's; any other is a claim. */
async function believe(
  batch: Batch,
  site: RuledSite,
  visitor: string,
  word: Claim,
  now: number,
): Promise<void> {
  const { newContact, email, at } = word
  if (!word.signed) return claim(batch, site, { newContact, visitor, email, at }, now)
  const said = {
    kind: 'identify' as const,
    site: site.id,
    newContact,
    visitors: [visitor],
    email,
    traits: {},
    at,
    signals: [],
  }
  await identify(batch, site, said, now)
}

/** Counts events that came from somebody who was erased. */
export function drop(batch: Batch, events: number, reason: 'suppressed'): void {
  if (events === 0) return
  batch.count('received', events)
  batch.count(`dropped:${reason}`, events)
}

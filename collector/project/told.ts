/** What servers tell of visitors, message by message, and what other tools have recorded of them. */
import type { Notify, Outcome, ToldEntry, ToldItem } from '../entry.ts'
import type { Visitor } from '../store/store.ts'
import type { Batch } from './batch.ts'
import { importSetting } from './bring.ts'
import { noteConsent } from './consent.ts'
import { identify } from './identify.ts'
import { foldStale } from './leads.ts'
import type { RuledSite } from './sites.ts'
import type { Suppressing } from './suppressing.ts'
import { track } from './track.ts'

/** What became of one: as of an identify call or an event, or why it was not kept. */
interface Told {
  status: 200 | 201 | 202 | 409
  /** Whether the event was new. */
  stored?: boolean
  dropped?: 'suppressed' | 'no-consent'
  [more: string]: unknown
}

/** Takes them in their order, each by itself; the outcome names what became of each, of a file their sums. */
export async function told(
  batch: Batch,
  site: RuledSite,
  { items, file }: ToldEntry,
  now: number,
  suppressing: Suppressing,
): Promise<Outcome> {
  const notify: Notify = file ? 'silent' : 'all'
  const results: Told[] = []
  for (const item of items) {
    const result = await tell(batch, site, item, file !== undefined, now, suppressing)
    results.push(result)
  }
  await foldStale(batch, () => site, notify)
  if (!file) return { status: 200, body: { items: results } }
  batch.putSetting(importSetting(file.id), file.line === null ? null : String(file.line))
  const stored = results.filter((result) => result.stored).length
  const dropped = results.filter((result) => result.dropped !== undefined).length
  return { status: 200, body: { stored, dropped, known: results.length - stored - dropped } }
}

async function tell(
  batch: Batch,
  site: RuledSite,
  item: ToldItem,
  isPast: boolean,
  now: number,
  suppressing: Suppressing,
): Promise<Told> {
  const { visitor: key, event, person, consent, at } = item
  const there = key === undefined ? undefined : await batch.visitor(site.no, key)
  if (key !== undefined && !there && consent !== true && suppressing.has(site.id, 'visitor', key))
    return { status: 202, dropped: 'suppressed' }
  // What another tool recorded bears a key that no browser can be found by.
  const may = isPast || key === undefined || (await mayFollow(batch, site, there, consent))
  if (!may && event !== undefined) {
    await remember(batch, there, item)
    return { status: 202, dropped: 'no-consent' }
  }
  let answer: Told = { status: 200 }
  if (person && !(event && (await isWho(batch, site, there, person.externalId)))) {
    const said = {
      kind: 'identify' as const,
      site: site.id,
      visitors: key !== undefined && may ? [key] : [],
      signals: [],
      ...person,
      ...(consent !== undefined && { consent }),
      at,
    }
    const admitted = suppressing.admit(batch, site.id, said, now, true)
    if ('refused' in admitted) return { status: 202, dropped: 'suppressed' }
    const { status, body } = await identify(batch, site, admitted.entry, now, isPast ? 'silent' : 'all')
    if (status === 409) return { status, ...body }
    answer = { ...body, status: status as 200 | 201 }
  }
  if (key === undefined) return answer
  const visitor = await batch.visitor(site.no, key)
  if (!event) {
    await remember(batch, visitor, item)
    return may ? answer : { ...answer, visitor: 'no-consent' }
  }
  const result = await track(
    batch,
    site,
    asOf(visitor ?? batch.newVisitor(site.no, key), item),
    event,
    now,
    isPast ? 'silent' : 'all',
  )
  if (result.stored) await remember(batch, result.visitor, item)
  return { status: 200, stored: result.stored }
}

/** Once it has a visit, the visit's sums stand under what its visitor said of itself until then. */
function asOf(visitor: Visitor, { profile }: ToldItem): Visitor {
  if (visitor.profile !== null || visitor.visitStart !== null || !profile) return visitor
  return { ...visitor, profile }
}

/** Notes what is said of following a visitor, so that what comes without a word is taken likewise. */
async function remember(
  batch: Batch,
  visitor: Visitor | undefined,
  { consent, at }: ToldItem,
): Promise<void> {
  if (!visitor || consent === undefined) return
  const state = consent ? 'granted' : 'refused'
  await noteConsent(batch, { visitor: visitor.no, at, state, source: 'form' })
}

/** A no holds everywhere. Where a site asks for consent, a visitor of whom nobody knows a yes is not followed. */
async function mayFollow(
  batch: Batch,
  { consent: setting }: RuledSite,
  visitor: Visitor | undefined,
  said: boolean | undefined,
): Promise<boolean> {
  if (said !== undefined) return said
  const last = visitor && (await batch.consent(visitor.no))
  if (last?.state === 'refused' || last?.state === 'opt-out') return false
  return setting === 'given' || last?.state === 'granted'
}

/** Whether a visitor is known already as the person that bears this id. */
async function isWho(
  batch: Batch,
  site: RuledSite,
  visitor: Visitor | undefined,
  externalId: string | undefined,
): Promise<boolean> {
  if (visitor?.contact == null || externalId === undefined) return false
  const no = await batch.contactByIdentity(site.no, 'external', externalId)
  return no !== undefined && (await batch.standing(no)).no === (await batch.standing(visitor.contact)).no
}

import type { IdentifyEntry, Notify, Outcome, SentSignal, SignalEntry } from '../entry.ts'
import { CONSENT, EMAIL, EXTERNAL_ID, type Learned, learn, PHONE } from '../identity/learned.ts'
import { sameToRules } from '../lead/same-facts.ts'
import type { TrackedEvent } from '../lead/state.ts'
import { type Contact, factsOf, type IdentityKind, type MeasuredView, type Visitor } from '../store/store.ts'
import type { Batch } from './batch.ts'
import { bringConsent, noteConsent } from './consent.ts'
import { merge, relink, settle } from './graph.ts'
import { foldLead, foldStale } from './leads.ts'
import { post } from './post.ts'
import type { RuledSite } from './sites.ts'
import { track } from './track.ts'

/** Links visitors to a contact, makes the contact if nobody knew it, and takes the signal that came along. */
export async function identify(
  batch: Batch,
  site: RuledSite,
  entry: IdentifyEntry,
  now: number,
  notify: Notify = 'all',
): Promise<Outcome> {
  const known = await contactsNamed(batch, site.no, entry)
  const conflict = conflictOf(known)
  if (conflict) return { status: 409, body: { detail: conflict } }
  const changed = new Set<number>()
  const created = known.length === 0
  let contact = created ? newContact(batch, site, entry) : known[0]!
  if (known.length > 1) {
    const merged = await merge(batch, known)
    contact = merged.survivor
    if (notify !== 'silent') tellMerged(batch, site, contact, known, now)
    for (const no of merged.changed) changed.add(no)
  }
  const told = await tell(batch, site, contact, entry)
  if (entry.consent !== undefined)
    await noteConsent(batch, {
      visitor: contact.ownVisitor,
      at: entry.at,
      state: entry.consent ? 'granted' : 'refused',
      source: notify === 'silent' ? 'import' : 'form',
    })
  for (const key of entry.visitors) {
    for (const no of await link(batch, site, contact, key, entry.at)) changed.add(no)
  }
  const view = entry.page && (await batch.measuredView(site.no, entry.page, entry.at))
  if (view) {
    for (const no of await linkView(batch, contact.no, view, entry.at)) changed.add(no)
  } else if (entry.page && entry.visitors.length === 0) {
    // The call may overtake the beacon, which waits in a browser where there is no network.
    batch.appended.awaitedViews.push({ site: site.no, id: entry.page, contact: contact.no, at: entry.at })
  }
  if (created || told) changed.add(contact.no)
  for (const no of changed) await foldLead(batch, site, no, now, notify)
  for (const sent of entry.signals) {
    await say(batch, site, await batch.visitorByNo(contact.ownVisitor), sent, now, notify)
  }
  await foldStale(batch, () => site, notify)
  return { status: created ? 201 : 200, body: await standing(batch, contact, created) }
}

/** Whoever holds the others' ids has to know by which they are answered from now on. */
function tellMerged(batch: Batch, site: RuledSite, survivor: Contact, known: Contact[], now: number): void {
  const merged = known.filter(({ no }) => no !== survivor.no).map(({ id }) => id)
  const data = { id: survivor.id, site: site.id, merged }
  const payload = { type: 'contact.merged', timestamp: new Date(now).toISOString(), data } as const
  post(batch, { site: site.no, contact: survivor, payload, now })
}

/**
 * A browser's unsigned word of who its visitor is. It may start a contact that nobody knew, marked unverified, and
 * never touches one that is known; so it never has an outcome that tells anything.
 */
export async function claim(
  batch: Batch,
  site: RuledSite,
  entry: { newContact: string; visitor: string; email: string; at: number },
  now: number,
): Promise<void> {
  const no = await batch.contactByIdentity(site.no, 'email', entry.email)
  const known = no === undefined ? undefined : await batch.standing(no)
  if (known?.verified) return
  const contact = known ?? newContact(batch, site, { newContact: entry.newContact, at: entry.at }, false)
  const { email, newContact: id, at } = entry
  const said = {
    kind: 'identify' as const,
    site: site.id,
    newContact: id,
    visitors: [],
    email,
    traits: {},
    at,
    signals: [],
  }
  await tell(batch, site, contact, said)
  const changed = await link(batch, site, contact, entry.visitor, entry.at)
  for (const one of changed.add(contact.no)) await foldLead(batch, site, one, now)
}

/** Takes a signal that a server sent of a contact or a visitor. */
export async function signal(
  batch: Batch,
  site: RuledSite,
  entry: Pick<SignalEntry['items'][number], 'contact' | 'visitor' | 'signal'>,
  now: number,
): Promise<Outcome> {
  const visitor = await subject(batch, site, entry)
  if (!visitor)
    return { status: 404, body: { detail: 'no contact of this site has that id, external id or e-mail' } }
  const stored = await say(batch, site, visitor, entry.signal, now)
  return { status: 200, body: { stored } }
}

/** The standing contacts that the identifiers name. What browsers claimed gives way to what a server says. */
async function contactsNamed(batch: Batch, site: number, entry: IdentifyEntry): Promise<Contact[]> {
  const found = new Map<number, Contact>()
  for (const [kind, value] of identifiers(entry)) {
    const no = await batch.contactByIdentity(site, kind, value)
    if (no === undefined) continue
    const contact = await batch.standing(no)
    if (contact.verified) found.set(contact.no, contact)
    else await disown(batch, contact)
  }
  return [...found.values()]
}

/** A claimed contact loses its name, its visitors and its history: whoever claimed it was nobody's. */
async function disown(batch: Batch, contact: Contact): Promise<void> {
  if (contact.email !== null) batch.dropIdentity(contact.site, 'email', contact.email)
  const links = await batch.linksOfContact(contact.no)
  for (const link of links) if (link.visitor !== contact.ownVisitor) batch.dropLink(link)
  for (const { visitor } of links) if (visitor !== contact.ownVisitor) await relink(batch, visitor)
  batch.putContact({ ...contact, email: null, learned: {}, traits: {}, company: null, companyName: null })
  batch.dropLead(contact.no)
}

/** Two that are known by different values of one kind are two people, whatever one call says of both. */
function conflictOf(contacts: readonly Contact[]): string | undefined {
  if (contacts.length < 2) return undefined
  for (const [kind, name] of [
    ['email', 'e-mail addresses'],
    ['externalId', 'external ids'],
  ] as const) {
    const values = new Set(contacts.map((contact) => contact[kind]).filter((value) => value !== null))
    if (values.size > 1) {
      return `the identifiers given belong to contacts with different ${name}; send those of one person`
    }
  }
  return undefined
}

function identifiers({ email, phone, externalId }: IdentifyEntry): [IdentityKind, string][] {
  const given: [IdentityKind, string | undefined][] = [
    ['email', email],
    ['phone', phone],
    ['external', externalId],
  ]
  return given.filter((pair): pair is [IdentityKind, string] => pair[1] !== undefined)
}

function newContact(
  batch: Batch,
  site: RuledSite,
  entry: Pick<IdentifyEntry, 'newContact' | 'at'>,
  verified = true,
): Contact {
  const no = ++batch.numbers.contact
  // Signals that servers send of a contact are events of a visitor row of its own: one stream, one way of counting once.
  const own = { ...batch.newVisitor(site.no, `@${entry.newContact}`), contact: no, firstAt: entry.at }
  batch.putVisitor(own)
  batch.putLink({ visitor: own.no, at: 0, contact: no, viewAt: null })
  batch.putEdges(own.no, [{ visitor: own.no, contact: no, from: 0, to: null }], [])
  batch.putIdentity(site.no, 'id', entry.newContact, no)
  const contact: Contact = {
    no,
    id: entry.newContact,
    site: site.no,
    email: null,
    phone: null,
    externalId: null,
    traits: {},
    verified,
    identifiedAt: entry.at,
    ownVisitor: own.no,
    mergedInto: null,
    learned: {},
    company: null,
    companyName: null,
    objectedAt: null,
    owner: null,
  }
  batch.putContact(contact)
  return contact
}

/** Adds what a call says of the contact. Returns whether that can change its lead. */
async function tell(batch: Batch, site: RuledSite, contact: Contact, entry: IdentifyEntry): Promise<boolean> {
  for (const [kind, value] of identifiers(entry)) {
    const known = await batch.contactByIdentity(site.no, kind, value)
    if (known === undefined) batch.putIdentity(site.no, kind, value, contact.no)
  }
  const before = await batch.contact(contact.no)
  const said = {
    ...Object.fromEntries(Object.entries(entry.traits).filter(([name]) => !name.startsWith('$'))),
    ...(entry.email !== undefined && { [EMAIL]: entry.email }),
    ...(entry.phone !== undefined && { [PHONE]: entry.phone }),
    ...(entry.externalId !== undefined && { [EXTERNAL_ID]: entry.externalId }),
    ...(entry.consent !== undefined && { [CONSENT]: entry.consent }),
  }
  const learned: Learned = learn(before.learned, said, entry.at)
  batch.putContact({ ...before, learned, identifiedAt: Math.min(before.identifiedAt, entry.at) })
  const after = await settle(batch, contact.no)
  return !sameToRules(factsOf(before), factsOf(after), site.rules)
}

/** Links whose a page view is: in measure mode its visit alone. Returns the contacts whose lead that changes. */
async function linkView(batch: Batch, contact: number, view: MeasuredView, at: number): Promise<Set<number>> {
  const { key } = await batch.visitorByNo(view.visitor)
  const viewAt = key.startsWith('~') ? view.at : null
  batch.putLink({ visitor: view.visitor, at, contact, viewAt })
  return relink(batch, view.visitor)
}

/** Links a visitor, known or not yet. Returns the contacts whose lead that changes. */
async function link(
  batch: Batch,
  site: RuledSite,
  contact: Contact,
  key: string,
  at: number,
): Promise<Set<number>> {
  const known = await batch.visitor(site.no, key)
  const visitor = known ?? batch.newVisitor(site.no, key)
  if (!known) batch.putVisitor(visitor)
  await bringConsent(batch, visitor, contact)
  batch.putLink({ visitor: visitor.no, at, contact: contact.no, viewAt: null })
  return relink(batch, visitor.no)
}

async function subject(
  batch: Batch,
  site: RuledSite,
  { contact, visitor }: { contact?: string; visitor?: string },
): Promise<Visitor | undefined> {
  if (contact === undefined) {
    return (await batch.visitor(site.no, visitor!)) ?? batch.newVisitor(site.no, visitor!)
  }
  for (const kind of ['id', 'external', 'email'] as const) {
    const no = await batch.contactByIdentity(
      site.no,
      kind,
      kind === 'email' ? contact.toLowerCase() : contact,
    )
    if (no !== undefined) return batch.visitorByNo((await batch.standing(no)).ownVisitor)
  }
  return undefined
}

async function say(
  batch: Batch,
  site: RuledSite,
  visitor: Visitor,
  sent: SentSignal,
  now: number,
  notify: Notify = 'all',
): Promise<boolean> {
  if (await isKnown(batch, visitor, sent)) return false
  const event: TrackedEvent = {
    kind: 'signal',
    id: sent.id,
    at: sent.at,
    name: sent.name,
    ...(sent.props && { props: sent.props }),
  }
  return (await track(batch, site, visitor, event, now, notify)).stored
}

/** A signal counts once for a person, also where it was sent to a record that has become part of another. */
async function isKnown(batch: Batch, visitor: Visitor, { id }: SentSignal): Promise<boolean> {
  if (!visitor.key.startsWith('@') || visitor.contact === null) return false
  for (const { ownVisitor } of await batch.records(visitor.contact)) {
    if (ownVisitor !== visitor.no && (await batch.hasEvent(ownVisitor, id))) return true
  }
  return false
}

async function standing(batch: Batch, contact: Contact, created: boolean): Promise<Record<string, unknown>> {
  const row = (await batch.lead(contact.no))!
  return { id: contact.id, stage: row.lead.stage, engagement: row.engagement / 100, fit: row.fit, created }
}

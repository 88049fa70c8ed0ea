import { companyOf } from '../company.ts'
import type { IdentifyEntry, Outcome, SentSignal, SignalEntry } from '../entry.ts'
import type { TrackedEvent } from '../lead/state.ts'
import type { Contact, IdentityKind, Visitor } from '../store/store.ts'
import type { Batch } from './batch.ts'
import { foldLead } from './leads.ts'
import type { RuledSite } from './sites.ts'
import { track } from './track.ts'

/** How far back a first link reaches: what the visitor did before it left its name. */
const LOOK_BACK_MS = 90 * 86_400_000

/** Links a visitor to a contact, makes the contact if nobody knew it, and takes the signal that came along. */
export async function identify(
  batch: Batch,
  site: RuledSite,
  entry: IdentifyEntry,
  now: number,
): Promise<Outcome> {
  const known = await contactsNamed(batch, site.no, entry)
  if (known.size > 1) {
    return {
      status: 409,
      body: {
        detail:
          'the e-mail, phone and external id given belong to different contacts; send those of one person',
      },
    }
  }
  const [no] = known
  const created = no === undefined
  const contact = created ? await newContact(batch, site, entry) : await batch.contact(no)
  const learned = await learn(batch, site, contact, entry)
  const linked =
    entry.visitor !== undefined && (await link(batch, site, contact, entry.visitor, entry.at, now))
  if (created || learned || linked) await foldLead(batch, site, contact.no, now)
  if (entry.signal) await say(batch, site, await batch.visitorByNo(contact.ownVisitor), entry.signal, now)
  return { status: created ? 201 : 200, body: await standing(batch, contact, created) }
}

/** Takes a signal that a server sent of a contact or a visitor. */
export async function signal(
  batch: Batch,
  site: RuledSite,
  entry: SignalEntry,
  now: number,
): Promise<Outcome> {
  const visitor = await subject(batch, site, entry)
  if (!visitor)
    return { status: 404, body: { detail: 'no contact of this site has that id, external id or e-mail' } }
  const stored = await say(batch, site, visitor, entry.signal, now)
  return { status: 200, body: { stored } }
}

async function contactsNamed(batch: Batch, site: number, entry: IdentifyEntry): Promise<Set<number>> {
  const found = new Set<number>()
  for (const [kind, value] of identifiers(entry)) {
    const contact = await batch.contactByIdentity(site, kind, value)
    if (contact !== undefined) found.add(contact)
  }
  return found
}

function identifiers({ email, phone, externalId }: IdentifyEntry): [IdentityKind, string][] {
  const given: [IdentityKind, string | undefined][] = [
    ['email', email],
    ['phone', phone],
    ['external', externalId],
  ]
  return given.filter((pair): pair is [IdentityKind, string] => pair[1] !== undefined)
}

async function newContact(batch: Batch, site: RuledSite, entry: IdentifyEntry): Promise<Contact> {
  const no = ++batch.numbers.contact
  // Signals that servers send of a contact are events of a visitor row of its own: one stream, one way of counting once.
  const own = { ...batch.newVisitor(site.no, `@${entry.newContact}`, null), contact: no, firstAt: entry.at }
  batch.putVisitor(own)
  batch.putEdge({ contact: no, visitor: own.no, from: 0, to: null })
  batch.putIdentity(site.no, 'id', entry.newContact, no)
  return {
    no,
    id: entry.newContact,
    site: site.no,
    email: null,
    phone: null,
    externalId: null,
    traits: {},
    verified: true,
    identifiedAt: entry.at,
    ownVisitor: own.no,
    company: null,
    companyName: null,
  }
}

/** Adds what this call says of the contact; a trait of null is forgotten. Returns whether that was news. */
async function learn(
  batch: Batch,
  site: RuledSite,
  contact: Contact,
  entry: IdentifyEntry,
): Promise<boolean> {
  for (const [kind, value] of identifiers(entry)) {
    if ((await batch.contactByIdentity(site.no, kind, value)) === undefined)
      batch.putIdentity(site.no, kind, value, contact.no)
  }
  const traits = Object.fromEntries(
    Object.entries({ ...contact.traits, ...entry.traits }).filter(([, value]) => value !== null),
  )
  const email = contact.email ?? entry.email ?? null
  const company = companyOf({ email, traits })
  const known: Contact = {
    ...contact,
    email,
    phone: contact.phone ?? entry.phone ?? null,
    externalId: contact.externalId ?? entry.externalId ?? null,
    traits,
    company: company?.key ?? null,
    companyName: company?.name ?? null,
  }
  batch.putContact(known)
  return JSON.stringify(known) !== JSON.stringify(contact)
}

/** Returns whether something changed. A visitor that was somebody else's is split at `at`: two people never merge by a shared browser. */
async function link(
  batch: Batch,
  site: RuledSite,
  contact: Contact,
  key: string,
  at: number,
  now: number,
): Promise<boolean> {
  const visitor = (await batch.visitor(site.no, key)) ?? batch.newVisitor(site.no, key, null)
  if (visitor.contact === contact.no) return false
  const other = visitor.contact
  if (other !== null) {
    for (const edge of await batch.edges(other)) {
      if (edge.visitor === visitor.no && edge.to === null)
        batch.putEdge({ ...edge, to: Math.max(edge.from, at) })
    }
  }
  const from = other === null ? Math.max(0, at - LOOK_BACK_MS) : at
  batch.putVisitor({ ...visitor, contact: contact.no })
  batch.putEdge({ contact: contact.no, visitor: visitor.no, from, to: null })
  if (other !== null && at <= visitor.lastAt) await foldLead(batch, site, other, now)
  return true
}

async function subject(batch: Batch, site: RuledSite, entry: SignalEntry): Promise<Visitor | undefined> {
  if (entry.contact === undefined) {
    return (await batch.visitor(site.no, entry.visitor!)) ?? batch.newVisitor(site.no, entry.visitor!, null)
  }
  for (const kind of ['id', 'external', 'email'] as const) {
    const value = kind === 'email' ? entry.contact.toLowerCase() : entry.contact
    const no = await batch.contactByIdentity(site.no, kind, value)
    if (no !== undefined) return batch.visitorByNo((await batch.contact(no)).ownVisitor)
  }
  return undefined
}

async function say(
  batch: Batch,
  site: RuledSite,
  visitor: Visitor,
  sent: SentSignal,
  now: number,
): Promise<boolean> {
  const event: TrackedEvent = {
    kind: 'signal',
    id: sent.id,
    at: sent.at,
    name: sent.name,
    ...(sent.props && { props: sent.props }),
  }
  return (await track(batch, site, visitor, event, now)).stored
}

async function standing(batch: Batch, contact: Contact, created: boolean): Promise<Record<string, unknown>> {
  const row = (await batch.lead(contact.no))!
  return { id: contact.id, stage: row.lead.stage, engagement: row.engagement / 100, fit: row.fit, created }
}

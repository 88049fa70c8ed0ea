/** The identity graph: records of one person, and whose a visitor is. Leads are folded by who calls. */
import { companyOf } from '../company.ts'
import { type Interval, intervals, type VisitLink, visitIntervals } from '../identity/intervals.ts'
import { facts, OBJECTION, OWNER, together } from '../identity/learned.ts'
import type { Contact, LinkRow } from '../store/store.ts'
import type { Batch } from './batch.ts'

/**
 * Makes a visitor's edges again from its links. Returns the contacts whose lead that changes: those that had or
 * have a part of it that is not as before.
 */
export async function relink(batch: Batch, visitorNo: number): Promise<Set<number>> {
  const links = await batch.links(visitorNo)
  const roots = new Map<number, number>()
  for (const { contact } of links) roots.set(contact, (await batch.standing(contact)).no)
  const before = await batch.edgesOfVisitor(visitorNo)
  const root = (contact: number) => roots.get(contact)!
  const byView = links.filter((link): link is LinkRow & VisitLink => link.viewAt !== null)
  const after =
    byView.length === 0
      ? intervals(links, root)
      : visitIntervals(byView, await batch.visitList(visitorNo), root)
  const changed = new Set([...difference(before, after), ...difference(after, before)])
  if (changed.size === 0) return changed
  batch.putEdges(
    visitorNo,
    after.map((interval) => ({ visitor: visitorNo, ...interval })),
    before,
  )
  const visitor = await batch.visitorByNo(visitorNo)
  batch.putVisitor({ ...visitor, contact: after.at(-1)?.contact ?? null })
  return changed
}

/** Contacts of the intervals that the others have not. */
function difference(some: readonly Interval[], others: readonly Interval[]): number[] {
  const name = ({ contact, from, to }: Interval) => `${contact} ${from} ${to}`
  const known = new Set(others.map(name))
  return some.filter((interval) => !known.has(name(interval))).map(({ contact }) => contact)
}

/**
 * Makes one person of several contacts: the one that was known first survives, and the others keep answering as it.
 * Returns the survivor and the contacts whose lead is to be folded again.
 */
export async function merge(
  batch: Batch,
  contacts: readonly Contact[],
): Promise<{ survivor: Contact; changed: Set<number> }> {
  const [survivor, ...others] = contacts.toSorted(
    (a, b) => a.identifiedAt - b.identifiedAt || (a.id < b.id ? -1 : 1),
  )
  const moved: Contact[] = []
  for (const other of others) {
    for (const record of await batch.records(other.no)) moved.push(record)
    batch.dropLead(other.no)
  }
  for (const record of moved) batch.putContact({ ...record, mergedInto: survivor!.no, company: null })
  const changed = await relinkAll(batch, moved)
  for (const other of others) changed.delete(other.no)
  return { survivor: await settle(batch, survivor!.no), changed: changed.add(survivor!.no) }
}

/** Takes a record out of the person that it was merged into. Returns the contacts whose lead is to be folded again. */
export async function unmerge(batch: Batch, record: Contact): Promise<Set<number>> {
  const survivor = record.mergedInto!
  batch.putContact({ ...record, mergedInto: null })
  const changed = await relinkAll(batch, [record])
  await settle(batch, survivor)
  await settle(batch, record.no)
  return changed.add(survivor).add(record.no)
}

/** Makes the edges of all visitors that were ever linked to these records again. */
export async function relinkAll(batch: Batch, records: readonly Contact[]): Promise<Set<number>> {
  const visitors = new Set<number>()
  for (const { no } of records)
    for (const { visitor } of await batch.linksOfContact(no)) visitors.add(visitor)
  const changed = new Set<number>()
  for (const visitor of visitors) for (const contact of await relink(batch, visitor)) changed.add(contact)
  return changed
}

/** Puts what holds of the whole person on the record that stands for it. */
export async function settle(batch: Batch, no: number): Promise<Contact> {
  const records = await batch.records(no)
  const learned = together(records.map((record) => record.learned))
  const known = facts(learned)
  const [objects, since] = learned[OBJECTION] ?? [false, 0]
  const company = companyOf(known)
  const contact: Contact = {
    ...records[0]!,
    ...known,
    company: company?.key ?? null,
    companyName: company?.name ?? null,
    objectedAt: objects === true ? since : null,
    owner: (learned[OWNER]?.[0] as string | null | undefined) ?? null,
  }
  batch.putContact(contact)
  return contact
}

/** What a person may ask for beside being forgotten: to object to profiling, and to have what is wrong corrected. */
import type { CorrectEntry, ExportedEntry, ObjectEntry, Outcome } from '../entry.ts'
import { EMAIL, EXTERNAL_ID, type Learned, learn, OBJECTION, OWNER, PHONE } from '../identity/learned.ts'
import type { AuditRow, Contact, IdentityKind } from '../store/store.ts'
import type { NameHash } from '../suppression.ts'
import type { Batch } from './batch.ts'
import { settle } from './graph.ts'
import { foldLead } from './leads.ts'
import type { RuledSite } from './sites.ts'

const NOBODY: Outcome = { status: 404, body: { detail: 'no such person' } }

export interface Rights {
  batch: Batch
  site: RuledSite
  hash: NameHash
  now: number
}

/** From then on what the person does is kept and not scored; or scored again, from the whole history. */
export async function object(rights: Rights, entry: ObjectEntry): Promise<Outcome> {
  const { batch, site, now } = rights
  const contact = await standing(rights, entry.contact)
  if (!contact) return NOBODY
  const latest = contact.learned[OBJECTION]?.[1] ?? 0
  const learned = learn(contact.learned, { [OBJECTION]: entry.objects }, Math.max(entry.at, latest + 1))
  batch.putContact({ ...contact, learned })
  await settle(batch, contact.no)
  await foldLead(batch, site, contact.no, now, 'silent')
  note(rights, contact, entry.by, 'object', { objects: entry.objects })
  return { status: 200, body: { id: contact.id, objects: entry.objects } }
}

const NAMES: [field: 'email' | 'phone' | 'externalId', kind: IdentityKind, learned: string][] = [
  ['email', 'email', EMAIL],
  ['phone', 'phone', PHONE],
  ['externalId', 'external', EXTERNAL_ID],
]

/** What was wrong is forgotten, also as a name by which the person is found. */
export async function correct(rights: Rights, entry: CorrectEntry): Promise<Outcome> {
  const { batch, site, now } = rights
  const contact = await standing(rights, entry.contact)
  if (!contact) return NOBODY
  for (const [field, kind] of NAMES) {
    const value = entry[field]
    if (value == null) continue
    const other = await batch.contactByIdentity(site.no, kind, value)
    if (other !== undefined && (await batch.standing(other)).no !== contact.no)
      return { status: 409, body: { detail: `${field}: another contact has that` } }
  }
  const said: Record<string, unknown> = { ...entry.traits }
  for (const [field, kind, name] of NAMES) {
    const value = entry[field]
    if (value === undefined) continue
    const before = contact[field]
    if (before !== null && before !== value) batch.dropIdentity(site.no, kind, before)
    if (value !== null) batch.putIdentity(site.no, kind, value, contact.no)
    said[name] = value
  }
  // Who works a lead is nothing that is held of the person.
  if (entry.owner !== undefined && Object.keys(said).length === 0) return owned(rights, contact, entry)
  if (entry.owner !== undefined) said[OWNER] = entry.owner
  for (const record of await batch.records(contact.no)) {
    // What is wrong must not come back with a record that is taken apart again.
    const known = Object.keys(said).filter((name) => Object.hasOwn(record.learned, name))
    const mended = record.no === contact.no ? said : pick(said, known)
    // A correction holds against whatever was said until then, also in the same millisecond.
    const latest = Math.max(0, ...known.map((name) => record.learned[name]![1]))
    const learned: Learned = learn(record.learned, mended, Math.max(entry.at, latest + 1))
    batch.putContact({ ...(await batch.contact(record.no)), learned })
  }
  await settle(batch, contact.no)
  await foldLead(batch, site, contact.no, now)
  note(rights, contact, entry.by, 'correct', {
    fields: Object.keys(said).map((name) => name.replace('$', '')),
  })
  return { status: 200, body: { id: contact.id } }
}

async function owned({ batch }: Rights, contact: Contact, { owner, at }: CorrectEntry): Promise<Outcome> {
  const latest = contact.learned[OWNER]?.[1] ?? 0
  batch.putContact({
    ...contact,
    learned: learn(contact.learned, { [OWNER]: owner }, Math.max(at, latest + 1)),
  })
  await settle(batch, contact.no)
  return { status: 200, body: { id: contact.id } }
}

const pick = (from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, from[name]]))

/** Writes down that a person's data were handed out. */
export async function exported(rights: Rights, entry: ExportedEntry): Promise<Outcome> {
  const contact = await standing(rights, entry.contact)
  if (!contact) return NOBODY
  note(rights, contact, entry.by, 'export', {})
  return { status: 200, body: { id: contact.id } }
}

function note(
  { batch, site, hash, now }: Rights,
  contact: Contact,
  by: string,
  what: AuditRow['what'],
  detail: Record<string, unknown>,
): void {
  const subject = hash(site.id, 'id', contact.id)
  batch.appended.audit.push({ at: now, by, what, site: site.id, subject, detail })
}

async function standing({ batch, site }: Rights, no: number): Promise<Contact | undefined> {
  const named = await batch.knownContact(no)
  if (!named || named.site !== site.no) return undefined
  return batch.standing(no)
}

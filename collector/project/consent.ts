/** What visitors say of being followed, kept each time that it changes. */
import type { Consent } from '../../shared/lead.ts'
import { CONSENT, learn } from '../identity/learned.ts'
import type { ConsentRow, Contact, Visitor } from '../store/store.ts'
import type { Batch } from './batch.ts'
import { settle } from './graph.ts'

/** Notes what was said, unless it was so before. Returns whether it was not. */
export async function noteConsent(batch: Batch, row: ConsentRow): Promise<boolean> {
  const last = await batch.consent(row.visitor)
  if (last?.state === row.state) return false
  // A call may tell of the past; what was noted since holds.
  if (last && last.at > row.at) return false
  batch.appended.consents.push(row)
  return true
}

/** A browser's word, of the person too where the visitor is one's. */
export async function consented(batch: Batch, visitor: Visitor, state: Consent, now: number): Promise<void> {
  const isNew = await noteConsent(batch, { visitor: visitor.no, at: now, state, source: 'browser' })
  if (!isNew || visitor.contact === null || visitor.key.startsWith('~')) return
  await teach(batch, await batch.contact(visitor.contact), state, now)
  batch.foldLater(visitor.contact, now)
}

/** A visitor that becomes somebody's brings along what it said. */
export async function bringConsent(batch: Batch, visitor: Visitor, contact: Contact): Promise<void> {
  const last = visitor.contact === null ? await batch.consent(visitor.no) : undefined
  if (last) await teach(batch, await batch.contact(contact.no), last.state, last.at)
}

/** The browser's wish to all sites says nothing of this one: it neither grants nor takes back. */
async function teach(batch: Batch, contact: Contact, state: Consent, at: number): Promise<void> {
  if (state === 'privacy') return
  batch.putContact({ ...contact, learned: learn(contact.learned, { [CONSENT]: state === 'granted' }, at) })
  await settle(batch, contact.no)
}

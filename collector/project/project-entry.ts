import { ENTRY_VERSION, type Entry, type Outcome } from '../entry.ts'
import type { StateStore } from '../store/store.ts'
import { addKey, login, putStaff } from './access.ts'
import type { Batch } from './batch.ts'
import { beacon, drop } from './beacon.ts'
import { bring } from './bring.ts'
import { addSite, setSite } from './change-sites.ts'
import { decided, noted } from './decide.ts'
import { doorCounts } from './door-counts.ts'
import { EntryError, NewerEntry } from './entry-error.ts'
import { unmerge } from './graph.ts'
import { identify } from './identify.ts'
import { foldLead, foldStale } from './leads.ts'
import { correct, exported, object } from './rights.ts'
import { signals } from './signals.ts'
import type { RuledSite, Sites } from './sites.ts'
import type { Erasing, Suppressing } from './suppressing.ts'
import { told } from './told.ts'
import {
  addWebhook,
  removeWebhook,
  replayDead as replayDeliveries,
  reportWeek,
  setWebhook,
  testWebhook,
  tried,
  type Webhooks,
} from './webhooks.ts'

export interface Projecting {
  batch: Batch
  store: StateStore
  sites: Sites
  suppressing: Suppressing
  erasing: Erasing | undefined
  webhooks: Webhooks
}

/** One entry. Returns its outcome where somebody may wait for one; throws `EntryError` where the entry is at fault. */
export function projectEntry(
  projecting: Projecting,
  entry: Entry,
  now: number,
): Promise<Outcome | undefined> {
  // Nearly all are: without a promise more.
  if (entry.kind === 'beacon' && entry.v === ENTRY_VERSION) return beacon(projecting, entry, now)
  return projectOther(projecting, entry, now)
}

async function projectOther(
  { batch, store, sites, suppressing, erasing, webhooks }: Projecting,
  entry: Entry,
  now: number,
): Promise<Outcome | undefined> {
  // Only a dead letter comes here so, of a program that was newer.
  if (entry.v !== ENTRY_VERSION) throw new EntryError(new NewerEntry(entry.v).message)
  // Beacons leave what they made stale to the end of the batch; all others may ask for it.
  if (entry.kind !== 'beacon') await foldStale(batch, (no) => sites.byNo(no))
  switch (entry.kind) {
    case 'beacon':
      return beacon({ batch, sites, suppressing }, entry, now)
    case 'identify': {
      const admitted = suppressing.admit(batch, entry.site, entry, now, true)
      if ('refused' in admitted) return admitted.refused
      return identify(batch, sites.get(entry.site), admitted.entry, now)
    }
    case 'signal':
      return signals(batch, sites.get(entry.site), entry, now, suppressing)
    case 'contacts':
      return bring(batch, sites.get(entry.site), entry, now, suppressing)
    case 'told':
      return told(batch, sites.get(entry.site), entry, now, suppressing)
    case 'object':
    case 'correct':
    case 'exported': {
      if (!erasing) throw new Error('the audit log needs the key of the suppressions')
      const rights = { batch, site: sites.get(entry.site), hash: erasing.hash, now }
      if (entry.kind === 'object') return object(rights, entry)
      return entry.kind === 'correct' ? correct(rights, entry) : exported(rights, entry)
    }
    case 'erased':
      drop(batch, entry.events, 'suppressed')
      return undefined
    case 'unmerge':
      return takeApart(batch, sites.get(entry.site), entry.contact, now)
    case 'decision':
      return decided(batch, sites.get(entry.site), entry, now)
    case 'note':
      return noted(batch, sites.get(entry.site), entry)
    case 'site':
      return addSite(batch, sites, entry, now)
    case 'site-set':
      return setSite(batch, sites, entry)
    case 'key':
      return addKey(batch, entry, now)
    case 'key-revoked':
      batch.appended.keysRevoked.push({ id: entry.id, at: now })
      return { status: 200, body: { id: entry.id } }
    case 'keys-used':
      for (const [id, usedAt] of Object.entries(entry.keys)) batch.appended.keysSet.push({ id, usedAt })
      return undefined
    case 'staff':
      return putStaff(batch, store, entry, now)
    case 'login':
      return login(batch, entry)
    case 'counts':
      doorCounts(batch, entry, now)
      return undefined
    case 'discard':
      batch.deadLettersRemoved.push(...entry.seqs)
      return { status: 200, body: { discarded: entry.seqs.length } }
    case 'webhook':
      return addWebhook(batch, webhooks, entry, now)
    case 'webhook-set':
      return setWebhook(batch, webhooks, entry, now)
    case 'webhook-removed':
      return removeWebhook(batch, webhooks, entry.id)
    case 'webhook-test':
      return testWebhook(batch, webhooks, entry, (id) => sites.get(id).no, now)
    case 'webhook-replay':
      return replayDeliveries(batch, webhooks, store, entry)
    case 'delivery':
      return tried(batch, webhooks, entry)
    case 'report':
      await reportWeek(batch, sites.get(entry.site), entry, now)
      return undefined
    case 'tick':
    case 'sla':
    case 'rules':
    case 'replay':
    case 'rebuild':
    case 'erase':
    case 'suppress':
      throw new Error(`the entry '${entry.kind}' is projected on its own`)
    default:
      return entry satisfies never
  }
}

async function takeApart(batch: Batch, site: RuledSite, id: string, now: number): Promise<Outcome> {
  const no = await batch.contactByIdentity(site.no, 'id', id)
  const record = no === undefined ? undefined : await batch.contact(no)
  if (!record) return { status: 404, body: { detail: 'no contact of this site has that id' } }
  if (record.mergedInto === null)
    return { status: 409, body: { detail: 'that contact was not merged into another' } }
  for (const changed of await unmerge(batch, record)) await foldLead(batch, site, changed, now)
  return { status: 200, body: { id } }
}

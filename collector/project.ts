/** Entries to state, top to bottom: then read here (after `collect.ts`). The only writer of the state. */
import {
  type BeaconEntry,
  type Claim,
  type CountsEntry,
  ENTRY_VERSION,
  type Entry,
  type EraseEntry,
  type Outcome,
  type RebuildEntry,
  type RulesEntry,
  type SignalEntry,
  type SiteEntry,
  type SiteSetEntry,
  type SuppressEntry,
} from './entry.ts'
import { tick } from './lead/tick.ts'
import type { LoggedEntry } from './log/log.ts'
import { applyRules, rulesFault } from './project/apply-rules.ts'
import { Batch, type Numbers } from './project/batch.ts'
import { bring } from './project/bring.ts'
import { createCache, noCache } from './project/cache.ts'
import { consented } from './project/consent.ts'
import { decided, noted } from './project/decide.ts'
import { EntryError, NewerEntry } from './project/entry-error.ts'
import { type ErasingDeps, eraseAgain, erasePerson, forget, GIVEN_OUT } from './project/erase.ts'
import { firstTouches } from './project/first-touch.ts'
import { type Glimpse, glimpsesOf, PRESENT_MS } from './project/glimpse.ts'
import { unmerge } from './project/graph.ts'
import { claim, identify, signal } from './project/identify.ts'
import { foldLead, foldStale, landLead } from './project/leads.ts'
import { noteBreach } from './project/note-breach.ts'
import { erasedFault, rebuild, rebuildFault, zoneProblem } from './project/rebuild.ts'
import { DEAD_LETTERS_KEPT_MS, eventsOf, replayDead } from './project/replay-dead.ts'
import { retain } from './project/retain.ts'
import { correct, exported, object } from './project/rights.ts'
import { type RollUps, rollUps } from './project/roll-ups.ts'
import {
  compiled,
  loadSites,
  mailSetting,
  type RuledSite,
  type Sites,
  secretSetting,
} from './project/sites.ts'
import { type Erasing, suppressing as loadSuppressing, type Suppressing } from './project/suppressing.ts'
import { sweepTexts, TEXTS_LEFT } from './project/sweep-texts.ts'
import { takeOver } from './project/take-over.ts'
import { told } from './project/told.ts'
import { track } from './project/track.ts'
import {
  addWebhook,
  loadWebhooks,
  MESSAGES_KEPT_MS,
  removeWebhook,
  replayDead as replayDeliveries,
  reportWeek,
  setWebhook,
  testWebhook,
  tried,
  type Webhooks,
} from './project/webhooks.ts'
import { NAME_TAKEN, sameName } from './staff.ts'
import {
  type Expected,
  factsOf,
  MESSAGES_AT_ONCE,
  type Profile,
  type StateStore,
  type Visitor,
  type Watermark,
} from './store/store.ts'
import { isZone, type Zone, zonesByName } from './zone.ts'

/** Leads that one tick transaction touches: keeps it below 100 ms. */
const TICK_CHUNK = 500
/** How long outcomes of awaited entries are kept, ms. */
const OUTCOMES_KEPT_MS = 86_400_000
/** How long it is known what was refused of which site on which day. */
const REFUSALS_KEPT_DAYS = 30
const DAY_MS = 86_400_000

export interface Projected {
  /** What the awaiting callers are told, by reference. */
  outcomes: { ref: string; outcome: Outcome }[]
  /** Sites, keys, webhooks or login secrets changed: whoever holds them in memory reads them again. */
  configured: boolean
  /** Somebody was erased: what was told of them before is to be forgotten. */
  erased: boolean
  /** There are messages to deliver, or what became of some is known. */
  posted: boolean
}

export interface Projector {
  watermark(): Watermark
  /** Projects entries in order, in one transaction (a tick in several). Throws what the store throws; nothing is half done then. */
  project(entries: LoggedEntry[]): Promise<Projected>
  /** Makes an entry a dead letter without trying it. False where its kind is never skipped: nothing is done then. */
  bury(logged: LoggedEntry, reason: string): Promise<boolean>
}

export interface ProjectorOptions {
  /** May be left out where nobody is ever erased. */
  erasing?: Erasing
  /** Called while rules are being applied, with how many leads stand under them. */
  folded?: (leads: number) => void
  /** Whether somebody looks on, who is `shown` what each transaction that is committed holds. */
  isWatched?: () => boolean
  shown?: (glimpses: Glimpse[]) => void
  /** How many events before the end of a history its newest mark is set; see `lead/mark.ts`. */
  newestMark?: number
  /**
   * The partition of an entry that is this projector's, where there are several; undefined of others', which are passed
   * over.
   */
  share?: (logged: LoggedEntry) => number | undefined
  /** The store's watermark, where it was read already. */
  from?: Watermark
  /** False where others project beside it: what it remembers between batches may have been changed, so it remembers nothing. */
  isAlone?: boolean
}

export async function createProjector(
  store: StateStore,
  logId: string,
  {
    folded = () => {},
    isWatched = () => false,
    shown = () => {},
    erasing,
    newestMark,
    share = () => 0,
    from,
    isAlone = true,
  }: ProjectorOptions = {},
): Promise<Projector> {
  // First of all: what is read before another has moved it may be as old.
  const { seq, now } = from ?? (await store.watermark())
  let watermark: Watermark = { logId, seq, now }
  const sites = await loadSites(store)
  const suppressing = await loadSuppressing(store, erasing)
  const webhooks = await loadWebhooks(store)
  const cache = isAlone ? createCache(newestMark) : noCache(newestMark)
  const isMine = (logged: LoggedEntry) => share(logged) !== undefined
  let numbers = notBelow(await store.lastNumbers(), await store.setting(GIVEN_OUT))
  const zones = zonesByName()
  let posted = false

  /** What a call with the same Idempotency-Key came to; the call is not carried out again. */
  async function before(batch: Batch, { ref, once }: Entry): Promise<Outcome | undefined> {
    if (ref === undefined || once === undefined) return undefined
    return batch.appended.outcomes.find((one) => one.ref === ref)?.outcome ?? store.outcome(ref)
  }

  /**
   * What is wrong with the entry itself; undefined where it is not at fault. A beacon or signal that no code path
   * expects must not stop those behind it; a control entry is never skipped.
   */
  function entryFault(error: unknown, entry: Entry): string | undefined {
    if (error instanceof EntryError) return error.message
    if (store.isOutage(error) || !SKIPPABLE.has(entry.kind)) return undefined
    return `unexpected: ${error instanceof Error ? error.message : 'error'}`
  }

  /** Of whom beacons and imports tell: nearly all that is read, where it is not remembered. */
  function* expectedOf(entries: readonly LoggedEntry[]): Generator<Expected> {
    const numbers = new Map(sites.all().map(({ id, no }) => [id, no]))
    for (const logged of entries) {
      const { entry } = logged
      if ((entry.kind !== 'beacon' && entry.kind !== 'told') || !isMine(logged)) continue
      const site = numbers.get(entry.site)
      if (site === undefined) continue
      if (entry.kind === 'beacon')
        yield expectedVisitor(
          site,
          entry.visitor,
          entry.events.map(({ id }) => id),
        )
      else
        for (const { visitor, event } of entry.items)
          if (visitor !== undefined) yield expectedVisitor(site, visitor, event ? [event.id] : [])
    }
  }

  /** Also of somebody who is remembered: what is known of the visitor tells that there is nothing to read. */
  function expectedVisitor(site: number, key: string, ids: Expected['ids']): Expected {
    const known = cache.visitor(`${site}\0${key}`)
    return { site, key, ids, ...(known && { known }) }
  }

  /** All entries before the first tick, in one transaction. */
  async function together(entries: LoggedEntry[], projected: Projected): Promise<void> {
    await store.begin(expectedOf(entries))
    const batch = new Batch(store, numbers, cache)
    let { seq, now } = watermark
    for (const logged of entries) {
      now = Math.max(now, logged.receivedAt)
      seq = logged.seq
      const part = share(logged)
      if (part === undefined) {
        // Sites, rules, webhooks and who is to stay away may be others now.
        if (logged.entry.kind !== 'beacon') {
          await sites.reload()
          await suppressing.reload()
          await webhooks.reload()
        }
        continue
      }
      batch.savepoint(seq, part)
      try {
        const { entry } = logged
        const outcome =
          (await before(batch, entry)) ??
          (await projectEntry({ batch, store, sites, suppressing, erasing, webhooks }, entry, now))
        if (outcome)
          batch.answer(entry.ref, now, entry.once === undefined ? outcome : { once: entry.once, ...outcome })
        projected.configured ||= CONFIGURING.has(logged.entry.kind)
      } catch (error) {
        const reason = entryFault(error, logged.entry)
        if (reason === undefined) throw error
        batch.rollback()
        bury(batch, logged, reason, now)
        batch.answer(logged.entry.ref, now, { status: 422, body: { detail: reason } })
      }
    }
    await foldStale(batch, (no) => sites.byNo(no))
    const { suppressionsLifted, webhooks: changed } = batch.appended
    projected.configured ||= suppressionsLifted.length > 0 || changed.length > 0
    await commit(batch, { ...watermark, seq, now })
    for (const { ref, outcome } of batch.appended.outcomes) projected.outcomes.push({ ref, outcome })
  }

  /** The end of a day, in chunks: a chunk that is done is not due again, so a crash between two resumes. */
  async function endDay(logged: LoggedEntry, day: number): Promise<void> {
    const now = Math.max(watermark.now, logged.receivedAt)
    for (const site of sites.all()) {
      for (;;) {
        const due = await store.leadsToReview(site.no, day, TICK_CHUNK)
        if (due.length === 0) break
        const batch = new Batch(store, numbers, cache)
        batch.savepoint(logged.seq)
        for (const no of due) {
          const contact = await batch.contact(no)
          const row = (await batch.lead(no))!
          const { lead, change } = tick(row.lead, factsOf(contact), day, site.rules)
          landLead(batch, site, contact, row, lead, change ? [change] : [], now)
        }
        await commit(batch, watermark)
      }
    }
    const retaining = {
      store,
      sites,
      cache,
      numbers: () => numbers,
      commit: (batch: Batch) => commit(batch, watermark),
    }
    for (const site of sites.all()) await retain(retaining, site, day, logged.seq)
    while (await store.hasMessagesBefore(now - MESSAGES_KEPT_MS)) {
      const forgetting = new Batch(store, numbers, cache)
      forgetting.messagesBefore = now - MESSAGES_KEPT_MS
      await commit(forgetting, watermark)
    }
    const isSwept = await sweepTexts(store, day)
    const batch = new Batch(store, numbers, cache)
    if (isSwept) batch.putSetting(TEXTS_LEFT, null)
    batch.outcomesBefore = now - OUTCOMES_KEPT_MS
    batch.deadLettersBefore = now - DEAD_LETTERS_KEPT_MS
    batch.measuredViewsBefore = day
    batch.refusalsBefore = day + 1 - REFUSALS_KEPT_DAYS
    batch.appended.settings.push(['ticked-day', String(day)])
    await commit(batch, { ...watermark, seq: logged.seq, now })
  }

  /** SQLs that sales has not answered in time, in chunks: one that is noted is not due again. */
  async function breach(logged: LoggedEntry): Promise<void> {
    const now = Math.max(watermark.now, logged.receivedAt)
    for (;;) {
      const due = await store.leadsOverdue(now, TICK_CHUNK)
      if (due.length === 0) break
      const batch = new Batch(store, numbers, cache)
      batch.savepoint(logged.seq)
      for (const no of due) await noteBreach(batch, sites, no, now)
      await commit(batch, watermark)
    }
    await commit(new Batch(store, numbers, cache), { ...watermark, seq: logged.seq, now })
  }

  /** Forgets what was sent to a webhook, in chunks. */
  async function emptyWebhook(logged: LoggedEntry, id: string): Promise<void> {
    const isThere = async () => (await store.webhooks()).some((row) => row.id === id)
    while (await isThere()) {
      const batch = new Batch(store, numbers, cache)
      batch.savepoint(logged.seq)
      batch.appended.webhooksRemoved.push(id)
      await commit(batch, watermark)
    }
  }

  /**
   * All dead deliveries of a webhook are tried again: in chunks, the oldest first, so that those of a lead stay in order. After a crash
   * it goes on with those that are still dead.
   */
  async function reviveAll(logged: LoggedEntry, id: string, projected: Projected): Promise<void> {
    let replayed = 0
    for (let place = { seq: -1, serial: 0 }; ; ) {
      const dead = await store.deadAfter(id, place, MESSAGES_AT_ONCE)
      if (dead.length === 0) break
      const batch = new Batch(store, numbers, cache)
      batch.savepoint(logged.seq)
      batch.appended.deliveriesRevived.push({ webhook: id, messages: dead.map(({ message }) => message) })
      await commit(batch, watermark)
      replayed += dead.length
      place = dead.at(-1)!
    }
    const now = Math.max(watermark.now, logged.receivedAt)
    const outcome: Outcome = { status: 200, body: { id, replayed } }
    const batch = new Batch(store, numbers, cache)
    batch.answer(logged.entry.ref, now, outcome)
    await commit(batch, { ...watermark, seq: logged.seq, now })
    if (logged.entry.ref !== undefined) projected.outcomes.push({ ref: logged.entry.ref, outcome })
  }

  /** New rules: everybody is folded again, in chunks, before the watermark passes the entry. */
  async function newRules(
    logged: LoggedEntry,
    entry: Entry & RulesEntry,
    projected: Projected,
  ): Promise<void> {
    const now = Math.max(watermark.now, logged.receivedAt)
    const applying = {
      store,
      sites,
      cache,
      numbers: () => numbers,
      commit: (batch: Batch) => commit(batch, watermark),
      folded,
    }
    const fault = rulesFault(sites, entry)
    const outcome: Outcome = fault
      ? { status: 422, body: { detail: fault } }
      : { status: 200, body: { ...(await applyRules(applying, entry, logged.seq, now)) } }
    const batch = new Batch(store, numbers, cache)
    batch.answer(entry.ref, now, outcome)
    await commit(batch, { ...watermark, seq: logged.seq, now })
    if (entry.ref !== undefined) projected.outcomes.push({ ref: entry.ref, outcome })
    projected.configured = true
  }

  /** Dead letters again, in a transaction of their own. */
  async function again(logged: LoggedEntry, seqs: number[], projected: Projected): Promise<void> {
    const now = Math.max(watermark.now, logged.receivedAt)
    const batch = new Batch(store, numbers, cache)
    const project = async (entry: Entry) => {
      await projectEntry({ batch, store, sites, suppressing, erasing, webhooks }, entry, now)
      await foldStale(batch, (no) => sites.byNo(no))
    }
    const done = await replayDead({ batch, store, project, fault: entryFault, now }, seqs)
    const outcome: Outcome = { status: 200, body: { ...done } }
    batch.answer(logged.entry.ref, now, outcome)
    await commit(batch, { ...watermark, seq: logged.seq, now })
    if (logged.entry.ref !== undefined) projected.outcomes.push({ ref: logged.entry.ref, outcome })
  }

  /** A site's sums from its events; in chunks, before the watermark passes the entry. */
  async function newSums(
    logged: LoggedEntry,
    entry: Entry & RebuildEntry,
    projected: Projected,
  ): Promise<void> {
    const now = Math.max(watermark.now, logged.receivedAt)
    const rebuilding = {
      store,
      sites,
      cache,
      zoneOf,
      numbers: () => numbers,
      commit: (batch: Batch, sums?: RollUps) => commit(batch, watermark, sums),
    }
    const fault = rebuildFault(sites, entry) ?? (await erasedFault(store, entry))
    const outcome: Outcome = fault
      ? { status: 422, body: { detail: fault } }
      : { status: 200, body: { ...(await rebuild(rebuilding, entry, logged.seq)) } }
    const batch = new Batch(store, numbers, cache)
    batch.answer(entry.ref, now, outcome)
    await commit(batch, { ...watermark, seq: logged.seq, now })
    if (entry.ref !== undefined) projected.outcomes.push({ ref: entry.ref, outcome })
    // Weekly reports and pages ask for the site's zone.
    projected.configured = true
  }

  /** Somebody is removed for good: in chunks, and from the log too, before the watermark passes the entry. */
  async function erase(
    logged: LoggedEntry,
    entry: Entry & (EraseEntry | SuppressEntry),
    projected: Projected,
  ): Promise<void> {
    if (!erasing) throw new Error('nobody can be erased without the key of the suppressions')
    const now = Math.max(watermark.now, logged.receivedAt)
    const deps: ErasingDeps = {
      store,
      erasing,
      siteOf: (no) => sites.byNo(no),
      batch() {
        cache.clear()
        const batch = new Batch(store, numbers, cache)
        batch.savepoint(logged.seq)
        return batch
      },
      commit: (batch) => commit(batch, watermark),
      seq: logged.seq,
      now,
    }
    let outcome: Outcome
    const batch = () => {
      const last = deps.batch()
      forget(last)
      last.answer(entry.ref, now, outcome)
      return last
    }
    if (entry.kind === 'suppress') {
      outcome = { status: 200, body: { people: await eraseAgain(deps, entry.hashes) } }
      await commit(batch(), { ...watermark, seq: logged.seq, now })
    } else {
      const site = sites.get(entry.site)
      const known = await store.contact(entry.contact)
      const erased = known && known.site !== site.no ? undefined : await erasePerson(deps, entry.contact)
      outcome = erased
        ? { status: 200, body: { erased: true, rows: erased.rows } }
        : { status: 404, body: { detail: 'no such person' } }
      const last = batch()
      if (erased) {
        const { subject, rows } = erased
        last.appended.audit.push({
          at: now,
          by: entry.by,
          what: 'erase',
          site: site.id,
          subject,
          detail: { rows },
        })
      }
      await commit(last, { ...watermark, seq: logged.seq, now })
    }
    await suppressing.reload()
    if (entry.ref !== undefined) projected.outcomes.push({ ref: entry.ref, outcome })
    projected.configured = true
    projected.erased = true
  }

  const zoneOf = (no: number): Zone => zones(sites.byNo(no).timeZone)

  async function commit(batch: Batch, next: Watermark, sums?: RollUps): Promise<void> {
    const { quarters, slices } = sums ?? (await rollUps(batch, zoneOf))
    const deliveries = webhooks.deliveriesOf(batch.appended.outbox, (no) => sites.byNo(no).id)
    await store.commit(
      batch.changes(next, { quarters, slices, touches: await firstTouches(batch), deliveries }),
    )
    const { deliveryResults, deliveriesRevived } = batch.appended
    posted ||= deliveries.length + deliveryResults.length + deliveriesRevived.length > 0
    batch.settle()
    watermark = next
    numbers = batch.numbers
    if (!isWatched()) return
    const glimpses = await glimpsesOf(batch, (no) => sites.byNo(no), next.now - PRESENT_MS)
    if (glimpses.length > 0) shown(glimpses)
  }

  return {
    watermark: () => watermark,
    async project(entries) {
      const projected: Projected = { outcomes: [], configured: false, erased: false, posted: false }
      posted = false
      // What lies before an entry that only a newer program reads is projected; it is no dead letter.
      const newer = entries.findIndex(({ entry }) => entry.v !== ENTRY_VERSION)
      if (newer === 0) throw new NewerEntry(entries[0]!.entry.v)
      let rest = newer < 0 ? entries : entries.slice(0, newer)
      try {
        while (rest.length > 0) {
          // What touches much is projected on its own, in transactions of its own.
          const at = rest.findIndex((logged) => ALONE.has(logged.entry.kind) && isMine(logged))
          const before = at < 0 ? rest : rest.slice(0, at)
          for (const part of partsOf(before)) await together(part, projected)
          const alone = at < 0 ? undefined : rest[at]
          if (alone?.entry.kind === 'tick') await endDay(alone, alone.entry.day)
          if (alone?.entry.kind === 'sla') await breach(alone)
          if (alone?.entry.kind === 'rules') await newRules(alone, alone.entry, projected)
          if (alone?.entry.kind === 'replay') await again(alone, alone.entry.seqs, projected)
          if (alone?.entry.kind === 'rebuild') await newSums(alone, alone.entry, projected)
          if (alone?.entry.kind === 'webhook-removed') {
            await emptyWebhook(alone, alone.entry.id)
            await together([alone], projected)
          }
          if (alone?.entry.kind === 'webhook-replay') {
            const { id, messages } = alone.entry
            if (messages === null && webhooks.get(id)) await reviveAll(alone, id, projected)
            else await together([alone], projected)
          }
          if (alone?.entry.kind === 'erase' || alone?.entry.kind === 'suppress')
            await erase(alone, alone.entry, projected)
          rest = at < 0 ? [] : rest.slice(at + 1)
        }
      } catch (error) {
        cache.clear()
        await sites.reload()
        await suppressing.reload()
        await webhooks.reload()
        throw error
      }
      return { ...projected, posted }
    },
    async bury(logged, reason) {
      if (!SKIPPABLE.has(logged.entry.kind)) return false
      const now = Math.max(watermark.now, logged.receivedAt)
      const batch = new Batch(store, numbers, cache)
      batch.savepoint(logged.seq)
      bury(batch, logged, reason, now)
      batch.answer(logged.entry.ref, now, { status: 422, body: { detail: reason } })
      await commit(batch, { ...watermark, seq: logged.seq, now })
      return true
    },
  }
}

const ALONE = new Set<Entry['kind']>([
  'tick',
  'rules',
  'rebuild',
  'replay',
  'sla',
  'webhook-removed',
  'webhook-replay',
  'erase',
  'suppress',
])
/** A transaction takes no more from lists than one list may hold: 500 people take some 100 ms. */
const LISTED = 500

const listedIn = (entry: Entry): number =>
  entry.kind === 'contacts' ? entry.people.length : entry.kind === 'told' ? entry.items.length : 0

/** Entries in their order, cut so that no part holds several long lists. */
function partsOf(entries: readonly LoggedEntry[]): LoggedEntry[][] {
  const parts: LoggedEntry[][] = []
  let listed = 0
  for (const logged of entries) {
    const { entry } = logged
    listed += listedIn(entry)
    if (parts.length === 0 || listed > LISTED) {
      parts.push([])
      listed = listedIn(entry)
    }
    parts.at(-1)!.push(logged)
  }
  return parts
}

const SKIPPABLE = new Set<Entry['kind']>([
  'beacon',
  'identify',
  'signal',
  'contacts',
  'told',
  'decision',
  'note',
])
const CONFIGURING = new Set<Entry['kind']>([
  'site',
  'site-set',
  'key',
  'key-revoked',
  'staff',
  'login',
  'webhook-removed',
  'report',
])

interface Projecting {
  batch: Batch
  store: StateStore
  sites: Sites
  suppressing: Suppressing
  erasing: Erasing | undefined
  webhooks: Webhooks
}

/** The row numbers given out, also to those who were erased since. */
function notBelow(stored: Numbers, givenOut: string | undefined): Numbers {
  if (givenOut === undefined) return stored
  const kept = JSON.parse(givenOut) as Numbers
  return {
    ...stored,
    site: Math.max(stored.site, kept.site),
    visitor: Math.max(stored.visitor, kept.visitor),
    contact: Math.max(stored.contact, kept.contact),
    transition: Math.max(stored.transition, kept.transition),
  }
}

/** One entry. Returns its outcome where somebody may wait for one; throws `EntryError` where the entry is at fault. */
async function projectEntry(
  { batch, store, sites, suppressing, erasing, webhooks }: Projecting,
  entry: Entry,
  now: number,
): Promise<Outcome | undefined> {
  // Only a dead letter comes here so, of a program that was newer.
  if (entry.v !== ENTRY_VERSION) throw new EntryError(new NewerEntry(entry.v).message)
  // Beacons leave what they made stale to the end of the batch; all others may ask for it.
  if (entry.kind !== 'beacon') await foldStale(batch, (no) => sites.byNo(no))
  switch (entry.kind) {
    case 'beacon': {
      const site = sites.get(entry.site)
      const claims = entry.claims ?? []
      const there = await batch.visitor(site.no, entry.visitor)
      if (!there && suppressing.has(site.id, 'visitor', entry.visitor)) {
        drop(batch, entry.events.length + claims.length, 'suppressed')
        return undefined
      }
      let visitor = known(there ?? batch.newVisitor(site.no, entry.visitor), entry)
      if (entry.from !== undefined)
        visitor = await takeOver(batch, site, entry.from, visitor, entry.events, now)
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
      return undefined
    }
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
    case 'key': {
      const { id, hash, name, rights, site, expiresAt = null, replaces } = entry
      const row = { id, hash, name, rights, site, createdAt: now, revokedAt: null, expiresAt, usedAt: null }
      batch.appended.keys.push(row)
      if (replaces) batch.appended.keysSet.push({ id: replaces.id, expiresAt: replaces.until })
      return { status: 201, body: { id } }
    }
    case 'key-revoked':
      batch.appended.keysRevoked.push({ id: entry.id, at: now })
      return { status: 200, body: { id: entry.id } }
    case 'keys-used':
      for (const [id, usedAt] of Object.entries(entry.keys)) batch.appended.keysSet.push({ id, usedAt })
      return undefined
    case 'staff': {
      const { id, name, role, hash, site, removed = false, isNew = false } = entry
      // Of two calls at a time that want one name the second finds the first here.
      const others = new Map([...(await store.staff()), ...batch.appended.staff].map((one) => [one.id, one]))
      const isTaken = [...others.values()].some(
        (one) => one.id !== id && one.removedAt === null && sameName(one.name, name),
      )
      if (isTaken && !removed) return { status: 409, body: { detail: NAME_TAKEN } }
      batch.appended.staff.push({
        id,
        name,
        role,
        hash,
        site,
        createdAt: now,
        removedAt: removed ? now : null,
      })
      return { status: isNew ? 201 : 200, body: { id } }
    }
    case 'login':
      return login(batch, entry.op, entry.value)
    case 'counts':
      refused(batch, entry, Math.floor(now / DAY_MS))
      for (const [kind, reasons] of [
        ['dropped', entry.dropped],
        ['rejected', entry.rejected],
      ] as const) {
        for (const [reason, n] of Object.entries(reasons)) {
          batch.count('received', n)
          batch.count(`${kind}:${reason}`, n)
        }
      }
      for (const [what, n] of Object.entries(entry.noted)) batch.count(`noted:${what}`, n)
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
function drop(batch: Batch, events: number, reason: 'suppressed'): void {
  if (events === 0) return
  batch.count('received', events)
  batch.count(`dropped:${reason}`, events)
}

async function signals(
  batch: Batch,
  site: RuledSite,
  entry: SignalEntry,
  now: number,
  suppressing: Suppressing,
): Promise<Outcome> {
  const items: Record<string, unknown>[] = []
  // In the order of time each of them is O(1); they are answered in the order in which they were given.
  const inTime = entry.items
    .map((item, i) => ({ item, i }))
    .sort((a, b) => a.item.signal.at - b.item.signal.at || a.item.signal.id.key - b.item.signal.id.key)
  for (const { item, i } of inTime) {
    const isAway = item.visitor !== undefined && suppressing.has(site.id, 'visitor', item.visitor)
    const { status, body } = isAway ? AWAY : await signal(batch, site, item, now)
    items[i] = { status, ...body }
  }
  await foldStale(batch, () => site)
  return { status: 200, body: { items } }
}

const AWAY: Outcome = { status: 404, body: { detail: 'that visitor was erased and stays away' } }

async function takeApart(batch: Batch, site: RuledSite, id: string, now: number): Promise<Outcome> {
  const no = await batch.contactByIdentity(site.no, 'id', id)
  const record = no === undefined ? undefined : await batch.contact(no)
  if (!record) return { status: 404, body: { detail: 'no contact of this site has that id' } }
  if (record.mergedInto === null)
    return { status: 409, body: { detail: 'that contact was not merged into another' } }
  for (const changed of await unmerge(batch, record)) await foldLead(batch, site, changed, now)
  return { status: 200, body: { id } }
}

function addSite(batch: Batch, sites: Sites, entry: SiteEntry, now: number): Outcome {
  const { id, name, consent, hosts, timeZone = 'UTC' } = entry
  if (sites.all().some((site) => site.id === id))
    return { status: 409, body: { detail: `the site '${id}' exists` } }
  if (!isZone(timeZone)) return { status: 422, body: { detail: zoneProblem(timeZone) } }
  const rules = compiled(entry.rules)
  const site = {
    no: ++batch.numbers.site,
    id,
    name,
    consent,
    hosts,
    with: entry.with ?? [],
    rulesVersion: 1,
    timeZone,
    retention: null,
    keptFrom: 0,
  }
  batch.appended.sites.push(site)
  batch.appended.rules.push({
    site: site.no,
    version: 1,
    document: rules.document,
    appliedAt: now,
    by: 'site',
  })
  batch.putSetting(secretSetting(id), entry.secret)
  sites.put({ ...site, rules })
  return { status: 201, body: { id } }
}

function setSite(
  batch: Batch,
  sites: Sites,
  { id, name, consent, hosts, with: pieces, retention, mail = {} }: SiteSetEntry,
): Outcome {
  const found = sites.all().find((site) => site.id === id)
  if (!found) return { status: 404, body: { detail: `there is no site '${id}'` } }
  const changed = {
    ...found,
    name: name ?? found.name,
    consent: consent ?? found.consent,
    hosts: hosts ?? found.hosts,
    with: pieces ?? found.with,
    retention: retention === undefined ? found.retention : retention,
  }
  sites.put(changed)
  for (const provider of ['sendgrid', 'postmark'] as const) {
    const kept = mail[provider]
    if (kept !== undefined) batch.putSetting(mailSetting(provider, id), kept)
  }
  const { rules: _, ...site } = changed
  batch.appended.sites.push(site)
  return {
    status: 200,
    body: {
      id,
      name: site.name,
      consent: site.consent,
      hosts: site.hosts,
      with: site.with,
      retention: site.retention,
      timeZone: site.timeZone,
    },
  }
}

/** Keeps by day what the door refused: of each site, and what is of none. */
function refused(batch: Batch, { dropped, rejected, sites = {} }: CountsEntry, day: number): void {
  const rest = { ...dropped }
  for (const [site, reasons] of Object.entries(sites)) {
    for (const [reason, n] of Object.entries(reasons)) {
      batch.appended.refusals.push({ day, site, reason, n })
      rest[reason] = (rest[reason] ?? 0) - n
    }
  }
  for (const [reason, n] of [...Object.entries(rest), ...Object.entries(rejected)])
    if (n > 0) batch.appended.refusals.push({ day, site: '', reason, n })
}

async function login(
  batch: Batch,
  op: 'link' | 'redeem' | 'password' | 'session-secret',
  value: string,
): Promise<Outcome> {
  if (op === 'redeem') {
    const offered = await batch.setting('login-link')
    if (offered !== value) return { status: 404, body: { detail: 'that link is spent or unknown' } }
    batch.putSetting('login-link', null)
    return { status: 200, body: {} }
  }
  batch.putSetting(op === 'link' ? 'login-link' : op, value)
  return { status: 200, body: {} }
}

/** Keeps a failed entry with its reason. Only beacons count among the events. */
function bury(batch: Batch, logged: LoggedEntry, reason: string, at: number): void {
  batch.deadLetters.push({ seq: logged.seq, at, body: JSON.stringify(logged.entry), reason })
  const events = eventsOf(logged.entry)
  if (events === 0) return
  batch.count('received', events)
  batch.count('dead', events)
}

/** Entries to state, top to bottom: then read here (after `collect.ts`). The only writer of the state. */
import { ENTRY_VERSION, type Entry, type Outcome } from './entry.ts'
import type { LoggedEntry } from './log/log.ts'
import { applyRules } from './project/apply-rules.ts'
import { projectBacklog } from './project/backlog.ts'
import { Batch, type Numbers } from './project/batch.ts'
import { bury } from './project/bury.ts'
import { createCache } from './project/cache.ts'
import type { Chunks, Last } from './project/chunks.ts'
import { endDay } from './project/end-day.ts'
import { EntryError, NewerEntry } from './project/entry-error.ts'
import { erase, GIVEN_OUT } from './project/erase.ts'
import { firstTouches } from './project/first-touch.ts'
import { type Glimpse, glimpsesOf, PRESENT_MS } from './project/glimpse.ts'
import { heldCache } from './project/held-cache.ts'
import { countLeadVisits } from './project/lead-visits.ts'
import { foldStale } from './project/leads.ts'
import { forgetMessages } from './project/many-messages.ts'
import { noteBreaches } from './project/note-breaches.ts'
import { projectEntry } from './project/project-entry.ts'
import { rebuild } from './project/rebuild.ts'
import { replayDead } from './project/replay-dead.ts'
import { loadRevivals } from './project/revivals.ts'
import { type RollUps, rollUps } from './project/roll-ups.ts'
import { loadSites } from './project/sites.ts'
import { type Erasing, suppressing as loadSuppressing } from './project/suppressing.ts'
import { type Division, partitionOfVisitor, touchedBy } from './project/touched.ts'
import { loadWebhooks } from './project/webhooks.ts'
import type { Changes, Expected, StateStore, Visitor, Watermark } from './store/store.ts'
import { type Zone, zonesByName } from './zone.ts'

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

/** Entries of the log behind that number, as many as are projected at once; none where there are fewer. */
export type More = (seq: number) => Promise<LoggedEntry[]>

export interface Projector {
  watermark(): Watermark
  /**
   * Projects entries in order, in one transaction (a tick in several). Throws what the store throws; nothing is half done then.
   * Where there is `more`, beacons are followed by the next ones, a few transactions at once.
   */
  project(entries: LoggedEntry[], more?: More): Promise<Projected>
  /** Whether there is work that an entry has begun and that is done beside the others. */
  isBusy(): boolean
  /** A short transaction's worth of it. Throws what the store throws; nothing is half done then. */
  goOn(): Promise<Pick<Projected, 'posted'>>
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
  /** Where others project other partitions: then it remembers visitors of its own, but for those whom they have `touched`. */
  divided?: Division & { touched: () => Promise<readonly number[] | null> }
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
    divided,
  }: ProjectorOptions = {},
): Promise<Projector> {
  // First of all: what is read before another has moved it may be as old.
  const { seq, now } = from ?? (await store.watermark())
  let watermark: Watermark = { logId, seq, now }
  const sites = await loadSites(store)
  const suppressing = await loadSuppressing(store, erasing)
  const webhooks = await loadWebhooks(store)
  const revivals = await loadRevivals(store, webhooks)
  const siteIdOf = (no: number) => sites.byNo(no).id
  const shared = divided && heldCache(isHeld, newestMark)
  const cache = shared ?? createCache(newestMark)
  const isMine = (logged: LoggedEntry) => share(logged) !== undefined
  let numbers = notBelow(await store.lastNumbers(), await store.setting(GIVEN_OUT))
  const zones = zonesByName()
  let posted = false
  /** What is held in memory is what the last commit left. */
  let isAsBefore = true

  function isHeld({ site, key }: Visitor): boolean {
    return divided!.held.includes(partitionOfVisitor(siteIdOf(site), key, divided!.partitions))
  }

  /**
   * What is remembered of whom others have changed is no more. After a batch that failed sites, suppressions and webhooks are
   * read again, too: not as it fails, for where the store is away they could not be, and of a site that is not known beacons
   * would be dead letters.
   */
  async function rememberAgain(): Promise<void> {
    const touched = divided ? await divided.touched() : []
    if (touched === null) cache.clear()
    else shared?.forget(touched)
    if (isAsBefore) return
    await store.begin()
    await sites.reload()
    await suppressing.reload()
    await webhooks.reload()
    isAsBefore = true
  }

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
    const known = cache.visitor(site, key)
    return { site, key, ids, ...(known && { known }) }
  }

  /** Whether an entry is another projector's, or tells of one visitor alone. */
  function isOwn(logged: LoggedEntry): boolean {
    const { entry } = logged
    if (!isMine(logged)) return true
    return (
      entry.kind === 'beacon' &&
      entry.from === undefined &&
      entry.withdrew === undefined &&
      (entry.claims ?? []).length === 0
    )
  }

  /** What nothing is asked for that is not of one visitor, and nobody waits for. */
  function isPlain(logged: LoggedEntry): boolean {
    const { v, kind, ref, once } = logged.entry
    return (
      v === ENTRY_VERSION &&
      kind === 'beacon' &&
      ref === undefined &&
      once === undefined &&
      isMine(logged) &&
      isOwn(logged)
    )
  }

  /** All entries before the first tick, in one transaction. */
  async function together(entries: LoggedEntry[], projected: Projected): Promise<void> {
    await store.begin(expectedOf(entries), entries.every(isOwn))
    const batch = new Batch(store, numbers, cache)
    const next = await fill(batch, entries, watermark, projected)
    await commit(batch, next)
    for (const { ref, outcome } of batch.appended.outcomes) projected.outcomes.push({ ref, outcome })
  }

  /** What they come to; the watermark behind them. */
  async function fill(
    batch: Batch,
    entries: readonly LoggedEntry[],
    from: Watermark,
    projected: Projected,
  ): Promise<Watermark> {
    let { seq, now } = from
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
          (entry.once === undefined ? undefined : await before(batch, entry)) ??
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
    return { ...from, seq, now }
  }

  /** What touches much, on its own: some of it in transactions of its own, before the watermark passes the entry. */
  async function alone(logged: LoggedEntry, projected: Projected): Promise<void> {
    const { entry, seq } = logged
    const now = Math.max(watermark.now, logged.receivedAt)
    const places = { last: 0 }
    const part = () => {
      const batch = new Batch(store, numbers, cache)
      batch.savepoint(seq, undefined, places)
      return batch
    }
    const chunks: Chunks = {
      store,
      sites,
      zoneOf,
      seq,
      now,
      batch: part,
      commit: (batch, sums) => commit(batch, watermark, sums),
      forget: () => cache.clear(),
    }
    switch (entry.kind) {
      case 'tick':
        return finish(await endDay(chunks, entry.day))
      case 'sla':
        return finish(await noteBreaches(chunks))
      case 'rules':
        projected.configured = true
        return finish(await applyRules(chunks, entry, folded))
      case 'rebuild':
        // Weekly reports and pages ask for the site's zone.
        projected.configured = true
        return finish(await rebuild(chunks, entry))
      case 'replay':
        return replayed(entry.seqs)
      case 'webhook-removed':
        await forgetMessages(chunks, entry.id)
        return together([logged], projected)
      case 'erase':
      case 'suppress': {
        const last = await erase(chunks, erasing, entry)
        cache.clear()
        await finish(last)
        await suppressing.reload()
        projected.configured = true
        projected.erased = true
      }
    }

    /** Dead letters again, in one transaction. */
    async function replayed(seqs: number[]): Promise<void> {
      const batch = new Batch(store, numbers, cache)
      const project = async (entry: Entry) => {
        await projectEntry({ batch, store, sites, suppressing, erasing, webhooks }, entry, now)
        await foldStale(batch, (no) => sites.byNo(no))
      }
      const done = await replayDead({ batch, store, project, fault: entryFault, now }, seqs)
      await end(batch, { status: 200, body: { ...done } })
    }

    async function finish({ outcome, fill = () => {} }: Last): Promise<void> {
      const batch = part()
      fill(batch)
      await end(batch, outcome)
    }

    async function end(batch: Batch, outcome: Outcome | undefined): Promise<void> {
      if (outcome) batch.answer(entry.ref, now, outcome)
      await commit(batch, { ...watermark, seq, now })
      if (outcome && entry.ref !== undefined) projected.outcomes.push({ ref: entry.ref, outcome })
    }
  }

  const zoneOf = (no: number): Zone => zones(sites.byNo(no).timeZone)

  async function changesOf(batch: Batch, next: Watermark, sums?: RollUps): Promise<Changes> {
    const changed = batch.changedVisits()
    const { quarters, slices } = sums ?? (await rollUps(batch, changed, zoneOf))
    await countLeadVisits(batch, changed)
    const deliveries = webhooks.deliveriesOf(batch.appended.outbox, siteIdOf)
    const touches = await firstTouches(batch, changed)
    return batch.changes(next, { quarters, slices, touches, deliveries })
  }

  async function commit(batch: Batch, next: Watermark, sums?: RollUps): Promise<void> {
    const changes = await changesOf(batch, next, sums)
    const touched = divided && touchedBy(changes, (no) => batch.visitorKnown(no), siteIdOf, divided)
    await store.commit(changes, touched)
    batch.settle()
    landed(batch, changes, next)
    if (!isWatched()) return
    const glimpses = await glimpsesOf(batch, (no) => sites.byNo(no), next.now - PRESENT_MS)
    if (glimpses.length > 0) shown(glimpses)
  }

  /** A batch stands. */
  function landed(
    batch: Batch,
    { deliveries, deliveryResults, deliveriesRevived }: Changes,
    next: Watermark,
  ): void {
    posted ||= deliveries.length + deliveryResults.length + deliveriesRevived.length > 0
    revivals.settle(batch)
    watermark = next
    numbers = batch.numbers
  }

  return {
    watermark: () => watermark,
    async project(entries, more) {
      const projected: Projected = { outcomes: [], configured: false, erased: false, posted: false }
      posted = false
      // What lies before an entry that only a newer program reads is projected; it is no dead letter.
      const newer = entries.findIndex(({ entry }) => entry.v !== ENTRY_VERSION)
      if (newer === 0) throw new NewerEntry(entries[0]!.entry.v)
      await rememberAgain()
      let rest = newer < 0 ? entries : entries.slice(0, newer)
      try {
        // Who looks on sees each transaction; where others change visitors too, each begins with a look at whose.
        if (more && !divided && !isWatched() && entries.every(isPlain)) {
          await projectBacklog(entries, {
            store,
            cache,
            watermark,
            numbers,
            expectedOf,
            fill: (batch, some, from) => fill(batch, some, from, projected),
            changesOf,
            landed,
            async more(seq) {
              const next = await more(seq)
              return next.every(isPlain) ? next : []
            },
          })
          rest = []
        }
        while (rest.length > 0) {
          // What touches much is projected on its own, in transactions of its own.
          const at = rest.findIndex((logged) => ALONE.has(logged.entry.kind) && isMine(logged))
          const before = at < 0 ? rest : rest.slice(0, at)
          for (const part of partsOf(before)) await together(part, projected)
          if (at >= 0) await alone(rest[at]!, projected)
          rest = at < 0 ? [] : rest.slice(at + 1)
        }
      } catch (error) {
        cache.clear()
        isAsBefore = false
        throw error
      }
      return { ...projected, posted }
    },
    isBusy: () => revivals.isUnderWay(),
    async goOn() {
      posted = false
      await rememberAgain()
      const batch = new Batch(store, numbers, cache)
      batch.savepoint(watermark.seq)
      try {
        await revivals.goOn(batch)
        await commit(batch, watermark)
      } catch (error) {
        cache.clear()
        isAsBefore = false
        throw error
      }
      return { posted }
    },
    async bury(logged, reason) {
      if (!SKIPPABLE.has(logged.entry.kind)) return false
      await rememberAgain()
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

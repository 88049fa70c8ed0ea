import type { EraseEntry, SuppressEntry } from '../entry.ts'
import { sessionise } from '../lead/sessionise.ts'
import type { Edge, Named, Person, StateStore } from '../store/store.ts'
import type { Batch } from './batch.ts'
import type { Chunks, Last } from './chunks.ts'
import { relink } from './graph.ts'
import { foldLead } from './leads.ts'
import { post } from './post.ts'
import type { Erasing } from './suppressing.ts'
import { BY_ERASURE, TEXTS_LEFT } from './sweep-texts.ts'

/** Rows of one transaction: keeps it below 100 ms. */
const ROWS_AT_ONCE = 2_000
/** Names compared with the suppressions in one go. */
const NAMES_AT_ONCE = 5_000
/** Holds whom an erasure is about while it is under way: after a crash it goes on. */
const UNDER_WAY = 'erasing'

/** Row numbers up to these were given out, also where the rows are gone: sums count visitors by them. */
export const GIVEN_OUT = 'numbers'

/** Whether people of a site were erased, whose share its sums still hold. */
export const erasedSetting = (site: string): string => `erased:${site}`

interface ErasingDeps extends Chunks {
  erasing: Erasing
}

interface UnderWay {
  seq: number
  person: Person
  /** Keyed hash of the id, for the audit log. */
  subject: string
  rows: number
  /** Nothing is left of it; only the answer is missing. */
  isDone: boolean
}

interface Erased {
  subject: string
  /** Rows of the state that were removed. */
  rows: number
}

/** Somebody is removed for good: one who asked for it, or whom a restored backup has brought back. */
export async function erase(
  chunks: Chunks,
  erasing: Erasing | undefined,
  entry: EraseEntry | SuppressEntry,
): Promise<Last> {
  if (!erasing) throw new Error('nobody can be erased without the key of the suppressions')
  const { store, sites, now } = chunks
  const deps: ErasingDeps = {
    ...chunks,
    erasing,
    batch() {
      chunks.forget()
      return chunks.batch()
    },
  }
  if (entry.kind === 'suppress') {
    const people = await eraseAgain(deps, entry.hashes)
    return { outcome: { status: 200, body: { people } }, fill: forget }
  }
  const site = sites.get(entry.site)
  const known = await store.contact(entry.contact)
  const erased = known && known.site !== site.no ? undefined : await erasePerson(deps, entry.contact)
  if (!erased) return { outcome: { status: 404, body: { detail: 'no such person' } }, fill: forget }
  const { subject, rows } = erased
  return {
    outcome: { status: 200, body: { erased: true, rows } },
    fill(batch) {
      forget(batch)
      const { by } = entry
      batch.appended.audit.push({ at: now, by, what: 'erase', site: site.id, subject, detail: { rows } })
    },
  }
}

/**
 * Removes a person from state and log, in chunks, and suppresses them. Undefined where no such contact is there. Safe
 * to begin again after a crash at any place. The list outside the database comes first: whatever stops after it, the
 * next start erases them.
 */
async function erasePerson(deps: ErasingDeps, contact: number): Promise<Erased | undefined> {
  const before = await underWay(deps)
  return before ? finish(deps, before) : eraseContact(deps, contact)
}

async function eraseContact(deps: ErasingDeps, contact: number): Promise<Erased | undefined> {
  const person = await personOf(deps, contact)
  return person && begin(deps, person, await namesOf(deps, person, contact))
}

/** Erases whom these hashes name. Returns how many people that were. */
async function eraseAgain(deps: ErasingDeps, hashes: readonly string[]): Promise<number> {
  const { store, erasing } = deps
  const wanted = new Set(hashes)
  await suppress(deps, hashes)
  let people = 0
  const before = await underWay(deps)
  if (before && !before.isDone) {
    await finish(deps, before)
    people++
  }
  const isWanted = ({ site, kind, value }: Named) =>
    kind !== 'id' && wanted.has(erasing.hash(deps.sites.byNo(site).id, kind, value))
  let place: string | null = null
  do {
    const page = await store.namesAfter(place, NAMES_AT_ONCE)
    place = page.place
    for (const named of page.names.filter(isWanted)) {
      const erased =
        named.kind === 'visitor' ? await eraseVisitor(deps, named) : await eraseContact(deps, named.no)
      if (erased) people++
    }
  } while (place !== null)
  return people
}

/** A visitor without a contact; whose it is goes with the contact. */
async function eraseVisitor(deps: ErasingDeps, { no, site, value }: Named): Promise<Erased | undefined> {
  const visitor = await deps.store.visitorByNo(no)
  if (!visitor || visitor.contact !== null) return undefined
  const person: Person = { site, contacts: [], visitors: [no], parts: [], names: [value] }
  return begin(deps, person, [['visitor', value]])
}

async function personOf({ store }: ErasingDeps, no: number): Promise<Person | undefined> {
  const named = await store.contact(no)
  const root = named?.mergedInto == null ? named : await store.contact(named.mergedInto)
  if (!root) return undefined
  const records = [root, ...(await store.mergedInto(root.no))]
  const own = new Set(records.map((record) => record.no))
  const seen = new Set<number>()
  for (const record of own) for (const { visitor } of await store.linksOfContact(record)) seen.add(visitor)
  const person: Person = { site: root.site, contacts: [...own], visitors: [], parts: [], names: [] }
  for (const visitor of seen) {
    const edges = await store.edgesOfVisitor(visitor)
    const isOwn = edges.every(({ contact }) => own.has(contact))
    if (isOwn && (await isWhole(store, visitor, edges))) person.visitors.push(visitor)
    else {
      for (const { contact, from, to } of edges)
        if (own.has(contact)) person.parts.push({ visitor, from, to })
    }
  }
  return person
}

/** Whether the edges hold all of the visitor: other visits of one that was only measured may be anybody's. */
async function isWhole(store: StateStore, visitor: number, edges: readonly Edge[]): Promise<boolean> {
  const links = await store.links(visitor)
  if (links.every(({ viewAt }) => viewAt === null)) return true
  const visits = await store.visits(visitor)
  return visits.every(({ startAt }) =>
    edges.some(({ from, to }) => from <= startAt && (to === null || startAt < to)),
  )
}

/** Every name of the person, which goes into `person.names` too. */
async function namesOf({ store }: ErasingDeps, person: Person, no: number): Promise<[string, string][]> {
  const names: [string, string][] = []
  for (const contact of person.contacts) {
    for (const { kind, value } of await store.identitiesOf(contact)) names.push([kind, value])
  }
  for (const visitor of person.visitors) {
    const { key } = (await store.visitorByNo(visitor))!
    // A contact's own stream bears its id.
    if (!key.startsWith('@')) names.push(['visitor', key])
  }
  person.names.push(...new Set(names.map(([, value]) => value)))
  // The one by which the audit log knows the person again comes first.
  const id = (await store.contact(no))!.id
  return names.sort((a, b) => Number(b[1] === id) - Number(a[1] === id))
}

async function begin(
  deps: ErasingDeps,
  person: Person,
  names: readonly [kind: string, value: string][],
): Promise<Erased> {
  const { erasing, batch, commit, seq } = deps
  const site = deps.sites.byNo(person.site).id
  const hashes = names.map(([kind, value]) => erasing.hash(site, kind, value))
  erasing.list.add(hashes)
  await suppress(deps, hashes)
  const state: UnderWay = { seq, person, subject: hashes[0]!, rows: 0, isDone: false }
  const first = batch()
  first.putSetting(UNDER_WAY, JSON.stringify(state))
  // Where the lead stood is counted no more from today on.
  for (const contact of person.contacts) first.dropLead(contact)
  first.putSetting(GIVEN_OUT, JSON.stringify(first.numbers))
  first.putSetting(erasedSetting(site), String(deps.now))
  await tellErased(deps, first, person, site)
  await commit(first)
  return finish(deps, state)
}

/** Told before the rows go, which know the ids; a visitor without a contact was never told of. */
async function tellErased(
  { store, now }: ErasingDeps,
  batch: Batch,
  { site: no, contacts }: Person,
  site: string,
): Promise<void> {
  const ids: string[] = []
  for (const contact of contacts) ids.push((await store.contact(contact))!.id)
  const [id, ...merged] = ids
  if (id === undefined) return
  const payload = {
    type: 'contact.erased',
    timestamp: new Date(now).toISOString(),
    data: { id, site, merged },
  } as const
  // Of nobody: what is the person's goes.
  post(batch, { site: no, contact: null, payload, now, isBrief: true })
}

async function suppress({ batch, commit, now }: ErasingDeps, hashes: readonly string[]): Promise<void> {
  const adding = batch()
  adding.appended.suppressed.push(...hashes.map((hash) => ({ hash, at: now })))
  await commit(adding)
}

async function underWay({ store, seq }: ErasingDeps): Promise<UnderWay | undefined> {
  const kept = await store.setting(UNDER_WAY)
  const state = kept === undefined ? undefined : (JSON.parse(kept) as UnderWay)
  return state?.seq === seq ? state : undefined
}

async function finish(deps: ErasingDeps, state: UnderWay): Promise<Erased> {
  const { store, erasing, batch, commit, seq } = deps
  const { person, subject } = state
  let { rows } = state
  if (!state.isDone) {
    for (const part of person.parts) {
      await eraseEvents(store, part)
      await store.erasePart(part)
    }
    for (let removed = 1; removed > 0; rows += removed) removed = await store.erase(person, ROWS_AT_ONCE)
    await mendShared(deps)
    // What is taken out of the log must not be needed again: the state is on disk first.
    await store.clean()
    await erasing.eraseFromLog(person.names, seq)
    const last = batch()
    const done: UnderWay = { seq, subject, rows, isDone: true, person: { ...person, names: [] } }
    last.putSetting(UNDER_WAY, JSON.stringify(done))
    await commit(last)
    await store.clean()
  }
  return { subject, rows }

  /** The visitors that were also somebody else's: their links, visits and leads without the person. */
  async function mendShared({ sites, now }: ErasingDeps): Promise<void> {
    const mending = batch()
    const changed = new Set<number>()
    for (const visitor of new Set(person.parts.map((part) => part.visitor))) {
      const { visits } = sessionise(await store.events(visitor, 0, null))
      for (const { startAt } of await store.visits(visitor)) mending.dropVisit(visitor, startAt)
      for (const visit of visits) mending.putVisit(visitor, visit)
      const row = await mending.visitorByNo(visitor)
      mending.putVisitor({ ...row, visitStart: visits.at(-1)?.startAt ?? null })
      for (const contact of await relink(mending, visitor)) changed.add(contact)
    }
    for (const no of changed)
      if (!person.contacts.includes(no)) await foldLead(mending, sites.byNo(person.site), no, now)
    await commit(mending)
  }
}

async function eraseEvents(store: StateStore, { visitor, from, to }: Person['parts'][number]): Promise<void> {
  const ids = (await store.events(visitor, from, to)).map(({ id }) => id)
  for (let i = 0; i < ids.length; i += ROWS_AT_ONCE)
    await store.eraseEvents(visitor, ids.slice(i, i + ROWS_AT_ONCE))
}

/** Forgets that an erasure was under way: with the transaction that answers it. */
function forget(batch: Batch): void {
  batch.putSetting(UNDER_WAY, null)
  batch.putSetting(TEXTS_LEFT, BY_ERASURE)
}

/**
 * Moves a state and its log from one engine to the other while collectors go on: copies what is there, catches up with
 * what came meanwhile, and takes the rest when the collectors have stopped. The origin is left as it is.
 */
import { cpSync, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LoggedEntry } from '../../log/log.ts'
import type { Projector } from '../../project.ts'
import { Sentence } from '../../sentence.ts'
import { KINDS, type StateSource } from '../../store/copy.ts'
import type { Destination, Filling, Origin } from './ends.ts'
import {
  compared,
  differing,
  leadsTallied,
  shown,
  type Tallies,
  type Tally,
  tallied,
  tally,
} from './tally.ts'

/** Entries that are taken and projected in one go. */
const AT_ONCE = 512
/** With fewer entries left than this it has caught up: they take less than a second. */
const SMALL_LAG = 200
/**
 * How often it is looked what came and whether collectors have stopped, ms: an erasure takes what is projected out of a
 * log in PostgreSQL, and that is to be here before.
 */
const LOOK_MS = 20

/** It did not come to its end, but would if it began anew. */
export class BeginAnew extends Sentence {}

export interface MoveOptions {
  origin: Origin
  destination: Destination
  now: () => number
  /** How long it is waited for the collectors to stop, ms. */
  waitMs: number
  /** Told what is done, line by line. */
  say(line: string): void
  /** Told while rows are copied. */
  copied(events: number, of: number): void
}

export interface Moved {
  events: number
  leads: number
  /** Of the leads, in hex. */
  hash: string
  /** Entries that came while it was copied. */
  entries: number
  /** How long the copy took, ms. */
  copyMs: number
}

/** Throws a `Sentence` where it does not come to its end: then nothing serves the destination, and the origin is as it was. */
export async function move(options: MoveOptions): Promise<Moved> {
  const { origin, destination, now, say } = options
  const secrets = await origin.secrets(now())
  const began = performance.now()
  const source = await origin.state()
  const { seqs, now: at } = source.watermarks
  const first = Math.min(...seqs)
  let filling: Filling
  let known: Copied
  try {
    filling = await destination.begin({ seq: first, now: at }, secrets)
    say(`Copying what is projected up to entry ${first}.`)
    known = await copyRows(source, filling, options.copied)
  } finally {
    await source.close()
  }
  const copyMs = performance.now() - began
  const { events } = known
  say(`Copied ${events} events in ${(copyMs / 1_000).toFixed(1)} s, ${perSecond(events, copyMs)} a second.`)
  await mustBeSame(filling, known.tallies)
  say(`Compared: all ${totalOf(known.tallies)} rows are the same on both sides.`)

  const follower = await follow(origin, filling, known, seqs)
  await handedOver(follower, options)
  const leads = await rest(follower, options, filling)
  await finishing(options, filling)
  return { events, leads: leads.rows, hash: shown(leads), entries: follower.taken(), copyMs }
}

interface Copied {
  tallies: Tallies
  events: number
  /** Numbers of the contacts. */
  contacts: Set<number>
}

async function copyRows(
  source: StateSource,
  { sink }: Filling,
  told: MoveOptions['copied'],
): Promise<Copied> {
  const found: Copied = { tallies: new Map(), events: 0, contacts: new Set() }
  const all = await source.count('events')
  for (const kind of KINDS)
    for await (const rows of source.rows(kind)) {
      // While an engine behind a network writes them.
      const written = sink.put(kind, rows as never[])
      tally(found.tallies, kind, compared(kind, rows as never[]))
      await written
      if (kind === 'contacts') for (const { no } of rows as { no: number }[]) found.contacts.add(no)
      if (kind !== 'events') continue
      found.events += rows.length
      told(found.events, all)
    }
  return found
}

async function mustBeSame(filling: Filling, wanted: Tallies): Promise<void> {
  const copy = await filling.state()
  try {
    const there = await tallied(copy)
    const kinds = differing(wanted, there).map(
      (kind) => `${kind} (${wanted.get(kind)?.rows ?? 0} rows, ${there.get(kind)?.rows ?? 0} there)`,
    )
    if (kinds.length > 0)
      throw new Sentence(
        `the copy is not the same in ${kinds.join(', ')}: nothing was switched, go on with the state that it came from`,
      )
  } finally {
    await copy.close()
  }
}

interface Follower {
  /** Takes and projects entries up to this one; how many. */
  to(seq: number): Promise<number>
  taken(): number
}

/** Goes on behind the copy, with entries that the origin has projected, too: then both can be compared. */
async function follow(
  { log, partitionOf, contactId }: Origin,
  filling: Filling,
  { contacts }: Copied,
  seqs: readonly number[],
): Promise<Follower> {
  let at = Math.min(...seqs)
  let taken = 0
  // Projectors that were ahead of the last one have done these.
  const done = new WeakSet<object>()
  const isEven = seqs.every((seq) => seq === at)
  const projector = await filling.projector(isEven ? undefined : (entry) => done.has(entry))

  async function read(to: number): Promise<LoggedEntry[]> {
    const entries = await log.read(at, Math.min(AT_ONCE, to - at))
    let expected = at
    for (const { seq } of entries) if (seq === expected + 1) expected++
    if (entries.length === 0 || expected !== entries.at(-1)!.seq)
      throw new BeginAnew(
        'entries that were to be moved are gone from the log, because somebody was erased meanwhile: run it again with --force',
      )
    return entries
  }

  return {
    async to(seq) {
      const before = taken
      while (at < seq) {
        const entries = await read(seq)
        for (const { seq, entry } of entries) if (!isEven && seq <= seqs[partitionOf(entry)]!) done.add(entry)
        for (const part of beforeNamed(entries, contacts))
          await take(filling, projector, part, contacts, contactId)
        at = entries.at(-1)!.seq
        taken += entries.length
      }
      return taken - before
    },
    taken: () => taken,
  }
}

type Named = LoggedEntry['entry'] & { contact: number; site: string }
const isNamed = (entry: LoggedEntry['entry']): entry is Named =>
  'contact' in entry && typeof entry.contact === 'number'

/** Cut before each entry that names, by its row number, a contact who came since. */
function beforeNamed(entries: readonly LoggedEntry[], copied: Set<number>): LoggedEntry[][] {
  const parts: LoggedEntry[][] = [[]]
  for (const logged of entries) {
    if (isNamed(logged.entry) && !copied.has(logged.entry.contact) && parts.at(-1)!.length > 0) parts.push([])
    parts.at(-1)!.push(logged)
  }
  return parts.filter((part) => part.length > 0)
}

/** Contacts who came since the copy may bear another number here. */
async function take(
  { take, contactNo }: Filling,
  projector: Projector,
  entries: LoggedEntry[],
  copied: Set<number>,
  contactId: Origin['contactId'],
): Promise<void> {
  const [first, ...others] = entries as [LoggedEntry, ...LoggedEntry[]]
  let some = entries
  if (isNamed(first.entry) && !copied.has(first.entry.contact)) {
    const id = await contactId(first.entry.contact)
    // Without the id nobody knows who that was: what made the person may be gone from the log already, or not.
    if (id === undefined)
      throw new BeginAnew(
        'somebody who came meanwhile was erased meanwhile: run it again with --force, so that the copy knows',
      )
    const no = await contactNo(first.entry.site, id)
    if (no === undefined) throw new Error(`the contact ${id} is not there`)
    some = [{ ...first, entry: { ...first.entry, contact: no } as Named }, ...others]
  }
  await take(some)
  await projector.project(some)
}

/** Follows until the collectors have stopped and nobody appends any more. */
async function handedOver(follower: Follower, { origin, say, waitMs }: MoveOptions): Promise<void> {
  const until = performance.now() + waitMs
  let isTold = false
  for (;;) {
    if ((await follower.to(await origin.projected())) >= SMALL_LAG) continue
    if (await origin.take()) return
    if (!isTold) say('Caught up. Stop the collector now: this command takes the rest and ends.')
    isTold = true
    if (performance.now() > until)
      throw new Sentence(
        `the collector was not stopped in time: run it again with --force, or wait longer (--wait, in minutes)`,
      )
    await sleep(LOOK_MS)
  }
}

/** The rest of the log. What the origin has projected is compared once more. */
async function rest(follower: Follower, { origin, say }: MoveOptions, filling: Filling): Promise<Tally> {
  const last = await origin.state()
  let wanted: Tally
  let there: Tally
  try {
    const { seqs } = last.watermarks
    await follower.to(Math.min(...seqs))
    const copy = await filling.state()
    try {
      ;[wanted, there] = [await leadsTallied(last), await leadsTallied(copy)]
    } finally {
      await copy.close()
    }
    // Partitions that stopped at different entries have seen what is not taken yet.
    const isEven = seqs.every((seq) => seq === seqs[0])
    if (isEven && (wanted.rows !== there.rows || wanted.sum !== there.sum))
      throw new Sentence(
        `the leads are not the same (${wanted.rows} with ${shown(wanted)}, there ${there.rows} with ${shown(there)}): nothing was switched, start the collector again as it was`,
      )
    if (isEven) say(`Compared again: ${there.rows} leads, hash ${shown(there)} on both sides.`)
  } finally {
    await last.close()
  }
  const { last: end } = await origin.log.bounds()
  await follower.to(end)
  say(`Took ${follower.taken()} entries that came meanwhile, up to ${end}.`)
  return there
}

async function finishing({ origin, destination, now }: MoveOptions, filling: Filling): Promise<void> {
  const { scripts } = origin
  if (existsSync(scripts) && resolve(scripts) !== resolve(destination.scripts))
    cpSync(scripts, destination.scripts, { recursive: true })
  await filling.finish(await origin.secrets(now()))
}

const perSecond = (n: number, ms: number): number => Math.round(n / (ms / 1_000))
const totalOf = (tallies: Tallies): number => [...tallies.values()].reduce((sum, { rows }) => sum + rows, 0)

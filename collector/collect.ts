/** A beacon's way in, top to bottom. Start reading here; `project.ts` is what comes after. */
import { type AcceptMemory, accept, type DropReason, type RequestFacts } from './accept.ts'
import type { DoorCounts } from './counts.ts'
import type { IntakeLog } from './log/log.ts'
import { type Beacon, parse } from './parse.ts'
import { visitorCookie } from './visitor-cookie.ts'

export type CollectAnswer =
  /** On disk. `cookie` is a `Set-Cookie`. */
  | { status: 204; cookie?: string }
  /** Well-formed, but not wanted: a success to the sender. */
  | { status: 202; dropped: DropReason; cookie?: string }
  /** The client sent too much; again after so many seconds. */
  | { status: 429; wait: number }
  | { status: 400; field: string; problem: string }

export interface CollectDeps {
  log: IntakeLog
  memory: AcceptMemory
  counts: DoorCounts
  /** Events were acknowledged with the entry of this sequence number. */
  taken: (seq: number, events: number) => void
  /** Whole s that a client has to wait before its next beacon is taken; 0 takes it. */
  limit: (ip: string, now: number) => number
}

const TAKEN: CollectAnswer & { status: 204 } = { status: 204 }

/**
 * Takes one body. What is kept is answered once its entry is durable, by a promise that rejects with `LogUnavailable`
 * when it cannot be; what is not, at once (a promise more for each request is a twentieth of its cost).
 */
export function collect(
  text: string,
  facts: RequestFacts,
  deps: CollectDeps,
): CollectAnswer | Promise<CollectAnswer> {
  const many = tooMany(facts, deps)
  if (many) return many
  const parsed = parse(text)
  if (!parsed.ok) {
    deps.counts.reject('malformed')
    return { status: 400, field: parsed.field, problem: parsed.problem }
  }
  return take(parsed.beacon, facts, deps)
}

/** Counts a client's request, and answers it where it is one too many. */
export function tooMany(facts: RequestFacts, { limit, counts }: CollectDeps): CollectAnswer | undefined {
  const wait = limit(facts.ip, facts.receivedAt)
  if (wait > 0) {
    counts.reject('too-many')
    return { status: 429, wait }
  }
  if (facts.hidden) counts.note('untrusted-proxy')
  return undefined
}

/** The rest of the way of a beacon, from where it is read. */
export function take(
  beacon: Beacon,
  facts: RequestFacts,
  deps: CollectDeps,
): CollectAnswer | Promise<CollectAnswer> {
  const accepted = accept(beacon, facts, deps.memory)
  const kept = 'drop' in accepted ? undefined : accepted.entry.visitor
  const sets = deps.memory.site(beacon.site)?.with?.includes('cookie')
  const cookie = sets ? visitorCookie(beacon, kept, facts) : undefined
  if ('drop' in accepted) {
    const site = accepted.drop === 'unknown-site' ? undefined : beacon.site
    deps.counts.drop(accepted.drop, beacon.events.length, site)
    const answer = { status: 202 as const, dropped: accepted.drop, ...(cookie !== undefined && { cookie }) }
    return accepted.lastWord ? deps.log.append(accepted.lastWord).then(() => answer) : answer
  }
  const { entry, left, noted } = accepted
  return deps.log.append(entry).then((seq) => {
    deps.taken(seq, entry.events.length + (entry.claims?.length ?? 0))
    // Counted once it is taken: what is answered 503 comes again.
    for (const reason of left) deps.counts.drop(reason, 1, beacon.site)
    for (const what of noted) deps.counts.note(what)
    return cookie === undefined ? TAKEN : { ...TAKEN, cookie }
  })
}

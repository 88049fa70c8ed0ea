/** A beacon's way in, top to bottom. Start reading here; `project.ts` is what comes after. */
import { type AcceptMemory, accept, type DropReason, type RequestFacts } from './accept.ts'
import type { DoorCounts } from './counts.ts'
import type { IntakeLog } from './log/log.ts'
import { parse } from './parse.ts'

export type CollectAnswer =
  /** On disk. */
  | { status: 204 }
  /** Well-formed, but not wanted: a success to the sender. */
  | { status: 202; dropped: DropReason }
  | { status: 400; field: string; problem: string }

export interface CollectDeps {
  log: IntakeLog
  memory: AcceptMemory
  counts: DoorCounts
}

const TAKEN: CollectAnswer = { status: 204 }

/**
 * Takes one body. What is kept is answered once its entry is durable, by a promise that rejects with `LogUnavailable`
 * when it cannot be; what is not, at once (a promise more for each request is a twentieth of its cost).
 */
export function collect(
  text: string,
  facts: RequestFacts,
  deps: CollectDeps,
): CollectAnswer | Promise<CollectAnswer> {
  const parsed = parse(text)
  if (!parsed.ok) {
    deps.counts.reject('malformed')
    return { status: 400, field: parsed.field, problem: parsed.problem }
  }
  const accepted = accept(parsed.beacon, facts, deps.memory)
  if ('drop' in accepted) {
    deps.counts.drop(accepted.drop, parsed.beacon.events.length)
    return { status: 202, dropped: accepted.drop }
  }
  return deps.log.append(accepted.entry).then(() => {
    // Counted once it is taken: what is answered 503 comes again.
    for (const reason of accepted.left) deps.counts.drop(reason, 1)
    for (const what of accepted.noted) deps.counts.note(what)
    return TAKEN
  })
}

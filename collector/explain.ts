import { type AcceptMemory, accept, type RequestFacts } from './accept.ts'
import type { IntakeAnswer } from './intake.ts'
import type { HeldKey } from './keys.ts'
import { parse } from './parse.ts'
import { problemText } from './problem.ts'

/** What would happen to a beacon, and why. */
export interface Explanation {
  would: 'store' | 'drop' | 'reject'
  /** Why it would be dropped or rejected. */
  reason?: string
  /** The client's address as the collector takes it. */
  address: string
  /** Device, browser, system; null of a robot. */
  agent: string | null
  /** `X-Forwarded-For` was there and was not believed: LEADWAKE_TRUST_PROXY does not name who sent it. */
  forwardedIgnored: boolean
  /** Whether the visitor would be followed by an id or measured for a day. */
  visitor?: 'identified' | 'measured'
  /** The events as they would be kept. */
  events?: unknown[]
  /** Why others of its events would not be kept. */
  left?: string[]
}

/** Answers a beacon that came with `X-Leadwake-Debug: KEY` with what would happen to it; stores and counts nothing. */
export function explainer(
  memory: AcceptMemory & { key(secret: string): HeldKey | undefined },
): (secret: string, text: string, facts: RequestFacts) => IntakeAnswer {
  return (secret, text, facts) => {
    const rights = memory.key(secret.replace(/^Bearer +/i, ''))?.rights ?? []
    if (!rights.includes('read') && !rights.includes('admin')) {
      return {
        status: 401,
        headers: { 'content-type': 'application/problem+json' },
        body: problemText(401, "X-Leadwake-Debug takes a key with the right 'read'"),
      }
    }
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(explanation(text, facts, memory)),
    }
  }
}

function explanation(text: string, facts: RequestFacts, memory: AcceptMemory): Explanation {
  const about = {
    address: facts.ip,
    agent: memory.agent(facts.userAgent).label,
    forwardedIgnored: facts.hidden === true,
  }
  const parsed = parse(text)
  if (!parsed.ok) return { would: 'reject', reason: `${parsed.field} ${parsed.problem}`, ...about }
  const accepted = accept(parsed.beacon, facts, memory)
  if ('drop' in accepted) return { would: 'drop', reason: accepted.drop, ...about }
  const { visitor, events, claims = [] } = accepted.entry
  return {
    would: 'store',
    ...about,
    visitor: visitor.startsWith('~') ? 'measured' : 'identified',
    events: [...events, ...claims.map(({ signed }) => ({ kind: 'identify', signed }))],
    left: accepted.left,
  }
}

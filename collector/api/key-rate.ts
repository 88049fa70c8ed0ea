import type { Context } from 'hono'
import type { HeldKey } from '../keys.ts'
import { problem } from '../problem.ts'

const WINDOW_S = 60

export interface KeyRateOptions {
  /** Calls of one key in a minute; 0 lets all through. */
  perMinute: number
  now: () => number
}

/**
 * Counts a call of a key and sets `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers); gives a
 * 429 with `Retry-After` where a minute's calls are used up. One number a key is kept: the time at which it would
 * have all of them again (GCRA).
 */
export function keyRate({
  perMinute,
  now,
}: KeyRateOptions): (c: Context, key: HeldKey) => Response | undefined {
  if (perMinute === 0) return () => undefined
  const window = WINDOW_S * 1_000
  const cost = window / perMinute
  const full = new Map<string, number>()

  return (c, key) => {
    const at = now()
    const name = key.id ?? key.hash
    const known = full.get(name) ?? 0
    // Further ahead than a window only after the clock was set back.
    const fullAt = Math.max(at, known > at + window ? 0 : known)
    const spare = window - (fullAt - at)
    const isLeft = spare >= cost
    const after = isLeft ? fullAt + cost : fullAt
    full.set(name, after)
    const left = Math.floor((window - (after - at)) / cost)
    c.header('ratelimit-policy', `"key";q=${perMinute};w=${WINDOW_S}`)
    c.header('ratelimit', `"key";r=${left};t=${Math.ceil((after - at) / 1_000)}`)
    if (isLeft) return undefined
    const wait = Math.ceil((cost - spare) / 1_000)
    c.header('retry-after', String(wait))
    return problem(c, 429, `this key may make ${perMinute} calls a minute; come back in ${wait} s`)
  }
}

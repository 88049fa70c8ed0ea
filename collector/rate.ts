import { clientOf, isLoopback } from './nets.ts'

/** A client may send this long's worth at once, s: a page that was offline sends what waited. */
const BURST_SECONDS = 10
/** Clients remembered in one generation; two are held. About 100 bytes each. */
const REMEMBERED = 50_000

export interface RateOptions {
  /** Beacons a second, lasting; 0 lets everybody through. */
  perSecond: number
  remembered?: number
}

/**
 * How long a client has to wait before its next beacon is taken, whole s; 0 when it is taken, which is then
 * counted. Each client has a token bucket, kept as one number (GCRA: the time at which the bucket would be full
 * again). The machine's own loopback is never limited: what comes from there has no client's address.
 */
export function rateLimit({
  perSecond,
  remembered = REMEMBERED,
}: RateOptions): (ip: string, now: number) => number {
  if (perSecond === 0) return () => 0
  const cost = 1_000 / perSecond
  const depth = BURST_SECONDS * 1_000
  // Forged addresses by the ten thousand push each other out, and cost no more memory than this.
  let young = new Map<string, number>()
  let old = new Map<string, number>()

  return (ip, now) => {
    if (isLoopback(ip)) return 0
    const client = clientOf(ip)
    const known = young.get(client) ?? old.get(client) ?? 0
    // Further ahead than a bucket is deep only after the clock was set back.
    const fullAt = Math.max(now, known > now + depth ? 0 : known)
    const spare = depth - (fullAt - now)
    if (spare < cost) return Math.ceil((cost - spare) / 1_000)
    young.set(client, fullAt + cost)
    if (young.size >= remembered) {
      old = young
      young = new Map()
    }
    return 0
  }
}

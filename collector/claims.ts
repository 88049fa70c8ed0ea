import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * The signature by which a site vouches for who its visitor is: HMAC-SHA256 (hex) of site, e-mail (lower case) and
 * expiry (ms since 1970), one a line, with the site's secret.
 */
export function claimSignature(secret: string, site: string, email: string, expires: number): string {
  return createHmac('sha256', secret).update(`${site}\n${email.toLowerCase()}\n${expires}`).digest('hex')
}

export interface SignedClaim {
  email: string
  signature: string
  /** Ms since 1970. */
  expires: number
}

/** Whether the site's secret made this signature and it has not expired. */
export function claimHolds(secret: string, site: string, claim: SignedClaim, now: number): boolean {
  return (
    same(claimSignature(secret, site, claim.email, claim.expires), claim.signature) && claim.expires > now
  )
}

/** What the token of an e-mail's image says, where the site's secret made it: `BASE64URL([mail, contact]).HMAC`. */
export function openHolds(
  secret: string,
  site: string,
  token: string,
): { mail: string; contact: string } | undefined {
  const [said = '', signature = ''] = token.split('.')
  if (!same(createHmac('sha256', secret).update(`open\n${site}\n${said}`).digest('hex'), signature))
    return undefined
  const [mail, contact] = pair(Buffer.from(said, 'base64url').toString('utf8'))
  return typeof mail === 'string' && typeof contact === 'string' ? { mail, contact } : undefined
}

/** A site may sign what it likes. */
function pair(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

/** Compares in constant time. */
function same(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

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

/** Whether the site's secret made this signature and it has not expired. Compares in constant time. */
export function claimHolds(secret: string, site: string, claim: SignedClaim, now: number): boolean {
  const expected = Buffer.from(claimSignature(secret, site, claim.email, claim.expires))
  const given = Buffer.from(claim.signature)
  return expected.length === given.length && timingSafeEqual(expected, given) && claim.expires > now
}

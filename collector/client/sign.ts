import { hmac } from './hmac.ts'

export interface Signing {
  /** The site's secret, which `leadwake site secret ID` prints. Never in a page. */
  secret: string
  site: string
  email: string
  /** When the signature ends to hold; a number is ms since 1970. */
  expires: number | Date
}

/**
 * Signature by which a page may say who its visitor is, as surely as a form handler does: HMAC-SHA256 (hex) of site,
 * e-mail (lower case, trimmed) and expiry (ms since 1970), one a line. Rejects with a `TypeError` where one of them is missing.
 */
export async function signIdentify({ secret, site, email, expires }: Signing): Promise<string> {
  if (!secret) throw new TypeError('leadwake: give the secret; `leadwake site secret ID` prints it')
  if (!site) throw new TypeError('leadwake: give a site')
  if (!email) throw new TypeError('leadwake: give an e-mail')
  const until = Number(expires)
  if (!Number.isSafeInteger(until)) throw new TypeError('leadwake: give expires, a Date or ms since 1970')
  return hmac(secret, `${site}\n${email.trim().toLowerCase()}\n${until}`)
}

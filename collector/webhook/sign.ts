/** Standard Webhooks (https://www.standardwebhooks.com): what is signed, and the headers that carry it. Pure. */
import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'
/** Bytes of a secret, as the specification bounds it. */
const LEAST_BYTES = 24
const MOST_BYTES = 64

/** A secret of these random bytes. */
export const secretOf = (bytes: Buffer): string => `${PREFIX}${bytes.toString('base64')}`

/** Whether it is `whsec_` and the base64 of 24 to 64 bytes. */
export function isSecret(secret: string): boolean {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret)) return false
  const { length } = keyOf(secret)
  return length >= LEAST_BYTES && length <= MOST_BYTES
}

/**
 * The headers of a message: the id, the time of this try in whole seconds (from ms), and a signature for each secret,
 * so that a receiver who has either of two takes it.
 */
export function signedHeaders(
  { id, at, body }: { id: string; at: number; body: string },
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000))
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`)
    return `v1,${mac.digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

const keyOf = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), 'base64')

import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
)

/** OWASP's scrypt setting: 32 MiB and about 60 ms for a guess. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const HASH_BYTES = 32
export const SESSION_COOKIE = 'leadwake_session'
/** How long a session lasts, ms. */
const SESSION_MS = 30 * 86_400_000

/** `scrypt:SALT:HASH`, base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password.normalize('NFC'), salt, HASH_BYTES, COST)
  return `scrypt:${salt.toString('base64url')}:${hash.toString('base64url')}`
}

export async function passwordMatches(password: string, stored: string): Promise<boolean> {
  const [, salt = '', hash = ''] = stored.split(':')
  const expected = Buffer.from(hash, 'base64url')
  const given = await derive(password.normalize('NFC'), Buffer.from(salt, 'base64url'), HASH_BYTES, COST)
  return expected.length === given.length && timingSafeEqual(expected, given)
}

/**
 * A session is a signed expiry, so that nothing is stored. `secret` includes the password's hash: a new password
 * ends all sessions.
 */
export function issueSession(secret: string, now: number): string {
  const expires = (now + SESSION_MS).toString(36)
  return `${expires}.${sign(secret, expires)}`
}

export function sessionValid(secret: string, cookie: string | undefined, now: number): boolean {
  const [expires = '', signature = ''] = cookie?.split('.') ?? []
  const expected = Buffer.from(sign(secret, expires))
  const given = Buffer.from(signature)
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return false
  return Number.parseInt(expires, 36) > now
}

function sign(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}

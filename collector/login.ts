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
 * A session is a signed expiry, and whose it is, so that nothing is stored. `secret` includes the password's hash: a
 * new password ends all of its sessions. `id` is the account's, '' of the operator.
 */
export function issueSession(secret: string, now: number, id = ''): string {
  const told = `${(now + SESSION_MS).toString(36)}.${id}`
  return `${told}.${sign(secret, told)}`
}

/** Whose session a cookie is: an account's id, null of the operator; undefined where it is none that holds. */
export function sessionOf(
  secretOf: (id: string | null) => string | undefined,
  cookie: string | undefined,
  now: number,
): string | null | undefined {
  const [expires = '', id = '', signature = '', ...more] = cookie?.split('.') ?? []
  const whose = id === '' ? null : id
  const secret = secretOf(whose)
  if (secret === undefined || more.length > 0) return undefined
  const expected = Buffer.from(sign(secret, `${expires}.${id}`))
  const given = Buffer.from(signature)
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined
  return Number.parseInt(expires, 36) > now ? whose : undefined
}

function sign(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}

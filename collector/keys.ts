import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Right } from './entry.ts'

/** Makes a key: `lw_` and 32 random characters (192 bits). It is shown once; only its hash is kept. */
export function newKey(): string {
  return `lw_${randomBytes(24).toString('base64url')}`
}

/** What a key is called where its secret must not stand. */
export const newKeyId = (): string => `key_${randomBytes(6).toString('hex')}`

/** SHA-256, hex. A key is 192 random bits, so a slow hash would guard nothing. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** A key as memory holds it. */
export interface HeldKey {
  /** What decisions made with it are signed with. */
  name: string
  /** Absent of one that is lent for the life of the process. */
  id?: string
  hash: string
  rights: Right[]
  /** Null: every site. */
  site: string | null
  /** From when on it opens nothing, ms; null or missing: never. */
  expiresAt?: number | null
}

/** The held key that this secret opens. Compares hashes in constant time, all of them. */
export function matchKey<K extends HeldKey>(secret: string, keys: Iterable<K>): K | undefined {
  const hash = Buffer.from(hashOf(secret), 'hex')
  let found: K | undefined
  for (const key of keys) {
    if (timingSafeEqual(hash, Buffer.from(key.hash, 'hex'))) found = key
  }
  return found
}

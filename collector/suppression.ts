import { createHmac, randomBytes } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'

/** Personal data once removed: nobody but the owner tries hashes. */
const PRIVATE = 0o600
/** Of a hash, characters of base64url: 132 bits, so that two people never share one. */
const HASH_LENGTH = 22

/** Hashes by which an erased person is known again. The same name in another site is another person. */
export type NameHash = (site: string, kind: string, value: string) => string

/**
 * Hashes with the key in this file (HMAC-SHA256), which is made where there is none. Without the key the hashes tell
 * nothing, also not to whoever tries all addresses; so it lies in a file of its own and is never in a backup.
 */
export function nameHash(file: string): NameHash {
  if (!existsSync(file))
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: PRIVATE, flag: 'wx' })
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url')
  if (key.length < 32)
    throw new Error(`${file} holds no key: restore it, or remove it and erase again whom it named`)
  return hashedWith(key)
}

/** Hashes with a key of at least 32 bytes. */
export function hashedWith(key: Uint8Array): NameHash {
  return (site, kind, value) =>
    createHmac('sha256', key)
      .update(`${site}\n${kind}\n${kind === 'email' ? value.toLowerCase() : value}`)
      .digest('base64url')
      .slice(0, HASH_LENGTH)
}

/**
 * The list of who was erased, in a file beside the database and outside its backups: one hash a line, behind a minus
 * where a new opt-in lifted it. A backup from before knows nothing of an erasure; this list does.
 */
export interface SuppressionList {
  /** On disk when it returns. */
  add(hashes: readonly string[]): void
  lift(hashes: readonly string[]): void
  /** Those that stand. */
  standing(): Set<string>
}

export function suppressionList(file: string): SuppressionList {
  function append(lines: readonly string[]): void {
    if (lines.length === 0) return
    appendFileSync(file, `${lines.join('\n')}\n`, { mode: PRIVATE })
    const opened = openSync(file, 'r')
    fsyncSync(opened)
    closeSync(opened)
  }
  function standing(): Set<string> {
    const found = new Set<string>()
    if (!existsSync(file)) return found
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line.startsWith('-')) found.delete(line.slice(1))
      else if (line.length === HASH_LENGTH) found.add(line)
    }
    return found
  }
  return {
    add(hashes) {
      const known = standing()
      append(hashes.filter((hash) => !known.has(hash)))
    },
    lift(hashes) {
      const known = standing()
      append(hashes.filter((hash) => known.has(hash)).map((hash) => `-${hash}`))
    },
    standing,
  }
}

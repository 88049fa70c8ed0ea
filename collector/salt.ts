import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const DAY_MS = 86_400_000

/**
 * Measure mode's visitor: a hash of (the day's salt, site, IP, user agent), marked with `~`, which no id from
 * outside may hold. The salt lies in a file of its own (mode 0600, never in a backup) so that a restart keeps
 * the day's visitors; it is overwritten when the UTC day ends, and then nobody can tell who it was.
 */
export function measuredVisitor(
  file: string,
): (site: string, ip: string, userAgent: string, at: number) => string {
  let day = -1
  let salt = ''
  return (site, ip, userAgent, at) => {
    const today = Math.floor(at / DAY_MS)
    if (today !== day) {
      salt = saltOf(file, today)
      day = today
    }
    return hashedVisitor(salt, site, ip, userAgent)
  }
}

export function hashedVisitor(salt: string, site: string, ip: string, userAgent: string): string {
  const hash = createHash('sha256').update(`${salt}\0${site}\0${ip}\0${userAgent}`).digest('base64url')
  return `~${hash.slice(0, 21)}`
}

function saltOf(file: string, day: number): string {
  const kept = read(file)
  if (kept?.day === day) return kept.salt
  const salt = randomBytes(32).toString('base64url')
  writeFileSync(file, JSON.stringify({ day, salt }), { mode: 0o600 })
  return salt
}

function read(file: string): { day: number; salt: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

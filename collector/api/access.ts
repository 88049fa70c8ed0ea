import type { Context } from 'hono'
import type { Right } from '../entry.ts'
import type { HeldKey } from '../keys.ts'
import type { Memory } from '../memory.ts'
import { problem } from '../problem.ts'

/** The key of a request, if it has the right; else the answer that says why not. */
export function access(c: Context, memory: Memory, right: Right): { key: HeldKey } | { refused: Response } {
  const header = c.req.header('authorization') ?? ''
  return accessBy(c, memory, /^Bearer +(\S+)$/i.exec(header)?.[1], right)
}

/** The same of a call that may bring its key in another way. */
export function accessBy(
  c: Context,
  memory: Memory,
  secret: string | undefined,
  right: Right,
): { key: HeldKey } | { refused: Response } {
  if (secret === undefined) {
    c.header('www-authenticate', 'Bearer realm="leadwake"')
    return {
      refused: problem(c, 401, "send a key: 'Authorization: Bearer lw_...'; `leadwake key new` makes one"),
    }
  }
  const key = memory.key(secret)
  if (!key) {
    c.header('www-authenticate', 'Bearer realm="leadwake", error="invalid_token"')
    return { refused: problem(c, 401, 'that key is unknown or revoked') }
  }
  if (!key.rights.includes(right) && !key.rights.includes('admin')) {
    return { refused: problem(c, 403, `this call needs a key with the right '${right}'`) }
  }
  return { key }
}

/** The site that a call is about: the one it names, or the only one that its key opens, or the first. */
export function siteOf(
  memory: Memory,
  key: Pick<HeldKey, 'site'>,
  asked: string | undefined,
): string | undefined {
  const site = asked ?? key.site ?? memory.sites()[0]?.id
  if (site === undefined || !memory.site(site)) return undefined
  return key.site === null || key.site === site ? site : undefined
}

import type { Context } from 'hono'
import { opens, type Right } from '../../shared/access.ts'
import type { HeldKey } from '../keys.ts'
import type { Memory } from '../memory.ts'
import { problem } from '../problem.ts'
import type { EndpointDeps } from './endpoint.ts'

type Refused = { refused: Response }

type Deps = Pick<EndpointDeps, 'memory' | 'now' | 'session'>

/** The key of a request, or of who is signed in, if it has the right; else the answer that says why not. */
export function access(c: Context, deps: Deps, right: Right | 'any'): { key: HeldKey } | Refused {
  return allowed(c, keyOf(c, deps), right)
}

/** The same of a call that may bring its key in another way. */
export function accessBy(
  c: Context,
  deps: Deps,
  secret: string | undefined,
  right: Right,
): { key: HeldKey } | Refused {
  return allowed(c, secret === undefined ? 'none' : keyBy(deps, secret), right)
}

function allowed(
  c: Context,
  key: HeldKey | keyof typeof REFUSALS,
  right: Right | 'any',
): { key: HeldKey } | Refused {
  if (typeof key === 'object') {
    if (right === 'any' || opens(key.rights, right)) return { key }
    return { refused: problem(c, 403, `this call needs a key with the right '${right}'`) }
  }
  const more = key === 'none' ? '' : ', error="invalid_token"'
  c.header('www-authenticate', `Bearer realm="leadwake"${more}`)
  return { refused: problem(c, 401, REFUSALS[key]) }
}

/** Whether what opened a call about a site, which is still being answered, still does. */
export function opensStill(c: Context, deps: Deps, right: Right, site: string): boolean {
  const key = keyOf(c, deps)
  return typeof key === 'object' && opens(key.rights, right) && siteOf(deps.memory, key, site) !== undefined
}

const REFUSALS = {
  none: "send a key: 'Authorization: Bearer lw_...'; `leadwake key new` makes one",
  unknown: 'that key is unknown or revoked',
  expired: 'that key has expired; make a new one',
} as const

function keyOf(c: Context, deps: Deps): HeldKey | keyof typeof REFUSALS {
  const header = c.req.header('authorization')
  if (header === undefined) return deps.session?.(c) ?? 'none'
  const secret = /^Bearer +(\S+)$/i.exec(header)?.[1]
  return secret === undefined ? 'none' : keyBy(deps, secret)
}

function keyBy({ memory, now }: Deps, secret: string): HeldKey | keyof typeof REFUSALS {
  const key = memory.key(secret)
  if (!key) return 'unknown'
  return isExpired(key, now()) ? 'expired' : key
}

export const isExpired = ({ expiresAt = null }: Pick<HeldKey, 'expiresAt'>, now: number): boolean =>
  expiresAt !== null && expiresAt <= now

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

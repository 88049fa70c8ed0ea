/** Who may see the pages, and by what: an account, the admin key, the one password or a one-time link. */
import { opens } from '../shared/access.ts'
import { isExpired } from './api/access.ts'
import type { DashboardDeps } from './dashboard/deps.ts'
import { ENTRY_VERSION } from './entry.ts'
import { hashOf } from './keys.ts'
import { hashPassword, issueSession, passwordMatches, sessionOf } from './login.ts'
import type { Memory } from './memory.ts'
import type { Perform } from './seed.ts'
import { OPERATOR, type Person, personOf, sameName } from './staff.ts'

/** Of nobody's password: a name that is not known takes as long to refuse as a wrong password. */
const NOBODY = `scrypt:${'A'.repeat(22)}:${'A'.repeat(43)}`

export function authOf(memory: Memory, perform: Perform): DashboardDeps['auth'] {
  const password = () => memory.setting('password')
  const account = (id: string) => memory.staff().find((one) => one.id === id)
  /** What signs a session: a new password ends those that it opened. Undefined of one who no longer signs in. */
  function secretOf(id: string | null): string | undefined {
    const signed = memory.setting('session-secret') ?? ''
    if (id === null) return `${signed}${password() ?? ''}`
    const found = account(id)
    return found && `${signed}${found.id} ${found.hash}`
  }

  async function operator(secret: string, now: number): Promise<Person | undefined> {
    const key = memory.key(secret)
    // A key of one site opens that site's API, and no page.
    if (key && key.site === null && opens(key.rights, 'admin') && !isExpired(key, now)) return OPERATOR
    const stored = password()
    return stored !== undefined && (await passwordMatches(secret, stored)) ? OPERATOR : undefined
  }

  return {
    async redeem(token) {
      const outcome = await perform({ kind: 'login', v: ENTRY_VERSION, op: 'redeem', value: hashOf(token) })
      return outcome.status === 200 ? OPERATOR : undefined
    },
    async login(name, secret, now) {
      if (name.trim() === '') return operator(secret, now)
      const found = memory.staff().find((one) => sameName(one.name, name))
      const right = await passwordMatches(secret, found?.hash ?? NOBODY)
      return found && right ? personOf(found) : undefined
    },
    hasPassword: () => password() !== undefined,
    async setPassword({ id }, chosen) {
      const hash = await hashPassword(chosen)
      if (id === null) {
        await perform({ kind: 'login', v: ENTRY_VERSION, op: 'password', value: hash })
        return
      }
      const found = account(id)
      // Removed while the password was hashed.
      if (!found) return
      const { name, role, site } = found
      await perform({ kind: 'staff', v: ENTRY_VERSION, id, name, role, hash, site })
    },
    issue: ({ id }, now) => issueSession(secretOf(id) ?? '', now, id ?? ''),
    person(cookie, now) {
      const id = sessionOf(secretOf, cookie, now)
      if (id === undefined) return undefined
      if (id === null) return OPERATOR
      const found = account(id)
      return found && personOf(found)
    },
  }
}

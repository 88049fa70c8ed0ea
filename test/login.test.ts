import { describe, expect, it } from 'vitest'
import { authOf } from '../collector/auth.ts'
import type { EntryBody } from '../collector/entry.ts'
import { hashOf, matchKey, newKey } from '../collector/keys.ts'
import { hashPassword, issueSession, passwordMatches, sessionOf } from '../collector/login.ts'
import type { Memory } from '../collector/memory.ts'
import { OPERATOR } from '../collector/staff.ts'
import type { StaffRow } from '../collector/store/store.ts'

const NOW = Date.UTC(2026, 10, 3)
const DAY = 86_400_000

describe('password', () => {
  it('opens what it was hashed for and nothing else', async () => {
    const stored = await hashPassword('correct horse')
    expect(await passwordMatches('correct horse', stored)).toBe(true)
    for (const wrong of ['Correct horse', 'correct horse ', '', stored])
      expect(await passwordMatches(wrong, stored)).toBe(false)
  })

  it('is salted: the same password never gives the same hash, and is not in it', async () => {
    const [one, two] = [await hashPassword('battery'), await hashPassword('battery')]
    expect(one).not.toBe(two)
    expect(one).toMatch(/^scrypt:[\w-]{22}:[\w-]{43}$/)
  })

  it('is the same however the keyboard composes its letters', async () => {
    expect(await passwordMatches('u\u0308ber', await hashPassword('\u00fcber'))).toBe(true)
  })

  it.each(['', 'scrypt', 'scrypt::', 'scrypt:AAAA:', 'plain'])(
    'never matches the broken hash %j',
    async (stored) => {
      expect(await passwordMatches('', stored)).toBe(false)
    },
  )
})

describe('session', () => {
  const session = issueSession('secret', NOW)
  const whose = (secret: string, cookie: string | undefined, now: number) =>
    sessionOf((id) => (id === null ? secret : id === 'ada' ? `${secret} of ada` : undefined), cookie, now)

  it('holds for 30 days and no moment longer', () => {
    expect(whose('secret', session, NOW)).toBeNull()
    expect(whose('secret', session, NOW + 30 * DAY - 1)).toBeNull()
    expect(whose('secret', session, NOW + 30 * DAY)).toBeUndefined()
  })

  it('ends when the secret changes, as it does with a new password', () => {
    expect(whose('secret2', session, NOW)).toBeUndefined()
  })

  it("is an account's, and no other's", () => {
    const ada = issueSession('secret of ada', NOW, 'ada')
    expect(whose('secret', ada, NOW)).toBe('ada')
    expect(whose('secret', ada.replace('ada', ''), NOW)).toBeUndefined()
    expect(whose('secret', ada.replace('ada', 'bob'), NOW)).toBeUndefined()
    expect(whose('secret', session.replace('..', '.ada.'), NOW)).toBeUndefined()
  })

  const [expires, , signature] = session.split('.') as [string, string, string]
  const forged: [what: string, cookie: string | undefined][] = [
    ['no cookie', undefined],
    ['an empty one', ''],
    ['dots', '..'],
    ['an expiry without a signature', expires],
    ['an empty signature', `${expires}..`],
    ['a later expiry under the old signature', `${(NOW + 300 * DAY).toString(36)}..${signature}`],
    ['a cut signature', `${expires}..${signature.slice(0, -1)}`],
    ['a signature of another secret', issueSession('other', NOW)],
    ['a signature of no expiry', `..${signature}`],
    ['one with more behind it', `${session}.x`],
  ]
  it.each(forged)('refuses %s', (_what, cookie) => {
    expect(whose('secret', cookie, NOW)).toBeUndefined()
  })
})

describe('keys', () => {
  it('are 192 random bits behind lw_', () => {
    const keys = new Set(Array.from({ length: 100 }, newKey))
    expect(keys.size).toBe(100)
    for (const key of keys) expect(key).toMatch(/^lw_[\w-]{32}$/)
  })

  it('are found by their hash alone', () => {
    const [mine, other] = [newKey(), newKey()]
    const held = [other, mine].map((key) => ({ name: 'k', hash: hashOf(key), rights: [], site: null }))
    expect(matchKey(mine, held)).toBe(held[1])
    for (const wrong of [newKey(), '', mine.slice(0, -1), hashOf(mine)])
      expect(matchKey(wrong, held)).toBeUndefined()
    expect(matchKey(mine, [])).toBeUndefined()
  })
})

describe('a new password', () => {
  const grace = { id: 'staff_1', name: 'Grace', role: 'sales', site: null, hash: 'h' } as StaffRow
  /** What is put into the log for one who is, or is no longer, among the accounts when the password is hashed. */
  async function put(id: string | null, accounts: StaffRow[]): Promise<string[]> {
    const entries: EntryBody[] = []
    const memory = { setting: () => undefined, staff: () => accounts } as unknown as Memory
    const auth = authOf(memory, async (entry) => {
      entries.push(entry)
      return { status: 200, body: {} }
    })
    await auth.setPassword({ ...OPERATOR, id }, 'a few words are easier')
    return entries.map((entry) => `${entry.kind} ${'id' in entry ? entry.id : ''}`)
  }

  it.each<[who: string, id: string | null, accounts: StaffRow[], entries: string[]]>([
    ['of the operator', null, [grace], ['login ']],
    ['of an account', grace.id, [grace], ['staff staff_1']],
    ["of an account that was removed meanwhile is nobody's, least of all the operator's", grace.id, [], []],
  ])('%s', async (_, id, accounts, entries) => {
    expect(await put(id, accounts)).toEqual(entries)
  })
})

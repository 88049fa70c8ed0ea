/** What a first run makes: a site, the demo site, a key, a login link. */
import { randomBytes } from 'node:crypto'
import { RIGHTS } from '../shared/access.ts'
import { ENTRY_VERSION, type Entry, type KeyEntry, type Outcome, type Right } from './entry.ts'
import { hashOf, newKey, newKeyId } from './keys.ts'
import { standardDocument } from './lead/presets/standard.ts'

export const DEMO_SITE = 'demo'
export const ALL_RIGHTS: Right[] = [...RIGHTS]

/** Appends an entry and waits for its outcome. */
export type Perform = (entry: Entry) => Promise<Outcome>

/** A site's entry; `rules` are version 1 of its rules. */
export function siteEntry(
  id: string,
  name: string,
  consent: 'required' | 'given',
  rules: unknown = standardDocument,
): Entry {
  return {
    kind: 'site',
    v: ENTRY_VERSION,
    id,
    name,
    consent,
    hosts: [],
    rules,
    secret: randomBytes(32).toString('base64url'),
  }
}

export interface FirstRun {
  key: string
  /** Spent by opening `/login/TOKEN`. */
  loginToken: string
}

/** Makes the first site, a key with every right and a login link. */
export async function firstRun(
  perform: Perform,
  site: string,
  rules: unknown,
  adminKey = newKey(),
): Promise<FirstRun> {
  await perform({
    kind: 'login',
    v: ENTRY_VERSION,
    op: 'session-secret',
    value: randomBytes(32).toString('base64url'),
  })
  await addKey(perform, 'first key', ALL_RIGHTS, null, adminKey)
  const loginToken = await offerLogin(perform)
  // The site comes last: its presence says that a first run was completed.
  await perform(siteEntry(site, site, 'required', rules))
  return { key: adminKey, loginToken }
}

/** Makes a key and returns it; only its hash is kept. */
export async function addKey(
  perform: Perform,
  name: string,
  rights: Right[],
  site: string | null,
  key = newKey(),
  more: Pick<KeyEntry, 'expiresAt' | 'replaces'> = {},
): Promise<{ id: string; key: string }> {
  const id = newKeyId()
  await perform({ kind: 'key', v: ENTRY_VERSION, id, hash: hashOf(key), name, rights, site, ...more })
  return { id, key }
}

/** Offers a one-time login link, which replaces the one offered before; returns its token. */
export async function offerLogin(perform: Perform): Promise<string> {
  const token = randomBytes(24).toString('base64url')
  await perform({ kind: 'login', v: ENTRY_VERSION, op: 'link', value: hashOf(token) })
  return token
}

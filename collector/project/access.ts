/** Who may come in: keys, people who sign in, and how they do. */
import type { KeyEntry, LoginEntry, Outcome, StaffEntry } from '../entry.ts'
import { NAME_TAKEN, sameName } from '../staff.ts'
import type { StateStore } from '../store/store.ts'
import type { Batch } from './batch.ts'

/** A new key; where it takes the place of another, that one ends. */
export function addKey(batch: Batch, entry: KeyEntry, now: number): Outcome {
  const { id, hash, name, rights, site, expiresAt = null, replaces } = entry
  const row = { id, hash, name, rights, site, createdAt: now, revokedAt: null, expiresAt, usedAt: null }
  batch.appended.keys.push(row)
  if (replaces) batch.appended.keysSet.push({ id: replaces.id, expiresAt: replaces.until })
  return { status: 201, body: { id } }
}

/** Somebody who may sign in, as of now. */
export async function putStaff(
  batch: Batch,
  store: StateStore,
  entry: StaffEntry,
  now: number,
): Promise<Outcome> {
  const { id, name, role, hash, site, removed = false, isNew = false } = entry
  // Of two calls at a time that want one name the second finds the first here.
  const others = new Map([...(await store.staff()), ...batch.appended.staff].map((one) => [one.id, one]))
  const isTaken = [...others.values()].some(
    (one) => one.id !== id && one.removedAt === null && sameName(one.name, name),
  )
  if (isTaken && !removed) return { status: 409, body: { detail: NAME_TAKEN } }
  batch.appended.staff.push({
    id,
    name,
    role,
    hash,
    site,
    createdAt: now,
    removedAt: removed ? now : null,
  })
  return { status: isNew ? 201 : 200, body: { id } }
}

/** A login link that is offered or used up, the password, or what sessions are signed with. */
export async function login(batch: Batch, { op, value }: LoginEntry): Promise<Outcome> {
  if (op === 'redeem') {
    const offered = await batch.setting('login-link')
    if (offered !== value) return { status: 404, body: { detail: 'that link is spent or unknown' } }
    batch.putSetting('login-link', null)
    return { status: 200, body: {} }
  }
  batch.putSetting(op === 'link' ? 'login-link' : op, value)
  return { status: 200, body: {} }
}

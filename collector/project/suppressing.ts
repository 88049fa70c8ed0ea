/** Who was erased stays away: what comes of them is told from the rest by keyed hashes, and refused. */
import type { BroughtPerson, IdentifyEntry, Outcome } from '../entry.ts'
import type { StateStore } from '../store/store.ts'
import type { NameHash, SuppressionList } from '../suppression.ts'
import type { Batch } from './batch.ts'

/** What erasing needs beside the state. */
export interface Erasing {
  hash: NameHash
  list: SuppressionList
  /** Takes a person's names out of the log's entries up to `through`. */
  eraseFromLog(names: readonly string[], through: number): void | Promise<void>
}

type Name = [kind: 'email' | 'phone' | 'external' | 'visitor', value: string]

export interface Suppressing {
  has(site: string, ...name: Name): boolean
  /** Reads the state's suppressions again: after one was added, or a batch was rolled back. */
  reload(): Promise<void>
  /**
   * The call as it may be carried out. A person who was erased comes back by a new opt-in alone (`lifts`); a visitor
   * that was theirs is let be, unless they do.
   */
  admit<E extends IdentifyEntry | BroughtPerson>(
    batch: Batch,
    site: string,
    entry: E,
    now: number,
    lifts: boolean,
  ): { entry: E } | { refused: Outcome }
}

/** What a call is told that names somebody who was erased. */
export const ERASED: Outcome = {
  status: 409,
  body: { detail: 'this person was erased and stays away; a new opt-in (consent: true) brings them back' },
}

export async function suppressing(store: StateStore, erasing: Erasing | undefined): Promise<Suppressing> {
  let hashes = new Set(await store.suppressions())
  const has: Suppressing['has'] = (site, kind, value) =>
    hashes.size > 0 && erasing !== undefined && hashes.has(erasing.hash(site, kind, value))
  return {
    has,
    async reload() {
      hashes = new Set(await store.suppressions())
    },
    admit(batch, site, entry, now, lifts) {
      if (hashes.size === 0 || !erasing) return { entry }
      const away = namesOf(entry).filter((name) => has(site, ...name))
      const visitors = ('visitors' in entry ? entry.visitors : []).filter((key) => has(site, 'visitor', key))
      if (away.length === 0 && visitors.length === 0) return { entry }
      if (away.length > 0 && !(lifts && entry.consent === true)) return { refused: ERASED }
      if (away.length === 0 && 'visitors' in entry)
        return { entry: { ...entry, visitors: entry.visitors.filter((key) => !visitors.includes(key)) } }
      const names: Name[] = [...away, ...visitors.map((key): Name => ['visitor', key])]
      const lifted = names.map((name) => erasing.hash(site, ...name))
      for (const hash of lifted) hashes.delete(hash)
      erasing.list.lift(lifted)
      batch.appended.suppressionsLifted.push(...lifted)
      batch.appended.audit.push({
        at: now,
        by: 'opt-in',
        what: 'opt-in',
        site,
        subject: lifted[0]!,
        detail: {},
      })
      return { entry }
    },
  }
}

function namesOf({
  email,
  phone,
  externalId,
}: {
  email?: string
  phone?: string
  externalId?: string
}): Name[] {
  const names: [Name[0], string | undefined][] = [
    ['email', email],
    ['phone', phone],
    ['external', externalId],
  ]
  return names.filter((name): name is Name => name[1] !== undefined)
}

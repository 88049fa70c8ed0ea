/**
 * People, of whom any projector may write: each visitor of theirs may be in another partition. Who writes of them in a
 * transaction that sees others' commits (read committed) locks their contacts before it reads anything else of them,
 * those that it knows of in the order of their numbers. What is decided of several people at once (a merge, a claim)
 * is written in serializable transactions, which such a lock alone would not stop from going on with what was before:
 * so these lock contacts and leads as they read them, and who has held a lock leaves a new version of one of both rows.
 */
import type { Changes } from '../store.ts'
import { numberList } from './asker.ts'
import type { All, Statement } from './writing.ts'

export interface Person {
  site: number
  contact: number
}

/** Rows as they are once nobody else can change them. */
export interface Locked {
  contacts: { body: string }[]
  leads: { body: string }[]
}

export type PeopleLocks = ReturnType<typeof peopleLocks>

/** The locks of one transaction after the other. */
export function peopleLocks(all: All) {
  /** Sites by contact. */
  const held = new Map<number, number>()

  return {
    holds: (contact: number): boolean => held.has(contact),
    /** Waits for whoever holds one of them. */
    async take(people: readonly Person[]): Promise<Locked> {
      const locked: Locked = { contacts: [], leads: [] }
      const sites = [...new Set(people.map(({ site }) => site))].sort((a, b) => a - b)
      for (const site of sites) {
        const some = [...new Set(people.filter((one) => one.site === site).map(({ contact }) => contact))]
        const list = numberList(some)
        locked.contacts.push(
          ...(await all<{ body: string }>(
            'SELECT body FROM contacts WHERE site = $1 AND no = ANY ($2::text::bigint[]) ORDER BY no FOR UPDATE',
            site,
            list,
          )),
        )
        locked.leads.push(
          ...(await all<{ body: string }>(
            'SELECT body FROM leads WHERE site = $1 AND contact = ANY ($2::text::bigint[]) ORDER BY contact FOR UPDATE',
            site,
            list,
          )),
        )
        for (const contact of some) held.set(contact, site)
      }
      return locked
    },
    /** Leaves a new version of those whom the changes leave as they were. */
    async renew(changes: Changes, write: Statement): Promise<void> {
      const changed = new Set([
        ...changes.contacts.map(({ no }) => no),
        ...changes.leads.map(({ contact }) => contact),
      ])
      const left = [...held].filter(([contact]) => !changed.has(contact))
      for (const site of new Set(left.map(([, site]) => site)))
        await write(
          'UPDATE contacts SET merged_into = merged_into WHERE site = $1 AND no = ANY ($2::text::bigint[])',
          [site, numberList(left.filter(([, of]) => of === site).map(([contact]) => contact))],
        )
    },
    clear: (): void => held.clear(),
  }
}

/**
 * Whether the changes are those of visitors, and of people who are locked: nothing is decided of whose a name is, or of what
 * of somebody is to be forgotten.
 */
export function isOf(c: Changes, isLocked: (contact: number) => boolean): boolean {
  const none = [
    c.identities,
    c.identitiesRemoved,
    c.leadsRemoved,
    c.decisions,
    c.notes,
    c.breaches,
    c.forgotten,
    c.pastCells,
  ]
  const ofContacts = [
    c.leads,
    c.links,
    c.linksRemoved,
    c.cells,
    c.cellsReplaced,
    c.cellsRemoved,
    c.transitions,
    c.touches,
    c.handOvers,
    c.contentSeen,
    c.edgesReplaced.flatMap(({ edges }) => edges),
  ]
  return (
    none.every((rows) => rows.length === 0) &&
    c.contacts.every(({ no }) => isLocked(no)) &&
    ofContacts.every((rows) => rows.every(({ contact }) => isLocked(contact)))
  )
}

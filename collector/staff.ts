import { randomBytes } from 'node:crypto'
import { RIGHTS_OF_ROLE, type Role } from '../shared/access.ts'
import type { HeldKey } from './keys.ts'
import type { StaffRow } from './store/store.ts'

/** Who is signed in to the pages: somebody with an account, or the operator, by key, link or the one password. */
export interface Person {
  /** Null of the operator. */
  id: string | null
  /** What decisions are signed with. */
  name: string
  role: Role
  /** The one site that the person sees; null: every site. */
  site: string | null
}

/** Whoever holds the admin key or the one password. */
export const OPERATOR: Person = { id: null, name: 'dashboard', role: 'admin', site: null }

export const newStaffId = (): string => `staff_${randomBytes(6).toString('hex')}`

/** Names are told apart as people type them: without regard to case, width and accents' composition. */
export const sameName = (one: string, other: string): boolean => folded(one) === folded(other)
/** Why somebody cannot sign in by a name. */
export const NAME_TAKEN = 'name: somebody else signs in by that name; choose another'
const folded = (name: string): string => name.trim().normalize('NFKC').toLowerCase()

export const personOf = ({ id, name, role, site }: StaffRow): Person => ({ id, name, role, site })

/** Whether the person sees what is of a site. */
export const sees = ({ site }: Pick<Person, 'site'>, other: string): boolean =>
  site === null || site === other

/** What a person may do, as a key of the sites that it sees. */
export const keyOfPerson = ({ id, name, role, site }: Person): HeldKey => ({
  name,
  id: id ?? 'operator',
  hash: '',
  rights: [...RIGHTS_OF_ROLE[role]],
  site,
})

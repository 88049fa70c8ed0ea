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
}

/** Whoever holds the admin key or the one password. */
export const OPERATOR: Person = { id: null, name: 'dashboard', role: 'admin' }

export const newStaffId = (): string => `staff_${randomBytes(6).toString('hex')}`

/** Names are told apart as people type them: without regard to case, width and accents' composition. */
export const sameName = (one: string, other: string): boolean => folded(one) === folded(other)
const folded = (name: string): string => name.trim().normalize('NFKC').toLowerCase()

export const personOf = ({ id, name, role }: StaffRow): Person => ({ id, name, role })

/** What a person may do, as a key of every site. */
export const keyOfPerson = ({ id, name, role }: Person): HeldKey => ({
  name,
  id: id ?? 'operator',
  hash: '',
  rights: [...RIGHTS_OF_ROLE[role]],
  site: null,
})

/** What a key may be for. `admin` opens everything. */
export const RIGHTS = ['link', 'events', 'read', 'leads', 'rules', 'admin'] as const
export type Right = (typeof RIGHTS)[number]

/** Who may sign in: a viewer sees numbers, sales sees and works people, a marketer changes rules, too, an admin all. */
export const ROLES = ['viewer', 'sales', 'marketer', 'admin'] as const
export type Role = (typeof ROLES)[number]

export const RIGHTS_OF_ROLE: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['read'],
  sales: ['read', 'leads'],
  marketer: ['read', 'leads', 'rules'],
  admin: RIGHTS,
}

export const opens = (rights: readonly Right[], right: Right): boolean =>
  rights.includes(right) || rights.includes('admin')

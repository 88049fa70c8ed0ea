import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION, type StaffEntry } from '../entry.ts'
import type { HeldKey } from '../keys.ts'
import { hashPassword } from '../login.ts'
import { problem } from '../problem.ts'
import { newStaffId, sameName } from '../staff.ts'
import type { StaffRow } from '../store/store.ts'
import { StaffBody, StaffChangeBody, StaffParams } from './access-schema.ts'
import { StaffAnswer } from './answers/access.ts'
import { text } from './answers/fields.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { performed } from './performed.ts'

/** Id of the account in the examples; a test puts one of its own in its place. */
export const EXAMPLE_STAFF = 'staff_1f2e3d4c5b6a'

const answer = ({ id, name, role, createdAt }: StaffRow) => ({
  id,
  name,
  role,
  createdAt: new Date(createdAt).toISOString(),
})

/** People who may sign in, each by name and password, with a role. For keys of every site: accounts open all. */
export function staffApi(deps: ApiDeps): Hono {
  const { memory, now } = deps

  const refused = (c: Context, key: HeldKey, name?: string, self?: string): Response | undefined => {
    if (key.site !== null) return problem(c, 403, 'accounts open every site; this key opens one')
    if (name === undefined || !memory.staff().some((one) => one.id !== self && sameName(one.name, name)))
      return undefined
    return problem(c, 409, 'name: somebody else signs in by that name; choose another')
  }
  const known = (id: string) => memory.staff().find((one) => one.id === id)
  const nobody = (c: Context) => problem(c, 404, 'there is nobody of that id')

  const put = (c: Context, body: Omit<StaffEntry, 'kind'>, createdAt: number) => {
    const { hash: _, removed, isNew: __, ...told } = body
    return performed(c, deps, { kind: 'staff', v: ENTRY_VERSION, ...body }, '', ({ status }) =>
      c.json(
        removed ? { id: body.id } : { ...told, createdAt: new Date(createdAt).toISOString() },
        status as 200,
      ),
    )
  }

  return new Hono()
    .get(
      '/v1/staff',
      listing(
        deps,
        {
          id: 'listStaff',
          tag: 'Access',
          summary: 'Who may sign in, and in which role',
          right: 'admin',
          item: StaffAnswer,
          name: 'staff',
          example: {},
        },
        (c, { key }) => refused(c, key) ?? { items: memory.staff().map(answer), next: null },
      ),
    )
    .post(
      '/v1/staff',
      endpoint(
        deps,
        {
          id: 'addStaff',
          tag: 'Access',
          summary: 'Lets somebody sign in',
          description:
            'A `viewer` sees numbers; `sales` sees and works people, too; a `marketer` changes rules, too; an `admin` may do everything.',
          right: 'admin',
          body: StaffBody,
          answers: { 201: StaffAnswer },
          refuses: { 409: 'Somebody else signs in by that name.' },
          example: { body: { name: 'Grace', role: 'sales', password: 'a few words are easier' } },
        },
        async (c, { key, body: { name, role, password } }) =>
          refused(c, key, name) ??
          put(c, { id: newStaffId(), name, role, hash: await hashPassword(password), isNew: true }, now()),
      ),
    )
    .patch(
      '/v1/staff/:id',
      endpoint(
        deps,
        {
          id: 'changeStaff',
          tag: 'Access',
          summary: 'Changes name, role or password',
          description: 'Another password ends the sessions of that person.',
          right: 'admin',
          params: StaffParams,
          body: StaffChangeBody,
          answers: { 200: StaffAnswer },
          refuses: { 409: 'Somebody else signs in by that name.' },
          example: { params: { id: EXAMPLE_STAFF }, body: { role: 'marketer' } },
        },
        async (c, { key, params: { id }, body: { name, role, password } }) => {
          const wrong = refused(c, key, name, id)
          if (wrong) return wrong
          const row = known(id)
          if (!row) return nobody(c)
          const hash = password === undefined ? row.hash : await hashPassword(password)
          return put(c, { id, name: name ?? row.name, role: role ?? row.role, hash }, row.createdAt)
        },
      ),
    )
    .delete(
      '/v1/staff/:id',
      endpoint(
        deps,
        {
          id: 'removeStaff',
          tag: 'Access',
          summary: 'Lets somebody sign in no longer; ends the sessions',
          right: 'admin',
          params: StaffParams,
          answers: { 200: v.object({ id: text }) },
          example: { params: { id: EXAMPLE_STAFF } },
        },
        (c, { key, params: { id } }) => {
          const wrong = refused(c, key)
          if (wrong) return wrong
          const row = known(id)
          if (!row) return nobody(c)
          const { name, role, hash } = row
          return put(c, { id, name, role, hash, removed: true }, row.createdAt)
        },
      ),
    )
}

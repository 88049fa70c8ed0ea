import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION, type StaffEntry } from '../entry.ts'
import type { HeldKey } from '../keys.ts'
import { hashPassword } from '../login.ts'
import { problem } from '../problem.ts'
import { NAME_TAKEN, newStaffId, sameName } from '../staff.ts'
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

const answer = ({ id, name, role, site, createdAt }: StaffRow) => ({
  id,
  name,
  role,
  site,
  createdAt: new Date(createdAt).toISOString(),
})

/** People who may sign in, each by name and password, with a role. Whoever may do everything on one site tells of those who see that site alone. */
export function staffApi(deps: ApiDeps): Hono {
  const { memory, now } = deps

  const isOf = (key: HeldKey, { site }: Pick<StaffRow, 'site'>) => key.site === null || key.site === site
  const known = (key: HeldKey, id: string) => memory.staff().find((one) => one.id === id && isOf(key, one))
  const nobody = (c: Context) => problem(c, 404, 'there is nobody of that id')

  /** Why nobody can sign in by that name, or see that site. */
  function refused(
    c: Context,
    key: HeldKey,
    { name, site, self }: { name: string | undefined; site: string | null | undefined; self?: string },
  ): Response | undefined {
    if (site === null && key.site !== null)
      return problem(c, 403, `site: this key lets people see the site '${key.site}' alone`)
    if (typeof site === 'string' && (!memory.site(site) || !isOf(key, { site })))
      return problem(c, 404, 'site: no such site for this key')
    if (name === undefined || !memory.staff().some((one) => one.id !== self && sameName(one.name, name)))
      return undefined
    return problem(c, 409, NAME_TAKEN)
  }

  const put = (c: Context, body: Omit<StaffEntry, 'kind'>, createdAt: number) => {
    const { id: _, hash: __, removed, isNew: ___, ...told } = body
    // Not the body as it came, which may hold a password: what an outcome is known by is kept for a day.
    const text = JSON.stringify(told)
    return performed(
      c,
      deps,
      { kind: 'staff', v: ENTRY_VERSION, ...body },
      text,
      ({ status, body: { id } }) =>
        c.json(
          removed ? { id } : { id, ...told, createdAt: new Date(createdAt).toISOString() },
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
        (_c, { key }) => ({
          items: memory
            .staff()
            .filter((one) => isOf(key, one))
            .map(answer),
          next: null,
        }),
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
            'A `viewer` sees numbers; `sales` sees and works people, too; a `marketer` changes rules, too; an `admin` may do everything. Of one site alone where `site` names it.',
          right: 'admin',
          body: StaffBody,
          answers: { 201: StaffAnswer },
          refuses: {
            404: 'There is no such site for this key.',
            409: 'Somebody else signs in by that name.',
          },
          example: { body: { name: 'Grace', role: 'sales', password: 'a few words are easier' } },
        },
        async (c, { key, body: { name, role, password, site = key.site } }) =>
          refused(c, key, { name, site }) ??
          put(
            c,
            { id: newStaffId(), name, role, hash: await hashPassword(password), site, isNew: true },
            now(),
          ),
      ),
    )
    .patch(
      '/v1/staff/:id',
      endpoint(
        deps,
        {
          id: 'changeStaff',
          tag: 'Access',
          summary: 'Changes name, role, password or site',
          description: 'Another password ends the sessions of that person.',
          right: 'admin',
          params: StaffParams,
          body: StaffChangeBody,
          answers: { 200: StaffAnswer },
          refuses: { 409: 'Somebody else signs in by that name.' },
          example: { params: { id: EXAMPLE_STAFF }, body: { role: 'marketer' } },
        },
        async (c, { key, params: { id }, body: { name, role, password, site } }) => {
          const chosen = password === undefined ? undefined : await hashPassword(password)
          // As the account is after that: it takes long enough for another call to change or remove it.
          const row = known(key, id)
          if (!row) return nobody(c)
          const wrong = refused(c, key, { name, site, self: id })
          if (wrong) return wrong
          const hash = chosen ?? row.hash
          const seen = site === undefined ? row.site : site
          return put(
            c,
            { id, name: name ?? row.name, role: role ?? row.role, hash, site: seen },
            row.createdAt,
          )
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
          const row = known(key, id)
          if (!row) return nobody(c)
          const { name, role, hash, site } = row
          return put(c, { id, name, role, hash, site, removed: true }, row.createdAt)
        },
      ),
    )
}

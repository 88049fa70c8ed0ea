/** What keys and accounts are made of. */
import * as v from 'valibot'
import { RIGHTS, ROLES } from '../../shared/access.ts'
import { named } from './queries.ts'
import { id, label, time } from './schema.ts'

export const KeyParams = v.strictObject({
  id: named('Key id, as `/v1/keys` lists it.', 'there is no such key'),
})
export const StaffParams = v.strictObject({
  id: named('Id, as `/v1/staff` lists it.', 'there is nobody of that id'),
})

/** Hours for which a key that is replaced goes on to open: a week. */
const MAX_OVERLAP_HOURS = 168

const RIGHTS_WORDS = `rights must be a list of ${RIGHTS.join(', ')}`

export const KeyBody = v.strictObject({
  name: label('name'),
  rights: v.pipe(
    v.array(v.picklist(RIGHTS, RIGHTS_WORDS), RIGHTS_WORDS),
    v.minLength(1, 'rights must name at least one'),
    v.transform((rights) => [...new Set(rights)]),
  ),
  site: v.optional(v.nullable(id('site'))),
  expiresAt: v.optional(v.nullable(time('expiresAt'))),
})

export const RotateBody = v.strictObject({
  overlapHours: v.optional(
    v.pipe(
      v.number('overlapHours must be a number'),
      v.minValue(0, 'overlapHours must not be negative'),
      v.maxValue(MAX_OVERLAP_HOURS, `overlapHours may be at most ${MAX_OVERLAP_HOURS}`),
    ),
    24,
  ),
  expiresAt: v.optional(v.nullable(time('expiresAt'))),
})

/** Shortest password that may be chosen; NIST SP 800-63B asks for 8 and prefers length over rules. */
export const MIN_PASSWORD = 10
/** Longest: scrypt reads it whole. */
export const MAX_PASSWORD = 200

const password = v.pipe(
  v.string('password must be text'),
  v.check(
    (value) => [...value].length >= MIN_PASSWORD,
    `password must have at least ${MIN_PASSWORD} characters`,
  ),
  v.maxLength(MAX_PASSWORD, `password may have at most ${MAX_PASSWORD} characters`),
)
const role = v.picklist(ROLES, `role must be one of ${ROLES.join(', ')}`)

/** Null: every site. */
const site = v.optional(
  v.pipe(
    v.nullable(id('site')),
    v.description('The one site that the person sees; null, or unsaid of a new one: every site.'),
  ),
)

export const StaffBody = v.strictObject({ name: label('name'), role, password, site })

export const StaffChangeBody = v.pipe(
  v.strictObject({
    name: v.optional(label('name')),
    role: v.optional(role),
    password: v.optional(password),
    site,
  }),
  v.check((body) => Object.keys(body).length > 0, 'say what is to be changed: name, role, password or site'),
)

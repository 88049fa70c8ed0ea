import { randomBytes } from 'node:crypto'
import { RIGHTS_OF_ROLE, ROLES, type Role } from '../../shared/access.ts'
import { readConfig } from '../config.ts'
import { ENTRY_VERSION } from '../entry.ts'
import { hashPassword } from '../login.ts'
import { Sentence } from '../sentence.ts'
import { newStaffId, sameName } from '../staff.ts'
import type { StateReader } from '../store/reader.ts'
import type { StaffRow } from '../store/store.ts'
import type { Command } from './command.ts'
import { listCommand } from './list-command.ts'
import { withState } from './perform.ts'

const DB_OPTION = '  --db FILE       database (LEADWAKE_DB, data/leadwake.db)'
const ROLE_OPTION = `  --role ROLE     ${ROLES.join(', ')}`
const SITE_OPTION = '  --site ID       the one site that the person sees; unsaid: every site'

export const staffAdd: Command = {
  name: 'staff add',
  summary: 'Let somebody sign in, by name and password',
  help: `Usage: leadwake staff add NAME --role ROLE [options]

Prints a password once, which the person changes under Account. What the roles may do:
${ROLES.map((role) => `  ${role.padEnd(15)} ${RIGHTS_OF_ROLE[role].join(', ')}`).join('\n')}

Options:
${ROLE_OPTION}
${SITE_OPTION}
${DB_OPTION}

Example:
  leadwake staff add Grace --role sales --site shop`,
  options: { role: { type: 'string' }, site: { type: 'string' } },
  positionals: ['NAME'],
  run({ flags, options, positionals, print }) {
    const name = nameOf(positionals[0], 'add NAME --role ROLE')
    const role = roleOf(options.role)
    return withState(readConfig(flags), async (perform, reader) => {
      if (found(reader, name))
        throw new Sentence(`somebody signs in by the name '${name}'; see leadwake staff list`)
      const site = options.site === undefined ? null : siteOf(reader, options.site)
      const password = newPassword()
      const hash = await hashPassword(password)
      await perform({
        kind: 'staff',
        v: ENTRY_VERSION,
        id: newStaffId(),
        name,
        role,
        hash,
        site,
        isNew: true,
      })
      print(`${name} signs in as ${role}${of(site)} with this password, shown this once:`)
      print(password)
      return 0
    })
  },
}

export const staffList = listCommand({
  name: 'staff list',
  summary: 'List who may sign in',
  items: (reader) =>
    standing(reader).map(({ id, name, role, site, createdAt }) => ({
      id,
      name,
      role,
      site,
      createdAt: new Date(createdAt).toISOString(),
    })),
  parts: ({ id, name, role, site, createdAt }) => [
    id,
    createdAt.slice(0, 10),
    role,
    site ?? 'every site',
    name,
  ],
})

export const staffSet: Command = {
  name: 'staff set',
  summary: 'Give somebody who may sign in another role or site, or a new password',
  help: `Usage: leadwake staff set NAME [options]

Options:
${ROLE_OPTION}
  --site ID       the one site that the person sees
  --every-site    the person sees every site
  --new-password  prints a new one, and ends the person's sessions
${DB_OPTION}

Example:
  leadwake staff set Grace --role marketer`,
  options: {
    role: { type: 'string' },
    site: { type: 'string' },
    'every-site': { type: 'boolean' },
    'new-password': { type: 'boolean' },
  },
  positionals: ['NAME'],
  run({ flags, options, positionals, print }) {
    const name = nameOf(positionals[0], 'set NAME')
    const role = options.role === undefined ? undefined : roleOf(options.role)
    if (options.site !== undefined && options['every-site'])
      throw new Sentence('give either --site or --every-site')
    const sited = options.site !== undefined || options['every-site']
    if (role === undefined && !sited && !options['new-password'])
      throw new Sentence('say what is to be changed: --role ROLE, --site ID, --every-site or --new-password')
    return withState(readConfig(flags), async (perform, reader) => {
      const person = mustBe(reader, name)
      const password = options['new-password'] ? newPassword() : undefined
      const hash = password === undefined ? person.hash : await hashPassword(password)
      const named = options.site === undefined ? null : siteOf(reader, options.site)
      const changed = { ...person, role: role ?? person.role, site: sited ? named : person.site }
      const { id, name: known, site } = changed
      await perform({ kind: 'staff', v: ENTRY_VERSION, id, name: known, role: changed.role, hash, site })
      print(`${known} signs in as ${changed.role}${of(site)}.`)
      if (password !== undefined) {
        print('The new password, shown this once:')
        print(password)
      }
      return 0
    })
  },
}

export const staffRemove: Command = {
  name: 'staff remove',
  summary: 'Let somebody sign in no longer',
  help: `Usage: leadwake staff remove NAME [options]

Ends the person's sessions, too. What the person decided and noted stays.

Options:
${DB_OPTION}`,
  positionals: ['NAME'],
  run({ flags, positionals, print }) {
    const name = nameOf(positionals[0], 'remove NAME')
    return withState(readConfig(flags), async (perform, reader) => {
      const { id, role, hash, site, name: known } = mustBe(reader, name)
      await perform({ kind: 'staff', v: ENTRY_VERSION, id, name: known, role, hash, site, removed: true })
      print(`${known} signs in no longer.`)
      return 0
    })
  },
}

/** 96 random bits, in four groups that can be read out. */
const newPassword = (): string =>
  randomBytes(12)
    .toString('hex')
    .replace(/(.{6})(?!$)/g, '$1-')

const standing = (reader: StateReader): StaffRow[] =>
  reader.staff().filter(({ removedAt }) => removedAt === null)
const found = (reader: StateReader, name: string) => standing(reader).find((one) => sameName(one.name, name))

const of = (site: string | null): string => (site === null ? '' : ` of the site '${site}'`)

function siteOf(reader: StateReader, site: string | boolean): string {
  const ids = reader.sites().map(({ id }) => id)
  if (typeof site === 'string' && ids.includes(site)) return site
  throw new Sentence(`--site: there is no site '${site}'; there are ${ids.join(', ')}`)
}

function mustBe(reader: StateReader, name: string): StaffRow {
  const person = found(reader, name)
  if (!person) throw new Sentence(`nobody signs in by the name '${name}'; see leadwake staff list`)
  return person
}

function nameOf(name: string | undefined, usage: string): string {
  const trimmed = name?.trim() ?? ''
  if (trimmed !== '' && trimmed.length <= 100) return trimmed
  throw new Sentence(`name the person, in 1 to 100 characters: leadwake staff ${usage}`)
}

function roleOf(role: string | boolean | undefined): Role {
  const known = ROLES.find((one) => one === role)
  if (!known) throw new Sentence(`--role must be one of ${ROLES.join(', ')}`)
  return known
}

import { readConfig } from '../config.ts'
import { ENTRY_VERSION, type Right } from '../entry.ts'
import { ALL_RIGHTS, addKey, offerLogin } from '../seed.ts'
import { Sentence } from '../sentence.ts'
import type { Command } from './command.ts'
import { listCommand } from './list-command.ts'
import { withState } from './perform.ts'

const DB_OPTION = '  --db FILE       database (LEADWAKE_DB, data/leadwake.db)'

export const keyNew: Command = {
  name: 'key new',
  summary: 'Make a key, and a one-time login link where it may do everything',
  help: `Usage: leadwake key new [NAME] [options]

Makes a key and prints it once. Rights: ${ALL_RIGHTS.join(', ')} (all of them unless told).

Options:
  --rights LIST   rights, with commas
  --only SITE     a key for this site alone
  --days N        it opens nothing after so many days; else it does until it is revoked
${DB_OPTION}

Examples:
  leadwake key new
  leadwake key new "contact form" --rights link,events --only main
  leadwake key new "audit" --rights read --days 30`,
  options: { rights: { type: 'string' }, only: { type: 'string' }, days: { type: 'string' } },
  positionals: ['NAME'],
  run({ flags, options, positionals, print }) {
    if (flags.site !== undefined)
      throw new Sentence('a key for one site alone is made with --only SITE, not --site')
    const config = readConfig(flags)
    const rights = rightsOf(options.rights)
    const expiresAt = expiryOf(options.days)
    const only = typeof options.only === 'string' ? options.only : null
    return withState(config, async (perform, reader) => {
      const sites = reader.sites().map(({ id }) => id)
      if (only !== null && !sites.includes(only))
        throw new Sentence(`--only: there is no site '${only}'; there are ${sites.join(', ')}`)
      const { id, key } = await addKey(
        perform,
        positionals[0] ?? 'made on the command line',
        rights,
        only,
        undefined,
        {
          expiresAt,
        },
      )
      print(`Key (${id}), shown this once:`)
      print(key)
      if (rights.includes('admin') && only === null) {
        const token = await offerLogin(perform)
        print('Log in once with:')
        print(`http://${config.host}:${config.port}/login/${token}`)
      }
      return 0
    })
  },
}

export const keyList = listCommand({
  name: 'key list',
  summary: 'List the keys, without their secrets',
  items: (reader) =>
    reader.keys().map(({ hash: _hash, createdAt, revokedAt, expiresAt, usedAt, ...key }) => ({
      ...key,
      createdAt: new Date(createdAt).toISOString(),
      revokedAt: isoOrNull(revokedAt),
      expiresAt: isoOrNull(expiresAt),
      usedAt: isoOrNull(usedAt),
    })),
  parts: (key) => [
    key.id,
    key.createdAt.slice(0, 10),
    stateOf(key),
    key.site ?? 'every site',
    key.rights.join(','),
    key.usedAt === null ? 'never used' : `used ${key.usedAt.slice(0, 10)}`,
    key.name,
  ],
})

function stateOf({ revokedAt, expiresAt }: { revokedAt: string | null; expiresAt: string | null }): string {
  if (revokedAt !== null) return `revoked ${revokedAt.slice(0, 10)}`
  if (expiresAt === null) return 'open'
  return `${Date.parse(expiresAt) <= Date.now() ? 'expired' : 'open until'} ${expiresAt.slice(0, 10)}`
}

export const keyRevoke: Command = {
  name: 'key revoke',
  summary: 'Revoke a key',
  help: `Usage: leadwake key revoke ID [options]

The id is the one that \`leadwake key list\` shows.

Options:
${DB_OPTION}

Example:
  leadwake key revoke key_1f2e3d4c5b6a`,
  positionals: ['ID'],
  run({ flags, positionals, print }) {
    const [id] = positionals
    if (id === undefined) throw new Sentence('name the key: leadwake key revoke ID (see leadwake key list)')
    return withState(readConfig(flags), async (perform, reader) => {
      const key = reader.keys().find((one) => one.id === id)
      if (!key) throw new Sentence(`there is no key '${id}'; see leadwake key list`)
      await perform({ kind: 'key-revoked', v: ENTRY_VERSION, id })
      print(`Revoked ${id} (${key.name}).`)
      return 0
    })
  },
}

export const keyRotate: Command = {
  name: 'key rotate',
  summary: 'Make a key in the place of another, which opens for a while longer',
  help: `Usage: leadwake key rotate ID [options]

Makes a key of the same name, rights and site and prints it once. The old one goes on to open for a day, so that
whatever holds it can be given the new one meanwhile.

Options:
  --overlap HOURS  how long the old one opens (24; 0 ends it at once)
  --days N         the new one opens nothing after so many days
${DB_OPTION}

Example:
  leadwake key rotate key_1f2e3d4c5b6a --overlap 2`,
  options: { overlap: { type: 'string' }, days: { type: 'string' } },
  positionals: ['ID'],
  run({ flags, options, positionals, print }) {
    const [id] = positionals
    if (id === undefined) throw new Sentence('name the key: leadwake key rotate ID (see leadwake key list)')
    const expiresAt = expiryOf(options.days)
    const hours = wholeOf('--overlap', options.overlap ?? '24', MAX_OVERLAP_HOURS)
    return withState(readConfig(flags), async (perform, reader) => {
      const key = reader.keys().find((one) => one.id === id)
      if (!key) throw new Sentence(`there is no key '${id}'; see leadwake key list`)
      if (key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= Date.now()))
        throw new Sentence(`${id} is revoked or has expired; make a new one with leadwake key new`)
      const until = Date.now() + hours * HOUR_MS
      const made = await addKey(perform, key.name, key.rights, key.site, undefined, {
        expiresAt,
        replaces: { id, until },
      })
      print(`Key (${made.id}), shown this once:`)
      print(made.key)
      print(`${id} opens until ${new Date(Math.min(until, key.expiresAt ?? until)).toISOString()}.`)
      return 0
    })
  },
}

const HOUR_MS = 3_600_000
/** A key that is replaced opens for a week at most. */
const MAX_OVERLAP_HOURS = 168
const MAX_DAYS = 36_500

const isoOrNull = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

function expiryOf(days: string | boolean | undefined): number | null {
  return days === undefined ? null : Date.now() + wholeOf('--days', days, MAX_DAYS) * 24 * HOUR_MS
}

function wholeOf(name: string, value: string | boolean, most: number): number {
  if (typeof value === 'string' && /^\d{1,6}$/.test(value) && Number(value) <= most) return Number(value)
  throw new Sentence(`${name} must be a whole number from 0 to ${most}`)
}

function rightsOf(list: string | boolean | undefined): Right[] {
  if (typeof list !== 'string') return ALL_RIGHTS
  const rights = list.split(',').map((right) => right.trim())
  const wrong = rights.find((right) => !(ALL_RIGHTS as string[]).includes(right))
  if (wrong !== undefined)
    throw new Sentence(`--rights: '${wrong}' is not a right; the rights are ${ALL_RIGHTS.join(', ')}`)
  return rights as Right[]
}

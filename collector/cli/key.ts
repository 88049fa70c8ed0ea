import { readConfig } from '../config.ts'
import { ENTRY_VERSION, type Right } from '../entry.ts'
import { ALL_RIGHTS, addKey, offerLogin } from '../seed.ts'
import { Sentence } from '../sentence.ts'
import type { Command } from './command.ts'
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
${DB_OPTION}

Examples:
  leadwake key new
  leadwake key new "contact form" --rights link,events --only main`,
  options: { rights: { type: 'string' }, only: { type: 'string' } },
  positionals: ['NAME'],
  run({ flags, options, positionals, print }) {
    if (flags.site !== undefined)
      throw new Sentence('a key for one site alone is made with --only SITE, not --site')
    const config = readConfig(flags)
    const rights = rightsOf(options.rights)
    const only = typeof options.only === 'string' ? options.only : null
    return withState(config.db, async (perform, reader) => {
      const sites = reader.sites().map(({ id }) => id)
      if (only !== null && !sites.includes(only))
        throw new Sentence(`--only: there is no site '${only}'; there are ${sites.join(', ')}`)
      const { id, key } = await addKey(perform, positionals[0] ?? 'made on the command line', rights, only)
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

export const keyList: Command = {
  name: 'key list',
  summary: 'List the keys, without their secrets',
  help: `Usage: leadwake key list [options]

Options:
  --json          as JSON
${DB_OPTION}`,
  options: { json: { type: 'boolean' } },
  run({ flags, options, print }) {
    return withState(readConfig(flags).db, async (_, reader) => {
      const keys = reader.keys().map(({ hash: _hash, createdAt, revokedAt, ...key }) => ({
        ...key,
        createdAt: new Date(createdAt).toISOString(),
        revokedAt: revokedAt === null ? null : new Date(revokedAt).toISOString(),
      }))
      if (options.json) print(JSON.stringify(keys))
      else for (const key of keys) print(keyLine(key))
      return 0
    })
  },
}

function keyLine(key: {
  id: string
  name: string
  rights: Right[]
  site: string | null
  createdAt: string
  revokedAt: string | null
}): string {
  const state = key.revokedAt === null ? 'open' : `revoked ${key.revokedAt.slice(0, 10)}`
  return [
    key.id,
    key.createdAt.slice(0, 10),
    state,
    key.site ?? 'every site',
    key.rights.join(','),
    key.name,
  ].join('  ')
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
    return withState(readConfig(flags).db, async (perform, reader) => {
      const key = reader.keys().find((one) => one.id === id)
      if (!key) throw new Sentence(`there is no key '${id}'; see leadwake key list`)
      await perform({ kind: 'key-revoked', v: ENTRY_VERSION, id })
      print(`Revoked ${id} (${key.name}).`)
      return 0
    })
  },
}

function rightsOf(list: string | boolean | undefined): Right[] {
  if (typeof list !== 'string') return ALL_RIGHTS
  const rights = list.split(',').map((right) => right.trim())
  const wrong = rights.find((right) => !(ALL_RIGHTS as string[]).includes(right))
  if (wrong !== undefined)
    throw new Sentence(`--rights: '${wrong}' is not a right; the rights are ${ALL_RIGHTS.join(', ')}`)
  return rights as Right[]
}

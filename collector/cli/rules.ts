import { readFileSync } from 'node:fs'
import { readConfig } from '../config.ts'
import { ENTRY_VERSION, type Notify } from '../entry.ts'
import { compile } from '../lead/rules.ts'
import { Sentence } from '../sentence.ts'
import type { StateReader } from '../store/sqlite/read.ts'
import type { Command, Input } from './command.ts'
import { withState } from './perform.ts'

const OPTIONS = `  --site ID       the site (LEADWAKE_SITE, main)
  --db FILE       database (LEADWAKE_DB, data/leadwake.db)`

export const rulesCheck: Command = {
  name: 'rules check',
  summary: 'Say whether a rules document holds, and what is wrong with it',
  help: `Usage: leadwake rules check FILE

Prints each error with its rule, its field and the mend. Exit code 1 if there is any.

Example:
  leadwake rules check rules.json`,
  positionals: ['FILE'],
  async run({ positionals, print }) {
    const result = compile(document(positionals[0]))
    if (result.ok) print('The rules hold.')
    else for (const error of result.errors) print(error)
    return result.ok ? 0 : 1
  },
}

export const rulesShow: Command = {
  name: 'rules show',
  summary: 'Print the rules in force, or an older version',
  help: `Usage: leadwake rules show [VERSION] [options]

Options:
${OPTIONS}

Example:
  leadwake rules show > rules.json`,
  positionals: ['VERSION'],
  run(input) {
    return withSite(input, async (site, reader) => {
      print(input, JSON.stringify(versionOf(reader, site, input.positionals[0]).document, null, 2))
      return 0
    })
  },
}

export const rulesHistory: Command = {
  name: 'rules history',
  summary: 'List the versions of the rules',
  help: `Usage: leadwake rules history [options]

Options:
  --json          as JSON
${OPTIONS}`,
  options: { json: { type: 'boolean' } },
  run(input) {
    return withSite(input, async (site, reader) => {
      const versions = reader
        .rulesHistory(site.no)
        .map(({ appliedAt, ...row }) => ({ ...row, appliedAt: new Date(appliedAt).toISOString() }))
      if (input.options.json) print(input, JSON.stringify(versions))
      else for (const row of versions) print(input, `${row.version}  ${row.appliedAt}  by ${row.by}`)
      return 0
    })
  },
}

export const rulesApply: Command = {
  name: 'rules apply',
  summary: 'Put rules into force, over the whole history',
  help: `Usage: leadwake rules apply FILE [options]

Everybody's score and stage are made again from their history under the new rules.

Options:
  --notify WHO    who hears of the moves: silent, sql (new SQLs alone; the default) or all
${OPTIONS}

Example:
  leadwake rules apply rules.json --notify silent`,
  options: { notify: { type: 'string' } },
  positionals: ['FILE'],
  run(input) {
    const rules = document(input.positionals[0])
    return apply(input, () => rules, 'command line')
  },
}

export const rulesRevert: Command = {
  name: 'rules revert',
  summary: 'Put an older version of the rules into force again',
  help: `Usage: leadwake rules revert VERSION [options]

Makes a new version with the text of the older one; history stays as it was.

Options:
  --notify WHO    who hears of the moves: silent, sql (new SQLs alone; the default) or all
${OPTIONS}

Example:
  leadwake rules revert 3`,
  options: { notify: { type: 'string' } },
  positionals: ['VERSION'],
  run(input) {
    const version = input.positionals[0]
    if (version === undefined)
      throw new Sentence('name the version: leadwake rules revert VERSION (see leadwake rules history)')
    return apply(
      input,
      (reader, site) => versionOf(reader, site, version).document,
      `revert to version ${version}`,
    )
  },
}

function apply(
  input: Input,
  rules: (reader: StateReader, site: Site) => unknown,
  by: string,
): Promise<number> {
  const notify = input.options.notify ?? 'sql'
  if (notify !== 'silent' && notify !== 'sql' && notify !== 'all')
    throw new Sentence('--notify must be silent, sql or all')
  return withSite(input, async (site, reader, perform) => {
    const found = rules(reader, site)
    const result = compile(found)
    if (!result.ok) throw new Sentence(`the rules do not hold: ${result.errors.join('; ')}`)
    const entry = {
      kind: 'rules',
      v: ENTRY_VERSION,
      site: site.id,
      document: found,
      by,
      notify: notify as Notify,
    } as const
    const { body } = await perform(entry)
    print(input, `Version ${body.version} is in force; ${body.leads} leads stand under it.`)
    return 0
  })
}

type Site = ReturnType<StateReader['sites']>[number]

function withSite(
  input: Input,
  work: (
    site: Site,
    reader: StateReader,
    perform: Parameters<Parameters<typeof withState>[1]>[0],
  ) => Promise<number>,
): Promise<number> {
  const config = readConfig(input.flags)
  return withState(config.db, (perform, reader) => {
    const sites = reader.sites()
    const site = sites.find(({ id }) => id === config.site)
    if (!site)
      throw new Sentence(
        `--site: there is no site '${config.site}'; there are ${sites.map(({ id }) => id).join(', ')}`,
      )
    return work(site, reader, perform)
  })
}

function versionOf(
  reader: StateReader,
  site: Site,
  version: string | undefined,
): { version: number; document: unknown } {
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version))
    throw new Sentence('VERSION must be a whole number from 1')
  const found = reader.rules(site.no, version === undefined ? undefined : Number(version))
  if (!found)
    throw new Sentence(
      `the site '${site.id}' has no version ${version} of its rules; see leadwake rules history`,
    )
  return found
}

function document(path: string | undefined): unknown {
  if (path === undefined) throw new Sentence('name the file with the rules document')
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Sentence(
      `the rules in ${path} cannot be read: ${error instanceof Error ? error.message : error}`,
    )
  }
}

const print = ({ print: out }: Input, line: string) => out(line)

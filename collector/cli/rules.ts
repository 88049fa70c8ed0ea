import { createInterface } from 'node:readline/promises'
import { RULES_SCHEMA_PATH } from '../api/rules.ts'
import { readConfig } from '../config.ts'
import { ENTRY_VERSION, type Notify } from '../entry.ts'
import { compile } from '../lead/rules.ts'
import { previewOf } from '../read/preview.ts'
import { readRules, rulesInFile } from '../rules-file.ts'
import { Sentence } from '../sentence.ts'
import type { StateReader } from '../store/reader.ts'
import type { Command, Input } from './command.ts'
import { type Watch, withState } from './perform.ts'
import { previewLines } from './preview-lines.ts'
import { progress } from './progress.ts'

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
    const result = readRules(named(positionals[0]))
    if (result.ok) print('The rules hold.')
    else for (const error of result.errors) print(error)
    return result.ok ? 0 : 1
  },
}

export const rulesShow: Command = {
  name: 'rules show',
  summary: 'Print the rules in force, or an older version',
  help: `Usage: leadwake rules show [VERSION] [options]

The document names its schema, which the running collector serves, so that an editor completes it.

Options:
${OPTIONS}

Example:
  leadwake rules show > rules.json`,
  positionals: ['VERSION'],
  run(input) {
    return withSite(input, async (site, reader) => {
      const { host, port } = readConfig(input.flags)
      const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
      const $schema = `http://${name}:${port}${RULES_SCHEMA_PATH}`
      const { document } = versionOf(reader, site, input.positionals[0])
      print(input, JSON.stringify({ $schema, ...(document as object) }, null, 2))
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

export const rulesPreview: Command = {
  name: 'rules preview',
  summary: 'Show who would move under other rules, before they are applied',
  help: `Usage: leadwake rules preview FILE [options]

Replays everybody under the rules in force and under the file: the stages old by new, who would move and by
which rules, SQLs a week against what sales can work, and, where sales has reported outcomes, how both would have
done on them as of each hand-over. Changes nothing.

Options:
  --capacity N    SQLs that sales can work in a week
  --movers N      how many of those who move to name (20)
  --json          all of it as JSON
${OPTIONS}

Example:
  leadwake rules preview rules.json --capacity 25`,
  options: { capacity: { type: 'string' }, movers: { type: 'string' }, json: { type: 'boolean' } },
  positionals: ['FILE'],
  run(input) {
    const result = compile(rulesInFile(named(input.positionals[0])))
    if (!result.ok) throw new Sentence(`the rules do not hold: ${result.errors.join('; ')}`)
    const capacity = numberOf('--capacity', input.options.capacity)
    const movers = numberOf('--movers', input.options.movers) ?? 20
    return withSite(input, async (site, reader) => {
      const current = compile(versionOf(reader, site, undefined).document)
      if (!current.ok) throw new Sentence('the rules in force do not hold')
      const bar = progress(process.stderr, 'leads replayed')
      const all = leadsOf(reader, site)
      const answer = previewOf(reader, site.no, current.rules, result.rules, {
        now: Math.max(Date.now(), reader.projectedNow()),
        movers,
        ...(capacity !== undefined && { capacity }),
        progress: (done) => bar.show(done, all),
      })
      bar.end()
      const shown = {
        ...(capacity !== undefined && { capacity }),
        nameOf: (id: string) => reader.lead(id)?.contact.email ?? id,
      }
      if (input.options.json) print(input, JSON.stringify(answer))
      else for (const line of previewLines(answer, shown)) print(input, line)
      return 0
    })
  },
}

const leadsOf = (reader: StateReader, site: Site): number =>
  reader.stages(site.no).reduce((sum, { n }) => sum + n, 0)

function numberOf(option: string, value: string | boolean | undefined): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && /^\d{1,6}$/.test(value)) return Number(value)
  throw new Sentence(`${option} must be a whole number`)
}

export const rulesApply: Command = {
  name: 'rules apply',
  summary: 'Put rules into force, over the whole history',
  help: `Usage: leadwake rules apply FILE [options]

Everybody's score and stage are made again from their history under the new rules.

Options:
  --notify WHO    who hears of the moves: silent, sql (new SQLs alone) or all; asked
                  at a terminal, else sql
${OPTIONS}

Example:
  leadwake rules apply rules.json --notify silent`,
  options: { notify: { type: 'string' } },
  positionals: ['FILE'],
  run(input) {
    const rules = rulesInFile(named(input.positionals[0]))
    return apply(input, () => rules, 'command line')
  },
}

export const rulesRevert: Command = {
  name: 'rules revert',
  summary: 'Put an older version of the rules into force again',
  help: `Usage: leadwake rules revert VERSION [options]

Makes a new version with the text of the older one; history stays as it was.

Options:
  --notify WHO    who hears of the moves: silent, sql (new SQLs alone) or all; asked
                  at a terminal, else sql
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
  const given = input.options.notify
  if (given !== undefined && !isNotify(given)) throw new Sentence(NOTIFY_MEND)
  const bar = progress(process.stderr, 'leads under the new rules')
  const at = { site: 0, version: 0, leads: 0 }
  const work: Work = async (site, reader, perform) => {
    const found = rules(reader, site)
    const result = compile(found)
    if (!result.ok) throw new Sentence(`the rules do not hold: ${result.errors.join('; ')}`)
    Object.assign(at, { site: site.no, version: site.rulesVersion, leads: leadsOf(reader, site) })
    const notify = given ?? (await askNotify())
    const entry = { kind: 'rules', v: ENTRY_VERSION, site: site.id, document: found, by, notify } as const
    const { body } = await perform(entry).finally(bar.end)
    print(input, `Version ${body.version} is in force; ${body.leads} leads stand under it.`)
    return 0
  }
  return withSite(input, work, {
    folded: (leads) => bar.show(leads, at.leads),
    committed: (reader) => {
      const { version, leads } = reader.standing(at.site)
      return version > at.version ? leads : 0
    },
  })
}

const NOTIFY_MEND = '--notify must be silent, sql or all'
const isNotify = (value: unknown): value is Notify => value === 'silent' || value === 'sql' || value === 'all'

/** Asks a person at a terminal; a script that says nothing tells of new SQLs alone. */
async function askNotify(): Promise<Notify> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return 'sql'
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const said = await asking.question(
      'Who hears of those who move: silent, sql (new SQLs alone) or all? [sql] ',
    )
    const notify = said.trim() || 'sql'
    if (!isNotify(notify)) throw new Sentence(NOTIFY_MEND)
    return notify
  } finally {
    asking.close()
  }
}

type Site = ReturnType<StateReader['sites']>[number]

type Work = (
  site: Site,
  reader: StateReader,
  perform: Parameters<Parameters<typeof withState>[1]>[0],
) => Promise<number>

export function withSite(input: Input, work: Work, watch?: Watch): Promise<number> {
  const config = readConfig(input.flags)
  return withState(
    config,
    (perform, reader) => {
      const sites = reader.sites()
      const site = sites.find(({ id }) => id === config.site)
      if (!site)
        throw new Sentence(
          `--site: there is no site '${config.site}'; there are ${sites.map(({ id }) => id).join(', ')}`,
        )
      return work(site, reader, perform)
    },
    watch && { watch },
  )
}

export function versionOf(
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

function named(path: string | undefined): string {
  if (path === undefined) throw new Sentence('name the file with the rules document')
  return path
}

const print = ({ print: out }: Input, line: string) => out(line)

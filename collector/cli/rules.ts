import { RULES_SCHEMA_PATH } from '../api/rules.ts'
import { readConfig } from '../config.ts'
import { ENTRY_VERSION, type Notify } from '../entry.ts'
import { compile } from '../lead/rules.ts'
import { type PreviewAnswer, previewOf } from '../read/preview.ts'
import { readRules, rulesInFile } from '../rules-file.ts'
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
which rules, and SQLs a week. Changes nothing.

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
      const answer = previewOf(reader, site.no, current.rules, result.rules, {
        now: Date.now(),
        movers,
        ...(capacity !== undefined && { capacity }),
        progress: (leads) => {
          if (process.stderr.isTTY) process.stderr.write(`\r${leads} leads replayed`)
        },
      })
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      if (input.options.json) print(input, JSON.stringify(answer))
      else for (const line of previewLines(answer)) print(input, line)
      return 0
    })
  },
}

function numberOf(option: string, value: string | boolean | undefined): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && /^\d{1,6}$/.test(value)) return Number(value)
  throw new Sentence(`${option} must be a whole number`)
}

/** The preview for a person at a terminal. */
function previewLines({ leads, moved, matrix, movers, sqlsPerWeek, overCapacity }: PreviewAnswer): string[] {
  const shown = (['lead', 'mql', 'sql', 'opportunity', 'customer', 'disqualified'] as const).filter((stage) =>
    Object.entries(matrix).some(([from, to]) =>
      from === stage ? Object.values(to).some((n) => n > 0) : to[stage] > 0,
    ),
  )
  const cell = (value: string | number) => String(value).padStart(13)
  const weeks = sqlsPerWeek.filter(({ current, draft }) => current + draft > 0)
  return [
    `${leads} leads, ${moved} of whom would stand elsewhere.`,
    '',
    `${'now \\ draft'.padEnd(13)}${shown.map(cell).join('')}`,
    ...shown.map((from) => from.padEnd(13) + shown.map((to) => cell(matrix[from][to])).join('')),
    ...(weeks.length > 0 ? ['', 'New SQLs by week: now, draft'] : []),
    ...weeks.map(({ monday, current, draft }) => `${monday}${cell(current)}${cell(draft)}`),
    ...(overCapacity
      ? [`Weeks over capacity: ${overCapacity.current} now, ${overCapacity.draft} with the draft.`]
      : []),
    ...(movers.length > 0 ? ['', 'Who would move:'] : []),
    ...movers.map(({ id, from, to, engagement: [before, after], rules }) => {
      const by = rules.slice(0, 3).map((rule) => `${rule.label} ${rule.current} to ${rule.draft}`)
      return `${id}  ${from} to ${to}  engagement ${before} to ${after}  ${by.join('; ')}`
    }),
  ]
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

function named(path: string | undefined): string {
  if (path === undefined) throw new Sentence('name the file with the rules document')
  return path
}

const print = ({ print: out }: Input, line: string) => out(line)

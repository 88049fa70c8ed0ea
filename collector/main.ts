/** The command line: finds the command, reads its options, runs it. */
import { parseArgs } from 'node:util'
import { backup } from './cli/backup.ts'
import type { Command } from './cli/command.ts'
import { configCommand } from './cli/config.ts'
import {
  deadLettersDiscard,
  deadLettersList,
  deadLettersReplay,
  deadLettersShow,
} from './cli/dead-letters.ts'
import { demoReplay } from './cli/demo.ts'
import { doctor } from './cli/doctor.ts'
import { importContacts } from './cli/import.ts'
import { importGa4, importPlausible, importUmami } from './cli/import-views.ts'
import { keyList, keyNew, keyRevoke, keyRotate } from './cli/key.ts'
import { rulesLearn } from './cli/learn.ts'
import { migrate } from './cli/migrate.ts'
import { auditCommand, personCorrect, personErase, personExport, personObject } from './cli/person.ts'
import { rebuildCommand } from './cli/rebuild.ts'
import { restore } from './cli/restore.ts'
import { rulesApply, rulesCheck, rulesHistory, rulesPreview, rulesRevert, rulesShow } from './cli/rules.ts'
import { serve } from './cli/serve.ts'
import { siteList, siteNew, siteSecret, siteSet, siteShow, siteTag } from './cli/site.ts'
import { siteMail } from './cli/site-mail.ts'
import { staffAdd, staffList, staffRemove, staffSet } from './cli/staff.ts'
import { versionCommand } from './cli/version.ts'
import { webhookDelete, webhookList, webhookNew, webhookReplay, webhookTest } from './cli/webhook.ts'
import type { Flags } from './config.ts'
import { Sentence } from './sentence.ts'

const COMMANDS: Command[] = [
  serve,
  keyNew,
  keyList,
  keyRevoke,
  keyRotate,
  staffAdd,
  staffList,
  staffSet,
  staffRemove,
  siteNew,
  siteSet,
  siteList,
  siteShow,
  siteTag,
  siteSecret,
  siteMail,
  rulesCheck,
  rulesPreview,
  rulesLearn,
  rulesShow,
  rulesHistory,
  rulesApply,
  rulesRevert,
  backup,
  restore,
  migrate,
  doctor,
  configCommand,
  deadLettersList,
  deadLettersShow,
  deadLettersReplay,
  deadLettersDiscard,
  rebuildCommand,
  demoReplay,
  importContacts,
  importGa4,
  importPlausible,
  importUmami,
  personExport,
  personErase,
  personObject,
  personCorrect,
  auditCommand,
  webhookNew,
  webhookList,
  webhookTest,
  webhookReplay,
  webhookDelete,
  versionCommand,
]

/** Options that every command takes. */
const COMMON = {
  help: { type: 'boolean', short: 'h' },
  host: { type: 'string' },
  port: { type: 'string' },
  db: { type: 'string' },
  site: { type: 'string' },
  rules: { type: 'string' },
  'trust-proxy': { type: 'string' },
  rate: { type: 'string' },
  'api-rate': { type: 'string' },
  staff: { type: 'string' },
  'refuse-nets': { type: 'string' },
  webdriver: { type: 'string' },
  connections: { type: 'string' },
  'log-keep': { type: 'string' },
  'log-limit': { type: 'string' },
  geo: { type: 'string' },
  'webhook-allow': { type: 'string' },
  'mail-from': { type: 'string' },
  demo: { type: 'boolean' },
} as const

const HELP = `Leadwake: from a pasted script tag to an explained MQL or SQL.

Usage: leadwake COMMAND [options]

Commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(20)} ${summary}`).join('\n')}

leadwake COMMAND --help shows a command's options and examples.`

const print = (line: string) => {
  process.stdout.write(`${line}\n`)
}

/** A connection that never came to be must not keep a process that has said why it ends, ms. */
const LEFT_OPEN_MS = 1_000

process.exitCode = await main(process.argv.slice(2))
if (process.exitCode !== 0) setTimeout(() => process.exit(), LEFT_OPEN_MS).unref()

async function main(args: string[]): Promise<number> {
  try {
    return await dispatch(args)
  } catch (error) {
    if (!(error instanceof Sentence)) throw error
    process.stderr.write(`leadwake: ${error.message}\n`)
    return 1
  }
}

async function dispatch(args: string[]): Promise<number> {
  const first = args[0]
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    print(HELP)
    return 0
  }
  if (first === '--version') return versionCommand.run({ flags: {}, options: {}, positionals: [], print })
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, i) => args[i] === word))
  if (!command) throw new Sentence(unknown(args))
  const { values, positionals } = read(command, args.slice(command.name.split(' ').length))
  if (values.help) {
    print(command.help)
    return 0
  }
  return command.run({ flags: flagsOf(values), options: values, positionals, print })
}

/** Options by the names that the configuration has for them. */
function flagsOf(values: Record<string, string | boolean | undefined>): Flags {
  const named = Object.entries(values).map(([name, value]) => [
    name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ])
  return Object.fromEntries(named)
}

function read(command: Command, args: string[]) {
  try {
    const parsed = parseArgs({
      args,
      options: { ...COMMON, ...command.options },
      allowPositionals: true,
      allowNegative: true,
    })
    const extra = parsed.positionals[command.positionals?.length ?? 0]
    if (extra !== undefined) throw new Error(`'${extra}' is one word too many`)
    return parsed as { values: Record<string, string | boolean | undefined>; positionals: string[] }
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('. ')[0]
    throw new Sentence(`${reason} (leadwake ${command.name} --help shows the options)`)
  }
}

function unknown(args: string[]): string {
  if (args[0]?.startsWith('-')) return `options follow the command: leadwake COMMAND ${args[0]}`
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${args[0]} `))
  if (group.length > 0) return `say which: ${group.map(({ name }) => `leadwake ${name}`).join(', ')}`
  return `there is no command '${args[0]}'; leadwake --help lists them`
}

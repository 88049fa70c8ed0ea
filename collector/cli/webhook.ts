import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Config, readConfig } from '../config.ts'
import { ENTRY_VERSION } from '../entry.ts'
import { filesOf } from '../files.ts'
import { webhookAnswer } from '../read/deliveries.ts'
import { Sentence } from '../sentence.ts'
import type { StateReader } from '../store/reader.ts'
import type { WebhookRow } from '../store/store.ts'
import { WEBHOOK_EVENTS, WEBHOOK_FORMATS } from '../webhook/events.ts'
import { webhookGuard } from '../webhook/guard.ts'
import { formatOf, MAX_DESCRIPTION, settingsFault } from '../webhook/settings.ts'
import { secretOf } from '../webhook/sign.ts'
import type { Command } from './command.ts'
import { listCommand } from './list-command.ts'
import { withState } from './perform.ts'
import { isRunning } from './running.ts'

const DB_OPTION = '  --db FILE           database (LEADWAKE_DB, data/leadwake.db)'
const SECRET_BYTES = 32
/** A receiver has 15 s to answer a test. */
const TEST_PATIENCE_MS = 20_000
const LOOK_EVERY_MS = 100

export const webhookNew: Command = {
  name: 'webhook new',
  summary: 'Tell another system what happens; prints the secret that signs it',
  help: `Usage: leadwake webhook new URL [options]

Options:
  --events LIST       what it is told of, with commas (all unless said): ${WEBHOOK_EVENTS.join(', ')}
  --format NAME       ${WEBHOOK_FORMATS.join(', ')} (standard unless said)
  --only SITE         of one site alone
  --token TOKEN       sent as Authorization: Bearer
  --description TEXT  what it is for
  --webhook-allow LIST  private addresses, blocks and host names that it may go to (LEADWAKE_WEBHOOK_ALLOW)
${DB_OPTION}

Examples:
  leadwake webhook new https://hooks.example.org/leads --events lead.sql,lead.won
  leadwake webhook new https://hooks.slack.com/services/T0/B0/XXX --format slack --events lead.sql,report.weekly
  leadwake webhook new mailto:sales@example.org --events lead.sql,report.weekly`,
  options: {
    events: { type: 'string' },
    format: { type: 'string' },
    only: { type: 'string' },
    token: { type: 'string' },
    description: { type: 'string' },
  },
  positionals: ['URL'],
  run({ flags, options, positionals, print }) {
    const [url] = positionals
    if (url === undefined) throw new Sentence('name the address: leadwake webhook new URL')
    const config = readConfig(flags)
    const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined)
    const events = eventsOf(text('events'))
    const format = formatOf(url, formatNamed(text('format') ?? 'standard'))
    const fault = faultOf(config, { url, events, format })
    if (fault !== undefined) throw new Sentence(fault)
    const token = text('token') ?? null
    if (token !== null && !/^[\x21-\x7e]{1,512}$/.test(token))
      throw new Sentence('--token must be 1 to 512 printable characters without blanks')
    const description = text('description') ?? ''
    if (description.length > MAX_DESCRIPTION)
      throw new Sentence(
        `--description may have at most ${MAX_DESCRIPTION} characters, got ${description.length}`,
      )
    return withState(config, async (perform, reader) => {
      const site = siteNamed(reader, text('only'))
      const id = `wh_${randomBytes(8).toString('hex')}`
      const secret = secretOf(randomBytes(SECRET_BYTES))
      const webhook = { id, site, url, events, format, description, token, secret }
      await perform({ kind: 'webhook', v: ENTRY_VERSION, webhook })
      print(`Webhook ${id}.`)
      print('Its secret, shown this once:')
      print(secret)
      return 0
    })
  },
}

export const webhookList = listCommand({
  name: 'webhook list',
  summary: 'List the webhooks, with what became of what was sent',
  items(reader) {
    const counts = reader.deliveries.counts()
    return reader.deliveries.webhooks().map((row) => ({
      ...webhookAnswer(row, Date.now()),
      deliveries: Object.fromEntries(
        counts.filter(({ webhook }) => webhook === row.id).map(({ state, n }) => [state, n]),
      ),
    }))
  },
  parts: ({ id, enabled, disabledBecause, site, events, url, deliveries }) => [
    id,
    enabled ? 'enabled' : `disabled${disabledBecause === null ? '' : ` (${disabledBecause})`}`,
    site ?? 'every site',
    events.join(','),
    url,
    Object.entries(deliveries)
      .map(([state, n]) => `${n} ${state}`)
      .join(', '),
  ],
})

export const webhookTest: Command = {
  name: 'webhook test',
  summary: 'Send a message that says nothing but that it came, and tell what was answered',
  help: `Usage: leadwake webhook test ID [options]

The collector has to run: it is what sends.

Options:
${DB_OPTION}

Exit code: 0 when it was delivered, 1 otherwise.

Example:
  leadwake webhook test wh_1f2e3d4c5b6a7980`,
  positionals: ['ID'],
  run({ flags, positionals, print }) {
    const id = idOf(positionals)
    const config = readConfig(flags)
    if (config.database === undefined && !isRunning(filesOf(config.db)))
      throw new Sentence('no collector runs on this database, and it is what sends')
    return withState(config, async (perform, reader) => {
      const { body } = await perform({ kind: 'webhook-test', v: ENTRY_VERSION, id })
      const message = String(body.message)
      const until = Date.now() + TEST_PATIENCE_MS
      while (Date.now() < until) {
        const [line] = reader.deliveries.list(id, { message }, 1)
        const tried = line?.tries.at(-1)
        if (line && tried) {
          const answer = tried.status === null ? '' : `answered ${tried.status} `
          const why = tried.error === null || tried.error === 'status' ? '' : ` (${tried.error})`
          print(`${line.state}: ${answer}after ${tried.ms} ms${why}`)
          return line.state === 'delivered' ? 0 : 1
        }
        await sleep(LOOK_EVERY_MS)
      }
      throw new Sentence('nothing came of it in 20 s; see its deliveries later')
    })
  },
}

export const webhookReplay: Command = {
  name: 'webhook replay',
  summary: 'Try dead deliveries of a webhook again',
  help: `Usage: leadwake webhook replay ID [MESSAGE] [options]

All that are dead, or one message by its webhook-id.

Options:
${DB_OPTION}`,
  positionals: ['ID', 'MESSAGE'],
  run({ flags, positionals, print }) {
    const id = idOf(positionals)
    const messages = positionals[1] === undefined ? null : [positionals[1]]
    return withState(readConfig(flags), async (perform) => {
      const { body } = await perform({ kind: 'webhook-replay', v: ENTRY_VERSION, id, messages })
      print(`${body.replayed} to be sent again.`)
      return 0
    })
  },
}

export const webhookDelete: Command = {
  name: 'webhook delete',
  summary: 'Delete a webhook, with what waits for it',
  help: `Usage: leadwake webhook delete ID [options]

Options:
${DB_OPTION}`,
  positionals: ['ID'],
  run({ flags, positionals, print }) {
    const id = idOf(positionals)
    return withState(readConfig(flags), async (perform) => {
      await perform({ kind: 'webhook-removed', v: ENTRY_VERSION, id })
      print(`Deleted ${id}.`)
      return 0
    })
  },
}

function idOf([id]: string[]): string {
  if (id === undefined) throw new Sentence('name the webhook by its id; see leadwake webhook list')
  return id
}

function siteNamed(reader: StateReader, only: string | undefined): string | null {
  const sites = reader.sites().map(({ id }) => id)
  if (only !== undefined && !sites.includes(only))
    throw new Sentence(`--only: there is no site '${only}'; there are ${sites.join(', ')}`)
  return only ?? null
}

function faultOf(config: Config, row: Pick<WebhookRow, 'url' | 'events' | 'format'>): string | undefined {
  if (row.format === 'mail' && config.smtp === undefined)
    return 'URL: no mail server is set; set one with LEADWAKE_SMTP'
  return settingsFault(row, webhookGuard(config.webhookAllow))
}

function eventsOf(list: string | undefined): string[] {
  if (list === undefined) return ['*']
  const events = [...new Set(list.split(',').map((event) => event.trim()))]
  const wrong = events.find(
    (event) => event !== '*' && !(WEBHOOK_EVENTS as readonly string[]).includes(event),
  )
  if (wrong !== undefined)
    throw new Sentence(`--events: there is no event '${wrong}'; there are ${WEBHOOK_EVENTS.join(', ')}`)
  return events
}

function formatNamed(name: string): (typeof WEBHOOK_FORMATS)[number] {
  const format = WEBHOOK_FORMATS.find((one) => one === name)
  if (!format) throw new Sentence(`--format must be ${WEBHOOK_FORMATS.join(', ')}, got '${name}'`)
  return format
}

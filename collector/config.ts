import { existsSync, readFileSync } from 'node:fs'
import { Sentence } from './sentence.ts'
import { webhookGuard } from './webhook/guard.ts'

export interface Config {
  host: string
  port: number
  /** Path of the state file; with `database`, local files are named after it. */
  db: string
  /** postgres://...: state and log lie there, and several collectors share them. */
  database?: string | undefined
  /** nats://...: the log lies there instead. */
  intakeLog?: string | undefined
  /** Partitions of visitors of a database that is made now; one that is there keeps its own. */
  partitions?: number
  /** Id of the first site. */
  site: string
  /** Used on the first run instead of a random key. */
  adminKey: string | undefined
  /** Path of the rules document that seeds version 1. */
  rules: string | undefined
  /** Addresses and CIDR blocks of proxies whose `X-Forwarded-For` is believed. */
  trustProxy: string[]
  /** Beacons a second that one client (an IPv4 address, an IPv6 /64) may send; bursts of ten seconds' worth. 0: no limit. */
  rate: number
  /** API calls a minute that one key may make; 0: no limit. */
  apiRate: number
  /** Addresses and CIDR blocks of the operator's own people, who are not counted. */
  staff: string[]
  /** Path of a file with addresses and CIDR blocks of data centres, one a line, whose beacons are refused. */
  refuseNets: string | undefined
  /** What becomes of beacons of browsers that a program drives; counted they are for tests of one's own site. */
  webdriver: 'refuse' | 'count'
  /** Connections that are held open at once; further ones are closed. */
  connections: number
  /** Minutes that entries stay in the log after they are surely in the state, for what replicates the files apart. */
  logKeep: number
  /** MiB that the intake log may hold before beacons are refused. */
  logLimit: number
  /** Path of a MaxMind DB file that tells the country of an address. */
  geo: string | undefined
  /** Addresses, CIDR blocks and host names to which webhooks may go although they are private, on any port and without TLS. */
  webhookAllow: string[]
  /** The mail server: smtp://user:password@host:587 or smtps://. */
  smtp: string | undefined
  /** Whom mail is from. */
  mailFrom: string
  /** Whether the demo site is served. */
  demo: boolean
}

/** Names of one option: as a flag, in the environment, in `leadwake.config.json`. */
const OPTIONS = {
  host: 'HOST',
  port: 'PORT',
  db: 'LEADWAKE_DB',
  database: 'DATABASE_URL',
  intakeLog: 'LEADWAKE_INTAKE_LOG',
  partitions: 'LEADWAKE_PARTITIONS',
  site: 'LEADWAKE_SITE',
  adminKey: 'LEADWAKE_ADMIN_KEY',
  rules: 'LEADWAKE_RULES',
  trustProxy: 'LEADWAKE_TRUST_PROXY',
  rate: 'LEADWAKE_RATE',
  apiRate: 'LEADWAKE_API_RATE',
  staff: 'LEADWAKE_STAFF',
  refuseNets: 'LEADWAKE_REFUSE_NETS',
  webdriver: 'LEADWAKE_WEBDRIVER',
  connections: 'LEADWAKE_CONNECTIONS',
  logKeep: 'LEADWAKE_LOG_KEEP',
  logLimit: 'LEADWAKE_LOG_LIMIT',
  geo: 'LEADWAKE_GEO',
  webhookAllow: 'LEADWAKE_WEBHOOK_ALLOW',
  smtp: 'LEADWAKE_SMTP',
  mailFrom: 'LEADWAKE_MAIL_FROM',
} as const

type Name = keyof typeof OPTIONS

/**
 * Rate: a busy page sends one beacon in ten seconds, and an office of some hundred people shares an address.
 * Connections: each idle one costs about 20 kB.
 */
const DEFAULTS: Partial<Record<Name, string>> = {
  host: '127.0.0.1',
  port: '4380',
  db: 'data/leadwake.db',
  partitions: '4',
  site: 'main',
  rate: '50',
  apiRate: '6000',
  webdriver: 'refuse',
  connections: '10000',
  logKeep: '0',
  logLimit: '1024',
  mailFrom: 'leadwake@localhost',
}
/** What nobody else is shown. */
const SECRET: Name[] = ['adminKey', 'smtp']
/** Of these the passwords alone. */
const SECRET_WITHIN: Name[] = ['database', 'intakeLog']
/** Row numbers of that many fit; see `NUMBERS` of the tables. */
const MOST_PARTITIONS = 1_024

export interface Flags extends Partial<Record<keyof typeof OPTIONS, string | undefined>> {
  demo?: boolean | undefined
}

interface Found {
  value: string | undefined
  from: Setting['from']
}

/** One option as it holds, and who said so. */
export interface Setting {
  name: string
  variable: string
  flag: string | null
  value: string | boolean | null
  from: 'flag' | 'environment' | 'leadwake.config.json' | 'default'
}

/** Flag, then environment, then `leadwake.config.json`, then default. The only reader of the environment. Throws a `Sentence`. */
export function readConfig(flags: Flags = {}, env = process.env, file = 'leadwake.config.json'): Config {
  const stored = readFile(file)
  const value = (name: Name): string | undefined => find(name, flags, env, stored).value
  const database = databaseUrl(value('database'))
  return {
    host: value('host')!,
    port: port(value('port')!),
    db: value('db')!,
    database,
    intakeLog: intakeLog(value('intakeLog'), database),
    partitions: partitions(value('partitions')!),
    site: siteId(value('site')!),
    adminKey: adminKey(value('adminKey')),
    rules: value('rules'),
    trustProxy: list(value('trustProxy')),
    rate: whole('LEADWAKE_RATE (or --rate)', value('rate')!, 100_000),
    apiRate: whole('LEADWAKE_API_RATE (or --api-rate)', value('apiRate')!, 10_000_000),
    staff: list(value('staff')),
    refuseNets: value('refuseNets'),
    webdriver: webdriver(value('webdriver')!),
    connections: whole('LEADWAKE_CONNECTIONS (or --connections)', value('connections')!, 1_000_000),
    logKeep: whole('LEADWAKE_LOG_KEEP (or --log-keep)', value('logKeep')!, 100_000),
    logLimit: logLimit(value('logLimit')!),
    geo: value('geo'),
    webhookAllow: webhookAllow(list(value('webhookAllow'))),
    smtp: smtp(value('smtp')),
    mailFrom: mailFrom(value('mailFrom')!),
    demo: flags.demo ?? stored.demo !== false,
  }
}

/** Every option with its value and where that came from; secrets are masked. Throws a `Sentence` like `readConfig`. */
export function explainConfig(
  flags: Flags = {},
  env = process.env,
  file = 'leadwake.config.json',
): Setting[] {
  readConfig(flags, env, file)
  const stored = readFile(file)
  const settings = (Object.keys(OPTIONS) as Name[]).map((name): Setting => {
    const { value, from } = find(name, flags, env, stored)
    const shown =
      value === undefined || !isSecret(name)
        ? value
        : SECRET.includes(name)
          ? `${value.slice(0, 3)}...`
          : withoutPasswords(value)
    const flag =
      isSecret(name) || name === 'partitions'
        ? null
        : `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`
    return { name, variable: OPTIONS[name], flag, value: shown ?? null, from }
  })
  const demo = flags.demo ?? stored.demo !== false
  const from =
    flags.demo !== undefined ? 'flag' : stored.demo === undefined ? 'default' : 'leadwake.config.json'
  return [...settings, { name: 'demo', variable: '', flag: '--no-demo', value: demo, from }]
}

const isSecret = (name: Name): boolean => SECRET.includes(name) || SECRET_WITHIN.includes(name)

/** One address, or several with commas between, without their passwords; a name alone is a token for NATS. */
export function withoutPasswords(addresses: string): string {
  const masked = addresses.replace(
    /((?:^|,)\s*([a-z]+):\/\/)([^@,]*)@/g,
    (_, before: string, scheme: string, user: string) => {
      const [name, password] = user.split(':')
      const isToken = password === undefined && !scheme.startsWith('postgres')
      return `${before}${isToken ? '***' : password === undefined ? name : `${name}:***`}@`
    },
  )
  return masked.replace(/([?&]password=)[^&,]*/g, '$1***')
}

function find(name: Name, flags: Flags, env: NodeJS.ProcessEnv, stored: Record<string, unknown>): Found {
  const said: [unknown, Found['from']][] = [
    [flags[name], 'flag'],
    [env[OPTIONS[name]], 'environment'],
    [stored[name], 'leadwake.config.json'],
  ]
  // Compose files and unit files hand down empty variables for what is not set.
  const set = said.find(([value]) => value !== undefined && value !== '')
  return set === undefined
    ? { value: DEFAULTS[name], from: 'default' }
    : { value: String(set[0]), from: set[1] }
}

const list = (value = ''): string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function readFile(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {}
  let stored: unknown
  try {
    stored = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Sentence(`${path} cannot be read: ${reason(error)}`)
  }
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored))
    throw new Sentence(`${path} must hold a JSON object`)
  const known = [...Object.keys(OPTIONS), 'demo']
  const unknown = Object.keys(stored).find((key) => !known.includes(key))
  if (unknown !== undefined)
    throw new Sentence(`${path}: '${unknown}' is not an option; the options are ${known.join(', ')}`)
  return stored as Record<string, unknown>
}

/** Without the piece of the file that the engine's message quotes: a key may stand there. */
function reason(error: unknown): string {
  if (!(error instanceof SyntaxError)) return error instanceof Error ? error.message : String(error)
  const where = /at position \d+( \(line \d+ column \d+\))?/.exec(error.message)?.[0]
  return where === undefined ? 'it is not JSON' : `it is not JSON, ${where}`
}

/** An address of this protocol, with a host; a `%` in a name or a password is `%25`. */
export function isAddress(value: string, protocol: RegExp): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  try {
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part)
  } catch {
    return false
  }
  return protocol.test(url.protocol) && url.hostname !== ''
}
export const POSTGRES = /^postgres(ql)?:$/

/** The value may hold a password: it is not repeated. */
function databaseUrl(value: string | undefined): string | undefined {
  if (value === undefined || isAddress(value, POSTGRES)) return value
  throw new Sentence(
    'DATABASE_URL must be like postgres://user:password@db.example.org:5432/leadwake, with %25 for a % in a password',
  )
}

function intakeLog(value: string | undefined, database: string | undefined): string | undefined {
  if (value === undefined) return undefined
  if (database === undefined)
    throw new Sentence(
      'LEADWAKE_INTAKE_LOG puts the log of a shared database elsewhere: set DATABASE_URL too, or unset it',
    )
  if (value.split(',').every((one) => isAddress(one.trim(), /^(nats|tls):$/))) return value
  throw new Sentence(
    'LEADWAKE_INTAKE_LOG must be nats://HOST:PORT or tls://HOST:PORT, or several of them with commas between',
  )
}

function partitions(value: string): number {
  const number = Number(value)
  if (/^\d{1,4}$/.test(value) && number >= 1 && number <= MOST_PARTITIONS) return number
  throw new Sentence(
    `LEADWAKE_PARTITIONS must be a whole number from 1 to ${MOST_PARTITIONS}, got '${value}'`,
  )
}

function port(value: string): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && number <= 65_535) return number
  throw new Sentence(`PORT (or --port) must be a whole number from 0 to 65535, got '${value}'`)
}

function whole(name: string, value: string, most: number): number {
  if (/^\d+$/.test(value) && Number(value) <= most) return Number(value)
  throw new Sentence(`${name} must be a whole number from 0 to ${most}, got '${value}'`)
}

function logLimit(value: string): number {
  const number = Number(value)
  if (/^\d{1,9}$/.test(value) && number > 0) return number
  throw new Sentence(
    `LEADWAKE_LOG_LIMIT (or --log-limit) must be a whole number of MiB from 1, got '${value}'`,
  )
}

function webdriver(value: string): Config['webdriver'] {
  if (value === 'refuse' || value === 'count') return value
  throw new Sentence(`LEADWAKE_WEBDRIVER (or --webdriver) must be 'refuse' or 'count', got '${value}'`)
}

function siteId(value: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(value)) return value
  throw new Sentence(`LEADWAKE_SITE (or --site) must be 1 to 64 of A-Z a-z 0-9 _ -, got '${value}'`)
}

function adminKey(value: string | undefined): string | undefined {
  if (value === undefined || /^lw_[\x21-\x7e]{16,}$/.test(value)) return value
  throw new Sentence(
    "LEADWAKE_ADMIN_KEY must begin with 'lw_' and have at least 16 characters after it, without spaces",
  )
}

function webhookAllow(list: string[]): string[] {
  try {
    webhookGuard(list)
    return list
  } catch (error) {
    throw new Sentence(`LEADWAKE_WEBHOOK_ALLOW (or --webhook-allow): ${(error as Error).message}`)
  }
}

/** The value may hold a password: it is not repeated. */
function smtp(value: string | undefined): string | undefined {
  const url = value !== undefined && URL.canParse(value) ? new URL(value) : undefined
  if (value === undefined || (url && /^smtps?:$/.test(url.protocol) && url.hostname !== '')) return value
  throw new Sentence('LEADWAKE_SMTP must be like smtp://user:password@mail.example.org:587, or smtps://')
}

function mailFrom(value: string): string {
  if (/^[^\s@<>"',;:]+@[A-Za-z0-9.-]+$/.test(value)) return value
  throw new Sentence(
    `LEADWAKE_MAIL_FROM (or --mail-from) must be an address such as leads@example.org, got '${value}'`,
  )
}

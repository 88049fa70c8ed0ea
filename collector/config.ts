import { existsSync, readFileSync } from 'node:fs'
import { Sentence } from './sentence.ts'

export interface Config {
  host: string
  port: number
  /** Path of the state file. */
  db: string
  /** Id of the first site. */
  site: string
  /** Used on the first run instead of a random key. */
  adminKey: string | undefined
  /** Path of the rules document that seeds version 1. */
  rules: string | undefined
  /** Addresses and CIDR blocks of proxies whose `X-Forwarded-For` is believed. */
  trustProxy: string[]
  /** Whether the demo site is served. */
  demo: boolean
}

/** Names of one option: as a flag, in the environment, in `leadwake.config.json`. */
const OPTIONS = {
  host: 'HOST',
  port: 'PORT',
  db: 'LEADWAKE_DB',
  site: 'LEADWAKE_SITE',
  adminKey: 'LEADWAKE_ADMIN_KEY',
  rules: 'LEADWAKE_RULES',
  trustProxy: 'LEADWAKE_TRUST_PROXY',
} as const

const DEFAULTS = { host: '127.0.0.1', port: '4380', db: 'data/leadwake.db', site: 'main' }

export interface Flags extends Partial<Record<keyof typeof OPTIONS, string | undefined>> {
  demo?: boolean | undefined
}

/** Flag, then environment, then `leadwake.config.json`, then default. The only reader of the environment. Throws a `Sentence`. */
export function readConfig(flags: Flags = {}, env = process.env, file = 'leadwake.config.json'): Config {
  const stored = readFile(file)
  const value = (name: keyof typeof OPTIONS): string | undefined => {
    // Compose files and unit files hand down empty variables for what is not set.
    const set = [flags[name], env[OPTIONS[name]], stored[name]].find((one) => one !== undefined && one !== '')
    return set === undefined ? (DEFAULTS as Record<string, string>)[name] : String(set)
  }
  if (env.DATABASE_URL) {
    throw new Sentence(
      'DATABASE_URL is set, but this version keeps its data in SQLite only; unset it, or use LEADWAKE_DB',
    )
  }
  return {
    host: value('host')!,
    port: port(value('port')!),
    db: value('db')!,
    site: siteId(value('site')!),
    adminKey: adminKey(value('adminKey')),
    rules: value('rules'),
    trustProxy: (value('trustProxy') ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
    demo: flags.demo ?? stored.demo !== false,
  }
}

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

function port(value: string): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && number <= 65_535) return number
  throw new Sentence(`PORT (or --port) must be a whole number from 0 to 65535, got '${value}'`)
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

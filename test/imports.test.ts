import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

/** What may import what; folders by prefix, packages by name. The first rule that fits a file holds. */
const RULES: { files: string; may: RegExp[]; but?: string[] }[] = [
  { files: 'shared/', may: [/^shared\//] },
  {
    files: 'snippet/',
    may: [/^snippet\//, /^shared\/protocol\.ts$/, /^leadwake:/],
    but: ['snippet/build.ts', 'snippet/browser/build.ts'],
  },
  { files: 'collector/identity/', may: [/^collector\/identity\//] },
  { files: 'collector/client/', may: [/^collector\/client\//, /^shared\//] },
  { files: 'collector/lead/', may: [/^collector\/lead\//, /^shared\//] },
  {
    files: 'collector/store/',
    may: [
      /^collector\/store\//,
      /^shared\//,
      /^collector\/lead\/state\.ts$/,
      /^collector\/entry\.ts$/,
      /^collector\/postgres-connection\.ts$/,
      /^collector\/identity\/learned\.ts$/,
      /^better-sqlite3$/,
      /^drizzle-orm/,
      /^postgres$/,
      /^node:(fs|worker_threads)$/,
    ],
  },
  {
    files: 'collector/log/',
    may: [
      /^collector\/log\//,
      /^shared\//,
      /^collector\/entry\.ts$/,
      /^collector\/postgres-connection\.ts$/,
      /^better-sqlite3$/,
      /^postgres$/,
      /^@nats-io\/(jetstream|transport-node)$/,
      /^node:(fs|worker_threads)$/,
    ],
  },
]

/** Who may name an engine: the engines' own folders, and whoever decides which of them runs. */
const KNOWS_THE_ENGINE = [
  'collector/store/sqlite/',
  'collector/log/sqlite',
  'collector/erasing.ts',
  'collector/store/postgres/',
  'collector/log/postgres',
  'collector/log/nats',
  'collector/engine/',
  'collector/files.ts',
  'collector/postgres-connection.ts',
  'collector/lock.ts',
  'collector/appender-thread.ts',
  'collector/projector-thread.ts',
  'collector/partitions-thread.ts',
  'collector/query-thread.ts',
  'collector/reader-thread.ts',
  'collector/soundness.ts',
  'collector/cli/',
]

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((name) => /\.tsx?$/.test(name))
}

function imports(file: string): { name: string; typeOnly: boolean }[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return [
    ...text.matchAll(
      /^(?:import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]/gm,
    ),
  ].map(([, typeOnly, from, bare]) => {
    const name = (from ?? bare)!
    return {
      name: name.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), name)) : name,
      typeOnly: typeOnly !== undefined,
    }
  })
}

const all = ['shared', 'snippet', 'collector'].flatMap(files)

describe('import directions', () => {
  it('sees the files', () => {
    expect(all.length).toBeGreaterThan(50)
    expect(imports('collector/collect.ts').map(({ name }) => name)).toContain('collector/parse.ts')
  })

  it.each(RULES)('$files imports only what it may', ({ files: prefix, may, but = [] }) => {
    const wrong = all
      .filter((file) => file.startsWith(prefix) && !but.includes(file))
      .flatMap((file) => imports(file).map(({ name }) => ({ file, name })))
      .filter(({ name }) => !may.some((pattern) => pattern.test(name)))
    expect(wrong).toEqual([])
  })

  it('only those who choose the engine know which one runs', () => {
    const wrong = all
      .filter((file) => !KNOWS_THE_ENGINE.some((prefix) => file.startsWith(prefix)))
      .flatMap((file) => imports(file).map((found) => ({ file, ...found })))
      .filter(({ name, typeOnly }) => !typeOnly && /better-sqlite3|drizzle|\/sqlite|postgres|nats/.test(name))
    expect(wrong).toEqual([])
  })

  it('the domain core reads no clock, no chance and no outside', () => {
    const impure =
      /\bawait\b|\basync\b|Date\.now|new Date\(\)|Math\.random|process\.|drizzle|from .hono|console\./
    const wrong = files('collector/lead').filter((file) =>
      impure.test(readFileSync(join(ROOT, file), 'utf8')),
    )
    expect(wrong).toEqual([])
  })

  it('only the configuration reads the environment', () => {
    const wrong = all.filter(
      (file) => file !== 'collector/config.ts' && /process\.env/.test(readFileSync(join(ROOT, file), 'utf8')),
    )
    expect(wrong).toEqual([])
  })
})

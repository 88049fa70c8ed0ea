/** Looks at everything that a collector needs, and says for each thing that is wrong how it is mended. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type Database from 'better-sqlite3'
import { clientIp } from '../client-ip.ts'
import { type Config, readConfig } from '../config.ts'
import { type Files, filesOf, mustBeDatabase, mustFit } from '../files.ts'
import { openSqliteLog } from '../log/sqlite.ts'
import { Sentence } from '../sentence.ts'
import { migrationsOf, openForReading } from '../store/sqlite/open.ts'
import { sqliteReader } from '../store/sqlite/read.ts'
import { sqliteStore } from '../store/sqlite/store.ts'
import type { Command } from './command.ts'
import { mustBeSound } from './copy.ts'
import { databaseFindings } from './doctor-database.ts'
import { told, webhookFindings } from './doctor-state.ts'
import { type Finding, ok, warning, wrong } from './finding.ts'
import { isRunning } from './running.ts'

/** Below the first it cannot take beacons for long, below the second a busy week can fill it, bytes. */
const LITTLE_SPACE = 200e6
const SOME_SPACE = 2e9
/** A clock that is further behind the newest entry than this was set back, ms. */
const CLOCK_SLACK_MS = 60_000
/** Entries that wait for projection: more than some seconds' worth. */
const LONG_LAG = 50_000
const ASKED_MS = 2_000

export const doctor: Command = {
  name: 'doctor',
  summary: 'Look at folder, disk, clock, database, proxy and sites; say what to mend',
  help: `Usage: leadwake doctor [options]

Looks, while the collector runs or not, and changes nothing. Takes the options of leadwake serve.

Options:
  --deep           look at every page of the database too
  --json           the findings as JSON
  --db FILE        database (LEADWAKE_DB, data/leadwake.db)

Exit code: 0 when nothing is wrong (there may be warnings), 1 when something must be mended.

Examples:
  leadwake doctor
  leadwake doctor --deep --json`,
  options: { deep: { type: 'boolean' }, json: { type: 'boolean' } },
  async run({ flags, options, print }) {
    const findings = await look(readConfig(flags), options.deep === true)
    const wrong = findings.some(({ state }) => state === 'wrong')
    if (options.json) print(JSON.stringify({ ok: !wrong, findings }))
    else
      for (const { what, state, found, mend } of findings) {
        print(`${state.padEnd(8)} ${what.padEnd(12)} ${found}`)
        if (mend !== null) print(`${''.padEnd(21)} -> ${mend}`)
      }
    return wrong ? 1 : 0
  },
}

async function look(config: Config, deep: boolean): Promise<Finding[]> {
  const { database: url } = config
  if (url !== undefined)
    return [
      node(),
      proxy(config),
      await answers(config, 'one may run elsewhere:'),
      ...(await databaseFindings({ ...config, database: url })),
    ]
  const files = filesOf(config.db)
  const folder = dirname(files.state)
  const findings = [node()]
  if (!existsSync(folder)) {
    findings.push(
      wrong('folder', `there is no ${folder}`, 'start the collector once, or name its file with --db'),
    )
    return findings
  }
  findings.push(writable(folder), disk(folder), proxy(config))
  if (!existsSync(files.state)) {
    findings.push(
      wrong('database', `there is no ${files.state}`, 'start the collector once, or name its file with --db'),
    )
    return findings
  }
  const running = isRunning(files)
  findings.push(running ? await answers(config) : warning('process', 'no collector runs', 'leadwake serve'))
  findings.push(...database(files, deep))
  if (findings.some(({ what, state }) => what === 'schema' && state === 'ok'))
    findings.push(...(await webhooks(files, config)))
  return findings
}

function node(): Finding {
  const { node: version } = process.versions
  return Number(version.split('.')[0]) >= 22
    ? ok('node', version)
    : wrong('node', version, 'run it on Node 22 or newer')
}

function writable(folder: string): Finding {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    return wrong(
      'folder',
      `${folder} cannot be written by this user`,
      `give it to the user who runs the collector`,
    )
  }
  const others = statSync(folder).mode & 0o007
  return others === 0
    ? ok('folder', folder)
    : warning('folder', `${folder} is open to every user of this machine`, `chmod 700 ${folder}`)
}

function disk(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const found = `${(free / 1e9).toFixed(1)} GB free`
  if (free < LITTLE_SPACE)
    return wrong('disk', found, 'make room: a full disk answers 503 and takes no beacons')
  if (free < SOME_SPACE) return warning('disk', found, 'make room before a busy week fills it')
  return ok('disk', found)
}

function proxy({ trustProxy, host }: Config): Finding {
  try {
    clientIp(trustProxy)
  } catch (error) {
    return wrong('proxy', (error as Error).message, 'mend the list')
  }
  return ok('proxy', trustProxy.length === 0 ? `none trusted, listening on ${host}` : trustProxy.join(', '))
}

/** `silent` says what it means that none answers. */
async function answers({ host, port }: Config, silent = 'one holds the files, but'): Promise<Finding> {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  const address = `http://${name}:${port}/readyz`
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(ASKED_MS) })
    const { stalled, damage } = (await answer.json()) as { stalled?: string; damage?: string }
    if (answer.status !== 200)
      return wrong('process', `${address} answers ${answer.status}`, 'see its log for the cause')
    if (damage !== undefined)
      return wrong('process', `the database is damaged: ${damage}`, 'leadwake restore FOLDER --force')
    if (stalled !== undefined)
      return wrong('process', `projection stands still: ${stalled}`, 'mend that; intake goes on meanwhile')
    return ok('process', `answers at ${address}`)
  } catch {
    return warning(
      'process',
      `${silent} ${address} does not answer`,
      'name its HOST and PORT, or see its log',
    )
  }
}

function database(files: Files, deep: boolean): Finding[] {
  const findings: Finding[] = []
  try {
    for (const path of [files.state, files.log]) {
      if (!existsSync(path)) throw new Sentence(`${path} is not there`)
      mustBeDatabase(path)
      if (deep) mustBeSound(path)
    }
    const db = openForReading(files.state)
    try {
      const schema = migrations(db)
      findings.push(schema)
      if (schema.state !== 'ok') return findings
      mustFit(db, files)
      findings.push(ok('database', `${files.state}${deep ? ', every page looked at' : ''}`))
      findings.push(...contents(db, files))
    } finally {
      db.close()
    }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    findings.push(wrong('database', found, 'restore a backup: leadwake restore FOLDER --force'))
  }
  return findings
}

async function webhooks({ state }: Files, config: Config): Promise<Finding[]> {
  const db = openForReading(state)
  try {
    const reader = sqliteReader(db).deliveries
    const rows = reader.webhooks().map((row) => ({ row, last: reader.last(row.id) }))
    return await webhookFindings(rows, config)
  } finally {
    db.close()
  }
}

function migrations(db: Database.Database): Finding {
  const { applied, known } = migrationsOf(db)
  if (applied > known)
    return wrong('schema', 'of a newer Leadwake', 'start that version, or restore an older backup')
  if (applied < known) return warning('schema', 'of an older Leadwake', 'the next start brings it up to date')
  return ok('schema', 'up to date')
}

function contents(db: Database.Database, files: Files): Finding[] {
  const reader = sqliteReader(db)
  const { seq, now } = sqliteStore(db).watermark() as { seq: number; now: number }
  const log = openSqliteLog(files.log)
  const lag = log.bounds().last - seq
  void log.close()
  const behind = now - Date.now()
  const { letters } = db.prepare('SELECT count(*) AS letters FROM dead_letters').get() as { letters: number }
  return [
    behind > CLOCK_SLACK_MS
      ? wrong(
          'clock',
          `${Math.round(behind / 1_000)} s behind the newest entry`,
          'set the clock (NTP): until it has caught up, every time stands still',
        )
      : ok('clock', new Date().toISOString()),
    lag > LONG_LAG
      ? warning('projection', `${lag} entries behind`, 'look at /readyz: does the number go down?')
      : ok('projection', `${lag} entries behind`),
    ...told(reader, letters),
  ]
}

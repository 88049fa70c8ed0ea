import { copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readConfig } from '../config.ts'
import { type Files, filesOf } from '../files.ts'
import { takeLock } from '../lock.ts'
import { Sentence } from '../sentence.ts'
import type { Command } from './command.ts'
import { filesIn, makeParent, readManifest, sync, verify } from './copy.ts'
import { filesOnly } from './perform.ts'

export const restore: Command = {
  name: 'restore',
  summary: 'Put a backup in the place of the database; the collector must be stopped',
  help: `Usage: leadwake restore FOLDER [options]

Verifies the backup in FOLDER, then puts its two files where the database is to lie. Works only while no collector
runs on it. A database that is there already is replaced with --force alone.

Options:
  --force          replace the database that is there
  --json           what was restored, as JSON
  --db FILE        database (LEADWAKE_DB, data/leadwake.db)

Exit code: 0 when the backup is in place, 1 when nothing was changed.

Example:
  leadwake restore /var/backups/leadwake/2026-11-03 --force`,
  options: { force: { type: 'boolean' }, json: { type: 'boolean' } },
  positionals: ['FOLDER'],
  async run({ flags, options, positionals, print }) {
    const [named] = positionals
    if (named === undefined) throw new Sentence('name the folder of the backup: leadwake restore FOLDER')
    const { db } = filesOnly(readConfig(flags), 'put them back with pg_restore (docs/operating.md says how)')
    const restored = restoreFrom(resolve(named), filesOf(db), options.force === true)
    if (options.json) print(JSON.stringify({ db: resolve(db), ...restored }))
    else {
      print(`Restored ${db} from ${resolve(named)}${restored.at ? `, made ${restored.at}` : ''}.`)
      print('What was acknowledged after that is not in it. Start the collector: leadwake serve')
    }
    return 0
  },
}

interface Restored {
  /** When the backup was made; null where its folder does not say. */
  at: string | null
  projected: number
  lastEntry: number
}

function restoreFrom(folder: string, to: Files, force: boolean): Restored {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new Sentence(`${folder} is no folder; name the one that leadwake backup made`)
  const from = filesIn(folder)
  makeParent(to.state)
  const lock = takeLock(to.lock)
  if (!lock) throw new Sentence(`a Leadwake process runs on ${to.state}; stop it first`)
  try {
    const there = [to.state, to.log].find((path) => existsSync(path))
    if (there !== undefined && !force)
      throw new Sentence(`${there} is there already; back it up, then restore with --force to replace it`)
    const found = putInPlace(from, to)
    return { at: readManifest(folder)?.at ?? null, ...found }
  } finally {
    lock.release()
  }
}

/** Copies beside their places, verified there; only then are the names changed, the state's first. */
function putInPlace(from: Pick<Files, 'state' | 'log'>, to: Files): { projected: number; lastEntry: number } {
  const copied = { state: `${to.state}.new`, log: `${to.log}.new` }
  try {
    for (const which of ['state', 'log'] as const) {
      if (!existsSync(from[which]))
        throw new Sentence(`${from[which]} is not there: that is not a whole backup`)
      for (const suffix of ['', '-wal', '-shm']) rmSync(copied[which] + suffix, { force: true })
      copyFileSync(from[which], copied[which])
    }
    const found = verify(copied)
    for (const which of ['state', 'log'] as const) {
      for (const suffix of ['-wal', '-shm']) rmSync(copied[which] + suffix, { force: true })
      sync(copied[which])
    }
    // A stop between the two leaves an older state beside a newer log, which goes on or refuses in words.
    for (const which of ['state', 'log'] as const) {
      for (const suffix of ['-wal', '-shm']) rmSync(to[which] + suffix, { force: true })
      renameSync(copied[which], to[which])
    }
    sync(dirname(to.state))
    return found
  } catch (error) {
    for (const path of Object.values(copied))
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    if (error instanceof Sentence) throw error
    throw new Sentence(`nothing was restored: ${error instanceof Error ? error.message : error}`)
  }
}

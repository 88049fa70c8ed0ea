import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { noteBackup } from '../backup-note.ts'
import { readConfig } from '../config.ts'
import { filesOf } from '../files.ts'
import { takeLock } from '../lock.ts'
import { Sentence } from '../sentence.ts'
import type { Command } from './command.ts'
import { copyDatabase, filesIn, giveWay, type Manifest, makeParent, sync, writeManifest } from './copy.ts'
import { filesOnly } from './perform.ts'
import { progress } from './progress.ts'
import { version } from './version.ts'

export const backup: Command = {
  name: 'backup',
  summary: 'Copy state and log to a folder, while the collector runs or not',
  help: `Usage: leadwake backup FOLDER [options]

Makes FOLDER with a copy of the database and its log that belong together, opens both and looks at every page.
The collector goes on taking beacons meanwhile. FOLDER must not be there yet, or be empty: nothing is overwritten,
and one that was not finished never bears its name. The salt of the day is never part of a backup. When it was made
is noted beside the database, for the dashboard to show.

Options:
  --json           what was copied, as JSON
  --db FILE        database (LEADWAKE_DB, data/leadwake.db)

Exit code: 0 when the backup was made and verified, 1 when it was not.

Examples:
  leadwake backup /var/backups/leadwake/$(date +%F)
  leadwake restore /var/backups/leadwake/2026-11-03`,
  options: { json: { type: 'boolean' } },
  positionals: ['FOLDER'],
  async run({ flags, options, positionals, print }) {
    const [named] = positionals
    if (named === undefined) throw new Sentence('name the folder to make: leadwake backup FOLDER')
    const { db } = filesOnly(readConfig(flags), 'copy them with pg_dump (docs/operating.md says how)')
    const folder = resolve(named)
    const made = await backUp(db, folder)
    noteBackup(filesOf(db).backup, { at: made.at, folder, bytes: made.stateBytes + made.logBytes })
    if (options.json) print(JSON.stringify({ folder, ...made }))
    else {
      const megabytes = ((made.stateBytes + made.logBytes) / 1e6).toFixed(1)
      print(`Made ${folder}: ${megabytes} MB, entries up to ${made.lastEntry}. Both files open and hold.`)
    }
    return 0
  },
}

async function backUp(db: string, folder: string): Promise<Manifest> {
  const from = filesOf(db)
  if (!existsSync(from.state))
    throw new Sentence(`there is no database at ${db}; name its file with LEADWAKE_DB or --db`)
  if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0))
    throw new Sentence(`${folder} is there already; name a folder that is not`)
  makeParent(folder)
  const unfinished = `${folder}.unfinished`
  const to = filesIn(unfinished)
  const shown = progress(process.stderr, 'thousandths of state and log copied')
  const hold = takeLock(from.hold)
  if (!hold) throw new Sentence('another backup of this database is being made; wait for it to end')
  try {
    rmSync(unfinished, { recursive: true, force: true })
    mkdirSync(unfinished, { mode: 0o700 })
    giveWay()
    // The log after the state: what the state has not seen must still be in the log, which is not trimmed meanwhile.
    await copyDatabase(from.state, to.state, (share) => shown.show(Math.floor(share * 500), 1_000))
    await copyDatabase(from.log, to.log, (share) => shown.show(500 + Math.floor(share * 500), 1_000))
    const manifest = writeManifest(unfinished, version(), new Date())
    sync(unfinished)
    if (existsSync(folder)) rmSync(folder, { recursive: true })
    renameSync(unfinished, folder)
    sync(dirname(folder))
    return manifest
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (error instanceof Sentence) throw error
    throw new Sentence(
      `the backup was not made: ${error instanceof Error ? error.message : error}; nothing is left of it`,
    )
  } finally {
    shown.end()
    hold.release()
  }
}

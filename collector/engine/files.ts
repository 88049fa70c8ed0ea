/** State and log in SQLite files of this machine, which one collector holds. */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import { lastBackup } from '../backup-note.ts'
import type { Config } from '../config.ts'
import { erasingOf } from '../erasing.ts'
import { filesOf, prepareFiles } from '../files.ts'
import { takeLock } from '../lock.ts'
import { openSqliteLog } from '../log/sqlite.ts'
import { type ProjectorThread, startProjector } from '../projecting.ts'
import type { ProjectorData } from '../projector-thread.ts'
import { measuredVisitor } from '../salt.ts'
import { Sentence } from '../sentence.ts'
import { soundness, soundnessLater, wasClosed } from '../soundness.ts'
import { threadModule } from '../thread-module.ts'
import { trimmedLater } from '../trim.ts'
import type { Engine } from './engine.ts'

export interface FilesEngineOptions {
  config: Pick<Config, 'db' | 'logLimit' | 'logKeep'>
  logger: Logger
  now?: (() => number) | undefined
}

/** Throws a `Sentence` where the operator has to mend something first. */
export function openFiles({ config, logger, now = Date.now }: FilesEngineOptions): Engine {
  const files = filesOf(config.db)
  makeFolder(files.state)
  const lock = takeLock(files.lock)
  if (!lock) {
    throw new Sentence(
      `another Leadwake process holds ${config.db}; stop it, or give this one its own file with LEADWAKE_DB or --db`,
    )
  }
  const closed = wasClosed(files.state) && wasClosed(files.log)
  // What was acknowledged lies in the log: it is small, and looked at before anything is added.
  if (!closed && existsSync(files.log)) mustHold(files.log)
  prepareFiles(files)

  let projector: ProjectorThread | undefined
  const fileLog = openSqliteLog(files.log, {
    now,
    committed: () => projector?.wake(),
    limit: config.logLimit * 2 ** 20,
    appender: {
      module: threadModule('appender-thread'),
      moved: (toThread) => {
        if (toThread) logger.info('this disk is slow to sync: a thread of its own writes the log')
      },
    },
  })
  const log = trimmedLater(fileLog, { hold: files.hold, keepMs: config.logKeep * 60_000 })

  return {
    log,
    now,
    reader: { statePath: files.state },
    erasing: erasingOf(files),
    measured: measuredVisitor(files.salt),
    scripts: files.scripts,
    files: { state: files.state, log: files.log },
    project(hooks) {
      projector = startProjector({
        ...hooks,
        module: threadModule('projector-thread'),
        data: { statePath: files.state, logPath: files.log } satisfies Omit<
          ProjectorData,
          'signal' | 'deaths'
        >,
      })
      return projector
    },
    suppressed(hashes) {
      // Where somebody was erased, what is trimmed may be theirs.
      if (hashes.length > 0) fileLog.shred()
    },
    alone: (work) => work(),
    isLeader: () => true,
    check: closed ? undefined : () => soundnessLater(files.state),
    sizes: async () => ({ state: statSync(files.state).size, log: statSync(files.log).size }),
    lastBackup: () => lastBackup(files.backup),
    async close() {
      await fileLog.close()
      lock.release()
    },
  }
}

function mustHold(log: string): void {
  const found = soundness(log)
  if (found !== 'ok')
    throw new Sentence(`${log} is damaged (${found}); restore a backup: leadwake restore FOLDER --force`)
}

function makeFolder(db: string): void {
  try {
    if (existsSync(db) && statSync(db).isDirectory()) throw new Error('that is a folder')
    mkdirSync(dirname(db), { recursive: true, mode: 0o700 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Sentence(
      `cannot keep a database at ${db}: ${reason}; choose another place with LEADWAKE_DB or --db`,
    )
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createLogFile, LOG_LIMIT, openSqliteLog } from '../../collector/log/sqlite.ts'
import { logContract } from './contract.ts'

logContract('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-log-'))
  const path = join(folder, 'x.intake.db')
  const open = async (limit = LOG_LIMIT) => openSqliteLog(path, { now: () => 1_000, waitMs: 10, limit })
  return {
    async create() {
      createLogFile(path, 'log-1')
      return open()
    },
    reopen: open,
    block() {
      const other = new Database(path)
      other.exec('BEGIN IMMEDIATE')
      return () => {
        other.exec('ROLLBACK')
        other.close()
      }
    },
    async remove() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
})

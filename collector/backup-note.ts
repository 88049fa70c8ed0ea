import { readFileSync, writeFileSync } from 'node:fs'

/** That a backup was made: left beside the database, where the collector finds it. */
export interface BackupNote {
  /** ISO 8601. */
  at: string
  folder: string
  /** Bytes of state and log. */
  bytes: number
}

export function noteBackup(path: string, note: BackupNote): void {
  writeFileSync(path, `${JSON.stringify(note)}\n`, { mode: 0o600 })
}

/** Null where no backup was ever noted, or the note cannot be read. */
export function lastBackup(path: string): BackupNote | null {
  try {
    const { at, folder, bytes } = JSON.parse(readFileSync(path, 'utf8'))
    return Number.isNaN(Date.parse(at)) ? null : { at, folder: String(folder), bytes: Number(bytes) }
  } catch {
    return null
  }
}

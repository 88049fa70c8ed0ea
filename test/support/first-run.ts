import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveBuilt } from './process.ts'

/** The files that the built collector's first run leaves, made once and copied for each test. */
export interface FirstRun {
  /** Copies them into a folder; returns the path of the database, which is `x.db`. */
  into(folder: string): string
  remove(): void
}

export async function firstRun(): Promise<FirstRun> {
  const made = mkdtempSync(join(tmpdir(), 'leadwake-first-'))
  const collector = await serveBuilt({ LEADWAKE_DB: join(made, 'x.db') })
  collector.child.kill('SIGTERM')
  await collector.ended
  return {
    into(folder) {
      cpSync(made, folder, { recursive: true })
      return join(folder, 'x.db')
    },
    remove: () => rmSync(made, { recursive: true, force: true }),
  }
}

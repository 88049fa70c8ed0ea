import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = new URL('../..', import.meta.url).pathname

export interface Project {
  folder: string
  remove(): void
}

/** Somebody's project, which installed the built package and nothing else. */
export function projectWithLeadwake(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-project-'))
  const installed = join(folder, 'node_modules/leadwake')
  mkdirSync(installed, { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'))
  cpSync(join(ROOT, 'dist'), join(installed, 'dist'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

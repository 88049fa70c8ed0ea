import { readFileSync } from 'node:fs'
import type { Command } from './command.ts'

/** The package's version; the file lies one level up from a bundle and two from the source. */
export function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version
    } catch {}
  }
  return '0.0.0'
}

export const versionCommand: Command = {
  name: 'version',
  summary: 'Print the version',
  help: 'Usage: leadwake version',
  async run({ print }) {
    print(`leadwake ${version()} on Node ${process.versions.node}`)
    return 0
  },
}

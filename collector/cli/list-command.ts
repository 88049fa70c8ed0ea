import { readConfig } from '../config.ts'
import type { StateReader } from '../store/reader.ts'
import type { Command } from './command.ts'
import { withState } from './perform.ts'

/** A command that lists what the state holds: all as JSON, or a line each, of parts with two blanks between. */
export function listCommand<T>({
  name,
  summary,
  items,
  parts,
}: {
  name: string
  summary: string
  items: (reader: StateReader) => T[]
  parts: (item: T) => string[]
}): Command {
  return {
    name,
    summary,
    help: `Usage: leadwake ${name} [options]

Options:
  --json          as JSON
  --db FILE       database (LEADWAKE_DB, data/leadwake.db)`,
    options: { json: { type: 'boolean' } },
    run({ flags, options, print }) {
      return withState(readConfig(flags), async (_, reader) => {
        const found = items(reader)
        if (options.json) print(JSON.stringify(found))
        else if (found.length === 0) print('There are none.')
        else for (const item of found) print(parts(item).join('  '))
        return 0
      })
    },
  }
}

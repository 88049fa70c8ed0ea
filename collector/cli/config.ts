import { explainConfig } from '../config.ts'
import type { Command } from './command.ts'

export const configCommand: Command = {
  name: 'config',
  summary: 'Show every setting, and where it came from',
  help: `Usage: leadwake config [options]

A flag outweighs the environment, that outweighs leadwake.config.json, that the default. Secrets are masked. Takes
the options of leadwake serve, to see what they would do.

Options:
  --json           as JSON

Exit code: 0 when the settings hold, 1 when one of them is wrong.

Examples:
  leadwake config
  leadwake config --port 8080 --json`,
  options: { json: { type: 'boolean' } },
  async run({ flags, options, print }) {
    const settings = explainConfig(flags)
    if (options.json) print(JSON.stringify(settings))
    else
      for (const { name, variable, flag, value, from } of settings)
        print(
          [
            name.padEnd(12),
            String(value ?? '-').padEnd(24),
            from.padEnd(22),
            [variable, flag].filter(Boolean).join(', '),
          ].join('  '),
        )
    return 0
  },
}

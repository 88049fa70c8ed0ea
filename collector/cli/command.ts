import type { Flags } from '../config.ts'

/** A command of the CLI: one file each. */
export interface Command {
  /** Words that name it, as typed: 'key new'. */
  name: string
  /** One line for the list of commands. */
  summary: string
  /** What `--help` shows: usage, options, examples. */
  help: string
  /** Its own options beside those that every command has. */
  options?: Record<string, { type: 'string' | 'boolean'; short?: string }>
  /** Names of the words that may follow the command. */
  positionals?: string[]
  /** Runs it. Throws a `Sentence` for what the operator has to mend. Returns the exit code once it is done. */
  run(input: Input): Promise<number>
}

export interface Input {
  flags: Flags
  options: Record<string, string | boolean | undefined>
  positionals: string[]
  print: (line: string) => void
}

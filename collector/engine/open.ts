import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Engine } from './engine.ts'
import { openFiles } from './files.ts'
import { openPostgres } from './postgres.ts'

/** The engine that the settings name. Throws a `Sentence` where the operator has to mend something first. */
export async function openEngine(options: {
  config: Config
  logger: Logger
  now?: (() => number) | undefined
}): Promise<Engine> {
  const { config } = options
  const { database } = config
  return database === undefined
    ? openFiles(options)
    : openPostgres({ ...options, config: { ...config, database } })
}

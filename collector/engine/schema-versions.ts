/**
 * How the schema of a shared database goes on from version to version, while collectors of several run on it. Whoever
 * starts first with a newer program brings it up to date, in one transaction. Programs of the version before go on beside
 * it, and may be started, as long as a migration only adds what they leave alone; one that changes what they read or
 * write says that it `breaks` them. From its commit on they project nothing (`leases.ts`) and start no more.
 */
export interface Migration {
  /**
   * What a schema of one version needs to be one of the next. A column that is added may be null or has a default, for
   * older programs write no value for it.
   */
  sql: string
  breaks?: boolean
}

/** From version 1 on. */
export const MIGRATIONS: readonly Migration[] = []

/** The version that these lead to. */
export const versionOfAll = (migrations: readonly Migration[]): number => 1 + migrations.length

/** The oldest version whose programs still work with what these lead to. */
export const oldestOfAll = (migrations: readonly Migration[]): number =>
  migrations.reduce((oldest, { breaks }, i) => (breaks ? i + 2 : oldest), 1)

export const VERSION = versionOfAll(MIGRATIONS)

/** Said by a program that is too old, at its start and while it runs. */
export const TOO_OLD =
  'the database of DATABASE_URL was changed by a newer Leadwake, and this version cannot work with it any more: update this collector'

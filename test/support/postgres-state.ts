import { afterAll, beforeAll } from 'vitest'
import { createPostgresState } from '../../collector/store/postgres/store.ts'
import { TABLES } from '../../collector/store/postgres/tables.ts'
import { database, type TestDatabase } from './postgres.ts'

export interface PostgresState {
  readonly url: string
  readonly sql: ReturnType<TestDatabase['connect']>
  /** Another connection, for the caller to end. */
  connect: TestDatabase['connect']
  /** Removes all rows: to make the tables anew takes longer than most tests. */
  empty(): Promise<void>
}

/** A database with the tables of a state, and a connection to it, for all tests of a file. */
export function postgresState(): PostgresState {
  let at: TestDatabase
  let sql: PostgresState['sql']
  beforeAll(async () => {
    at = await database()
    await createPostgresState(at.url)
    sql = at.connect()
  })
  afterAll(async () => {
    await sql.end()
    await at.remove()
  })
  return {
    get url() {
      return at.url
    },
    get sql() {
      return sql
    },
    connect: (...args) => at.connect(...args),
    async empty() {
      await sql.unsafe(
        Object.keys(TABLES)
          .map((table) => `DELETE FROM ${table}`)
          .join(';'),
      )
    },
  }
}

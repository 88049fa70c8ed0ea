import type postgres from 'postgres'

/** A transaction that lasts until it is told to end. */
export interface Transaction {
  sql: postgres.TransactionSql
  commit(): Promise<void>
  rollback(): Promise<void>
  /** Its connection is no more. */
  lose(): void
  /** Rejects then: the driver forgets what waited to be sent. */
  lost: Promise<never>
}

/** Begins one. */
export async function begin(
  sql: postgres.Sql,
  isolation: 'read committed' | 'serializable',
): Promise<Transaction> {
  const begun = Promise.withResolvers<postgres.TransactionSql>()
  const ending = Promise.withResolvers<void>()
  const ended = sql.begin(`isolation level ${isolation}`, (sql) => {
    begun.resolve(sql)
    return ending.promise
  })
  ended.catch(begun.reject)
  let isLost = false
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  return {
    lost: lost.promise,
    sql: await begun.promise,
    async commit() {
      if (!isLost) ending.resolve()
      await ended
    },
    async rollback() {
      if (!isLost) ending.reject(new Error('rolled back'))
      await ended.catch(() => {})
    },
    lose() {
      isLost = true
      lost.reject(connectionLost())
    },
  }
}

export const connectionLost = (): Error =>
  Object.assign(new Error('the connection was lost'), { code: 'CONNECTION_CLOSED' })

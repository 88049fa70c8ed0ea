import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'
import { isReady } from './postgres-server.ts'

export interface TestDatabase {
  /** Whoever connects with it sees a namespace of its own. */
  url: string
  /** A connection to it. */
  connect(): postgres.Sql
  remove(): Promise<void>
}

/** An empty namespace on the server of this run, or on another one. */
export async function database(port: number = inject('postgresPort')): Promise<TestDatabase> {
  const name = `t${randomBytes(8).toString('hex')}`
  const server = `postgres://leadwake@127.0.0.1:${port}/postgres`
  await isReady(server)
  const url = `${server}?search_path=${name}`
  const connect = () => postgres(url, { onnotice: () => {}, max: 1, types: NUMBERS })
  const admin = connect()
  await admin`CREATE SCHEMA ${admin(name)}`
  return {
    url,
    connect,
    async remove() {
      await admin`DROP SCHEMA ${admin(name)} CASCADE`
      await admin.end()
    },
  }
}

/** Counts and times lie far below 2^53. */
const NUMBERS = { bigint: { to: 20, from: [20, 1700], serialize: String, parse: Number } }

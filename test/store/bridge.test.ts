/** Asking PostgreSQL as if it answered at once. */
import { createServer } from 'node:net'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Bridge, openBridge } from '../../collector/store/postgres/bridge.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

const thread = new URL('../../collector/query-thread.ts', import.meta.url)
let at: TestDatabase
let sql: postgres.Sql
let bridge: Bridge
beforeAll(async () => {
  at = await database()
  sql = at.connect()
  await sql`CREATE TABLE things (no bigint PRIMARY KEY, name text, bytes bytea)`
  await sql`INSERT INTO things VALUES (1, 'one', decode('00ff', 'hex')), (2, NULL, NULL)`
  bridge = openBridge(at.url, { thread })
})
afterEach(() => bridge.end())
afterAll(async () => {
  bridge.close()
  await sql.end()
  await at.remove()
})

const COUNT = ['SELECT count(*) AS n FROM things'] as const
const BACKEND = ['SELECT pg_backend_pid() AS pid'] as const

async function cut(): Promise<void> {
  const pid = bridge.ask([BACKEND])[0]![0]!.pid as number
  // The reader's end notices before the next question: the server says farewell when it is gone.
  await sql`SELECT pg_terminate_backend(${pid}, 5000)`
}

describe('a round', () => {
  it('gives the rows of each query, in the types of JavaScript', () => {
    const [things, sums, none] = bridge.ask([
      ['SELECT no, name, bytes FROM things ORDER BY no'],
      [
        'SELECT sum(no) AS sum, true AS yes, 1.5::double precision AS half, $1::text AS given FROM things',
        'a\0b',
      ],
      ['SELECT no FROM things WHERE no > $1', 7],
    ])
    expect(things).toEqual([
      { no: 1, name: 'one', bytes: Uint8Array.of(0, 255) },
      { no: 2, name: null, bytes: null },
    ])
    expect(sums).toEqual([{ sum: 3, yes: true, half: 1.5, given: 'a␀b' }])
    expect(none).toEqual([])
  })

  it('is planned as the reader wants it, and may write nothing', () => {
    const [jit, scans] = bridge.ask([['SHOW jit'], ['SHOW enable_seqscan']])
    expect([jit, scans]).toEqual([[{ jit: 'off' }], [{ enable_seqscan: 'off' }]])
    expect(() => bridge.ask([['DELETE FROM things']])).toThrow('(25006)')
  })

  it('sees what the round before saw, until the end', async () => {
    const before = bridge.ask([COUNT])
    await sql`INSERT INTO things VALUES (3)`
    expect(bridge.ask([COUNT])).toEqual(before)
    bridge.end()
    expect(bridge.ask([COUNT])).toEqual([[{ n: 3 }]])
    await sql`DELETE FROM things WHERE no = 3`
  })

  it.each([
    ['a statement that does not hold', 'SELECT nothing FROM nowhere', /refused: .*nowhere.*\(42P01\)/],
    ['anything that writes', 'INSERT INTO things VALUES (9)', /refused: .*\(25006\)/],
    [
      'a value, which it does not tell',
      "SELECT 'ada@example.net'::bigint",
      /^the database refused: \(22P02\)$/,
    ],
  ])('refuses %s, and the next one is answered', (_, text, words) => {
    expect(() => bridge.ask([COUNT, [text]])).toThrow(words)
    expect(bridge.ask([COUNT])).toEqual([[{ n: 2 }]])
  })

  it('is answered though the connection was lost since the one before', async () => {
    await cut()
    bridge.end()
    expect(bridge.ask([COUNT])).toEqual([[{ n: 2 }]])
  })

  it('is not answered where the connection was lost in the middle of a question', async () => {
    await cut()
    expect(() => bridge.ask([COUNT])).toThrow('the database is away: nothing can be read until it is back')
    expect(bridge.ask([COUNT])).toEqual([[{ n: 2 }]])
  })
})

it('says so where there is no database', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  const nowhere = openBridge(`postgres://leadwake@127.0.0.1:${port}/postgres`, { thread })
  expect(() => nowhere.ask([COUNT])).toThrow('the database is away')
  expect(() => nowhere.ask([COUNT])).toThrow('the database is away')
  nowhere.close()
})

it('waits so long and no longer, and answers the next', () => {
  const hasty = openBridge(at.url, { thread, waitMs: 1_500 })
  expect(hasty.ask([COUNT])).toEqual([[{ n: 2 }]])
  expect(() => hasty.ask([['SELECT pg_sleep(2)']])).toThrow('the database did not answer within 1.5 seconds')
  expect(hasty.ask([COUNT])).toEqual([[{ n: 2 }]])
  hasty.close()
})

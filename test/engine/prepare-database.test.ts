/** What a database is made into, by however many come at once, and what is said where it cannot be used. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { databaseSentence } from '../../collector/engine/database-error.ts'
import { lookAtDatabase } from '../../collector/engine/look-at-database.ts'
import { mustFitLog, prepareDatabase } from '../../collector/engine/prepare-database.ts'
import { TOO_OLD, VERSION } from '../../collector/engine/schema-versions.ts'
import { sharedSalt } from '../../collector/engine/shared-salt.ts'
import { connect } from '../../collector/postgres-connection.ts'
import { Sentence } from '../../collector/sentence.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

const DAY = 86_400_000

describe('a shared database', () => {
  let at: TestDatabase
  beforeEach(async () => {
    at = await database()
  })
  afterEach(() => at.remove())
  const prepare = (partitions = 4) => prepareDatabase(at.url, { partitions, logHere: true })

  it('is made once by collectors that start together, and keeps its partitions and its key', async () => {
    const made = await Promise.all([2, 3, 4, 5].map(prepare))
    expect(new Set(made.map(({ partitions }) => partitions)).size).toBe(1)
    expect(new Set(made.map(({ suppressionKey }) => suppressionKey.toString('hex'))).size).toBe(1)
    expect(made[0]!.suppressionKey).toHaveLength(32)
    expect((await prepare(64)).partitions).toBe(made[0]!.partitions)
  })

  it('of a newer Leadwake is left alone', async () => {
    expect(await lookAtDatabase(at.url)).toMatchObject({ schema: 'none' })
    await prepare()
    expect(await lookAtDatabase(at.url)).toMatchObject({ schema: 'current', projected: 0, deadLetters: 0 })
    const sql = at.connect()
    await sql`UPDATE leadwake SET version = ${VERSION + 1}, oldest = ${VERSION + 1}`
    await sql.end()
    expect(await lookAtDatabase(at.url)).toMatchObject({ schema: 'newer' })
    await expect(prepare()).rejects.toThrow(TOO_OLD)
  })

  it('that holds other tables of these names is not touched', async () => {
    const sql = at.connect()
    await sql`CREATE TABLE visitors (id text)`
    await sql.end()
    await expect(prepare()).rejects.toThrow('give Leadwake a database or a schema of its own')
  })

  it('that another log was projected into is refused', async () => {
    await prepare()
    const sql = at.connect()
    await sql`INSERT INTO watermarks VALUES (0, 'log-1', 10, 0), (1, 'log-1', 7, 0)`
    await sql.end()
    const fit = (id: string, first: number, last: number) =>
      mustFitLog(at.url, { id, bounds: () => ({ first, last }) })
    await expect(fit('log-2', 1, 10)).rejects.toThrow('was projected from another intake log')
    await expect(fit('log-1', 1, 9)).rejects.toThrow('has seen entry 10, its intake log ends at 9')
    await expect(fit('log-1', 9, 12)).rejects.toThrow('entries 8 to 8 are missing')
    expect(await fit('log-1', 8, 10)).toBe(7)
  })

  it('has one salt a day for all collectors, and none of a day that is over', async () => {
    await prepare()
    const sql = connect(at.url, { max: 1 })
    const [one, other] = [sharedSalt(sql), sharedSalt(sql)]
    const visitor = (of: typeof one, day: number) => of.measured('main', '192.0.2.1', 'a browser', day * DAY)
    await one.agree(100 * DAY)
    await other.agree(100 * DAY)
    expect(visitor(one, 100)).toBe(visitor(other, 100))
    expect(visitor(one, 101)).toBe(visitor(other, 101))
    expect(visitor(one, 100)).not.toBe(visitor(one, 101))
    const before = visitor(one, 101)
    // A collector that begins in the last second of the day finds its salt, also where another is a second ahead.
    await other.agree(101 * DAY)
    const slow = sharedSalt(sql)
    await slow.agree(101 * DAY - 1_000)
    expect(visitor(slow, 100)).toBe(visitor(one, 100))
    await other.agree(101 * DAY + 60_000)
    expect(await sql`SELECT day FROM salts ORDER BY day`).toMatchObject([{ day: 101 }, { day: 102 }])
    // The server's crash empties the table: who still knows the salt brings it back.
    await sql`DELETE FROM salts`
    await one.agree(101 * DAY)
    const late = sharedSalt(sql)
    await late.agree(101 * DAY)
    expect(visitor(late, 101)).toBe(before)
    await sql.end()
  })
})

describe('what is said of a database that cannot be used', () => {
  it.each([
    ['postgres://leadwake@127.0.0.1:9/none', 'nothing listens at that host and port'],
    ['postgres://leadwake@no-such-host.invalid/none', 'its host name is not known'],
  ])('%s', async (url, said) => {
    const refused = await prepareDatabase(url, { partitions: 1, logHere: true }).catch((error) => error)
    expect(refused).toBeInstanceOf(Sentence)
    expect(refused.message).toContain(said)
  })

  it('names the database that is not there, and the user that is not let in', async () => {
    const at = await database()
    const of = (change: (url: URL) => void) => {
      const url = new URL(at.url)
      change(url)
      return prepareDatabase(url.href, { partitions: 1, logHere: true })
    }
    const sql = at.connect()
    const user = `u${new URL(at.url).searchParams.get('search_path')}`
    await sql.unsafe(`CREATE ROLE ${user} LOGIN`)
    try {
      await expect(of((url) => (url.pathname = '/none'))).rejects.toThrow(
        'is not there; create it (createdb)',
      )
      await expect(of((url) => (url.username = 'nobody'))).rejects.toThrow('refuses this user')
      await sql.unsafe(`GRANT USAGE ON SCHEMA ${new URL(at.url).searchParams.get('search_path')} TO ${user}`)
      await expect(of((url) => (url.username = user))).rejects.toThrow('GRANT CREATE ON SCHEMA')
      await expect(of((url) => url.searchParams.set('search_path', 'nowhere'))).rejects.toThrow(
        'has no schema of that name',
      )
    } finally {
      await sql.unsafe(`DROP OWNED BY ${user}`)
      await sql.unsafe(`DROP ROLE ${user}`)
      await sql.end()
      await at.remove()
    }
  })

  it.each([
    ['28P01', 'refuses the password'],
    ['53300', 'has no connection left'],
    ['55P03', 'has tables that somebody holds'],
    ['CONNECT_TIMEOUT', 'does not answer'],
    ['XX999', 'cannot be used: what the server said'],
  ])('%s in one sentence', (code, said) => {
    const error = Object.assign(new Error('what the server said'), { code })
    expect(databaseSentence(error).message).toContain(said)
  })
})

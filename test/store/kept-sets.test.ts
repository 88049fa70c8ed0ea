/** Sets of visitors that a reader has read are not sent again until they were written, and then they are. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keptSets } from '../../collector/store/postgres/kept-sets.ts'
import { postgresReader } from '../../collector/store/postgres/read.ts'
import { createPostgresState } from '../../collector/store/postgres/store.ts'
import { VisitorSet } from '../../collector/store/visitor-set.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

const setOf = (...numbers: number[]): Buffer => {
  const set = new VisitorSet()
  for (const no of numbers) set.add(no)
  return set.encode()
}

describe('kept sets', () => {
  const bytes = new Uint8Array(100)
  const heads = (...stamps: string[]) => stamps.map((stamp, day) => ({ day, part: 0, stamp }))
  /** Days that are asked for again. */
  function asking() {
    const asked: string[] = []
    return {
      asked,
      ask: (query: readonly unknown[]) => {
        asked.push(query[2] as string)
        return [...String(query[2]).matchAll(/\d+/g)].map(([day]) => ({ day: Number(day), part: 0, bytes }))
      },
    }
  }

  it('are asked for once, and again when they have another stamp', () => {
    const kept = keptSets()
    const { asked, ask } = asking()
    expect(kept.of(1, heads('a', 'b', 'c'), ask)).toHaveLength(3)
    kept.of(1, heads('a', 'b', 'c'), ask)
    kept.of(1, heads('a', 'x', 'c'), ask)
    // Those of another site are others.
    kept.of(2, heads('a'), ask)
    expect(asked).toEqual(['{0,1,2}', '{1}', '{0}'])
  })

  it('take no more memory than they may, and are all there all the same', () => {
    const kept = keptSets(250)
    const { asked, ask } = asking()
    expect(kept.of(1, heads('a', 'b', 'c'), ask).map(({ bytes }) => bytes.length)).toEqual([100, 100, 100])
    expect(kept.of(1, heads('a', 'b', 'c'), ask).map(({ bytes }) => bytes.length)).toEqual([100, 100, 100])
    expect(asked).toEqual(['{0,1,2}', '{0}'])
  })
})

describe('a reader of PostgreSQL', () => {
  let at: TestDatabase
  beforeAll(async () => {
    at = await database()
    await createPostgresState(at.url)
  })
  afterAll(() => at.remove())

  it('tells who was there as it is now, also where a row was made anew', async () => {
    const sql = at.connect()
    const reader = postgresReader(at.url, {
      thread: new URL('../../collector/query-thread.ts', import.meta.url),
    })
    const there = () =>
      reader.within(() => reader.state.rollUps.people({ site: 1, from: 0, to: 9 }).all.count)
    const write = (day: number, ...numbers: number[]) => sql`
      INSERT INTO slice_visitors (site, dimension, value_hash, day, part, visitors, version)
      VALUES (1, 'all', md5(''), ${day}, 0, ${setOf(...numbers)}, 1)
      ON CONFLICT (site, dimension, value_hash, day, part) DO UPDATE SET visitors = excluded.visitors, version = slice_visitors.version + 1`
    await write(1, 1, 2)
    await write(2, 2, 3)
    expect(there()).toBe(3)
    await write(2, 2, 3, 4)
    expect(there()).toBe(4)
    // The same length, and as often written: who had it from before would not see that it is another.
    await sql`DELETE FROM slice_visitors WHERE day = 1`
    await write(1, 2, 3)
    expect(there()).toBe(3)
    await sql`DELETE FROM slice_visitors WHERE day = 2`
    expect(there()).toBe(2)
    reader.close()
    await sql.end()
  })
})

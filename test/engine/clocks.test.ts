/** Collectors whose clocks are minutes apart. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedClock } from '../../collector/engine/shared-clock.ts'
import { connect } from '../../collector/postgres-connection.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

const MINUTE = 60_000

describe('the clock of collectors that share a database', () => {
  let at: TestDatabase
  beforeAll(async () => {
    at = await database()
  })
  afterAll(() => at.remove())

  it.each([5 * MINUTE, -5 * MINUTE, 30 * 86_400_000])(
    'is the database’s where a machine’s is %i ms off',
    async (off) => {
      const sql = connect(at.url, { max: 1 })
      const clock = sharedClock(sql, () => Date.now() + off)
      expect(clock.now() - Date.now()).toBeGreaterThanOrEqual(off - 50)
      expect(Math.abs((await clock.agree()) - off)).toBeLessThan(1_000)
      expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000)
      await sql.end()
    },
  )

  it('is the machine’s own where that is right, and does not jump', async () => {
    const sql = connect(at.url, { max: 1 })
    const clock = sharedClock(sql, () => Date.now() + 700)
    expect(await clock.agree()).toBe(0)
    await sql.end()
  })

  it('stays as it was agreed on while the database is away, or answers too late to tell', async () => {
    const sql = connect(at.url, { max: 1 })
    let off = 5 * MINUTE
    let jump = 0
    const clock = sharedClock(sql, () => {
      off += jump
      return Date.now() + off
    })
    const agreed = await clock.agree()
    // Between the question and the answer.
    jump = 3_000
    expect(await clock.agree()).toBe(agreed)
    jump = 0
    await sql.end()
    await expect(clock.agree()).rejects.toThrow()
    expect(clock.now() - (Date.now() + off - agreed)).toBeLessThan(50)
  })
})

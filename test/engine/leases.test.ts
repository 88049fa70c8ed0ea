/** Which of several collectors projects what: fair, one at a time, and taken over when one ends. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Leases, leasesOf, type Standing } from '../../collector/store/postgres/leases.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

const PARTITIONS = 4
let space = 7_000_000

describe('leases of partitions', () => {
  let at: TestDatabase
  let clock: number
  const open: Leases[] = []
  beforeEach(async () => {
    at = await database()
    const sql = at.connect()
    await sql`CREATE TABLE leadwake AS SELECT 1 AS oldest`
    await sql.end()
    clock = 0
    space++
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()))
    await at.remove()
  })

  function collector(): Leases {
    const one = leasesOf(at.url, {
      space,
      partitions: PARTITIONS,
      lost: () => {},
      version: 1,
      now: () => clock,
    })
    open.push(one)
    return one
  }

  /** One look of each in turn, surplus given back, until nothing changes. */
  async function settled(collectors: Leases[]): Promise<Standing[]> {
    let before = ''
    for (;;) {
      const standings: Standing[] = []
      for (const one of collectors) {
        const standing = await one.look()
        if (standing.surplus !== undefined) await one.giveBack(standing.surplus)
        standings.push(standing)
      }
      const now = JSON.stringify(standings)
      if (now === before) return standings
      before = now
    }
  }

  it('are all of the only collector, which leads', async () => {
    const [one] = await settled([collector()])
    expect(one).toEqual({
      held: [0, 1, 2, 3],
      surplus: undefined,
      isLeader: true,
      live: 1,
      isTooOld: false,
    })
  })

  it.each([
    [2, [2, 2]],
    [3, [2, 1, 1]],
    [4, [1, 1, 1, 1]],
    [5, [1, 1, 1, 1, 0]],
  ])('are shared fairly by %i, each held once', async (n, shares) => {
    const collectors = [collector()]
    await settled(collectors)
    for (let i = 1; i < n; i++) collectors.push(collector())
    const standings = await settled(collectors)
    expect(standings.map(({ held }) => held.length).sort((a, b) => b - a)).toEqual(shares)
    expect(standings.flatMap(({ held }) => held).sort()).toEqual([0, 1, 2, 3])
    expect(standings.filter(({ isLeader }) => isLeader)).toHaveLength(1)
    expect(standings.map(({ live }) => live)).toEqual(standings.map(() => n))
  })

  it('go to the others when one ends, its lead too', async () => {
    const [first, second] = [collector(), collector()]
    await settled([first, second])
    await first.close()
    await expect.poll(async () => (await second.look()).held).toEqual([0, 1, 2, 3])
    expect((await second.look()).isLeader).toBe(true)
  })

  it('go to anybody after three seconds where the one whose turn it is does not take them', async () => {
    const [first, idle] = [collector(), collector()]
    await settled([first])
    await idle.look()
    // Has less than the first, and never looks again.
    const { surplus } = await first.look()
    await first.giveBack(surplus!)
    expect((await first.look()).held).toHaveLength(3)
    clock += 3_000
    expect((await first.look()).held).toHaveLength(4)
  })

  it('of another log in the same database are others', async () => {
    const one = collector()
    await settled([one])
    space++
    const [other] = await settled([collector()])
    expect(other!.held).toEqual([0, 1, 2, 3])
  })
})

import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { MOST_VISITS, visitsUnder } from '../../collector/read/visit-stats.ts'
import { migrateState } from '../../collector/store/sqlite/open.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import { random } from '../bench/year.ts'
import { changes, visit, visitor } from './contract.ts'

const T = Date.UTC(2026, 10, 3)
const DAY = 86_400_000
const DAYS = 30
const VISITORS = 3_000

/** Two sites whose visitors take turns, each with some visits within the days. */
const next = random(11)
const there = Array.from({ length: VISITORS }, (_, i) => ({
  visitor: i + 1,
  site: 1 + (i % 3 === 0 ? 1 : 0),
  starts: [
    ...new Set(Array.from({ length: Math.floor(next() * 5) }, () => T + Math.floor(next() * DAYS * DAY))),
  ],
}))
const db = new Database(':memory:')
migrateState(db)
await sqliteStore(db).commit(
  changes({
    visitors: there.map(({ visitor: no, site }) => visitor(no, { site })),
    visits: there.flatMap(({ visitor, starts }) =>
      starts.map((startAt) => ({ visitor, visit: visit(startAt) })),
    ),
  }),
)
const { visitRows } = sqliteReader(db)

it.each([
  [1, 0, DAYS, 1],
  [2, 0, DAYS, 1],
  [1, 3, 10, 2],
  [2, 3, 10, 8],
  [1, 0, DAYS, 128],
  [1, 0, DAYS, 256],
  [3, 0, DAYS, 1],
])('visits of site %i from day %i to %i of every %i. visitor are those', (site, from, to, every) => {
  const [begin, end] = [T + from * DAY, T + to * DAY]
  const wanted = there
    .filter((one) => one.site === site && one.visitor % every === 0)
    .flatMap(({ visitor, starts }) =>
      starts.filter((at) => at >= begin && at < end).map((at) => `${visitor} ${at}`),
    )
  if (site < 3) expect(wanted.length).toBeGreaterThan(0)
  const found = [...visitRows.visits(site, begin, end, every)].map(
    ({ visitor, startAt }) => `${visitor} ${startAt}`,
  )
  expect(found.sort()).toEqual(wanted.sort())
})

it('finds a sample in the index alone, by site, bucket and time', () => {
  const plans: string[] = []
  const watched = new Proxy(db, {
    get: (target, name) =>
      name === 'prepare'
        ? (sql: string) => {
            if (sql.includes('visits_by_bucket'))
              plans.push(
                ...db
                  .prepare(`EXPLAIN QUERY PLAN ${sql}`)
                  .all(1, '[0]', 0, 1, 1)
                  .map((row) => (row as { detail: string }).detail),
              )
            return target.prepare(sql)
          }
        : Reflect.get(target, name),
  })
  sqliteReader(watched)
  expect(plans[0]).toBe(
    'SEARCH found USING COVERING INDEX visits_by_bucket (site=? AND <expr>=? AND start_at>? AND start_at<?)',
  )
})

it.each([
  [0, 1],
  [MOST_VISITS, 1],
  [MOST_VISITS + 1, 2],
  [MOST_VISITS * 2, 2],
  [MOST_VISITS * 5, 8],
  [MOST_VISITS * 300, 512],
])('of %i visits every %i. visitor is looked at', (known, every) => {
  expect(visitsUnder(visitRows, 1, [T, T + DAY], known, {}).every).toBe(every)
})

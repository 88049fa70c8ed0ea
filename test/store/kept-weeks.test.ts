/** A reader keeps the sums of whole weeks until they are written: it must never answer otherwise than one that has just been opened. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  greatest,
  keptWeeks,
  longSpan,
  nobody,
  type Piece,
  type SumRow,
  stampOf,
} from '../../collector/store/kept-weeks.ts'
import { postgresReader } from '../../collector/store/postgres/read.ts'
import { createPostgresState, postgresStore } from '../../collector/store/postgres/store.ts'
import type { StateReader } from '../../collector/store/reader.ts'
import { migrateState, openForReading, openState } from '../../collector/store/sqlite/open.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import type { Changes, StateStore } from '../../collector/store/store.ts'
import { MOST_LISTED, NUMBERS, VisitorSet, VisitorUnion } from '../../collector/store/visitor-set.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { changes, negative, slice } from './contract.ts'

/** A Monday, whole days since 1970. */
const MONDAY = 20_003
const YEAR = { site: 1, from: MONDAY - 3, to: MONDAY + 20 * 7 + 2 }
const SUMS = ['views', 'engagedMs'] as const

/** All that is kept of a span, and what it is put together with. */
const askedOf = ({ rollUps }: StateReader) => {
  rollUps.expect?.(YEAR, [['page', SUMS, 3]])
  return {
    people: rollUps.people(YEAR),
    visitors: rollUps.visitors(YEAR),
    page: rollUps.top(YEAR, 'page', SUMS, 3),
    entry: rollUps.top(YEAR, 'entry', ['visits', 'bounces'], 3),
    currency: rollUps.top(YEAR, 'currency', ['cartValue'], 3),
    other: rollUps.people({ ...YEAR, site: 2 }),
  }
}

/** The same day by day, of which nothing is kept. */
function addedUp({ rollUps }: StateReader) {
  const union = new VisitorUnion()
  for (const { bytes } of rollUps.visitorDays(YEAR)) union.add(bytes)
  const views = new Map<string, number>()
  for (let day = YEAR.from; day <= YEAR.to; day++)
    for (const row of rollUps.top({ site: 1, from: day, to: day }, 'page', SUMS, 1_000))
      views.set(row.value, (views.get(row.value) ?? 0) + row.views)
  const most = [...views].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, 3)
  return { count: union.count().count, most }
}

/** One after the other, each upon those before it. */
const STEPS: [what: string, change: Partial<Changes>][] = [
  [
    'pages, and who was there, in several weeks',
    {
      slices: [
        ...[0, 1, 30, 100].flatMap((day) => [
          slice(5 + day, { day: MONDAY + day, value: `/${day}`, cameIn: [day, 7] }),
          slice(1, { day: MONDAY + day, dimension: 'all', value: '', cameIn: [day, 7] }),
        ]),
        slice(2, { day: MONDAY + 3, dimension: 'entry', value: '/in' }),
        slice(2, { day: MONDAY + 3, dimension: 'currency', value: 'EUR' }),
      ],
    },
  ],
  [
    'somebody else on a day that is long over',
    { slices: [slice(1, { day: MONDAY + 30, dimension: 'all', value: '', cameIn: [9] })] },
  ],
  [
    'somebody who went out of one, and no sum',
    { slices: [{ ...slice(0, { day: MONDAY + 30, dimension: 'all', value: '' }), wentOut: [9] }] },
  ],
  ['a page that was seen again in an old week', { slices: [slice(100, { day: MONDAY + 1, value: '/1' })] }],
  [
    'a page of which all is taken back',
    { slices: [negative(slice(35, { day: MONDAY + 30, value: '/30' }))] },
  ],
  [
    'the days before the first whole week',
    {
      slices: [
        slice(400, { day: YEAR.from, value: '/edge' }),
        slice(1, { day: YEAR.from, dimension: 'all', value: '', cameIn: [70] }),
      ],
    },
  ],
  [
    'the days behind the last one',
    {
      slices: [
        slice(300, { day: YEAR.to, value: '/0' }),
        slice(1, { day: YEAR.to, dimension: 'all', value: '', cameIn: [71] }),
      ],
    },
  ],
  [
    'another site',
    { slices: [slice(1, { site: 2, day: MONDAY + 1, dimension: 'all', value: '', cameIn: [5] })] },
  ],
  ['sums that are dropped', { rollUpsDropped: { site: 1, quarter: 0, day: MONDAY + 80, limit: 1_000 } }],
  [
    'and counted again, as they were',
    {
      slices: [
        slice(105, { day: MONDAY + 100, value: '/100' }),
        slice(1, { day: MONDAY + 100, dimension: 'all', value: '', cameIn: [100] }),
      ],
    },
  ],
]

function readersAgree(
  name: string,
  open: () => Promise<{
    store: StateStore
    reader(): { state: StateReader; ask<T>(answer: () => T): T; close(): void }
    close(): Promise<void>
  }>,
) {
  describe(name, () => {
    let under: Awaited<ReturnType<typeof open>>
    let living: ReturnType<typeof under.reader>
    beforeAll(async () => {
      under = await open()
      living = under.reader()
    })
    afterAll(async () => {
      living.close()
      await under.close()
    })
    let before: unknown
    it.each(STEPS)('answers as a new one after %s', async (_, change) => {
      const seq = (await under.store.watermark()).seq
      await under.store.commit({ ...changes(change), watermark: { logId: 'log-1', seq: seq + 1, now: 1 } })
      const fresh = under.reader()
      const expected = fresh.ask(() => askedOf(fresh.state))
      fresh.close()
      const { count, most } = living.ask(() => addedUp(living.state))
      expect([expected.people.all.count, expected.visitors.count]).toEqual([count, count])
      expect(expected.page.map(({ value, views }) => [value, views])).toEqual(most)
      // Each step makes a difference, or it would tell nothing.
      expect(expected).not.toEqual(before)
      before = expected
      expect(living.ask(() => askedOf(living.state))).toEqual(expected)
      expect(living.ask(() => askedOf(living.state))).toEqual(expected)
    })
  })
}

readersAgree('a reader of SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-kept-'))
  const path = join(folder, 'x.db')
  const db = openState(path, true)
  migrateState(db)
  const store = sqliteStore(db)
  return {
    store,
    reader() {
      const its = openForReading(path)
      return { state: sqliteReader(its), ask: (answer) => answer(), close: () => its.close() }
    },
    async close() {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
})

readersAgree('a reader of PostgreSQL', async () => {
  const at: TestDatabase = await database()
  await createPostgresState(at.url)
  const store = postgresStore(at.url)
  return {
    store,
    reader() {
      const { state, within, close } = postgresReader(at.url, {
        thread: new URL('../../collector/query-thread.ts', import.meta.url),
      })
      return { state, ask: within, close }
    },
    async close() {
      await store.close()
      await at.remove()
    },
  }
})

describe('weeks that are kept', () => {
  const long = longSpan(YEAR)!
  const [first, second] = long.pieces as [Piece, Piece]
  const rows = (n: number): SumRow[] => Array.from({ length: n }, (_, i) => [`/${i}`, i])

  it('are those of a long span in pieces that other spans have, too, with the days around them', () => {
    const { pieces, ...rest } = long
    expect(rest).toEqual({
      site: 1,
      weeks: { from: 2858, to: 2877 },
      before: { from: MONDAY - 3, to: MONDAY - 1 },
      behind: { from: MONDAY + 20 * 7, to: YEAR.to },
    })
    expect(pieces.map(({ weeks }) => [weeks.from, weeks.to])).toEqual([
      [2858, 2859],
      [2860, 2863],
      [2864, 2867],
      [2868, 2871],
      [2872, 2875],
      [2876, 2877],
    ])
    expect(first.days).toEqual({ from: MONDAY, to: MONDAY + 13 })
    const later = longSpan({ ...YEAR, from: YEAR.from + 21, to: YEAR.to + 30 })!
    expect(later.pieces).toContainEqual(pieces[2])
    expect(longSpan({ ...YEAR, to: YEAR.from + 40 })).toBeUndefined()
  })

  it('are another piece as soon as one of them is written', () => {
    const written = new Map([
      [2860, 1],
      [2863, 5],
      [2864, 9],
    ])
    expect([first, second].map((piece) => stampOf(piece, written))).toEqual([0, 6])
  })

  it('are summed once, and again when they were written, of each piece and list', () => {
    const kept = keptWeeks()
    const summed: string[] = []
    const top = (piece: Piece, stamp: number, list: string) =>
      kept.top(piece, stamp, list, () => {
        summed.push(`${piece.site} ${piece.weeks.to} ${stamp} ${list}`)
        return rows(2)
      })
    top(first, 1, 'page')
    expect(kept.has(first, 1, { top: 'page' })).toBe(true)
    expect(top(first, 1, 'page')).toEqual(rows(2))
    top(first, 1, 'exit')
    top(second, 1, 'page')
    top({ ...first, site: 2 }, 1, 'page')
    top(first, 2, 'page')
    top(first, 2, 'page')
    expect(kept.has(first, 2, { top: 'exit' })).toBe(false)
    expect(kept.has(first, 2, 'people')).toBe(false)
    expect(summed).toEqual([
      '1 2859 1 page',
      '1 2859 1 exit',
      '1 2863 1 page',
      '2 2859 1 page',
      '1 2859 2 page',
    ])
  })

  it('take no more memory than they may: those that were asked for longest ago go', () => {
    const kept = keptWeeks(100_000)
    const list = (piece: Piece, n: number) => kept.top(piece, 1, 'page', () => rows(n))
    list(first, 400)
    list({ ...first, site: 2 }, 300)
    kept.people({ ...first, site: 3 }, 1, nobody)
    expect(kept.has(first, 1, { top: 'page' })).toBe(true)
    list({ ...first, site: 4 }, 200)
    // `has` asked for it, too.
    expect(kept.has(first, 1, { top: 'page' })).toBe(true)
    expect(kept.has({ ...first, site: 2 }, 1, { top: 'page' })).toBe(false)
    expect(kept.has({ ...first, site: 4 }, 1, { top: 'page' })).toBe(true)
    // One that is too long alone is there all the same.
    expect(list({ ...first, site: 5 }, 2_000)).toHaveLength(2_000)
  })
})

describe('the greatest of several parts', () => {
  it('are those of all of them together, equal ones by their bytes', () => {
    const values = fc.constantFrom('/', '/a', '/b', '/ä', '/\u{1f600}', '/\ufb01')
    const row = fc.tuple(values, fc.integer({ min: -3, max: 3 }), fc.nat(5))
    const part = fc.uniqueArray(row, { selector: ([value]) => value })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 3 }), fc.integer({ min: 1, max: 4 }), (parts, limit) => {
        const all = new Map<string, [number, number]>()
        for (const [value, a, b] of parts.flat()) {
          const [x, y] = all.get(value) ?? [0, 0]
          all.set(value, [x + a, y + b])
        }
        const expected = [...all]
          .map(([value, sums]) => [value, ...sums] as const)
          .filter(([, first]) => first > 0)
          .sort(([a, x], [b, y]) => y - x || Buffer.from(a).compare(Buffer.from(b)))
          .slice(0, limit)
        expect(greatest(parts, limit)).toEqual(expected)
      }),
    )
  })
})

describe('a copy of a union', () => {
  const setOf = (from: number, count: number) => {
    const set = new VisitorSet()
    for (let i = 0; i < count; i++) set.add(from + i)
    return set.encode()
  }
  it.each([
    ['few', [setOf(1, 3)]],
    ['many', [setOf(1, 2_000), setOf(1_500, 2_000)]],
    ['a sketch', [setOf(1, MOST_LISTED + 10), setOf(9_000, 5)]],
    ['several projectors', [setOf(1, 5), setOf(NUMBERS + 3, 5)]],
  ])('is gone on with by itself: %s', (_, sets) => {
    const union = new VisitorUnion()
    for (const set of sets) union.add(set)
    const before = union.count()
    const copy = union.copy()
    expect(copy.count()).toEqual(before)
    // Beside those who are there, and far behind them.
    const more = [setOf(3_600, 40), setOf(50_000, 40)]
    const joined = (to: VisitorUnion) => more.reduce((to, set) => to.add(set), to).count()
    expect(joined(copy).count).toBeGreaterThan(before.count)
    expect(union.count()).toEqual(before)
    expect(joined(union)).toEqual(copy.count())
    // Put together of parts it is the same, whichever comes first.
    const part = () => sets.reduce((to, set) => to.add(set), new VisitorUnion())
    const rest = () => more.reduce((to, set) => to.add(set), new VisitorUnion())
    expect(part().merge(rest()).count()).toEqual(copy.count())
    expect(rest().merge(part()).count()).toEqual(copy.count())
    expect(new VisitorUnion().merge(part()).count()).toEqual(before)
  })
})

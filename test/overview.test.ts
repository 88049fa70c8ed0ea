/** What the overview is told, over the three months of the demo: kept sums and visits read one by one say the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NumbersAsked } from '../collector/read/numbers.ts'
import { SHOWN_TOPS } from '../collector/read/overview.ts'
import { type Answers, answers } from '../collector/read.ts'
import { openForReading } from '../collector/store/sqlite/open.ts'
import { sqliteReader } from '../collector/store/sqlite/read.ts'
import { STAGES } from '../shared/lead.ts'
import type { TestCollector } from './support/collector.ts'
import { replayedCollector } from './support/replayed.ts'

const NOW = Date.UTC(2026, 10, 20, 15)
let lw: TestCollector
let ask: Answers
let close: () => void
beforeAll(async () => {
  lw = await replayedCollector({ now: NOW, visitors: 1_200 })
  const file = openForReading(lw.db)
  close = () => file.close()
  ask = answers({ state: sqliteReader(file), now: () => NOW })
})
afterAll(async () => {
  close()
  await lw.remove()
})

const about = (rest: Partial<NumbersAsked> = {}) =>
  ask.overview('demo', { to: NOW, period: '28d', compare: 'previous', filters: {}, ...rest })!
/** Everybody stands somewhere: nothing is left out, and yet each visit is read. */
const everybody = { stage: STAGES }

describe('overview', () => {
  it.each(['7d', '28d', '91d', '12mo', 'all'] as const)(
    'of %s is the same from kept sums and from visits',
    (period) => {
      const kept = about({ period })
      const read = about({ period, filters: everybody })
      expect(read.sums).toEqual(kept.sums)
      for (const measure of ['downloads', 'cartAdds'] as const)
        for (const { sums, series } of [kept, read])
          expect(series.reduce((sum, item) => sum + item[measure], 0)).toBe(sums[measure])
      // What is read after midnight counts for its own day there, and for the visit's here.
      const visits = ({ series }: Pick<typeof kept, 'series'>) =>
        series.map(({ at, visits, bounces }) => [at, visits, bounces])
      expect(visits(read)).toEqual(visits(kept))
      expect(visits(read.compare!)).toEqual(visits(kept.compare!))
      expect(read.compare!.sums.visits).toBe(kept.compare!.sums.visits)
      expect(kept.sums.visits).toBeGreaterThan(50)
      for (const top of SHOWN_TOPS) {
        const measure =
          { page: 'pageViews', download: 'downloads', product: 'cartAdds' }[top as string] ?? 'visits'
        const of = (items: typeof kept.tops.page) =>
          items.map((item) => [item.value, item[measure as 'visits']])
        expect([top, of(read.tops[top])]).toEqual([top, of(kept.tops[top])])
      }
    },
  )

  it.each(['source', 'campaign', 'entry', 'country', 'device', 'browser', 'system'] as const)(
    'each row of %s counts what the page counts that is narrowed to it',
    (top) => {
      const { tops } = about({ period: '91d' })
      expect(tops[top].length).toBeGreaterThan(1)
      for (const { value, visits } of tops[top].slice(0, 3)) {
        const narrowed = about({ period: '91d', filters: { [top]: value } })
        expect([value, narrowed.sums.visits]).toEqual([value, visits])
        expect(narrowed.tops[top].map((row) => row.value)).toEqual([value])
      }
    },
  )

  it.each([
    ['download', 'downloads'],
    ['product', 'cartAdds'],
  ] as const)('narrowed to a %s all of it are left', (top, measure) => {
    const [first] = about({ period: '91d' }).tops[top]
    const narrowed = about({ period: '91d', filters: { [top]: first!.value } })
    const left = narrowed.tops[top].find(({ value }) => value === first!.value)
    expect(left![measure]).toBe(first![measure])
    expect(narrowed.sums.visits).toBeLessThanOrEqual(first![measure])
  })

  it('tells downloads and cart adds by the hour', () => {
    const days = Array.from({ length: 10 }, (_, ago) => NOW - ago * 86_400_000)
    const taken = days.map((day) => about({ from: day, to: day, period: undefined as never }))
    expect(taken.every(({ interval }) => interval === 'hour')).toBe(true)
    for (const { sums, series } of taken)
      expect(series.reduce((sum, { downloads, cartAdds }) => sum + downloads + cartAdds, 0)).toBe(
        sums.downloads + sums.cartAdds,
      )
    expect(taken.some(({ sums }) => sums.downloads > 0)).toBe(true)
  })

  it('goes by hours of one day, and by weeks and months of many', () => {
    expect(about({ period: undefined, from: NOW, to: NOW } as never)).toMatchObject({ interval: 'hour' })
    expect(about({ period: '91d' }).interval).toBe('day')
    expect(about({ period: '12mo' }).interval).toBe('week')
  })

  it('knows no site that is not there', () => {
    expect(ask.overview('nobody', { to: NOW, filters: {} })).toBeUndefined()
  })
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cohortsOf, REACHED } from '../collector/read/cohorts.ts'
import type { LeadTimes } from '../collector/store/reader.ts'

const DAY = 86_400_000
const at = (text: string) => Date.parse(text)
const lead = (when: string, rest: Partial<LeadTimes> = {}): LeadTimes => ({
  lead: at(when),
  mql: null,
  sql: null,
  won: null,
  ...rest,
})
const column = (step: string, days: number) =>
  REACHED.findIndex((one) => one.step === step && one.days === days)

it('weeks begin on Monday, and the first where the range does', () => {
  const range = { from: at('2026-11-04'), to: at('2026-11-17T23:59:59.999Z'), now: at('2026-11-17T12:00Z') }
  const { interval, cohorts } = cohortsOf(
    [lead('2026-11-04T09:00Z'), lead('2026-11-09T00:00Z'), lead('2026-11-15T23:59Z')],
    range,
  )
  expect(interval).toBe('week')
  expect(cohorts.map(({ at, leads }) => [at.slice(0, 10), leads])).toEqual([
    ['2026-11-04', 1],
    ['2026-11-09', 2],
    ['2026-11-16', 0],
  ])
})

it('long ranges are told by month', () => {
  const range = { from: at('2026-01-15'), to: at('2026-11-17T23:59:59.999Z'), now: at('2026-11-17T12:00Z') }
  const { interval, cohorts } = cohortsOf([lead('2026-02-28T23:00Z')], range)
  expect(interval).toBe('month')
  expect(cohorts).toHaveLength(11)
  expect(cohorts[1]).toMatchObject({ at: '2026-02-01T00:00:00.000Z', leads: 1 })
})

it('a step counts within its days, to the moment', () => {
  const became = at('2026-01-05T12:00Z')
  const range = { from: at('2026-01-05'), to: at('2026-01-11T23:59:59.999Z'), now: at('2026-11-17') }
  const sqlAt = (sql: number) =>
    cohortsOf([{ lead: became, mql: null, sql, won: null }], range)
      .cohorts[0]!.reached.filter(({ step }) => step === 'sql')
      .map(({ count }) => count)
  expect(sqlAt(became + 30 * DAY)).toEqual([1, 1, 1])
  expect(sqlAt(became + 30 * DAY + 1)).toEqual([0, 1, 1])
  expect(sqlAt(became + 90 * DAY + 1)).toEqual([0, 0, 0])
})

it('is unfinished until the days of its youngest are over', () => {
  // The week ends with Sunday, 11 January: 30 days later is 10 February.
  const isOpen = (now: string) =>
    cohortsOf([], { from: at('2026-01-05'), to: at('2026-01-11T23:59:59.999Z'), now: at(now) }).cohorts[0]!
      .reached[column('mql', 30)]!.isOpen
  expect(isOpen('2026-02-10T23:59:59.999Z')).toBe(true)
  expect(isOpen('2026-02-11T00:00Z')).toBe(false)
})

it('what is finished never changes, and who is counted early is counted later', () => {
  const start = at('2026-01-05')
  const after = fc.option(fc.integer({ min: 0, max: 200 * DAY }), { nil: null })
  const person = fc.record({ on: fc.integer({ min: 0, max: 60 * DAY }), mql: after, sql: after, won: after })
  fc.assert(
    fc.property(fc.array(person, { maxLength: 30 }), fc.integer({ min: 61, max: 400 }), (people, later) => {
      const all = people.map(
        ({ on, mql, sql, won }): LeadTimes => ({
          lead: start + on,
          mql: mql === null ? null : start + on + mql,
          sql: sql === null ? null : start + on + sql,
          won: won === null ? null : start + on + won,
        }),
      )
      // As it was known on a day: what came later had not happened.
      const by = (now: number) => {
        const then = (time: number | null) => (time !== null && time <= now ? time : null)
        const known = all.map(({ lead, mql, sql, won }) => ({
          lead,
          mql: then(mql),
          sql: then(sql),
          won: then(won),
        }))
        return cohortsOf(known, { from: start, to: start + 61 * DAY - 1, now }).cohorts
      }
      const [early, late] = [by(start + 61 * DAY), by(start + later * DAY)]
      early.forEach((cohort, i) => {
        cohort.reached.forEach((one, j) => {
          const then = late[i]!.reached[j]!
          if (one.isOpen) expect(then.count).toBeGreaterThanOrEqual(one.count)
          else expect(then).toEqual(one)
        })
      })
      expect(early.reduce((sum, { leads }) => sum + leads, 0)).toBe(all.length)
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { curve } from '../../collector/lead/curve.ts'
import { addDelta, cellDelta, foldCells } from '../../collector/lead/ledger.ts'
import { engagement } from '../../collector/lead/score.ts'
import type { Cell } from '../../collector/lead/state.ts'
import { at, DAY_0, happen, standard } from './standard.ts'

const rules = standard()

function cellsOf(told: [day: number, signal: string][]): Cell[] {
  const cells = new Map<string, Cell>()
  for (const [day, signal] of told)
    for (const occurrence of happen(signal, at(day, 9))) {
      const key = `${day} ${signal}`
      cells.set(key, addDelta(cells.get(key), cellDelta(occurrence, cells.get(key)?.keys ?? [])))
    }
  return [...cells.values()]
}

test('rises with what is done, falls with time', () => {
  const cells = cellsOf([
    [2, 'checkout_view'],
    [4, 'demo_requested'],
  ])
  const points = curve(cells, DAY_0, DAY_0 + 25, rules)
  expect(points).toHaveLength(26)
  expect(points.slice(0, 3)).toEqual([0, 0, 1500])
  expect(points[4]!).toBeGreaterThan(points[3]!)
  expect(points[3]!).toBeLessThan(points[2]!)
  expect(points[25]!).toBeLessThan(points[4]!)
})

test('each day is the score that the cells up to that day make', () => {
  const signal = fc.constantFrom(
    'visit',
    'pricing_view',
    'service_view',
    'checkout_view',
    'demo_requested',
    'download',
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), signal), { maxLength: 30 }),
      fc.integer({ min: 0, max: 45 }),
      fc.integer({ min: 0, max: 30 }),
      (told, first, more) => {
        const cells = cellsOf(told)
        const points = curve(cells, DAY_0 + first, DAY_0 + first + more, rules)
        points.forEach((total, i) => {
          const day = DAY_0 + first + i
          const known = cells.filter((cell) => cell.day <= day)
          expect(total).toBe(engagement(foldCells(known, rules), day, rules).total)
        })
      },
    ),
  )
})

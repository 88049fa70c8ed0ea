import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JITTER, nextTry, retryAfterMs, WAITS } from '../../collector/webhook/tries.ts'

const NOW = Date.UTC(2026, 10, 3, 9)
const HOUR = 3_600_000

describe('nextTry', () => {
  it('waits 0 s, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, then gives up', () => {
    const waits = Array.from({ length: 11 }, (_, made) => nextTry(made, NOW, 0)).map((at) =>
      at === null ? null : (at - NOW) / 1_000,
    )
    expect(waits).toEqual([0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, null])
    expect(WAITS.reduce((sum, wait) => sum + wait, 0) / HOUR).toBeCloseTo(75.58, 2)
  })

  it('is never sooner than the plan, and later by a tenth at most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (made, random) => {
          const wait = nextTry(made, NOW, random)! - NOW
          expect(wait).toBeGreaterThanOrEqual(WAITS[made]!)
          expect(wait).toBeLessThanOrEqual(WAITS[made]! * (1 + JITTER) + 1)
        },
      ),
    )
  })

  it('waits as long as the receiver asks, a day at most', () => {
    expect(nextTry(1, NOW, 0, 60_000)! - NOW).toBe(60_000)
    expect(nextTry(1, NOW, 0, 1_000)! - NOW).toBe(5_000)
    expect(nextTry(1, NOW, 0, 1_000 * HOUR)! - NOW).toBe(24 * HOUR)
    expect(nextTry(10, NOW, 0, 60_000)).toBeNull()
  })
})

it.each([
  [undefined, null],
  ['120', 120_000],
  [' 7 ', 7_000],
  ['0', 0],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['99999999999', null],
  [new Date(NOW + 90_000).toUTCString(), 90_000],
  [new Date(NOW - 90_000).toUTCString(), 0],
])('Retry-After: %s', (header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms)
})

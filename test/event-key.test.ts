import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { engageKey, eventKey } from '../collector/event-key.ts'
import { eventId, START } from './support/collector.ts'

const RANGE = 2 ** 47

describe('eventKey', () => {
  it('takes the snippet’s ids apart without loss', () => {
    expect(eventKey(eventId(START, 12_345))).toEqual({ ms: START, key: 12_345 })
    expect(eventKey(eventId(START, 1e9 - 1))).toEqual({ ms: START, key: 1e9 - 1 })
  })

  it('reads the snippet’s digits as Number does', () => {
    const digits = fc.string({
      unit: fc.constantFrom(...'0123456789'),
      minLength: 22,
      maxLength: 22,
    })
    fc.assert(
      fc.property(digits, (id) => {
        const key = Number(id.slice(13))
        expect(eventKey(id)).toEqual({ ms: Number(id.slice(0, 13)), key })
      }),
    )
  })

  it('orders them by time', () => {
    const keys = [START + 2, START, START + 1].map((at) => eventKey(eventId(at, 1)).ms)
    expect(keys.sort((a, b) => a - b)).toEqual([START, START + 1, START + 2])
  })

  const foreign = ['a', 'order-4711', 'x'.repeat(64), 'ABCDEFGHIJKLMNOPQ', '0'.repeat(18), 'demo_requested:1']
  it.each(foreign)('hashes %s to a number that sorts first and fits into six bytes', (id) => {
    const { ms, key } = eventKey(id)
    expect(ms).toBe(0)
    expect(Number.isSafeInteger(key)).toBe(true)
    expect(key).toBeGreaterThanOrEqual(0)
    expect(key).toBeLessThan(RANGE)
    expect(eventKey(id)).toEqual({ ms, key })
  })

  it('tells a hundred thousand foreign ids apart', () => {
    const keys = new Set(Array.from({ length: 100_000 }, (_, n) => eventKey(`order-${n}`).key))
    expect(keys.size).toBe(100_000)
  })
})

describe('engageKey', () => {
  const page = eventKey(eventId(START, 7))
  it('is the same for the same total and another for each other one', () => {
    expect(engageKey(page, 30_000, 50)).toEqual(engageKey(page, 30_000, 50))
    const others = [
      engageKey(page, 30_001, 50),
      engageKey(page, 30_000, 51),
      engageKey(eventKey(eventId(START, 8)), 30_000, 50),
      page,
    ]
    for (const other of others) expect(other).not.toEqual(engageKey(page, 30_000, 50))
  })

  it('lies beside its page view', () => {
    expect(engageKey(page, 1, 0).ms).toBe(START)
  })
})

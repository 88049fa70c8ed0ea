import { describe, expect, it } from 'vitest'
import { inWeeks, weekOf } from '../collector/store/weeks.ts'
import { isZone, zoneOf } from '../collector/zone.ts'

const DAY = 86_400_000
const day = (iso: string) => Date.parse(iso) / DAY

describe('a day of a time zone', () => {
  it.each([
    ['UTC', '2026-11-03T23:59:59.999Z', '2026-11-03'],
    ['Europe/Berlin', '2026-11-03T22:59:59.999Z', '2026-11-03'],
    ['Europe/Berlin', '2026-11-03T23:00:00Z', '2026-11-04'],
    ['Europe/Berlin', '2026-07-03T22:00:00Z', '2026-07-04'],
    ['America/New_York', '2026-11-03T04:59:00Z', '2026-11-02'],
    ['Asia/Kathmandu', '2026-11-03T18:14:59Z', '2026-11-03'],
    ['Asia/Kathmandu', '2026-11-03T18:15:00Z', '2026-11-04'],
    ['Pacific/Kiritimati', '2026-11-03T10:00:00Z', '2026-11-04'],
  ])('in %s at %s is %s', (name, at, expected) => {
    expect(zoneOf(name).dayOf(Date.parse(at))).toBe(day(expected))
  })

  it.each([
    ['UTC', '2026-11-03', '2026-11-03T00:00:00.000Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['Europe/Berlin', '2026-03-30', '2026-03-29T22:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-04', '2026-11-03T18:15:00.000Z'],
    ['Pacific/Pago_Pago', '2026-11-04', '2026-11-04T11:00:00.000Z'],
    // There the clocks go forward at midnight: the day begins at 01:00.
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z'],
  ])('in %s, %s begins at %s', (name, date, expected) => {
    expect(new Date(zoneOf(name).startOf(day(date))).toISOString()).toBe(expected)
  })

  it('has a name that the IANA database knows', () => {
    expect(['UTC', 'Europe/Berlin'].every(isZone)).toBe(true)
    expect(['', 'Berlin', '+01:00', '../etc'].some(isZone)).toBe(false)
  })
})

describe('days as weeks', () => {
  it('begin on Monday', () => {
    expect(weekOf(day('2026-11-08'))).toBe(weekOf(day('2026-11-02')))
    expect(weekOf(day('2026-11-09'))).toBe(weekOf(day('2026-11-02')) + 1)
  })

  it('cover each day of a span once', () => {
    const start = day('2026-10-30')
    for (let from = start; from < start + 8; from++) {
      for (let to = from; to < from + 40; to++) {
        const { weeks, before, behind } = inWeeks(from, to)
        const days = [before, behind].flatMap((part) => list(part.from, part.to))
        const whole = list(from - 7, to + 7).filter(
          (one) => weekOf(one) >= weeks.from && weekOf(one) <= weeks.to,
        )
        expect([...days, ...whole].sort((a, b) => a - b)).toEqual(list(from, to))
      }
    }
  })
})

const list = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checker } from '../../collector/lead/check.ts'
import { readSales, type SalesDocument } from '../../collector/lead/working-hours.ts'

const sales = (document?: SalesDocument) => {
  const check = checker()
  const read = readSales(check, document)
  expect(check.errors).toEqual([])
  return read
}
const week = (span: string) => ({ mon: span, tue: span, wed: span, thu: span, fri: span })
const BERLIN: SalesDocument = { zone: 'Europe/Berlin', hours: week('09:00-17:00') }
const ALWAYS = { ...week('00:00-24:00'), sat: '00:00-24:00', sun: '00:00-24:00' }

describe('when an SQL is due', () => {
  it.each<[string, SalesDocument | undefined, string, boolean, string]>([
    // 2 November 2026 is a Monday.
    ['in office hours', undefined, '2026-11-02T09:00:00Z', true, '2026-11-02T13:00:00Z'],
    ['before they begin', undefined, '2026-11-02T03:00:00Z', true, '2026-11-02T13:00:00Z'],
    ['late in the day', undefined, '2026-11-02T15:30:00Z', true, '2026-11-03T11:30:00Z'],
    ['after work', undefined, '2026-11-02T19:00:00Z', true, '2026-11-03T13:00:00Z'],
    ['late on a Friday', undefined, '2026-11-06T16:00:00Z', true, '2026-11-09T12:00:00Z'],
    ['on a Sunday', undefined, '2026-11-08T12:00:00Z', true, '2026-11-09T13:00:00Z'],
    ['without a hand-raise: three days', undefined, '2026-11-02T09:00:00Z', false, '2026-11-04T17:00:00Z'],
    ['... over a weekend', undefined, '2026-11-05T13:00:00Z', false, '2026-11-10T13:00:00Z'],
    ['in another zone', BERLIN, '2026-11-02T15:30:00Z', true, '2026-11-03T11:30:00Z'],
    // Clocks go back on Sunday 25 October 2026 and forward on Sunday 28 March 2027.
    ['over a weekend on which clocks go back', BERLIN, '2026-10-23T14:00:00Z', true, '2026-10-26T11:00:00Z'],
    ['over one on which they go forward', BERLIN, '2027-03-26T15:00:00Z', true, '2027-03-29T10:00:00Z'],
    [
      'by night, while an hour comes twice',
      { zone: 'Europe/Berlin', hours: { sat: '20:00-24:00', sun: '00:00-06:00' } },
      '2026-10-24T20:00:00Z',
      true,
      '2026-10-25T00:00:00Z',
    ],
    [
      'by night, while an hour is missing: it is no working time',
      {
        zone: 'Europe/Berlin',
        hours: { sun: '00:00-06:00', mon: '09:00-17:00' },
        slaHours: { handRaise: 6 },
      },
      '2027-03-27T20:00:00Z',
      true,
      '2027-03-29T08:00:00Z',
    ],
    [
      'with other hours',
      { slaHours: { handRaise: 1 } },
      '2026-11-02T09:00:00Z',
      true,
      '2026-11-02T10:00:00Z',
    ],
    ['at once', { slaHours: { handRaise: 0 } }, '2026-11-02T09:30:00Z', true, '2026-11-02T09:30:00Z'],
    [
      'half an hour west of others',
      { zone: 'America/St_Johns' },
      '2026-11-02T12:00:00Z',
      true,
      '2026-11-02T16:30:00Z',
    ],
  ])('%s', (_, document, at, raised, due) => {
    expect(new Date(sales(document).dueAt(Date.parse(at), raised)).toISOString()).toBe(
      due.replace('Z', '.000Z'),
    )
  })

  it('is a whole ms, whatever share of an hour is allowed', () => {
    const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) })
    fc.assert(
      fc.property(moment, fc.double({ min: 0, max: 100, noNaN: true }), (at, other) => {
        expect(sales({ slaHours: { other } }).dueAt(at, false)).toSatisfy(Number.isInteger)
      }),
    )
  })

  it('is the plain time where work never ends, whatever the clocks do', () => {
    const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) })
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe')
    fc.assert(
      fc.property(moment, zone, fc.nat(100), (at, zone, hours) => {
        const { dueAt } = sales({ zone, hours: ALWAYS, slaHours: { other: hours } })
        expect(dueAt(at, false)).toBe(at + hours * 3_600_000)
      }),
    )
  })

  it('never lies before, and later ones are due no earlier', () => {
    const { dueAt } = sales(BERLIN)
    const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) })
    fc.assert(
      fc.property(moment, fc.nat(9e8), fc.boolean(), (at, later, raised) => {
        expect(dueAt(at, raised)).toBeGreaterThan(at)
        expect(dueAt(at + later, raised)).toBeGreaterThanOrEqual(dueAt(at, raised))
      }),
    )
  })
})

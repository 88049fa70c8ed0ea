import { describe, expect, test } from 'vitest'
import { formatsOf } from '../../collector/dashboard/format.ts'
import { NOW } from './fakes.ts'

const en = formatsOf('en', 'UTC')
const de = formatsOf('de', 'Europe/Berlin')

test.each([
  [0, '0 s'],
  [499, '0 s'],
  [45_000, '45 s'],
  [59_700, '1 min'],
  [252_000, '4 min 12 s'],
  [3_600_000, '1 h'],
  [47_100_000, '13 h 5 min'],
  [1_234_567_000, '14 d 6 h'],
  [400_000_000_000, '4,629 d 15 h'],
])('%i ms lasts %s', (ms, words) => {
  expect(en.duration(ms)).toBe(words)
})

test.each([
  [8, '+8.00'],
  [-9.891, '\u22129.89'],
  [0.001, '0.00'],
  [-0.001, '0.00'],
])('%d points read %s', (points, words) => {
  expect(en.points(points)).toBe(words)
})

test.each([
  ['2025-11-21T11:59:30Z', 'just now'],
  ['2025-11-21T12:00:30Z', 'just now'],
  ['2025-11-21T11:18:00Z', '42 minutes ago'],
  ['2025-11-21T07:00:00Z', '5 hours ago'],
  ['2025-11-20T11:00:00Z', 'yesterday'],
  ['2025-10-01T12:00:00Z', '1 Oct'],
  ['2024-10-01T12:00:00Z', '1 Oct 2024'],
  ['never', 'never'],
])('%s was %s', (iso, words) => {
  expect(en.ago(iso, NOW)).toBe(words)
})

describe('a moment', () => {
  test.each<[string, typeof en, keyof typeof en & ('clock' | 'dayKey' | 'longDay'), string]>([
    ['UTC', en, 'clock', '23:30'],
    ['UTC', en, 'dayKey', '2025-11-20'],
    ['UTC', en, 'longDay', 'Thursday, 20 November 2025'],
    ['Berlin', de, 'clock', '00:30'],
    ['Berlin', de, 'dayKey', '2025-11-21'],
    ['Berlin', de, 'longDay', 'Freitag, 21. November 2025'],
  ])('is told by the clock of %s', (_zone, formats, how, words) => {
    expect(formats[how]('2025-11-20T23:30:00Z')).toBe(words)
  })

  test('belongs to the day of its zone', () => {
    expect(en.day('2025-11-20T23:59:59Z', NOW)).toBe('20 Nov')
    expect(de.day('2025-11-20T23:59:59Z', NOW)).toBe('21. Nov.')
    expect(de.day('2024-12-31T23:30:00Z', NOW)).toBe('1. Jan.')
  })
})

test('German numbers have German signs', () => {
  expect([de.count(61_207), de.points(-9.891), de.score(71.84), de.ago('2025-11-20T11:00:00Z', NOW)]).toEqual(
    ['61.207', '\u22129,89', '71,8', 'gestern'],
  )
  expect(de.country('DE')).toBe('Deutschland')
})

test('a share of nothing is a dash', () => {
  expect(en.share(0, 0)).toBe('\u2013')
  expect(en.share(2, 5)).toBe('40%')
})

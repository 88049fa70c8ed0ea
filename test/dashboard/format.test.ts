import { expect, test } from 'vitest'
import {
  formatAgo,
  formatDay,
  formatDuration,
  formatPoints,
  formatShare,
} from '../../collector/dashboard/format.ts'
import { NOW } from './fakes.ts'

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
  expect(formatDuration(ms)).toBe(words)
})

test.each([
  [8, '+8.00'],
  [-9.891, '\u22129.89'],
  [0.001, '0.00'],
  [-0.001, '0.00'],
])('%d points read %s', (points, words) => {
  expect(formatPoints(points)).toBe(words)
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
  expect(formatAgo(iso, NOW)).toBe(words)
})

test('a moment belongs to its UTC day', () => {
  expect(formatDay('2025-11-20T23:59:59Z', NOW)).toBe('20 Nov')
})

test('a share of nothing is a dash', () => {
  expect(formatShare(0, 0)).toBe('\u2013')
  expect(formatShare(2, 5)).toBe('40%')
})

import { expect, it } from 'vitest'
import { rateLimit } from '../collector/rate.ts'
import { START } from './support/collector.ts'

const IP = '203.0.113.9'
/** How many of so many pass at one moment. */
const passed = (limit: ReturnType<typeof rateLimit>, ip: string, n: number, at: number) =>
  Array.from({ length: n }, () => limit(ip, at)).filter((wait) => wait === 0).length

it('lets a burst of ten seconds pass, then the rate, and says how long to wait', () => {
  const limit = rateLimit({ perSecond: 5 })
  expect(passed(limit, IP, 100, START)).toBe(50)
  expect(limit(IP, START)).toBe(1)
  expect(passed(limit, IP, 100, START + 1_000)).toBe(5)
  expect(passed(limit, IP, 100, START + 4_000)).toBe(15)
  expect(passed(limit, IP, 100, START + 3_600_000)).toBe(50)
})

it('says a wait after which it does take one', () => {
  const limit = rateLimit({ perSecond: 1 })
  passed(limit, IP, 10, START)
  const wait = limit(IP, START + 1)
  expect(wait).toBe(1)
  expect(limit(IP, START + 1 + wait * 1_000)).toBe(0)
})

it('holds clients apart, and a /64 of IPv6 together', () => {
  const limit = rateLimit({ perSecond: 1 })
  expect(passed(limit, IP, 20, START)).toBe(10)
  expect(passed(limit, '203.0.113.10', 20, START)).toBe(10)
  expect(passed(limit, '2001:db8::1', 6, START)).toBe(6)
  expect(passed(limit, '2001:db8::ffff', 20, START)).toBe(4)
  expect(passed(limit, '2001:db8:0:1::1', 20, START)).toBe(10)
})

it('does not shut anybody out when the clock is set back', () => {
  const limit = rateLimit({ perSecond: 1 })
  passed(limit, IP, 20, START)
  expect(limit(IP, START - 3_600_000)).toBe(0)
})

it('never limits loopback, and nobody where it is turned off', () => {
  expect(passed(rateLimit({ perSecond: 1 }), '127.0.0.1', 1_000, START)).toBe(1_000)
  expect(passed(rateLimit({ perSecond: 0 }), IP, 1_000, START)).toBe(1_000)
})

it('forgets forged addresses before it grows, and still limits who goes on', () => {
  const limit = rateLimit({ perSecond: 1, remembered: 100 })
  expect(passed(limit, IP, 20, START)).toBe(10)
  for (let i = 0; i < 90; i++) limit(`198.51.100.${i}`, START)
  expect(limit(IP, START)).toBe(1)
  for (let i = 0; i < 1_000; i++) limit(`10.${i >> 8}.${i & 255}.1`, START)
  // Pushed out, it begins anew: forging costs an attacker what it costs, and the collector no memory.
  expect(limit(IP, START)).toBe(0)
})

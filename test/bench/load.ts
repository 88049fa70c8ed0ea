import autocannon from 'autocannon'
import { BROWSER } from '../support/user-agent.ts'

export interface Load {
  /** Answers per second. */
  rate: number
  total: number
  /** Latency of the answer, ms. */
  p50: number
  p99: number
  failed: number
}

/** Visitors that the beacons come from; each sends several events. */
const VISITORS = 20_000
const PATHS = [
  '/',
  '/pricing',
  '/services/consulting',
  '/services/audit',
  '/blog/ten-ways',
  '/about',
  '/contact',
  '/products/a',
]

let serial = 0

/** A beacon of so many page views, about 450 bytes for one, never the same twice. */
export function beacon(site: string, events = 1): string {
  const now = Date.now()
  const visitor = `v${((serial + 1) * 7919) % VISITORS}`.padEnd(22, 'x')
  const e = Array.from({ length: events }, () => view(now, ++serial))
  return JSON.stringify({ s: site, v: visitor, t: now, w: 1920, e })
}

function view(now: number, n: number): unknown[] {
  const path = PATHS[n % PATHS.length]
  return [
    'p',
    `${now}`.padStart(13, '0') + `${n}`.padStart(9, '0'),
    now,
    `https://www.example-industrial-supplies.com${path}?utm_source=newsletter&utm_medium=email&utm_campaign=autumn-2026-product-launch`,
    'Industrial supplies for people who build machines: pumps, valves, sensors and spare parts | Example Industrial Supplies, since 1986',
    'https://www.google.com/search/results/industrial',
    'page',
  ]
}

/** Sends beacons over 64 connections, as fast as they are answered, or so many a second, for so long. */
export async function load(
  origin: string,
  seconds: number,
  site = 'main',
  connections = 64,
  userAgent = BROWSER,
  events = 1,
  rate?: number,
): Promise<Load> {
  const result = await autocannon({
    url: `${origin}/v1/in`,
    connections,
    duration: seconds,
    ...(rate !== undefined && { overallRate: Math.round(rate) }),
    method: 'POST',
    headers: {
      'content-type': 'text/plain',
      'user-agent': userAgent,
      origin: 'https://www.example-industrial-supplies.com',
    },
    requests: [{ setupRequest: (request) => ({ ...request, body: beacon(site, events) }) }],
  })
  return {
    rate: result.requests.total / seconds,
    total: result['2xx'],
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors,
  }
}

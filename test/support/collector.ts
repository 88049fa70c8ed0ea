import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Collector, startCollector } from '../../collector/collector.ts'
import type { Config } from '../../collector/config.ts'
import { buildSnippet } from '../../snippet/build.ts'
import { BROWSER } from './user-agent.ts'

export { BROWSER }
export const DAY = 86_400_000
/** Tuesday 3 November 2026, 09:00 UTC. */
export const START = Date.UTC(2026, 10, 3, 9)

export interface TestCollector extends Collector {
  key: string
  db: string
  /** The collector's clock, ms; move it forward to pretend another day. */
  clock: { now: number }
  /** A call with the key; parses the JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }>
  /** A beacon as a browser sends it. */
  beacon(body: unknown, headers?: Record<string, string>): Promise<Response>
  /** Asks until the answer satisfies: projection is a few ms behind the acknowledgement. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  until(path: string, holds: (body: any) => boolean): Promise<any>
  /** Stops it and removes its files. */
  remove(): Promise<void>
}

export interface TestOptions {
  db?: string
  now?: number
  demo?: boolean
  rules?: string
  config?: Partial<Config>
  /** Bytes. */
  walAlarm?: number
}

const POLL_MS = 3
/** Between two questions whether it is so now. Asked without, they would take the processor from what they wait for. */
export const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS))

let snippet: Promise<string> | undefined

/** A real collector with its threads and files, on a free port, in a folder of its own. */
export async function testCollector({
  db,
  now = START,
  demo = false,
  rules,
  config = {},
  walAlarm,
}: TestOptions = {}): Promise<TestCollector> {
  const folder = db ? undefined : mkdtempSync(join(tmpdir(), 'leadwake-'))
  const path = db ?? join(folder!, 'x.db')
  const clock = { now }
  const key = 'lw_a-key-for-tests-only-1234'
  snippet ??= buildSnippet()
  const collector = await startCollector({
    config: {
      host: '127.0.0.1',
      port: 0,
      db: path,
      site: 'main',
      adminKey: key,
      rules,
      trustProxy: [],
      rate: 50,
      apiRate: 0,
      staff: [],
      refuseNets: undefined,
      webdriver: 'refuse',
      connections: 10_000,
      logKeep: 0,
      logLimit: 1024,
      geo: undefined,
      webhookAllow: [],
      smtp: undefined,
      mailFrom: 'leadwake@localhost',
      demo,
      ...config,
    },
    snippet: await snippet,
    version: '0.0.0',
    logger: pino({ level: 'silent' }),
    now: () => clock.now,
    ...(walAlarm !== undefined && { walAlarm }),
  })
  const call: TestCollector['call'] = async (method, url, body) => {
    const response = await collector.request(url, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  return {
    ...collector,
    key,
    db: path,
    clock,
    call,
    async beacon(body, headers = {}) {
      return collector.request('/v1/in', {
        method: 'POST',
        headers: { 'user-agent': BROWSER, 'content-type': 'text/plain', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
    },
    async until(url, holds) {
      for (;;) {
        const { body } = await call('GET', url)
        if (holds(body)) return body
        await pause()
      }
    },
    async remove() {
      await collector.stop()
      if (folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** An id as the snippet makes it, for an event at `at`. */
export function eventId(at: number, n: number): string {
  return `${at}`.padStart(13, '0') + `${n}`.padStart(9, '0')
}

/** The body of a beacon that is sent at `at` and holds these events. */
export function beaconOf(at: number, events: unknown[], rest: Record<string, unknown> = {}) {
  return { s: 'main', v: 'visitor-1', t: at, e: events, ...rest }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { conservation, samplesOf } from '../support/metrics.ts'
import { type CollectorProcess, drained, serveBuilt } from '../support/process.ts'
import { pageBeacon, post, traffic, until } from '../support/traffic.ts'
import { BROWSER } from '../support/user-agent.ts'
import { fuzz } from './fuzzing.ts'
import { bytesOf, hold, pipeline } from './wire.ts'

/** 5,000 connections and a million beacons in the long form (`npm run test:attack`). */
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 800)
const BEACONS = Number(process.env.BEACONS ?? 50_000)

let folder: string
let collector: CollectorProcess
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-attack-'))
  collector = await serveBuilt({ LEADWAKE_DB: join(folder, 'x.db'), LEADWAKE_TRUST_PROXY: '127.0.0.1' })
})
afterEach(async () => {
  collector.child.kill('SIGTERM')
  const code = await collector.ended
  rmSync(folder, { recursive: true, force: true })
  expect(code).toBe(0)
})

/** Beacons of a visitor go on being taken while an attack is under way. */
async function goodTrafficGoesOn(n = 100): Promise<void> {
  const statuses = new Set<number | undefined>()
  for (let i = 0; i < n; i++) statuses.add((await post(collector.origin, pageBeacon()))?.status)
  expect([...statuses]).toEqual([204])
}

async function nothingIsLost(): Promise<void> {
  await drained(collector.origin)
  expect(await conservation(collector.origin)).toMatchObject({
    unaccounted: 0,
    pending: 0,
    'dead-lettered': 0,
  })
}

const resident = async (): Promise<number> =>
  samplesOf(await (await fetch(`${collector.origin}/metrics`)).text()).leadwake_process_resident_memory_bytes!

describe('good traffic goes on under', () => {
  it(`${CONNECTIONS} connections that send their headers or bodies slowly`, async () => {
    const attack = hold(collector.origin, CONNECTIONS, (socket, i) => {
      socket.write(
        i % 2 === 0
          ? 'POST /v1/in HTTP/1.1\r\nhost: x\r\nx-a'
          : 'POST /v1/in HTTP/1.1\r\nhost: x\r\ncontent-length: 400\r\n\r\n{',
      )
      const drip = setInterval(() => socket.write('a'), 1_000)
      socket.once('close', () => clearInterval(drip))
    })
    await until(() => attack.open === CONNECTIONS)
    await goodTrafficGoesOn()
    // Those that have not sent their headers within ten seconds are ended by the collector.
    await until(() => attack.ended >= CONNECTIONS / 2)
    await goodTrafficGoesOn()
    attack.end()
    await nothingIsLost()
  }, 60_000)

  it('compressed bodies that would unpack to gigabytes', async () => {
    const before = await resident()
    const bombs = [1e6, 15e6, 100e6].map((size) =>
      bytesOf({
        body: gzipSync(Buffer.alloc(size)),
        headers: { 'content-encoding': 'gzip', 'user-agent': BROWSER, 'x-forwarded-for': '192.0.2.7' },
      }),
    )
    for (let i = 0; i < 20; i++) expect(await pipeline(collector.origin, bombs)).toEqual([413, 413, 413])
    await goodTrafficGoesOn()
    expect((await resident()) - before).toBeLessThan(100e6)
    await nothingIsLost()
  })

  it('headers of 16 kB and more', async () => {
    const large = (bytes: number) =>
      bytesOf({ body: pageBeacon(), headers: { 'user-agent': BROWSER, 'x-long': 'a'.repeat(bytes) } })
    expect(await pipeline(collector.origin, [large(15_000)])).toEqual([204])
    for (let i = 0; i < 100; i++) expect(await pipeline(collector.origin, [large(20_000)])).toEqual([431])
    await goodTrafficGoesOn()
    await nothingIsLost()
  })

  it('ten thousand forged X-Forwarded-For of one client, who is told to wait', async () => {
    const statuses: Record<number, number> = {}
    for (let i = 0; i < 40; i++) {
      const requests = Array.from({ length: 250 }, (_, n) =>
        bytesOf({
          body: pageBeacon(),
          headers: {
            'user-agent': BROWSER,
            // What stands left of the proxy's word is the client's own.
            'x-forwarded-for': `10.${i}.${n}.1, 203.0.113.66`,
          },
        }),
      )
      for (const status of await pipeline(collector.origin, requests))
        statuses[status] = (statuses[status] ?? 0) + 1
    }
    // A burst of ten seconds' worth, and what comes to it while this runs.
    expect(Object.keys(statuses).sort()).toEqual(['204', '429'])
    expect(statuses[204]).toBeLessThan(4_000)
    await goodTrafficGoesOn()
    await nothingIsLost()
  }, 60_000)

  it('ten thousand clients that are there once', async () => {
    const before = await resident()
    const load = traffic(collector.origin, 2, { pauseMs: 5 })
    for (let i = 0; i < 40; i++) {
      const requests = Array.from({ length: 250 }, (_, n) =>
        bytesOf({
          body: pageBeacon(),
          headers: { 'user-agent': BROWSER, 'x-forwarded-for': `198.51.${i}.${n}` },
        }),
      )
      expect(new Set(await pipeline(collector.origin, requests))).toEqual(new Set([204]))
    }
    await load.stop()
    expect(load.statuses).toEqual({ 204: load.taken })
    expect((await resident()) - before).toBeLessThan(250e6)
    await nothingIsLost()
  }, 60_000)

  it(`${BEACONS} beacons that no script sends, none of which is the collector's fault`, async () => {
    const { statuses, sent } = await fuzz(collector.origin, BEACONS, 20_261_122)
    expect(sent).toBe(BEACONS)
    expect(
      Object.keys(statuses).filter((status) => !['202', '204', '400', '413', '429'].includes(status)),
    ).toEqual([])
    expect(statuses[204]).toBeGreaterThan(BEACONS / 50)
    await goodTrafficGoesOn()
    await nothingIsLost()
  }, 1_800_000)
})

it('names no person, address or query in the log, whatever goes wrong', async () => {
  const canary = ['ada.canary@acme.org', '203.0.113.99', 'secret-query-canary']
  const headers = { 'user-agent': BROWSER, 'x-forwarded-for': canary[1]! }
  for (const body of [
    `{"s":"main","email":"${canary[0]}"`,
    JSON.stringify({ s: 'main', t: 1, e: [['p', 'x'.repeat(99), 1, `/?q=${canary[2]}`]] }),
  ])
    await pipeline(collector.origin, [
      bytesOf({ body, headers }),
      bytesOf({ body, headers, path: `/v1/identify?q=${canary[2]}` }),
    ])
  await fetch(`${collector.origin}/nowhere?q=${canary[2]}`)
  await nothingIsLost()
  for (const word of canary) expect(collector.output()).not.toContain(word)
})

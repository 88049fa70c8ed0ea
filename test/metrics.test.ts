import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { doorCounts } from '../collector/counts.ts'
import { flushOf } from '../collector/flush.ts'
import { pendingEvents } from '../collector/pending.ts'
import { BROWSER, beaconOf, eventId, START, type TestCollector, testCollector } from './support/collector.ts'
import { conservation, conservationOf, samplesOf } from './support/metrics.ts'

let serial = 0
const page = () => ['p', eventId(START, ++serial), START, '/']

/** Node's own series come and go with its handles and kinds of collections; these are what we answer for. */
const ownOf = (samples: Record<string, number>): string[] =>
  Object.keys(samples).filter((name) => !name.startsWith('leadwake_nodejs_'))

describe('/metrics', () => {
  let collector: TestCollector
  beforeEach(async () => {
    collector = await testCollector()
  })
  afterEach(() => collector.remove())

  it('accounts for every event that came in, whatever became of it', async () => {
    const twice = page()
    await collector.beacon(beaconOf(START, [page(), page()]))
    await collector.beacon(beaconOf(START, [twice]))
    await collector.beacon(beaconOf(START, [twice]))
    await collector.beacon(beaconOf(START, [page()]), { 'user-agent': '' })
    await collector.beacon(beaconOf(START, [page(), page()], { s: 'nowhere' }))
    await collector.beacon('not json')
    const expected = {
      received: 8,
      pending: 0,
      stored: 3,
      duplicate: 1,
      'dead-lettered': 0,
      dropped: 3,
      rejected: 1,
      unaccounted: 0,
    }
    for (;;) {
      const held = await conservation(collector.origin)
      expect(held).toMatchObject({ received: 8, unaccounted: 0 })
      if (held.pending > 0) continue
      expect(held).toEqual(expected)
      break
    }
    const samples = samplesOf(await (await fetch(`${collector.origin}/metrics`)).text())
    expect(samples['leadwake_events_total{outcome="dropped",reason="no-user-agent"}']).toBe(1)
    expect(samples['leadwake_events_total{outcome="dropped",reason="unknown-site"}']).toBe(2)
    expect(samples['leadwake_events_total{outcome="rejected",reason="malformed"}']).toBe(1)
    expect(samples.leadwake_acknowledged_events_total).toBe(4)
    expect(samples['leadwake_file_bytes{file="log"}']).toBeGreaterThan(0)
    expect(samples['leadwake_checkpoint_alarm{file="state"}']).toBe(0)
    expect(samples.leadwake_projection_stalled).toBe(0)
    expect(samples.leadwake_log_lag_entries).toBe(0)
    expect(samples.leadwake_disk_free_bytes).toBeGreaterThan(0)
    expect(samples.leadwake_process_cpu_seconds_total).toBeGreaterThan(0)
    expect(samples.leadwake_process_resident_memory_bytes).toBeGreaterThan(2 ** 20)
    expect(samples.leadwake_nodejs_heap_size_used_bytes).toBeGreaterThan(2 ** 20)
    expect(ownOf(samples).length).toBeLessThan(120)
    expect(Object.keys(samples).every((name) => name.startsWith('leadwake_'))).toBe(true)
  })

  it('holds the sums over a restart', async () => {
    const db = collector.db
    await collector.beacon(beaconOf(START, [page()]))
    await collector.beacon('not json')
    await collector.stop()
    collector = await testCollector({ db })
    expect(await conservation(collector.origin)).toMatchObject({
      received: 2,
      stored: 1,
      rejected: 1,
      unaccounted: 0,
    })
  })

  it('is for this machine, and for keys that read every site', async () => {
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${collector.origin}/metrics`, { headers })).status
    expect(await ask({})).toBe(200)
    // Behind a proxy loopback is everybody.
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip'])
      expect(await ask({ [name]: '192.0.2.1' })).toBe(401)
    expect(await ask({ 'x-forwarded-for': '192.0.2.1', authorization: `Bearer ${collector.key}` })).toBe(200)
    expect((await collector.request('/metrics', { headers: { 'user-agent': BROWSER } })).status).toBe(401)
  })

  it('names nobody and holds few series', async () => {
    for (let i = 0; i < 50; i++) await collector.beacon(beaconOf(START, [page()], { v: `visitor-${i}` }))
    const text = await (await fetch(`${collector.origin}/metrics`)).text()
    const ours = ownOf(samplesOf(text))
    expect(ours.length).toBeGreaterThan(20)
    expect(ours.length).toBeLessThan(120)
    expect(text).not.toContain('visitor-')
    expect(conservationOf(text).unaccounted).toBe(0)
  })
})

describe('pendingEvents', () => {
  it('counts events behind the watermark, and one for each entry of an earlier process', () => {
    let projected = 3
    const pending = pendingEvents(() => projected, 5)
    expect(pending.count()).toBe(2)
    pending.add(6, 10)
    pending.add(6, 1)
    pending.add(9, 4)
    expect(pending.count()).toBe(17)
    projected = 6
    expect(pending.count()).toBe(4)
    projected = 9
    expect(pending.count()).toBe(0)
    expect(pending.acknowledged()).toBe(15)
  })

  it('stays exact once all is projected, however much there was', () => {
    let projected = 0
    const pending = pendingEvents(() => projected, 0)
    for (let seq = 1; seq <= 60_000; seq++) pending.add(seq, 2)
    expect(pending.count()).toBe(120_000)
    projected = 60_000
    expect(pending.count()).toBe(0)
  })
})

describe('flushOf', () => {
  it('knows what is on its way into the state, and takes back what could not be written', async () => {
    let projected = 0
    let full = true
    const counts = doorCounts()
    const flush = flushOf(
      counts,
      async () => (full ? Promise.reject(new Error('full')) : 7),
      () => projected,
    )
    counts.drop('bot', 2, 'main')
    counts.reject('malformed')
    await expect(flush.write()).rejects.toThrow('full')
    expect(flush.unprojected()).toEqual({ 'dropped:bot': 2, 'rejected:malformed': 1 })
    full = false
    await flush.write()
    counts.drop('bot', 1, 'main')
    expect(flush.unprojected()).toEqual({ 'dropped:bot': 3, 'rejected:malformed': 1 })
    projected = 7
    expect(flush.unprojected()).toEqual({ 'dropped:bot': 1 })
  })
})

/** The database goes away and comes back: what a collector says meanwhile, and that nothing is lost or there twice. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { beaconOf, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'
import { type NatsServer, natsServer, natsVersion, onNats } from '../support/nats.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { type Between, proxyTo } from '../support/proxy.ts'

/** The promise is five seconds. */
const BACK_MS = 5_000

let at: TestDatabase
let proxy: Between
let folder: string
let lw: TestCollector
beforeEach(async () => {
  at = await database()
  folder = mkdtempSync(join(tmpdir(), 'leadwake-away-'))
  proxy = await proxyTo(Number(new URL(at.url).port))
})
afterEach(async () => {
  await lw.stop()
  await proxy.close()
  await at.remove()
  rmSync(folder, { recursive: true, force: true })
})

async function start(intakeLog?: string): Promise<void> {
  const url = new URL(at.url)
  url.port = String(proxy.port)
  lw = await testCollector({
    db: join(folder, 'x.db'),
    config: { database: url.href, partitions: 2, intakeLog, rate: 0 },
  })
}

const page = (n: number) =>
  beaconOf(START, [['p', eventId(START, n), START, `/p/${n}`]], { v: `v${n % 5}`, c: 1 })
const send = async (n: number) => (await lw.beacon(page(n))).status
const identify = (visitor: string) =>
  lw.call('POST', '/v1/identify', { site: 'main', visitor, email: `${visitor}@acme.org`, consent: true })

async function keyed(visitor: string, key: string): Promise<{ status: number; body: { status: string } }> {
  const answer = await lw.request('/v1/identify', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${lw.key}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ site: 'main', visitor, email: `${visitor}@acme.org`, consent: true }),
  })
  return { status: answer.status, body: (await answer.json()) as { status: string } }
}

/** Page views in the state, and how many different ones. */
async function views(): Promise<[all: number, different: number]> {
  const sql = at.connect()
  const [row] =
    await sql`SELECT count(*)::int AS n, count(DISTINCT id_key)::int AS d FROM events WHERE id_ms > 0`
  await sql.end()
  return [row!.n, row!.d]
}

describe('where the log is in the database', () => {
  it('everything that is asked is answered 503, and done once it is back', async () => {
    await start()
    expect(await send(1)).toBe(204)
    proxy.cut()
    await expect.poll(async () => (await lw.call('GET', '/readyz')).status).toBe(503)
    const refused = await lw.beacon(page(2))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    for (const answer of [await identify('v1'), await lw.call('GET', '/v1/leads?site=main')])
      expect([answer.status, answer.body.detail]).toEqual([
        503,
        'the collector cannot store this now; send it again later',
      ])
    proxy.mend()
    // As a browser does that was told to come back.
    await expect.poll(() => send(2), { timeout: BACK_MS }).toBe(204)
    await expect.poll(async () => (await identify('v1')).status, { timeout: BACK_MS }).toBeLessThan(202)
    await expect.poll(views, { timeout: BACK_MS }).toEqual([2, 2])
    await expect.poll(async () => (await lw.call('GET', '/readyz')).body.alarms).toEqual([])
  })

  it('work beside the entries that always fails is told of, and done once it does not', async () => {
    await start()
    const hook = await lw.call('POST', '/v1/webhooks', { url: 'https://hooks.example.org/in', events: ['*'] })
    const { id } = hook.body
    const sql = at.connect()
    await sql`INSERT INTO outbox (id, body) VALUES ('msg_1', '{"payload":{"type":"lead.mql"}}')`
    await sql`INSERT INTO deliveries (webhook, message, contact, seq, serial, created_at, state, due_at, tries)
      VALUES (${id}, 'msg_1', 0, 1, 1, ${START}, 'dead', NULL, '[]')`
    await sql`CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''refused''; END'`
    await sql`CREATE TRIGGER refused BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION refused()`
    expect((await lw.call('POST', `/v1/webhooks/${id}/replay`, {})).status).toBeLessThan(300)
    const alarms = async () => (await lw.call('GET', '/readyz')).body.alarms
    await expect.poll(alarms, { timeout: 10_000 }).toHaveLength(1)
    expect(await send(1)).toBe(204)
    await expect.poll(views, { timeout: 10_000 }).toEqual([1, 1])
    expect(await alarms()).toHaveLength(1)
    await sql`DROP TRIGGER refused ON deliveries`
    await expect.poll(alarms, { timeout: BACK_MS }).toEqual([])
    expect(await sql`SELECT 1 FROM deliveries WHERE state = 'dead'`).toHaveLength(0)
    await sql.end()
  })

  it('under load each beacon is there once, those too of which nobody knew', async () => {
    await start()
    const senders = Array.from({ length: 8 }, async (_, sender) => {
      for (let n = 0; n < 60; n++) {
        while ((await send(1_000 * (sender + 1) + n)) !== 204)
          await new Promise((done) => setTimeout(done, 20))
        if (sender === 0 && n % 20 === 10) {
          proxy.cut()
          setTimeout(() => proxy.mend(), 100)
        }
      }
    })
    await Promise.all(senders)
    await expect.poll(views, { timeout: BACK_MS }).toEqual([480, 480])
    const { counts } = await storedCounts()
    expect(counts.stored).toBe(480)
  })
})

async function storedCounts(): Promise<{ counts: Record<string, number> }> {
  const sql = at.connect()
  const rows = await sql<{ name: string; n: number }[]>`SELECT name, sum(n) AS n FROM counts GROUP BY name`
  await sql.end()
  return { counts: Object.fromEntries(rows.map(({ name, n }) => [name, n])) }
}

describe.skipIf(!natsVersion)(`where the log is in ${onNats}`, () => {
  let nats: NatsServer
  beforeEach(async () => {
    nats = await natsServer('max_payload: 64KB')
  })
  afterEach(() => nats.remove())

  it('intake goes on, and what is awaited is answered with where it will stand', async () => {
    await start(nats.url)
    expect(await send(1)).toBe(204)
    expect((await identify('v1')).status).toBe(201)
    proxy.cut()
    expect(await send(2)).toBe(204)
    const [late, once, again] = await Promise.all([
      identify('v2'),
      keyed('v3', 'call-3'),
      keyed('v3', 'call-3'),
    ])
    expect([late.status, late.body]).toEqual([202, { status: expect.stringMatching(/^\/v1\/outcomes\//) }])
    expect((await lw.call('GET', '/readyz')).status).toBe(200)
    expect([once!.status, again!.status]).toEqual([202, 202])
    expect(again!.body).toEqual(once!.body)
    proxy.mend()
    for (const { body } of [late, once!])
      await expect
        .poll(async () => (await lw.call('GET', body.status)).body.status, { timeout: BACK_MS })
        .toBe(201)
    // Done once, and answered alike; with another body under the same key it is not.
    expect((await keyed('v3', 'call-3')).status).toBe(201)
    expect((await keyed('v4', 'call-3')).status).toBe(422)
    const { body: leads } = await lw.call('GET', '/v1/leads?site=main')
    expect(leads.items.map(({ email }: { email: string }) => email).sort()).toEqual(
      ['v1', 'v2', 'v3'].map((visitor) => `${visitor}@acme.org`),
    )
    await expect.poll(views, { timeout: BACK_MS }).toEqual([2, 2])
  })

  it('what the server does not take at once is refused in words', async () => {
    await start(nats.url)
    const contacts = Array.from({ length: 400 }, (_, n) => ({ email: `${'x'.repeat(200)}${n}@acme.org` }))
    const { status, body } = await lw.call('POST', '/v1/contacts', { site: 'main', contacts })
    expect([status, body.detail]).toEqual([
      413,
      expect.stringMatching(
        /^this comes to \d+ bytes, and the NATS server of the intake log takes 65536: send/,
      ),
    ])
  })
})

/** What one collector does for all, when another takes that over in the midst of it: each thing once, each message at least once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry, type EntryBody } from '../../collector/entry.ts'
import { openPostgresLog } from '../../collector/log/postgres.ts'
import { DAY, pause, START, type TestCollector, testCollector } from '../support/collector.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { type Receiver, receiver } from '../webhook/receiver.ts'

describe('when another collector leads', () => {
  let at: TestDatabase
  let folder: string
  let hook: Receiver
  let one: TestCollector
  let other: TestCollector
  const start = (name: string) =>
    testCollector({
      db: join(folder, `${name}.db`),
      config: { database: at.url, partitions: 2, webhookAllow: ['127.0.0.1'] },
    })
  beforeAll(async () => {
    at = await database()
    folder = mkdtempSync(join(tmpdir(), 'leadwake-leader-'))
    hook = await receiver()
    one = await start('one')
    while (!(await leads(one))) await pause()
    other = await start('other')
    const { status } = await other.call('POST', '/v1/webhooks', { url: hook.url, events: ['*'] })
    expect(status).toBe(201)
  })
  afterAll(async () => {
    await Promise.all([one.stop(), other.stop()])
    await hook.close()
    await at.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const leads = async (of: TestCollector) =>
    /^leadwake_leader 1$/m.test(
      await (await of.request('/metrics', { headers: { authorization: `Bearer ${of.key}` } })).text(),
    )
  const messages = () =>
    Object.fromEntries(
      Map.groupBy(hook.received, ({ json }) => json.type as string)
        .entries()
        .map(([type, all]) => [type, new Set(all.map(({ id }) => id)).size]),
    )
  async function notDelivered(): Promise<number> {
    const sql = at.connect()
    const [row] = await sql`SELECT count(*)::int AS n FROM deliveries WHERE state <> 'delivered'`
    await sql.end()
    return row!.n
  }

  it('a message under way is sent again under the same id', async () => {
    // Whoever leads waits for this answer, in vain.
    hook.answer = () => {}
    const said = {
      site: 'main',
      email: 'ann@acme.org',
      consent: true,
      signal: { name: 'demo_requested', id: 'd1' },
    }
    expect((await other.call('POST', '/v1/identify', said)).body.stage).toBe('sql')
    await hook.until(1)
    const [first] = hook.received
    hook.answer = 204
    await one.stop()
    await hook.until(2)
    expect(hook.received[1]!.id).toBe(first!.id)
    await expect.poll(notDelivered, { timeout: 5_000 }).toBe(0)
    expect(messages()).toMatchObject({ 'lead.sql': 1 })
    expect(await leads(other)).toBe(true)
  })

  it('what both of them put into the log happens once', async () => {
    one = await start('one')
    const later = START + 7 * DAY
    const figures = { visitors: 1, visits: 1, leads: 0, mqls: 0, sqls: 1, accepted: 0, won: 0, lost: 0 }
    const said: EntryBody[] = [
      { kind: 'tick', day: Math.floor(START / DAY) },
      { kind: 'sla' },
      {
        kind: 'report',
        site: 'main',
        report: {
          from: '2026-11-02',
          to: '2026-11-08',
          week: figures,
          before: figures,
          topPages: [],
          topSources: [],
          stages: {},
        } as never,
      },
    ]
    const logs = await Promise.all(
      [0, 300_000].map((off) => openPostgresLog(at.url, { now: () => later + off })),
    )
    for (const body of said)
      await Promise.all(logs.map((log) => log.append({ v: ENTRY_VERSION, ...body } as Entry)))
    await Promise.all(logs.map((log) => log.close()))
    for (const of of [one, other]) of.clock.now = later + 400_000
    await expect
      .poll(messages, { timeout: 10_000 })
      .toMatchObject({ 'lead.sql': 1, 'lead.sla_breached': 1, 'report.weekly': 1 })
    await expect.poll(notDelivered, { timeout: 5_000 }).toBe(0)
    const sql = at.connect()
    const moves = await sql`SELECT from_stage, to_stage FROM transitions ORDER BY no`
    expect(moves.map(({ from_stage: from, to_stage: to }) => `${from} ${to}`)).toEqual([
      'visitor lead',
      'lead sql',
    ])
    expect([...(await sql`SELECT value FROM settings WHERE name = 'ticked-day'`)]).toHaveLength(1)
    await sql.end()
  })
})

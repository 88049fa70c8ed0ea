/** Collectors on one PostgreSQL, as they are started for real: what one takes the other knows, and what one ends the other goes on with. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseFindings } from '../../collector/cli/doctor-database.ts'
import { withState } from '../../collector/cli/perform.ts'
import { readConfig } from '../../collector/config.ts'
import { addKey } from '../../collector/seed.ts'
import { beaconOf, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'
import { database, type TestDatabase } from '../support/postgres.ts'

it('a command projects what it changes where no collector runs', async () => {
  const at = await database()
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-command-'))
  const state = { db: join(folder, 'x.db'), database: at.url, partitions: 2 }
  const made = await withState(state, (perform) => addKey(perform, 'lost', ['read'], null))
  expect(await withState(state, async (_, reader) => reader.keys().map(({ id }) => id))).toEqual([made.id])
  await at.remove()
  rmSync(folder, { recursive: true, force: true })
})

describe('collectors that share a database', () => {
  let at: TestDatabase
  let folder: string
  let one: TestCollector
  let other: TestCollector
  const start = (name: string) =>
    testCollector({ db: join(folder, `${name}.db`), config: { database: at.url, partitions: 2 } })
  beforeAll(async () => {
    at = await database()
    folder = mkdtempSync(join(tmpdir(), 'leadwake-collectors-'))
    one = await start('one')
    other = await start('other')
  })
  afterAll(async () => {
    await Promise.all([one.stop(), other.stop()])
    await at.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const metricsOf = async (of: TestCollector) =>
    (await of.request('/metrics', { headers: { authorization: `Bearer ${of.key}` } })).text()
  const page = (visitor: string, n: number, path: string) =>
    beaconOf(START, [['p', eventId(START, n), START, path]], { v: visitor, c: 1 })
  const identified = (visitor: string) => ({
    site: 'main',
    visitor,
    email: `${visitor}@acme.org`,
    consent: true,
    traits: { name: visitor },
    signal: { name: 'demo_requested', id: `demo-${visitor}` },
  })

  it('make the site and the key once, whoever comes first', async () => {
    expect([one.first?.key, other.first]).toEqual([one.key, undefined])
    expect((await other.call('GET', '/v1/sites')).body.items).toHaveLength(1)
  })

  it('share the partitions among them', async () => {
    // A call that comes while partitions change hands may take longer than two seconds, and is answered 202.
    for (const each of [one, other])
      await expect.poll(() => metricsOf(each), { timeout: 10_000 }).toMatch(/^leadwake_partitions 1$/m)
  })

  it('qualify who came to one and is identified at the other, and say why', async () => {
    expect((await one.beacon(page('ann', 1, '/pricing'))).status).toBe(204)
    const { status, body } = await other.call('POST', '/v1/identify', identified('ann'))
    expect([status, body.stage]).toEqual([201, 'sql'])
    const lead = (await one.call('GET', `/v1/leads/${body.id}`)).body
    expect(lead).toMatchObject({ stage: 'sql', email: 'ann@acme.org' })
    expect(lead.reasons.map(({ rule }: { rule: string }) => rule)).toContain('demo')
    const { items } = (await other.call('GET', `/v1/leads/${body.id}/timeline`)).body
    expect(JSON.stringify(items)).toContain('/pricing')
  })

  it('know a key that was made, and one that was revoked, at the other', async () => {
    const made = (await one.call('POST', '/v1/keys', { name: 'a key', rights: ['read'] })).body
    const asked = (of: TestCollector) =>
      of.request('/v1/sites', { headers: { authorization: `Bearer ${made.key}` } })
    await expect.poll(async () => (await asked(other)).status, { timeout: 5_000 }).toBe(200)
    await other.call('DELETE', `/v1/keys/${made.id}`)
    expect((await asked(other)).status).toBe(401)
    await expect.poll(async () => (await asked(one)).status, { timeout: 5_000 }).toBe(401)
  })

  it('show at one who comes to the other', async () => {
    const stream = await one.request('/v1/live?site=main', {
      headers: { authorization: `Bearer ${one.key}` },
    })
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
    let shown = ''
    // Both partitions: one of the visitors is projected here, the other there.
    for (let n = 10; !(shown.includes('/live-a') && shown.includes('/live-b')); n += 2) {
      await other.beacon(page('bob', n, '/live-a'))
      await other.beacon(page('cy', n + 1, '/live-b'))
      shown += (await reader.read()).value
    }
    await reader.cancel()
  })

  it('count each visitor of measure mode once, whichever of them it comes to', async () => {
    const measured = (n: number) => beaconOf(START, [['p', eventId(START, n), START, '/measured']])
    const body = (n: number) => ({ ...measured(n), v: undefined })
    expect((await one.beacon(body(900))).status).toBe(204)
    expect((await other.beacon(body(901))).status).toBe(204)
    const sql = at.connect()
    const views = () =>
      sql`SELECT v.no FROM events e JOIN visitors v ON v.no = e.visitor WHERE v.key LIKE '~%'`
    await expect.poll(async () => (await views()).length).toBe(2)
    expect(new Set((await views()).map(({ no }) => no)).size).toBe(1)
    await sql.end()
  })

  it('go on with all of it when one ends, and with what was told when it comes back', async () => {
    await one.stop()
    const { body } = await other.call('POST', '/v1/identify', identified('dora'))
    expect(body.stage).toBe('sql')
    one = await start('one')
    expect((await one.call('GET', `/v1/leads/${body.id}`)).body.email).toBe('dora@acme.org')
    expect((await one.call('GET', '/readyz')).body).toMatchObject({ ready: true, alarms: [] })
    // It has looked around among the others.
    await expect.poll(() => metricsOf(one), { timeout: 5_000 }).toMatch(/^leadwake_collectors [12]$/m)
    const text = await metricsOf(one)
    expect(text).toMatch(/^leadwake_events_total\{outcome="stored",reason=""\} [1-9]/m)
  })

  it('take a key that is made on the command line', async () => {
    const made = await withState(
      { db: join(folder, 'cli.db'), database: at.url },
      async (perform, reader) => {
        const added = await addKey(perform, 'lost', ['read'], null)
        expect(reader.keys().map(({ id }) => id)).toContain(added.id)
        return added
      },
    )
    const headers = { authorization: `Bearer ${made.key}` }
    await expect
      .poll(async () => (await one.request('/v1/sites', { headers })).status, { timeout: 5_000 })
      .toBe(200)
  })

  it('are looked at by the doctor', async () => {
    const { database: _, ...rest } = readConfig({ db: join(folder, 'one.db') }, {}, 'none.json')
    const findings = await databaseFindings({ ...rest, database: at.url })
    expect(findings.filter(({ state }) => state === 'wrong')).toEqual([])
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['database', 'schema', 'projection', 'dead letters', 'webhooks']),
    )
  })

  it('erase a person from the state of all of them, and from the log', async () => {
    const { items } = (await one.call('GET', '/v1/leads?site=main')).body
    const { id } = items.find(({ email }: { email: string }) => email === 'ann@acme.org')
    expect((await other.call('DELETE', `/v1/leads/${id}`)).status).toBe(200)
    const sql = at.connect()
    expect([...(await sql`SELECT seq FROM intake_entries WHERE body LIKE '%ann@acme.org%'`)]).toEqual([])
    await sql.end()
    expect((await one.call('GET', `/v1/leads/${id}`)).status).toBe(404)
    const again = { ...identified('ann'), consent: undefined }
    expect((await one.call('POST', '/v1/identify', again)).status).toBe(409)
  })
})

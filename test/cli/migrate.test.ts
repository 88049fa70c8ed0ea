/** A state moves to PostgreSQL and back while beacons come in, whole, or not at all. */
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cli } from '../support/cli.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { type CollectorProcess, drained, run, serveBuilt } from '../support/process.ts'
import { pageBeacon, post, traffic, until } from '../support/traffic.ts'

const KEY = 'lw_migrate-test-key-of-the-admin'

let folder: string
let db: string
let at: TestDatabase
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-migrate-'))
  db = join(folder, 'x.db')
  at = await database()
})
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  await at.remove()
})

const command = (...args: string[]) => cli(['migrate', ...args], folder, { LEADWAKE_DB: db })
const serve = (env: Record<string, string>) => serveBuilt({ LEADWAKE_ADMIN_KEY: KEY, ...env })

async function stop({ child, ended }: CollectorProcess): Promise<void> {
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
}

async function api<T>({ origin }: CollectorProcess, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${origin}${path}`, {
    headers: { authorization: `Bearer ${KEY}` },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  expect(answer.status, `${path} ${text}`).toBeLessThan(300)
  return JSON.parse(text)
}

async function remove({ origin }: CollectorProcess, path: string): Promise<number> {
  const { status } = await fetch(`${origin}${path}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${KEY}` },
  })
  return status
}

const identify = (collector: CollectorProcess, n: number, visitor = `v${n}`) =>
  api<{ id: string }>(collector, '/v1/identify', {
    site: 'main',
    visitor,
    email: `p${n}@acme.org`,
    traits: { name: `Person ${n}` },
    ...(n % 2 === 0 && { signal: { name: 'demo_requested', id: `form-${n}` } }),
  })

/** What anybody sees of a collector's leads and events, but what is of this moment. */
async function seen(collector: CollectorProcess): Promise<unknown> {
  await drained(collector.origin)
  const { items } = await api<{ items: { id: string }[] }>(
    collector,
    '/v1/leads?site=main&limit=100&sort=createdAt',
  )
  const counts = await api<{ stored: number }>(collector, '/v1/counts')
  const each = await Promise.all(items.map(({ id }) => api<object>(collector, `/v1/leads/${id}`)))
  const stats = await api<object>(collector, '/v1/stats?site=main')
  return { items, each, stored: counts.stored, stats }
}

/** Moves while beacons come in, and stops the collector when the command asks for it. Returns what was seen then. */
async function movedUnderLoad(
  collector: CollectorProcess,
  person: number,
  gone: string,
  args: string[],
  env: Record<string, string> = {},
) {
  const load = traffic(collector.origin, 3, { pauseMs: 5 })
  await until(() => load.taken > 50)
  const moving = run(['migrate', ...args], { LEADWAKE_DB: db, ...env })
  await until(() => /Copied/.test(moving.output()) || moving.child.exitCode !== null)
  await identify(collector, person)
  await until(() => /Caught up/.test(moving.output()) || moving.child.exitCode !== null)
  await load.stop()
  expect(load.statuses, moving.output()).toEqual({ 204: load.taken })
  const { id } = await identify(collector, person + 1)
  expect(
    (await api<{ objects: boolean }>(collector, `/v1/leads/${id}/objection`, { objects: true })).objects,
  ).toBe(true)
  expect(await remove(collector, `/v1/leads/${gone}`)).toBe(200)
  await identify(collector, person + 2)
  const before = await seen(collector)
  await stop(collector)
  expect(await moving.ended, moving.output()).toBe(0)
  return { before, output: moving.output() }
}

describe('migrate', () => {
  it('moves to PostgreSQL and back while beacons come in: what anybody sees is the same', async () => {
    const first = await serve({ LEADWAKE_DB: db })
    const known: string[] = []
    for (let n = 0; n < 8; n++) known.push((await identify(first, n, `known-${n}`)).id)
    const { id } = await identify(first, 9, 'gone-9')
    expect(await remove(first, `/v1/leads/${id}`)).toBe(200)
    const there = await movedUnderLoad(first, 20, known[1]!, ['--from', db, '--to', at.url])
    expect(there.output).toMatch(/Compared: all [\d]+ rows are the same/)
    expect(there.output).toMatch(/Compared again: \d+ leads, hash [0-9a-f]{32} on both sides/)

    const second = await serve({ DATABASE_URL: at.url, LEADWAKE_DB: join(folder, 'shared/y.db') })
    expect(await seen(second)).toEqual(there.before)
    // Who was erased stays away: the key by which they are known came along.
    const again = await fetch(`${second.origin}/v1/identify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ site: 'main', email: 'p9@acme.org' }),
    })
    expect(again.status).toBe(409)

    const back = join(folder, 'back.db')
    const moved = await movedUnderLoad(second, 30, known[2]!, ['--to', back], { DATABASE_URL: at.url })
    expect(moved.output).toMatch(/Unset DATABASE_URL, set LEADWAKE_DB=.*back\.db/)
    const third = await serve({ LEADWAKE_DB: back })
    expect(await seen(third)).toEqual(moved.before)
    await post(third.origin, pageBeacon())
    await identify(third, 40)
    await stop(third)
  }, 60_000)

  it('that was killed leaves what nobody serves; with --force it begins anew', async () => {
    const collector = await serve({ LEADWAKE_DB: db })
    await identify(collector, 1)
    await drained(collector.origin)
    const moving = run(['migrate', '--from', db, '--to', at.url], {})
    await until(() => /Caught up/.test(moving.output()))
    moving.child.kill('SIGKILL')
    await moving.ended
    const half = run(['serve'], { DATABASE_URL: at.url, LEADWAKE_DB: join(folder, 'y.db'), PORT: '0' })
    expect(await half.ended).toBe(1)
    expect(half.output()).toMatch(
      /^leadwake: .* holds a state that was not moved here to its end: run leadwake migrate again with --force, [^\n]+\n$/,
    )
    await post(collector.origin, pageBeacon())
    expect((await command('--from', db, '--to', at.url, '--force', '--wait', '0')).err).toMatch(
      /^leadwake: the collector was not stopped in time: run it again with --force, or wait longer/,
    )
    const before = await seen(collector)
    await stop(collector)
    const source = readFileSync(db)
    expect((await command('--from', db, '--to', at.url)).err).toMatch(
      /run it again with --force to begin anew\n$/,
    )
    const { code, out } = await command('--from', db, '--to', at.url, '--force', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ leads: 1, hash: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(readFileSync(db).equals(source)).toBe(true)
    const other = await serve({ DATABASE_URL: at.url, LEADWAKE_DB: join(folder, 'y.db') })
    expect(await seen(other)).toEqual(before)
    await stop(other)
    expect((await command('--from', db, '--to', at.url, '--force')).err).toMatch(
      /^leadwake: the database of --to holds a state already: name an empty one[^\n]*\n$/,
    )
  }, 30_000)

  it('says in a sentence what it cannot do, and changes nothing', async () => {
    const collector = await serve({ LEADWAKE_DB: db })
    await identify(collector, 1)
    await drained(collector.origin)
    await stop(collector)
    const newer = join(folder, 'newer.db')
    copyFileSync(db, newer)
    copyFileSync(join(folder, 'x.intake.db'), join(folder, 'newer.intake.db'))
    const file = new Database(newer)
    file.exec('UPDATE __drizzle_migrations SET created_at = created_at + 1')
    file.close()
    const older = join(folder, 'older.db')
    copyFileSync(db, older)
    copyFileSync(join(folder, 'x.intake.db'), join(folder, 'older.intake.db'))
    const past = new Database(older)
    past.exec('UPDATE __drizzle_migrations SET created_at = created_at - 1; DROP TABLE slices')
    past.close()
    writeFileSync(join(folder, 'diary.db'), 'Dear diary, this is no database.')
    writeFileSync(join(folder, 'diary.intake.db'), 'Dear diary, this is no database.')
    const refused: [args: string[], words: RegExp][] = [
      [[], /say from where and to where/],
      [['--from', db], /name the database: --from or --to postgres:\/\//],
      [['--from', db, '--to', 'other.db'], /both places are files: copy one with leadwake backup/],
      [['--from', at.url, '--to', at.url], /both places are PostgreSQL: copy a database with pg_dump/],
      [['--from', db, '--to', 'mysql://db/x'], /--to is a file or like postgres:\/\//],
      [['--from', db, '--to', 'postgres://'], /--to must be like postgres:\/\//],
      [
        ['--from', db, '--to', at.url, '--wait', 'long'],
        /--wait must be a whole number of minutes, got 'long'/,
      ],
      [
        ['--from', db, '--to', 'postgres://u:50%secret@db/x'],
        /--to must be like .*, with %25 for a % in a password/,
      ],
      [['--from', 'none.db', '--to', at.url], /there is no database at none\.db/],
      [['--from', 'diary.db', '--to', at.url], /diary\.db is not a Leadwake database/],
      [
        ['--from', newer, '--to', at.url],
        /newer\.db is of a newer Leadwake: run the command of that version/,
      ],
      [
        ['--from', older, '--to', at.url],
        /older\.db is of an older Leadwake: start the collector of this version on it once/,
      ],
      [['--from', at.url, '--to', 'new.db'], /the database of --from holds no state of Leadwake/],
      [
        ['--from', db, '--to', 'postgres://leadwake:secret@127.0.0.1:9/leadwake'],
        /the database of --to takes no connections/,
      ],
    ]
    const found = await Promise.all(refused.map(([args]) => command(...args)))
    for (const [i, { code, out, err }] of found.entries()) {
      expect([code, out], err).toEqual([1, ''])
      expect(err).toMatch(/^leadwake: [^\n]+\n$/)
      expect(err).toMatch(refused[i]![1])
      expect(err).not.toMatch(/secret/)
    }
    expect(existsSync(join(folder, 'new.db'))).toBe(false)
    // A connection that never comes to be keeps it from nothing, and nothing was made before.
    const mute = createServer().listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const log = `nats://127.0.0.1:${(mute.address() as { port: number }).port}`
    const env = { LEADWAKE_DB: db, DATABASE_URL: at.url, LEADWAKE_INTAKE_LOG: log }
    const { code, err } = await cli(['migrate', '--from', db, '--to', at.url], folder, env)
    mute.close()
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^leadwake: LEADWAKE_INTAKE_LOG: no NATS server .*\n$/),
    ])
    const sql = at.connect()
    expect(await sql`SELECT 1 FROM pg_tables WHERE schemaname = current_schema()`).toHaveLength(0)
    await sql.end()
  }, 30_000)
})

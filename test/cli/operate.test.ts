import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cli } from '../support/cli.ts'
import { counts } from '../support/counts.ts'
import { drained, serveBuilt } from '../support/process.ts'
import { pageBeacon, post } from '../support/traffic.ts'

let folder: string
let db: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-operate-'))
  db = join(folder, 'data/x.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const command = (args: string[], env: Record<string, string> = {}) =>
  cli(args, folder, { LEADWAKE_DB: db, ...env })

async function started<T>(work: (origin: string, port: string) => Promise<T>): Promise<T> {
  const collector = await serveBuilt({ LEADWAKE_DB: db })
  try {
    return await work(collector.origin, new URL(collector.origin).port)
  } finally {
    collector.child.kill('SIGTERM')
    await collector.ended
  }
}

describe('leadwake config', () => {
  it('shows every setting and its source, and no secret', async () => {
    const env = { PORT: '4444', LEADWAKE_ADMIN_KEY: 'lw_a-secret-of-sixteen' }
    const { code, out } = await command(['config', '--host', '::1'], env)
    expect(code).toBe(0)
    expect(out).toMatch(/^host +::1 +flag +HOST, --host$/m)
    expect(out).toMatch(/^port +4444 +environment +PORT, --port$/m)
    expect(out).toMatch(/^adminKey +lw_\.\.\. +environment +LEADWAKE_ADMIN_KEY$/m)
    expect(out).not.toContain('secret-of-sixteen')
    const json = JSON.parse((await command(['config', '--json'], env)).out)
    expect(json.find((one: { name: string }) => one.name === 'port')).toMatchObject({ value: '4444' })
  })

  it('says which setting is wrong', async () => {
    const { code, err } = await command(['config'], { LEADWAKE_RATE: 'many' })
    expect([code, err]).toEqual([
      1,
      "leadwake: LEADWAKE_RATE (or --rate) must be a whole number from 0 to 100000, got 'many'\n",
    ])
  })
})

describe('leadwake doctor', () => {
  type Findings = { what: string; state: string; found: string; mend: string | null }[]
  const look = async (env: Record<string, string> = {}, ...args: string[]) => {
    const { code, out } = await command(['doctor', '--json', ...args], env)
    return { code, findings: JSON.parse(out).findings as Findings }
  }
  const of = (findings: Findings, what: string) => findings.filter((one) => one.what === what)

  it('finds nothing wrong with a collector that runs, and changes nothing', async () => {
    await started(async (origin, port) => {
      await post(origin, pageBeacon())
      await drained(origin)
      const { code, findings } = await look({ PORT: port }, '--deep')
      expect(findings.filter(({ state }) => state === 'wrong')).toEqual([])
      expect(code).toBe(0)
      expect(of(findings, 'process')).toEqual([
        { what: 'process', state: 'ok', found: `answers at ${origin}/readyz`, mend: null },
      ])
      expect(of(findings, 'schema')[0]!.state).toBe('ok')
      expect(of(findings, 'host names')[0]).toMatchObject({
        state: 'warning',
        mend: 'leadwake site set ID --hosts www.example.com',
      })
    })
  })

  it('looks without making anything', async () => {
    const { code, findings } = await look()
    expect(code).toBe(1)
    expect(of(findings, 'folder')[0]).toMatchObject({ state: 'wrong', found: `there is no ${folder}/data` })
    expect(readdirSync(folder)).toEqual([])
  })

  const wrongs: [what: string, arrange: () => void, finding: { what: string; found: RegExp }][] = [
    [
      'a foreign file',
      () => writeFileSync(db, 'My diary, not a database.'),
      { what: 'database', found: /is not a Leadwake database/ },
    ],
    [
      'a missing log',
      () => rmSync(join(folder, 'data/x.intake.db')),
      { what: 'database', found: /intake\.db is not there/ },
    ],
    [
      'a newer schema',
      () => {
        const state = new Database(db)
        state.prepare("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 9e15)").run()
        state.close()
      },
      { what: 'schema', found: /of a newer Leadwake/ },
    ],
    [
      'a clock that was set back',
      () => {
        const state = new Database(db)
        const { value } = state.prepare("SELECT value FROM settings WHERE name = 'watermark'").get() as {
          value: string
        }
        const ahead = JSON.stringify({ ...JSON.parse(value), now: Date.now() + 3_600_000 })
        state.prepare("UPDATE settings SET value = ? WHERE name = 'watermark'").run(ahead)
        state.close()
      },
      { what: 'clock', found: /^3(600|599|598) s behind the newest entry/ },
    ],
  ]
  it.each(wrongs)('finds %s, and says how it is mended', async (_, arrange, { what, found }) => {
    await started(async () => {})
    arrange()
    const { code, findings } = await look()
    expect(code).toBe(1)
    const [finding] = findings.filter(({ state }) => state === 'wrong')
    expect(finding).toMatchObject({ what, state: 'wrong', mend: expect.stringMatching(/\w/) })
    expect(finding!.found).toMatch(found)
  })

  it('tells a folder that everybody can look into', async () => {
    mkdirSync(join(folder, 'data'))
    chmodSync(join(folder, 'data'), 0o755)
    const { findings } = await look()
    expect(of(findings, 'folder')[0]).toMatchObject({ state: 'warning', mend: `chmod 700 ${folder}/data` })
  })
})

describe('leadwake dead-letters', () => {
  /** A beacon of a site that the state does not know lies in the log, and is projected by nobody but a command. */
  async function buried(): Promise<number> {
    await started(async () => {})
    const log = new Database(join(folder, 'data/x.intake.db'))
    const body = {
      kind: 'beacon',
      v: 1,
      site: 'late',
      visitor: 'v',
      agent: null,
      events: [{ kind: 'page', id: { ms: 1, key: 1 }, at: Date.now(), path: '/' }],
    }
    log
      .prepare('INSERT INTO entries (n, received_at, body) VALUES (1, ?, ?)')
      .run(Date.now(), JSON.stringify([body]))
    log.close()
    await started((origin) => drained(origin))
    const [letter] = JSON.parse((await command(['dead-letters', 'list', '--json'])).out)
    return letter.seq
  }

  it('lists, shows and replays them, while the collector runs and not', async () => {
    const seq = await buried()
    expect((await command(['dead-letters', 'list'])).out).toMatch(
      new RegExp(`^${seq} +\\S+  beacon +1 events  the site 'late' is not known\\n$`),
    )
    const shown = JSON.parse((await command(['dead-letters', 'show', String(seq)])).out)
    expect(shown).toMatchObject({ seq, site: 'late', entry: { events: [{ path: '/' }] } })

    const failed = await command(['dead-letters', 'replay'])
    expect(failed).toMatchObject({ code: 1, err: '' })
    expect(failed.out).toMatch(/^0 went through, 1 failed again\.\n\d+ {2}the site 'late' is not known\n$/)
    await command(['site', 'new', 'late'])
    await started(async () => {
      const replayed = await command(['dead-letters', 'replay', String(seq), '--json'])
      expect([replayed.code, JSON.parse(replayed.out)]).toEqual([0, { replayed: [seq], failed: [] }])
    })
    expect((await command(['dead-letters', 'list'])).out).toBe('There are none.\n')
    const { received, stored, dead } = counts(db)
    expect({ received, stored, dead }).toEqual({ received: 1, stored: 1, dead: 0 })
  })

  it('discards one, and says which is not there', async () => {
    const seq = String(await buried())
    expect(await command(['dead-letters', 'discard', seq])).toMatchObject({
      code: 0,
      out: `Discarded ${seq}.\n`,
    })
    for (const verb of ['show', 'replay', 'discard'])
      expect(await command(['dead-letters', verb, seq])).toMatchObject({
        code: 1,
        err: `leadwake: there is no dead letter ${seq}; leadwake dead-letters list shows them\n`,
      })
    expect((await command(['dead-letters', 'show', 'x'])).err).toMatch(/'x' is not a whole number/)
  })
})

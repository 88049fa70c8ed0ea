import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { migrateState, migrationsOf, openState } from '../../collector/store/sqlite/open.ts'
import { cli } from '../support/cli.ts'
import { conservation } from '../support/metrics.ts'
import { drained, freePort, serveBuilt } from '../support/process.ts'
import { pageBeacon, post, traffic, until } from '../support/traffic.ts'

let used: string
let folder: string
let db: string

/** Files of a collector that was killed with some events in, to copy. */
beforeAll(async () => {
  used = mkdtempSync(join(tmpdir(), 'leadwake-start-'))
  const collector = await serveBuilt({ LEADWAKE_DB: join(used, 'x.db') })
  const load = traffic(collector.origin, 8)
  await until(() => load.taken > 400)
  collector.child.kill('SIGKILL')
  await Promise.all([load.stop(), collector.ended])
})
afterAll(() => rmSync(used, { recursive: true, force: true }))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-start-'))
  db = join(folder, 'x.db')
  for (const name of readdirSync(used))
    if (!name.includes('-shm')) copyFileSync(join(used, name), join(folder, name))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const contents = () =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !/-(shm|wal|journal)$|\.(lock|salt)$/.test(name))
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  )

/** A clean stop: everything lies in the files themselves. */
async function settle(): Promise<void> {
  const collector = await serveBuilt({ LEADWAKE_DB: db })
  await drained(collector.origin)
  collector.child.kill('SIGTERM')
  await collector.ended
}

const flip = (path: string, from: number, to: number) => {
  const bytes = readFileSync(path)
  bytes.fill(0xa5, from, Math.min(to, bytes.length))
  writeFileSync(path, bytes)
}

describe('a start says in one sentence what to mend, exits 1 and writes over nothing', () => {
  const table: [what: string, arrange: () => Promise<void> | void, words: RegExp, args?: string[]][] = [
    [
      'a foreign state',
      () => writeFileSync(db, 'My diary. '.repeat(1_000)),
      /x\.db is not a Leadwake database; choose another place .* or restore a backup/,
    ],
    [
      'a foreign log',
      () => writeFileSync(join(folder, 'x.intake.db'), 'My diary. '.repeat(1_000)),
      /x\.intake\.db is (not a Leadwake database|damaged)/,
    ],
    [
      'a log of zero length',
      async () => {
        await settle()
        truncateSync(join(folder, 'x.intake.db'), 0)
      },
      /x\.intake\.db is empty; restore a backup over it/,
    ],
    [
      'a state of zero length',
      async () => {
        await settle()
        truncateSync(db, 0)
      },
      /x\.db is empty; restore a backup over it/,
    ],
    [
      'flipped bytes at the start of the state',
      async () => {
        await settle()
        flip(db, 100, 4_096)
      },
      /cannot open .*x\.db: database disk image is malformed; restore a backup/,
    ],
    [
      'flipped bytes in the log after an unclean stop',
      () => {
        const path = join(folder, 'x.intake.db')
        flip(path, 4_096, statSync(path).size)
      },
      /x\.intake\.db is damaged \(.+\); restore a backup: leadwake restore FOLDER --force/,
    ],
    [
      'a newer database',
      async () => {
        await settle()
        const state = new Database(db)
        state.prepare("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 9e15)").run()
        state.close()
      },
      /was written by a newer Leadwake: start that version, or restore an older backup/,
    ],
    ['a wrong option', () => {}, /PORT \(or --port\) must be a whole number/, ['--port', 'http']],
    ['an unknown option', () => {}, /Unknown option '--prot'/, ['--prot', '1']],
    [
      'a list of proxies that cannot be read',
      () => {},
      /LEADWAKE_TRUST_PROXY: 'the proxy'/,
      ['--trust-proxy', 'the proxy'],
    ],
    ['a list of staff that cannot be read', () => {}, /LEADWAKE_STAFF: 'us'/, ['--staff', 'us']],
    [
      'a list of data centres that is not there',
      () => {},
      /LEADWAKE_REFUSE_NETS: none\.txt: ENOENT/,
      ['--refuse-nets', 'none.txt'],
    ],
  ]
  it.each(table)('%s', async (_, arrange, words, args = []) => {
    await arrange()
    const before = contents()
    const { code, out, err } = await cli(['serve', '--no-demo', ...args], folder, {
      LEADWAKE_DB: db,
      ...(!args.includes('--port') && { PORT: String(await freePort()) }),
    })
    expect(err).toMatch(/^leadwake: [^\n]+\n$/)
    expect(err).toMatch(words)
    expect([code, out]).toEqual([1, ''])
    expect(contents()).toEqual(before)
  })

  it('a second collector on the same files, and a port that is taken', async () => {
    const collector = await serveBuilt({ LEADWAKE_DB: db })
    const second = await cli(['serve'], folder, { LEADWAKE_DB: db, PORT: '0' })
    expect(second).toMatchObject({ code: 1, out: '' })
    expect(second.err).toMatch(
      /^leadwake: another Leadwake process holds .*; stop it, or give this one its own file/,
    )
    mkdirSync(join(folder, 'b'))
    const port = new URL(collector.origin).port
    const taken = await cli(['serve'], folder, { LEADWAKE_DB: join(folder, 'b/y.db'), PORT: port })
    expect(taken).toMatchObject({
      code: 1,
      err: `leadwake: port ${port} on 127.0.0.1 is taken; choose another with PORT or --port\n`,
    })
    expect((await post(collector.origin, pageBeacon()))?.status).toBe(204)
    collector.child.kill('SIGTERM')
    await collector.ended
  })
})

describe('after a kill', () => {
  it.each(['x.db-wal', 'x.intake.db-wal'])(
    'a cut %s costs no more than its end, and the sums hold',
    async (name) => {
      const path = join(folder, name)
      if (existsSync(path)) truncateSync(path, Math.floor(statSync(path).size * 0.6))
      const start = await cli(['doctor', '--json', '--deep'], folder, { LEADWAKE_DB: db })
      const { findings } = JSON.parse(start.out) as {
        findings: { what: string; state: string; found: string }[]
      }
      const database = findings.find(({ what, state }) => what === 'database' && state === 'wrong')
      if (database) {
        // A state that is ahead of its log is told apart, in words.
        expect(database.found).toMatch(/do not fit/)
        return
      }
      const collector = await serveBuilt({ LEADWAKE_DB: db })
      await drained(collector.origin)
      expect(await conservation(collector.origin)).toMatchObject({ unaccounted: 0, pending: 0 })
      expect((await post(collector.origin, pageBeacon()))?.status).toBe(204)
      collector.child.kill('SIGTERM')
      expect(await collector.ended).toBe(0)
    },
  )

  it('looks at the database and says that it holds', async () => {
    const collector = await serveBuilt({ LEADWAKE_DB: db })
    await until(() => collector.output().includes('the database holds together'))
    collector.child.kill('SIGTERM')
    await collector.ended
    const again = await serveBuilt({ LEADWAKE_DB: db })
    again.child.kill('SIGTERM')
    await again.ended
    expect(again.output()).not.toContain('not a clean one')
  })

  it('takes beacons on a damaged state, and says so', async () => {
    await settle()
    const { size } = statSync(db)
    flip(db, size - 8 * 4_096, size - 6 * 4_096)
    writeFileSync(`${db}-wal`, 'what a killed process leaves')
    const collector = await serveBuilt({ LEADWAKE_DB: db })
    await until(async () => {
      const answer = (await (await fetch(`${collector.origin}/readyz`)).json()) as { damage?: string }
      return answer.damage !== undefined
    })
    expect((await post(collector.origin, pageBeacon()))?.status).toBe(204)
    collector.child.kill('SIGTERM')
    await collector.ended
  })
})

it('a kill while the schema is made leaves all of it or nothing, and the next start goes on', async () => {
  const path = join(folder, 'm.db')
  const script = `
    const { openState, migrateState } = await import(${JSON.stringify(new URL('../../collector/store/sqlite/open.ts', import.meta.url).href)})
    const db = openState(${JSON.stringify(path)}, true)
    process.stdout.write('now')
    migrateState(db)
    process.stdout.write('done')
    setInterval(() => {}, 1000)`
  const seen = new Set<string>()
  for (const delay of [0, 3, 6, 12, 40, 200]) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const began = performance.now()
    while (performance.now() - began < delay);
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    const state = openState(path, false)
    const tables = state
      .prepare(
        "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'",
      )
      .get() as { n: number }
    const { applied, known } = migrationsOf(state)
    expect([0, known]).toContain(applied)
    expect(tables.n > 5).toBe(applied === known)
    seen.add(applied === known ? 'new' : 'old')
    migrateState(state)
    expect(migrationsOf(state).applied).toBe(known)
    state.close()
  }
  // With both seen, a kill fell before and after the commit.
  expect([...seen].sort()).toEqual(['new', 'old'])
}, 60_000)

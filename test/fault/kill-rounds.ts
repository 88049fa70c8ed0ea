import { copyFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import Database from 'better-sqlite3'
import { type Files, filesOf, prepareFiles } from '../../collector/files.ts'
import { drained, serveBuilt } from '../support/process.ts'
import { BROWSER } from '../support/user-agent.ts'
import { project, stateOf } from './fresh.ts'
import { randomFrom } from './random.ts'

export interface KillResult {
  rounds: number
  acknowledged: number
  /** Acknowledged, but not in the state. */
  lost: number
  /** In the state more than once, or counted more than once. */
  double: number
  /** Sums that do not hold: 0 or 1. */
  unbalanced: number
  /** Tables that are not what a fresh projection of the same log makes of it. */
  differing: string[]
}

const KEY = 'lw_a-key-for-the-kill-test'
const SENDERS = 16
/** The kill falls this long after the load began, ms: between these two. */
const KILL_AFTER_MS: [number, number] = [50, 400]

/** Serves, loads, kills with SIGKILL and serves again, so many times; then compares what was acknowledged with what is there. */
export async function killRounds(options: { db: string; rounds: number; seed: number }): Promise<KillResult> {
  const { db, rounds } = options
  const random = randomFrom(options.seed)
  const env = { LEADWAKE_DB: db, LEADWAKE_ADMIN_KEY: KEY }
  const acknowledged = new Set<number>()
  let serial = 0
  keepTrimmed(filesOf(db))

  for (let round = 0; round < rounds; round++) {
    const collector = await serveBuilt(env)
    let running = true
    const senders = Array.from({ length: SENDERS }, async () => {
      while (running) {
        const n = ++serial
        const body = beacon(n)
        // A kill breaks the answer, not the promise: what got no 204 may or may not be there, but never twice.
        const answer = await send(collector.origin, body)
        if (answer === 204) acknowledged.add(n)
        if (answer === undefined) running = false
        else if (n % 25 === 0) await identify(collector.origin, n)
        // Every tenth is sent again, as a browser does that saw no answer.
        else if (n % 10 === 0) await send(collector.origin, body)
      }
    })
    const [least, most] = KILL_AFTER_MS
    await new Promise((resolve) => setTimeout(resolve, least + random() * (most - least)))
    collector.child.kill('SIGKILL')
    running = false
    await Promise.all([...senders, collector.ended])
  }

  const last = await serveBuilt(env)
  await drained(last.origin)
  last.child.kill('SIGTERM')
  await last.ended
  return {
    rounds,
    acknowledged: acknowledged.size,
    ...compare(db, acknowledged),
    differing: await differing(filesOf(db)),
  }
}

/** Has the log keep what is trimmed, in a table beside it. */
function keepTrimmed(files: Files): void {
  prepareFiles(files)
  const log = new Database(files.log)
  log.exec(`
    CREATE TABLE IF NOT EXISTS trimmed AS SELECT * FROM entries WHERE false;
    CREATE TRIGGER IF NOT EXISTS keep BEFORE DELETE ON entries BEGIN
      INSERT INTO trimmed SELECT * FROM entries WHERE seq = OLD.seq;
    END`)
  log.close()
}

/** Projects the whole log on a new state, once and undisturbed, and names the tables in which that differs. */
async function differing(files: Files): Promise<string[]> {
  const fresh = filesOf(files.state.replace(/\.db$/, '.fresh.db'))
  copyFileSync(files.log, fresh.log)
  const log = new Database(fresh.log)
  log.exec('DROP TRIGGER keep; INSERT INTO entries SELECT * FROM trimmed; DROP TABLE trimmed')
  log.close()
  prepareFiles(fresh)
  await project(fresh)
  const [expected, found] = [stateOf(fresh), stateOf(files)] as Record<string, unknown[]>[]
  return Object.keys(expected!).filter((table) => !isDeepStrictEqual(expected![table], found![table]))
}

/** Says who a visitor is, and that it wants a demo: scores, stages and webhooks come of it. */
async function identify(origin: string, n: number): Promise<void> {
  const visitor = `v${n % 50}`
  await fetch(`${origin}/v1/identify`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      site: 'main',
      visitor,
      email: `${visitor}@acme.org`,
      signal: { name: 'demo_requested', id: `form-${n}` },
    }),
  }).catch(() => undefined)
}

async function send(origin: string, body: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${origin}/v1/in`, {
      method: 'POST',
      headers: { 'user-agent': BROWSER },
      body,
    })
    return answer.status
  } catch {
    return undefined
  }
}

/** A page view whose path bears the number. */
function beacon(n: number): string {
  const now = Date.now()
  const id = `${now}`.padStart(13, '0') + `${n}`.padStart(9, '0')
  return JSON.stringify({ s: 'main', v: `v${n % 50}`, t: now, e: [['p', id, now, `/page/${n}`]] })
}

function compare(
  path: string,
  acknowledged: Set<number>,
): Pick<KillResult, 'lost' | 'double' | 'unbalanced'> {
  const db = new Database(path, { readonly: true })
  const rows = db
    .prepare(
      'SELECT text AS path, count(*) AS n FROM events JOIN texts ON texts.no = a WHERE kind = 0 GROUP BY text',
    )
    .all() as { path: string; n: number }[]
  const views = db
    .prepare(
      'SELECT text AS path, sum(views) AS n FROM slices JOIN texts ON texts.no = value WHERE dimension = 1 GROUP BY 1',
    )
    .all() as { path: string; n: number }[]
  const counts = Object.fromEntries(
    (db.prepare('SELECT name, n FROM counts').all() as { name: string; n: number }[]).map(({ name, n }) => [
      name,
      n,
    ]),
  )
  const dayViews = (db.prepare('SELECT sum(views) AS n FROM quarters').get() as { n: number }).n
  db.close()
  const there = new Set(rows.map((row) => Number(row.path.slice('/page/'.length))))
  const { received = 0, ...parts } = counts
  const sum = Object.values(parts).reduce((total, n) => total + n, 0)
  return {
    lost: [...acknowledged].filter((n) => !there.has(n)).length,
    double: rows.filter(({ n }) => n > 1).length + views.filter(({ n }) => n > 1).length,
    unbalanced: received === sum && counts.stored === rows.length && dayViews === rows.length ? 0 : 1,
  }
}

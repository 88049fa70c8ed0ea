import Database from 'better-sqlite3'
import { drained, serveBuilt } from '../support/process.ts'
import { BROWSER } from '../support/user-agent.ts'

export interface KillResult {
  rounds: number
  acknowledged: number
  /** Acknowledged, but not in the state. */
  lost: number
  /** In the state more than once, or counted more than once. */
  double: number
  /** Sums that do not hold: 0 or 1. */
  unbalanced: number
}

const SENDERS = 16
/** The kill falls this long after the load began, ms: between these two. */
const KILL_AFTER_MS: [number, number] = [50, 400]

/** Serves, loads, kills with SIGKILL and serves again, so many times; then compares what was acknowledged with what is there. */
export async function killRounds(options: { db: string; rounds: number; seed: number }): Promise<KillResult> {
  const { db, rounds } = options
  const random = randomFrom(options.seed)
  const env = { LEADWAKE_DB: db, LEADWAKE_ADMIN_KEY: 'lw_a-key-for-the-kill-test' }
  const acknowledged = new Set<number>()
  let serial = 0

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
  return { rounds, acknowledged: acknowledged.size, ...compare(db, acknowledged) }
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
  const id = now.toString(36).padStart(8, '0') + n.toString(36).padStart(9, '0')
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

/** Numbers in [0, 1) that a seed repeats (mulberry32, public domain). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

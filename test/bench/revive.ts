/**
 * What happens beside 100,000 dead deliveries that are tried again: how long a beacon's acknowledgement takes, and how long
 * another webhook waits for a lead that is new. `node test/bench/revive.ts`, on the database of `DATABASE_URL` where that is
 * set, which is to be empty; the last line is JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import Driver from 'better-sqlite3'
import postgres from 'postgres'
import { serveBuilt } from '../support/process.ts'
import { BROWSER } from '../support/user-agent.ts'
import { receiver } from '../webhook/receiver.ts'
import { beacon } from './load.ts'
import { quantile } from './paced.ts'

const DEAD = Number(process.env.DEAD ?? 100_000)
/** Beacons and new leads, one after the other, this often, ms. */
const EVERY_MS = 20
/** How long it is looked at before, ms. */
const BEFORE_MS = 3_000
const KEY = 'lw_a-key-for-the-bench-only'
const SHARED = process.env.DATABASE_URL

export interface ReviveFigures {
  dead: number
  /** Until the last of them waits again. */
  revivedMs: number
  /** Until the call that asks for it is answered. */
  answeredMs: number
  beforeP50Ms: number
  beforeP99Ms: number
  /** Of acknowledgements meanwhile. */
  ackP50Ms: number
  ackP99Ms: number
  /** From a lead's identification to its message at another webhook, before and meanwhile. */
  otherBeforeMs: number
  otherMostMs: number
}

export async function reviveFigures(): Promise<ReviveFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-revive-'))
  const db = join(folder, 'x.db')
  const env = {
    LEADWAKE_DB: db,
    LEADWAKE_ADMIN_KEY: KEY,
    LEADWAKE_WEBHOOK_ALLOW: '127.0.0.1',
    ...(SHARED && { DATABASE_URL: SHARED }),
  }
  const [slow, quick] = [await receiver(), await receiver()]
  // It holds each request as long as it may: its places are taken.
  slow.answer = () => {}
  const first = await served(env)
  const ids: string[] = []
  for (const { url } of [slow, quick]) {
    const { body } = await first.call('POST', '/v1/webhooks', { url, events: ['lead.created'] })
    if (body.id === undefined) throw new Error(JSON.stringify(body))
    ids.push(body.id)
  }
  await first.stop()
  const state = SHARED ? stateIn(SHARED) : stateAt(db)
  await state.seed(ids[0]!)
  const collector = await served(env)
  const identified = new Map<string, number>()
  const heard = new Map<string, number>()
  let n = 0

  /** Beacons and new leads until it is over: how long each took, ms. */
  async function beside(isOver: () => boolean | Promise<boolean>) {
    const acks: number[] = []
    const leads: string[] = []
    while (!(await isOver())) {
      const began = performance.now()
      await collector.beacon()
      acks.push(performance.now() - began)
      const at = performance.now()
      const { body } = await collector.call('POST', '/v1/identify', {
        site: 'main',
        email: `new-${++n}@acme.org`,
      })
      identified.set(body.id ?? `late ${n}`, at)
      if (body.id) leads.push(body.id)
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
    return { acks, leads }
  }
  quick.answer = (response, { json }) => {
    heard.set(json.data.id, performance.now())
    response.writeHead(204).end()
  }
  const mostOf = (leads: string[]) => Math.max(...leads.map((id) => heard.get(id)! - identified.get(id)!))
  const all = async () => {
    while (quick.received.length < n) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const began = performance.now()
  const before = await beside(() => performance.now() - began > BEFORE_MS)
  await all()
  const start = performance.now()
  let answeredMs = 0
  const call = collector.call('POST', `/v1/webhooks/${ids[0]}/replay`, {}).then(() => {
    answeredMs = performance.now() - start
  })
  const meanwhile = await beside(async () => !(await state.hasDead(ids[0]!)))
  const revivedMs = performance.now() - start
  await call
  await all()
  await state.close()
  await Promise.all([slow.close(), quick.close()])
  await collector.stop()
  rmSync(folder, { recursive: true, force: true })
  return {
    dead: DEAD,
    revivedMs,
    answeredMs,
    beforeP50Ms: quantile(before.acks, 0.5),
    beforeP99Ms: quantile(before.acks, 0.99),
    ackP50Ms: quantile(meanwhile.acks, 0.5),
    ackP99Ms: quantile(meanwhile.acks, 0.99),
    otherBeforeMs: mostOf(before.leads),
    otherMostMs: mostOf(meanwhile.leads),
  }
}

async function served(env: Record<string, string>) {
  const { origin, child, ended } = await serveBuilt(env)
  return {
    async beacon() {
      const headers = { 'user-agent': BROWSER, 'content-type': 'text/plain' }
      const { status } = await fetch(`${origin}/v1/in`, { method: 'POST', headers, body: beacon('main') })
      if (status !== 204) throw new Error(`a beacon was answered ${status}`)
    },
    async call(method: string, path: string, body: unknown) {
      const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
      const response = await fetch(origin + path, { method, headers, body: JSON.stringify(body) })

      return { body: (await response.json()) as { id?: string } }
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

const PAYLOAD = {
  type: 'lead.created',
  timestamp: new Date().toISOString(),
  data: { id: 'x' },
}
const TRIES = JSON.stringify(
  Array.from({ length: 10 }, (_, i) => ({ at: i, status: 503, ms: 20, error: 'status' })),
)

/** A state that gets dead deliveries of as many leads, as they lie there after three days of a receiver that was down. */
interface State {
  seed(webhook: string): Promise<void>
  hasDead(webhook: string): Promise<boolean>
  close(): Promise<void>
}

function stateAt(path: string): State {
  const db = new Driver(path)
  const dead = db.prepare("SELECT 1 FROM deliveries WHERE webhook = ? AND state = 'dead' LIMIT 1")
  return {
    async seed(webhook) {
      const message = db.prepare('INSERT INTO outbox VALUES (?, 1, ?, ?, 1, ?, 0, ?)')
      const delivery = db.prepare("INSERT INTO deliveries VALUES (?, ?, ?, ?, 1, ?, 'dead', NULL, ?)")
      db.transaction(() => {
        for (let i = 1; i <= DEAD; i++) {
          const of = [1_000_000 + i, i]
          message.run(`msg_${i}`, ...of, Date.now(), JSON.stringify(PAYLOAD))
          delivery.run(webhook, `msg_${i}`, ...of, Date.now(), TRIES)
        }
      })()
    },
    hasDead: async (webhook) => dead.get(webhook) !== undefined,
    async close() {
      db.close()
    },
  }
}

function stateIn(url: string): State {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  return {
    async seed(webhook) {
      const body = JSON.stringify({ site: 1, payload: PAYLOAD })
      await sql`
        INSERT INTO outbox (id, contact, created_at, is_brief, body)
        SELECT 'msg_' || i, 1000000 + i, ${Date.now()}::bigint, false, ${body} FROM generate_series(1, ${DEAD}::int) AS i`
      await sql`
        INSERT INTO deliveries (webhook, message, contact, seq, serial, created_at, state, due_at, tries)
        SELECT ${webhook}, 'msg_' || i, 1000000 + i, i, 1, ${Date.now()}::bigint, 'dead', NULL, ${TRIES}
        FROM generate_series(1, ${DEAD}::int) AS i`
    },
    hasDead: async (webhook) =>
      (await sql`SELECT 1 FROM deliveries WHERE webhook = ${webhook} AND state = 'dead' LIMIT 1`).length > 0,
    close: () => sql.end(),
  }
}

if (import.meta.main) {
  const figures = await reviveFigures()
  for (const [name, value] of Object.entries(figures))
    console.log(name.padEnd(16), Math.round(value * 10) / 10)
  console.log(JSON.stringify(figures))
  process.exit()
}

/**
 * What an erasure costs: a person with 10,000 events in a database of a million, while beacons arrive. Prints how
 * long the call takes, and the longest that a beacon waited meanwhile. `EVENTS=1000000 node test/bench/erase.ts`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import Database from 'better-sqlite3'
import { ENTRY_VERSION, type Entry } from '../../collector/entry.ts'
import { filesOf, prepareFiles } from '../../collector/files.ts'
import { hashOf } from '../../collector/keys.ts'
import type { TrackedEvent } from '../../collector/lead/state.ts'
import type { LoggedEntry } from '../../collector/log/log.ts'
import { openSqliteLog } from '../../collector/log/sqlite.ts'
import { createProjector } from '../../collector/project.ts'
import { openState } from '../../collector/store/sqlite/open.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import { MAIN_SITE } from '../support/feeding.ts'
import { serveBuilt } from '../support/process.ts'
import { BROWSER } from '../support/user-agent.ts'

const EVENTS = Number(process.env.EVENTS ?? 1_000_000)
const OF_THE_PERSON = 10_000
const START = Date.now() - 86_400_000
const KEY = 'lw_a-key-for-the-bench-only'
const DAY = 86_400_000

const folder = mkdtempSync(join(tmpdir(), 'leadwake-bench-erase-'))
const db = join(folder, 'x.db')
try {
  await fill()
  const collector = await serveBuilt({ LEADWAKE_DB: db })
  try {
    const call = async (method: string, path: string, body?: unknown) => {
      const response = await fetch(`${collector.origin}${path}`, {
        method,
        headers: { authorization: `Bearer ${KEY}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    let { body } = await call('POST', '/v1/identify', {
      site: 'main',
      visitor: 'the-person',
      email: 'person@acme.org',
    })
    while (body.id === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      body = (await call('GET', '/v1/leads')).body.items as never
      body = (body as unknown as Record<string, unknown>[])[0] ?? {}
    }
    let serial = 0
    let isOver = false
    const waits: number[] = []
    const arriving = (async () => {
      while (!isOver) {
        const at = Date.now()
        const beacon = { s: 'main', v: `v${serial % 50}`, t: at, e: [['p', `bench-${++serial}`, at, '/']] }
        const began = performance.now()
        await fetch(`${collector.origin}/v1/in`, {
          method: 'POST',
          headers: { 'user-agent': BROWSER },
          body: JSON.stringify(beacon),
        })
        waits.push(performance.now() - began)
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    })()
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const quiet = Math.max(...waits)
    waits.length = 0
    const began = performance.now()
    const erased = await call('DELETE', `/v1/leads/${body.id}`)
    const ms = performance.now() - began
    const longest = Math.max(...waits)
    isOver = true
    await arriving
    const round = (value: number) => Math.round(value * 10) / 10
    console.log(
      JSON.stringify({
        events: EVENTS,
        ofThePerson: OF_THE_PERSON,
        answer: erased.status,
        rows: erased.body.rows,
        eraseMs: round(ms),
        longestWaitMs: round(longest),
        longestWaitBeforeMs: round(quiet),
      }),
    )
  } finally {
    collector.child.kill('SIGTERM')
    await collector.ended
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A database as a collector leaves it, without the way through the door. */
async function fill(): Promise<void> {
  const files = filesOf(db)
  prepareFiles(files)
  const log = openSqliteLog(files.log)
  const store = sqliteStore(openState(db, false))
  const projector = await createProjector(store, log.id)
  let serial = 0
  const page = (at: number): TrackedEvent => ({
    kind: 'page',
    id: { ms: at, key: ++serial },
    at,
    path: `/services/${serial % 500}`,
  })
  const beacon = (visitor: string, n: number, day: number): Entry => ({
    kind: 'beacon',
    v: ENTRY_VERSION,
    site: 'main',
    visitor,
    agent: 'desktop',
    events: Array.from({ length: n }, (_, i) => page(START - day * DAY + i * 1_000)),
  })
  const entries = function* (): Generator<Entry> {
    yield { v: ENTRY_VERSION, ...MAIN_SITE }
    yield {
      kind: 'key',
      v: ENTRY_VERSION,
      id: 'bench',
      hash: hashOf(KEY),
      name: 'bench',
      rights: ['admin'],
      site: null,
    }
    for (let day = 50; day > 0; day--) yield beacon('the-person', OF_THE_PERSON / 50, day)
    for (let i = 0; i < (EVENTS - OF_THE_PERSON) / 10; i++) yield beacon(`visitor-${i}`, 10, i % 90)
  }
  let batch: LoggedEntry[] = []
  let seq = 0
  const flush = async () => {
    await projector.project(batch)
    batch = []
  }
  for (const entry of entries()) {
    // The log only counts: what it held is long trimmed.
    seq++
    batch.push({ seq, receivedAt: START, entry })
    if (batch.length === 2_000) await flush()
  }
  await flush()
  await store.clean()
  await store.close()
  await log.close()
  const counted = new Database(files.log)
  counted.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('entries', ?)").run(seq)
  counted.close()
}

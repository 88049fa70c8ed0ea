/** The pages of a year of a site, asked for one after the other; `pages.ts` runs it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { queriesOf } from '../../collector/collector.ts'
import { dashboard } from '../../collector/dashboard/dashboard.tsx'
import type { EntryBody } from '../../collector/entry.ts'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import { createProjector } from '../../collector/project.ts'
import { answers } from '../../collector/read.ts'
import type { Reader } from '../../collector/reader.ts'
import { OPERATOR } from '../../collector/staff.ts'
import { migrateState, openForReading, openState } from '../../collector/store/sqlite/open.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import { feeding } from '../support/feeding.ts'
import { visitorKey, YEAR_DAYS, YEAR_START, year } from './year.ts'

const EVENTS = Number(process.env.EVENTS ?? 1_000_000)
const VISITORS = Math.ceil(EVENTS / 100)
/** Of the visitors, one in so many leaves a name. */
const ONE_IN = 5
const BATCH = 4_096
const CHECKPOINT_EVENTS = 20_000
const ROUNDS = 100
/** Requests of each page before: code that was never run is slow once, however large the site is. */
const WARM = 5
const DAY_MS = 86_400_000
const NOW = YEAR_START + YEAR_DAYS * DAY_MS - 1

/** Who leaves a name on a day. */
function named(day: number): EntryBody[] {
  const perDay = VISITORS / ONE_IN / YEAR_DAYS
  const [from, to] = [Math.floor(day * perDay), Math.floor((day + 1) * perDay)]
  return Array.from({ length: to - from }, (_, i) => {
    const no = from + i
    const at = YEAR_START + (day + 1) * DAY_MS - 1
    return {
      kind: 'identify',
      site: 'main',
      newContact: `contact-${no}`,
      visitors: [visitorKey(no * ONE_IN)],
      email: `person-${no}@company-${no % 300}.com`,
      traits: { name: `Person ${no}`, title: 'Head of maintenance' },
      at,
      signals: [],
    }
  })
}

async function seed(path: string): Promise<void> {
  const db = openState(path, true)
  migrateState(db)
  const store = sqliteStore(db)
  const projector = await createProjector(store, 'log-1')
  const project = await feeding(projector)
  let since = 0
  for (const { day, entries } of year(EVENTS, VISITORS)) {
    const end = YEAR_START + (day + 1) * DAY_MS - 1
    for (let i = 0; i < entries.length; i += BATCH) {
      await project(end, entries.slice(i, i + BATCH))
      since += BATCH
      if (since < CHECKPOINT_EVENTS) continue
      await store.checkpoint()
      since = 0
    }
    await project(end, named(day))
    await project(end + 1, [{ kind: 'tick', day: Math.floor(end / DAY_MS) }])
  }
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}

/** Makes the year, asks for each page and prints what it took. */
export async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-pages-'))
  try {
    const path = process.env.DB ?? join(folder, 'x.db')
    const began = performance.now()
    if (!existsSync(path)) await seed(path)
    console.log(`made in ${Math.round((performance.now() - began) / 1_000)} s`)
    const answer = answers({ state: sqliteReader(openForReading(path)), now: () => NOW })
    const ask = new Proxy({} as Reader, {
      get:
        (_, name: keyof typeof answer) =>
        async (...args: unknown[]) =>
          structuredClone((answer[name] as (...args: unknown[]) => unknown)(...args)),
    })
    const rules = { site: 'main', version: 1, document: standardDocument }
    const app = dashboard({
      queries: queriesOf(ask, () => NOW),
      api: async (_c, _method, path) => ({
        status: 200,
        detail: '',
        body: path.includes('history')
          ? { items: [{ version: 1, appliedAt: '2026-01-05', by: 'api' }] }
          : rules,
      }),
      auth: {
        redeem: async () => OPERATOR,
        login: async () => OPERATOR,
        hasPassword: () => true,
        setPassword: async () => {},
        issue: () => '',
        person: () => OPERATOR,
      },
      sales: { decide: async () => undefined, note: async () => undefined },
      now: () => NOW,
      version: '0',
    })
    const { items } = answer.leads({ site: 'main', limit: 50 })!
    const lead = (n: number) => `/leads/${items[n % items.length]!.id}`
    /** Ranges that end on another day each time. */
    const days = (n: number, count: number) => {
      const day = (back: number) => new Date(NOW - back * DAY_MS).toISOString().slice(0, 10)
      return `from=${day(n + count - 1)}&to=${day(n)}`
    }
    const pages: Record<string, (n: number) => string> = {
      overview: (n) => `/?${days(n, 28)}`,
      'overview, a year': (n) => `/?${days(n % 5, 360)}`,
      'overview, a source': (n) => `/?${days(n, 28)}&source=search+Google`,
      'overview, a source and a device': (n) => `/?${days(n, 28)}&source=direct&device=desktop`,
      leads: () => '/leads',
      'leads of a stage': (n) => `/leads?stage=${['lead', 'mql', 'sql'][n % 3]}`,
      'leads by last seen': () => '/leads?sort=-lastSeenAt',
      'leads with a text': (n) => `/leads?q=company-${n}.`,
      'a lead': lead,
      'its dossier': (n) => `${lead(n)}/dossier`,
      companies: () => '/companies',
      'a company': (n) => `/companies/company-${(n * 7) % 300}.com`,
      reports: (n) => `/reports?days=${[30, 91, 365][n % 3]}`,
      rules: () => '/rules',
      'set-up, pages': () => '/setup/pages',
    }
    const figures: Record<string, number> = { events: EVENTS, leads: Math.floor(VISITORS / ONE_IN) }
    for (const [what, path] of Object.entries(pages)) {
      if (process.env.ONLY && what !== process.env.ONLY) continue
      const times: number[] = []
      for (let n = 0; n < WARM + ROUNDS; n++) {
        const start = process.cpuUsage()
        const response = await app.request(path(n), { headers: { 'accept-encoding': 'br' } })
        await response.arrayBuffer()
        // CPU time: what else the machine does at the moment is not ours.
        const { user, system } = process.cpuUsage(start)
        if (n >= WARM) times.push((user + system) / 1e3)
        if (response.status !== 200) throw new Error(`${path(n)}: ${response.status}`)
      }
      const p95 = times.sort((a, b) => a - b)[Math.ceil(ROUNDS * 0.95) - 1]!
      figures[`${what}, p95 ms`] = Math.round(p95 * 10) / 10
      console.log(
        `${what.padEnd(32)} p50 ${times[ROUNDS / 2]!.toFixed(1).padStart(7)} ms   p95 ${p95.toFixed(1).padStart(7)} ms`,
      )
    }
    console.log(JSON.stringify(figures))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What lists of 100,000 leads cost, and their CSV: `node test/bench/leads.ts`; the last line is JSON. `LEADS=10000` for fewer. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ApiDeps } from '../../collector/api/deps.ts'
import { leadsApi } from '../../collector/api/leads.ts'
import { eventKey } from '../../collector/event-key.ts'
import type { HeldKey } from '../../collector/keys.ts'
import { createProjector } from '../../collector/project.ts'
import { answers, type LeadsQuery } from '../../collector/read.ts'
import type { Reader } from '../../collector/reader.ts'
import { migrateState, openForReading, openState } from '../../collector/store/sqlite/open.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import { feeding } from '../support/feeding.ts'

const LEADS = Number(process.env.LEADS ?? 100_000)
const BATCH = 500
const ROUNDS = 40
const NOW = Date.UTC(2026, 10, 3)
const SIGNALS = ['email_click', 'webinar_attended', 'survey_answered', 'demo_requested', 'video_watched']
/** Of a list by name: behind a name that is there. */
const MIDDLE = `name.${Buffer.from('person 5').toString('base64url')}.1`

const QUERIES: Record<string, (n: number) => Partial<LeadsQuery>> = {
  'all, most engaged first': () => ({}),
  'all, by fit': () => ({ sort: '-fit' }),
  'all, by last seen': () => ({ sort: '-lastSeenAt' }),
  'all, by when known': () => ({ sort: 'createdAt' }),
  'all, by name': () => ({ sort: 'name' }),
  'all, by name, from the middle on': () => ({ sort: 'name', cursor: MIDDLE }),
  'all, the longest at their stage first': () => ({ sort: 'stageSince' }),
  'of a stage, the longest there first': () => ({ stage: ['sql'], sort: 'stageSince' }),
  'of a stage': (n) => ({ stage: [(['lead', 'mql', 'sql'] as const)[n % 3]!] }),
  'of an owner nobody is of': () => ({ owner: 'Nobody' }),
  'with a text that nobody has': (n) => ({ q: `nobody ${n}` }),
  'with a text': (n) => ({ q: `person-${n * 97}@` }),
  'within points, by last seen': () => ({ minEngagement: 5, maxEngagement: 30, sort: '-lastSeenAt' }),
  'who read a page that nobody read': () => ({ page: '/pricing' }),
}

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void
/** What is held, MiB, once nothing is left to collect: SQLite's cache and the pages of its file are not of the list. */
const held = () => {
  gc()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return (heapUsed + external + arrayBuffers) / 2 ** 20
}

if (import.meta.main) {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-leads-'))
  try {
    const path = join(folder, 'x.db')
    await seed(path)
    const reading = openForReading(path)
    const answer = answers({ state: sqliteReader(reading), now: () => NOW })
    const figures: Record<string, number> = {}
    const row = (what: string, value: string | number) =>
      console.log(`${what.padEnd(48)}${String(value).padStart(12)}`)
    const asked: [what: string, ask: (n: number) => unknown][] = [
      ...Object.entries(QUERIES).map(
        ([what, query]) =>
          [what, (n: number) => answer.leads({ site: 'main', limit: 50, ...query(n) })] as [
            string,
            () => unknown,
          ],
      ),
      ['companies', () => answer.companies('main', 50)],
      ['transitions', () => answer.transitions('main', [], 50)],
      ['transitions to a stage', () => answer.transitions('main', ['sql'], 50)],
      ['segments', () => answer.segments('main')],
      ['a lead', (n) => answer.lead(`contact-${n * 97}`)],
    ]
    for (const [what, ask] of asked) {
      const times = Array.from({ length: ROUNDS }, (_, n) => {
        // CPU time: what else the machine does at the moment is not ours.
        const start = process.cpuUsage()
        ask(n)
        const { user, system } = process.cpuUsage(start)
        return (user + system) / 1000
      }).sort((a, b) => a - b)
      figures[what] = Math.round(times[Math.ceil(ROUNDS * 0.95) - 1]! * 10) / 10
      row(`${what}, p95, ms`, figures[what])
    }
    const csv = await csvFigures(answer as unknown as Reader)
    row('CSV: rows', csv.rows)
    row('  CPU, s', csv.seconds)
    row('  memory held at its most above the first tenth, MiB', csv.growthMiB)
    console.log(JSON.stringify({ leads: LEADS, p95Ms: figures, csv }))
    reading.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function csvFigures(ask: Reader): Promise<{ rows: number; seconds: number; growthMiB: number }> {
  const key: HeldKey = { name: 'bench', id: 'bench', hash: '', rights: ['leads'], site: null }
  const memory = { key: () => key, site: () => ({}), sites: () => [{ id: 'main' }] }
  const app = leadsApi({ memory, ask, now: () => NOW } as unknown as ApiDeps)
  const start = process.cpuUsage()
  const response = await app.request('/v1/leads?format=csv', { headers: { authorization: 'Bearer x' } })
  const looks: number[] = []
  let [rows, chunks] = [-1, 0]
  for await (const chunk of response.body!) {
    rows += chunk.reduce((sum: number, byte: number) => sum + (byte === 10 ? 1 : 0), 0)
    if (++chunks % 20 === 0) looks.push(held())
  }
  const { user, system } = process.cpuUsage(start)
  return {
    rows,
    seconds: Math.round((user + system) / 1e5) / 10,
    growthMiB: Math.round((Math.max(...looks) - looks[0]!) * 10) / 10,
  }
}

async function seed(path: string): Promise<void> {
  const db = openState(path, true)
  migrateState(db)
  const store = sqliteStore(db)
  const projector = await createProjector(store, 'log-1')
  const project = await feeding(projector)
  for (let from = 0; from < LEADS; from += BATCH) {
    const at = NOW - (LEADS - from) * 20_000
    const some = Array.from({ length: Math.min(BATCH, LEADS - from) }, (_, i) => from + i)
    const people = some.map((no, line) => ({
      newContact: `contact-${no}`,
      line,
      email: `person-${no}@company-${no % 7_000}.com`,
      traits: { name: `Person ${no}`, title: 'Head of maintenance', employees: (no * 7) % 500 },
      at: at + line,
    }))
    const items = some.flatMap((no) =>
      Array.from({ length: no % 4 }, (_, k) => ({
        contact: `contact-${no}`,
        signal: { id: eventKey(`${no} ${k}`), name: SIGNALS[(no + k) % SIGNALS.length]!, at: at + 1_000 + k },
      })),
    )
    await project(at + 2_000, [
      { kind: 'contacts', site: 'main', people },
      { kind: 'signal', site: 'main', items },
    ])
    if (from % 20_000 === 0) await store.checkpoint()
  }
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}

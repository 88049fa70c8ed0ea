/** What reports cost at 100,000 leads with a million transitions: `node test/bench/reports.ts`; the last line is JSON. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import type { RulesDocument } from '../../collector/lead/rules.ts'
import { type ReportName, reports } from '../../collector/read/reports.ts'
import { answers } from '../../collector/read.ts'
import { milestoneBlocks } from '../../collector/store/sqlite/milestone-blocks.ts'
import { migrateState, openForReading, openState } from '../../collector/store/sqlite/open.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import { sqliteTexts } from '../../collector/store/sqlite/texts.ts'

const LEADS = 100_000
const TRANSITIONS_EACH = 10
const ROUNDS = 40
const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 3)
const YEAR = 365

export interface ReportFigures {
  /** CPU ms by report, of a year. */
  reports: Record<ReportName, { p50: number; p95: number }>
  /** The slowest of them. */
  reportP95Ms: number
}

if (import.meta.main) {
  const { reports: found } = reportFigures()
  for (const [name, { p50, p95 }] of Object.entries(found))
    console.log(`${name.padEnd(10)} p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`)
  console.log(JSON.stringify({ leads: LEADS, transitions: LEADS * TRANSITIONS_EACH, reports: found }))
}

export function reportFigures(): ReportFigures {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-reports-'))
  const file = join(folder, 'x.db')
  const db = openState(file, true)
  migrateState(db)
  seed(db)
  db.close()
  const reading = openForReading(file)
  const ask = answers({ state: sqliteReader(reading), now: () => NOW })
  const names = Object.keys(reports) as ReportName[]
  const found = names.map((name) => {
    const times = Array.from({ length: ROUNDS }, () => {
      // CPU time: what else the machine does at the moment is not ours.
      const start = process.cpuUsage()
      ask.report(name, 'main', NOW - YEAR * DAY, NOW)
      const { user, system } = process.cpuUsage(start)
      return (user + system) / 1000
    }).sort((a, b) => a - b)
    return [name, { p50: times[ROUNDS / 2]!, p95: times[Math.ceil(ROUNDS * 0.95) - 1]! }] as const
  })
  reading.close()
  rmSync(folder, { recursive: true, force: true })
  return {
    reports: Object.fromEntries(found) as ReportFigures['reports'],
    reportP95Ms: Math.max(...found.map(([, { p95 }]) => p95)),
  }
}

function seed(db: Database): void {
  const document = JSON.stringify(standardDocument)
  db.prepare("INSERT INTO rules (site, version, document, applied_at, by) VALUES (1, 1, ?, 0, 'x')").run(
    document,
  )
  const columns = db.pragma('table_info(sites)') as { name: string; type: string }[]
  const given: Record<string, string | number> = {
    no: 1,
    id: 'main',
    name: 'Main',
    consent: 'given',
    hosts: '[]',
    rules_version: 1,
  }
  const of = ({ name, type }: { name: string; type: string }) =>
    given[name] ?? (type === 'INTEGER' ? 0 : '[]')
  db.prepare(
    `INSERT INTO sites (${columns.map(({ name }) => name).join()}) VALUES (${columns.map(() => '?').join()})`,
  ).run(...columns.map(of))
  const milestone = db.prepare(
    'INSERT INTO milestones VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const contact = db.prepare(
    `INSERT INTO contacts (no, id, site, traits, verified, identified_at, own_visitor, learned, sort_name)
     VALUES (?, ?, 1, '{}', 1, 0, 0, '{}', '')`,
  )
  const content = db.prepare('INSERT INTO seen_content VALUES (?, ?, ?)')
  const texts = sqliteTexts(db)
  const ids = (standardDocument as RulesDocument).rules.map(({ id }) => id)
  // What people did differs: some thousand sets of rules.
  const standing = (i: number) =>
    texts.no(ids.filter((_, k) => ((i * 2654435761) >>> (k % 13)) % 4 === 0 && k < 26).join(' '))
  const transition = db.prepare(
    `INSERT INTO transitions (contact, from_stage, to_stage, effective_at, recorded_at, by, why)
     VALUES (?, 'lead', 'mql', ?, ?, 'tick', 'x')`,
  )
  const stageDay = db.prepare(
    'INSERT INTO stage_days VALUES (1, ?, ?, 1) ON CONFLICT (site, day, stage) DO UPDATE SET n = n + 1',
  )
  const decision = db.prepare(
    `INSERT INTO decisions (contact, at, id_ms, id_key, site, decision, by, reason, recorded_at)
     VALUES (?, ?, 0, ?, 1, 'reject', 'x', ?, 0)`,
  )
  const blocks = milestoneBlocks(db)
  db.transaction(() => {
    for (let i = 1; i <= LEADS; i++) {
      const at = NOW - ((i * 7919) % YEAR) * DAY
      const step = (share: number, days: number) => (i % 100 < share ? at + ((i * days) % 40) * DAY : null)
      milestone.run(
        i,
        at,
        step(60, 3),
        step(30, 7),
        step(20, 9),
        step(8, 11),
        step(12, 12),
        step(6, 13),
        step(5, 14),
        at,
        texts.no(`search ${(i * 31) % 200}`),
        texts.no(`/page/${(i * 17) % 3000}`),
        i % 3 === 0 ? texts.no(`campaign ${i % 60}`) : null,
        i % 100 < 30 ? standing(i) : null,
        i % 100 < 6 ? 1 : i % 100 < 17 ? 0 : null,
      )
      contact.run(i, `c${i}`)
      for (let k = 0; k < i % 3; k++) content.run(i, texts.no(`/files/${(i * 13 + k * 7) % 120}.pdf`), at)
      if (i % 100 < 8) decision.run(i, at + DAY, i, ['no_budget', 'no_need', 'spam'][i % 3])
      for (let k = 0; k < TRANSITIONS_EACH; k++) {
        const then = at + k * 5 * DAY
        transition.run(i, then, then)
        stageDay.run(Math.floor(then / DAY), ['lead', 'mql', 'sql'][k % 3])
      }
    }
    blocks.write()
  })()
}

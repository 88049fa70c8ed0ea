/**
 * What a year of a large site costs: bytes on disk an event, how fast the projection is at its end against its
 * beginning, and what `/v1/stats` takes. Entries go through the projector in batches as under load; what is
 * asked goes through the reader's answers, then through each reading call of the API. `EVENTS=1000000 VISITORS=10000 LEADS=10000`
 * for a smaller one; `BENCH_FOLDER=FOLDER` keeps
 * the year there, and one that is there already is asked and not made again.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { EntryBody } from '../../collector/entry.ts'
import { eventKey } from '../../collector/event-key.ts'
import { createProjector } from '../../collector/project.ts'
import type { NumbersAsked } from '../../collector/read/numbers.ts'
import type { VisitFilters } from '../../collector/read/visit-stats.ts'
import { answers } from '../../collector/read.ts'
import { migrateState, openForReading, openState } from '../../collector/store/sqlite/open.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import { feeding } from '../support/feeding.ts'
import { readFigures, readLine } from './reads.ts'
import { pathNumber, visitorKey, YEAR_DAYS, YEAR_START, year } from './year.ts'

const EVENTS = Number(process.env.EVENTS ?? 10_000_000)
const VISITORS = Number(process.env.VISITORS ?? Math.ceil(EVENTS / 100))
/** As the projector's thread takes them from a backlog. */
const BATCH = 4_096
const CHECKPOINT_EVENTS = 20_000
const DAY_MS = 86_400_000
/** Entries whose projection is timed at the beginning (behind the first, which find an empty file) and at the end. */
const TIMED = 100_000
const ASKED = 40
/** Visitors who leave their name: one in a hundred unless told. */
const LEADS = Number(process.env.LEADS ?? Math.floor(VISITORS / 100))

export interface StatsFigures {
  events: number
  visitors: number
  bytesPerEvent: number
  /** Events a second of one core, at the first 100 thousand and at the last. */
  firstRate: number
  lastRate: number
  lastToFirst: number
  /** The same by the clock, with the disk's part. */
  firstClockRate: number
  lastClockRate: number
  stats30DaysP95Ms: number
  statsYearP95Ms: number
  statsPageP95Ms: number
  statsSourceP95Ms: number
  /** Of 30 days and of a year, under a filter of which no sums are kept, and under two. */
  filtered30DaysP95Ms: number
  filteredYearP95Ms: number
  filteredPageYearP95Ms: number
  seriesYearP95Ms: number
  seriesHoursP95Ms: number
  topYearP95Ms: number
  topFilteredYearP95Ms: number
  /** Pages of the dashboard: the overview of 28 days compared, of a year, narrowed by one and by two, and the reports. */
  /** Share by which the year's visitors may be off. */
  visitorsError: number
}

interface Timed {
  entries: number
  cpu: number
  clock: number
}

export async function statsFigures(folder: string): Promise<StatsFigures> {
  const path = join(folder, 'year.db')
  const made = existsSync(path) ? undefined : await makeYear(path)
  return { ...figuresOf(made), ...(await askedFigures(path)) }
}

/** Projects the year. */
export async function makeYear(path: string): Promise<Made> {
  const db = openState(path, true)
  migrateState(db)
  const store = sqliteStore(db)
  const projector = await createProjector(store, 'log-1')
  const project = await feeding(projector)

  const first: Timed = { entries: 0, cpu: 0, clock: 0 }
  const last: Timed = { entries: 0, cpu: 0, clock: 0 }
  let events = 0
  let sinceCheckpoint = 0
  for (const { day, entries } of year(EVENTS, VISITORS)) {
    const end = YEAR_START + (day + 1) * DAY_MS - 1
    for (let i = 0; i < entries.length; i += BATCH) {
      const batch = entries.slice(i, i + BATCH)
      const timed =
        events < TIMED
          ? undefined
          : first.entries < TIMED
            ? first
            : events >= EVENTS - TIMED
              ? last
              : undefined
      const before = { cpu: process.cpuUsage(), clock: performance.now() }
      await project(end, batch)
      sinceCheckpoint += batch.length
      if (sinceCheckpoint >= CHECKPOINT_EVENTS) {
        await store.checkpoint()
        sinceCheckpoint = 0
      }
      if (timed) {
        const { user, system } = process.cpuUsage(before.cpu)
        timed.cpu += (user + system) / 1e6
        timed.clock += (performance.now() - before.clock) / 1e3
        timed.entries += batch.length
      }
      events += batch.length
    }
    await project(end, [...people(day, VISITORS, LEADS), ...decided(day, LEADS)])
    await project(end + 1, [{ kind: 'tick', day: Math.floor(end / DAY_MS) }])
    if (process.env.VERBOSE && day % 30 === 0)
      console.error(`day ${day}, ${events} events, ${Math.round(performance.now() / 1e3)} s`)
  }
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
  return { events, bytes: statSync(path).size, first, last }
}

interface Made {
  events: number
  bytes: number
  first: Timed
  last: Timed
}

/** Of a year that lay there already, what its making cost is not known: 0. */
function figuresOf(made: Made | undefined) {
  const first = made?.first ?? { entries: 0, cpu: 1, clock: 1 }
  const last = made?.last ?? first
  const rate = ({ entries }: Timed, seconds: number) => Math.round(entries / seconds)
  return {
    events: made?.events ?? EVENTS,
    visitors: VISITORS,
    bytesPerEvent: made ? round(made.bytes / made.events) : 0,
    firstRate: rate(first, first.cpu),
    lastRate: rate(last, last.cpu),
    lastToFirst: made ? round(first.cpu / first.entries / (last.cpu / last.entries)) : 0,
    firstClockRate: rate(first, first.clock),
    lastClockRate: rate(last, last.clock),
  }
}

async function askedFigures(path: string): Promise<Omit<StatsFigures, keyof ReturnType<typeof figuresOf>>> {
  const reading = openForReading(path)
  const now = YEAR_START + YEAR_DAYS * DAY_MS - 1
  const answer = answers({ state: sqliteReader(reading), now: () => now })
  const p95 = (ask: (n: number) => unknown): number => {
    const times = Array.from({ length: ASKED }, (_, n) => {
      // CPU time: what else the machine does at the moment is not ours.
      const began = process.cpuUsage()
      ask(n)
      const { user, system } = process.cpuUsage(began)
      return (user + system) / 1e3
    })
    return times.sort((a, b) => a - b)[Math.ceil(ASKED * 0.95) - 1]!
  }
  /** Another end each time. */
  const asked = (days: number, n: number, filters: VisitFilters): NumbersAsked => {
    const to = Math.floor(now / DAY_MS) - (n % 5)
    return { from: { day: to - days + 1 }, to: { day: to }, filters }
  }
  const figures = {
    // Another end each time, so that no two ask for the same.
    stats30DaysP95Ms: round(p95((n) => answer.stats('main', undefined, now - n * DAY_MS))),
    statsYearP95Ms: round(p95((n) => answer.stats('main', YEAR_START, now - (n % 5) * DAY_MS))),
    statsPageP95Ms: round(p95((n) => answer.slice('main', YEAR_START, now, { page: pathNumber(n) }))),
    statsSourceP95Ms: round(
      p95((n) =>
        answer.slice('main', YEAR_START, now, { source: ['search Google', 'direct', 'ai ChatGPT'][n % 3]! }),
      ),
    ),
    filtered30DaysP95Ms: round(p95((n) => answer.numbers('main', asked(30, n, { device: 'mobile' })))),
    filteredYearP95Ms: round(p95((n) => answer.numbers('main', asked(365, n, { device: 'mobile' })))),
    filteredPageYearP95Ms: round(
      p95((n) => answer.numbers('main', asked(365, n, { page: pathNumber(n), source: 'search Google' }))),
    ),
    seriesYearP95Ms: round(p95((n) => answer.series('main', asked(365, n, {}), 'week'))),
    seriesHoursP95Ms: round(p95((n) => answer.series('main', asked(31, n, {}), 'hour'))),
    topYearP95Ms: round(p95((n) => answer.top('main', asked(365, n, {}), 'page', 50))),
    topFilteredYearP95Ms: round(
      p95((n) => answer.top('main', asked(365, n, { device: 'mobile' }), 'page', 50)),
    ),
    visitorsError: answer.stats('main', YEAR_START, now)!.visitorsError,
  }
  reading.close()
  return figures
}

/** Numbers of those who leave their name on a day. */
function named(day: number, leads: number): number[] {
  const until = (days: number) => Math.floor((leads * days) / YEAR_DAYS)
  const first = until(day)
  return Array.from({ length: until(day + 1) - first }, (_, i) => first + i)
}

/** Those who leave their name on a day, of so many visitors; three of ten ask for a demo. */
export function people(
  day: number,
  visitors: number,
  leads: number = Math.floor(visitors / 100),
): EntryBody[] {
  const at = YEAR_START + (day + 1) * DAY_MS - 1
  return named(day, leads).map((lead) => {
    const no = Math.floor((lead * visitors) / leads)
    return {
      kind: 'identify',
      site: 'main',
      newContact: `contact-${no}`,
      visitors: [visitorKey(no)],
      email: `person-${no}@company-${no % 700}.com`,
      traits: { name: `Person ${no}`, title: 'Head of maintenance' },
      at,
      signals: lead % 10 < 3 ? [{ id: eventKey(`demo ${no}`), name: 'demo_requested', at, props: {} }] : [],
    }
  })
}

const DECIDED = ['accept', 'reject', 'won'] as const
const REASONS = ['no_budget', 'no_need', 'spam']

/** What sales makes of those who asked for a demo ten days before. */
function decided(day: number, leads: number): EntryBody[] {
  const at = YEAR_START + (day + 1) * DAY_MS - 1
  return named(day - 10, leads).flatMap((lead): EntryBody[] => {
    const decision = DECIDED[lead % 10]
    if (day < 10 || !decision) return []
    const contact = `contact-${Math.floor((lead * VISITORS) / leads)}`
    const reason = decision === 'reject' ? REASONS[lead % 3]! : null
    const id = eventKey(`${decision} ${lead}`)
    return [
      {
        kind: 'decision',
        site: 'main',
        contact,
        decision: { id, at, decision, by: 'Bea', reason, until: null, value: null },
        expected: {},
      },
    ]
  })
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

if (import.meta.main) {
  const folder = process.env.BENCH_FOLDER ?? mkdtempSync(join(tmpdir(), 'leadwake-year-'))
  try {
    const figures = await statsFigures(folder)
    const row = (what: string, value: string | number) =>
      console.log(`${what.padEnd(64)}${String(value).padStart(18)}`)
    row(`${figures.events} events of ${figures.visitors} visitors in a year`, '')
    row('bytes on disk an event, all indexes and sums', figures.bytesPerEvent)
    row(
      'projected events a CPU second, first / last 100 thousand',
      `${figures.firstRate} / ${figures.lastRate}`,
    )
    row('  ratio', figures.lastToFirst)
    row(
      'projected events a second by the clock, first / last',
      `${figures.firstClockRate} / ${figures.lastClockRate}`,
    )
    row('/v1/stats of 30 days, p95, ms', figures.stats30DaysP95Ms)
    row('/v1/stats of a year, p95, ms', figures.statsYearP95Ms)
    row('  of a page, a year, p95, ms', figures.statsPageP95Ms)
    row('  of a source, a year, p95, ms', figures.statsSourceP95Ms)
    row(
      '  of a device, 30 days / a year, p95, ms',
      `${figures.filtered30DaysP95Ms} / ${figures.filteredYearP95Ms}`,
    )
    row('  of a page and a source, a year, p95, ms', figures.filteredPageYearP95Ms)
    row(
      '/v1/stats/series, a year by week / 31 days by hour, p95, ms',
      `${figures.seriesYearP95Ms} / ${figures.seriesHoursP95Ms}`,
    )
    row(
      '/v1/stats/top/page, a year / of a device, p95, ms',
      `${figures.topYearP95Ms} / ${figures.topFilteredYearP95Ms}`,
    )
    const reads = await readFigures(join(folder, 'year.db'), (what, figure) =>
      console.log(readLine(what, figure)),
    )
    console.log(JSON.stringify({ ...figures, reads }))
  } finally {
    if (!process.env.BENCH_FOLDER) rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * What qualification costs in the projector: the end of a day with 100,000 leads, and one event, in order or late, of a
 * lead with ten and with 100,000 earlier ones, committed.
 */
import { performance } from 'node:perf_hooks'
import { ENTRY_VERSION, type EntryBody } from '../../collector/entry.ts'
import { DAY_MS, dayOf } from '../../collector/lead/day.ts'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import { replayLead } from '../../collector/lead/replay.ts'
import { engagement } from '../../collector/lead/score.ts'
import type { TrackedEvent } from '../../collector/lead/state.ts'
import { createProjector } from '../../collector/project.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import { beaconEntry, type Projection, projection } from '../support/projection.ts'
import { kinds, rulesOf, START } from './replay.ts'

const LEADS = 100_000
/** The days whose ends are timed, in the midst of what the leads do. */
const FIRST_DAY = dayOf(START) + 60
const DAYS = 7
/** Events of the lead with a long history, and of the one with a short one. */
const MANY = 100_000
const FEW = 10
const TIMED = 400
const BATCH = 2_000
const GAP_MS = 40_000
const HALF_DAY_MS = DAY_MS / 2

export interface QualifyFigures {
  /** The longest of the days. */
  tickSeconds: number
  /** Leads that it looked at, of 100,000. */
  tickLooked: number
  tickMoved: number
  eventToStageFewMs: number
  eventToStageManyMs: number
  eventToStageManyToFew: number
  /** The first late event of the lead with a long history: nothing is known of it yet. */
  lateFirstMs: number
  /** Later ones, each in a batch of its own: half a minute late, and among the last half of a day's. */
  lateFewMs: number
  lateManyMs: number
  lateManyToFew: number
  lateHoursManyMs: number
  /** Thousand of them at once, each at another place of the last half day: ms for one. */
  lateStreamManyMs: number
}

export async function qualifyFigures(): Promise<QualifyFigures> {
  return { ...(await growth()), ...(await ticks()) }
}

async function ticks(): Promise<Pick<QualifyFigures, 'tickSeconds' | 'tickLooked' | 'tickMoved'>> {
  const state = await projection()
  try {
    fill(state)
    // It knows of the leads only from its beginning on.
    const projector = await createProjector(sqliteStore(state.db), 'log-1')
    let { seq } = projector.watermark()
    const looked = state.db.prepare('SELECT count(*) AS n FROM leads WHERE review_day <= ?')
    const moved = state.db.prepare('SELECT count(*) AS n FROM transitions')
    const count = (rows: unknown) => (rows as { n: number }).n
    let worst = { tickSeconds: 0, tickLooked: 0, tickMoved: 0 }
    for (let day = FIRST_DAY; day < FIRST_DAY + DAYS; day++) {
      const [due, before] = [count(looked.get(day)), count(moved.get())]
      const start = process.cpuUsage()
      const entry = { v: ENTRY_VERSION, kind: 'tick', day } as const
      await projector.project([{ seq: ++seq, receivedAt: (day + 1) * DAY_MS, entry }])
      const { user, system } = process.cpuUsage(start)
      const tickSeconds = round((user + system) / 1e6)
      if (tickSeconds < worst.tickSeconds) continue
      worst = { tickSeconds, tickLooked: due, tickMoved: count(moved.get()) - before }
    }
    return worst
  } finally {
    state.remove()
  }
}

/** Leads as they stand on the morning of the first day, straight into the tables: to send their events takes minutes. */
function fill({ db }: Projection): void {
  const rules = rulesOf(standardDocument)
  const morning = FIRST_DAY * DAY_MS
  const standing = kinds(rules)
    .filter(({ facts }) => facts.identifiedAt < morning)
    .map(({ stream, facts }) => {
      const past = stream.filter(({ at }) => at < morning)
      const { lead } = replayLead([past], facts, rules, morning, FIRST_DAY - 1)
      return { lead, facts, points: engagement(lead, FIRST_DAY, rules).total }
    })
  const contact = db.prepare(
    `INSERT INTO contacts (no, id, site, email, traits, verified, identified_at, own_visitor, learned, sort_name)
     VALUES (?, ?, 1, ?, ?, 1, ?, ?, '{}', '')`,
  )
  const put = db.prepare(
    `INSERT INTO leads (contact, site, stage, engagement, fit, last_at, since, review_day, rules_version, visits, views, engaged_ms, lead)
     VALUES (?, 1, ?, ?, 50, ?, ?, ?, 1, 0, 0, 0, ?)`,
  )
  db.transaction(() => {
    for (let no = 1; no <= LEADS; no++) {
      const { lead, facts, points } = standing[no % standing.length]!
      contact.run(no, `c${no}`, facts.email, JSON.stringify(facts.traits), facts.identifiedAt, no)
      put.run(no, lead.stage, points, lead.lastAt, lead.since, lead.reviewDay, JSON.stringify(lead))
    }
  })()
}

async function growth(): Promise<Omit<QualifyFigures, 'tickSeconds' | 'tickLooked' | 'tickMoved'>> {
  const state = await projection()
  try {
    let at = START
    let key = 0
    const page = (): TrackedEvent => {
      at += GAP_MS
      key++
      return { kind: 'page', id: { ms: at, key }, at, path: `/services/${key % 50}` }
    }
    for (const visitor of ['few', 'many']) {
      const email = `${visitor}@acme.example`
      const said = { newContact: visitor, visitors: [visitor], email, traits: {}, at, signals: [] }
      await state.project(at, [{ kind: 'identify', site: 'main', ...said }])
    }
    let day = dayOf(at)
    /** So many events in order, with the ends of the days between them. */
    const send = async (visitor: string, n: number) => {
      let entries: EntryBody[] = []
      for (let i = 0; i < n; i++) {
        const next = page()
        if (dayOf(at) > day || entries.length === BATCH) {
          await state.project(at - GAP_MS, entries)
          entries = []
        }
        for (; day < dayOf(at); day++) await state.project(at, [{ kind: 'tick', day }])
        entries.push(beaconEntry(visitor, [next]))
      }
      await state.project(at, entries)
    }
    await send('many', MANY)
    await send('few', FEW)
    const times: Record<string, number[]> = { few: [], many: [] }
    for (let i = 0; i < TIMED; i++) {
      for (const visitor of i % 2 ? ['few', 'many'] : ['many', 'few']) {
        const entry = beaconEntry(visitor, [page()])
        const start = performance.now()
        await state.project(at, [entry])
        times[visitor]!.push(performance.now() - start)
      }
    }
    const [few, many] = [median(times.few!), median(times.many!)]
    const late = (before: number): TrackedEvent => {
      key++
      const then = at - before - (key % GAP_MS)
      return { kind: 'page', id: { ms: then, key }, at: then, path: `/services/${key % 50}` }
    }
    const timed = async (visitor: string, events: TrackedEvent[]): Promise<number> => {
      const entries = events.map((event) => beaconEntry(visitor, [event]))
      const start = performance.now()
      await state.project(at, entries)
      return performance.now() - start
    }
    const lateFirstMs = await timed('many', [late(GAP_MS)])
    const lates: Record<string, number[]> = { few: [], many: [], hours: [] }
    for (let i = 0; i < TIMED; i++) {
      lates.few!.push(await timed('few', [late(0)]))
      lates.many!.push(await timed('many', [late(0)]))
      if (i % 10 === 0) lates.hours!.push(await timed('many', [late(HALF_DAY_MS)]))
    }
    const spread = Array.from({ length: 1_000 }, (_, i) => late((HALF_DAY_MS * (i % 100)) / 100))
    const lateStreamMs = await timed('many', spread)
    const [lateFew, lateMany] = [median(lates.few!), median(lates.many!)]
    return {
      lateFirstMs: round(lateFirstMs),
      lateFewMs: round(lateFew),
      lateManyMs: round(lateMany),
      lateManyToFew: round(lateMany / lateFew),
      lateHoursManyMs: round(median(lates.hours!)),
      lateStreamManyMs: round(lateStreamMs / 1_000),
      eventToStageFewMs: round(few),
      eventToStageManyMs: round(many),
      eventToStageManyToFew: round(many / few),
    }
  } finally {
    state.remove()
  }
}

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!

const round = (value: number): number => Math.round(value * 100) / 100

if (import.meta.main) console.log(JSON.stringify(await qualifyFigures()))

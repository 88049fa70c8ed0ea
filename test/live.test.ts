import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { engageKey } from '../collector/event-key.ts'
import { dayOf } from '../collector/lead/day.ts'
import { sessionise } from '../collector/lead/sessionise.ts'
import type { EventKey, TrackedEvent, Visit } from '../collector/lead/state.ts'
import { sqliteStore } from '../collector/store/sqlite/store.ts'
import { DAY, START } from './support/collector.ts'
import { beaconEntry, type Projection, projection } from './support/projection.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Documents that a marketer may put into force one after the other. */
const DOCUMENTS: object[] = [
  { extends: 'standard' },
  { extends: 'broad', rules: { pricing: { points: 3, perDay: 9 } } },
  { extends: 'strict', groups: { hand: { halfLifeDays: 5 } } },
  {
    extends: 'standard',
    pages: { pricing: ['/services**'] },
    rules: {
      boss: {
        label: 'Read by a boss',
        group: 'content',
        signals: ['page_view'],
        where: { trait: { title: 'CTO' } },
        points: 4,
        perDay: 8,
      },
    },
  },
]
const PEOPLE = [
  { email: 'ada@acme.org' },
  { externalId: 'crm-1' },
  { email: 'ada@acme.org', externalId: 'crm-1' },
]
const SENT = ['demo_requested', 'callback_requested', 'email_click', 'email_unsubscribe', 'no_response']

const KINDS = ['page', 'read', 'left', 'told', 'download', 'identify', 'signal', 'rules', 'unmerge'] as const

/** One thing that happens at a minute, and how long it takes to arrive, ms. */
const step = fc.record({
  what: fc.constantFrom(...['page', 'page', 'page', 'read', 'read', 'read'], ...KINDS),
  /** A busy day, two weeks, then silence in which ticks take stages away. */
  minutes: fc.oneof(
    { weight: 3, arbitrary: fc.nat(14 * 24 * 60) },
    { weight: 2, arbitrary: fc.nat(12 * 60) },
    fc.nat(70 * 24 * 60),
  ),
  late: fc.constantFrom(0, 0, 0, 2_000, 5 * HOUR, 3 * DAY, 6 * DAY),
  visitor: fc.constantFrom('phone', 'laptop'),
  pick: fc.nat(1_000),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const HISTORY = fc.array(step, { minLength: 20, maxLength: 60, size: 'max' })

const reading = (page: EventKey, at: number, ms: number): TrackedEvent => ({
  kind: 'engage',
  id: engageKey(page, ms, 50),
  at,
  page,
  ms,
  scroll: 50,
})

/** What comes of a step, and when, ms; a tab that is left open tells up to two hours later, and may do so before its view is sent. */
function arrivalsOf(one: Step, n: number): { entry: EntryBody; at: number }[] {
  const at = START + one.minutes * MINUTE + n
  const first = { entry: entryOf(one, n), at: at + one.late }
  if (one.what !== 'left') return [first]
  const told = at + (one.pick % 120) * MINUTE + 30_000
  return [first, { entry: beaconEntry(one.visitor, [reading({ ms: at, key: n }, told, 30_000)]), at: told }]
}

function entryOf({ what, minutes, visitor, pick }: Step, n: number): EntryBody {
  const at = START + minutes * MINUTE + n
  const id = { ms: at, key: n }
  const view: TrackedEvent = {
    kind: 'page',
    id,
    at,
    path: ['/', '/pricing', '/pricing', '/services/a', '/careers', '/checkout'][pick % 6]!,
  }
  switch (what) {
    case 'page':
      return beaconEntry(visitor, [view])
    case 'left':
      return beaconEntry(visitor, [view])
    case 'read': {
      const ms = 30_000 + pick * 400
      return beaconEntry(visitor, [view, reading(id, at + ms, ms)])
    }
    // Its page view never came.
    case 'told':
      return beaconEntry(visitor, [reading({ ms: at, key: -1 }, at, pick * 100)])
    case 'download':
      return beaconEntry(visitor, [{ kind: 'download', id, at, url: `/f${pick % 4}.pdf` }])
    case 'identify':
      return {
        kind: 'identify',
        site: 'main',
        newContact: `contact-${n}`,
        visitors: pick % 5 === 0 ? [] : [visitor],
        ...PEOPLE[pick % PEOPLE.length],
        traits: pick % 2 ? { title: ['CTO', 'Student', null][pick % 3] } : {},
        at,
        signals: [],
      }
    case 'signal':
      return {
        kind: 'signal',
        site: 'main',
        items: [{ contact: 'ada@acme.org', signal: { id, name: SENT[pick % SENT.length]!, at } }],
      }
    case 'rules':
      return {
        kind: 'rules',
        site: 'main',
        document: DOCUMENTS[pick % DOCUMENTS.length],
        by: 'test',
        notify: 'all',
      }
    default:
      return { kind: 'unmerge', site: 'main', contact: `contact-${pick % 25}` }
  }
}

/** Both people leave their names on the first day. */
const FIRST: Step[] = [
  { what: 'identify', minutes: 1, late: 0, visitor: 'phone', pick: 3 },
  { what: 'identify', minutes: 2, late: 0, visitor: 'laptop', pick: 4 },
]

/** Entries as they arrive, at most so many in a batch, with the ends of the days between them; returns when the last came, ms. */
async function live(state: Projection, steps: Step[], most: number): Promise<number> {
  const arrivals = [...FIRST, ...steps].flatMap(arrivalsOf).sort((a, b) => a.at - b.at)
  let day = dayOf(START)
  let batch: typeof arrivals = []
  for (const [i, one] of arrivals.entries()) {
    for (; day < dayOf(one.at); day++) await state.project(one.at, [{ kind: 'tick', day }])
    batch.push(one)
    const next = arrivals[i + 1]
    if (next && batch.length < most && dayOf(next.at) === dayOf(one.at)) continue
    await state.project(
      one.at,
      batch.map(({ entry }) => entry),
    )
    batch = []
  }
  return arrivals.at(-1)!.at
}

/** The visits that stand, and those that all events of their visitor make. */
async function visitsOf(state: Projection): Promise<{ standing: Visit[]; made: Visit[] }> {
  const store = sqliteStore(state.db)
  const found: { standing: Visit[]; made: Visit[] } = { standing: [], made: [] }
  for (const { no } of state.db.prepare('SELECT no FROM visitors').all() as { no: number }[]) {
    found.standing.push(...(await store.visits(no)))
    found.made.push(...sessionise(await store.events(no, 0, null)).visits)
  }
  return found
}

interface Held {
  contact: number
  from_stage: string
  to_stage: string
  effective_at: number
}

/** One history: each step starts where the one before it ended, and not earlier. */
function chained(stages: Held[]): void {
  let [stage, at] = ['visitor', 0]
  for (const step of stages) {
    expect(step.from_stage).toBe(stage)
    expect(step.effective_at).toBeGreaterThanOrEqual(at)
    ;[stage, at] = [step.to_stage, step.effective_at]
  }
}

function standing(state: Projection) {
  const all = <T>(sql: string) => state.db.prepare(sql).all() as T[]
  return {
    leads: all('SELECT contact, stage, lead FROM leads ORDER BY contact'),
    cells: all('SELECT * FROM cells ORDER BY contact, day, signal'),
    stages: all<Held>(
      `SELECT contact, from_stage, to_stage, effective_at FROM transitions
       WHERE contact IN (SELECT contact FROM leads)
         AND no NOT IN (SELECT transition FROM superseded) ORDER BY contact, no`,
    ),
  }
}

describe('the state that grew live', () => {
  it('is what a replay of everything gives: late events, merges, other rules, and the stages so far with them', async () => {
    let corrected = 0
    await fc.assert(
      fc.asyncProperty(HISTORY, fc.constantFrom(1, 3, 50), async (steps, most) => {
        // So many marks that nearly every late event goes on from one.
        const state = await projection({ newestMark: 1 })
        try {
          const end = await live(state, steps, most)
          const { standing: visits, made } = await visitsOf(state)
          expect(visits).toEqual(made)
          const grown = standing(state)
          for (const stages of Map.groupBy(grown.stages, ({ contact }) => contact).values()) chained(stages)
          const { document } = state.db
            .prepare('SELECT document FROM rules ORDER BY version DESC LIMIT 1')
            .get() as { document: string }
          const again: EntryBody = {
            kind: 'rules',
            site: 'main',
            document: JSON.parse(document),
            by: 'test',
            notify: 'all',
          }
          const told = () => state.db.prepare('SELECT count(*) AS n FROM outbox').get()
          const before = told()
          await state.project(end, [again])
          expect(standing(state)).toEqual(grown)
          expect(told()).toEqual(before)
          corrected += (state.db.prepare('SELECT count(*) AS n FROM superseded').get() as { n: number }).n
        } finally {
          state.remove()
        }
      }),
      // To shrink a failure takes minutes; `RUNS` and the printed seed find a smaller one.
      { numRuns: Number(process.env.RUNS ?? 40), endOnFailure: true },
    )
    // Else it has shown nothing of a corrected past.
    expect(corrected).toBeGreaterThan(0)
  }, 60_000)
})

describe('a corrected past', () => {
  const page = (at: number, path: string): TrackedEvent => ({
    kind: 'page',
    id: { ms: at, key: 1 },
    at,
    path,
  })
  const ada: EntryBody = {
    kind: 'identify',
    site: 'main',
    newContact: 'ada',
    visitors: ['phone'],
    email: 'ada@acme.org',
    traits: {},
    at: START,
    signals: [],
  }
  const rows = (state: Projection) =>
    state.db
      .prepare(
        `SELECT no, to_stage AS stage, (effective_at - ${START}) / ${HOUR} AS hour, by_transition AS gone
         FROM transitions LEFT JOIN superseded ON transition = no ORDER BY no`,
      )
      .all()
  const told = (state: Projection) => state.db.prepare(`SELECT payload ->> 'type' AS type FROM outbox`).all()

  it('is new rows in the place of the old, which stay, and tells nobody', async () => {
    const state = await projection()
    try {
      await state.project(START, [ada])
      await state.project(START + 50 * HOUR, [
        beaconEntry('phone', [page(START + 2 * HOUR, '/pricing')]),
        beaconEntry('phone', [page(START + 50 * HOUR, '/pricing')]),
      ])
      const before = told(state)
      expect(before).toEqual([{ type: 'lead.created' }, { type: 'lead.mql' }])
      // What came late shows that it was MQL a day earlier.
      await state.project(START + 51 * HOUR, [beaconEntry('phone', [page(START + 26 * HOUR, '/pricing')])])
      expect(rows(state)).toEqual([
        { no: 1, stage: 'lead', hour: 0, gone: null },
        { no: 2, stage: 'mql', hour: 50, gone: 3 },
        { no: 3, stage: 'mql', hour: 26, gone: null },
      ])
      expect(told(state)).toEqual(before)
    } finally {
      state.remove()
    }
  })
})

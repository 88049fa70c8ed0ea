import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { engageKey } from '../collector/event-key.ts'
import { standardDocument } from '../collector/lead/presets/standard.ts'
import type { TrackedEvent } from '../collector/lead/state.ts'
import { DAY, START } from './support/collector.ts'
import { dump, leadVisits, type Projection, projection, rollUps } from './support/projection.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const KEPT = 90
/** The day that ends, and the first moment that is kept once it has. */
const TODAY = Math.floor(START / DAY)
const CUTOFF = (TODAY + 1 - KEPT) * DAY
const NOW = (TODAY + 1) * DAY + 9 * HOUR

/** Steps of some visitors around the cutoff, in the order of time: visits that cross it, and gaps of days. */
const history = fc
  .array(
    fc.record({
      visitor: fc.constantFrom('ada', 'ada', 'bob', 'stranger', 'passer-by'),
      hours: fc.integer({ min: -40 * 24, max: 40 * 24 }),
      minutes: fc.constantFrom(-50, -20, -1, 0, 1, 20),
      path: fc.constantFrom('/', '/pricing', '/blog/x', '/careers'),
      act: fc.constantFrom('none', 'engage', 'download', 'signal'),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((steps) =>
    steps
      .map((step) => ({ ...step, at: CUTOFF + step.hours * HOUR + step.minutes * MINUTE }))
      .sort((a, b) => a.at - b.at)
      .flatMap(({ visitor, at, path, act }, n): EntryBody[] => {
        if (act === 'signal' && (visitor === 'ada' || visitor === 'bob')) {
          const signal = { id: { ms: 0, key: n }, name: 'email_click' as const, at, props: {} }
          return [{ kind: 'signal', site: 'main', items: [{ contact: `${visitor}@acme.org`, signal }] }]
        }
        const view: TrackedEvent = { kind: 'page', id: { ms: at, key: n }, at, path }
        const events: TrackedEvent[] = [view]
        if (act === 'engage')
          events.push({
            kind: 'engage',
            id: engageKey(view.id, 9_000, 50),
            at: at + 9_000,
            page: view.id,
            ms: 9_000,
            scroll: 50,
          })
        if (act === 'download')
          events.push({
            kind: 'download',
            id: { ms: at, key: 1_000 + n },
            at: at + 500,
            url: `/f${n % 3}.pdf`,
          })
        return [{ kind: 'beacon', site: 'main', visitor, agent: 'desktop, Firefox, Linux', events }]
      }),
  )

const identify = (name: string, at: number): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: `contact-${name}`,
  visitors: [name],
  email: `${name}@acme.org`,
  traits: {},
  at,
  signals: [],
})
const retention = (days: number | null): EntryBody => ({ kind: 'site-set', id: 'main', retention: days })
const tick = (day = TODAY): EntryBody => ({ kind: 'tick', day })
/** The same rules again: everybody is folded from what is there. */
const again: EntryBody = {
  kind: 'rules',
  site: 'main',
  document: standardDocument,
  by: 'test',
  notify: 'silent',
}
const rebuild: EntryBody = { kind: 'rebuild', site: 'main' }

async function withState(work: (state: Projection) => Promise<void>): Promise<void> {
  const state = await projection()
  try {
    await work(state)
  } finally {
    state.remove()
  }
}

/** Ada and Bob are known from the day before anything happened. */
async function lived(state: Projection, entries: EntryBody[]): Promise<void> {
  const before = CUTOFF - 60 * DAY
  await state.project(before, [identify('ada', before), identify('bob', before)])
  for (const entry of entries) await state.project(NOW, [entry])
  await state.project(NOW, [again])
}

const count = (state: Projection, sql: string) => state.db.prepare(sql).pluck().get()
const people = (state: Projection) => {
  const { leads, cells } = dump(state.db)
  const content = state.db
    .prepare('SELECT contact, text, at FROM seen_content JOIN texts ON texts.no = path ORDER BY 1, 2')
    .all()
  const lasting = leads as ({ lead: string } & Record<'visits' | 'views' | 'engaged_ms', number>)[]
  return {
    // What was forgotten is in no lead's visits.
    leads: lasting.map(({ visits: _, views: __, engaged_ms: ___, ...lead }) => plain(lead)),
    cells,
    content,
  }
}
/** Visitors that are forgotten have no name any more: how many they are is what counts. */
function sums({ db }: Projection) {
  const { quarters, weeks, slices } = rollUps(db)
  const counted = (rows: unknown[]) =>
    (rows as { visitors: unknown[] | null }[]).map((row) => ({ ...row, visitors: row.visitors?.length }))
  return { quarters: counted(quarters), weeks, slices: counted(slices) }
}
/** Cells know days: when within one somebody stepped up is not kept, nor the tie-break of the last event. */
function plain({ lead, ...row }: { lead: string }) {
  const { lastId: _, firsts, since, ...rest } = JSON.parse(lead)
  const days = Object.entries<number>(firsts).map(([step, at]) => [step, Math.floor(at / DAY)])
  return { ...row, lead: { ...rest, since: Math.floor(since / DAY), firsts: days } }
}

describe('a site that keeps its events for some days', () => {
  it('forgets what is older, whole visits at a time, and keeps sums, scores and cells', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (entries) =>
        withState(async (state) => {
          await lived(state, entries)
          await state.project(NOW, [tick()])
          const before = { ...people(state), ...sums(state) }
          const kept = state.db
            .prepare('SELECT visitor, start_at FROM visits WHERE start_at + span >= ? ORDER BY 1, 2')
            .all(CUTOFF)

          await state.project(NOW, [retention(KEPT), tick()])
          expect({ ...people(state), ...sums(state) }).toEqual(before)
          const ofLeads = leadVisits(state.db)
          expect(ofLeads.kept).toEqual(ofLeads.counted)
          expect(state.db.prepare('SELECT visitor, start_at FROM visits ORDER BY 1, 2').all()).toEqual(kept)
          const alone = `SELECT count(*) FROM events WHERE id_ms + lag < ${CUTOFF} AND NOT EXISTS
            (SELECT 1 FROM visits WHERE visits.visitor = events.visitor AND start_at <= id_ms + lag)`
          expect(count(state, alone)).toBe(0)
          const gone = `SELECT count(*) FROM visitors WHERE contact IS NULL AND first_at + last_after < ${CUTOFF}
            AND no < (SELECT max(no) FROM visitors)
            AND NOT EXISTS (SELECT 1 FROM visits WHERE visitor = no)`
          expect(count(state, gone)).toBe(0)

          await state.project(NOW, [again])
          expect(people(state)).toEqual({ leads: before.leads, cells: before.cells, content: before.content })
          await state.project(NOW, [rebuild])
          expect(sums(state)).toEqual({
            quarters: before.quarters,
            weeks: before.weeks,
            slices: before.slices,
          })
          // Twice is harmless.
          await state.project(NOW, [tick()])
          expect(sums(state).quarters).toEqual(before.quarters)
        }),
      ),
      { numRuns: Number(process.env.RUNS ?? 30) },
    )
  }, 120_000)

  it(
    'forgets much of one person in parts, and what a longer time keeps is not taken back',
    async () =>
      withState(async (state) => {
        const views = Array.from({ length: 5_000 }, (_, n): TrackedEvent => {
          const at = CUTOFF - 5 * DAY + Math.floor(n / 50) * HOUR + n
          return { kind: 'page', id: { ms: at, key: n }, at, path: '/pricing' }
        })
        const parts = Array.from({ length: 50 }, (_, i) => views.slice(i * 100, i * 100 + 100))
        const agent = 'desktop, Firefox, Linux'
        await lived(
          state,
          parts.map((events) => ({ kind: 'beacon', site: 'main', visitor: 'ada', agent, events })),
        )
        const before = people(state)
        await state.project(NOW, [retention(KEPT), tick(), again])
        expect(count(state, 'SELECT count(*) FROM events')).toBe(0)
        expect(count(state, 'SELECT count(*) FROM visits')).toBe(0)
        expect(people(state)).toEqual(before)
        expect(count(state, 'SELECT max(visits + views + engaged_ms) FROM leads')).toBe(0)
        await state.project(NOW, [retention(null), tick(TODAY + 1), rebuild, again])
        expect(people(state)).toEqual(before)
        expect(count(state, 'SELECT sum(views) FROM quarters')).toBe(5_000)
      }),
    60_000,
  )
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { engageKey } from '../collector/event-key.ts'
import type { TrackedEvent } from '../collector/lead/state.ts'
import { DIMENSIONS } from '../collector/store/store.ts'
import { DAY, START } from './support/collector.ts'
import { leadVisits, type Projection, projection, rollUps } from './support/projection.ts'

const MINUTE = 60_000
const AGENTS = ['desktop, Firefox, Linux', 'mobile, Safari, iOS', null]

/** What three visitors do within some days, much of it late, repeated, or before its page. */
const history = fc
  .array(
    fc.record({
      visitor: fc.constantFrom('phone', 'laptop', 'stranger'),
      minutes: fc.integer({ min: 0, max: 3 * 24 * 60 }),
      path: fc.constantFrom('/', '/pricing', '/blog/x'),
      referrer: fc.constantFrom(undefined, 'www.google.com/', 'chatgpt.com/', 'forum.example.net/t'),
      campaign: fc.constantFrom(undefined, 'autumn', 'spring'),
      engaged: fc.option(fc.integer({ min: 1, max: 400_000 }), { nil: undefined }),
      act: fc.constantFrom(undefined, 'download', 'cart', 'custom'),
      agent: fc.constantFrom(...AGENTS),
      country: fc.constantFrom(undefined, 'DE', 'AT'),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((steps) =>
    steps.flatMap(
      ({ visitor, minutes, path, referrer, campaign, engaged, act, agent, country }, n): EntryBody[] => {
        const at = START + minutes * MINUTE
        const view: TrackedEvent = {
          kind: 'page',
          id: { ms: at, key: 10 * n },
          at,
          path,
          ...(referrer && { referrer }),
          ...(campaign && { query: { utm_source: 'news', utm_campaign: campaign } }),
        }
        const base = { id: { ms: at + 1_000, key: 10 * n + 1 }, at: at + 1_000 }
        const acts: Record<string, TrackedEvent> = {
          download: { ...base, kind: 'download', url: `/f${n % 3}.pdf` },
          cart: { ...base, kind: 'cart', product: `p${n % 2}`, quantity: 2, price: 4.99, currency: 'EUR' },
          custom: { ...base, kind: 'custom', name: 'video' },
        }
        const events = [
          view,
          ...(engaged === undefined
            ? []
            : [engageOf(view, at + engaged, engaged), engageOf(view, at + 2 * engaged, 2 * engaged)]),
          ...(act === undefined ? [] : [acts[act]!]),
        ]
        return events.map((event) => ({
          kind: 'beacon',
          site: 'main',
          visitor,
          agent,
          ...(country && { country }),
          events: [event],
        }))
      },
    ),
  )

const engageOf = (view: TrackedEvent, at: number, ms: number): TrackedEvent => ({
  kind: 'engage',
  id: engageKey(view.id, ms, 50),
  at,
  page: view.id,
  ms,
  scroll: 50,
})
const identify = (visitor: string, email: string, at: number, n: number): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: `contact-${n}`,
  visitors: [visitor],
  email,
  traits: {},
  at,
  signals: [{ id: { ms: 0, key: n }, name: 'email_click', at }],
})
/** People who leave their name, on browsers that they share. */
const links = fc
  .array(
    fc.record({
      visitor: fc.constantFrom('phone', 'laptop'),
      email: fc.constantFrom('ada@acme.org', 'bob@acme.org'),
      minutes: fc.integer({ min: 0, max: 3 * 24 * 60 }),
    }),
    { maxLength: 3 },
  )
  .map((list) =>
    list.map(({ visitor, email, minutes }, n) => identify(visitor, email, START + minutes * MINUTE, n)),
  )

const end = START + 10 * DAY
const rebuild = (timeZone?: string): EntryBody & { ref: string } => ({
  kind: 'rebuild',
  site: 'main',
  ...(timeZone && { timeZone }),
  ref: `rebuild-${timeZone}`,
})

async function withState<T>(work: (state: Projection) => Promise<T>): Promise<T> {
  const state = await projection()
  try {
    return await work(state)
  } finally {
    state.remove()
  }
}

async function inBatches(state: Projection, entries: EntryBody[], size: number): Promise<void> {
  for (let i = 0; i < entries.length; i += size) await state.project(end, entries.slice(i, i + size))
}

describe('sums', () => {
  it('that are kept and sums that are rebuilt from the events are the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .tuple(history, links)
          .map(([beacons, calls]) => [...beacons, ...calls])
          .chain((entries) =>
            fc.tuple(
              fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length }),
              fc.subarray(entries),
              fc.integer({ min: 1, max: 9 }),
              fc.constantFrom('UTC', 'America/New_York', 'Asia/Kathmandu'),
            ),
          ),
        async ([entries, repeated, batch, zone]) =>
          withState(async (state) => {
            await state.project(end, [rebuild(zone)])
            await inBatches(state, [...entries, ...repeated], batch)
            const kept = rollUps(state.db)
            const ofLeads = leadVisits(state.db)
            expect(ofLeads.kept).toEqual(ofLeads.counted)
            await state.project(end, [rebuild()])
            expect(rollUps(state.db)).toEqual(kept)
            expect(leadVisits(state.db).kept).toEqual(ofLeads.kept)
            expect(kept.slices).not.toEqual([])
          }),
      ),
      { numRuns: Number(process.env.RUNS ?? 40) },
    )
  }, 60_000)

  it('of quarter hours and of the days of a zone add up to the same', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (entries) =>
        withState(async (state) => {
          await inBatches(state, entries, 5)
          const sums =
            'sum(visits), sum(bounces), sum(views), sum(engaged_ms), sum(downloads), sum(cart_adds), sum(cart_value)'
          const of = (from: string) => state.db.prepare(`SELECT ${sums} FROM ${from}`).get()
          expect(of('quarters')).toEqual(of(`slices WHERE dimension = ${DIMENSIONS.indexOf('all')}`))
          for (const dimension of ['source', 'device', 'country'] as const) {
            const visits = (place: number) =>
              state.db.prepare('SELECT sum(visits) FROM slices WHERE dimension = ?').pluck().get(place)
            expect(visits(DIMENSIONS.indexOf(dimension))).toBe(visits(DIMENSIONS.indexOf('all')))
          }
        }),
      ),
      { numRuns: Number(process.env.RUNS ?? 15) },
    )
  }, 60_000)
})

describe('rebuild', () => {
  const view = (at: number, n: number): EntryBody => ({
    kind: 'beacon',
    site: 'main',
    visitor: `v${n}`,
    agent: 'desktop, Firefox, Linux',
    events: [{ kind: 'page', id: { ms: at, key: n }, at, path: '/' }],
  })

  it('gives the site another time zone, whose days the sums are of', async () => {
    await withState(async (state) => {
      const evening = Date.parse('2026-11-03T23:30:00Z')
      await state.project(end, [view(evening, 1)])
      const day = () => state.db.prepare('SELECT day FROM slices WHERE dimension = 0').pluck().get()
      expect(day()).toBe(Date.parse('2026-11-03') / DAY)
      const { outcomes } = await state.project(end, [rebuild('Europe/Berlin')])
      expect(outcomes[0]!.outcome).toEqual({ status: 200, body: { visitors: 1 } })
      expect(day()).toBe(Date.parse('2026-11-04') / DAY)
      await state.project(end, [view(evening + 1_000, 2)])
      expect(state.db.prepare('SELECT day, views FROM slices WHERE dimension = 0').all()).toEqual([
        { day: Date.parse('2026-11-04') / DAY, views: 2 },
      ])
    })
  })

  it.each([
    [{ kind: 'rebuild', site: 'gone' } as EntryBody, "the site 'gone' is not known"],
    [
      rebuild('Berlin'),
      "'Berlin' is not a time zone; write one of the IANA database, like Europe/Berlin, or UTC",
    ],
  ])('refuses in words: %j', async (entry, detail) => {
    await withState(async (state) => {
      const { outcomes } = await state.project(end, [{ ref: 'r', ...entry }])
      expect(outcomes[0]!.outcome).toEqual({ status: 422, body: { detail } })
    })
  })

  it('goes on after a crash where it was, and counts nobody twice', async () => {
    await withState(async (state) => {
      const many = Array.from({ length: 450 }, (_, n) => view(START + n * MINUTE, n))
      await state.project(end, many)
      const kept = rollUps(state.db)
      // The third commit that writes a cursor fails, as when the process dies there.
      state.db.exec(
        `CREATE TEMP TRIGGER dies BEFORE INSERT ON main.settings WHEN NEW.name = 'rebuild:main' AND NEW.value LIKE '%"visitors":400%'
         BEGIN SELECT RAISE(ABORT, 'gone'); END`,
      )
      const entry = rebuild()
      await expect(state.project(end, [entry])).rejects.toThrow('gone')
      expect(rollUps(state.db)).not.toEqual(kept)
      state.db.exec('DROP TRIGGER dies')
      await state.again([entry], end)
      expect(rollUps(state.db)).toEqual(kept)
    })
  })
})

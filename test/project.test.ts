import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { engageKey } from '../collector/event-key.ts'
import type { TrackedEvent } from '../collector/lead/state.ts'
import { DAY, START } from './support/collector.ts'
import { beaconEntry, dump, type Projection, projection } from './support/projection.ts'

const MINUTE = 60_000
let state: Projection
beforeEach(async () => {
  state = await projection()
})
afterEach(() => state.remove())

let serial = 0
const id = (at: number) => ({ ms: at, key: ++serial })
const page = (at: number, path: string): TrackedEvent => ({ kind: 'page', id: id(at), at, path })
const engage = (view: TrackedEvent, at: number, ms: number): TrackedEvent => ({
  kind: 'engage',
  id: engageKey(view.id, ms, 50),
  at,
  page: view.id,
  ms,
  scroll: 50,
})
const identifyEntry = (email: string, visitor: string, at: number): EntryBody & { ref: string } => ({
  kind: 'identify',
  site: 'main',
  newContact: `contact-${email}`,
  visitors: [visitor],
  email,
  traits: {},
  at,
  signals: [],
  ref: `ref-${email}`,
})
const one = (sql: string) => state.db.prepare(sql).get() as Record<string, number>

describe('project', () => {
  it('counts an event once, in one batch and across batches', async () => {
    const event = page(START, '/')
    await state.project(START, [beaconEntry('v', [event]), beaconEntry('v', [event])])
    await state.project(START, [beaconEntry('v', [event])])
    expect(one('SELECT views, visits FROM slices WHERE dimension = 0')).toEqual({ views: 1, visits: 1 })
    expect(
      one(
        "SELECT (SELECT n FROM counts WHERE name = 'stored') AS stored, (SELECT n FROM counts WHERE name = 'duplicate') AS duplicate",
      ),
    ).toEqual({ stored: 1, duplicate: 2 })
  })

  it('takes the greatest engaged time of a page view, and none twice', async () => {
    const view = page(START, '/')
    const beats = [30_000, 60_000, 60_000, 45_000].map((ms, i) => engage(view, START + (i + 1) * 30_000, ms))
    await state.project(START, [beaconEntry('v', [view]), ...beats.map((beat) => beaconEntry('v', [beat]))])
    expect(one('SELECT engaged_ms AS ms FROM slices WHERE dimension = 0')).toEqual({ ms: 60_000 })
    expect(one('SELECT engaged_ms AS ms FROM slices WHERE dimension = 1')).toEqual({ ms: 60_000 })
    expect(one('SELECT engaged_ms AS ms FROM visits')).toEqual({ ms: 60_000 })
  })

  it('counts engaged time that arrives before its page once the page is there', async () => {
    const view = page(START, '/')
    await state.project(START, [beaconEntry('v', [engage(view, START + 9_000, 9_000)])])
    expect(one('SELECT count(*) AS n FROM visits')).toEqual({ n: 0 })
    await state.project(START, [beaconEntry('v', [view])])
    expect(one('SELECT engaged_ms AS ms, views FROM slices WHERE dimension = 0')).toEqual({
      ms: 9_000,
      views: 1,
    })
    expect(one('SELECT engaged_ms AS ms FROM visits')).toEqual({ ms: 9_000 })
  })

  it('opens a new visit after 30 minutes, and joins two when a late event closes the gap', async () => {
    const late = page(START + 25 * MINUTE, '/b')
    await state.project(START, [beaconEntry('v', [page(START, '/a'), page(START + 50 * MINUTE, '/c')])])
    expect(one('SELECT visits, bounces FROM slices WHERE dimension = 0')).toEqual({ visits: 2, bounces: 2 })
    await state.project(START, [beaconEntry('v', [late])])
    expect(one('SELECT visits, bounces FROM slices WHERE dimension = 0')).toEqual({ visits: 1, bounces: 0 })
    expect(one('SELECT count(*) AS n, max(views) AS views FROM visits')).toEqual({ n: 1, views: 3 })
  })

  it('counts what an anonymous visitor did before it left its name', async () => {
    const views = Array.from({ length: 6 }, (_, i) => page(START - 2 * DAY + i * MINUTE, '/pricing'))
    await state.project(START, [beaconEntry('v', views)])
    const { outcomes } = await state.project(START, [identifyEntry('ada@acme.org', 'v', START)])
    expect(outcomes[0]!.outcome).toMatchObject({ status: 201, body: { stage: 'lead', created: true } })
    expect(outcomes[0]!.outcome.body.engagement).toBeGreaterThan(8)
  })

  it('never merges two people who share a browser: the visitor is split at that moment', async () => {
    await state.project(START, [
      beaconEntry('v', [page(START, '/pricing')]),
      identifyEntry('ada@acme.org', 'v', START + MINUTE),
    ])
    await state.project(START, [
      identifyEntry('bob@acme.org', 'v', START + 10 * MINUTE),
      beaconEntry('v', [page(START + 11 * MINUTE, '/services/x')]),
    ])
    const signals = (email: string) =>
      (
        state.db
          .prepare('SELECT signal FROM cells JOIN contacts ON contacts.no = contact WHERE email = ?')
          .all(email) as { signal: string }[]
      ).map((row) => row.signal)
    expect(signals('ada@acme.org')).toContain('pricing_view')
    expect(signals('ada@acme.org')).not.toContain('service_view')
    expect(signals('bob@acme.org')).toContain('service_view')
    expect(signals('bob@acme.org')).not.toContain('pricing_view')
  })

  it('buries an entry of an unknown site alone, and goes on', async () => {
    const stranger: EntryBody = {
      kind: 'beacon',
      site: 'gone',
      visitor: 'v',
      agent: null,
      events: [page(START, '/')],
    }
    await state.project(START, [
      beaconEntry('v', [page(START, '/a')]),
      stranger,
      beaconEntry('v', [page(START, '/b')]),
    ])
    expect(one('SELECT views FROM slices WHERE dimension = 0')).toEqual({ views: 2 })
    expect(state.db.prepare('SELECT reason FROM dead_letters').all()).toEqual([
      { reason: "the site 'gone' is not known" },
    ])
    expect(one("SELECT n FROM counts WHERE name = 'dead'")).toEqual({ n: 1 })
  })

  it('stops before what a newer program has put into the log, whatever it is, and buries nothing', async () => {
    const page = (n: number, v: number) => ({
      ...beaconEntry('v', [{ kind: 'page', id: { ms: START, key: n }, at: START, path: '/' }]),
      v,
    })
    const batch = [page(1, 1), page(2, 2), page(3, 1)] as EntryBody[]
    await state.project(START, batch)
    expect(state.db.prepare('SELECT id_key FROM events').pluck().all()).toEqual([1])
    expect(state.projector.watermark().seq).toBe(2)
    await expect(state.again(batch.slice(1), START)).rejects.toThrow(
      'entry version 2 is newer than this program: start a newer Leadwake',
    )
    expect(state.db.prepare('SELECT count(*) FROM dead_letters').pluck().get()).toBe(0)
  })

  it('writes a transition, its webhook and the watermark together', async () => {
    await state.project(START, [identifyEntry('ada@acme.org', 'v', START)])
    expect(state.db.prepare('SELECT from_stage, to_stage FROM transitions').all()).toEqual([
      { from_stage: 'visitor', to_stage: 'lead' },
    ])
    expect(
      one("SELECT count(*) AS n FROM outbox WHERE json_extract(payload, '$.type') = 'lead.created'"),
    ).toEqual({ n: 1 })
    expect(
      JSON.parse(
        (state.db.prepare("SELECT value FROM settings WHERE name = 'watermark'").get() as { value: string })
          .value,
      ).seq,
    ).toBe(2)
  })

  it('folds a lead again where what was told of it can matter, and else does not', async () => {
    const told = (traits: Record<string, unknown>, at: number): EntryBody => ({
      kind: 'identify',
      site: 'main',
      newContact: 'ada',
      visitors: [],
      email: 'ada@acme.org',
      traits,
      at,
      signals: [{ id: { ms: 0, key: 1 }, name: 'callback_requested', at: START }],
    })
    await state.project(START, [told({}, START)])
    const points = () => one('SELECT engagement FROM leads').engagement!
    expect(points()).toBe(2500)
    // A fold works the score out as of its own day, so that it shows.
    await state.project(START + 30 * DAY, [told({ name: 'Ada', phone: '1' }, START + 30 * DAY)])
    expect(points()).toBe(2500)
    await state.project(START + 30 * DAY, [told({ title: 'Student' }, START + 30 * DAY)])
    expect(points()).toBeLessThan(2000)
  })

  it('falls back to lead after 60 silent days, by ticks alone', async () => {
    const views = Array.from({ length: 4 }, (_, i) => page(START + i * MINUTE, '/pricing'))
    const download: TrackedEvent = {
      kind: 'download',
      id: id(START),
      at: START + 5 * MINUTE,
      url: '/guide.pdf',
    }
    await state.project(START, [
      beaconEntry('v', [...views, download]),
      identifyEntry('ada@acme.org', 'v', START + 6 * MINUTE),
    ])
    expect(state.db.prepare('SELECT stage FROM leads').get()).toEqual({ stage: 'mql' })
    const today = Math.floor(START / DAY)
    for (let day = today; day < today + 60; day++)
      await state.project((day + 1) * DAY, [{ kind: 'tick', day }])
    expect(state.db.prepare('SELECT stage FROM leads').get()).toEqual({ stage: 'lead' })
    expect(state.db.prepare('SELECT "by" FROM transitions ORDER BY no DESC LIMIT 1').get()).toEqual({
      by: 'tick',
    })
  })
})

describe('arrival order', () => {
  /** What two visitors of one person and a stranger do over twelve days, as entries. */
  const history = fc
    .array(
      fc.record({
        visitor: fc.constantFrom('phone', 'laptop', 'stranger'),
        minutes: fc.integer({ min: 0, max: 12 * 24 * 60 }),
        path: fc.constantFrom('/', '/pricing', '/services/a', '/careers', '/blog/x'),
        engaged: fc.option(fc.integer({ min: 1, max: 400_000 }), { nil: undefined }),
        /** Engaged time can come long after the page view began, from a tab that was left open. */
        leftOpen: fc.constantFrom(0, 40 * MINUTE, 5 * 60 * MINUTE),
        download: fc.boolean(),
      }),
      { minLength: 1, maxLength: 25 },
    )
    .map((steps) =>
      steps.flatMap(({ visitor, minutes, path, engaged, leftOpen, download }, n): EntryBody[] => {
        const at = START + minutes * MINUTE
        const view: TrackedEvent = { kind: 'page', id: { ms: at, key: 10 * n }, at, path }
        return [
          beaconEntry(visitor, [view]),
          ...(engaged === undefined
            ? []
            : [beaconEntry(visitor, [engage(view, at + engaged + leftOpen, engaged)])]),
          ...(download
            ? [
                beaconEntry(visitor, [
                  {
                    kind: 'download',
                    id: { ms: at + 1_000, key: 10 * n + 1 },
                    at: at + 1_000,
                    url: `/f${n % 3}.pdf`,
                  },
                ]),
              ]
            : []),
        ]
      }),
    )

  /** Calls of a form handler: each names one of two people by some of its identifiers, on some visitor. */
  const calls = fc
    .array(
      fc.record({
        person: fc.constantFrom(
          { email: 'ada@acme.org', externalId: 'crm-1' },
          { email: 'bob@acme.org', externalId: 'crm-2' },
        ),
        by: fc.constantFrom<('email' | 'externalId')[]>(['email'], ['externalId'], ['email', 'externalId']),
        visitors: fc.subarray(['phone', 'laptop'], { maxLength: 2 }),
        minutes: fc.integer({ min: 0, max: 12 * 24 * 60 }),
        role: fc.option(fc.constantFrom('CTO', 'Buyer', null), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((list) =>
      list.map(({ person, by, visitors, minutes, role }, n): EntryBody => {
        // Two calls in the same ms on one visitor have no order that anybody could know.
        const at = START + minutes * MINUTE + n
        return {
          kind: 'identify',
          site: 'main',
          newContact: `contact-${n}`,
          visitors,
          ...(by.includes('email') && { email: person.email }),
          ...(by.includes('externalId') && { externalId: person.externalId }),
          traits: role === undefined ? {} : { role },
          at,
          signals: [{ id: { ms: 0, key: n }, name: n % 2 ? 'email_click' : 'callback_requested', at }],
        }
      }),
    )

  it('does not matter: shuffled, repeated and late-linked, all give the same state, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .tuple(history, calls)
          .map(([beacons, links]) => [...beacons, ...links])
          .chain((entries) =>
            fc.tuple(
              fc.constant(entries),
              fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length }),
              fc.subarray(entries),
              fc.integer({ min: 1, max: 7 }),
            ),
          ),
        async ([entries, shuffled, repeated, batch]) => {
          const [ordered, mixed] = [await projection(), await projection()]
          try {
            const end = START + 13 * DAY
            await ordered.project(
              end,
              [...entries].sort((a, b) => timeOf(a) - timeOf(b)),
            )
            const arrivals = [...shuffled, ...repeated]
            for (let i = 0; i < arrivals.length; i += batch)
              await mixed.project(end, arrivals.slice(i, i + batch))
            expect(dump(mixed.db)).toEqual(dump(ordered.db))
          } finally {
            ordered.remove()
            mixed.remove()
          }
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 40) },
    )
  })

  it('a merge that is taken back leaves both leads as they were, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (beacons) => {
        const state = await projection()
        try {
          const end = START + 13 * DAY
          const named = (by: object, visitor: string, n: number): EntryBody => ({
            kind: 'identify',
            site: 'main',
            newContact: `contact-${n}`,
            visitors: [visitor],
            ...by,
            traits: {},
            at: START + n,
            signals: [{ id: { ms: 0, key: n }, name: 'callback_requested', at: START + n }],
          })
          await state.project(end, [
            ...beacons,
            named({ email: 'ada@acme.org' }, 'laptop', 1),
            named({ externalId: 'crm-1' }, 'phone', 2),
          ])
          const leads = () =>
            state.db
              .prepare(
                'SELECT contacts.id, stage, engagement, lead FROM leads JOIN contacts ON contacts.no = contact ORDER BY 1',
              )
              .all()
          const before = leads()
          expect(before).toHaveLength(2)
          await state.project(end, [
            {
              ...named({ email: 'ada@acme.org', externalId: 'crm-1' }, 'laptop', 3),
              visitors: [],
              signals: [],
            } as EntryBody,
          ])
          expect(leads()).toHaveLength(1)
          await state.project(end, [{ kind: 'unmerge', site: 'main', contact: 'contact-2' }])
          expect(leads()).toEqual(before)
        } finally {
          state.remove()
        }
      }),
      { numRuns: Number(process.env.RUNS ?? 20) },
    )
  })
})

function timeOf(entry: EntryBody): number {
  if (entry.kind === 'beacon') return entry.events[0]!.at
  return entry.kind === 'identify' ? entry.at : 0
}

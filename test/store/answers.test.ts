/** Whatever is asked of the state, both engines answer the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry, type EntryBody } from '../../collector/entry.ts'
import type { Erasing } from '../../collector/project/suppressing.ts'
import { createProjector, type Projector } from '../../collector/project.ts'
import { type Answers, answers } from '../../collector/read.ts'
import { type PostgresReader, postgresReader } from '../../collector/store/postgres/read.ts'
import { createPostgresState, postgresStore } from '../../collector/store/postgres/store.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import type { SharedStore } from '../../collector/store/store.ts'
import { LEAD_SORTS, STAGES } from '../../shared/lead.ts'
import { randomFrom } from '../fault/random.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { type Projection, projection } from '../support/projection.ts'
import { DAY, DAYS, dayOf, drawer, FIRST_DAY, otherRules, SITES } from './history.ts'

const SEED = 12
const thread = new URL('../../collector/query-thread.ts', import.meta.url)

let at: TestDatabase
let store: SharedStore
let file: Projection
let projector: Projector
let reader: PostgresReader
let now = FIRST_DAY * DAY
let seq = 1
/** What SQLite answers, and PostgreSQL. */
let [one, other]: [Answers, Answers] = [] as never

/** No log to erase from, and a list in memory. */
function erasing(): Erasing {
  const standing = new Set<string>()
  return {
    hash: (...parts) => parts.join(' '),
    list: {
      standing: () => standing,
      add: (hashes) => {
        for (const hash of hashes) standing.add(hash)
      },
      lift: (hashes) => {
        for (const hash of hashes) standing.delete(hash)
      },
    },
    eraseFromLog() {},
  }
}

async function project(moment: number, bodies: EntryBody[]): Promise<void> {
  const entries = bodies.map((body) => ({
    seq: ++seq,
    receivedAt: moment,
    entry: { v: ENTRY_VERSION, ...body } as Entry,
  }))
  await file.projector.project(entries)
  await projector.project(entries)
}

beforeAll(async () => {
  at = await database()
  await createPostgresState(at.url)
  store = postgresStore(at.url)
  projector = await createProjector(store, 'log-1', { erasing: erasing() })
  file = await projection({ erasing: erasing() })
  // As `projection` begins.
  await projector.project([
    {
      seq: 1,
      receivedAt: 0,
      entry: { v: ENTRY_VERSION, ...SITES[0], consent: 'given', secret: 's', timeZone: undefined } as Entry,
    },
  ])
  reader = postgresReader(at.url, { thread })
  one = answers({ state: sqliteReader(file.db), now: () => now })
  const asked = answers({ state: reader.state, now: () => now })
  other = new Proxy(asked, {
    get:
      (_, name: keyof Answers) =>
      (...args: unknown[]) =>
        reader.within(() => (asked[name] as (...args: unknown[]) => unknown)(...args)),
  })
  await project(now, SITES.slice(1))
  const draw = drawer(randomFrom(SEED))
  for (let day = FIRST_DAY; day < FIRST_DAY + DAYS; day++) {
    const entries = dayOf(day, draw, known())
    for (let i = 0; i < entries.length; ) {
      const many = 1 + draw.below(12)
      const batch = entries.slice(i, i + many)
      now = batch.at(-1)!.at
      await project(
        now,
        batch.map(({ body }) => body),
      )
      i += many
    }
    if (day === FIRST_DAY + 5) await project(now, [otherRules()])
    await deliver(draw.chance)
  }
}, 60_000)
afterAll(async () => {
  reader.close()
  await store.close()
  await at.remove()
  file.remove()
})

const ids = (site: string) =>
  pages((cursor) => one.leads({ site, limit: 200, ...(cursor && { cursor }) })).map(({ id }) => id)

function known() {
  return ['main', 'other'].flatMap((site) => ids(site).map((id) => ({ id, site, no: one.person(id)!.no })))
}

async function deliver(chance: (share: number) => boolean): Promise<void> {
  for (const { webhook, message } of one.due([{ webhook: 'hook-1', limit: 20 }]))
    await project(now, [
      {
        kind: 'delivery',
        webhook,
        message,
        tried: { at: now, status: 500, ms: 12, error: 'status' },
        ...(chance(0.6)
          ? { state: 'delivered', dueAt: null }
          : chance(0.5)
            ? { state: 'dead', dueAt: null }
            : { state: 'waiting', dueAt: now + 3_600_000 }),
      },
    ])
}

/** The items of all pages. */
function pages<T>(page: (cursor?: string) => { items: T[]; next: string | null } | undefined): T[] {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const found = page(cursor)
    if (!found) break
    items.push(...found.items)
    cursor = found.next ?? undefined
  } while (cursor !== undefined)
  return items
}

const both = <T>(ask: (answers: Answers) => T): T => {
  const answered = ask(one)
  expect(ask(other)).toEqual(answered)
  return answered
}

describe.each(['main', 'other'])('of the site %s', (site) => {
  const to = (FIRST_DAY + DAYS) * DAY
  const spans: [from: number, to: number][] = [
    [FIRST_DAY * DAY, to],
    [to - 3 * DAY, to],
    [to - 200 * DAY, to],
  ]

  it('stats, slices, weeks, refusals and stages', () => {
    for (const [from, to] of spans) {
      both((ask) => ask.stats(site, from, to))
      both((ask) => ask.slice(site, from, to, { page: '/pricing' }))
      both((ask) => ask.slice(site, from, to, { source: 'direct' }))
      both((ask) => ask.refusals(site, from, to))
    }
    both((ask) => ask.stats(site, undefined, to))
    both((ask) => ask.week(site, FIRST_DAY - 1))
    both((ask) => ask.stageCounts(site))
    both((ask) => ask.segments(site))
    both((ask) => ask.present(site, now - DAY))
  })

  it.each([
    {},
    { page: '/pricing' },
    { device: 'desktop', page: '/' },
    { stage: ['visitor'] as const },
    { stage: ['mql', 'sql'] as const, campaign: 'spring' },
    { entry: '/docs/a_b%c', download: '/guide.pdf' },
    { product: 'Pump', country: 'AT' },
  ])('numbers, series, lists and the overview under %j', (filters) => {
    for (const asked of [
      { from: FIRST_DAY * DAY, to, filters },
      { from: to - 2 * DAY, to, filters, compare: 'previous' as const },
      { period: 'all' as const, to, filters },
    ]) {
      both((ask) => ask.numbers(site, asked as never))
      both((ask) => ask.overview(site, asked as never))
      for (const interval of ['hour', 'day', 'week'] as const)
        both((ask) => ask.series(site, asked as never, interval))
      for (const top of [
        'page',
        'source',
        'entry',
        'exit',
        'campaign',
        'browser',
        'country',
        'download',
        'product',
      ] as const)
        both((ask) => pages((cursor) => ask.top(site, asked as never, top, 3, cursor)))
    }
  })

  it.each(LEAD_SORTS.flatMap((sort) => [sort, `-${sort}` as const]))('leads by %s', (sort) => {
    const list = (query: object) =>
      both((ask) =>
        pages((cursor) => ask.leads({ site, limit: 4, sort, ...query, ...(cursor && { cursor }) })),
      )
    if (site === 'main') expect(list({}).length).toBeGreaterThan(8)
    for (const query of [
      { stage: ['mql', 'sql'] },
      { minEngagement: 5.5, maxFit: 60 },
      { page: '/pricing' },
      { page: '/never' },
      { source: 'direct' },
      { owner: '' },
      { owner: 'ann' },
      { q: 'person_1' },
      { q: 'ö%' },
      { q: 'ACME' },
      { seenFrom: to - 3 * DAY, seenTo: to - DAY },
    ])
      list(query)
    both((ask) => ask.shownLeads({ site, limit: 30, sort }))
  })

  it('transitions, companies, reports, rules, drafts', () => {
    const range = [FIRST_DAY * DAY, to] as const
    for (const stages of [[], ['mql'], ['lead', 'sql']] as const)
      both((ask) => pages((cursor) => ask.transitions(site, stages, 5, cursor)))
    const companies = both((ask) => pages((cursor) => ask.companies(site, 1, cursor)))
    for (const { key } of companies) both((ask) => ask.company(site, key))
    for (const name of [
      'cohorts',
      'funnel',
      'stages',
      'velocity',
      'sales',
      'channels',
      'content',
      'rules',
    ] as const)
      both((ask) => ask.report(name, site, ...range))
    both((ask) => ask.rulesHistory(site))
    both((ask) => ask.rules(site))
    both((ask) => ask.rules(site, 1))
    both((ask) => ask.learn(site))
    const { document } = one.rules('main')!
    both((ask) => ask.preview(site, document, { capacity: 3, movers: 10 }))
    both((ask) =>
      ask.wouldIdentify(site, { email: 'p1@example.net', phone: '+431234564', externalId: 'x-7' }),
    )
    both((ask) => ask.wouldIdentify(site, { email: 'nobody@example.net' }))
  })

  it('each lead', () => {
    for (const id of [...ids(site), 'nobody']) {
      both((ask) => ask.lead(id))
      both((ask) => ask.curve(id))
      both((ask) => ask.dossier(id))
      both((ask) => ask.contact(id))
      both((ask) => pages((cursor) => ask.timeline(id, 40, cursor)))
      both((ask) => ask.timeline(id, 50, undefined, '2026-10-09'))
      const person = both((ask) => ask.person(id))
      if (!person) continue
      // Rows as they lie are the engine's own; of each table there are as many.
      const parts = both((ask) =>
        ask
          .personParts(person.no, null)
          .map(({ name, items, next }) =>
            ['visits', 'consents', 'events'].includes(name)
              ? { name, items, next }
              : { name, items: items.length },
          ),
      )
      expect(parts.length).toBeGreaterThan(3)
    }
  })
})

describe('of all sites', () => {
  it('configuration, keys, counts and what else there is one of', () => {
    const { settings: _, ...configuration } = both((ask) => ask.configuration())
    expect(configuration.sites).toHaveLength(2)
    both((ask) => ask.sites())
    both((ask) => ask.keys())
    both((ask) => ask.overdue())
    both((ask) => ask.counts())
    for (const site of [null, 'main', 'other', 'unknown'])
      both((ask) => pages((cursor) => ask.audit(3, cursor, site)))
    both((ask) => pages((cursor) => ask.deadLetters(2, cursor)))
    both((ask) => ask.outcome('none'))
    const asked = { to: now, filters: {} }
    both((ask) => ask.stats('unknown', undefined, now))
    both((ask) => ask.numbers('unknown', asked))
    both((ask) => ask.leads({ site: 'unknown', limit: 5 }))
    both((ask) => ask.present('unknown', 0))
    both((ask) => ask.company('main', 'unknown'))
  })

  it('deliveries', () => {
    both((ask) => ask.due([{ webhook: 'hook-1', limit: 5 }]))
    both((ask) => ask.deliveryCounts())
    for (const state of [undefined, 'dead', 'delivered', 'waiting'] as const) {
      const list = both((ask) =>
        pages((cursor) =>
          ask.deliveries({ webhook: 'hook-1', limit: 6, ...(state && { state }), ...(cursor && { cursor }) }),
        ),
      )
      expect(list.length).toBeGreaterThan(0)
    }
  })

  it('stands as it should: the history has come to something', () => {
    const counts = one.stageCounts('main')!
    expect(STAGES.filter((stage) => counts[stage] > 0).length).toBeGreaterThan(3)
  })
})

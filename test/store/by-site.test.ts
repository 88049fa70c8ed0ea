/**
 * What is asked and written of a site touches rows of that site alone. Here each site's rows lie in tables of their own, so
 * that the engine tells by its counts which were looked into.
 */
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry, type EntryBody } from '../../collector/entry.ts'
import { createProjector } from '../../collector/project.ts'
import { answers } from '../../collector/read.ts'
import { postgresReader } from '../../collector/store/postgres/read.ts'
import { postgresStore } from '../../collector/store/postgres/store.ts'
import { isBySite, SCHEMA, type TableName } from '../../collector/store/postgres/tables.ts'
import { randomFrom } from '../fault/random.ts'
import { ERASING } from '../support/erasing.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { DAY, dayOf, drawer, FIRST_DAY, SITES } from './history.ts'
import { leadIds, pages } from './same-answers.ts'

const DAYS = 4
const NAME = 'by-site-test'
/** Events lie by month already. */
const isParted = (table: string) => isBySite(table as TableName) && table !== 'events'
const parted = SCHEMA.split(';\n').flatMap((statement) => {
  const table = /^CREATE TABLE (\w+) \(/.exec(statement)?.[1]
  return table === undefined || !isParted(table)
    ? [statement]
    : [
        // Which stores nothing itself.
        `${statement.replace(/ WITH \(.*\)$/, '')} PARTITION BY LIST (site)`,
        ...[1, 2].map((no) => `CREATE TABLE ${table}_of_${no} PARTITION OF ${table} FOR VALUES IN (${no})`),
      ]
})
const MAIN: EntryBody = { ...SITES[0], consent: 'given', secret: 's' } as EntryBody

let at: TestDatabase
let sql: postgres.Sql
let url: string
let seq = 0
let now = FIRST_DAY * DAY
beforeAll(async () => {
  at = await database()
  sql = at.connect()
  await sql.unsafe(parted.join(';\n'))
  // Joins by keys, as where tables are large.
  url = `${at.url}&application_name=${NAME}&enable_hashjoin=off&enable_mergejoin=off`
  await projecting(async (project) => {
    await project([MAIN, ...SITES.slice(1)])
    const draw = drawer(randomFrom(12))
    for (let day = FIRST_DAY; day < FIRST_DAY + DAYS; day++) {
      const entries = dayOf(day, draw, [])
      now = entries.at(-1)!.at
      await project(entries.map(({ body }) => body))
    }
  })
  await sql`ANALYZE`
  await sql`SELECT pg_stat_force_next_flush()`
}, 30_000)
afterAll(async () => {
  await sql.end()
  await at.remove()
})

async function projecting(
  work: (project: (bodies: EntryBody[]) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const store = postgresStore(url)
  const projector = await createProjector(store, 'log-1', { erasing: ERASING })
  await work((bodies) =>
    projector.project(
      bodies.map((body) => ({
        seq: ++seq,
        receivedAt: now,
        entry: { v: ENTRY_VERSION, ...body } as Entry,
      })),
    ),
  )
  await store.close()
}

function reading<T>(ask: (one: ReturnType<typeof answers>) => T): T {
  const reader = postgresReader(url, { thread: new URL('../../collector/query-thread.ts', import.meta.url) })
  const asked = reader.within(() => ask(answers({ state: reader.state, now: () => now })))
  reader.close()
  return asked
}

/** How often each table of the main site has been looked into. What a connection did is counted once it has ended. */
async function looks(): Promise<Map<string, number>> {
  await expect
    .poll(async () => (await sql`SELECT 1 FROM pg_stat_activity WHERE application_name = ${NAME}`).length)
    .toBe(0)
  const rows = await sql<{ name: string; n: number }[]>`
    SELECT relname AS name, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) AS n FROM pg_stat_user_tables
    WHERE schemaname = current_schema() AND relname LIKE ${'%\\_of\\_1'}`
  return new Map(rows.map(({ name, n }) => [name.slice(0, -'_of_1'.length), n]))
}

/** Tables of the main site that were looked into meanwhile. */
async function touched(work: () => unknown): Promise<string[]> {
  const before = await looks()
  await work()
  const after = await looks()
  return [...after].flatMap(([name, n]) => (n > (before.get(name) ?? 0) ? [name] : [])).sort()
}

describe('of the other site alone', () => {
  const [from, to] = [FIRST_DAY * DAY, (FIRST_DAY + DAYS) * DAY]
  const site = 'other'

  it('lists, sums and reports look into no row of the first', async () => {
    const looked = await touched(() =>
      reading((ask) => {
        for (const filters of [{}, { page: '/pricing' }, { stage: ['mql'] }, { device: 'desktop' }]) {
          const asked = { from, to, filters } as never
          ask.overview(site, asked)
          ask.numbers(site, asked)
          ask.series(site, asked, 'hour')
          ask.top(site, asked, 'page', 3, undefined)
        }
        ask.stats(site, from, to)
        ask.present(site, from)
        for (const query of [{}, { page: '/pricing' }, { source: 'direct' }, { q: 'acme' }, { owner: '' }])
          expect(
            pages((cursor) => ask.leads({ site, limit: 50, ...query, ...(cursor && { cursor }) })),
          ).toBeDefined()
        ask.shownLeads({ site, limit: 30 })
        pages((cursor) => ask.transitions(site, [], 5, cursor))
        for (const { key } of pages((cursor) => ask.companies(site, 5, cursor))) ask.company(site, key)
        for (const name of [
          'cohorts',
          'funnel',
          'velocity',
          'sales',
          'channels',
          'content',
          'rules',
        ] as const)
          ask.report(name, site, from, to)
        ask.learn(site)
        ask.preview(site, ask.rules(site)!.document, { capacity: 3, movers: 10 })
      }),
    )
    expect(looked).toEqual([])
  })

  it('a lead by its id looks into no row of the first but its ids', async () => {
    const looked = await touched(() =>
      reading((ask) => {
        const ids = leadIds(ask, site)
        expect(ids.length).toBeGreaterThan(2)
        ask.wouldIdentify(site, { email: 'p1@example.net' })
        for (const id of ids) {
          ask.lead(id)
          ask.curve(id)
          ask.dossier(id)
          ask.timeline(id, 40, undefined)
          ask.personParts(ask.person(id)!.no, null)
        }
      }),
    )
    expect(looked).toEqual(['contacts'])
  })

  it('what its visitors and people do is written with no look at what those of the first did', async () => {
    const draw = drawer(randomFrom(13))
    const entries = dayOf(FIRST_DAY + DAYS, draw, []).filter(
      ({ body }) => 'site' in body && body.site === site,
    )
    expect(new Set(entries.map(({ body }) => body.kind)).size).toBeGreaterThan(1)
    now = entries.at(-1)!.at
    const looked = await touched(() =>
      projecting(async (project) => {
        for (const { body } of entries) await project([body])
      }),
    )
    // The newest rules of every site at the start, and a contact whose site is not known yet; of so few titles all.
    expect(looked.filter((table) => !['contacts', 'rules', 'titles'].includes(table))).toEqual([])
  })
})

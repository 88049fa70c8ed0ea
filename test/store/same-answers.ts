/** Whatever is asked of two states, they answer the same. */
import { describe, expect, it } from 'vitest'
import type { Answers } from '../../collector/read.ts'
import { LEAD_SORTS, STAGES } from '../../shared/lead.ts'
import { DAY, DAYS, FIRST_DAY } from './history.ts'

/** The items of all pages. */
export function pages<T>(page: (cursor?: string) => { items: T[]; next: string | null } | undefined): T[] {
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

/** Ids of a site's leads. */
export const leadIds = (one: Answers, site: string): string[] =>
  pages((cursor) => one.leads({ site, limit: 200, ...(cursor && { cursor }) })).map(({ id }) => id)

/** Of the states of `history.ts`, asked for once the tests run. */
export function answerTheSame(given: () => { one: Answers; other: Answers; now: number }): void {
  const both = <T>(ask: (answers: Answers) => T): T => {
    const { one, other } = given()
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
      both((ask) => ask.present(site, given().now - DAY))
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
        { q: 'Ö%' },
        { q: 'PERSON_1 "ö' },
        { q: 'ACME' },
        { seenFrom: to - 3 * DAY, seenTo: to - DAY },
      ])
        list(query)
      both((ask) => ask.shownLeads({ site, limit: 30, sort }))
    })

    it('transitions, companies, reports, rules, drafts', () => {
      // Of all leads, and of some in the middle of others.
      const ranges = [
        [FIRST_DAY * DAY, to],
        [(FIRST_DAY + 2) * DAY, to - 2 * DAY - 1],
      ] as const
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
        for (const range of ranges) both((ask) => ask.report(name, site, ...range))
      both((ask) => ask.rulesHistory(site))
      both((ask) => ask.rules(site))
      both((ask) => ask.rules(site, 1))
      both((ask) => ask.learn(site))
      const { document } = given().one.rules('main')!
      both((ask) => ask.preview(site, document, { capacity: 3, movers: 10 }))
      both((ask) =>
        ask.wouldIdentify(site, { email: 'p1@example.net', phone: '+431234564', externalId: 'x-7' }),
      )
      both((ask) => ask.wouldIdentify(site, { email: 'nobody@example.net' }))
    })

    it('each lead', () => {
      for (const id of [...leadIds(given().one, site), 'nobody']) {
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
      const { now } = given()
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
      for (const cursor of ['x', '5.1.a', '5.-1.a', '5.999999999999999999999.a', '0.0.'])
        both((ask) => ask.companies('main', 5, cursor))
      for (const externalId of ['none', 'a\0b', '"\\u0000', '\ud800'])
        both((ask) => ask.wouldIdentify('main', { externalId }))
    })

    it('deliveries', () => {
      both((ask) => ask.due([{ webhook: 'hook-1', limit: 5 }]))
      both((ask) => ask.deliveryCounts())
      for (const state of [undefined, 'dead', 'delivered', 'waiting'] as const) {
        const list = both((ask) =>
          pages((cursor) =>
            ask.deliveries({
              webhook: 'hook-1',
              limit: 6,
              ...(state && { state }),
              ...(cursor && { cursor }),
            }),
          ),
        )
        expect(list.length).toBeGreaterThan(0)
      }
    })

    it('stands as it should: the history has come to something', () => {
      const counts = given().one.stageCounts('main')!
      expect(STAGES.filter((stage) => counts[stage] > 0).length).toBeGreaterThan(3)
    })
  })
}

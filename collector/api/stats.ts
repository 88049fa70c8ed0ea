import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { problem } from '../problem.ts'
import type { NumbersAsked } from '../read/numbers.ts'
import type { When } from '../read/stats.ts'
import type { VisitFilters } from '../read/visit-stats.ts'
import { SeriesAnswer, SeriesItem, SliceAnswer, StatsAnswer, TopItem } from './answers/stats.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { SeriesQuery, StatsQuery, statsFilters, TopParams, TopQuery } from './queries.ts'

const DAY_MS = 86_400_000

const FILTERS = Object.keys(statsFilters) as (keyof typeof statsFilters)[]

const FILTERED =
  'Filters hold together. Several at once, and all but those by page, source and campaign, are counted visit by visit: of more than 30,000 visits (10,000 where their pages are looked through) every second, fourth, eighth visitor and so on is looked at, and `sample` says which share that is.'

/** A site's numbers: sums, series and top lists, over any days and under filters. */
export function statsApi(deps: ApiDeps): Hono {
  const { ask, now } = deps

  /** What is asked of a span; else the answer that says what is wrong with it. */
  function asked(
    c: Context,
    query: v.InferOutput<typeof TopQuery> & Pick<NumbersAsked, 'compare'>,
  ): { numbers: NumbersAsked } | { refused: Response } {
    const { from, to = now(), period, compare } = query
    if (period !== undefined && (from !== undefined || query.to !== undefined))
      return {
        refused: problem(c, 400, 'give either period, or from and to', [
          { pointer: '/period', detail: 'goes without from and to' },
        ]),
      }
    if (from !== undefined && begins(from) > begins(to))
      return { refused: problem(c, 400, 'from must not be after to') }
    const filters: VisitFilters = Object.fromEntries(
      FILTERS.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
    )
    return {
      numbers: {
        to,
        filters,
        ...(from !== undefined && { from }),
        ...(period && { period }),
        ...(compare && { compare }),
      },
    }
  }

  return new Hono()
    .get(
      '/v1/stats',
      endpoint(
        deps,
        {
          id: 'getStats',
          tag: 'Statistics',
          summary: "A site's numbers: visitors, visits, page views, engaged time, and what was on top",
          description: `The last 30 days unless said. With filters the sums alone. ${FILTERED}`,
          right: 'read',
          query: StatsQuery,
          answers: { 200: v.union([StatsAnswer, SliceAnswer]) },
          example: { query: { site: 'main', from: '2026-11-01', to: '2026-11-03', compare: 'previous' } },
        },
        async (c, { site, query }) => {
          const what = asked(c, { ...query, limit: 0 })
          if ('refused' in what) return what.refused
          const { filters, compare, period, from, to } = what.numbers
          const isFiltered = Object.keys(filters).length > 0
          if (!isFiltered && !compare && !period) return c.json(await ask.stats(site, from, to))
          const { days, sample, ...sums } = (await ask.numbers(site, what.numbers))!
          if (isFiltered) return c.json({ ...sums, ...filters, sample })
          const whole = await ask.stats(site, { day: days.from }, { day: days.to })
          return c.json({ ...whole, ...(sums.compare && { compare: sums.compare }) })
        },
      ),
    )
    .get(
      '/v1/stats/series',
      listing(
        deps,
        {
          id: 'getSeries',
          tag: 'Statistics',
          summary: 'The numbers by hour, day, week or month',
          description: `As CSV and NDJSON the pieces alone, without those of \`compare\`. ${FILTERED}`,
          right: 'read',
          query: SeriesQuery,
          item: SeriesItem,
          whole: SeriesAnswer,
          name: 'series',
          example: { query: { period: '7d', interval: 'day', compare: 'previous' } },
        },
        async (c, { site, query: { interval, ...query } }) => {
          const what = asked(c, { ...query, limit: 0 })
          if ('refused' in what) return what.refused
          const series = await ask.series(site, what.numbers, interval)
          if (series === 'too-many')
            return problem(c, 400, 'interval: hours are of 31 days at most; ask for fewer, or for days', [
              { pointer: '/interval', detail: 'hour goes with 31 days at most' },
            ])
          return { ...series!, next: null }
        },
      ),
    )
    .get(
      '/v1/stats/top/:dimension',
      listing(
        deps,
        {
          id: 'listTop',
          tag: 'Statistics',
          summary: 'Pages, sources, campaigns, devices and more, the most first',
          description: `Pages by views, downloads and products by how often, all others by visits. ${FILTERED}`,
          right: 'read',
          params: TopParams,
          query: TopQuery,
          item: TopItem,
          name: 'top',
          example: { params: { dimension: 'page' }, query: { period: '30d', limit: '20' } },
        },
        async (c, { site, params, query }, { limit, cursor }) => {
          const what = asked(c, query)
          if ('refused' in what) return what.refused
          return (await ask.top(site, what.numbers, params.dimension, limit, cursor))!
        },
      ),
    )
}

const begins = (when: When): number => (typeof when === 'number' ? when : when.day * DAY_MS)

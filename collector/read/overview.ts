/** All that the overview shows of a site, asked at once: under filters each visit is read once for all of it. */
import type { SeriesItem, TopItem } from '../../shared/api.ts'
import type { Stage } from '../../shared/lead.ts'
import type { VisitorCount } from '../store/reader.ts'
import { comparedTo, type Days, type Interval, startsOf } from './intervals.ts'
import {
  dimensionOf,
  isFiltered,
  type NumbersAsked,
  type NumbersDeps,
  pieceOf,
  scan,
  seriesOf,
  spanAsked,
  topList,
  topOf,
} from './numbers.ts'
import { addNumbers, addVisit, noVisits, scaled, type VisitFilters, valuesOf } from './visit-stats.ts'

/** The lists of the overview. */
export const SHOWN_TOPS = [
  'source',
  'campaign',
  'page',
  'entry',
  'country',
  'device',
  'browser',
  'system',
  'download',
  'product',
] as const
export type ShownTop = (typeof SHOWN_TOPS)[number]
/** Lines of each: the API has more. */
const SHOWN = 9

/** Days up to which a point of the line stands for one of them; then for a week, and for a month. */
const MOST_DAYS = 92
const MOST_WEEK_DAYS = 400

/** A piece of the line, with what was taken in it. */
export interface OverviewItem extends SeriesItem {
  downloads: number
  cartAdds: number
}

export interface OverviewSums {
  visitors: number
  /** Standard error as a share. */
  visitorsError: number
  visits: number
  pageViews: number
  engagedMs: number
  bounces: number
  downloads: number
  cartAdds: number
}

interface Stretch {
  /** First and last moment, whole days of the site. */
  from: string
  to: string
  sums: OverviewSums
  series: OverviewItem[]
}

export interface OverviewAnswer extends Stretch {
  site: string
  interval: Interval
  /** Share of the visitors that was looked at; 1 where the numbers are exact. */
  sample: number
  compare?: Stretch
  tops: Record<ShownTop, TopItem[]>
  /** How many stand at each stage now; `visitor` are the anonymous ones of the days. */
  stages: Record<Stage, number>
}

export function overviewOf(
  deps: NumbersDeps,
  asked: NumbersAsked,
  identified: Record<Stage, number>,
): OverviewAnswer {
  const days = spanAsked(deps, asked)
  const { filters, compare } = asked
  const length = days.to - days.from + 1
  const interval: Interval =
    length === 1 ? 'hour' : length <= MOST_DAYS ? 'day' : length <= MOST_WEEK_DAYS ? 'week' : 'month'
  const other = compare && comparedTo(days, compare)
  const look = isFiltered(filters) ? scanned : kept
  const lists = isFiltered(filters) ? [] : SHOWN_TOPS.map((top) => topList(top, SHOWN))
  deps.rollUps.expect?.({ site: deps.site.no, ...days }, lists)
  const { all, anonymous } = deps.rollUps.people({ site: deps.site.no, ...days })
  const { sample, tops, ...stretch } = look(deps, days, filters, interval, all)
  const before = other && look(deps, other, filters, interval)
  return {
    site: deps.site.id,
    interval,
    sample,
    ...stretch,
    ...(before && {
      compare: { from: before.from, to: before.to, sums: before.sums, series: before.series },
    }),
    tops: tops!,
    stages: { ...identified, visitor: anonymous },
  }
}

type Looked = Stretch & Pick<OverviewAnswer, 'sample'> & Partial<Pick<OverviewAnswer, 'tops'>>

const frameOf = ({ zone }: NumbersDeps, { from, to }: Days) => ({
  from: new Date(zone.startOf(from)).toISOString(),
  to: new Date(zone.startOf(to + 1) - 1).toISOString(),
})

/** From the sums that are kept by day. */
function kept(
  deps: NumbersDeps,
  days: Days,
  filters: VisitFilters,
  interval: Interval,
  /** Who was there, where that is known already: of the span whose lists are shown. */
  people?: VisitorCount,
): Looked {
  const span = { site: deps.site.no, ...days }
  const sums = deps.rollUps.sums(span)
  const { count, error } = people ?? deps.rollUps.visitors(span)
  return {
    ...frameOf(deps, days),
    sample: 1,
    sums: {
      visitors: count,
      visitorsError: error,
      visits: sums.visits,
      pageViews: sums.views,
      engagedMs: sums.engagedMs,
      bounces: sums.bounces,
      downloads: sums.downloads,
      cartAdds: sums.cartAdds,
    },
    // Of all visits, so that none is null.
    series: seriesOf(deps, days, filters, interval).items as OverviewItem[],
    ...(people && { tops: topsBy((top) => topOf(deps, days, filters, top, { limit: SHOWN, offset: 0 })) }),
  }
}

/** From the visits themselves, one after the other. */
function scanned(
  deps: NumbersDeps,
  days: Days,
  filters: VisitFilters,
  interval: Interval,
  people?: VisitorCount,
): Looked {
  const withTops = people !== undefined
  const { every, visits } = scan(deps, days, filters, true)
  const starts = startsOf(days, interval, deps.zone)
  const at = pieceOf(starts)
  const pieces = starts.map(noVisits)
  const all = noVisits()
  const taken = starts.map(() => ({ downloads: 0, cartAdds: 0 }))
  const lists = topsBy(() => new Map<string, Counted>())
  const values = valuesOf()
  for (const visit of visits) {
    addVisit(all, visit)
    const piece = at(visit.startAt)
    addVisit(pieces[piece]!, visit)
    // Downloads and cart adds are actions; which pages were read is told by a list alone.
    for (const { kind, value } of withTops || visit.actions > 0 ? deps.visits.things(visit) : []) {
      if (kind === 'download') taken[piece]!.downloads++
      if (kind === 'cart') taken[piece]!.cartAdds++
      if (!withTops) continue
      const counted = of(lists[kind === 'cart' ? 'product' : kind], value)
      if (kind === 'page') counted.views++
      else counted[kind === 'cart' ? 'cartAdds' : 'downloads']++
    }
    if (!withTops) continue
    for (const top of SHOWN_TOPS) {
      if (top === 'page' || top === 'download' || top === 'product') continue
      const value = dimensionOf(visit, top, values)
      if (value !== undefined && value !== null) addNumbers(of(lists[top], value), visit)
    }
  }
  return {
    ...frameOf(deps, days),
    sample: 1 / every,
    sums: {
      ...scaled(all, every),
      downloads: every * sumOf(taken, 'downloads'),
      cartAdds: every * sumOf(taken, 'cartAdds'),
    },
    series: pieces.map((sums, i): OverviewItem => {
      const { visitorsError: _, ...rest } = scaled(sums, every)
      const { downloads, cartAdds } = taken[i]!
      return {
        at: new Date(starts[i]!).toISOString(),
        ...rest,
        downloads: downloads * every,
        cartAdds: cartAdds * every,
      }
    }),
    ...(withTops && { tops: topsBy((top) => most(lists[top], top, every)) }),
  }
}

const sumOf = <K extends string>(items: readonly Record<K, number>[], name: K): number =>
  items.reduce((sum, item) => sum + item[name], 0)

const NOTHING = { visits: 0, views: 0, engagedMs: 0, bounces: 0, downloads: 0, cartAdds: 0 }
type Counted = typeof NOTHING

function of(list: Map<string, Counted>, value: string): Counted {
  let counted = list.get(value)
  if (!counted) {
    counted = { ...NOTHING }
    list.set(value, counted)
  }
  return counted
}

/** What each list is sorted by; visits unless said. */
const MEASURES: Partial<Record<ShownTop, 'pageViews' | 'downloads' | 'cartAdds'>> = {
  page: 'pageViews',
  download: 'downloads',
  product: 'cartAdds',
}

function most(list: Map<string, Counted>, top: ShownTop, every: number): TopItem[] {
  const by = MEASURES[top] ?? 'visits'
  return [...list]
    .map(([value, { visits, bounces, views, engagedMs, downloads, cartAdds }]) => ({
      value,
      visits: visits * every,
      bounces: bounces * every,
      pageViews: views * every,
      engagedMs: engagedMs * every,
      downloads: downloads * every,
      cartAdds: cartAdds * every,
    }))
    .sort((a, b) => b[by] - a[by] || (a.value < b.value ? -1 : 1))
    .slice(0, SHOWN)
}

const topsBy = <T>(make: (top: ShownTop) => T): Record<ShownTop, T> =>
  Object.fromEntries(SHOWN_TOPS.map((top) => [top, make(top)])) as Record<ShownTop, T>

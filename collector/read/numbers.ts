/** A site's numbers over a span of days: sums, series and top lists, under filters. From kept sums where they tell, else from visits. */
import type { NumbersAnswer, SeriesAnswer, SeriesItem, TopItem } from '../../shared/api.ts'
import type { RollUpReader, SeenVisit, Span, VisitReader } from '../store/reader.ts'
import { DIMENSIONS, type Dimension, NOTHING, type Site, type Totals } from '../store/store.ts'
import { VisitorUnion } from '../store/visitor-set.ts'
import { QUARTER_MS, type Zone } from '../zone.ts'
import {
  bucketOf,
  type Comparison,
  type Days,
  daysOf,
  type Interval,
  type Period,
  startsOf,
} from './intervals.ts'
import type { When } from './stats.ts'
import {
  addNumbers,
  addVisit,
  noVisits,
  scaled,
  type VisitFilters,
  valuesOf,
  visitsUnder,
} from './visit-stats.ts'

export interface NumbersAsked {
  from?: When
  to: When
  period?: Period
  compare?: Comparison
  filters: VisitFilters
}

/** Dimensions of which there are top lists: of a whole there is none, and values of different currencies are not compared. */
export type Top = Exclude<Dimension, 'all' | 'currency'>
export const TOPS: readonly Top[] = DIMENSIONS.filter((one) => one !== 'all' && one !== 'currency')

/** Days that are counted unless told, the last one included. */
const DEFAULT_DAYS = 30
/** Twenty years. Each day of a span is looked up. */
const MAX_DAYS = 7_305
const iso = (at: number): string => new Date(at).toISOString()

export interface NumbersDeps {
  rollUps: RollUpReader
  visits: VisitReader
  site: Site
  zone: Zone
}

/** The days that are asked for. */
export function spanAsked({ rollUps, site, zone }: NumbersDeps, { from, to, period }: NumbersAsked): Days {
  const day = (when: When) => (typeof when === 'number' ? zone.dayOf(when) : when.day)
  const last = day(to)
  if (period !== undefined) {
    const days = daysOf(period, last, rollUps.firstDay(site.no) ?? last)
    return { ...days, from: Math.max(days.from, last - MAX_DAYS) }
  }
  return {
    from: Math.max(from === undefined ? last - DEFAULT_DAYS + 1 : day(from), last - MAX_DAYS),
    to: last,
  }
}

export const isFiltered = (filters: VisitFilters): boolean =>
  Object.values(filters).some((value) => value !== undefined)

/** The one filter of which sums and visitors are kept; undefined where it takes visits to tell. */
function keptOf(
  filters: VisitFilters,
): { dimension: 'page' | 'source' | 'campaign'; value: string } | undefined {
  const [[dimension, value] = [], ...more] = Object.entries(filters).filter(([, one]) => one !== undefined)
  if (more.length > 0) return undefined
  if (dimension !== 'page' && dimension !== 'source' && dimension !== 'campaign') return undefined
  return { dimension, value: value as string }
}

/** Sums of a span under filters. */
export function sumsOf(deps: NumbersDeps, days: Days, filters: VisitFilters): NumbersAnswer {
  const { rollUps, site, zone } = deps
  const span = { site: site.no, ...days }
  const frame = { from: iso(zone.startOf(days.from)), to: iso(zone.startOf(days.to + 1) - 1) }
  const kept = keptOf(filters)
  if (isFiltered(filters) && !kept) {
    const sums = noVisits()
    const { every, visits } = scan(deps, days, filters)
    for (const visit of visits) addVisit(sums, visit)
    return { ...frame, ...scaled(sums, every), sample: 1 / every }
  }
  const sums = rollUps.sums(span, kept)
  const { count, error } = rollUps.visitors(span, kept)
  // Of a page, visits are those that began on it.
  const began =
    kept?.dimension === 'page' ? rollUps.sums(span, { dimension: 'entry', value: kept.value }) : sums
  return {
    ...frame,
    visitors: count,
    visitorsError: error,
    visits: began.visits,
    pageViews: sums.views,
    engagedMs: sums.engagedMs,
    bounces: began.bounces,
    sample: 1,
  }
}

export function scan(
  { rollUps, visits, site, zone }: NumbersDeps,
  days: Days,
  filters: VisitFilters,
  readsEvents?: boolean,
) {
  const known = rollUps.sums({ site: site.no, ...days }).visits
  const span = [zone.startOf(days.from), zone.startOf(days.to + 1)] as const
  return visitsUnder(visits, site.no, span, known, filters, readsEvents)
}

/** The same by pieces of the span, those without anything too. */
export function seriesOf(
  deps: NumbersDeps,
  days: Days,
  filters: VisitFilters,
  interval: Interval,
): Pick<SeriesAnswer, 'items' | 'sample'> {
  const starts = startsOf(days, interval, deps.zone)
  const kept = keptOf(filters)
  if (isFiltered(filters) && (!kept || interval === 'hour')) return scannedSeries(deps, days, filters, starts)
  const pieces = starts.map(() => ({ sums: { ...NONE }, visitors: new VisitorUnion() }))
  const at = pieceOf(starts)
  if (interval === 'hour') {
    const [first, last] = [starts[0]!, deps.zone.startOf(days.to + 1) - 1]
    for (const row of deps.rollUps.quarters(
      deps.site.no,
      Math.floor(first / QUARTER_MS),
      Math.floor(last / QUARTER_MS),
    )) {
      const piece = pieces[at(row.quarter * QUARTER_MS)]!
      add(piece.sums, row)
      if (row.visitors) piece.visitors.add(row.visitors)
    }
  } else {
    const span: Span = { site: deps.site.no, ...days }
    const of = (day: number) => pieces[at(deps.zone.startOf(Math.max(days.from, bucketOf(day, interval))))]!
    for (const { day, ...row } of deps.rollUps.days(span, kept)) add(of(day).sums, row)
    if (kept?.dimension === 'page')
      for (const { day, visits, bounces } of deps.rollUps.days(span, { ...kept, dimension: 'entry' })) {
        of(day).sums.visits += visits
        of(day).sums.bounces += bounces
      }
    for (const { day, bytes } of deps.rollUps.visitorDays(span, kept)) of(day).visitors.add(bytes)
  }
  return {
    sample: 1,
    items: pieces.map(({ sums, visitors }, i) => ({
      at: iso(starts[i]!),
      visitors: visitors.count().count,
      visits: sums.visits,
      pageViews: sums.views,
      engagedMs: sums.engagedMs,
      bounces: sums.bounces,
      downloads: kept ? null : sums.downloads,
      cartAdds: kept ? null : sums.cartAdds,
    })),
  }
}

/** What is told of a piece or a value: values of different currencies have no sum. */
type Told = Omit<Totals, 'cartValue'>
const { cartValue: _, ...NONE } = NOTHING

function add(sums: Told, row: Told): void {
  sums.visits += row.visits
  sums.views += row.views
  sums.engagedMs += row.engagedMs
  sums.bounces += row.bounces
  sums.downloads += row.downloads
  sums.cartAdds += row.cartAdds
}

/** Which piece a moment is in: the last that began by then. */
export function pieceOf(starts: readonly number[]): (at: number) => number {
  return (at) => {
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (starts[middle]! <= at) low = middle
      else high = middle - 1
    }
    return low
  }
}

function scannedSeries(
  deps: NumbersDeps,
  days: Days,
  filters: VisitFilters,
  starts: readonly number[],
): Pick<SeriesAnswer, 'items' | 'sample'> {
  const pieces = starts.map(() => noVisits())
  const at = pieceOf(starts)
  const { every, visits } = scan(deps, days, filters)
  for (const visit of visits) addVisit(pieces[at(visit.startAt)]!, visit)
  return {
    sample: 1 / every,
    items: pieces.map((sums, i): SeriesItem => {
      const { visitorsError: _, ...rest } = scaled(sums, every)
      return { at: iso(starts[i]!), ...rest, downloads: null, cartAdds: null }
    }),
  }
}

/** What each line of a list tells. */
const LISTED = ['visits', 'bounces', 'views', 'engagedMs', 'downloads', 'cartAdds'] as const
type Listed = (typeof LISTED)[number]

/** What each list is sorted by. */
const MEASURE: Partial<Record<Top, Listed>> = {
  page: 'views',
  download: 'downloads',
  product: 'cartAdds',
}

/** The values of a dimension with the most of what it is measured in, `limit` of them behind `offset`. */
export function topOf(
  deps: NumbersDeps,
  days: Days,
  filters: VisitFilters,
  dimension: Top,
  { limit, offset }: { limit: number; offset: number },
): TopItem[] {
  if (isFiltered(filters)) return scannedTop(deps, days, filters, dimension).slice(offset, offset + limit)
  const rows = deps.rollUps.top({ site: deps.site.no, ...days }, ...topList(dimension, offset + limit))
  return rows.slice(offset).map(({ value, visits, bounces, views, engagedMs, downloads, cartAdds }) => ({
    value,
    visits,
    bounces,
    pageViews: views,
    engagedMs,
    downloads,
    cartAdds,
  }))
}

/** What is asked for a list of which no visit has to be read. */
export const topList = (
  dimension: Top,
  limit: number,
): readonly [Top, readonly [Listed, ...Listed[]], number] => [
  dimension,
  [MEASURE[dimension] ?? 'visits', ...LISTED],
  limit,
]

function scannedTop(deps: NumbersDeps, days: Days, filters: VisitFilters, dimension: Top): TopItem[] {
  const ofEvents = dimension === 'page' || dimension === 'download' || dimension === 'product'
  const { every, visits } = scan(deps, days, filters, ofEvents || undefined)
  const found = new Map<string, Told>()
  const of = (value: string) => {
    let sums = found.get(value)
    if (!sums) {
      sums = { ...NONE }
      found.set(value, sums)
    }
    return sums
  }
  const values = valuesOf()
  for (const visit of visits) {
    if (dimension === 'page' || dimension === 'download' || dimension === 'product')
      countThings(deps.visits, visit, dimension, of)
    else {
      const value = dimensionOf(visit, dimension, values)
      if (value !== undefined && value !== null) addNumbers(of(value), visit)
    }
  }
  const items = [...found].map(
    ([value, sums]): TopItem => ({
      value,
      visits: sums.visits * every,
      bounces: sums.bounces * every,
      pageViews: sums.views * every,
      engagedMs: sums.engagedMs * every,
      downloads: sums.downloads * every,
      cartAdds: sums.cartAdds * every,
    }),
  )
  const measure = dimension === 'page' ? 'pageViews' : (MEASURE[dimension] ?? 'visits')
  const by = measure as 'pageViews' | 'downloads' | 'cartAdds' | 'visits'
  return items.sort((a, b) => b[by] - a[by] || (a.value < b.value ? -1 : 1))
}

/** Of pages only how often they were read is told: engaged time and bounces are the visit's. */
function countThings(
  reader: VisitReader,
  visit: SeenVisit,
  dimension: 'page' | 'download' | 'product',
  of: (value: string) => { views: number; downloads: number; cartAdds: number },
): void {
  for (const { kind, value } of reader.things(visit)) {
    if (kind === 'page' && dimension === 'page') of(value).views++
    else if (kind === 'download' && dimension === 'download') of(value).downloads++
    else if (kind === 'cart' && dimension === 'product') of(value).cartAdds++
  }
}

export function dimensionOf(
  visit: SeenVisit,
  dimension: Exclude<Top, 'page' | 'download' | 'product'>,
  values: (visit: SeenVisit) => ReadonlyMap<Dimension, string>,
): string | null | undefined {
  if (dimension === 'entry') return visit.entryPath
  return dimension === 'exit' ? visit.exitPath : values(visit).get(dimension)
}

/** Hours are told of so many days at most. */
export const MOST_HOURS_DAYS = 31

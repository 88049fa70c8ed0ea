import type { SliceAnswer, SourceKind, StatsAnswer, TopValue } from '../../shared/api.ts'
import type { Stage } from '../../shared/lead.ts'
import type { RollUpReader, Span, TopList } from '../store/reader.ts'
import type { Dimension, Site } from '../store/store.ts'
import type { Zone } from '../zone.ts'

/** Twenty years. Each day of a span is looked up. */
const MAX_DAYS = 7_305
/** Length of each list. */
const TOP = 20
const DAY_MS = 86_400_000

/** One page by its path, or one source by kind and name: `search Google`, `direct`. */
export type Slice = { page: string } | { source: string }

/** A moment, ms, whose day is meant; or a day (whole days since 1970) of the site's calendar. */
export type When = number | { day: number }

/** Days that are counted unless told, the last one included. */
const DEFAULT_DAYS = 30

const iso = (at: number): string => new Date(at).toISOString()

/** All of an answer. */
const LISTS: TopList[] = [
  ['currency', ['cartValue'], TOP],
  ['page', ['views', 'engagedMs'], TOP],
  ['exit', ['visits'], TOP],
  ['download', ['downloads'], TOP],
  ['product', ['cartAdds'], TOP],
  ...(
    ['entry', 'source', 'campaign', 'device', 'browser', 'system', 'language', 'screen', 'country'] as const
  ).map((dimension): TopList => [dimension, ['visits', 'bounces'], TOP]),
]

/** A site's numbers over whole days of its time zone; `stages` are those of identified people. */
export function statsOf(
  rollUps: RollUpReader,
  site: Site,
  zone: Zone,
  from: When | undefined,
  to: When,
  stages: Record<Stage, number>,
): StatsAnswer {
  const span = spanOf(site, zone, from, to)
  rollUps.expect?.(span, LISTS)
  const sums = rollUps.sums(span)
  const { all, anonymous, days } = rollUps.people(span)
  const top = (dimension: Dimension): TopValue[] =>
    rollUps
      .top(span, dimension, ['visits', 'bounces'], TOP)
      .map(({ value, visits, bounces }) => ({ name: value, visits, bounces }))
  return {
    ...frame(site, zone, span),
    visitors: all.count,
    visitorsError: all.error,
    visits: sums.visits,
    pageViews: sums.views,
    engagedMs: sums.engagedMs,
    bounces: sums.bounces,
    downloads: sums.downloads,
    cartAdds: sums.cartAdds,
    cartValue: rollUps
      .top(span, 'currency', ['cartValue'], TOP)
      .map(({ value, cartValue }) => ({ currency: value, value: cartValue / 100 })),
    stages: { ...stages, visitor: anonymous },
    days: rollUps.days(span).map(({ day, visits, views }) => ({
      day: iso(day * DAY_MS).slice(0, 10),
      visitors: days.get(day) ?? 0,
      visits,
      pageViews: views,
    })),
    topPages: rollUps
      .top(span, 'page', ['views', 'engagedMs'], TOP)
      .map(({ value, views, engagedMs }) => ({ path: value, views, engagedMs })),
    entryPages: top('entry'),
    exitPages: rollUps
      .top(span, 'exit', ['visits'], TOP)
      .map(({ value, visits }) => ({ name: value, visits })),
    sources: top('source').map((row) => ({ ...row, ...sourceNamed(row.name) })),
    campaigns: top('campaign'),
    devices: top('device'),
    browsers: top('browser'),
    systems: top('system'),
    languages: top('language'),
    screens: top('screen'),
    countries: top('country'),
    topDownloads: rollUps
      .top(span, 'download', ['downloads'], TOP)
      .map(({ value, downloads }) => ({ url: value, downloads })),
    topProducts: rollUps
      .top(span, 'product', ['cartAdds'], TOP)
      .map(({ value, cartAdds }) => ({ product: value, cartAdds })),
  }
}

/** The numbers of one page or source. */
export function sliceOf(
  rollUps: RollUpReader,
  site: Site,
  zone: Zone,
  from: When | undefined,
  to: When,
  slice: Slice,
): SliceAnswer {
  const span = spanOf(site, zone, from, to)
  const named: { dimension: Dimension; value: string } =
    'page' in slice ? { dimension: 'page', value: slice.page } : { dimension: 'source', value: slice.source }
  const { views, engagedMs, ...rest } = rollUps.sums(span, named)
  const began = 'page' in slice ? rollUps.sums(span, { dimension: 'entry', value: slice.page }) : rest
  const visitors = rollUps.visitors(span, named)
  return {
    ...frame(site, zone, span),
    ...slice,
    visitors: visitors.count,
    visitorsError: visitors.error,
    visits: began.visits,
    pageViews: views,
    engagedMs,
    bounces: began.bounces,
    sample: 1,
  }
}

function spanOf(site: Site, zone: Zone, from: When | undefined, to: When): Span {
  const dayOf = (when: When) => (typeof when === 'number' ? zone.dayOf(when) : when.day)
  const last = dayOf(to)
  const first = from === undefined ? last - DEFAULT_DAYS + 1 : dayOf(from)
  // No span is longer than what can have been recorded.
  return { site: site.no, from: Math.max(first, last - MAX_DAYS), to: last }
}

function frame(site: Site, zone: Zone, { from, to }: { from: number; to: number }) {
  return {
    site: site.id,
    from: iso(zone.startOf(from)),
    to: iso(zone.startOf(to + 1) - 1),
    timeZone: site.timeZone,
  }
}

function sourceNamed(value: string): { kind: SourceKind; name: string } {
  const [kind = '', ...name] = value.split(' ')
  return { kind: kind as SourceKind, name: name.join(' ') }
}

/** Numbers of visits that no sums are kept of: those of several filters at once, read one by one. */
import type { Stage } from '../../shared/lead.ts'
import { profiled, sliced, UNKNOWN } from '../project/roll-ups.ts'
import { sourceOf } from '../source.ts'
import type { SeenVisit, VisitReader } from '../store/reader.ts'
import type { Dimension, Profile } from '../store/store.ts'

/** What a visit, or its visitor, has to be; all at once. */
export interface VisitFilters {
  /** A path that was read within the visit. */
  page?: string
  /** Kind and name: 'search Google', 'direct'. */
  source?: string
  campaign?: string
  device?: string
  browser?: string
  system?: string
  /** Two letters. */
  country?: string
  /** The path with which the visit began. */
  entry?: string
  /** What was downloaded, or put into the cart, within the visit. */
  download?: string
  product?: string
  /** Where the visitor stands today; 'visitor' is anonymous. */
  stage?: readonly Stage[]
}

/** Visits that are read one by one for an answer; of more every so manieth visitor's are taken. */
export const MOST_VISITS = 30_000
/** The same where the events of each are looked through, too. */
export const MOST_READ_VISITS = 10_000

export interface VisitSums {
  visits: number
  views: number
  engagedMs: number
  bounces: number
  visitors: Set<number>
}

export const noVisits = (): VisitSums => ({
  visits: 0,
  views: 0,
  engagedMs: 0,
  bounces: 0,
  visitors: new Set(),
})

export interface Sampled {
  /** Every so manieth visitor was looked at: 1 where all were. */
  every: number
  visits: Iterable<SeenVisit>
}

/** The visits of [from, to), ms, under the filters; `known` is how many there are without any. */
export function visitsUnder(
  reader: VisitReader,
  site: number,
  [from, to]: readonly [number, number],
  known: number,
  filters: VisitFilters,
  readsEvents = filters.page !== undefined,
): Sampled {
  const most = readsEvents ? MOST_READ_VISITS : MOST_VISITS
  const every = 2 ** Math.max(0, Math.ceil(Math.log2(known / most)))
  const wanted = { isProfile: profileUnder(filters), withStage: filters.stage !== undefined }
  return { every, visits: matching(reader, reader.visits(site, from, to, every, wanted), filters) }
}

/** Whether a visitor's profile may be one of a visit under the filters; undefined where any may. */
function profileUnder(filters: VisitFilters): ((profile: Profile | null) => boolean) | undefined {
  const { device, browser, system, country } = filters
  const wanted = Object.entries({ device, browser, system, country }).filter(
    (entry): entry is [Dimension & keyof VisitFilters, string] => entry[1] !== undefined,
  )
  if (wanted.length === 0) return undefined
  return (profile) => {
    const has = new Map(profiled(profile ?? UNKNOWN))
    return wanted.every(([dimension, value]) => has.get(dimension) === value)
  }
}

function* matching(
  reader: VisitReader,
  visits: Iterable<SeenVisit>,
  { page, stage, entry, download, product, ...rest }: VisitFilters,
): Generator<SeenVisit> {
  const wanted = Object.entries(rest).filter(([, value]) => value !== undefined) as [Dimension, string][]
  const values = valuesOf()
  for (const visit of visits) {
    if (stage && !stage.includes(visit.stage ?? 'visitor')) continue
    if (wanted.length > 0) {
      const has = values(visit)
      if (!wanted.every(([dimension, value]) => has.get(dimension) === value)) continue
    }
    if (entry !== undefined && visit.entryPath !== entry) continue
    if (page !== undefined && !reader.hasRead(visit, page)) continue
    if (download !== undefined && !hasDone(reader, visit, 'download', download)) continue
    if (product !== undefined && !hasDone(reader, visit, 'cart', product)) continue
    yield visit
  }
}

const hasDone = (reader: VisitReader, visit: SeenVisit, kind: 'download' | 'cart', value: string): boolean =>
  visit.actions > 0 && reader.things(visit).some((thing) => thing.kind === kind && thing.value === value)

/** The values of a visit by dimension; of what many have in common they are looked up once. */
export function valuesOf(): (visit: SeenVisit) => ReadonlyMap<Dimension, string> {
  const known = new Map<object, Map<object, Map<Dimension, string>>>()
  return ({ came, profile }) => {
    const who = profile ?? UNKNOWN
    let ways = known.get(who)
    if (!ways) {
      ways = new Map()
      known.set(who, ways)
    }
    let values = ways.get(came)
    if (!values) {
      values = new Map([...sliced(sourceOf(came)), ...profiled(who)])
      ways.set(came, values)
    }
    return values
  }
}

export function addVisit(sums: VisitSums, visit: SeenVisit): void {
  addNumbers(sums, visit)
  sums.visitors.add(visit.visitor)
}

/** Adds a visit where nobody asks who it was of. */
export function addNumbers(
  sums: Omit<VisitSums, 'visitors'>,
  { views, engagedMs, actions }: SeenVisit,
): void {
  sums.visits++
  sums.views += views
  sums.engagedMs += engagedMs
  if (views === 1 && actions === 0) sums.bounces++
}

/** What the whole comes to by what was looked at, with the standard error of its visitors as a share. */
export function scaled({ visits, views, engagedMs, bounces, visitors }: VisitSums, every: number) {
  return {
    visitors: visitors.size * every,
    visitorsError: every === 1 || visitors.size === 0 ? 0 : Math.sqrt((1 - 1 / every) / visitors.size),
    visits: visits * every,
    pageViews: views * every,
    engagedMs: engagedMs * every,
    bounces: bounces * every,
  }
}

/** Sums that the pages and `/v1/stats` read, made from what a batch adds to events and visits. */
import { isBounce } from '../lead/sessionise.ts'
import type { TrackedEvent, Visit } from '../lead/state.ts'
import { type Source, sourceOf } from '../source.ts'
import {
  type Dimension,
  NOTHING,
  type Profile,
  type QuarterDelta,
  type SliceDelta,
  type Totals,
  type Visitor,
} from '../store/store.ts'
import { QUARTER_MS, type Zone } from '../zone.ts'
import type { Batch, ChangedVisit } from './batch.ts'

/** A cart add's value is at most this, hundredths: sums stay whole numbers. */
const MOST_VALUE = 1e12
/** Sources remembered within a batch. */
const REMEMBERED = 10_000

/** What a batch adds to the sums of all sites. */
export async function rollUps(
  batch: Batch,
  changed: readonly ChangedVisit[],
  zoneOf: (site: number) => Zone,
): Promise<RollUps> {
  const sums = new RollUps(zoneOf)
  for (const { visitor, site, events } of batch.newEvents())
    for (const event of events) sums.event(site, visitor, event)
  for (const { visitor, site, events } of batch.goneEvents())
    sums.taken(site, visitor, events, await batch.eventList(visitor, 0, null))
  for (const { site, at, path, ms } of batch.appended.engaged) sums.engaged(site, at, path, ms)
  for (const { visitor, before, after } of changed) sums.visit(visitor, before, after)
  for (const visitor of sums.moved()) sums.settle(visitor, await batch.visitList(visitor.no))
  return sums
}

interface Group {
  site: number
  day: number
  referrer: string | null
  source: Source
  totals: Totals
  opened: number[]
}

type Members = { cameIn: Set<number>; wentOut: Set<number> }
type QuarterRow = QuarterDelta & Members
type SliceRow = SliceDelta & Members
/** The rows of a site's day, by what they are of and its value. */
type Day = { [of in Dimension]?: Map<string, SliceRow> }

const rowsOf = (day: Day): SliceRow[] => Object.values(day).flatMap((rows) => [...rows.values()])

export class RollUps {
  private readonly zoneOf: (site: number) => Zone
  /** By number, for every event asks for some: the names of rows, put together, would cost more than the sums. */
  private readonly quarterRows = new Map<number, Map<number, QuarterRow>>()
  private readonly days = new Map<number, Map<number, Day>>()
  /** By what the visits share, which equal ones mostly hold as one object: what is missed is a group more. */
  private readonly groups = new Map<Profile, Map<object | string | null, Group[]>>()
  private readonly left = new Map<number, { visitor: Visitor; visits: Visit[] }>()
  private readonly sources = new Map<string, Source>()

  constructor(zoneOf: (site: number) => Zone) {
    this.zoneOf = zoneOf
  }

  get quarters(): QuarterDelta[] {
    return [...this.quarterRows.values()].flatMap((ofSite) => [...ofSite.values()])
  }

  get slices(): SliceDelta[] {
    this.spread()
    return [...this.days.values()].flatMap((ofSite) => [...ofSite.values()].flatMap(rowsOf))
  }

  /** Counts an event: what it adds whichever visit it falls into. */
  event(site: number, visitor: number, event: TrackedEvent): void {
    if (event.kind === 'signal') return
    const day = this.zoneOf(site).dayOf(event.at)
    const quarter = this.quarter(site, event.at)
    const all = this.slice(site, 'all', day, '')
    quarter.cameIn.add(visitor)
    all.cameIn.add(visitor)
    switch (event.kind) {
      case 'page': {
        const page = this.slice(site, 'page', day, event.path)
        page.cameIn.add(visitor)
        for (const { totals } of [quarter, all, page]) totals.views++
        return
      }
      case 'download':
        for (const { totals } of [quarter, all, this.slice(site, 'download', day, event.url)])
          totals.downloads++
        return
      case 'cart': {
        const rows = [quarter, all, this.slice(site, 'product', day, event.product)]
        // Values of different currencies have no sum: those of each are counted apart.
        const value = Math.min(MOST_VALUE, Math.round(event.quantity * (event.price ?? 0) * 100))
        if (value > 0) rows.push(this.slice(site, 'currency', day, event.currency ?? ''))
        for (const { totals } of rows) {
          totals.cartAdds++
          totals.cartValue += value
        }
      }
    }
  }

  /** Takes page views out that became another visitor's, and the visitor out of where nothing of it is `left`. */
  taken(site: number, visitor: number, events: readonly TrackedEvent[], left: readonly TrackedEvent[]): void {
    const quarterOf = ({ at }: TrackedEvent) => Math.floor(at / QUARTER_MS)
    const dayOf = ({ at }: TrackedEvent) => this.zoneOf(site).dayOf(at)
    const isLeft = (same: (other: TrackedEvent) => boolean) => left.some(same)
    for (const event of events) {
      const day = dayOf(event)
      const quarter = this.quarter(site, event.at)
      const all = this.slice(site, 'all', day, '')
      if (!isLeft((other) => quarterOf(other) === quarterOf(event))) leave(quarter, visitor)
      if (!isLeft((other) => dayOf(other) === day)) leave(all, visitor)
      if (event.kind !== 'page') continue
      const { path } = event
      const page = this.slice(site, 'page', day, path)
      if (!isLeft((other) => other.kind === 'page' && other.path === path && dayOf(other) === day))
        leave(page, visitor)
      for (const { totals } of [quarter, all, page]) totals.views--
    }
  }

  /** Counts engaged time into the day on which its page view began. */
  engaged(site: number, at: number, path: string, ms: number): void {
    const day = this.zoneOf(site).dayOf(at)
    this.quarter(site, at).totals.engagedMs += ms
    this.slice(site, 'all', day, '').totals.engagedMs += ms
    this.slice(site, 'page', day, path).totals.engagedMs += ms
  }

  /** Moves the sums from one version of a visit to the next; null is no visit. */
  visit(visitor: Visitor, before: Visit | null, after: Visit | null): void {
    if (before && after && before.startAt === after.startAt && sameSource(before, after)) {
      this.growVisit(visitor, before, after)
      return
    }
    if (before) this.countVisit(visitor, before, -1)
    if (after) this.countVisit(visitor, after, 1)
    if (before) {
      const { visits } = this.left.get(visitor.no) ?? { visits: [] }
      this.left.set(visitor.no, { visitor, visits: [...visits, before] })
    }
  }

  /** A visit goes on, as nearly all do: it stays with the visitor's day and source, which are looked up once. */
  private growVisit(visitor: Visitor, before: Visit, after: Visit): void {
    const { site } = visitor
    const day = this.zoneOf(site).dayOf(after.startAt)
    const bounces = bouncesOf(after) - bouncesOf(before)
    const group = this.group(visitor, after, day)
    group.totals.views += after.views - before.views
    group.totals.engagedMs += after.engagedMs - before.engagedMs
    if (bounces !== 0) {
      group.totals.bounces += bounces
      this.quarter(site, after.startAt).totals.bounces += bounces
      this.slice(site, 'all', day, '').totals.bounces += bounces
    }
    if (before.entryPath !== after.entryPath) {
      this.countEntry(site, day, before, -1)
      this.countEntry(site, day, after, 1)
    } else if (bounces !== 0 && after.entryPath !== null)
      this.slice(site, 'entry', day, after.entryPath).totals.bounces += bounces
    if (before.exitPath !== after.exitPath) {
      this.countExit(site, day, before, -1)
      this.countExit(site, day, after, 1)
    }
  }

  /** Visitors of whom a visit moved elsewhere; `settle` them with all their visits. */
  moved(): Visitor[] {
    return [...this.left.values()].map(({ visitor }) => visitor)
  }

  /** Takes a visitor out of the sources to which no visit of its day belongs any more. */
  settle(visitor: Visitor, visits: readonly Visit[]): void {
    const there = new Set(visits.flatMap((visit) => this.memberships(visitor, visit).map(({ name }) => name)))
    for (const visit of this.left.get(visitor.no)!.visits) {
      for (const { name, day, dimension, value } of this.memberships(visitor, visit)) {
        if (there.has(name)) continue
        const slice = this.slice(visitor.site, dimension, day, value)
        slice.cameIn.delete(visitor.no)
        slice.wentOut.add(visitor.no)
      }
    }
  }

  private memberships(
    { site }: Visitor,
    visit: Visit,
  ): { name: string; day: number; dimension: Dimension; value: string }[] {
    const day = this.zoneOf(site).dayOf(visit.startAt)
    return sliced(this.source(visit)).map(([dimension, value]) => ({
      name: `${day} ${dimension} ${value}`,
      day,
      dimension,
      value,
    }))
  }

  private countVisit(visitor: Visitor, visit: Visit, sign: 1 | -1): void {
    const { site } = visitor
    const day = this.zoneOf(site).dayOf(visit.startAt)
    const bounces = sign * bouncesOf(visit)
    for (const { totals } of [this.quarter(site, visit.startAt), this.slice(site, 'all', day, '')]) {
      totals.visits += sign
      totals.bounces += bounces
    }
    this.countEntry(site, day, visit, sign)
    this.countExit(site, day, visit, sign)
    const group = this.group(visitor, visit, day)
    group.totals.visits += sign
    group.totals.bounces += bounces
    group.totals.views += sign * visit.views
    group.totals.engagedMs += sign * visit.engagedMs
    if (sign > 0) group.opened.push(visitor.no)
  }

  private countEntry(site: number, day: number, visit: Visit, sign: 1 | -1): void {
    if (visit.entryPath === null) return
    const { totals } = this.slice(site, 'entry', day, visit.entryPath)
    totals.visits += sign
    totals.bounces += sign * bouncesOf(visit)
  }

  private countExit(site: number, day: number, { exitPath }: Visit, sign: 1 | -1): void {
    if (exitPath !== null) this.slice(site, 'exit', day, exitPath).totals.visits += sign
  }

  /** What many visits have in common is added up before it is spread over the dimensions. */
  private group(visitor: Visitor, visit: Visit, day: number) {
    const { site } = visitor
    const profile = visitor.profile ?? UNKNOWN
    const { query, referrer } = visit
    let ofProfile = this.groups.get(profile)
    if (!ofProfile) {
      ofProfile = new Map()
      this.groups.set(profile, ofProfile)
    }
    let alike = ofProfile.get(query ?? referrer)
    if (!alike) {
      alike = []
      ofProfile.set(query ?? referrer, alike)
    }
    for (const group of alike)
      if (group.day === day && group.site === site && group.referrer === referrer) return group
    const source = this.source(visit)
    const group: Group = { site, day, referrer, source, totals: { ...NOTHING }, opened: [] }
    alike.push(group)
    return group
  }

  private spread(): void {
    for (const [profile, ofProfile] of this.groups) {
      const values = profiled(profile)
      for (const alike of ofProfile.values()) for (const group of alike) this.spreadOne(group, values)
    }
    this.groups.clear()
  }

  private spreadOne(
    { site, day, source, totals, opened }: Group,
    values: readonly [Dimension, string][],
  ): void {
    for (const [dimension, value] of sliced(source)) {
      const slice = this.slice(site, dimension, day, value)
      add(slice.totals, totals)
      for (const no of opened) if (!slice.wentOut.has(no)) slice.cameIn.add(no)
    }
    for (const [dimension, value] of values) add(this.slice(site, dimension, day, value).totals, totals)
  }

  private quarter(site: number, at: number) {
    const quarter = Math.floor(at / QUARTER_MS)
    let ofSite = this.quarterRows.get(site)
    if (!ofSite) {
      ofSite = new Map()
      this.quarterRows.set(site, ofSite)
    }
    let row = ofSite.get(quarter)
    if (!row) {
      row = { site, quarter, totals: { ...NOTHING }, cameIn: new Set(), wentOut: new Set() }
      ofSite.set(quarter, row)
    }
    return row
  }

  private slice(site: number, dimension: Dimension, day: number, value: string) {
    let ofSite = this.days.get(site)
    if (!ofSite) {
      ofSite = new Map()
      this.days.set(site, ofSite)
    }
    let ofDay = ofSite.get(day)
    if (!ofDay) {
      ofDay = {}
      ofSite.set(day, ofDay)
    }
    ofDay[dimension] ??= new Map()
    let row = ofDay[dimension].get(value)
    if (!row) {
      row = { site, dimension, day, value, totals: { ...NOTHING }, cameIn: new Set(), wentOut: new Set() }
      ofDay[dimension].set(value, row)
    }
    return row
  }

  private source(visit: Visit): Source {
    const { referrer, query } = visit
    if (query || referrer === null) return sourceOf(visit)
    let source = this.sources.get(referrer)
    if (!source) {
      source = sourceOf(visit)
      if (this.sources.size >= REMEMBERED) this.sources.clear()
      this.sources.set(referrer, source)
    }
    return source
  }
}

export const UNKNOWN: Profile = { agent: '', language: null, screen: null, country: null }

const bouncesOf = (visit: Visit): number => (isBounce(visit) ? 1 : 0)

/** The values of its source that a visit counts under. */
export function sliced({ kind, name, campaign }: Source): [Dimension, string][] {
  const source: [Dimension, string] = ['source', name === '' ? kind : `${kind} ${name}`]
  return campaign === null ? [source] : [source, ['campaign', campaign]]
}

/** The values of what its visitor is that a visit counts under. */
export function profiled({ agent, language, screen, country }: Profile): [Dimension, string][] {
  const [device = '', browser = '', system = ''] = agent.split(', ')
  return [
    ['device', device],
    ['browser', browser],
    ['system', system],
    ['language', language ?? ''],
    ['screen', screen ?? ''],
    ['country', country ?? ''],
  ]
}

function leave(row: { cameIn: Set<number>; wentOut: Set<number> }, visitor: number): void {
  row.cameIn.delete(visitor)
  row.wentOut.add(visitor)
}

function sameSource(a: Visit, b: Visit): boolean {
  if (a.referrer !== b.referrer) return false
  return a.query === b.query || JSON.stringify(a.query) === JSON.stringify(b.query)
}

function add(sum: Totals, more: Totals): void {
  sum.visits += more.visits
  sum.bounces += more.bounces
  sum.views += more.views
  sum.engagedMs += more.engagedMs
}

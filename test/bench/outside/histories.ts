/** Outside rows as histories that the engine replays. */
import { inOrder } from '../../../collector/lead/sessionise.ts'
import type { ContactFacts, EventKey, TrackedEvent } from '../../../collector/lead/state.ts'
import type { Happening, LogMap, OutsideMap, SnapshotMap } from './map.ts'

export type Row = Record<string, string>

export interface History {
  id: string
  events: TrackedEvent[]
  facts: ContactFacts
  /** When it is scored, ms. */
  cut: number
  won: boolean
}

const MINUTE = 60_000
const DAY = 86_400_000
/** Day 0 of snapshots, at noon: whatever day it is, ages alone count. */
const DAY_0 = Date.UTC(2024, 9, 1, 9)
/** Time spent is told so often, so that no visit falls apart while somebody reads. */
const TOLD_EVERY = 20 * MINUTE
/** Pages of a visit beyond which no rule asks. */
const MOST_VIEWS = 50
const MOST_TIMES = 50

export function historiesOf(
  rows: readonly Row[],
  map: OutsideMap,
  people: ReadonlyMap<string, string>,
): History[] {
  if (map.kind === 'snapshot') {
    const { visits, onlyVisitors } = map
    const all = rows.map((row, i) => snapshot(row, i, map))
    return onlyVisitors ? all.filter((_, i) => num(rows[i]![visits]) > 0) : all
  }
  return logged(rows, map, people)
}

const num = (text: string | undefined): number => {
  const value = Number(text)
  return text === undefined || text.trim() === '' || !Number.isFinite(value) ? 0 : Math.max(0, value)
}

const isOf = (said: string | undefined, values: string | readonly string[]): boolean =>
  [values].flat().includes((said ?? '').trim())

/** Visit k on day -k, the time split evenly over the visits, everything else on day 0. */
function snapshot(row: Row, i: number, map: SnapshotMap): History {
  const events: TrackedEvent[] = []
  let key = 0
  const add = (at: number, rest: object): TrackedEvent => {
    const event = { id: { ms: at, key: ++key }, at, ...rest } as TrackedEvent
    events.push(event)
    return event
  }
  const ms = num(row[map.time.column]) * (map.time.unit === 'seconds' ? 1000 : MINUTE)
  const visits = Math.max(Math.round(num(row[map.visits])), ms > 0 ? 1 : 0)
  const views = Math.round(num(map.viewsPerVisit === undefined ? '1' : row[map.viewsPerVisit]))
  for (let k = 0; k < visits; k++) {
    const at = DAY_0 - k * DAY
    const page = add(at, { kind: 'page', path: '/' })
    for (let view = 1; view < Math.min(views, MOST_VIEWS); view++)
      add(at + view * 1000, { kind: 'page', path: `/page-${view}` })
    const share = Math.round(ms / visits)
    for (let told = Math.min(share, TOLD_EVERY); told > 0; ) {
      add(at + MINUTE + told, { kind: 'engage', page: page.id, ms: told, scroll: 50 })
      told = told === share ? 0 : Math.min(share, told + TOLD_EVERY)
    }
  }
  const last = DAY_0 + 6 * 3_600_000
  for (const happening of map.happenings) happen(happening, row, (rest) => add(last + ++key, rest))
  const traits = Object.fromEntries(
    Object.entries(map.traits).flatMap(([trait, name]) => (row[name] ? [[trait, row[name]]] : [])),
  )
  const first = Math.min(last, ...events.map(({ at }) => at))
  return {
    id: map.id === undefined ? String(i) : row[map.id]!,
    events,
    facts: { identifiedAt: first, traits, email: null, verified: true },
    cut: DAY_0 + 12 * 3_600_000,
    won: isOf(row[map.won.column], map.won.is),
  }
}

function happen(happening: Happening, row: Row, add: (rest: object) => void): void {
  const { when, times, signal, page, download, cart } = happening
  if (!Object.entries(when).every(([name, values]) => isOf(row[name], values))) return
  const often = times === undefined ? 1 : Math.min(MOST_TIMES, Math.round(num(row[times])))
  for (let i = 0; i < often; i++) {
    if (signal !== undefined) add({ kind: 'signal', name: signal })
    if (page !== undefined) add({ kind: 'page', path: page })
    if (download !== undefined) add({ kind: 'download', url: `https://outside.example/${download}-${i}` })
    if (cart !== undefined) add({ kind: 'cart', product: cart, quantity: 1 })
  }
}

/** Each person's rows in their order of time; whoever does anything behind the cut came back. */
function logged(rows: readonly Row[], map: LogMap, people: ReadonlyMap<string, string>): History[] {
  const cut = map.cut === undefined ? Number.POSITIVE_INFINITY : Date.parse(map.cut) + DAY - 1
  const found = new Map<string, { events: TrackedEvent[]; back: boolean }>()
  let key = 0
  for (const row of rows) {
    const id = people.get(row[map.id]!) ?? row[map.id]!
    const at = timeOf(row[map.at.column] ?? '', map.at.format)
    if (!Number.isFinite(at))
      throw new Error(`the file: "${row[map.at.column]}" is no time in ${map.at.format}`)
    const known = found.get(id) ?? { events: [], back: false }
    found.set(id, known)
    if (at > cut) known.back = true
    else
      for (const happening of map.happenings)
        happen(happening, row, (rest) =>
          known.events.push({ id: { ms: at, key: ++key }, at, ...rest } as TrackedEvent),
        )
  }
  return [...found]
    .filter(([, { events }]) => events.length > 0)
    .map(([id, { events, back }]) => ({
      id,
      events: map.timeBetween === undefined ? events : withTimes(events, map.timeBetween * MINUTE),
      facts: {
        identifiedAt: Math.min(...events.map(({ at }) => at)),
        traits: {},
        email: null,
        verified: true,
      },
      cut: Number.isFinite(cut) ? cut : Math.max(...events.map(({ at }) => at)),
      won: back,
    }))
}

/** With what a tracker would have told of the time from each event to the next, where that is at most so long, ms. */
function withTimes(events: TrackedEvent[], most: number): TrackedEvent[] {
  const sorted = events.toSorted(inOrder)
  const told: TrackedEvent[] = []
  let page: EventKey | null = null
  let ms = 0
  for (const [i, event] of sorted.entries()) {
    if (event.kind === 'page') [page, ms] = [event.id, 0]
    const next = sorted[i + 1]
    if (!page || !next || next.at - event.at > most || next.at === event.at) continue
    ms += next.at - event.at
    // A key below those of the rows: it was told before what came next.
    told.push({ kind: 'engage', id: { ms: next.at, key: -1 - i }, at: next.at, page, ms, scroll: 0 })
  }
  return [...sorted, ...told]
}

function timeOf(text: string, format: 'iso' | 'yyyymmdd'): number {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? []
  if (format === 'yyyymmdd') return Date.UTC(Number(year), Number(month) - 1, Number(day), 12)
  return Date.parse(/Z|[+-]\d\d:\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`)
}

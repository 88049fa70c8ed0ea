/**
 * What a replay and a preview cost, in CPU of one thread: 90,000 leads from their cells, under one and under two rule
 * sets. Baselines on the same leads: a plain loop that only adds up what the cells hold, and the replay from raw events.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DAY_MS, dayOf } from '../../collector/lead/day.ts'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import { type PreviewLead, preview } from '../../collector/lead/preview.ts'
import { replayLead } from '../../collector/lead/replay.ts'
import { cellReplayer } from '../../collector/lead/replay-cells.ts'
import { type CompiledRules, compile } from '../../collector/lead/rules.ts'
import type { ContactFacts, TrackedEvent } from '../../collector/lead/state.ts'

const LEADS = 90_000
/** Leads that are made from events; the others repeat their cells under other ids, so that making them is quick. */
const KINDS = 3_000
/** Movers that `POST /v1/rules/preview` names unless told. */
const NAMED = 100
export const START = Date.UTC(2026, 0, 5)
export const NOW = START + 200 * DAY_MS
const PATHS = ['/', '/services/a', '/pricing', '/blog/x', '/about', '/services/b', '/careers', '/checkout']

/** A small generator of even numbers from 0 to 1 (Park and Miller), so that each run has the same leads. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Visits of a few pages each, some with a download or a cart, some leads with mails and a demo. */
function eventsOf(seed: number): TrackedEvent[] {
  const next = random(seed + 1)
  const events: TrackedEvent[] = []
  let at = START + Math.floor(next() * 60) * DAY_MS
  const base = () => ({ at, id: { ms: at, key: events.length } })
  const visits = 1 + Math.floor(-Math.log(1 - next()) * 4)
  for (let visit = 0; visit < visits && at < NOW; visit++) {
    const pages = 1 + Math.floor(next() * 5)
    for (let i = 0; i < pages; i++) {
      const page = base()
      events.push({ ...page, kind: 'page', path: PATHS[Math.floor(next() * next() * PATHS.length)]! })
      at += 20_000 + Math.floor(next() * 120_000)
      events.push({ ...base(), kind: 'engage', page: page.id, ms: Math.floor(next() * 90_000), scroll: 50 })
    }
    if (next() < 0.1) events.push({ ...base(), kind: 'download', url: `/f/${Math.floor(next() * 9)}.pdf` })
    if (next() < 0.1) events.push({ ...base(), kind: 'cart', product: 'pump', quantity: 1 })
    if (next() < 0.1) events.push({ ...base(), kind: 'signal', name: 'email_click' })
    if (next() < 0.03) events.push({ ...base(), kind: 'signal', name: 'demo_requested' })
    at += (1 + Math.floor(next() * 20)) * DAY_MS
  }
  return events.filter((event) => event.at < NOW)
}

export function rulesOf(document: unknown): CompiledRules {
  const compiled = compile(document)
  if (!compiled.ok) throw new Error(compiled.errors.join('\n'))
  return compiled.rules
}

export interface ReplayFigures {
  replayCellEventsPerSecond: number
  replayRawEventsPerSecond: number
  /** Times that the replay from cells takes of a loop which only adds the cells up. */
  replayCellsToSum: number
  replayRawToCells: number
  /** 90,000 leads under two rule sets, compared. */
  previewSeconds: number
  previewMoved: number
  /** What the heap holds more after ten million replayed events than after the first million. */
  replayHeapGrowthMb: number
  replayHeapMb: number
}

/** Leads of the bench, the same in each run; those after the first `KINDS` repeat them. */
export function kinds(rules: CompiledRules) {
  const today = dayOf(NOW)
  return Array.from({ length: KINDS }, (_, i) => {
    const stream = eventsOf(i)
    const facts: ContactFacts = {
      identifiedAt: stream[0]!.at + (i % 3) * DAY_MS,
      traits: i % 2 ? { title: 'Head of IT', companySize: 120 } : {},
      email: i % 2 ? `p${i}@acme.example` : null,
      verified: true,
    }
    return { stream, facts, cells: replayLead([stream], facts, rules, NOW, today - 1).cells }
  })
}

export function replayFigures(): ReplayFigures {
  const current = rulesOf(standardDocument)
  const draft = rulesOf({
    extends: 'standard',
    groups: { intent: { halfLifeDays: 30 } },
    rules: { pricing: { points: 10, perDay: 10 }, download: { points: 5, perDay: 10 } },
    stages: { mql: { enter: { all: [{ engagement: 18 }, { fitBad: false }] } } },
  })
  const today = dayOf(NOW)
  const made = kinds(current)
  const rawEvents = made.reduce((sum, { stream }) => sum + stream.length, 0)

  function* leads(): Generator<PreviewLead> {
    for (let i = 0; i < LEADS; i++) {
      const { facts, cells } = made[i % KINDS]!
      yield {
        id: `${i}`,
        facts,
        cells,
        outcome: i % 20 ? undefined : { won: i % 3 === 0, handedOverAt: NOW },
      }
    }
  }
  let cellEvents = 0
  const sum = () => {
    cellEvents = 0
    for (const lead of leads()) {
      // A cell of engaged time counts 0 and stands for at least one report of it.
      for (const cell of lead.cells!) cellEvents += Math.max(1, cell.count)
    }
  }
  const replay = cellReplayer(current)
  const replayAll = () => {
    for (const { cells, facts } of leads()) replay(cells!, facts, NOW, today - 1)
  }
  const rawSeconds = best(() => {
    for (const { stream, facts } of made) replayLead([stream], facts, current, NOW, today - 1)
  })
  const sumSeconds = best(sum)
  const cellSeconds = best(replayAll)
  let moved = 0
  const previewSeconds = best(() => {
    const compared = preview(leads(), current, draft, { now: NOW, capacity: 100, named: NAMED })
    for (;;) {
      const step = compared.next()
      if (!step.done) continue
      moved = step.value.moved
      break
    }
  })
  const heap: number[] = []
  for (let replayed = 0; replayed < 10e6; replayed += cellEvents) {
    replayAll()
    heap.push(heapUsed())
  }
  return {
    replayCellEventsPerSecond: Math.round(cellEvents / cellSeconds),
    replayRawEventsPerSecond: Math.round(rawEvents / rawSeconds),
    replayCellsToSum: round(cellSeconds / sumSeconds),
    replayRawToCells: round(rawSeconds / rawEvents / (cellSeconds / cellEvents)),
    previewSeconds: round(previewSeconds),
    previewMoved: moved,
    replayHeapGrowthMb: round((heap.at(-1)! - heap[0]!) / 1e6),
    replayHeapMb: round(heap.at(-1)! / 1e6),
  }
}

const round = (value: number): number => Math.round(value * 100) / 100

/** Seconds of CPU of the quickest of three runs: what else the machine does is no matter. */
function best(step: () => void): number {
  return Math.min(
    ...[1, 2, 3].map(() => {
      const before = process.cpuUsage()
      step()
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1e6
    }),
  )
}

/** Bytes in use, without what is only waiting to be collected. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

if (import.meta.main) console.log(JSON.stringify(replayFigures()))

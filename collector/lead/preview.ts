import { STAGES, type Stage } from '../../shared/lead.ts'
import { auc, aucDifference, type Estimate, median, share } from './auc.ts'
import { DAY_MS, dayOf } from './day.ts'
import { fit } from './fit.ts'
import { replayLead } from './replay.ts'
import { type CellChange, cellReplayer } from './replay-cells.ts'
import type { CompiledRules } from './rules.ts'
import { engagement, reasons } from './score.ts'
import { CONDITIONAL_INTENT } from './signals.ts'
import type { Cell, ContactFacts, Decision, TrackedEvent } from './state.ts'

/** One lead with what a preview needs of it: its cells where `cellsSuffice`, else its streams. */
export interface PreviewLead {
  id: string
  facts: ContactFacts
  /** As made under the current rules. */
  cells?: readonly Cell[]
  /** As `replayLead` takes them. */
  streams?: readonly (readonly TrackedEvent[])[]
  /** With the streams: cells of events that are no longer there. */
  past?: readonly Cell[]
  outcome?: Outcome
  /** What people decided of it, the oldest first. */
  decisions?: readonly Decision[]
}

/** How a hand-over to sales ended. */
export interface Outcome {
  won: boolean
  /** When sales took over, ms. Nothing that happened later is looked at. */
  handedOverAt: number
  /** What was known of the person then; without it, what is known today, which may know too much. */
  facts?: ContactFacts
}

export interface PreviewOptions {
  /** ms. */
  now: number
  /** SQLs that sales can work in a week. */
  capacity?: number
  /** Weeks shown, the present one included. */
  weeks?: number
  /** How many of those who move are told of, with their rules; all of them are counted. */
  named?: number
}

/** A lead that stands elsewhere under the draft than under the current rules. */
export interface Moved {
  id: string
  from: Stage
  to: Stage
  /** Points, under the current rules and under the draft. */
  engagement: [current: number, draft: number]
  fit: [current: number, draft: number]
  /** The rules that give more or fewer points, the greatest difference first; empty where only gates moved the lead. */
  rules: RuleDifference[]
}

export interface RuleDifference {
  /** As in a reason: a rule's id, `cap:GROUP`, `floor` or `cut`. */
  rule: string
  label: string
  /** Points left today. */
  current: number
  draft: number
}

export interface Preview {
  leads: number
  /** How many stand where under the current rules (outer) and under the draft (inner). */
  matrix: Record<Stage, Record<Stage, number>>
  moved: number
  /** New SQLs by week, the oldest first; a week goes by its Monday, YYYY-MM-DD. */
  sqlsPerWeek: { monday: string; current: number; draft: number }[]
  /** Weeks with more SQLs than sales can work; null where nobody said how many. */
  overCapacity: { current: number; draft: number } | null
  /** Null where no lead has an outcome. */
  backtest: Comparison | null
}

export interface Comparison {
  /** Hand-overs looked at. */
  outcomes: number
  won: number
  /** Hand-overs of people who were not identified by then. */
  skipped: number
  current: Backtest
  draft: Backtest
  /** By how much the draft's AUC is greater. */
  aucDifference: Estimate | null
  /** Days by which those who are SQL under both by their hand-over are so earlier under the draft: the median. */
  daysEarlier: number | null
}

/** Rules against outcomes, each as of its hand-over. */
export interface Backtest {
  /** Who was SQL at some time up to the hand-over. */
  sqls: number
  /** Share of those that were won. */
  precision: Estimate | null
  /** Share of the won that were SQL. */
  recall: Estimate | null
  /** Precision over the share of all that were won. */
  lift: number | null
  /** Of engagement at the hand-over. */
  auc: Estimate | null
  /** How many were won by engagement at the hand-over, in bands of 20 points. */
  calibration: { from: number; to: number; leads: number; won: Estimate | null }[]
  /** Days from the first SQL to the hand-over, of those who were won: the median. */
  daysAhead: number | null
}

/** Weeks shown unless told: a quarter. */
const WEEKS = 12
/** Width of a calibration band, in hundredths. */
const BAND = 2000
/** 1970 began on a Thursday: so many days into its week. */
const MONDAY = 3

/**
 * Whether cells made under the current rules tell all that a draft asks for. They do not where pages are of other
 * kinds, or conditions are new or others: that is in the events alone.
 */
export function cellsSuffice(current: CompiledRules, draft: CompiledRules): boolean {
  const asked = ({ document }: CompiledRules): Map<string, string> =>
    new Map(
      document.rules
        .filter(({ where }) => where !== undefined)
        .map(({ id, signals, where }) => [id, JSON.stringify([signals, where])]),
    )
  const known = asked(current)
  // Of which rules an event that shows intent by conditions was counted, its cell does not tell.
  const intent = ({ document }: CompiledRules): string =>
    JSON.stringify(document.rules.filter((rule) => rule.intent).map(({ signals, where }) => [signals, where]))
  const some = (rules: CompiledRules): boolean => rules.intent.has(CONDITIONAL_INTENT)
  const kinds = ({ document }: CompiledRules): string => JSON.stringify(Object.entries(document.pages))
  return (
    kinds(current) === kinds(draft) &&
    ((!some(current) && !some(draft)) || intent(current) === intent(draft)) &&
    [...asked(draft)].every(([id, conditions]) => known.get(id) === conditions)
  )
}

/**
 * What a draft would change: yields leads that move, each with the rules that move it, and returns the whole. Leads
 * are taken one at a time and let go; of an outcome two numbers are kept. Both sides are replayed the same way, so
 * that no difference is one of method.
 */
export function* preview(
  leads: Iterable<PreviewLead>,
  current: CompiledRules,
  draft: CompiledRules,
  { now, capacity, weeks = WEEKS, named = Number.POSITIVE_INFINITY }: PreviewOptions,
): Generator<Moved, Preview> {
  const fromCells = cellsSuffice(current, draft)
  const sides = [replayer(current, fromCells), replayer(draft, fromCells)] as const
  const matrix = emptyMatrix()
  const today = dayOf(now)
  const firstWeek = weekOf(today) - weeks + 1
  const perWeek = Array.from({ length: weeks }, (_, i) => ({
    monday: mondayOf(firstWeek + i),
    current: 0,
    draft: 0,
  }))
  const backtests = [backtester(), backtester()] as const
  const earlier: number[] = []
  let count = 0
  let moved = 0
  let skipped = 0
  for (const found of leads) {
    const lead = inTime(found)
    count++
    const stood = sides.map((replay) => replay(lead, lead.facts, now))
    const [was, is] = stood as [Replay, Replay]
    matrix[was.stage][is.stage]++
    for (const [i, side] of (['current', 'draft'] as const).entries()) {
      for (const { to, effectiveAt } of stood[i]!.changes) {
        const week = to === 'sql' ? perWeek[weekOf(dayOf(effectiveAt)) - firstWeek] : undefined
        if (week) week[side]++
      }
    }
    if (was.stage !== is.stage) {
      moved++
      if (moved <= named) yield movement(lead, was, is, current, draft, today)
    }
    if (!lead.outcome) continue
    const { outcome } = lead
    const facts = outcome.facts ?? lead.facts
    if (facts.identifiedAt > outcome.handedOverAt) {
      skipped++
      continue
    }
    const then = upTo(lead, outcome.handedOverAt)
    const ahead = sides.map((replay, i) =>
      backtests[i]!.add(replay(then, facts, outcome.handedOverAt), outcome),
    )
    if (ahead[0] !== null && ahead[1] !== null) earlier.push(ahead[1]! - ahead[0]!)
  }
  const over = (side: 'current' | 'draft'): number => perWeek.filter((week) => week[side] > capacity!).length
  const [before, after] = backtests
  return {
    leads: count,
    matrix,
    moved,
    sqlsPerWeek: perWeek,
    overCapacity: capacity === undefined ? null : { current: over('current'), draft: over('draft') },
    backtest:
      before.won.length + before.lost.length + skipped === 0
        ? null
        : {
            outcomes: before.won.length + before.lost.length,
            won: before.won.length,
            skipped,
            current: before.result(),
            draft: after.result(),
            aucDifference: aucDifference(before, after),
            daysEarlier: median(earlier),
          },
  }
}

interface Replay {
  stage: Stage
  /** Hundredths. */
  engagement: number
  changes: readonly CellChange[]
  cells: readonly Cell[]
}

type Replayer = (lead: PreviewLead, facts: ContactFacts, now: number) => Replay

function replayer(rules: CompiledRules, fromCells: boolean): Replayer {
  const replay = cellReplayer(rules)
  return ({ id, cells, streams, past, decisions = [] }, facts, now) => {
    if (fromCells && cells) return { ...replay(cells, facts, now, dayOf(now) - 1, decisions), cells }
    if (!streams)
      throw new RangeError(`the draft asks for what cells do not tell: lead ${id} needs its events`)
    const {
      lead,
      changes,
      cells: made,
    } = replayLead(streams, facts, rules, now, dayOf(now) - 1, decisions, past)
    return { stage: lead.stage, engagement: engagement(lead, dayOf(now), rules).total, changes, cells: made }
  }
}

/** Both sides want a lead's cells in the order of time: sorted once, that is little work for the second. */
const inTime = (lead: PreviewLead): PreviewLead =>
  lead.cells ? { ...lead, cells: lead.cells.toSorted((a, b) => a.day - b.day || a.lastAt - b.lastAt) } : lead

/** A lead as it was at a moment. A cell that grew later is left out whole: too little is known, never too much. */
function upTo(lead: PreviewLead, moment: number): PreviewLead {
  return {
    ...lead,
    cells: lead.cells?.filter(({ lastAt }) => lastAt <= moment),
    past: lead.past?.filter(({ lastAt }) => lastAt <= moment) ?? [],
    streams: lead.streams?.map((stream) => stream.filter(({ at }) => at <= moment)),
    // Rules are judged by what they say themselves, not by what sales said by then.
    decisions: [],
  }
}

function movement(
  lead: PreviewLead,
  was: Replay,
  is: Replay,
  current: CompiledRules,
  draft: CompiledRules,
  today: number,
): Moved {
  const found = new Map<string, RuleDifference>()
  for (const [side, { cells }, rules] of [
    ['current', was, current],
    ['draft', is, draft],
  ] as const) {
    for (const { rule, label, points } of reasons(cells, today, rules)) {
      const line = found.get(rule) ?? { rule, label, current: 0, draft: 0 }
      line[side] = Math.round((line[side] + points) * 100) / 100
      found.set(rule, line)
    }
  }
  const size = (line: RuleDifference): number => Math.abs(line.draft - line.current)
  return {
    id: lead.id,
    from: was.stage,
    to: is.stage,
    engagement: [was.engagement / 100, is.engagement / 100],
    fit: [fit(lead.facts, current).score, fit(lead.facts, draft).score],
    rules: [...found.values()].filter((line) => size(line) > 0).sort((a, b) => size(b) - size(a)),
  }
}

function backtester() {
  const won: number[] = []
  const lost: number[] = []
  const daysAhead: number[] = []
  const bands = Array.from({ length: 5 }, () => ({ leads: 0, won: 0 }))
  let sqls = 0
  let hits = 0
  return {
    won,
    lost,
    /** Days from the first SQL to the hand-over; null where there was none by then. */
    add({ engagement: points, changes }: Replay, { won: isWon, handedOverAt }: Outcome): number | null {
      const band = bands[Math.min(bands.length - 1, Math.floor(points / BAND))]!
      band.leads++
      if (isWon) band.won++
      ;(isWon ? won : lost).push(points)
      const first = changes.find(({ to, effectiveAt }) => to === 'sql' && effectiveAt <= handedOverAt)
      if (!first) return null
      const ahead = dayOf(handedOverAt) - dayOf(first.effectiveAt)
      sqls++
      if (isWon) {
        hits++
        daysAhead.push(ahead)
      }
      return ahead
    },
    result(): Backtest {
      const all = won.length + lost.length
      return {
        sqls,
        precision: share(hits, sqls),
        recall: share(hits, won.length),
        lift: sqls > 0 && won.length > 0 ? hits / sqls / (won.length / all) : null,
        auc: auc(won, lost),
        calibration: bands.map((band, i) => ({
          from: (i * BAND) / 100,
          to: ((i + 1) * BAND) / 100,
          leads: band.leads,
          won: share(band.won, band.leads),
        })),
        daysAhead: median(daysAhead),
      }
    },
  }
}

function emptyMatrix(): Record<Stage, Record<Stage, number>> {
  const row = (): Record<Stage, number> =>
    Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>
  return Object.fromEntries(STAGES.map((stage) => [stage, row()])) as Record<Stage, Record<Stage, number>>
}

const weekOf = (day: number): number => Math.floor((day + MONDAY) / 7)

const mondayOf = (week: number): string => new Date((week * 7 - MONDAY) * DAY_MS).toISOString().slice(0, 10)

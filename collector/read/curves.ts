import type { LeadListItem } from '../../shared/api.ts'
import { curve } from '../lead/curve.ts'
import type { CompiledRules } from '../lead/rules.ts'
import type { ListedLead, StateReader } from '../store/reader.ts'

const DAY_MS = 86_400_000
/** Days of the small curve of a list. */
const SPARK_DAYS = 30
/** Days of the curve of one lead, at most. */
const CURVE_DAYS = 180

/** A lead as a list of the pages shows it. */
export interface ShownLead extends LeadListItem {
  /** What the first visit came by: 'search Google', 'direct'; null where that is not known. */
  source: string | null
  /** What the rules say to do next with everybody at this stage. */
  stageStep: string
  /** Engagement at the end of each of the last 30 days, the oldest first. */
  curve: number[]
}

export interface Curve {
  /** The first day, as 2026-11-03 (UTC, as scores count their days). */
  from: string
  /** Engagement at the end of each day, up to today. */
  points: number[]
}

/** Adds to each lead of a list what the pages show beside it. */
export function shownLeads(
  state: Pick<StateReader, 'cells' | 'firstSources'>,
  rows: readonly ListedLead[],
  items: readonly LeadListItem[],
  today: number,
  rules: CompiledRules,
): ShownLead[] {
  const sources = state.firstSources(rows.map(({ contact }) => contact.no))
  return rows.map(({ contact }, i) => ({
    ...items[i]!,
    source: sources.get(contact.no) ?? null,
    stageStep: rules.stages[items[i]!.stage].nextStep,
    curve: pointsOf(state, contact.no, today - SPARK_DAYS + 1, today, rules),
  }))
}

/** The curve of a lead, from the day before the first thing that counted. */
export function curveOf(
  state: Pick<StateReader, 'cells'>,
  contact: number,
  today: number,
  rules: CompiledRules,
): Curve {
  const days = state.cells(contact).map(({ day }) => day)
  const first = Math.max(Math.min(today, ...days) - 1, today - CURVE_DAYS + 1)
  return {
    from: new Date(first * DAY_MS).toISOString().slice(0, 10),
    points: pointsOf(state, contact, first, today, rules),
  }
}

const pointsOf = (
  state: Pick<StateReader, 'cells'>,
  contact: number,
  first: number,
  last: number,
  rules: CompiledRules,
): number[] => curve(state.cells(contact), first, last, rules).map((hundredths) => hundredths / 100)

import type { Signal } from '../../shared/lead.ts'
import { decay } from './decay.ts'
import { own } from './own.ts'
import type { CompiledRules, Rule } from './rules.ts'
import type { Cell, Lead, Occurrence } from './state.ts'
import { addVisits, NO_VISITS } from './trend.ts'

/** The part of a lead that is a function of its cells alone. */
export type Ledger = Pick<Lead, 'day' | 'closed' | 'open' | 'ever' | 'window' | 'trend'>

/** What an occurrence adds to its cell: `count` and `ms` to add, `keys` that were not there, the new `lastAt`. */
export type CellDelta = Cell

type Open = Lead['open']

/** Distinct keys kept of a cell and, for a once-ever rule, of a lifetime. They bound what a forger can make a lead weigh; 25 points of content need four. */
const MAX_KEYS_A_DAY = 100
const MAX_KEYS_EVER = 1000
/** Days of activity kept for the gates. */
export const WINDOW_DAYS = 30
/** The key that a once-ever rule notes for what has none. */
const NO_KEY = ''
const NO_RULES: readonly Rule[] = []

export function emptyLedger(rules: CompiledRules): Ledger {
  const closed = Object.fromEntries(rules.groups.map(({ id }) => [id, 0]))
  return { day: 0, closed, open: {}, ever: {}, window: [], trend: NO_VISITS }
}

/** The increment that an occurrence is to its cell, of which `known` are the keys so far. */
export function cellDelta(occurrence: Occurrence, known: readonly string[]): CellDelta {
  const { signal, day, count, ms, key, at } = occurrence
  const isNew = key !== null && known.length < MAX_KEYS_A_DAY && !known.includes(key)
  return { signal, day, count, ms, keys: isNew ? [key] : [], lastAt: at }
}

/** A cell with an increment added. */
export function addDelta(cell: Cell | undefined, delta: CellDelta): Cell {
  if (!cell) return delta
  return {
    ...cell,
    count: cell.count + delta.count,
    ms: cell.ms + delta.ms,
    keys: joinKeys(cell.keys, delta.keys),
    lastAt: Math.max(cell.lastAt, delta.lastAt),
  }
}

/**
 * Adds a cell, or an increment of one, of the open day or a later one. Within a day only integers are added, and days
 * are closed in order, so that any order of arrival within a day gives the same bits.
 */
export function addCell(ledger: Ledger, cell: CellDelta, rules: CompiledRules): Ledger {
  const at = cell.day > ledger.day ? openDay(ledger, cell.day, rules) : ledger
  const before = own(at.open, cell.signal)
  const after = {
    count: (before?.count ?? 0) + cell.count,
    ms: (before?.ms ?? 0) + cell.ms,
    keys: joinKeys(before?.keys ?? [], cell.keys),
  }
  const visits = cell.signal === 'visit' ? cell.count : 0
  return {
    ...at,
    open: { ...at.open, [cell.signal]: after },
    window: addActivity(at.window, cell, visits, rules),
    trend: visits > 0 ? addVisits(at.trend, cell.day, visits) : at.trend,
  }
}

/** The ledger of whole cells in any order. */
export function foldCells(cells: readonly Cell[], rules: CompiledRules): Ledger {
  return cells
    .toSorted((a, b) => a.day - b.day)
    .reduce((ledger, cell) => addCell(ledger, cell, rules), emptyLedger(rules))
}

/** Points of the open day by rule, in the rules' order: hundredths, not rounded, cut at each rule's cap a day. */
export function dayPoints(open: Open, ever: Lead['ever'], rules: CompiledRules): number[] {
  return rules.rules.map((rule) => rulePoints(rule, open, ever))
}

/** Points of the open day by group, in the order of the rules' groups: hundredths, not rounded. */
export function openPoints(ledger: Pick<Ledger, 'open' | 'ever'>, rules: CompiledRules): number[] {
  const sums = rules.groups.map(() => 0)
  for (const rule of rulesOf(ledger.open, rules))
    sums[rule.groupIndex]! += rulePoints(rule, ledger.open, ledger.ever)
  return sums
}

/** The rules that count a signal of the open day, in their order, in which their points are added. */
function rulesOf(open: Open, rules: CompiledRules): Rule[] {
  const found: Rule[] = []
  for (const signal of Object.keys(open)) {
    for (const rule of rules.bySignal.get(signal) ?? NO_RULES) if (!found.includes(rule)) found.push(rule)
  }
  return found.length > 1 ? found.sort((a, b) => a.index - b.index) : found
}

function rulePoints(rule: Rule, open: Open, ever: Lead['ever']): number {
  const most = Math.min(rule.perDay, Math.abs(magnitude(rule, open, ever)))
  return rule.points < 0 ? -most : most
}

/** Closes the open day: its points join the closed ones, and all decay up to the new day, which has none yet. */
export function openDay(ledger: Ledger, day: number, rules: CompiledRules): Ledger {
  const points = openPoints(ledger, rules)
  const closed: Record<string, number> = {}
  for (const [i, group] of rules.groups.entries()) {
    const sum = (own(ledger.closed, group.id) ?? 0) + points[i]!
    closed[group.id] = sum * decay(day - ledger.day, group.halfLife)
  }
  return {
    day,
    closed,
    open: {},
    ever: spend(ledger, rules),
    window: ledger.window.filter((entry) => entry.day > day - WINDOW_DAYS),
    trend: ledger.trend,
  }
}

/** Points of a rule in the open day before its cap a day: hundredths, not rounded. A day's minutes count with their fraction: whole ms / 60,000. */
export function magnitude(rule: Rule, open: Open, ever: Lead['ever']): number {
  let count = 0
  let ms = 0
  for (const signal of rule.signals) {
    const cell = own(open, signal)
    if (!cell) continue
    count += cell.count
    ms += cell.ms
  }
  if (rule.perMinute) return (rule.points * ms) / 60_000
  if (count === 0 || (!rule.distinct && !rule.onceEver)) return rule.points * count
  const keys = keysOf(rule, open)
  return rule.points * (rule.onceEver ? keys.filter((key) => !hasSpent(ever, rule, key)).length : keys.length)
}

/** What a rule that counts distinct or once-ever things counts in the open day. */
function keysOf(rule: Rule, open: Open): string[] {
  const keys = rule.distinct
    ? new Set(rule.signals.flatMap((signal) => own(open, signal)?.keys ?? []))
    : new Set<string>()
  return keys.size > 0 ? [...keys] : [NO_KEY]
}

const hasSpent = (ever: Lead['ever'], rule: Rule, key: string): boolean => {
  const spent = own(ever, rule.id)
  return spent !== undefined && (spent.length >= MAX_KEYS_EVER || spent.includes(key))
}

/** What once-ever rules have counted, with the open day's. */
function spend(ledger: Ledger, rules: CompiledRules): Lead['ever'] {
  let ever = ledger.ever
  for (const rule of rules.rules) {
    if (!rule.onceEver) continue
    if (rule.signals.every((signal) => (own(ledger.open, signal)?.count ?? 0) === 0)) continue
    const spent = joinKeys(own(ever, rule.id) ?? [], keysOf(rule, ledger.open))
    ever = { ...ever, [rule.id]: spent.slice(0, MAX_KEYS_EVER) }
  }
  return ever
}

function addActivity(
  window: Lead['window'],
  cell: CellDelta,
  visits: number,
  rules: CompiledRules,
): Lead['window'] {
  const ms = cell.signal === 'engaged_minutes' ? cell.ms : 0
  const intent = rules.intent.has(cell.signal as Signal) ? cell.count : 0
  if (visits === 0 && ms === 0 && intent === 0) return window
  const last = window.at(-1)
  if (last?.day !== cell.day) return [...window, { day: cell.day, visits, ms, intent }]
  const sum = { day: last.day, visits: last.visits + visits, ms: last.ms + ms, intent: last.intent + intent }
  return [...window.slice(0, -1), sum]
}

function joinKeys(known: readonly string[], added: readonly string[]): string[] {
  const fresh = added.filter((key) => !known.includes(key))
  return fresh.length > 0 ? [...new Set([...known, ...fresh])].sort() : (known as string[])
}

import type { Reason } from '../../shared/lead.ts'
import { decay } from './decay.ts'
import { addCell, dayPoints, emptyLedger, type Ledger, magnitude, openPoints } from './ledger.ts'
import { own } from './own.ts'
import type { CompiledRules, Group } from './rules.ts'
import type { Cell } from './state.ts'

/** Bounds of engagement, in hundredths. */
const FLOOR = 0
const CUT = 10_000

/**
 * Engagement on a day that is not before the lead's open day: hundredths, 0 to 10,000, and each group's part of it
 * after its cap, before floor and cut.
 */
export function engagement(
  lead: Pick<Ledger, 'day' | 'closed' | 'open' | 'ever'>,
  day: number,
  rules: CompiledRules,
): { total: number; groups: Record<string, number> } {
  const amounts = groupAmounts(lead, day, rules)
  const groups: Record<string, number> = {}
  let sum = 0
  for (const [i, group] of rules.groups.entries()) {
    const part = capped(amounts[i]!, group)
    groups[group.id] = part
    sum += part
  }
  return { total: bounded(sum), groups }
}

/** Each group's amount on a day before its cap, in the rules' order: hundredths, rounded. */
export function groupAmounts(
  lead: Pick<Ledger, 'day' | 'closed' | 'open' | 'ever'>,
  day: number,
  rules: CompiledRules,
): number[] {
  const open = openPoints(lead, rules)
  const age = Math.max(0, day - lead.day)
  return rules.groups.map((group, i) =>
    whole(((own(lead.closed, group.id) ?? 0) + open[i]!) * decay(age, group.halfLife)),
  )
}

/** A cap of 0 switches a group off. */
export const capped = (amount: number, { cap }: Group): number =>
  cap === 0 ? 0 : cap < 0 ? Math.max(amount, cap) : Math.min(amount, cap)

export const bounded = (sum: number): number => Math.min(CUT, Math.max(FLOOR, sum))

/**
 * The lines that make up the engagement on a day: one per rule and day with points left, and one for each cap, the
 * floor and the cut where they act. They sum to `engagement` exactly, in hundredths: a group's rounding remainder is
 * in its largest line. Groups come in the rules' order, in each the largest lines first.
 */
export function reasons(cells: readonly Cell[], day: number, rules: CompiledRules): Reason[] {
  const { lines, ledger } = pointLines(cells, rules)
  const today = Math.max(day, ledger.day)
  const amounts = groupAmounts(ledger, today, rules)
  const newest = Math.max(0, ...cells.map(({ lastAt }) => lastAt))
  const found: Reason[] = []
  let sum = 0
  for (const [i, group] of rules.groups.entries()) {
    const amount = amounts[i]!
    const mine = shareOut(
      lines.filter((line) => line.group === group.id),
      amount,
      today,
      group,
    )
    found.push(...mine.map(({ line, left }) => pointReason(line, left)))
    const part = capped(amount, group)
    sum += part
    if (part !== amount) {
      const at = Math.max(...mine.map(({ line }) => line.at))
      const label = `${group.label}: no ${group.cap < 0 ? 'less' : 'more'} than ${group.cap / 100}`
      found.push({
        rule: `cap:${group.id}`,
        label,
        group: group.id,
        points: (part - amount) / 100,
        at: iso(at),
      })
    }
  }
  if (sum < FLOOR) found.push({ rule: 'floor', label: 'Never below 0', points: -sum / 100, at: iso(newest) })
  if (sum > CUT)
    found.push({ rule: 'cut', label: 'Never above 100', points: (CUT - sum) / 100, at: iso(newest) })
  return found
}

/** The points that one rule gave on one day. */
interface PointLine {
  rule: string
  label: string
  group: string
  day: number
  /** Hundredths on that day, not rounded. */
  then: number
  /** The same before the rule's cap a day. */
  uncapped: number
  count: number
  at: number
}

/** Folds the cells day by day, as a lead's ledger was folded, and keeps what each rule gave on each day. */
function pointLines(cells: readonly Cell[], rules: CompiledRules): { lines: PointLine[]; ledger: Ledger } {
  const lines: PointLine[] = []
  let ledger = emptyLedger(rules)
  const days = Map.groupBy(
    cells.toSorted((a, b) => a.day - b.day),
    (cell) => cell.day,
  )
  for (const [day, ofDay] of days) {
    for (const cell of ofDay) ledger = addCell(ledger, cell, rules)
    for (const [i, then] of dayPoints(ledger.open, ledger.ever, rules).entries()) {
      const rule = rules.rules[i]!
      if (then === 0) continue
      const seen = ofDay.filter((cell) => rule.signals.includes(cell.signal))
      lines.push({
        rule: rule.id,
        label: rule.label,
        group: rule.group,
        day,
        then,
        uncapped: magnitude(rule, ledger.open, ledger.ever),
        count: rule.perMinute
          ? Math.round(seen.reduce((ms, cell) => ms + cell.ms, 0) / 60_000)
          : seen.reduce((count, cell) => count + cell.count, 0),
        at: Math.max(...seen.map(({ lastAt }) => lastAt)),
      })
    }
  }
  return { lines, ledger }
}

/** What is left of each line, in hundredths that sum to the group's amount; lines of nothing are left out. */
function shareOut(
  lines: PointLine[],
  amount: number,
  today: number,
  group: Group,
): { line: PointLine; left: number }[] {
  const shares = lines
    .map((line) => ({ line, left: whole(line.then * decay(today - line.day, group.halfLife)) }))
    .sort((a, b) => Math.abs(b.left) - Math.abs(a.left) || b.line.at - a.line.at)
  const largest = shares[0]
  if (largest) largest.left += amount - shares.reduce((sum, { left }) => sum + left, 0)
  return shares.filter(({ left }) => left !== 0)
}

const pointReason = (line: PointLine, left: number): Reason => ({
  rule: line.rule,
  label: line.label,
  group: line.group,
  points: left / 100,
  pointsThen: whole(line.then) / 100,
  ...(whole(line.uncapped) !== whole(line.then) && { pointsUncapped: whole(line.uncapped) / 100 }),
  count: line.count,
  at: iso(line.at),
})

/** Rounded, and never -0, which JSON would lose. */
const whole = (value: number): number => Math.round(value) + 0

const iso = (ms: number): string => new Date(ms).toISOString()

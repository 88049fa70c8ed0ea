import { decay } from './decay.ts'
import { addCell, dayPoints, emptyLedger } from './ledger.ts'
import { type CompiledRules, compile, type RulesDocument } from './rules.ts'
import type { Cell } from './state.ts'

/** How often each rule counted, decayed to a day; rules that did not count are left out. */
export type Features = readonly (readonly [rule: number, value: number])[]

/**
 * The same rules with one point, of the group's sign, for those that give none: so that what they would count is seen.
 */
export function counting(rules: CompiledRules): CompiledRules {
  if (rules.rules.every(({ points }) => points !== 0)) return rules
  const document = structuredClone(rules.document) as RulesDocument
  for (const rule of document.rules) {
    if (rule.points !== 0) continue
    rule.points = document.groups[rule.group]!.cap < 0 ? -1 : 1
    rule.perDay = 1
  }
  const compiled = compile(document)
  if (!compiled.ok) throw new Error(compiled.errors.join('; '))
  return compiled.rules
}

/** What the rules saw in these cells as of a day, before points: times, minutes, files. `rules` are `counting` ones. */
export function featuresOf(cells: readonly Cell[], day: number, rules: CompiledRules): Features {
  const sums = new Map<number, number>()
  let ledger = emptyLedger(rules)
  const days = Map.groupBy(
    cells.toSorted((a, b) => a.day - b.day),
    (cell) => cell.day,
  )
  for (const [then, ofDay] of days) {
    for (const cell of ofDay) ledger = addCell(ledger, cell, rules)
    for (const [i, points] of dayPoints(ledger.open, ledger.ever, rules).entries()) {
      if (points === 0) continue
      const rule = rules.rules[i]!
      const left = decay(Math.max(0, day - then), rules.groups[rule.groupIndex]!.halfLife)
      sums.set(i, (sums.get(i) ?? 0) + (points / rule.points) * left)
    }
  }
  return [...sums].sort(([a], [b]) => a - b)
}

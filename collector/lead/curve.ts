import { addCell, emptyLedger } from './ledger.ts'
import type { CompiledRules } from './rules.ts'
import { engagement } from './score.ts'
import type { Cell } from './state.ts'

/** Engagement at the end of each day from `first` to `last`, in hundredths, as these rules make it of the cells. */
export function curve(cells: readonly Cell[], first: number, last: number, rules: CompiledRules): number[] {
  const waiting = cells.toSorted((a, b) => a.day - b.day)
  let ledger = emptyLedger(rules)
  let next = 0
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const day = first + i
    for (; next < waiting.length && waiting[next]!.day <= day; next++)
      ledger = addCell(ledger, waiting[next]!, rules)
    return engagement(ledger, day, rules).total
  })
}

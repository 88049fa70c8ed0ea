import { identify, stranger } from '../../collector/lead/identify.ts'
import { addDelta } from '../../collector/lead/ledger.ts'
import { occur } from '../../collector/lead/occur.ts'
import type { CompiledRules } from '../../collector/lead/rules.ts'
import type { Cell, Lead, StageChange } from '../../collector/lead/state.ts'
import { tick } from '../../collector/lead/tick.ts'
import { at, DAY_0, facts, happen, standard } from './standard.ts'
import stories from './stories.json' with { type: 'json' }

export type Story = Omit<(typeof stories)[number], 'groups'> & { groups: Record<string, number | undefined> }
export const STORIES: Story[] = stories

/** Tells a story event by event and tick by tick, up to the tick that ends its last day. */
export function tell(
  story: Story,
  rules: CompiledRules = standard(),
  known = facts(),
): { lead: Lead; cells: Cell[]; changes: StageChange[] } {
  let { lead, changes } = identify(stranger(rules), known, rules)
  const cells = new Map<string, Cell>()
  for (let day = 0; day <= story.at_day; day++) {
    const events = story.events.filter((one) => one.day === day)
    for (const [i, { signal, count }] of events.entries()) {
      for (const occurrence of happen(signal, at(day, 9, i), count)) {
        const step = occur(lead, occurrence, known, rules)
        lead = step.lead
        changes = [...changes, ...step.changes]
        const key = `${step.cell.day} ${step.cell.signal}`
        cells.set(key, addDelta(cells.get(key), step.cell))
      }
    }
    const ended = tick(lead, known, DAY_0 + day, rules)
    lead = ended.lead
    if (ended.change) changes = [...changes, ended.change]
  }
  return { lead, cells: [...cells.values()], changes }
}
